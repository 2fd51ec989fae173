"""Figures of a backtest: games with what the rule did in them, equity with drawdown, profit per game.

Columns and frames in, Bokeh figures out. Nothing is told by colour alone: an entry is a triangle that points
up, an exit one that points down, a side bet's window is hatched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.strategy.statistics import drawdown
from rugs_lab.views.figures import FONT, bare_figure, game_figure, price_limits
from rugs_lab.views.marks import add_marks, fill_marks
from rugs_lab.views.palette import Palette, palette

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.models import Column
    from bokeh.plotting import figure
    from numpy.typing import ArrayLike, NDArray

    from rugs_lab.recordings.game import Game
    from rugs_lab.strategy.run import Run
    from rugs_lab.strategy.statistics import Estimate

EQUITY_HEIGHT: Final = 220
DRAWDOWN_HEIGHT: Final = 130
PROFIT_HEIGHT: Final = 200
PATH_HEIGHT: Final = 210
MOST_POINTS: Final = 2000
_BINS: Final = 60


def run_layout(run: Run, *, games: int = 4, theme: str = "light") -> Column:
    """Return all figures of a run, one above the other.

    Parameters
    ----------
    run
        From `rugs_lab.backtest`.
    games
        How many price paths: of the games in which the rule acted, spread evenly over them.
    theme
        ``"light"`` or ``"dark"``.

    Raises
    ------
    ArgumentError
        An unknown theme, or a negative number of games.
    """
    from bokeh.layouts import column, row

    if games < 0:
        raise ArgumentError(f"games must be 0 or more; got {games!r}")
    paths = [path_figure(game, ledger, theme=theme) for game, ledger in run.shown(games)]
    parts: list[Any] = [
        row(paths[at : at + 2], sizing_mode="stretch_width") for at in range(0, len(paths), 2)
    ]
    equity = run.equity["equity_sol"].to_numpy()
    parts += equity_figures(equity, run.cash_sol, theme=theme)
    parts.append(profit_figure(run.games["profit_sol"].to_numpy(), run.profit_per_game, theme=theme))
    return column(parts, sizing_mode="stretch_width", styles={"background": palette(theme).ground})


def path_figure(
    game: Game, ledger: pd.DataFrame, *, theme: str = "light", height: int = PATH_HEIGHT
) -> figure:
    """Return a game's price path with what was bought, sold and bet in it.

    Parameters
    ----------
    game
        The game.
    ledger
        Its rows of a ledger (`rugs_lab.strategy.tables.ledger_frame`).
    theme, height
        As in `rugs_lab.views.figures.game_figure`.

    Returns
    -------
    bokeh.plotting.figure
        Further data sources as in `rugs_lab.views.marks`: ``buys``, ``sells``, ``settled``, ``bets``.
    """
    from bokeh.models import FixedTicker

    colours = palette(theme)
    plot = game_figure(game, theme=theme, height=height)
    _title(plot, colours, f"{game.id}: {_sol(ledger['profit_sol'].sum())} SOL")
    low, high = price_limits(game.prices[: game.rug_tick])
    plot.y_range.update(start=low, end=high)
    levels = [float(f"{level:.2g}") for level in np.geomspace(low * 1.05, high / 1.05, 5)]
    plot.yaxis[0].ticker = plot.ygrid[0].ticker = FixedTicker(ticks=sorted(set(levels)))
    rug: Any = plot.select_one({"name": "rug"})
    edge = low * (high / low) ** 0.04
    if len(rug.data["y"]):
        rug.data = {**rug.data, "y": np.array([edge])}
    fill_marks(add_marks(plot, colours, FONT), ledger, game.rug_tick, edge)
    return plot


def equity_figures(equity_sol: ArrayLike, cash_sol: float, *, theme: str = "light") -> list[figure]:
    """Return equity after each game, and the drawdown below it on the same axis.

    Parameters
    ----------
    equity_sol
        SOL, one per game.
    cash_sol
        Cash before the first game, SOL.
    theme
        ``"light"`` or ``"dark"``.

    Returns
    -------
    list of bokeh.plotting.figure
        Two, with data sources ``equity`` and ``drawdown``. Of more than 2,000 games the lowest and the
        highest of each stretch are drawn, so no drawdown is lost.
    """
    from bokeh.models import HoverTool, Range1d
    from bokeh.models.annotations import Span

    colours = palette(theme)
    equity = np.concatenate([[cash_sol], np.asarray(equity_sol, np.float64)])
    fall = drawdown(equity)
    at = thinned(equity, fall)
    games = Range1d(start=0, end=max(len(equity) - 1, 1), name="games")
    top = bare_figure(colours, EQUITY_HEIGHT, x_range=games)
    top.yaxis.axis_label = "equity (SOL)"
    source = _source("equity", {"game": at, "equity": equity[at], "drawdown": fall[at]})
    top.add_layout(
        Span(location=cash_sol, dimension="width", line_color=colours.muted, line_width=1, line_dash=[4, 3])
    )
    line = top.line("game", "equity", source=source, color=colours.price, line_width=1.6)
    top.add_tools(
        HoverTool(
            renderers=[line],
            mode="vline",
            tooltips=[
                ("after game", "@game"),
                ("equity", "@equity{0.0000} SOL"),
                ("below its peak", "@drawdown{0.0000} SOL"),
            ],
        )
    )
    below = bare_figure(colours, DRAWDOWN_HEIGHT, x_range=games)
    below.xaxis.axis_label = "games played"
    below.yaxis.axis_label = "fall (SOL)"
    below.toolbar_location = None
    depth = _source("drawdown", {"game": at, "drawdown": -fall[at]})
    below.varea(x="game", y1=0, y2="drawdown", source=depth, fill_color=colours.rug, fill_alpha=0.3)
    below.line("game", "drawdown", source=depth, color=colours.rug, line_width=1)
    for plot in (top, below):
        _whole_numbers(plot.xaxis)
    return [top, below]


def profit_figure(profits_sol: ArrayLike, mean: Estimate, *, theme: str = "light") -> figure:
    """Return the histogram of profit per game with the mean and its 95 % interval.

    Parameters
    ----------
    profits_sol
        SOL, one per game; games without a trade are left out and counted in the title.
    mean
        Profit per game over all games, SOL.
    theme
        ``"light"`` or ``"dark"``.

    Returns
    -------
    bokeh.plotting.figure
        Data source ``profits`` (left, right, games). The vertical axis is logarithmic: rare large gains are
        what a mean hangs on. The outermost half percent on each side stands in the outermost bars.
    """
    from bokeh.models import HoverTool
    from bokeh.models.annotations import BoxAnnotation, Span

    colours = palette(theme)
    profits = np.asarray(profits_sol, np.float64)
    traded = profits[profits != 0]
    counts, edges = _histogram(traded)
    plot = bare_figure(
        colours, PROFIT_HEIGHT, y_axis_type="log", y_range=(0.7, max(float(counts.max(initial=1)) * 2, 10))
    )
    idle = len(profits) - len(traded)
    interval = (
        f"mean {mean.value:+.3g} SOL, 95 % interval {mean.low:+.3g} to {mean.high:+.3g}, n = {mean.n:,}"
    )
    _title(plot, colours, f"{interval} ({idle:,} games without profit or loss are not drawn)")
    plot.xaxis.axis_label = "profit per game (SOL)"
    plot.yaxis.axis_label = "games (log)"
    source = _source("profits", {"left": edges[:-1], "right": edges[1:], "games": counts})
    bars = plot.quad(
        left="left",
        right="right",
        top="games",
        bottom=0.7,
        source=source,
        fill_color=colours.price,
        fill_alpha=0.55,
        line_color=colours.ground,
    )
    plot.add_tools(
        HoverTool(
            renderers=[bars],
            tooltips=[("profit", "@left{0.0000} to @right{0.0000} SOL"), ("games", "@games")],
        )
    )
    plot.add_layout(Span(location=0, dimension="height", line_color=colours.muted, line_dash=[4, 3]))
    if np.isfinite(mean.low) and np.isfinite(mean.high):
        plot.add_layout(
            BoxAnnotation(
                left=mean.low, right=mean.high, fill_color=colours.healed, fill_alpha=0.25, line_color=None
            )
        )
    if np.isfinite(mean.value):
        plot.add_layout(
            Span(location=mean.value, dimension="height", line_color=colours.healed, line_width=2)
        )
    return plot


def thinned(equity: NDArray[np.float64], fall: NDArray[np.float64]) -> NDArray[np.int64]:
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
            part[np.argmax(fall[part])],
        ]
    return np.unique(np.array(kept, np.int64))


def _histogram(values: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if not len(values):
        return np.zeros(1, np.int64), np.array([-0.5, 0.5])
    low, high = np.quantile(values, [0.005, 0.995])
    edges = np.linspace(min(low, 0.0), max(high, 0.0), _BINS + 1)
    counts, edges = np.histogram(np.clip(values, edges[0], edges[-1]), edges)
    return counts, edges


def _sol(amount: float) -> str:
    return f"{amount:+.4g}" if amount else "0"


def _source(name: str, columns: dict[str, Any]) -> Any:
    from bokeh.models import ColumnDataSource

    return ColumnDataSource(columns, name=name)


def _title(plot: figure, colours: Palette, text: str) -> None:
    from bokeh.models.annotations import Title

    plot.title = Title(
        text=text,
        text_color=colours.text,
        text_font=FONT,
        text_font_size="12px",
        text_font_style="normal",
    )


def _whole_numbers(axis: Any) -> None:
    from bokeh.models import NumeralTickFormatter

    axis.formatter = NumeralTickFormatter(format="0,0")
