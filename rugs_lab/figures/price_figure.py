"""The price path of a game, columns in, figure out; and the layout of the live chart, fed by its page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.figures.candles import add_candles
from rugs_lab.figures.figure_base import FONT, bare_figure, data_source, hover, set_state
from rugs_lab.figures.marks import add_marks
from rugs_lab.figures.palette import Palette, palette
from rugs_lab.game.limits import TICK_MS

if TYPE_CHECKING:
    from bokeh.models import Column
    from bokeh.plotting import figure

PRICE_HEIGHT: Final = 320
GAPS_HEIGHT: Final = 130
TITLES_HEIGHT: Final = 200
"""Below it there is no room for the titles of axes, CSS pixels."""
GAPS_SECONDS: Final = 60
RUG_COLUMNS: Final = ("tick", "y", "text", "align", "shift", "marker")


def game_figure(
    prices: ArrayLike,
    *,
    rug_tick: int | None = None,
    backfilled: ArrayLike | None = None,
    ghost: ArrayLike | None = None,
    title: str | None = None,
    theme: str = "light",
    height: int = PRICE_HEIGHT,
) -> figure:
    """Return the price path of a game: log axis, x = tick; `prices` are multipliers from tick 0, NaN unknown.

    `backfilled`: True for ticks known from another source; `ghost`: prices drawn behind in grey.
    """
    plot = empty_price_figure(palette(theme), height, title=title)
    path = np.asarray(prices, np.float64)
    marked = ringed(np.zeros(len(path), np.bool_) if backfilled is None else np.asarray(backfilled, np.bool_))
    behind = np.asarray([] if ghost is None else ghost, np.float64)
    end = max(len(path) * 1.05, 20.0)
    low, high = price_limits(path)
    columns = {
        "path": {"tick": np.arange(len(path)), "price": path},
        "backfilled": {"tick": marked, "price": path[marked]},
        "ghost": {"tick": np.arange(len(behind)), "price": behind},
        "rug": rug_columns(path, rug_tick, end),
    }
    ranges = {"ticks": {"end": end}, "prices": {"start": low, "end": high}}
    set_state(plot, {**{name: {"data": data} for name, data in columns.items()}, **ranges})
    return plot


def ringed(backfilled: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the ticks that are marked as back-filled: none where most are, as marks on all say nothing."""
    return np.flatnonzero(backfilled & (2 * backfilled.sum() <= len(backfilled)))


def paths_figure(paths: Sequence[ArrayLike], title: str, *, theme: str = "light") -> figure:
    """Return the price paths of many games in one figure, ends at their rug marked; data source ``paths``."""
    colours = palette(theme)
    plot = empty_price_figure(colours, PRICE_HEIGHT, title=title)
    ends = [(len(path) - 1, path[-1]) for path in map(np.asarray, paths) if len(path)]
    source = data_source(
        "paths", {"ticks": [np.arange(len(np.asarray(path))) for path in paths], "prices": list(paths)}
    )
    plot.multi_line("ticks", "prices", source=source, line_color=colours.price, line_alpha=0.35)
    ticks, prices = ([end[at] for end in ends] for at in (0, 1))
    plot.scatter(ticks, prices, marker="x", size=6, line_color=colours.rug, line_alpha=0.6)
    known = np.concatenate([np.ones(1), *(np.asarray(path, np.float64) for path in paths)])
    low, high = price_limits(known)
    plot.x_range.update(end=max([end[0] for end in ends], default=20) * 1.03)
    plot.y_range.update(start=low, end=high)
    return plot


