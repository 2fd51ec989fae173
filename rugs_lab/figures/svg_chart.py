"""Small static charts as SVG text: no script and no network; ``tear_sheet.css`` and a palette colour them.

Classes of the elements: ``line``, ``band``, ``bar``, ``rule`` (a dashed level), and the marks ``buy`` (a
triangle that points up), ``sell`` (one that points down), ``rug`` (a square) and ``bet`` (a diamond). Shape
carries the meaning, colour only helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.figures.palette import DARK, LIGHT, Palette

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 460, 210, 58, 448, 26, 176
_SHAPES: Final = {
    "buy": "M0-6 5 4-5 4z",
    "sell": "M0 6 5-4-5-4z",
    "rug": "M-4-4H4V4H-4z",
    "bet": "M0-6 5 0 0 6-5 0z",
}


class Layer(NamedTuple):
    """What is drawn: a kind, numbers (those that are not finite are left out), words for marks.

    A ``band`` is from `y` to `top`, a ``bar`` from 0 to `y`; a ``rule`` is a level.
    """

    kind: str
    x: ArrayLike
    y: ArrayLike
    top: ArrayLike | None = None
    words: Sequence[str] = ()


def style() -> str:
    """Return the style sheet, light or dark as the system or JupyterLab has it."""
    light, dark = (
        ";".join(f"--{each.name}:{getattr(colours, each.name)}" for each in fields(Palette)[:-1])
        for colours in (LIGHT, DARK)
    )
    return (
        f".rl-sheet{{{light}}}@media(prefers-color-scheme:dark){{.rl-sheet{{{dark}}}}}"
        f"[data-jp-theme-light='true'] .rl-sheet{{{light}}}[data-jp-theme-light='false'] .rl-sheet{{{dark}}}"
        + files("rugs_lab.figures").joinpath("tear_sheet.css").read_text("utf-8")
    )


def chart(title: str, x_label: str, y_label: str, layers: Sequence[Layer], *, log: bool = False) -> str:
    """Return a chart as an ``<svg>`` element; `log`: the vertical axis is logarithmic."""
    ends = [np.asarray(each, float) for one in layers for each in (one.y, one.top) if each is not None]
    ends += [np.zeros(1) for one in layers if one.kind == "bar"]
    x = _scale(np.concatenate([np.asarray(each.x, float) for each in layers]), _LEFT, _RIGHT)
    y = _scale(np.concatenate(ends), _BOTTOM, _TOP, log)
    parts = [_text(title, _LEFT, 14, "start", "title"), _text(x_label, (_LEFT + _RIGHT) / 2, _HEIGHT - 4)]
    parts.append(f"<g transform='translate(11 {_HEIGHT / 2}) rotate(-90)'>{_text(y_label, 0, 0)}</g>")
    for at, level in zip(y.of(y.ticks), y.ticks, strict=True):
        parts.append(f"<path class='grid' d='M{_LEFT} {at:.1f}H{_RIGHT}'/>")
        parts.append(_text(f"{level:g}", _LEFT - 5, at + 4, "end"))
    parts += [_text(f"{each:,g}", float(x.of(each)), _BOTTOM + 14) for each in x.ticks]
    parts += [_drawn(layer, x, y) for layer in layers]
    words = escape(f"{title}: {y_label} over {x_label}", quote=True)
    box = f"viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' aria-label='{words}'"
    return f"<svg class='rl-svg' {box}>{''.join(parts)}</svg>"


def _text(words: str, x: float, y: float, anchor: str = "middle", kind: str = "") -> str:
    return f"<text class='{kind}' x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'>{escape(words)}</text>"


class _Scale(NamedTuple):
    """From numbers to pixels, with round numbers to write at the axis."""

    ticks: list[float]
    low: float
    begin: float
    factor: float
    log: bool

    def of(self, value: ArrayLike) -> NDArray[np.float64]:
        numbers = np.asarray(value, float)
        numbers = np.log10(np.maximum(numbers, 1e-12)) if self.log else numbers
        pixels: NDArray[np.float64] = self.begin + (numbers - self.low) * self.factor
        return pixels


def _scale(values: NDArray[np.float64], begin: float, end: float, log: bool = False) -> _Scale:
    some = values[np.isfinite(values) & ((values > 0) | (not log))]
    low, high = (float(some.min()), float(some.max())) if len(some) else (1.0, 2.0)
    if high - low <= 1e-9 * abs(low):
        low, high = (low / 2, high * 2) if log else (low - 0.5, high + 0.5)
    if log:
        ticks = sorted({float(f"{level:.1g}") for level in np.geomspace(low, high, 5)})
        low, high = float(np.log10(low)), float(np.log10(high))
    else:
        step = float(f"{(high - low) / 4:.0e}")
        ticks = [float(f"{step * n:.12g}") for n in range(int(np.ceil(low / step)), int(high / step) + 1)]
    return _Scale(ticks, low, begin, (end - begin) / (high - low), log)


def _drawn(layer: Layer, across: _Scale, up: _Scale) -> str:
    kind, top = layer.kind, layer.y if layer.top is None else layer.top
    if kind == "rule":
        return "".join(f"<path class='rule' d='M{_LEFT} {at:.1f}H{_RIGHT}'/>" for at in up.of(layer.y))
    columns: Any = [across.of(layer.x), up.of(layer.y), up.of(top)]
    good = np.isfinite(columns).all(axis=0)
    x, y, top = np.array(columns)[:, good]
    if kind in _SHAPES:
        words = [each for each, is_good in zip(layer.words or [""] * len(good), good, strict=True) if is_good]
        return "".join(
            f"<path class='mark {kind}' transform='translate({a:.1f} {b:.1f})' d='{_SHAPES[kind]}'>"
            f"<title>{escape(text)}</title></path>"
            for a, b, text in zip(x, y, words, strict=True)
        )
    points = [f"{a:.1f} {b:.1f}" for a, b in zip([*x, *x[::-1]], [*y, *top[::-1]], strict=True)]
    if kind == "bar":
        zero, wide = float(up.of(0.0)), np.clip(0.7 * (_RIGHT - _LEFT) / max(len(x), 1), 0.6, 8)
        path = "".join(
            f"M{a - wide / 2:.1f} {zero:.1f}V{b:.1f}h{wide:.1f}V{zero:.1f}z"
            for a, b in zip(x, y, strict=True)
        )
    else:
        path = f"M{'L'.join(points[: None if kind == 'band' else len(x)])}" if len(x) else ""
    return f"<path class='{kind}' d='{path}'/>"
