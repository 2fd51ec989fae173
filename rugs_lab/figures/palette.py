"""Colours of the figures, light and dark: hues that colour-blind people tell apart.

No meaning hangs on a colour alone: every series has its own marker, dash or label too.
"""

from dataclasses import dataclass
from typing import Any, Final

from rugs_lab.errors import ArgumentError


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one theme, as CSS hex strings."""

    ground: str
    text: str
    muted: str
    grid: str
    price: str
    ghost: str
    backfilled: str
    rug: str
    cut: str
    buy: str
    sell: str
    bet: str
    others: tuple[str, ...]
    """Of further games, in turn."""


# Okabe and Ito's palette, light and dark; on a dark ground the lighter member of each hue.
_COLOURS: Final[dict[str, tuple[Any, Any]]] = {
    "ground": ("#ffffff", "#111111"),
    "text": ("#333333", "#d6d6d6"),
    "muted": ("#616161", "#a6a6a6"),
    "grid": ("#e4e4e4", "#3a3a3a"),
    "price": ("#0072b2", "#56b4e9"),
    "ghost": ("#a3a3a3", "#7d7d7d"),
    "backfilled": ("#b36b00", "#e69f00"),
    "rug": ("#c44e00", "#ff7f3f"),
    "cut": ("#8a4f7d", "#d79cc6"),
    "buy": ("#007a5a", "#3ccf9f"),
    "sell": ("#a03c86", "#e592cf"),
    "bet": ("#4b5fb5", "#a3b3ff"),
    "others": (
        ("#009e73", "#a03c86", "#b36b00", "#4b5fb5", "#7a7a00", "#8c564b"),
        ("#3ccf9f", "#e592cf", "#e6b04d", "#a3b3ff", "#d6d65c", "#c9a08f"),
    ),
}
LIGHT, DARK = (Palette(**{name: both[place] for name, both in _COLOURS.items()}) for place in (0, 1))


def palette(theme: str) -> Palette:
    """Return the colours of a theme."""
    if theme == "light":
        return LIGHT
    if theme == "dark":
        return DARK
    raise ArgumentError(f"theme must be 'light' or 'dark'; got {theme!r}")