def live_layout(theme: str, height: int = PRICE_HEIGHT, *, gaps: bool = True) -> Column:
    """Return the empty layout of a live widget: the price chart, with `gaps` the time between messages below.

    The page finds by name and feeds: ``path`` (tick, price), ``backfilled``, ``ghost``, ``rug``,
    ``ghost_rug`` (tick, y, text, align, shift), ``gaps`` (received_ms, gap_ms); ``cut`` and ``cut_label``
    mark where the data ends; ranges ``ticks``, ``prices``, ``times``; tickers ``price_ticks``,
    ``time_ticks``; the line ``path_line``, which makes room for ``candles`` (`rugs_lab.figures.candles`); and
    the sources of `rugs_lab.figures.marks`.
    """
    from bokeh.layouts import column

    colours = palette(theme)
    prices = empty_price_figure(colours, height, live=True)
    if height < TITLES_HEIGHT:
        prices.axis.axis_label = None
    below = [_gaps_figure(colours, GAPS_HEIGHT)] if gaps else []
    return column(prices, *below, sizing_mode="stretch_width")


def price_limits(prices: ArrayLike) -> tuple[float, float]:
    """Return the y range for prices: a margin on either side, a tenth or more, at least 0.8x to 1.25x."""
    values = np.asarray(prices, dtype=np.float64)
    values = values[np.isfinite(values) & (values > 0)]
    low = min(0.8, float(values.min(initial=1.0)))
    high = max(1.25, float(values.max(initial=1.0)))
    margin = max(1.1, (high / low) ** 0.05)
    return low / margin, high * margin


def rug_columns(
    prices: NDArray[np.float64], rug_tick: int | None, end: float, lowest: float = 0.0
) -> dict[str, list[Any]]:
    """Return the columns of the source ``rug``; empty where the rug or its price is not known.

    The words are on the side with space before `end`; the marker is not below the price `lowest`.
    """
    if rug_tick is None or rug_tick >= len(prices) or not np.isfinite(prices[rug_tick]):
        return {name: [] for name in RUG_COLUMNS}
    price, late = float(prices[rug_tick]), rug_tick > 0.5 * end
    return {
        "tick": [rug_tick],
        "y": [max(price, lowest)],
        "text": [f"rug at tick {rug_tick}: {price:.3g}x"],
        "align": ["right" if late else "left"],
        "shift": [-10 if late else 10],
        "marker": ["x"],
    }


def empty_price_figure(
    colours: Palette, height: int, *, title: str | None = None, live: bool = False
) -> figure:
    """Return a price figure without data; with `live` marks, candles and a ticker that the page sets."""
    from bokeh.models import CrosshairTool, FixedTicker, LogTicker, PrintfTickFormatter, Range1d
    from bokeh.models.annotations import BoxAnnotation

    ranges: dict[str, Any] = {"x_range": Range1d(start=0, end=100, name="ticks"), "y_axis_type": "log"}
    ranges["y_range"] = Range1d(start=0.72, end=1.4, name="prices")
    plot = bare_figure(colours, height, f"tick ({TICK_MS} ms each)", "price (x, log)", title=title, **ranges)
    plot.yaxis.formatter = PrintfTickFormatter(format="%.3g")
    ticker = FixedTicker(name="price_ticks") if live else LogTicker(desired_num_ticks=9)
    plot.yaxis.ticker = ticker
    plot.ygrid.ticker = ticker
    sources = {name: data_source(name, ("tick", "price")) for name in ("path", "backfilled", "ghost")}
    rugs = {name: data_source(name, RUG_COLUMNS) for name in ("rug", "ghost_rug")}
    if live:
        add_marks(plot, colours)
    plot.line("tick", "price", source=sources["ghost"], color=colours.ghost, line_width=1, line_dash=[4, 3])
    _rug(plot, rugs["ghost_rug"], colours.ghost, colours.muted)
    if live:
        add_candles(plot)
    path = plot.line("tick", "price", source=sources["path"], color=colours.price, line_width=1.6)
    path.name = "path_line"
    ring: dict[str, Any] = {"fill_color": None, "line_color": colours.backfilled, "line_width": 1.2}
    plot.scatter("tick", "price", source=sources["backfilled"], marker="circle", size=5, **ring)
    _rug(plot, rugs["rug"], colours.rug, colours.rug)
    hatch: dict[str, Any] = {"hatch_pattern": "/", "hatch_color": colours.cut, "hatch_alpha": 0.16}
    area: dict[str, Any] = {"fill_color": colours.cut, "fill_alpha": 0.07, "line_color": None}
    cut: dict[str, Any] = {**area, **hatch, "hatch_scale": 16, "level": "underlay", "visible": False}
    plot.add_layout(BoxAnnotation(name="cut", left=0, **cut))
    bold: dict[str, Any] = {"text_font_style": "bold", "text_baseline": "middle", "visible": False}
    _label(plot, colours, colours.cut, "disconnected: data ends here", name="cut_label", x_offset=10, **bold)
    if live:
        _label(plot, colours, colours.price, "", name="price_label", text_align="right", x_offset=-2, **bold)
        plot.add_tools(CrosshairTool(line_color=colours.muted, line_alpha=0.5, visible=False))
    tips = [("tick", "@tick"), ("price", "@price{0.0000}x")]
    hover(plot, [path], tips, mode="vline", line_policy="nearest")
    return plot


