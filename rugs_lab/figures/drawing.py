"""`Drawing`: lines, areas, marks and words of a static picture, written as SVG or, with Pillow, as PNG.

Places and sizes are CSS pixels from the top left corner, colours CSS hex strings. Pillow comes with Bokeh.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from itertools import groupby, pairwise
from typing import Any, Final, TypeAlias

from PIL.Image import Image

from rugs_lab.figures.figure_base import FONT
from rugs_lab.figures.ticks import minus

Points: TypeAlias = "Sequence[tuple[float, float]]"
Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""

_CLOSED: Final[dict[str, Points]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1), (1, 0.8), (-1, 0.8)),
    "inverted_triangle": ((0, 1), (1, -0.8), (-1, -0.8)),
    "diamond": ((0, -1.2), (0.9, 0), (0, 1.2), (-0.9, 0)),
}
_OPEN: Final[dict[str, Sequence[Points]]] = {
    "x": (((-1, -1), (1, 1)), ((-1, 1), (1, -1))),
    "cross": (((-1, 0), (1, 0)), ((0, -1), (0, 1))),
    "dash": (((-1, 0), (1, 0)),),
    "bar": (((0, -1), (0, 1)),),
}
"""Outlines of the marks in units of half their size; any other mark is a circle."""

_PNG_SCALE: Final = 2
"""Pixels of a PNG for each CSS pixel; it is drawn twice as large, and averaged."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Outlines, or the centres of circles, in one look."""

    outlines: Sequence[Points]
    box: Box | None
    fill: str | None = None
    line: str | None = None
    width: float = 1
    dash: Sequence[float] = ()
    alpha: float = 1
    circle: float = 0
    """Diameter; 0: no circles."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Words on their base line; see `Drawing.text`."""

    x: float
    y: float
    words: str
    box: Box | None
    colour: str
    size: float
    anchor: str
    upright: bool


class Drawing:
    """A picture that is being drawn, `width` x `height`, on a ground of one colour."""

    def __init__(self, width: float, height: float, ground: str) -> None:
        self.width, self.height, self.ground = width, height, ground
        self.box: Box | None = None
        """What is drawn from now on is cut off here."""
        self._parts: list[_Shape | _Words] = []

    def line(self, points: Points, colour: str, width: float = 1, **look: Any) -> None:
        """Draw a line; `look`: ``dash``, lengths of strokes and gaps, and ``alpha``."""
        self._parts.append(_Shape([points], self.box, None, colour, width, **look))

    def area(self, points: Points, fill: str, alpha: float = 1, line: str | None = None) -> None:
        """Fill a polygon."""
        self._parts.append(_Shape([points], self.box, fill, line, alpha=alpha))

    def marks(self, kind: str, points: Points, size: float, **look: Any) -> None:
        """Draw the same mark at each point; `look`: ``fill``, ``line``, ``width``, ``alpha``."""
        shapes = (
            _OPEN[kind] if kind in _OPEN else ((*_CLOSED[kind], _CLOSED[kind][0]),) if kind in _CLOSED else ()
        )
        if kind in _OPEN:
            look["fill"] = None
        outlines = [
            [(x + right * size / 2, y + down * size / 2) for right, down in shape]
            for x, y in points
            for shape in shapes
        ]
        self._parts.append(_Shape(outlines or [points], self.box, circle=0 if shapes else size, **look))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        colour: str,
        size: float = 11,
        anchor: str = "start",
        *,
        upright: bool = False,
    ) -> None:
        """Write words with (x, y) on their base line, at their ``start``, ``middle`` or ``end``."""
        self._parts.append(_Words(x, y, minus(words), self.box, colour, size, anchor, upright))

    def svg(self, title: str) -> str:
        """Return it as SVG, without script or anything from elsewhere; screen readers say the `title`."""
        size = f'width="{self.width:g}" height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{escape(FONT)}" role="img">'
        ground = f'<rect width="{self.width:g}" height="{self.height:g}" fill="{self.ground}"/>'
        svg = f"{head}<title>{escape(title)}</title>{ground}{''.join(self._svg_parts())}</svg>"
        return svg.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be written

    def png(self) -> bytes:
        """Return it as PNG, two pixels for each CSS pixel."""
        from PIL import Image

        scale = 2 * _PNG_SCALE
        image = Image.new("RGB", (round(self.width * scale), round(self.height * scale)), self.ground)
        for part in self._parts:
            layer = image.copy()
            if isinstance(part, _Words):
                _paint_words(layer, part, scale)
            else:
                _paint(layer, part, scale)
            box = part.box or (0, 0, self.width, self.height)
            mask = Image.new("L", image.size, 0)
            shine = 1 if isinstance(part, _Words) else min(part.alpha, 1)
            left, top, right, bottom = (round(each * scale) for each in box)
            mask.paste(round(255 * shine), (left, top, right, bottom))
            image.paste(layer, (0, 0), mask)
        file = BytesIO()
        size = (round(self.width * _PNG_SCALE), round(self.height * _PNG_SCALE))
        image.resize(size, Image.Resampling.BOX).quantize(256).save(file, "PNG", optimize=True)
        return file.getvalue()

    def _svg_parts(self) -> Iterator[str]:
        for box, parts in groupby(self._parts, key=lambda part: part.box):
            if box is not None:
                left, top, right, bottom = box
                width, height = right - left, bottom - top
                view = f'viewBox="{left:g} {top:g} {width:g} {height:g}"'
                yield f'<svg x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" {view}>'
            yield from map(_svg_of, parts)
            if box is not None:
                yield "</svg>"


