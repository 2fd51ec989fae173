"""`Order`: an action on its way, and the reasons for which one is rejected."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rugs_lab.trading.account.actions import Action


class Rejection(StrEnum):
    """Why an order was rejected; each in words that can be shown."""

    NOT_TRADEABLE = "not tradeable: no game is open"
    COOLDOWN = "cooldown: orders are accepted from presale"
    BELOW_MINIMUM = "below the minimum"
    ABOVE_MAXIMUM = "above the maximum"
    NOT_ENOUGH_CASH = "not enough cash"
    NO_POSITION = "no position to sell"
    NO_SHORT = "no short to cover"
    BET_ALREADY_OPEN = "a side bet is already open"
    NOT_FINITE = "not a finite number"
    SHORTS_UNKNOWN = (
        "shorts are not modelled: how the site settles them is not known; shorts='linear' assumes a formula"
    )
    GAME_ENDED = "expired: the game ended before the order was filled"
    CANCELLED = "cancelled"
    NO_DATA = "no current data: the feed is not live"
    OTHER_GAME = "given for another game than the one that is played now"
    TOO_LATE = "received too late: what was seen is out of date"
    NOT_SETTLED = "previous game not settled: its rug was not recorded"
    SEEN_BEFORE = (
        "you have already seen this tick: move forward to the furthest tick you reached, "
        "or start a new session"
    )


class OrderStatus(StrEnum):
    """The status of an order."""

    PENDING = "pending"
    FILLED = "filled"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_STATUS: Final = {Rejection.GAME_ENDED: OrderStatus.EXPIRED, Rejection.CANCELLED: OrderStatus.CANCELLED}


@dataclass(slots=True, eq=False)
class Order:
    """An order given to an account; the account changes it as it continues.

    `number` counts from 1. `decided_tick` is the newest tick that the account had (-1: presale), `seen_tick`
    that which the person or strategy saw; from `due_tick` on it is filled. `filled_tick` and `price` (a
    multiplier) are None without a fill, `reason` unless it was rejected, expired or cancelled.
    """

    number: int
    game_id: str | None
    action: Action
    decided_tick: int
    due_tick: int
    seen_tick: int
    status: OrderStatus = OrderStatus.PENDING
    reason: Rejection | None = None
    filled_tick: int | None = None
    price: float | None = None

    def reject(self, reason: Rejection) -> None:
        """Mark it as rejected; as expired or cancelled where that is the reason."""
        self.status, self.reason = _STATUS.get(reason, OrderStatus.REJECTED), reason

    def fill(self, tick: int, price: float) -> None:
        """Mark it as filled."""
        self.status, self.filled_tick, self.price = OrderStatus.FILLED, tick, price
