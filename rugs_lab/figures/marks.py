"""What is drawn over a price path: fills, bet windows, average cost, trades of other people, other games.

Each kind is one renderer with a named, empty data source, so that a page or a figure fills what it has.
Shape and words carry the meaning, colour only helps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.figures.figure_base import FONT, data_source, hover
from rugs_lab.figures.palette import Palette

if TYPE_CHECKING:
    from bokeh.plotting import figure

COLUMNS: Final = {
    "bets": ("left", "right", "alpha"),
    "bet_ends": ("tick", "y", "text"),
    "average": ("price",),
    "other_trades": ("tick", "price", "marker"),
    "buys": ("tick", "price", "words"),
    "sells": ("tick", "price", "words"),
    "settled": ("tick", "price", "words"),
    "overlays": ("ticks", "prices", "colour", "name"),
    "overlay_ends": ("tick", "price", "colour", "text"),
    "ghosts": ("ticks", "prices", "alpha"),
    "fill_texts": ("tick", "price", "text", "align", "shift"),
    "strategy_fills": ("tick", "price", "marker", "colour", "words"),
}
"""Named data sources and their columns: ticks, multipliers, words; `bets` are windows from tick to tick."""

_FILLS: Final = {"buys": "buy", "sells": "sell", "settled": "settled"}
"""Data source → `FillMark.what`."""

_ENDED: Final = {"void": "refunded", None: "open"}

_FONT_PX: Final = "11px"


@dataclass(frozen=True, slots=True)
class FillMark:
    """A fill or a settlement: how it is drawn (``buy``, ``sell``, ``settled``), its name, where it is.

    `change` is that of the cash, `profit` None where nothing was closed; both in SOL.
    """

    what: str
    label: str
    tick: int
    price: float
    change: float
    profit: float | None = None


@dataclass(frozen=True, slots=True)
class BetMark:
    """A side bet: its window in ticks, its stake in SOL, and ``won``, ``lost``, ``void`` or None (open)."""

    start: int
    end: int
    stake: float
    ended: str | None = None


def add_marks(plot: figure, colours: Palette) -> dict[str, Any]:
    """Add the renderers to a price figure; return their data sources by name."""
    from bokeh.core.properties import value

    sources = {name: data_source(name, columns) for name, columns in COLUMNS.items()}
    text: dict[str, Any] = {"text": "text", "text_font": value(FONT), "text_font_size": _FONT_PX}
    dashed: dict[str, Any] = {"line_color": colours.bet, "line_alpha": 0.5, "line_dash": [3, 3]}

    def words(name: str, y: str, colour: str, **look: Any) -> None:
        plot.text("tick", y, source=sources[name], text_color=colour, **text, **look)

    def marks(name: str, marker: str, size: float, fill: str | None, **line: Any) -> Any:
        return plot.scatter(
            "tick", "price", source=sources[name], marker=marker, size=size, fill_color=fill, **line
        )

    plot.vstrip("left", "right", source=sources["bets"], fill_color=colours.bet, fill_alpha="alpha", **dashed)
    words("bet_ends", "y", colours.bet, x_offset=4, y_offset=-4)
    plot.hspan("price", source=sources["average"], line_color=colours.buy, line_dash=[6, 4], line_width=1.2)
    faint: dict[str, Any] = {"line_color": colours.ghost, "line_alpha": "alpha", "line_dash": [4, 3]}
    plot.multi_line("ticks", "prices", source=sources["ghosts"], **faint)
    plot.multi_line(
        "ticks", "prices", source=sources["overlays"], line_color="colour", line_width=1.4, line_alpha=0.9
    )
    words("overlay_ends", "price", "colour", x_offset=4, text_baseline="middle")
    aside: dict[str, Any] = {"text_align": "align", "x_offset": "shift", "y_offset": 16}
    ground: dict[str, Any] = {"background_fill_color": colours.ground, "background_fill_alpha": 0.7}
    words("fill_texts", "price", colours.text, **aside, **ground)
    others = marks("other_trades", "marker", 6, None, line_color=colours.muted, line_alpha=0.8)
    edge: dict[str, Any] = {"line_color": colours.ground, "line_width": 1.2}
    fills = [
        marks("buys", "triangle", 13, colours.buy, **edge),
        marks("sells", "inverted_triangle", 13, colours.sell, **edge),
        marks("settled", "square", 13, colours.rug, **edge),
    ]
    strategy = marks("strategy_fills", "marker", 10, None, line_color="colour", line_width=1.8)
    hover(plot, [*fills, strategy], [("tick", "@tick"), ("", "@words")])
    hover(plot, [others], [("trade of another player at tick", "@tick"), ("price", "@price{0.0000}x")])
    return sources


def mark_columns(
    fills: Sequence[FillMark],
    bets: Sequence[BetMark],
    rug_tick: int | None,
    edge: float,
    line: float = 1.12,
) -> dict[str, dict[str, Any]]:
    """Return the columns of the sources that one game's fills and side bets fill, by source.

    Windows of bets end at the rug at the latest; no mark is drawn below the price `edge`; `line` is the
    height of a line of words, as a factor of price.
    """
    columns: dict[str, dict[str, Any]] = {}
    for name, what in _FILLS.items():
        some = [fill for fill in fills if fill.what == what]
        columns[name] = {
            "tick": np.array([fill.tick for fill in some], np.float64),
            "price": np.maximum(np.array([fill.price for fill in some], np.float64), edge),
            "words": [_words(fill) for fill in some],
        }
    left = np.array([bet.start for bet in bets], np.float64)
    right = np.array([bet.end for bet in bets], np.float64)
    short = len(bets) > 2  # no room for more words
    ended = [_ENDED.get(bet.ended, bet.ended) for bet in bets]
    text = [end if short else f"bet {bet.stake:g} SOL: {end}" for bet, end in zip(bets, ended, strict=True)]
    columns["bets"] = {
        "left": left,
        "right": right if rug_tick is None else np.minimum(right, rug_tick),
        "alpha": np.full(len(left), 0.1),
    }
    at = left if rug_tick is None else np.minimum(left, 0.92 * rug_tick)  # a late one stays in the picture
    close = np.diff(at).min(initial=np.inf) < (0.06 if short else 0.15) * (rug_tick or right.max(initial=0))
    height = edge * line ** (
        close * (np.arange(len(left)) % 2) - 0.6
    )  # below the prices, in two rows if need be
    columns["bet_ends"] = {"tick": at, "y": height, "text": text}
    return columns


def _words(fill: FillMark) -> str:
    profit = "" if fill.profit is None else f", profit {fill.profit:+.9g} SOL"
    return f"{fill.label} at {fill.price:.4g}x: {fill.change:+.9g} SOL{profit}"
