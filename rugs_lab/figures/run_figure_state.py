"""What the figures of a run show, as values: for each named model of a figure the properties to set.

`rugs_lab.figures.run_figures` makes the figures and sets these; the strategy widget makes them once, and
sends its page what `set_state` would set, whenever a slider has moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.estimates.drawdown_and_ruin import drawdown
from rugs_lab.figures.marks import mark_columns
from rugs_lab.figures.price_figure import price_limits, ringed, rug_columns
from rugs_lab.figures.ticks import log_ticks, minus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from rugs_lab.estimates.estimate import Estimate
    from rugs_lab.figures.marks import BetMark, FillMark

    State = dict[str, dict[str, Any]]

MOST_POINTS: Final = 2000
_BINS: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class PlayedGame:
    """A game and what was done in it; `profit` in SOL, the rest as in `price_figure.game_figure`."""

    name: str
    prices: NDArray[np.float64]
    backfilled: NDArray[np.bool_]
    rug_tick: int | None
    fills: Sequence[FillMark] = ()
    bets: Sequence[BetMark] = ()
    profit: float = 0.0


def path_state(game: PlayedGame) -> State:
    """Return the state of a path figure: the prices of a game, with fills and side bets as marks."""
    prices, rug_tick, rings = game.prices, game.rug_tick, ringed(game.backfilled)
    low, high = price_limits(prices[:rug_tick])
    end = max(len(prices) * 1.05, 20.0)
    edge = low * (high / low) ** 0.06
    rug = rug_columns(prices, rug_tick, end, edge)
    name = game.name if len(game.name) <= 6 else f"…{game.name[-6:]}"  # there is no more room
    words = [f"{name}: {f'{game.profit:+.4g}' if game.profit else '0'} SOL", *rug["text"]]
    state: State = {
        "title": {"text": minus(", ".join(words))},
        "ticks": {"start": 0, "end": end},
        "prices": {"start": low, "end": high},
        "levels": {"ticks": log_ticks(low, high, 6)},
        "path": {"data": {"tick": np.arange(len(prices)), "price": prices}},
        "backfilled": {"data": {"tick": rings, "price": prices[rings]}},
        "rug": {"data": rug | {"text": [""] * len(words[1:])}},  # there the words would lie on the prices
    }
    marks = mark_columns(game.fills, game.bets, rug_tick, edge, (high / low) ** 0.09)
    return state | {name: {"data": columns} for name, columns in marks.items()}


def equity_state(equity_sol: ArrayLike, cash_sol: float) -> State:
    """Return the state of the equity and drawdown figures.

    Of more than 2,000 games the lowest and the highest of each stretch are drawn, so no drawdown is lost.
    """
    equity = np.concatenate([[cash_sol], np.asarray(equity_sol, np.float64)])
    below = drawdown(equity)
    at = thinned(equity, below)
    return {
        "games": {"start": 0, "end": max(1.03 * (len(equity) - 1), 1)},
        "start": {"location": cash_sol},
        "equity": {"data": {"game": at, "equity": equity[at], "drawdown": below[at]}},
        "drawdown": {"data": {"game": at, "drawdown": -below[at]}},
    }


def profit_state(profits_sol: ArrayLike, mean: Estimate) -> State:
    """Return the state of the histogram of profit per game, with the mean and its 95 % interval."""
    profits = np.asarray(profits_sol, np.float64)
    traded = profits[profits != 0]
    counts, edges = _histogram(traded)
    idle = len(profits) - len(traded)
    words = (
        f"mean {mean.value:+.3g} SOL, n = {mean.n:,} games",
        f"{mean.interval} (SOL)",
        f"{idle:,} games without profit or loss are not drawn",
    )
    sure = bool(np.isfinite(mean.low) and np.isfinite(mean.high))
    low, high = (mean.low, mean.high) if sure else (0.0, 0.0)
    known = bool(np.isfinite(mean.value))
    return {
        "title": {"text": minus("\n".join(words))},
        "counts": {"start": 0.7, "end": max(float(counts.max(initial=1)) * 2, 10)},
        "profits": {"data": {"left": edges[:-1], "right": edges[1:], "games": counts}},
        "interval": {"left": low, "right": high, "visible": sure},
        "mean": {"location": mean.value if known else 0.0, "visible": known},
    }


def thinned(equity: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which points to draw: all of them, or the extremes of each of many stretches."""
    count = len(equity)
    if count <= MOST_POINTS:
        return np.arange(count)
    kept = [0, count - 1]
    for part in np.array_split(np.arange(count), MOST_POINTS // 4):
        kept += [
            part[0],
            part[np.argmin(equity[part])],
            part[np.argmax(equity[part])],
            part[np.argmax(below[part])],
        ]
    return np.unique(np.array(kept, np.int64))


def _histogram(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if not len(values):
        return np.zeros(1, np.int64), np.array([-0.5, 0.5])
    low, high = np.quantile(values, [0.005, 0.995])
    edges = np.linspace(min(low, 0.0), max(high, 0.0), _BINS + 1)
    counts, edges = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts, edges