def _svg_of(part: _Shape | _Words) -> str:
    if isinstance(part, _Words):
        turn = f' transform="rotate(-90 {part.x:.1f} {part.y:.1f})"' if part.upright else ""
        place = f'x="{part.x:.1f}" y="{part.y:.1f}" font-size="{part.size:g}" text-anchor="{part.anchor}"'
        return f'<text {place} fill="{part.colour}"{turn}>{escape(part.words)}</text>'
    if part.circle:
        half, arc = part.circle / 2, f"a{part.circle / 2:g} {part.circle / 2:g} 0 1 0"
        rings = [
            f"M{x - half:.1f} {y:.1f}{arc} {2 * half:g} 0{arc} {-2 * half:g} 0" for x, y in part.outlines[0]
        ]
        path = "".join(rings)
    else:
        end = "z" if part.fill else ""
        path = "".join(_outline(each) + end for each in part.outlines)
    dash = f' stroke-dasharray="{" ".join(f"{each:g}" for each in part.dash)}"' if part.dash else ""
    stroke = f' stroke="{part.line}" stroke-width="{part.width:g}"{dash}' if part.line else ""
    seen = "" if part.alpha >= 1 else f' opacity="{part.alpha:.2g}"'
    return f'<path d="{path}" fill="{part.fill or "none"}"{stroke}{seen}/>'


def _outline(points: Points) -> str:
    """Return a path by its steps, in tenths of a pixel: half as long as by its places."""
    at = [(round(x, 1), round(y, 1)) for x, y in points]
    steps = (f"l{round(c - a, 1):g} {round(d - b, 1):g}" for (a, b), (c, d) in pairwise(at))
    return "M{:g} {:g}".format(*at[0]) + "".join(steps) if at else ""


def _paint(image: Image, part: _Shape, scale: int) -> None:
    """Draw a shape on an image, `scale` pixels for each CSS pixel."""
    from PIL import ImageDraw

    pen, thick, half = ImageDraw.Draw(image), max(1, round(part.width * scale)), part.circle * scale / 2
    for outline in part.outlines:
        at = [(x * scale, y * scale) for x, y in outline]
        if part.circle:
            for x, y in at:
                pen.ellipse((x - half, y - half, x + half, y + half), part.fill, part.line, thick)
        elif part.fill and len(at) > 2:
            pen.polygon(at, part.fill, part.line, thick)
        else:
            for piece in _dashed(at, [each * scale for each in part.dash]) if part.dash else (at,):
                pen.line(list(piece), part.line, thick, "curve")


def _paint_words(image: Image, part: _Words, scale: int) -> None:
    from PIL import Image, ImageDraw, ImageFont

    font: Any = ImageFont.load_default(part.size * scale)
    words = part.words.replace("\N{MINUS SIGN}", "-")  # Pillow's own font has none
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[part.anchor]
    x, y = part.x * scale, part.y * scale
    if not part.upright:
        ImageDraw.Draw(image).text((x, y), words, part.colour, font, anchor)
        return
    left, top, right, bottom = (round(each) for each in font.getbbox(words, anchor=anchor))
    sheet = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(sheet).text((-left, -top), words, 255, font, anchor)
    turned = sheet.rotate(90, expand=True)
    image.paste(part.colour, (round(x) + top, round(y) - right), turned)


def _dashed(points: Points, dash: Sequence[float]) -> Iterator[Points]:
    """Return the pieces of a line that are drawn; `dash` has the lengths of strokes and gaps, in turn."""
    left, place, piece = dash[0], 0, [points[0]]
    for (x, y), (to_x, to_y) in pairwise(points):
        length, done = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5, 0.0
        while length - done > left:
            done += left
            corner = (x + (to_x - x) * done / length, y + (to_y - y) * done / length)
            if place % 2 == 0:
                yield [*piece, corner]
            place, piece = place + 1, [corner]
            left = dash[place % len(dash)]
        left -= length - done
        piece.append((to_x, to_y))
    if place % 2 == 0:
        yield piece
