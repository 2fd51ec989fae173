"""What the figures of statistics are made of: points with intervals, baselines, named rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike

from rugs_lab.figures.figure_base import bare_figure, data_source, hover, legend
from rugs_lab.figures.palette import Palette

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

HEIGHT: Final = 300
_ROW_PX: Final = 24


def plain_figure(
    colours: Palette, title: str, x: str, y: str, height: int = HEIGHT, **options: Any
) -> figure:
    """Return an empty figure with a title and labelled axes in the colours of a theme."""
    from bokeh.models import PrintfTickFormatter

    plot = bare_figure(colours, height, x, y, title=title, **options)
    for axis, kind in ((plot.xaxis, "x_axis_type"), (plot.yaxis, "y_axis_type")):
        if options.get(kind) == "log":
            axis.formatter = PrintfTickFormatter(format="%.3g")
    return plot


def points(
    plot: figure,
    colours: Palette,
    data: Mapping[str, ArrayLike],
    tips: Sequence[tuple[str, str]],
    *,
    spans: tuple[ArrayLike, ArrayLike] | None = None,
    name: str = "points",
    label: str = "these games",
    colour: str | None = None,
    marker: str = "circle",
) -> None:
    """Draw points ``x``, ``y`` with intervals ``low`` to ``high``; `spans` draws each bin's width, too."""
    shade = colour or colours.price
    columns: dict[str, Any] = {key: np.asarray(values, float) for key, values in data.items()}
    if spans is not None:
        columns["left"], columns["right"] = (np.asarray(each, float) for each in spans)
    source = data_source(name, columns)
    plot.segment("x", "low", "x", "high", source=source, color=shade, line_width=2, alpha=0.8)
    if spans is not None:
        plot.segment("left", "y", "right", "y", source=source, color=shade, line_width=1, alpha=0.8)
    dots = plot.scatter("x", "y", source=source, marker=marker, size=7, color=shade, legend_label=label)
    interval = ("95 % interval", "@low{0.0000} to @high{0.0000}")
    hover(plot, [dots], [*tips, interval])


def beyond(plot: figure, colours: Palette, x: ArrayLike, edge: float, marker: str, label: str) -> None:
    """Mark at the `edge` of a figure what continues beyond it or has no place within."""
    at = np.asarray(x, float)
    look: dict[str, Any] = {"fill_color": None, "line_color": colours.price, "legend_label": label}
    if len(at):
        plot.scatter(at, np.full(len(at), edge), marker=marker, size=9, **look)


def below_top(plot: figure, colours: Palette, frame: pd.DataFrame, x: str, n: str) -> None:
    """End the axis where the intervals do, but for those of little (`n`): they would squeeze the others."""
    shown = frame[frame[n] > 0]
    top = float(shown.loc[shown[n] >= shown[n].max() / 50, "high"].max()) * 1.08 if len(shown) else 1.0
    plot.y_range.update(start=0, end=top)
    wider = shown[shown["high"] > top]
    beyond(plot, colours, wider[x], top * 0.97, "triangle", "interval continues")


def dashed(plot: figure, colours: Palette, x: ArrayLike, y: ArrayLike, label: str) -> None:
    """Draw a baseline that is not level."""
    look: dict[str, Any] = {"color": colours.muted, "line_dash": [6, 4], "line_width": 2}
    plot.line(np.asarray(x, float), np.asarray(y, float), legend_label=label, **look)


def flat(
    plot: figure,
    colours: Palette,
    y: float,
    label: str,
    *,
    dash: Sequence[int] = (6, 4),
    colour: str | None = None,
) -> None:
    """Draw a level baseline across the whole figure."""
    words = label if "%" in label else f"{label}: {y:.4g}"
    look: dict[str, Any] = {"line_color": colour or colours.muted, "line_dash": list(dash), "line_width": 2}
    plot.hspan(y=[float(y)], legend_label=words, **look)


def rows_figure(
    colours: Palette,
    title: str,
    names: Sequence[str],
    data: Mapping[str, ArrayLike],
    unit: str,
    baseline: str,
) -> figure:
    """Return estimates as named rows from top to bottom: ``value``, ``low``, ``high``, ``baseline``."""
    # The same name may stand there twice; a range of names may not hold it twice.
    seen: dict[str, int] = {}
    rows = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        rows.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    tall = max(140, 90 + _ROW_PX * len(rows))
    plot = plain_figure(colours, title, unit, "", tall, y_range=rows[::-1])
    columns: dict[str, Any] = {key: np.asarray(values, float) for key, values in data.items()}
    source = data_source("points", {**columns, "name": rows})
    plot.segment("low", "name", "high", "name", source=source, color=colours.price, line_width=2, alpha=0.8)
    look: dict[str, Any] = {"marker": "dash", "angle": np.pi / 2, "size": 18, "line_width": 3}
    look |= {"color": colours.muted, "legend_label": baseline}
    expected = plot.scatter("baseline", "name", source=source, **look)
    dots = plot.scatter("value", "name", source=source, size=8, color=colours.price, legend_label="estimate")
    tips = [("", "@name"), (unit, "@value{0.0000}"), ("95 %", "@low{0.0000} to @high{0.0000}")]
    hover(plot, [dots, expected], [*tips, (baseline, "@baseline{0.0000}")])
    plot.ygrid.grid_line_color = None
    return legend(plot, colours)
