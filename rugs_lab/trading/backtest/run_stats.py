"""The statistics of a run: one labelled Series, the unit in the label, intervals beside what they belong to.

``profit per game``      over all games played, acted in or not; Student's 95 % interval. The one to look at.
                         It takes the games to be independent: where a strategy stakes by what it won or lost
                         in games before (martingale), it is too narrow.
``games with orders, none carried out``  mostly for lack of cash: a strategy that has lost its cash goes
                         on with games of no profit, which pull its mean towards zero (see ``carry``).
``win rate``             games with a profit, of the games in which the strategy acted; Wilson's interval. It
                         says little alone: many small gains and rare large losses have a high one.
``max drawdown``         deepest fall of equity below its highest value so far, ticks within games included.
                         As a share of that value it is at least what is said: of a fall from a high of the
                         same game only the game's highest value is known.
``ruin within 100 games``  share of sessions of 100 games, drawn with return from these games, that leave less
                         than the least bet; the interval is that of 10,000 drawn sessions.
``side-bet hit rate``    won of the bets placed in games whose rug is known; Wilson's interval; 18.17 % by the
                         law (1 - 0.995 to the 40th), 20 % to break even.
``exposure``             share of the ticks before the rug with a position, with a bet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.estimates.money_statistics import SESSION_GAMES, Estimate, losing_streak, ruin, share
from rugs_lab.game.money import sol
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.trading.backtest.run import Run

LAW_HIT_RATE: Final = rug_within()
"""Chance that a side bet wins, at any tick: 0.1817."""
BREAK_EVEN_HIT_RATE: Final = 1 / SIDEBET_PAYOUT


def figures_of(run: Run) -> pd.Series[Any]:
    """Return the statistics of a run, without baselines; what is not known is NaN."""
    import pandas as pd

    return pd.Series(
        {
            "strategy": repr(run.strategy).removeprefix("<Strategy ").removesuffix(">"),
            "engine": run.outcome.engine,
            "stopped by": run.outcome.stopped,
            **_counts(run),
            **key_figures(run),
            **_risk(run),
        },
        name="value",
        dtype=object,
    )


def key_figures(run: Run) -> dict[str, Any]:
    """Return the figures that a run and its baselines are compared by."""
    outcome = run.outcome
    acted = (outcome.buys + outcome.bets) > 0
    settled = outcome.voided == 0
    ticks = max(int(outcome.ticks.sum()), 1)
    total = int(outcome.profit.sum())
    return {
        **interval("profit per game [SOL]", run.profit_per_game, error=True),
        "profit per game differs from 0 by 2 standard errors": run.profit_per_game.significant,
        "total profit [SOL]": sol(total),
        "return [%]": 100 * total / outcome.start if outcome.start else float("nan"),
        **interval("win rate [%]", share(int((outcome.profit[acted] > 0).sum()), int(acted.sum())), 100),
        **interval(
            "side-bet hit rate [%]",
            share(int(outcome.bets_won[settled].sum()), int(outcome.bets[settled].sum())),
            100,
        ),
        "exposure, positions [% of ticks]": 100 * int(outcome.ticks_held.sum()) / ticks,
        "exposure, side bets [% of ticks]": 100 * int(outcome.ticks_bet.sum()) / ticks,
    }


def interval(label: str, estimate: Estimate, factor: float = 1.0, *, error: bool = False) -> dict[str, float]:
    """Return an estimate as labelled numbers: itself, its 95 % interval, and its standard error if wanted.

    Examples
    --------
    >>> list(interval("win rate [%]", share(1, 2), 100))
    ['win rate [%]', 'win rate, 95 % low [%]', 'win rate, 95 % high [%]']
    """
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


def _counts(run: Run) -> dict[str, Any]:
    outcome = run.outcome
    return {
        "games [n]": len(outcome),
        "games acted in [n]": int(((outcome.buys + outcome.bets) > 0).sum()),
        "games with orders, none carried out [n]": int(
            ((outcome.rejected > 0) & (outcome.buys + outcome.bets == 0)).sum()
        ),
        "games without a known rug [n]": int(outcome.voided.sum()),
        "ticks [n]": int(outcome.ticks.sum()),
        "buys [n]": int(outcome.buys.sum()),
        "trades closed [n]": int(outcome.trades.sum()),
        "trades won [n]": int(outcome.trades_won.sum()),
        "side bets [n]": int(outcome.bets.sum()),
        "side bets won [n]": int(outcome.bets_won.sum()),
        "orders turned away [n]": int(outcome.rejected.sum()),
        "spent on positions [SOL]": sol(int(outcome.spent.sum())),
        "staked [SOL]": sol(int(outcome.staked.sum())),
        "cash at start [SOL]": run.cash_sol,
        "cash at end [SOL]": sol(int(run.equity_lamports[-1])) if len(outcome) else run.cash_sol,
    }


def _risk(run: Run) -> dict[str, Any]:
    outcome = run.outcome
    falls = run.drawdown_lamports
    return {
        "side-bet hit rate by the law [%]": 100 * LAW_HIT_RATE,
        "side-bet hit rate to break even [%]": 100 * BREAK_EVEN_HIT_RATE,
        "max drawdown [SOL]": sol(int(falls.max(initial=0))),
        "max drawdown [%]": 100 * _deepest_share(run),
        "longest losing streak [games]": losing_streak(outcome.profit),
        **interval(f"ruin within {SESSION_GAMES} games [%]", ruin(outcome.profit, outcome.start), 100),
    }


def _deepest_share(run: Run) -> float:
    """Return a lower bound of the deepest fall as a share of the highest equity before it.

    A fall below the peak of the games before is known exactly. One within a game began at or below the
    highest value up to that game's end, which may have come after the fall.
    """
    outcome = run.outcome
    before = run.equity_lamports - outcome.profit
    tops = np.maximum.accumulate(np.concatenate([[outcome.start], before + outcome.highest]))
    falls = np.concatenate([tops[:-1] - (before + outcome.lowest), outcome.drawdown])
    peaks = np.concatenate([tops[:-1], tops[1:]])
    parts = np.divide(falls, peaks, out=np.zeros(len(falls)), where=peaks > 0)
    return float(parts.max(initial=0.0))
