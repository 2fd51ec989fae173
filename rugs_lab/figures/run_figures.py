"""Figures of a backtest: games with what the strategy did in them, equity with drawdown, profit per game.

What they show is also there as values (`path_state` and the like): for each named model of a figure the
properties to set, which the strategy widget sends its page whenever a slider has moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.estimates.drawdown_and_ruin import drawdown
from rugs_lab.estimates.estimate import Estimate
from rugs_lab.figures.figure_base import bare_figure, data_source, hover, legend, set_state
from rugs_lab.figures.marks import BetMark, FillMark, add_marks, mark_columns
from rugs_lab.figures.palette import palette
from rugs_lab.figures.price_figure import empty_price_figure, price_limits, ringed, rug_columns
from rugs_lab.figures.ticks import log_ticks, minus

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.models import Column
    from bokeh.plotting import figure

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
        extremes = np.argmin(equity[part]), np.argmax(equity[part]), np.argmax(below[part])
        kept += [part[0], *part[list(extremes)]]
    return np.unique(np.array(kept, np.int64))


def _histogram(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if not len(values):
        return np.zeros(1, np.int64), np.array([-0.5, 0.5])
    low, high = np.quantile(values, [0.005, 0.995])
    edges = np.linspace(min(low, 0.0), max(high, 0.0), _BINS + 1)
    counts, edges = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts, edges


EQUITY_HEIGHT: Final = 220
DRAWDOWN_HEIGHT: Final = 130
PROFIT_HEIGHT: Final = 240
PATH_HEIGHT: Final = 210
MOST_MARKS: Final = 300


def run_layout(
    games: Sequence[PlayedGame],
    equity_sol: ArrayLike,
    profits_sol: ArrayLike,
    mean: Estimate,
    cash_sol: float,
    bankroll: pd.DataFrame,
    *,
    theme: str = "light",
) -> Column:
    """Return all figures of a run, one above the other; the price paths of `games` two in a row."""
    from bokeh.layouts import column, row

    paths = [path_figure(game, theme=theme) for game in games]
    parts: list[Any] = [
        row(paths[at : at + 2], sizing_mode="stretch_width") for at in range(0, len(paths), 2)
    ]
    parts += equity_figures(equity_sol, cash_sol, theme=theme)
    parts += [bankroll_figure(bankroll, theme=theme), profit_figure(profits_sol, mean, theme=theme)]
    return column(parts, sizing_mode="stretch_width", styles={"background": palette(theme).ground})


def path_figure(game: PlayedGame, *, theme: str = "light", height: int = PATH_HEIGHT) -> figure:
    """Return a game's price path with what was bought, sold and bet in it as marks over it."""
    plot = empty_path(theme, height)
    set_state(plot, path_state(game))
    return plot


def empty_path(theme: str = "light", height: int = PATH_HEIGHT) -> figure:
    """Return the figure of `path_figure` without a game; `path_state` fills it."""
    from bokeh.models import FixedTicker

    colours = palette(theme)
    plot = empty_price_figure(colours, height, title="")
    plot.yaxis[0].ticker = plot.ygrid[0].ticker = FixedTicker(name="levels")
    add_marks(plot, colours)
    return plot


def equity_figures(equity_sol: ArrayLike, cash_sol: float, *, theme: str = "light") -> list[figure]:
    """Return equity after each game, SOL, and the drawdown below it on the same axis; see `equity_state`."""
    from bokeh.layouts import column
    from bokeh.models import NumeralTickFormatter, Range1d
    from bokeh.models.annotations import Span

    colours = palette(theme)
    games = Range1d(start=0, end=1, name="games")
    top = bare_figure(colours, EQUITY_HEIGHT, "", "equity (SOL)", x_range=games)
    source = data_source("equity", ("game", "equity", "drawdown"))
    top.add_layout(Span(name="start", dimension="width", line_color=colours.muted, line_dash=[4, 3]))
    line = top.line("game", "equity", source=source, color=colours.price, line_width=1.6)
    tips = [("equity", "@equity{0.0000} SOL"), ("below its peak", "@drawdown{0.0000} SOL")]
    hover(top, [line], [("after game", "@game"), *tips], mode="vline")
    below = bare_figure(colours, DRAWDOWN_HEIGHT, "games played", "drawdown (SOL)", x_range=games)
    below.toolbar_location = None
    depth = data_source("drawdown", ("game", "drawdown"))
    below.varea(x="game", y1=0, y2="drawdown", source=depth, fill_color=colours.rug, fill_alpha=0.3)
    below.line("game", "drawdown", source=depth, color=colours.rug, line_width=1)
    for plot in (top, below):
        plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
    set_state(column(top, below), equity_state(equity_sol, cash_sol))
    return [top, below]


