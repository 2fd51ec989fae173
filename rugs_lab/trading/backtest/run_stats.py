"""The statistics of a run: one labelled Series, the unit in the label, intervals beside what they belong to.

``profit per game``      over all games played, acted in or not; Student's 95 % interval. The one to look at.
                         It takes the games to be independent: where a strategy stakes by what it won or lost
                         in games before (martingale), it is too narrow.
``games with orders, none filled``  mostly for lack of cash: a strategy that has lost its cash goes
                         on with games of no profit, which pull its mean towards zero (see ``carry``).
``win rate``             games with a profit, of the games in which the strategy acted. It means little alone:
                         many small gains and rare large losses have a high one.
``max drawdown``         largest difference of equity to its highest value so far, ticks within games
                         included. As a share of that value it is a lower bound: of a drawdown from a high of
                         the same game only the game's highest value is known.
``ruin within 100 games``  share of sessions of 100 games, drawn with return from these games, that leave less
                         than the least bet; the interval is that of 10,000 drawn sessions.
``side-bet hit rate``    won of the bets placed in games whose rug is known; 18.17 % by the price process
                         (1 - 0.995 to the 40th), 20 % to break even.
``exposure``             share of the ticks before the rug with a position, with a bet.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES, losing_streak, ruin
from rugs_lab.estimates.estimate import Estimate, share
from rugs_lab.game.money import sol
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.strategy.strategy import Strategy

EXPECTED_HIT_RATE: Final = rug_within()
"""Probability that a side bet wins, at any tick: 0.1817."""
BREAK_EVEN_HIT_RATE: Final = 1 / SIDEBET_PAYOUT


def figures_of(strategy: Strategy, results: GameResults) -> pd.Series[Any]:
    """Return the statistics of a strategy over games, without baselines; what is not known is NaN."""
    import pandas as pd

    return pd.Series(
        {
            "strategy": repr(strategy).removeprefix("<Strategy ").removesuffix(">"),
            "engine": results.engine,
            "stopped by": results.stopped,
            **_counts(results),
            **key_figures(results),
            **_risk(results),
        },
        name="value",
        dtype=object,
    )


def key_figures(results: GameResults) -> dict[str, Any]:
    """Return the figures that a run and its baselines are compared by."""
    acted = (results.buys + results.bets) > 0
    settled = results.voided == 0
    ticks = max(int(results.ticks.sum()), 1)
    total, mean = int(results.profit.sum()), results.profit_per_game
    return {
        **interval("profit per game [SOL]", mean, error=True),
        "profit per game differs from 0 by 2 standard errors": mean.significant,
        "total profit [SOL]": sol(total),
        "return [%]": 100 * total / results.start if results.start else float("nan"),
        **interval("win rate [%]", share(int((results.profit[acted] > 0).sum()), int(acted.sum())), 100),
        **interval(
            "side-bet hit rate [%]",
            share(int(results.bets_won[settled].sum()), int(results.bets[settled].sum())),
            100,
        ),
        "exposure, positions [% of ticks]": 100 * int(results.ticks_held.sum()) / ticks,
        "exposure, side bets [% of ticks]": 100 * int(results.ticks_bet.sum()) / ticks,
    }


def interval(label: str, estimate: Estimate, factor: float = 1.0, *, error: bool = False) -> dict[str, float]:
    """Return an estimate as labelled numbers: itself, its 95 % interval, and its standard error if wanted."""
    name, _, unit = label.partition(" [")
    scaled = estimate.scaled(factor)
    found = {label: scaled.value}
    if error:
        found[f"{name}, standard error [{unit}"] = scaled.error
    return {
        **found,
        f"{name}, 95 % low [{unit}": scaled.low,
        f"{name}, 95 % high [{unit}": scaled.high,
    }


def _counts(results: GameResults) -> dict[str, Any]:
    return {
        "games [n]": len(results),
        "games acted in [n]": int(((results.buys + results.bets) > 0).sum()),
        "games with orders, none filled [n]": int(
            ((results.rejected > 0) & (results.buys + results.bets == 0)).sum()
        ),
        "games without a known rug [n]": int(results.voided.sum()),
        "ticks [n]": int(results.ticks.sum()),
        "buys [n]": int(results.buys.sum()),
        "trades closed [n]": int(results.trades.sum()),
        "trades won [n]": int(results.trades_won.sum()),
        "side bets [n]": int(results.bets.sum()),
        "side bets won [n]": int(results.bets_won.sum()),
        "orders rejected [n]": int(results.rejected.sum()),
        "spent on positions [SOL]": sol(int(results.spent.sum())),
        "staked [SOL]": sol(int(results.staked.sum())),
        "cash at start [SOL]": sol(results.start),
        "cash at end [SOL]": sol(results.start + int(results.profit.sum())),
    }


def _risk(results: GameResults) -> dict[str, Any]:
    return {
        "side-bet hit rate, expected [%]": 100 * EXPECTED_HIT_RATE,
        "side-bet hit rate to break even [%]": 100 * BREAK_EVEN_HIT_RATE,
        "max drawdown [SOL]": sol(int(results.drawdowns.max(initial=0))),
        "max drawdown [%]": 100 * _deepest_share(results),
        "longest losing streak [games]": losing_streak(results.profit),
        **interval(f"ruin within {SESSION_GAMES} games [%]", ruin(results.profit, results.start), 100),
    }


def _deepest_share(results: GameResults) -> float:
    """Return a lower bound of the largest drawdown as a share of the highest equity before it.

    A drawdown from the peak of the games before is known exactly. One within a game began at or below the
    highest value up to that game's end, which may have come after it.
    """
    before = results.equity - results.profit
    tops = np.maximum.accumulate(np.concatenate([[results.start], before + results.highest]))
    drawdowns = np.concatenate([tops[:-1] - (before + results.lowest), results.drawdown])
    peaks = np.concatenate([tops[:-1], tops[1:]])
    shares = np.divide(drawdowns, peaks, out=np.zeros(len(drawdowns)), where=peaks > 0)
    return float(shares.max(initial=0.0))


def labelled(figures: Mapping[str, Any] | pd.Series[Any]) -> pd.Series[Any]:
    """Return figures of any kind by their labels; dtype object, named ``value``."""
    made: pd.Series[Any] = _series()(figures, name="value", dtype=object)
    return made


@cache
def _series() -> Any:
    import pandas as pd

    class Labelled(pd.Series):
        """What is made of it is an ordinary Series again."""

        @property
        def _constructor(self) -> type[pd.Series[Any]]:
            return pd.Series

        def __repr__(self) -> str:
            with pd.option_context("display.max_rows", None):
                return super().__repr__()

    return Labelled