def _label(plot: figure, colours: Palette, colour: str, text: str, **more: Any) -> None:
    """Write words into a figure, on its own ground."""
    from bokeh.models.annotations import Label

    look: dict[str, Any] = {"x": 0, "y": 1, "text_font": FONT, "text_font_size": "11px", "text": text, **more}
    ground: dict[str, Any] = {"background_fill_color": colours.ground, "background_fill_alpha": 0.85}
    plot.add_layout(Label(text_color=colour, **ground, **look))


def _rug(plot: figure, source: Any, colour: str, text_colour: str) -> None:
    from bokeh.core.properties import value

    look: dict[str, Any] = {"line_color": colour, "line_width": 2.5, "fill_color": colour}
    plot.scatter("tick", "y", source=source, marker="marker", size=11, **look)
    place: dict[str, Any] = {"text_align": "align", "x_offset": "shift", "text_baseline": "bottom"}
    font: dict[str, Any] = {"text_color": text_colour, "text_font": value(FONT), "text_font_size": "12px"}
    plot.text("tick", "y", source=source, text="text", y_offset=-4, **place, **font)


def _gaps_figure(colours: Palette, height: int) -> figure:
    from bokeh.models import DatetimeTicker, DatetimeTickFormatter, PrintfTickFormatter, Range1d
    from bokeh.models.annotations import Span

    kinds: dict[str, Any] = {"x_axis_type": "datetime", "y_axis_type": "log"}
    kinds["x_range"] = Range1d(start=0, end=GAPS_SECONDS * 1000, name="times")
    kinds["y_range"] = Range1d(start=0.5, end=12_000)
    plot = bare_figure(colours, height, "time of arrival (UTC)", "apart (ms, log)", **kinds)
    plot.toolbar_location = None
    clock = "%H:%M:%S"
    plot.xaxis.formatter = DatetimeTickFormatter(
        seconds=clock, minsec=clock, minutes=clock, hourmin=clock, hours=clock, context=None
    )
    times = DatetimeTicker(name="time_ticks")
    plot.xaxis.ticker = times
    plot.xaxis.name = "time_axis"
    plot.xgrid.ticker = times
    plot.yaxis.formatter = PrintfTickFormatter(format="%d")
    plot.yaxis.ticker = [1, 10, 100, 1000]
    source = data_source("gaps", ("received_ms", "gap_ms"))
    plot.add_layout(Span(location=TICK_MS, dimension="width", line_color=colours.muted, line_dash=[2, 2]))
    _label(plot, colours, colours.muted, f"{TICK_MS} ms", x=4, x_units="screen", y=TICK_MS, y_offset=2)
    look: dict[str, Any] = {"marker": "circle", "size": 3, "color": colours.price, "alpha": 0.75}
    plot.scatter("received_ms", "gap_ms", source=source, **look)
    return plot