def bankroll_figure(bankroll: pd.DataFrame, *, theme: str = "light") -> figure:
    """Return the cash of sessions under a strategy's own staking: median, and 90 % of the sessions as a band.

    `bankroll` has an index of games played, and columns ``low``, ``median``, ``high``, SOL.
    """
    from bokeh.models.annotations import Span

    colours = palette(theme)
    plot = bare_figure(colours, EQUITY_HEIGHT, "games of a session", "cash (SOL): median, 5 to 95 %")
    names = ("low", "median", "high")
    source = data_source("bankroll", {"games": bankroll.index, **{name: bankroll[name] for name in names}})
    plot.varea("games", "low", "high", source=source, fill_color=colours.price, fill_alpha=0.2)
    start = Span(location=float(bankroll["median"].iloc[0]), dimension="width", line_color=colours.muted)
    plot.add_layout(start)
    line = plot.line("games", "median", source=source, color=colours.price, line_width=1.6)
    tips = [(name, f"@{name}{{0.0000}} SOL") for name in names]
    hover(plot, [line], [("after game", "@games"), *tips], mode="vline")
    return plot


def by_game_figure(profits_sol: ArrayLike, *, theme: str = "light") -> figure:
    """Return the profit of each game in order, SOL; of many the extremes of each stretch."""
    colours, profit = palette(theme), np.asarray(profits_sol, np.float64)
    parts = np.array_split(np.arange(len(profit)), max(1, min(len(profit), MOST_MARKS) // 2))
    ends = [each(profit[part]) + part[0] for part in parts for each in (np.argmin, np.argmax) if len(part)]
    at = np.unique(np.array(ends, np.int64))
    plot = bare_figure(colours, PROFIT_HEIGHT, "games played", "profit (SOL)", title="profit by game")
    edges = at + 1 - 0.4 * len(profit) / max(len(at), 1), at + 1 + 0.4 * len(profit) / max(len(at), 1)
    look: dict[str, Any] = {"fill_color": colours.price, "line_color": None}
    plot.quad(left=edges[0], right=edges[1], top=profit[at], bottom=0, **look)
    return plot


def orders_figure(
    fills: Sequence[FillMark], bets: Sequence[BetMark], title: str, *, theme: str = "light"
) -> figure:
    """Return when and at what price positions were opened and closed; of side bets when, at the bottom."""
    colours = palette(theme)
    plot = bare_figure(colours, PROFIT_HEIGHT, "tick", "price (x)", title=title, y_axis_type="log")
    lowest = min((fill.price for fill in fills), default=1.0) / 3
    points: list[tuple[str, float, float]] = [(fill.what, fill.tick, fill.price) for fill in fills]
    points += [("side bet", bet.start, lowest) for bet in bets]
    for what, marker, colour in (
        ("settled", "square", colours.rug),
        ("buy", "triangle", colours.buy),
        ("sell", "inverted_triangle", colours.sell),
        ("side bet", "diamond", colours.bet),
    ):
        some = [(x, y) for name, x, y in points if name == what]
        some = some[:: max(1, len(some) // MOST_MARKS)]
        look: dict[str, Any] = {"fill_color": colour, "line_color": colours.ground, "legend_label": what}
        if some:
            plot.scatter([x for x, _ in some], [y for _, y in some], marker=marker, size=8, **look)
    return legend(plot, colours) if points else plot


def profit_figure(profits_sol: ArrayLike, mean: Estimate, *, theme: str = "light") -> figure:
    """Return the histogram of profit per game, SOL, with the mean over all games and its 95 % interval.

    Games without a trade are left out and counted in the title. The vertical axis is logarithmic: rare large
    gains are what a mean hangs on. The outermost half percent on each side is in the outermost bars.
    """
    from bokeh.models import Range1d
    from bokeh.models.annotations import BoxAnnotation, Span

    colours = palette(theme)
    counts = Range1d(start=0.7, end=10, name="counts")
    axes: dict[str, Any] = {"y_axis_type": "log", "y_range": counts}
    plot = bare_figure(colours, PROFIT_HEIGHT, "profit per game (SOL)", "games (log)", title="", **axes)
    source = data_source("profits", ("left", "right", "games"))
    look: dict[str, Any] = {"fill_color": colours.price, "fill_alpha": 0.55, "line_color": colours.ground}
    bars = plot.quad(left="left", right="right", top="games", bottom=0.7, source=source, **look)
    hover(plot, [bars], [("profit", "@left{0.0000} to @right{0.0000} SOL"), ("games", "@games")])
    plot.add_layout(Span(location=0, dimension="height", line_color=colours.muted, line_dash=[4, 3]))
    plot.add_layout(
        BoxAnnotation(name="interval", fill_color=colours.backfilled, fill_alpha=0.25, line_color=None)
    )
    plot.add_layout(Span(name="mean", dimension="height", line_color=colours.backfilled, line_width=2))
    set_state(plot, profit_state(profits_sol, mean))
    return plot
