"""`Entry`, one line of the ledger of paper money, and `AccountGame`, one game that an account was told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

OPENING: Final = frozenset({"buy", "sidebet", "short"})
"""What opens something and closes nothing."""


class Entry(NamedTuple):
    """One line of the ledger: a change of cash and what it was for. Money in lamports.

    Attributes
    ----------
    game_id, tick
        Where it happened.
    what
        ``buy``, ``sell``, ``rug`` (a position settled at the rug price), ``sidebet`` (a stake placed),
        ``won``, ``lost`` (a side bet settled), ``void`` (given back, see `Account.void`). Where shorts are
        assumed: ``short``, ``cover``, ``short rug`` (settled at the rug price), ``liquidated``.
    price
        A multiplier; of a side bet the price at that tick.
    nano_units
        Bought or sold, shorted or covered, in billionths.
    opened_tick
        Tick of the position's first buy, of the first short, or of the stake.
    cost
        What the sold units, the covered ones, or the stake, had cost; 0 when nothing was closed.
    cash_change, cash
        The change, and the cash after it.
    held, stake
        Nano-units and open stake after it.
    place
        Number of the tick among all that the account was told of.
    order
        Number of the order that led to it; None for a settlement.
    shorted, margin
        Nano-units of an open short, and its margin, after it.
    """

    game_id: str
    tick: int
    what: str
    price: float
    nano_units: int
    opened_tick: int
    cost: int
    cash_change: int
    cash: int
    held: int
    stake: int
    place: int
    order: int | None
    shorted: int = 0
    margin: int = 0

    @property
    def profit(self) -> int:
        """Realised profit, lamports; 0 when nothing was closed."""
        return 0 if self.what in OPENING else self.cash_change - self.cost


@dataclass(slots=True)
class AccountGame:
    """A game that an account was told of; the account changes it when the game ends.

    Attributes
    ----------
    game_id
        The game.
    begin, end
        Its ticks are those from `begin` to ``end - 1`` among all that the account was told of, the rug tick
        among them; `end` is None while the game is open.
    rug_tick
        Where it ended; None while it is open, and of one that was voided (`Account.void`).
    """

    game_id: str
    begin: int
    end: int | None = None
    rug_tick: int | None = None

    @property
    def ended(self) -> Literal["open", "rug", "void"]:
        """How it ended: ``open`` (not yet), ``rug``, or ``void``: what was open was refunded at cost."""
        if self.end is None:
            return "open"
        return "void" if self.rug_tick is None else "rug"
