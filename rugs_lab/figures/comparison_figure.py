"""The figure of a comparison: equity of both sides over the games that both played, differences marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.figures.palette import palette
from rugs_lab.figures.price_figure import FONT, bare_figure
from rugs_lab.trading.backtest.differences import SAME

if TYPE_CHECKING:
    from bokeh.plotting import figure

    from rugs_lab.trading.backtest.comparison import Comparison

HEIGHT: Final = 260
MOST_MARKED: Final = 1000


def compare_figure(comparison: Comparison, *, theme: str = "light", height: int = HEIGHT) -> figure:
    """Return both sides' equity after each common game, in the order of the first side.

    Parameters
    ----------
    comparison
        From `rugs_lab.compare`.
    theme, height
        ``"light"`` or ``"dark"``; CSS pixels.

    Returns
    -------
    bokeh.plotting.figure
        Data sources ``first`` and ``second`` (game, game_id, profit, equity) and ``different`` (game,
        game_id, equity, difference, reason), of the second side at most `MOST_MARKED` games.
    """
    from bokeh.models import ColumnDataSource, HoverTool, NumeralTickFormatter, Range1d

    colours = palette(theme)
    common = comparison.common
    count = len(common)
    plot = bare_figure(colours, height, x_range=Range1d(start=0, end=max(count, 1), name="games"))
    plot.xaxis.axis_label, plot.yaxis.axis_label = "games that both played", "equity (SOL)"
    plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
    ids = ["before the first game", *common.index]
    looks = ((colours.price, "solid", 4.5), (colours.sell, "dashed", 1.8))
    equities = []
    for place, (name, (colour, dash, width)) in enumerate(zip(comparison.names, looks, strict=True)):
        profit = common[f"{name}_sol"].to_numpy(np.float64)
        equity = comparison.start_sol[place] + np.concatenate([[0.0], np.cumsum(profit)])
        equities.append(equity)
        source = ColumnDataSource(
            {
                "game": np.arange(count + 1),
                "game_id": ids,
                "profit": np.concatenate([[0.0], profit]),
                "equity": equity,
            },
            name=("first", "second")[place],
        )
        line = plot.line(
            "game",
            "equity",
            source=source,
            color=colour,
            line_dash=dash,
            line_width=width,
            line_alpha=0.55 if place == 0 else 1.0,
            legend_label=name if place == 0 else f"{name} (dashed)",
        )
        tooltips = [("", name), ("game", "@game_id"), ("profit", "@profit{+0.000000} SOL")]
        plot.add_tools(HoverTool(renderers=[line], tooltips=[*tooltips, ("equity", "@equity{0.000000} SOL")]))
    differing = np.flatnonzero((common["reason"] != SAME).to_numpy())[:MOST_MARKED]
    marks: dict[str, Any] = {
        "game": differing + 1,
        "game_id": common.index[differing].to_numpy(),
        "equity": equities[1][differing + 1],
        "difference": common["difference_sol"].to_numpy()[differing],
        "reason": common["reason"].to_numpy()[differing],
    }
    drawn = plot.scatter(
        "game",
        "equity",
        source=ColumnDataSource(marks, name="different"),
        marker="diamond",
        size=10,
        fill_color=colours.rug,
        line_color=colours.ground,
        legend_label="differs",
    )
    words = [("game", "@game_id"), ("difference", "@difference{+0.000000} SOL"), ("reason", "@reason")]
    plot.add_tools(HoverTool(renderers=[drawn], tooltips=words))
    for legend in plot.legend:
        legend.update(
            location="top_left",
            orientation="horizontal",
            background_fill_alpha=0.0,
            border_line_color=None,
            label_text_color=colours.text,
            label_text_font=FONT,
            label_text_font_size="11px",
        )
        plot.add_layout(legend, "above")
    return plot
