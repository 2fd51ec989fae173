"""Colours of the figures, light and dark: hues that colour-blind people tell apart.

No meaning hangs on a colour alone: every series has its own marker, dash or label too.
"""

from dataclasses import dataclass
from typing import Final

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


# Okabe and Ito's palette; on a dark ground the lighter member of each hue.
LIGHT: Final = Palette(
    ground="#ffffff",
    text="#333333",
    muted="#616161",
    grid="#e4e4e4",
    price="#0072b2",
    ghost="#a3a3a3",
    backfilled="#b36b00",
    rug="#c44e00",
    cut="#8a4f7d",
    buy="#007a5a",
    sell="#a03c86",
    bet="#4b5fb5",
    others=("#009e73", "#a03c86", "#b36b00", "#4b5fb5", "#7a7a00", "#8c564b"),
)
DARK: Final = Palette(
    ground="#111111",
    text="#d6d6d6",
    muted="#a6a6a6",
    grid="#3a3a3a",
    price="#56b4e9",
    ghost="#7d7d7d",
    backfilled="#e69f00",
    rug="#ff7f3f",
    cut="#d79cc6",
    buy="#3ccf9f",
    sell="#e592cf",
    bet="#a3b3ff",
    others=("#3ccf9f", "#e592cf", "#e6b04d", "#a3b3ff", "#d6d65c", "#c9a08f"),
)


def palette(theme: str) -> Palette:
    """Return the colours of a theme."""
    if theme == "light":
        return LIGHT
    if theme == "dark":
        return DARK
    raise ArgumentError(f"theme must be 'light' or 'dark'; got {theme!r}")
