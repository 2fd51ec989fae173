"""`drawing_of`: a Bokeh figure or layout of this package, drawn without a browser.

Draws what the figures here use: their glyphs, spans, boxes and labels, legends, colour bars, linear, log and
named axes. Anything else is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.figures.drawing import Box, Drawing, Points
from rugs_lab.figures.figure_base import LEFT_BORDER_PX
from rugs_lab.figures.palette import Palette
from rugs_lab.figures.ticks import log_ticks, padded, round_ticks, tick_words

if TYPE_CHECKING:
    from bokeh.models import Model

_LABEL_PX: Final = 6.2
"""Mean width of a character at 11 px."""
_NUMBERS: Final = {"x": ("x", "x0", "x1", "left", "right"), "y": ("y", "y0", "y1", "y2", "top", "bottom")}
"""Properties of glyphs that are places on an axis."""


def drawing_of(model: Model, colours: Palette, width: int) -> Drawing:
    """Return a figure, or a layout of them, drawn `width` CSS pixels wide."""
    drawing = Drawing(width, _height(model), colours.ground)
    _draw(drawing, model, colours, 0, 0, width)
    return drawing


def _children(model: Any) -> tuple[str, list[Any]]:
    """Return what a layout holds, and in which direction; of a figure nothing."""
    kind = type(model).__name__
    return (kind, list(model.children)) if kind in ("Column", "Row") else ("", [])


def _height(model: Any) -> float:
    kind, children = _children(model)
    if not children:
        return float(model.height or 300) if not kind else 0.0
    heights = [_height(child) for child in children]
    return sum(heights) if kind == "Column" else max(heights)


def _draw(drawing: Drawing, model: Any, colours: Palette, left: float, top: float, width: float) -> None:
    kind, children = _children(model)
    if not kind:
        _PlotDrawing(drawing, model, colours, left, top, width).draw()
    for child in children:
        share = width / len(children) if kind == "Row" else width
        _draw(drawing, child, colours, left, top, share)
        left, top = (left + share, top) if kind == "Row" else (left, top + _height(child))


class _Axis:
    """One axis of a plot: its range, and where a value stands between two pixels."""

    def __init__(self, span: Any, scale: Any, values: Callable[[], NDArray[np.float64]]) -> None:
        self.names: list[Any] | None = list(span.factors) if hasattr(span, "factors") else None
        self.log = type(scale).__name__ == "LogScale"
        given = (0.0, float(len(self.names))) if self.names is not None else (span.start, span.end)
        if any(each is None or not isfinite(each) for each in given):
            some = values()
            some = some[np.isfinite(some) & ((some > 0) | (not self.log))]
            low, high = (float(some.min()), float(some.max())) if len(some) else (1.0, 2.0)
            found = padded(low, high, self.log)
            known = [own is not None and isfinite(own) for own in given]
            given = (given[0] if known[0] else found[0], given[1] if known[1] else found[1])
        self.start, self.end = float(given[0]), float(given[1])
        self.pixels = (0.0, 1.0)

    def at(self, values: Any) -> NDArray[np.float64]:
        """Return the pixels of values; NaN for what has no place."""
        if self.names is not None:
            place = {name: number + 0.5 for number, name in enumerate(self.names)}
            values = [place.get(each, np.nan) if isinstance(each, str) else each for each in values]
        found, ends = np.asarray(values, np.float64), np.array([self.start, self.end])
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                found, ends = np.log10(found), np.log10(ends)
        first, last = self.pixels
        places: NDArray[np.float64] = first + (found - ends[0]) / ((ends[1] - ends[0]) or 1.0) * (
            last - first
        )
        return places

    def ticks(self, ticker: Any, formatter: Any, room: int) -> list[tuple[float, str]]:
        """Return the places of up to about `room` labels with their words."""
        if self.names is not None:
            return [(number + 0.5, str(name)) for number, name in enumerate(self.names)]
        low, high = sorted((self.start, self.end))
        given = [float(each) for each in getattr(ticker, "ticks", None) or ()]
        made = given or (log_ticks(low, high, room) if self.log else round_ticks(low, high, room))
        return [(each, tick_words(each, formatter)) for each in made if low <= each <= high]


class _PlotDrawing:
    """One Bokeh figure on its way to a drawing."""

    def __init__(
        self, drawing: Drawing, plot: Any, colours: Palette, left: float, top: float, width: float
    ) -> None:
        self.drawing, self.plot, self.colours = drawing, plot, colours
        self.title = (plot.title.text or "").split("\n") if plot.title else []
        self.legends = [each for each in (*plot.center, *plot.above) if type(each).__name__ == "Legend"]
        self.bars = [each for each in plot.right if type(each).__name__ == "ColorBar"]
        self.x = _Axis(plot.x_range, plot.x_scale, lambda: self._values("x"))
        self.y = _Axis(plot.y_range, plot.y_scale, lambda: self._values("y"))
        names = [len(str(each)) * _LABEL_PX + 12 for each in self.y.names or ()]
        above = 16 * len([each for each in self.title if each]) + (20 if self.legends and plot.above else 0)
        self.outer: Box = (left, top, left + width, top + plot.height)
        self.box: Box = (
            left + max([float(plot.min_border_left or LEFT_BORDER_PX), *names]),
            top + 8 + above,
            left + width - (70 if self.bars else 14),
            top + plot.height - (40 if plot.xaxis[0].axis_label else 24),
        )
        self.x.pixels, self.y.pixels = (self.box[0], self.box[2]), (self.box[3], self.box[1])

    def draw(self) -> None:
        """Draw the axes, then what they hold, then the legend and the title."""
        left, top, right, _ = self.box
        for place, line in enumerate(each for each in self.title if each):
            self.drawing.text(left, self.outer[1] + 14 + 16 * place, line, self.colours.text, 12)
        self._axes()
        self.drawing.box = self.box
        for renderer in self.plot.renderers:
            if renderer.visible:
                self._glyph(renderer.glyph, renderer.data_source.data)
        for each in self.plot.center:
            if each.visible:
                self._annotation(each)
        self.drawing.box = None
        for each in self.legends:
            self._legend(each, top - 8 if self.plot.above else top + 14)
        for each in self.bars:
            self._colour_bar(each, right + 16)

    def _values(self, axis: str) -> NDArray[np.float64]:
        """Return all numbers that glyphs have on an axis."""
        found: list[NDArray[np.float64]] = [np.empty(0)]
        for renderer in self.plot.renderers:
            glyph, data = renderer.glyph, renderer.data_source.data
            for name in _NUMBERS[axis]:
                column = _column(getattr(glyph, name, None), data)
                if len(column) and not any(isinstance(each, str) for each in column):
                    found.append(np.asarray(column, np.float64))
        return np.concatenate(found)

    def _axes(self) -> None:
        left, top, right, bottom = self.box
        drawing, colours = self.drawing, self.colours
        across, up = self.plot.xaxis[0], self.plot.yaxis[0]
        grids = [each for each in self.plot.center if type(each).__name__ == "Grid"]
        shown = [bool(each.grid_line_color) for each in grids] or [False, False]
        for value, words in self.x.ticks(across.ticker, across.formatter, int((right - left) / 90) + 1):
            x = float(self.x.at([value])[0])
            if shown[0] and self.x.names is None:
                drawing.line([(x, top), (x, bottom)], colours.grid)
            drawing.text(x, bottom + 14, words, colours.text, anchor="middle")
        for value, words in self.y.ticks(up.ticker, up.formatter, int((bottom - top) / 40) + 1):
            y = float(self.y.at([value])[0])
            if shown[-1] and self.y.names is None:
                drawing.line([(left, y), (right, y)], colours.grid)
            drawing.text(left - 6, y + 4, words, colours.text, anchor="end")
        drawing.line([(left, top), (left, bottom), (right, bottom)], colours.muted)
        middle, label = (top + bottom) / 2, up.axis_label or ""
        drawing.text((left + right) / 2, bottom + 31, across.axis_label or "", colours.muted, anchor="middle")
        drawing.text(self.outer[0] + 14, middle, label, colours.muted, anchor="middle", upright=True)

    def _glyph(self, glyph: Any, data: dict[str, Any]) -> None:
        """Draw one glyph for each row of its data."""
        kind = type(glyph).__name__
        names = (*_NUMBERS["x"], *_NUMBERS["y"], "xs", "ys")
        column = {name: _column(getattr(glyph, name, None), data) for name in names}
        if kind in ("Line", "Step"):
            self._path(self._both(column["x"], column["y"]), glyph, data, step=kind == "Step")
        elif kind == "MultiLine":
            for row, (xs, ys) in enumerate(zip(column["xs"], column["ys"], strict=False)):
                self._path(self._both(xs, ys), glyph, data, row)
        elif kind == "Segment":
            ends = [self._both(column[f"x{end}"], column[f"y{end}"]) for end in (0, 1)]
            for row, pair in enumerate(zip(*ends, strict=False)):
                self._path(pair, glyph, data, row)
        elif kind == "Scatter":
            self._marks(self._both(column["x"], column["y"]), glyph, data)
        elif kind == "VArea":
            low, high = _broadcast(column["y1"], column["x"]), _broadcast(column["y2"], column["x"])
            edges = [self._both(column["x"], edge) for edge in (low, high)]
            lower, upper = (_thinned([each for each in edge if all(map(isfinite, each))]) for edge in edges)
            self.drawing.area([*lower, *reversed(upper)], glyph.fill_color, glyph.fill_alpha)
        elif kind in ("Quad", "VBar", "VStrip", "Rect"):
            self._boxes(kind, glyph, data, column)
        elif kind == "HSpan":
            for row, y in enumerate(self.y.at(column["y"])):
                self._path([(self.box[0], float(y)), (self.box[2], float(y))], glyph, data, row)
        elif kind == "Text":
            self._texts(glyph, data, self._both(column["x"], column["y"]))

    def _both(self, xs: Any, ys: Any) -> list[tuple[float, float]]:
        return list(zip(self.x.at(xs).tolist(), self.y.at(ys).tolist(), strict=False))

    def _path(
        self, points: Points, glyph: Any, data: dict[str, Any], row: int = 0, *, step: bool = False
    ) -> None:
        colour, alpha = _one(glyph.line_color, data, row), _one(glyph.line_alpha, data, row)
        dash, width = _one(glyph.line_dash, data, row), _one(glyph.line_width, data, row)
        for piece in _pieces(points):
            if step:
                piece = [piece[0], *(corner for a, b in pairwise(piece) for corner in ((b[0], a[1]), b))]
            if colour and len(piece) > 1:
                self.drawing.line(_thinned(piece), colour, width, dash=dash or (), alpha=alpha)

    def _marks(self, points: Points, glyph: Any, data: dict[str, Any]) -> None:
        """Draw marks, those of one look together."""
        looks: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
        for row, point in enumerate(points):
            names = ("marker", "size", "fill_color", "line_color", "line_width", "line_alpha", "angle")
            look = tuple(_one(getattr(glyph, name), data, row) for name in names)
            if all(map(isfinite, point)):
                looks.setdefault(look, []).append(point)
        for (kind, size, fill, line, width, alpha, angle), some in looks.items():
            name = "bar" if kind == "dash" and angle else str(kind)
            self.drawing.marks(name, some, size, fill=fill, line=line, width=width, alpha=alpha)

    def _boxes(self, kind: str, glyph: Any, data: dict[str, Any], column: dict[str, Any]) -> None:
        if kind == "Rect":
            spots = self._both(column["x"], column["y"])
            wide, tall = (abs(axis.at([1.5])[0] - axis.at([0.5])[0]) / 2 for axis in (self.x, self.y))
            boxes = [(x - wide, y - tall, x + wide, y + tall) for x, y in spots]
        else:
            if kind == "VBar":
                middle, half = np.asarray(column["x"], np.float64), np.asarray(_column(glyph.width, data)) / 2
                column = {**column, "left": middle - half, "right": middle + half}
                kind = "Quad"
            if kind == "VStrip":
                column = {**column, "left": column["x0"], "right": column["x1"]}
            count = max(len(column["left"]), len(column["right"]))
            edges = [self.x.at(_broadcast(column[name], range(count))) for name in ("left", "right")]
            walls = [
                self.y.at(_broadcast(column[name], range(count))) if kind == "Quad" else np.full(count, edge)
                for name, edge in (("top", self.box[1]), ("bottom", self.box[3]))
            ]
            boxes = list(zip(edges[0], walls[0], edges[1], walls[1], strict=True))
        for row, (left, top, right, bottom) in enumerate(boxes):
            fill, line = _one(glyph.fill_color, data, row), _one(glyph.line_color, data, row)
            corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            if fill and all(isfinite(each) for corner in corners for each in corner):
                self.drawing.area(corners, fill, _one(glyph.fill_alpha, data, row), line)
            if str(_one(glyph.hatch_pattern, data, row)) == "x":
                self.drawing.line([corners[0], corners[2]], self.colours.text, alpha=0.35)
                self.drawing.line([corners[1], corners[3]], self.colours.text, alpha=0.35)

    def _texts(self, glyph: Any, data: dict[str, Any], points: Points) -> None:
        anchors = {"left": "start", "center": "middle", "right": "end"}
        for row, (x, y) in enumerate(points):
            right, down = _one(glyph.x_offset, data, row), _one(glyph.y_offset, data, row)
            words, colour = str(_one(glyph.text, data, row)), _one(glyph.text_color, data, row)
            anchor = anchors.get(str(_one(glyph.text_align, data, row)), "start")
            middle = 4 if str(_one(glyph.text_baseline, data, row)) == "middle" else 0
            self.drawing.text(x + right, y + down + middle, words, colour, anchor=anchor)

    def _annotation(self, each: Any) -> None:
        left, top, right, bottom = self.box
        kind = type(each).__name__
        if kind == "Span":
            level = each.dimension == "width"
            at = float((self.y if level else self.x).at([each.location])[0])
            ends = [(left, at), (right, at)] if level else [(at, top), (at, bottom)]
            self.drawing.line(ends, each.line_color, each.line_width, dash=each.line_dash or ())
        elif kind == "BoxAnnotation" and isinstance(each.left, (int, float)):
            edges = [each.left, each.right if isinstance(each.right, (int, float)) else self.x.end]
            first, last = self.x.at(edges).tolist()
            corners = [(first, top), (last, top), (last, bottom), (first, bottom)]
            self.drawing.area(corners, each.fill_color, max(each.fill_alpha, 0.1))
        elif kind == "Whisker":
            specs = (each.base, each.lower, each.upper)
            base, low, high = (_column(spec, each.source.data) for spec in specs)
            for pair in zip(self._both(base, low), self._both(base, high), strict=True):
                self.drawing.line(pair, _one(each.line_color, {}, 0))
        elif kind == "Label" and each.x_units != "screen":
            ((x, y),) = self._both([each.x], [each.y])
            self.drawing.text(x + each.x_offset, y + 4, each.text, each.text_color, 12)

    def _legend(self, legend: Any, y: float) -> None:
        items = [each for each in legend.items if each.renderers]
        entries = [(str(each.label.value), each.renderers[0].glyph) for each in items]
        widths = [30 + len(words) * _LABEL_PX for words, _ in entries]
        right = self.plot.above or "left" in str(legend.location)
        x = self.box[0] + 8 if right else self.box[2] - 8 - sum(widths)
        for (words, glyph), width in zip(entries, widths, strict=True):
            line = _one(getattr(glyph, "line_color", None), {}, 0)
            fill = _one(getattr(glyph, "fill_color", None), {}, 0)
            kind = type(glyph).__name__
            if kind in ("Scatter", "Quad", "VArea", "VBar"):
                mark = "square" if kind != "Scatter" else str(_one(glyph.marker, {}, 0))
                name = "bar" if mark == "dash" and _one(glyph.angle, {}, 0) else mark
                alpha = 1 if kind == "Scatter" else float(_one(glyph.fill_alpha, {}, 0))
                self.drawing.marks(name, [(x + 8, y - 4)], 9, fill=fill, line=line, width=1.5, alpha=alpha)
            else:
                dash = _one(glyph.line_dash, {}, 0) or ()
                self.drawing.line([(x, y - 4), (x + 18, y - 4)], line, 2, dash=dash)
            self.drawing.text(x + 22, y, words, self.colours.text)
            x += width

    def _colour_bar(self, bar: Any, x: float) -> None:
        mapper, (_, top, _, bottom) = bar.color_mapper, self.box
        shades = list(mapper.palette)
        step = (bottom - top) / len(shades)
        for place, shade in enumerate(shades):
            y = bottom - place * step
            self.drawing.area([(x, y), (x + 12, y), (x + 12, y - step - 0.3), (x, y - step - 0.3)], shade)
        for value in round_ticks(mapper.low, mapper.high, 5):
            y = bottom - (value - mapper.low) / (mapper.high - mapper.low) * (bottom - top)
            self.drawing.text(x + 15, y + 4, f"{value:.3g}", self.colours.text)


def _column(spec: Any, data: dict[str, Any]) -> Sequence[Any]:
    """Return the values of a property, one per row; of a constant one."""
    field = _field(spec)
    if field in data:
        return data[field]  # type: ignore[no-any-return]
    value = getattr(spec, "value", spec)
    return [] if value is None or isinstance(value, str) else [value]


def _field(spec: Any) -> str:
    """Return the column that a property comes from, or something that is not a column."""
    return str(getattr(spec, "field", spec if isinstance(spec, str) else ""))


def _broadcast(column: Sequence[Any], like: Sequence[Any]) -> Sequence[Any]:
    return list(column) * len(like) if len(column) == 1 else column


def _one(spec: Any, data: dict[str, Any], row: int) -> Any:
    """Return a property's value in a row; a colour that a mapper makes is looked up in its shades."""
    field = _field(spec)
    if field not in data:
        return getattr(spec, "value", spec)
    mapper: Any = getattr(spec, "transform", None)
    value = data[field][row]
    if not hasattr(mapper, "palette"):
        return value
    if not isfinite(value):
        return mapper.nan_color
    place = (value - mapper.low) / (mapper.high - mapper.low) * len(mapper.palette)
    return mapper.palette[min(max(int(place), 0), len(mapper.palette) - 1)]


def _pieces(points: Points) -> Iterator[list[tuple[float, float]]]:
    """Yield the stretches of a line without a missing place."""
    piece: list[tuple[float, float]] = []
    for point in points:
        if all(map(isfinite, point)):
            piece.append(point)
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece


def _thinned(points: Points) -> Points:
    """Return a line with the lowest and highest point of each column of three pixels, and its ends."""
    columns: dict[int, list[tuple[float, float]]] = {}
    for point in points[1:-1]:
        columns.setdefault(int(point[0] / 3), []).append(point)
    if len(points) < 2 * len(columns) + 4:
        return points
    kept = [points[0]]
    for some in columns.values():
        extremes = {some.index(of(some, key=lambda each: each[1])) for of in (min, max)}
        kept += [some[place] for place in sorted(extremes)]
    return [*kept, points[-1]]
