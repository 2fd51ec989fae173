"""`tally`: what a ledger counts as buys, trades and bets; the same for a backtest, paper money and bots."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rugs_lab.trading.account.ledger import Entry


class Tally(NamedTuple):
    """Counts of a ledger; `spent` and `staked` in lamports.

    Attributes
    ----------
    buys, spent
        Filled buys and shorts, and what they took.
    trades, trades_won
        Sells, covers, and positions settled by the rug or a liquidation; those with a profit above 0. What
        was given back at cost is no trade.
    bets, bets_won, bets_lost, staked
        Side bets placed, won and lost, and the stakes.
    """

    buys: int = 0
    spent: int = 0
    trades: int = 0
    trades_won: int = 0
    bets: int = 0
    bets_won: int = 0
    bets_lost: int = 0
    staked: int = 0


def tally(entries: Iterable[Entry]) -> Tally:
    """Return the counts of a ledger, or of the part of it that is given.

    Examples
    --------
    >>> from rugs_lab.trading.account.account import Account
    >>> from rugs_lab.trading.account.actions import cover, short
    >>> account = Account(1.0, shorts="linear")
    >>> account.begin("20260101-0123456789abcdef")
    >>> order = account.submit(short(0.1))
    >>> account.tick(0, 1.0)
    >>> order = account.submit(cover())
    >>> account.tick(1, 0.8)
    >>> tally(account.entries)[:4]
    (1, 100000000, 1, 1)
    """
    buys = spent = trades = trades_won = bets = bets_won = bets_lost = staked = 0
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
    return Tally(buys, spent, trades, trades_won, bets, bets_won, bets_lost, staked)
