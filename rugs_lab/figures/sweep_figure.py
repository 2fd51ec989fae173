"""The heat map of a sweep: the mean of each parameter combination, and which of them differ from zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.figures.figure_base import FONT, bare_figure, data_source, hover
from rugs_lab.figures.palette import Palette, palette

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

HEIGHT: Final = 380
_SHADES: Final = 101
_UNSURE: Final = "not distinguishable"
_ABOUT_ZERO: Final = ("mean_sol", "total_sol")
"""Columns of which the frame says whether they differ from zero."""
_COUNTS: Final = ("games", "trades", "bets", "rejected", "expired", "sessions")


class _Swept(NamedTuple):
    """What a figure is made of; the attributes are parameters of `sweep_figure`."""

    frame: pd.DataFrame
    combinations: Sequence[Mapping[str, Any]]
    name: str
    value: str


def sweep_figure(
    frame: pd.DataFrame,
    combinations: Sequence[Mapping[str, Any]],
    name: str = "",
    *,
    x: str | None = None,
    y: str | None = None,
    value: str = "mean_sol",
    theme: str = "light",
    height: int = HEIGHT,
) -> figure:
    """Return a heat map over two parameters, or a line over one.

    `frame`, `combinations`: ``rugs_lab.sweep(...).frame``, and the values of each row: an index loses a None
        among them.
    `name`: Of the strategy.
    `x`, `y`: Parameters on the axes; by default the first two with more than one value. Combinations that
        share both are averaged, each with the weight of its games.
    `value`: A column of `frame`, with its 95 % interval where there is one. Colours go from loss to gain with
        zero in the middle for money, and from none to all for shares. A profit whose verdict is that it
        cannot be distinguished from zero is crossed out (on a line: an empty circle).
    `theme`, `height`: ``"light"`` or ``"dark"``; CSS pixels.
    """
    colours = palette(theme)
    if value not in frame.columns:
        raise ArgumentError(f"value must be a column of .frame: {', '.join(frame.columns)}; got {value!r}")
    swept = [str(each) for each in frame.index.names if each is not None]
    axes = [each for each in (x, y) if each is not None]
    for each in axes:
        if each not in swept:
            raise ArgumentError(f"{each!r} was not swept; these were: {', '.join(swept)}")
    several = [each for each in swept if len({values[each] for values in combinations}) > 1]
    axes += [each for each in several if each not in axes][: 2 - len(axes)]
    if not axes:
        raise ArgumentError("nothing was swept: no parameter has more than one value")
    found = _Swept(frame, combinations, name, value)
    if len(axes) == 1 or axes[0] == axes[1]:
        return _line(found, axes[0], colours, height)
    return _heat(found, axes[0], axes[1], colours, height)


def _heat(swept: _Swept, x: str, y: str, colours: Palette, height: int) -> figure:
    from bokeh.models import LinearColorMapper, PrintfTickFormatter
    from bokeh.models.annotations import ColorBar

    places, table = _averaged(swept, [x, y])
    columns = [_word(each) for each in _in_order(place[0] for place in places)]
    rows = [_word(each) for each in _in_order(place[1] for place in places)]
    plot = bare_figure(colours, height, x, y, title=_caption(swept), x_range=columns, y_range=rows)
    plot.grid.grid_line_color = None
    low, high = _limits(table["value"].to_numpy(np.float64), swept.value)
    shades = _shades(colours, both=low < 0)
    mapper = LinearColorMapper(palette=shades, low=low, high=high, nan_color=colours.grid)
    table["x"], table["y"] = ([_word(place[level]) for place in places] for level in (0, 1))
    table["hatch"] = np.where(table["verdict"] == _UNSURE, "x", " ")
    source = data_source("combinations", {str(name): each.to_numpy() for name, each in table.items()})
    look: dict[str, Any] = {"hatch_color": colours.text, "hatch_alpha": 0.35, "hatch_scale": 12}
    look |= {"fill_color": {"field": "value", "transform": mapper}, "line_color": colours.ground}
    tiles = plot.rect("x", "y", width=1, height=1, source=source, hatch_pattern="hatch", **look)
    error = [("standard error", "@error{0.000000}")] if swept.value == "mean_sol" else []
    tips = [(x, "@x"), (y, "@y"), *_tips(swept), *error]
    hover(plot, [tiles], [*tips, ("games", "@games{0,0}"), ("", "@verdict")])
    bar = ColorBar(color_mapper=mapper, width=12, background_fill_alpha=0)
    bar.formatter = PrintfTickFormatter(format="%.3g")
    bar.major_label_text_color, bar.major_label_text_font = colours.text, FONT
    bar.major_label_text_font_size = "11px"
    plot.add_layout(bar, "right")
    return plot


def _line(swept: _Swept, x: str, colours: Palette, height: int) -> figure:
    from bokeh.models import PrintfTickFormatter
    from bokeh.models.annotations import Span

    found, table = _averaged(swept, [x])
    given = [place[0] for place in found]
    numbers = all(isinstance(each, (int, float)) for each in given)
    table["x"] = given if numbers else [_word(each) for each in given]
    axis = {} if numbers else {"x_range": table["x"].tolist()}
    plot = bare_figure(colours, height, x, _unit(swept.value), title=_caption(swept), **axis)
    plot.yaxis.formatter = PrintfTickFormatter(format="%.3g")
    table["fill"] = np.where(table["verdict"] == _UNSURE, colours.ground, colours.price)
    source = data_source("combinations", {str(name): each.to_numpy() for name, each in table.items()})
    plot.add_layout(Span(location=0, dimension="width", line_color=colours.muted, line_dash=[4, 3]))
    plot.segment("x", "low", "x", "high", source=source, line_color=colours.price, line_width=1.5)
    plot.line("x", "value", source=source, line_color=colours.price, line_alpha=0.5)
    look: dict[str, Any] = {"fill_color": "fill", "line_color": colours.price, "line_width": 1.5}
    dots = plot.scatter("x", "value", source=source, size=8, **look)
    hover(plot, [dots], [(x, "@x"), *_tips(swept), ("games", "@games{0,0}"), ("", "@verdict")])
    return plot


def _averaged(swept: _Swept, axes: list[str]) -> tuple[list[tuple[Any, ...]], pd.DataFrame]:
    """Return the places of the axes in their order, and for each value, interval, games and verdict."""
    import pandas as pd

    frame, value = swept.frame, swept.value
    low, high = _bounds(frame, value)
    columns = {"value": value, "error": "error_sol" if value == "mean_sol" else "", "low": low, "high": high}
    at: dict[tuple[Any, ...], list[int]] = {}
    for number, values in enumerate(swept.combinations):
        at.setdefault(tuple(values[name] for name in axes), []).append(number)
    orders = [_in_order(place[level] for place in at) for level in range(len(axes))]
    places = sorted(
        at, key=lambda place: [order.index(each) for order, each in zip(orders, place, strict=True)]
    )
    rows = []
    for place in places:
        some = frame.iloc[at[place]]
        weight = some["games"].to_numpy(np.float64)
        weight = weight / max(weight.sum(), 1)
        # They share their games, so errors and intervals are averaged and not added in squares.
        means = {
            name: float((some[column].to_numpy(np.float64) * weight).sum()) if column else np.nan
            for name, column in columns.items()
        }
        verdicts = set(some["verdict"]) if value in _ABOUT_ZERO else {""}
        verdict = verdicts.pop() if len(verdicts) == 1 else _UNSURE
        rows.append({**means, "games": int(some["games"].max()), "verdict": verdict})
    return places, pd.DataFrame(rows)


def _in_order(values: Iterable[Any]) -> list[Any]:
    """Return the different values, lowest first, None last; as they come where they have no order."""
    found = list(dict.fromkeys(values))
    try:
        return sorted(found, key=lambda each: (each is None, 0 if each is None else each))
    except TypeError:
        return found


def _bounds(frame: pd.DataFrame, value: str) -> tuple[str, str]:
    """Return the columns with the 95 % interval of a column; empty without one."""
    low, high = ("low_sol", "high_sol") if value == "mean_sol" else (f"{value}_low", f"{value}_high")
    return (low, high) if low in frame.columns else ("", "")


def _tips(swept: _Swept) -> list[tuple[str, str]]:
    """Return the tooltip of a value, with its interval where there is one."""
    sure = [("95 %", "@low{0.000000} to @high{0.000000}")] if _bounds(swept.frame, swept.value)[0] else []
    return [(swept.value, "@value{0.000000}"), *sure]


def _limits(values: Any, value: str) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if value.endswith("_sol"):
        most = float(np.abs(finite).max(initial=0.0)) or 1.0
        return -most, most
    least = 1e-12 if value in _COUNTS else 1.0
    return 0.0, max(least, float(finite.max(initial=0.0)))


def _shades(colours: Palette, *, both: bool) -> tuple[str, ...]:
    """Return colours from loss over the ground to gain, or from the ground."""
    from bokeh.palettes import interp_palette

    ends = (colours.rug, colours.ground, colours.price) if both else (colours.ground, colours.price)
    return tuple(interp_palette(ends, _SHADES if both else _SHADES // 2 + 1))


def _caption(swept: _Swept) -> str:
    frame, value = swept.frame, swept.value
    games = int(frame["games"].max())
    unsure = int((frame["verdict"] == _UNSURE).sum())
    noise = f"; {unsure:,} of {len(frame):,} combinations {_UNSURE} from 0" if value in _ABOUT_ZERO else ""
    return f"{swept.name}: {_unit(value)}, {games:,} games{noise}"


def _unit(value: str) -> str:
    return (
        "profit per game (SOL)" if value == "mean_sol" else value.replace("_sol", " (SOL)").replace("_", " ")
    )


def _word(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
