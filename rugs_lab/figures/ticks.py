"""Where the labels of an axis stand, and what they say: round numbers, as many as there is room for."""

import re
from math import ceil, floor, log10
from typing import Any


def minus(words: str) -> str:
    """Return words with the minus sign that Bokeh has on its axes before their numbers; ids stay."""
    return re.sub(r"(?<![\w.-])-(?=[\d.])", "\N{MINUS SIGN}", words)


def padded(low: float, high: float, log: bool) -> tuple[float, float]:
    """Return a range with a little room on both sides of the values."""
    if log:
        factor = (high / low) ** 0.05 if high > low else 1.5
        return low / factor, high * factor
    room = (high - low) * 0.05 or abs(low) * 0.1 or 0.5
    return low - room, high + room


def round_ticks(low: float, high: float, room: int) -> list[float]:
    """Return multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / max(room, 1) or 1.0
    power = 10.0 ** floor(log10(rough))
    step = next(each * power for each in (1, 2, 5, 10) if each * power >= rough * 0.999)
    return [
        round(number * step, 12) for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
    ]


def log_ticks(low: float, high: float, room: int) -> list[float]:
    """Return round numbers on a log axis, as many as there is room for: 1, 2 and 5 where those are three."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    few: tuple[tuple[float, ...], ...] = ((1, 2, 5), (1, 3), (1,))
    for place, multiples in enumerate(
        (*few, (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5, 7), *few)
    ):
        found = [float(f"{each * 10.0**power:.3g}") for power in powers for each in multiples]
        inside = [each for each in found if low <= each <= high]
        if 3 * (place < len(few)) <= len(inside) <= room:
            return inside if len(inside) > 1 else round_ticks(low, high, room)
    return inside[:: ceil(len(inside) / max(room, 1))]


def tick_words(value: float, formatter: Any) -> str:
    """Return the label of a value, as a Bokeh formatter would write it."""
    form = str(getattr(formatter, "format", ""))
    if type(formatter).__name__ == "PrintfTickFormatter":
        return f"{value:,.0f}" if abs(value) >= 1000 else form % value
    if form == "0 %":
        return f"{100 * value:.3g} %"
    return f"{value:,.12g}"
