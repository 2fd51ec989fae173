"""The figure of a comparison: equity of both sides over the games that both played, differences marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike

from rugs_lab.figures.figure_base import bare_figure, data_source, hover, legend
from rugs_lab.figures.palette import palette

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

HEIGHT: Final = 260
MOST_MARKED: Final = 1000


def compare_figure(
    games: pd.DataFrame,
    names: tuple[str, str],
    start_sol: tuple[float, float],
    differ: ArrayLike,
    *,
    theme: str = "light",
) -> figure:
    """Return both sides' equity after each common game, SOL, in the order of the first side.

    `games` has a row per game that both played: columns ``<name>_sol`` of each side, ``difference_sol``,
    ``reason``. The games for which `differ` is True are marked, at most `MOST_MARKED`.
    """
    from bokeh.models import NumeralTickFormatter, Range1d

    colours = palette(theme)
    count = len(games)
    both = Range1d(start=0, end=max(count, 1), name="games")
    plot = bare_figure(colours, HEIGHT, "games that both played", "equity (SOL)", x_range=both)
    plot.xaxis.formatter = NumeralTickFormatter(format="0,0")
    ids = ["before the first game", *games.index]
    looks = ((colours.price, "solid", 4.5), (colours.sell, "dashed", 1.8))
    equities = []
    for place, (name, (colour, dash, width)) in enumerate(zip(names, looks, strict=True)):
        profit = games[f"{name}_sol"].to_numpy(np.float64)
        equity = start_sol[place] + np.concatenate([[0.0], np.cumsum(profit)])
        equities.append(equity)
        columns = {"game": np.arange(count + 1), "game_id": ids, "equity": equity}
        columns["profit"] = np.concatenate([[0.0], profit])
        source = data_source(("first", "second")[place], columns)
        look: dict[str, Any] = {"color": colour, "line_dash": dash, "line_width": width}
        look |= {"line_alpha": 1.0 if place else 0.55, "legend_label": f"{name} (dashed)" if place else name}
        line = plot.line("game", "equity", source=source, **look)
        tooltips = [("", name), ("game", "@game_id"), ("profit", "@profit{+0.000000} SOL")]
        hover(plot, [line], [*tooltips, ("equity", "@equity{0.000000} SOL")])
    differing = np.flatnonzero(differ)[:MOST_MARKED]
    marks: dict[str, Any] = {
        "game": differing + 1,
        "game_id": games.index[differing].to_numpy(),
        "equity": equities[1][differing + 1],
        "difference": games["difference_sol"].to_numpy()[differing],
        "reason": games["reason"].to_numpy()[differing],
    }
    different = data_source("different", marks)
    look = {"fill_color": colours.rug, "line_color": colours.ground, "legend_label": "differs"}
    drawn = plot.scatter("game", "equity", source=different, marker="diamond", size=10, **look)
    words = [("game", "@game_id"), ("difference", "@difference{+0.000000} SOL"), ("reason", "@reason")]
    hover(plot, [drawn], words)
    return legend(plot, colours)
