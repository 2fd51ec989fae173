"""The heat map of a sweep: the mean of each cell, and which cells differ from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.views.figures import FONT, bare_figure
from rugs_lab.views.palette import Palette, palette
from rugs_lab.views.run_figures import _source, _title

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

    from rugs_lab.strategy.swept import Sweep

HEIGHT: Final = 380
_SHADES: Final = 101


def sweep_figure(
    sweep: Sweep,
    *,
    x: str | None = None,
    y: str | None = None,
    value: str = "mean_sol",
    theme: str = "light",
    height: int = HEIGHT,
) -> figure:
    """Return a heat map over two parameters, or a line over one.

    Parameters
    ----------
    sweep
        From `rugs_lab.sweep`.
    x, y
        Parameters on the axes; by default the first two with more than one value. Cells that share both are
        averaged, each with the weight of its games.
    value
        A column of ``sweep.frame``. Colours go from loss to gain with zero in the middle for money, and from
        none to all for shares.
    theme
        ``"light"`` or ``"dark"``.
    height
        In CSS pixels.

    Returns
    -------
    bokeh.plotting.figure
        Data source ``cells``. A crossed-out cell (on a line an empty circle) has a mean within two standard
        errors of zero: it is within noise.

    Raises
    ------
    ArgumentError
        An unknown parameter, column or theme, or nothing to draw over.
    """
    colours = palette(theme)
    frame = sweep.frame
    if value not in frame.columns:
        raise ArgumentError(f"value must be a column of .frame: {', '.join(frame.columns)}; got {value!r}")
    for name in (x, y):
        if name is not None and name not in sweep.names:
            raise ArgumentError(f"{name!r} was not swept; these were: {', '.join(sweep.names)}")
    several = [name for name in sweep.names if frame.index.get_level_values(name).nunique() > 1]
    axes = [name for name in (x, y) if name is not None]
    axes += [name for name in several if name not in axes][: 2 - len(axes)]
    if not axes:
        raise ArgumentError("nothing was swept: no parameter has more than one value")
    if len(axes) == 1 or axes[0] == axes[1]:
        return _line(frame, axes[0], value, colours, height, sweep)
    return _heat(frame, axes[0], axes[1], value, colours, height, sweep)


def _heat(
    frame: pd.DataFrame, x: str, y: str, value: str, colours: Palette, height: int, sweep: Sweep
) -> figure:
    from bokeh.models import HoverTool, LinearColorMapper, PrintfTickFormatter
    from bokeh.models.annotations import ColorBar

    table = _averaged(frame, [x, y], value)
    columns = [_word(each) for each in sorted(set(table[x]))]
    rows = [_word(each) for each in sorted(set(table[y]))]
    plot = bare_figure(colours, height, x_range=columns, y_range=rows)
    plot.grid.grid_line_color = None
    plot.xaxis.axis_label, plot.yaxis.axis_label = x, y
    _title(plot, colours, _caption(sweep, value))
    low, high = _limits(table["value"].to_numpy(np.float64), value)
    mapper = LinearColorMapper(
        palette=_shades(colours, both=low < 0), low=low, high=high, nan_color=colours.grid
    )
    source = _source(
        "cells",
        {
            "x": [_word(each) for each in table[x]],
            "y": [_word(each) for each in table[y]],
            "value": table["value"].to_numpy(),
            "error": table["error"].to_numpy(),
            "games": table["games"].to_numpy(),
            "hatch": [" " if each else "x" for each in table["significant"]],
            "words": ["differs from 0" if each else "within noise" for each in table["significant"]],
        },
    )
    tiles = plot.rect(
        "x",
        "y",
        width=1,
        height=1,
        source=source,
        fill_color={"field": "value", "transform": mapper},
        line_color=colours.ground,
        hatch_pattern="hatch",
        hatch_color=colours.text,
        hatch_alpha=0.35,
        hatch_scale=12,
    )
    tips = [(x, "@x"), (y, "@y"), (value, "@value{0.000000}"), ("standard error", "@error{0.000000}")]
    plot.add_tools(HoverTool(renderers=[tiles], tooltips=[*tips, ("games", "@games{0,0}"), ("", "@words")]))
    bar = ColorBar(
        color_mapper=mapper,
        width=12,
        background_fill_alpha=0,
        formatter=PrintfTickFormatter(format="%.3g"),
        major_label_text_color=colours.text,
        major_label_text_font=FONT,
        major_label_text_font_size="11px",
    )
    plot.add_layout(bar, "right")
    return plot


def _line(frame: pd.DataFrame, x: str, value: str, colours: Palette, height: int, sweep: Sweep) -> figure:
    from bokeh.models import HoverTool, PrintfTickFormatter
    from bokeh.models.annotations import Span

    table = _averaged(frame, [x], value).sort_values(x)
    numbers = table[x].map(lambda each: isinstance(each, (int, float))).all()
    places = table[x].to_numpy() if numbers else np.array([_word(each) for each in table[x]])
    plot = bare_figure(colours, height, **({} if numbers else {"x_range": list(places)}))
    plot.xaxis.axis_label, plot.yaxis.axis_label = x, _unit(value)
    plot.yaxis.formatter = PrintfTickFormatter(format="%.3g")
    _title(plot, colours, _caption(sweep, value))
    centre = table["value"].to_numpy(np.float64)
    error = table["error"].to_numpy(np.float64)
    source = _source(
        "cells",
        {
            "x": places,
            "value": centre,
            "low": centre - 1.96 * error,
            "high": centre + 1.96 * error,
            "games": table["games"].to_numpy(),
            "fill": [colours.price if each else colours.ground for each in table["significant"]],
            "words": ["differs from 0" if each else "within noise" for each in table["significant"]],
        },
    )
    plot.add_layout(Span(location=0, dimension="width", line_color=colours.muted, line_dash=[4, 3]))
    plot.segment("x", "low", "x", "high", source=source, line_color=colours.price, line_width=1.5)
    plot.line("x", "value", source=source, line_color=colours.price, line_alpha=0.5)
    dots = plot.scatter(
        "x", "value", source=source, size=8, fill_color="fill", line_color=colours.price, line_width=1.5
    )
    tips = [(x, "@x"), (value, "@value{0.000000}"), ("95 %", "@low{0.000000} to @high{0.000000}")]
    plot.add_tools(HoverTool(renderers=[dots], tooltips=[*tips, ("games", "@games{0,0}"), ("", "@words")]))
    return plot


def _averaged(frame: pd.DataFrame, axes: list[str], value: str) -> pd.DataFrame:
    """Return value, error, games and significance for each place of the axes."""
    import pandas as pd

    rows = []
    for place, some in frame.groupby(level=axes):
        weight = some["games"].to_numpy(np.float64)
        weight = weight / max(weight.sum(), 1)
        money = value == "mean_sol"
        rows.append(
            {
                **dict(zip(axes, place if isinstance(place, tuple) else (place,), strict=True)),
                "value": float((some[value].to_numpy(np.float64) * weight).sum()),
                # Cells share their games, so errors are averaged and not added in squares.
                "error": float((some["error_sol"].to_numpy(np.float64) * weight).sum()) if money else np.nan,
                "games": int(some["games"].max()),
                "significant": bool(some["significant"].all()),
            }
        )
    return pd.DataFrame(rows)


def _limits(values: Any, value: str) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if value.endswith("_sol"):
        most = float(np.abs(finite).max(initial=0.0)) or 1.0
        return -most, most
    return 0.0, max(
        1.0 if value not in ("games", "trades", "bets", "rejected", "sessions") else 0.0,
        float(finite.max(initial=0.0)),
        1e-12,
    )


def _shades(colours: Palette, *, both: bool) -> list[str]:
    """Return colours from loss over the ground to gain, or from the ground on."""
    up = [_mix(colours.ground, colours.price, part) for part in np.linspace(0, 1, _SHADES // 2 + 1)]
    down = [_mix(colours.ground, colours.rug, part) for part in np.linspace(1, 0, _SHADES // 2 + 1)]
    return [*down[:-1], *up] if both else up


def _mix(one: str, other: str, part: float) -> str:
    mixed = (
        round(int(one[at : at + 2], 16) * (1 - part) + int(other[at : at + 2], 16) * part) for at in (1, 3, 5)
    )
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _caption(sweep: Sweep, value: str) -> str:
    games = max((each.games for each in sweep.sums), default=0)
    noise = len(sweep) - sweep.significant
    return (
        f"{sweep.rule.name}: {_unit(value)}, {games:,} games; {noise:,} of {len(sweep):,} cells within noise"
    )


def _unit(value: str) -> str:
    return (
        "profit per game (SOL)" if value == "mean_sol" else value.replace("_sol", " (SOL)").replace("_", " ")
    )


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
