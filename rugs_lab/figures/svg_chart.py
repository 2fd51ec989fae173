"""Small static charts as SVG text: no script, no network, coloured by the style sheet of the page around them.

Classes of the elements: ``line``, ``band``, ``bar``, ``rule`` (a dashed level), and the marks ``buy`` (a
triangle that points up), ``sell`` (one that points down), ``rug`` (a square) and ``bet`` (a diamond). Shape
carries the meaning, colour only helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

WIDTH, HEIGHT = 460, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 26, 34
_SHAPES: Final = {
    "buy": "M0-6 5 4-5 4z",
    "sell": "M0 6 5-4-5-4z",
    "rug": "M-4-4H4V4H-4z",
    "bet": "M0-6 5 0 0 6-5 0z",
}
STYLE: Final = (
    ".rl-svg{width:100%;height:auto;display:block}.rl-svg text{font:11px system-ui,sans-serif;fill:var(--muted)}"
    ".rl-svg .title{font-size:12px;fill:var(--text)}.rl-svg .grid{stroke:var(--grid)}"
    ".rl-svg .line{fill:none;stroke:var(--price);stroke-width:1.6;stroke-linejoin:round}"
    ".rl-svg .band,.rl-svg .bar{fill:var(--price);opacity:.25}.rl-svg .bar{opacity:.75}"
    ".rl-svg .rule{stroke:var(--muted);stroke-dasharray:5 4}.rl-svg .buy{fill:var(--buy)}"
    ".rl-svg .sell{fill:var(--sell)}.rl-svg .rug{fill:var(--rug)}.rl-svg .bet{fill:var(--bet)}"
    ".rl-svg .mark{stroke:var(--ground)}"
)
"""Its variables are the names of `rugs_lab.figures.palette.Palette`."""


class Layer(NamedTuple):
    """What is drawn over ``x``: ``line``, ``band`` (from `y` to `top`), ``bar`` (from 0), ``rule``, or a mark.

    Attributes
    ----------
    kind
        The class of its elements.
    x, y, top
        Numbers; those that are not finite are left out.
    words
        Shown when one points at a mark.
    """

    kind: str
    x: ArrayLike
    y: ArrayLike
    top: ArrayLike | None = None
    words: Sequence[str] = ()


def chart(title: str, x_label: str, y_label: str, layers: Sequence[Layer], *, log: bool = False) -> str:
    """Return a chart as an ``<svg>`` element; `log`: the vertical axis is logarithmic."""
    values = [np.asarray(each.x, float) for each in layers if each.kind != "rule"]
    heights = [np.asarray(each, float) for layer in layers for each in (layer.y, layer.top) if each is not None]
    if any(layer.kind == "bar" for layer in layers):
        heights.append(np.zeros(1))
    across = _Scale(np.concatenate(values or [np.zeros(1)]), _LEFT, WIDTH - _RIGHT)
    up = _Scale(np.concatenate(heights or [np.zeros(1)]), HEIGHT - _BOTTOM, _TOP, log, room=0.05)
    parts = [f'<text class="title" x="{_LEFT}" y="14">{escape(title)}</text>']
    for at in up.ticks:
        y = up.of(at)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{at:g}</text>')
    for at in across.ticks:
        parts.append(
            f'<text x="{across.of(at):.1f}" y="{HEIGHT - _BOTTOM + 14}" text-anchor="middle">{at:,g}</text>'
        )
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{escape(x_label)}</text>')
    parts.append(
        f'<text transform="translate(11 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>'
    )
    parts += [_drawn(layer, across, up) for layer in layers]
    words = escape(f"{title}: {y_label} over {x_label}", quote=True)
    return (
        f'<svg class="rl-svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words}">'
        f"{''.join(parts)}</svg>"
    )


def _drawn(layer: Layer, across: _Scale, up: _Scale) -> str:
    y = np.asarray(layer.y, float)
    if layer.kind == "rule":
        return "".join(f'<path class="rule" d="M{_LEFT} {up.of(at):.1f}H{WIDTH - _RIGHT}"/>' for at in y)
    x = np.asarray(layer.x, float)
    top = y if layer.top is None else np.asarray(layer.top, float)
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(top)
    x, y, top = across.of(x[good]), up.of(y[good]), up.of(top[good])
    if layer.kind in _SHAPES:
        words = [escape(each) for each in layer.words] or [""] * len(good)
        shown = [each for each, is_good in zip(words, good, strict=True) if is_good]
        return "".join(
            f'<path class="mark {layer.kind}" transform="translate({a:.1f} {b:.1f})" '
            f'd="{_SHAPES[layer.kind]}"><title>{text}</title></path>'
            for a, b, text in zip(x, y, shown, strict=True)
        )
    if not len(x):
        return ""
    if layer.kind == "bar":
        zero, wide = up.of(0.0), max(0.6, min(8.0, 0.7 * (WIDTH - _LEFT - _RIGHT) / len(x)))
        bars = (f"M{a - wide / 2:.1f} {zero:.1f}v{b - zero:.1f}h{wide:.1f}V{zero:.1f}z" for a, b in zip(x, y, strict=True))
        return f'<path class="bar" d="{"".join(bars)}"/>'
    points = [f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True)]
    if layer.kind == "band":
        points += [f"{a:.1f} {b:.1f}" for a, b in zip(x[::-1], top[::-1], strict=True)]
    return f'<path class="{layer.kind}" d="M{"L".join(points)}"/>'


class _Scale:
    """From numbers to pixels, with round numbers to write at the axis."""

    def __init__(
        self, values: NDArray[np.float64], begin: float, end: float, log: bool = False, room: float = 0.0
    ) -> None:
        some = values[np.isfinite(values) & ((values > 0) | (not log))]
        low, high = (float(some.min()), float(some.max())) if len(some) else (0.0, 1.0)
        low, high = (np.log10(low), np.log10(high)) if log else (low, high)
        if high - low < 1e-12 * max(abs(low), 1.0):
            low, high = low - 0.5, high + 0.5
        edge = room * (high - low)
        self._log, self._low, self._begin = log, low - edge, begin
        self._factor = (end - begin) / (high - low + 2 * edge)
        if log:
            grid = [a * 10.0**b for b in range(-9, 10) for a in (1, 2, 5)]
            inside = [each for each in grid if low - edge <= np.log10(each) <= high + edge]
            self.ticks = inside[:: max(1, len(inside) // 5)]
        else:
            step = 10.0 ** np.floor(np.log10((high - low) / 4))
            step *= min((1, 2, 5, 10), key=lambda each: abs((high - low) / 4 - each * step))
            first = np.ceil((low - edge) / step)
            count = int(np.floor((high + edge) / step) - first) + 1
            self.ticks = [round(float((first + n) * step), 12) for n in range(count)]

    def of(self, value: ArrayLike) -> NDArray[np.float64]:
        """Return pixels."""
        numbers = np.asarray(value, float)
        if self._log:
            numbers = np.log10(np.maximum(numbers, 1e-12))
        pixels: NDArray[np.float64] = self._begin + (numbers - self._low) * self._factor
        return pixels
