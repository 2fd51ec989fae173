"""The ledger of paper money: its lines (`Entry`), their counts, and the games of an account."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

OPENING: Final = frozenset({"buy", "sidebet", "short"})
"""What opens something and closes nothing."""


class Entry(NamedTuple):
    """One line of the ledger: a change of cash and what it was for. Money in lamports, units in billionths.

    `what`: ``buy``, ``sell``, ``rug`` (a position settled at the rug price), ``sidebet`` (a stake placed),
    ``won``, ``lost`` (a side bet settled), ``void`` (refunded, see `Account.void`). Where shorts are assumed:
    ``short``, ``cover``, ``short rug`` (settled at the rug price), ``liquidated``. `price` is a multiplier,
    `opened_tick` that of the position's first buy, of the first short, or of the stake, `cost` what had been
    paid for what was closed. `cash`, `held`, `stake`, `shorted` and `margin` are those after it. `place`:
    number of the tick among all that the account received; `order`: number of the order, None for a
    settlement.
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
    """A game of an account: ticks `begin` to ``end - 1`` of those it received, the rug tick among them.

    `end` is None while it is open, `rug_tick` also where it was voided (`Account.void`).
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


class LedgerCounts(NamedTuple):
    """Counts of a ledger; `spent`, `staked` and the profits `sold` and `settled` in lamports.

    Buys include shorts; trades are sells, covers and what the rug or a liquidation settled, not refunds.
    """

    buys: int = 0
    spent: int = 0
    trades: int = 0
    trades_won: int = 0
    bets: int = 0
    bets_won: int = 0
    bets_lost: int = 0
    staked: int = 0
    sold: int = 0
    settled: int = 0


def counts_of(entries: Iterable[Entry]) -> LedgerCounts:
    """Return the counts of a ledger, or of the part of it that is given."""
    buys = spent = trades = trades_won = bets = bets_won = bets_lost = staked = sold = settled = 0
    for entry in entries:
        what = entry.what
        if what in ("buy", "short"):
            buys += 1
            spent -= entry.cash_change
        elif what == "sidebet":
            bets += 1
            staked -= entry.cash_change
        elif what == "won":
            bets_won += 1
        elif what == "lost":
            bets_lost += 1
        elif what != "void":
            trades += 1
            trades_won += entry.profit > 0
            if what in ("sell", "cover"):
                sold += entry.profit
            else:
                settled += entry.profit
    return LedgerCounts(buys, spent, trades, trades_won, bets, bets_won, bets_lost, staked, sold, settled)
