"""``standard/newTrade`` → `Trade`.

Only 5 to 13 % of all trades are broadcast, 0 to 8 ticks late: place them by `Trade.tick`, never by arrival.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from rugs_lab.errors import PayloadError
from rugs_lab.game.parse_values import (
    MAX_TICK,
    Fields,
    as_amount,
    as_id,
    as_price,
    as_text,
    as_tick,
    is_practice,
    read_fields,
)

TRADE_TYPES = ("buy", "sell", "short_open", "short_close")
"""The types that were ever seen."""


class Trade(msgspec.Struct, frozen=True):
    """One broadcast trade.

    `id`, `game_id`, `player_id`: As the server names them.
    `username`: May be None (anonymous players).
    `type`: ``buy``, ``sell``, ``short_open`` or ``short_close``; another one keeps the server's name.
    `tick`: Tick at which it was filled.
    `price`: Price paid, a multiplier.
    `amount_sol`: SOL spent or received; None for another currency.
    `units`: Units bought or sold; 0 for shorts.
    `practice`: Play money: never counts in statistics. None: another currency than SOL, which counts as
        little.
    `leverage`: As the server names it, on buys; None where it does not.
    `received_ns`: Time of arrival, nanoseconds since 1970 in UTC; the message itself has no time.
    `late_ticks`: Newest tick of its game at that time, minus its own tick; None when another game was
        running.
    """

    id: str | None
    game_id: str
    player_id: str | None
    username: str | None
    type: str
    tick: int
    price: float | None
    amount_sol: float | None
    units: float | None
    practice: bool | None
    leverage: float | None = None
    received_ns: int | None = None
    late_ticks: int | None = None


TRADE_FIELDS: Final[Fields] = {
    "id": ("id", as_text),
    "game_id": ("gameId", as_id),
    "player_id": ("playerId", as_text),
    "username": ("username", as_text),
    "type": ("type", as_text),
    "tick": ("tickIndex", as_tick),
    "price": ("price", as_price),
    "amount_sol": ("amount", as_amount),
    "units": ("qty", as_amount),
    "leverage": ("leverage", as_amount),
}


def parse_trade(payload: object, received_ns: int | None = None) -> Trade:
    """Read one trade."""
    if not isinstance(payload, Mapping):
        raise PayloadError(f"a trade is a JSON object; got {type(payload).__name__}: the trade is rejected")
    practice = is_practice(payload.get("coin"), payload.get("coinAddress"))
    found = read_fields(payload, TRADE_FIELDS, practice)
    if found["game_id"] is None or not found["type"]:
        named = f"{str(payload.get('gameId'))[:80]!r} and {str(payload.get('type'))[:80]!r}"
        raise PayloadError(
            f"a trade names its gameId and its type ({', '.join(TRADE_TYPES)}); got {named}: "
            "the trade is rejected"
        )
    if found["tick"] is None:
        raise PayloadError(
            f"a trade has a tickIndex from 0 to {MAX_TICK}; got {str(payload.get('tickIndex'))[:80]!r}: "
            "the trade is rejected"
        )
    return Trade(**found, practice=practice, received_ns=received_ns)
