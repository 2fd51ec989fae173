"""`GameResults`: the result of each game, one element per game; the same from every engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.columns import text_index
from rugs_lab.game.money import lamports
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.engine.session_options import Options

if TYPE_CHECKING:
    import pandas as pd

EXACT: Final = 2**60
"""Sums over ticks end here; larger amounts are left to Python's whole numbers, which have no end."""

_MONEY: Final = {
    "profit": True,
    "ticks": False,
    "buys": False,
    "spent": True,
    "trades": False,
    "trades_won": False,
    "bets": False,
    "bets_won": False,
    "staked": True,
    "ticks_held": False,
    "ticks_bet": False,
    "rejected": False,
    "lowest": True,
    "highest": True,
    "drawdown": True,
    "voided": False,
    "sold": True,
    "settled": True,
    "at_risk": True,
    "expected": True,
    "expired": False,
}
"""Field → whether it is an amount of money."""

FIELDS: Final = tuple(_MONEY)
"""The columns of `GameResults.values`, in order."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GameResults:
    """One row per game that was played. Money in lamports (int64).

    `values` are int64, shape (games, len(FIELDS)); each column is also an attribute:
    ``profit``; ``ticks`` (known ticks before the rug, at each of which the strategy was called); ``buys``
    (filled, shorts included) and ``spent`` on them; ``trades`` (sells, covers, and positions settled by the
    rug or a liquidation) and ``trades_won`` (with a profit above 0); ``bets`` (placed), ``bets_won`` and
    ``staked`` on them; ``ticks_held`` and ``ticks_bet`` (ticks with a position, with an open side bet);
    ``rejected`` (orders) and ``expired`` (their game ended first); ``lowest`` and ``highest`` equity,
    relative to that at the beginning of the game (an open bet counts at its stake) and ``drawdown``, its
    largest one within the game; ``voided`` (1: the rug is not known, so that what was open was refunded at
    cost); ``sold`` and ``settled`` (profit of sells, and of positions that the rug settled; the rest of the
    profit is that of side bets); ``at_risk`` (value of the position summed over the ticks it was held,
    lamports x ticks); ``expected`` (what the price process gives any strategy for holding it, lamports).
    `engine` is ``tick`` or ``compiled``; `stopped` says why the session ended before its games did (``take``,
    ``loss``, ``max_games``, or empty). `accounts`, of the tick-by-tick engine only: the account with its
    whole ledger; one per game where games are independent.
    """

    game_ids: NDArray[Any]
    values: NDArray[np.int64]
    options: Options
    engine: str = "tick"
    stopped: str = ""
    accounts: Sequence[Account] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.values)

    def __getattr__(self, name: str) -> NDArray[np.int64]:
        """Return a column of `values`."""
        if name in FIELDS:
            return self.values[:, FIELDS.index(name)]
        raise AttributeError(f"GameResults have no {name!r}; its columns are {', '.join(FIELDS)}")

    @property
    def start(self) -> int:
        """Cash at the beginning, lamports."""
        return lamports(self.options.cash_sol)

    @property
    def account(self) -> Account | None:
        """The account of the session; None where there is none, or one per game."""
        return self.accounts[0] if self.options.carry and self.accounts else None

    @property
    def cash(self) -> NDArray[np.int64]:
        """Cash after each game, lamports."""
        return self.equity if self.options.carry else self.start + self.profit

    @property
    def equity(self) -> NDArray[np.int64]:
        """Cash after each game, lamports (where games are independent: as if it carried over)."""
        after: NDArray[np.int64] = self.start + np.cumsum(self.profit)
        return after

    @property
    def drawdowns(self) -> NDArray[np.int64]:
        """Largest drawdown of equity in each game, lamports, from its highest value so far, in games too."""
        before = self.equity - self.profit
        tops = np.concatenate([[self.start], before + self.highest])
        peak_before = np.maximum.accumulate(tops)[:-1]
        deepest: NDArray[np.int64] = np.maximum(peak_before - (before + self.lowest), self.drawdown)
        return np.maximum(deepest, 0)

    def __repr__(self) -> str:
        profit = int(self.values[:, 0].sum()) / 1e9
        return f"<GameResults of {len(self)} games, {self.engine} engine: profit {profit:+.9g} SOL>"

    @property
    def frame(self) -> pd.DataFrame:
        """The same in SOL, index ``game_id``."""
        import pandas as pd

        columns = {
            f"{name}_sol" if money else name: column / 1e9 if money else column
            for (name, money), column in zip(_MONEY.items(), self.values.T, strict=True)
        }
        return pd.DataFrame(columns, index=text_index(self.game_ids, "game_id"))
