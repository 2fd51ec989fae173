"""What is drawn over a price path: fills, bet windows, average cost, trades of other people, other games.

Each kind is one renderer with a named, empty data source, so that a page or a figure fills what it has.
Shape and words carry the meaning, colour only helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.account.holdings import OPENING

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

    from rugs_lab.figures.palette import Palette

COLUMNS: Final = {
    "bets": ("left", "right", "alpha"),
    "bet_ends": ("tick", "y", "text"),
    "average": ("price",),
    "crowd": ("tick", "price", "marker"),
    "buys": ("tick", "price", "words"),
    "sells": ("tick", "price", "words"),
    "settled": ("tick", "price", "words"),
    "overlays": ("ticks", "prices", "colour", "name"),
    "overlay_ends": ("tick", "price", "colour", "text"),
    "ghosts": ("ticks", "prices", "alpha"),
    "strategy_fills": ("tick", "price", "marker", "colour", "words"),
}
"""Named data sources and their columns: ticks, multipliers, words; `bets` are windows from tick to tick."""

_KINDS: Final = {
    "buys": ("buy", "cover"),
    "sells": ("sell", "short"),
    "settled": ("rug", "void", "short rug", "liquidated"),
}
"""Data source → lines of the ledger that it shows: a short is drawn as a sell, its cover as a buy."""

_FONT_PX: Final = "11px"


def add_marks(plot: figure, colours: Palette, font: str) -> dict[str, Any]:
    """Add the renderers to a price figure; return their data sources by name.

    Examples
    --------
    >>> from bokeh.plotting import figure
    >>> from rugs_lab.figures.palette import LIGHT
    >>> sorted(add_marks(figure(y_axis_type="log"), LIGHT, "sans-serif"))[:3]
    ['average', 'bet_ends', 'bets']
    """
    from bokeh.core.properties import value
    from bokeh.models import ColumnDataSource, HoverTool

    sources = {
        name: ColumnDataSource({column: [] for column in columns}, name=name)
        for name, columns in COLUMNS.items()
    }
    text: dict[str, Any] = {"text_font": value(font), "text_font_size": _FONT_PX}
    plot.vstrip(
        "left",
        "right",
        source=sources["bets"],
        fill_color=colours.bet,
        fill_alpha="alpha",
        line_color=colours.bet,
        line_alpha=0.5,
        line_dash=[3, 3],
    )
    plot.text(
        "tick",
        "y",
        source=sources["bet_ends"],
        text="text",
        text_color=colours.bet,
        x_offset=4,
        y_offset=-4,
        **text,
    )
    plot.hspan("price", source=sources["average"], line_color=colours.buy, line_dash=[6, 4], line_width=1.2)
    plot.multi_line(
        "ticks",
        "prices",
        source=sources["ghosts"],
        line_color=colours.ghost,
        line_alpha="alpha",
        line_dash=[4, 3],
    )
    plot.multi_line(
        "ticks", "prices", source=sources["overlays"], line_color="colour", line_width=1.4, line_alpha=0.9
    )
    plot.text(
        "tick",
        "price",
        source=sources["overlay_ends"],
        text="text",
        text_color="colour",
        x_offset=4,
        text_baseline="middle",
        **text,
    )
    crowd = plot.scatter(
        "tick",
        "price",
        source=sources["crowd"],
        marker="marker",
        size=6,
        fill_color=None,
        line_color=colours.muted,
        line_alpha=0.8,
    )
    fills: list[Any] = [
        plot.scatter(
            "tick",
            "price",
            source=sources[name],
            marker=marker,
            size=13,
            fill_color=colour,
            line_color=colours.ground,
            line_width=1.2,
        )
        for name, marker, colour in (
            ("buys", "triangle", colours.buy),
            ("sells", "inverted_triangle", colours.sell),
            ("settled", "square", colours.rug),
        )
    ]
    strategy = plot.scatter(
        "tick",
        "price",
        source=sources["strategy_fills"],
        marker="marker",
        size=10,
        fill_color=None,
        line_color="colour",
        line_width=1.8,
    )
    plot.add_tools(HoverTool(renderers=[*fills, strategy], tooltips=[("tick", "@tick"), ("", "@words")]))
    plot.add_tools(
        HoverTool(
            renderers=[crowd], tooltips=[("somebody's trade at tick", "@tick"), ("price", "@price{0.0000}x")]
        )
    )
    return sources


def mark_columns(
    ledger: pd.DataFrame, rug_tick: int | None, edge: float, line: float = 1.12
) -> dict[str, dict[str, Any]]:
    """Return the columns of the sources that one game's rows of a ledger fill, by source.

    Parameters
    ----------
    ledger
        Rows of one game; see `rugs_lab.trading.account.account_frames.ledger_frame`.
    rug_tick
        Where its bet windows end at the latest.
    edge
        Lowest price at which a mark is drawn, so that a settlement at the rug price stays in sight.
    line
        Height of a line of words, as a factor of price.
    """
    columns: dict[str, dict[str, Any]] = {}
    for name, kinds in _KINDS.items():
        rows = ledger[ledger["what"].isin(kinds)]
        words = [
            f"{what} at {price:.4g}x: {change:+.9g} SOL"
            + ("" if what in OPENING else f", profit {profit:+.9g} SOL")
            for what, price, change, profit in zip(
                rows["what"], rows["price"], rows["cash_change_sol"], rows["profit_sol"], strict=True
            )
        ]
        prices = np.maximum(rows["price"].to_numpy(np.float64), edge)
        columns[name] = {"tick": rows["tick"].to_numpy(), "price": prices, "words": words}
    bets = ledger[ledger["what"] == "sidebet"]
    ended = ledger[ledger["what"].isin(["won", "lost"])]["what"].tolist()
    ended += ["given back"] * (len(bets) - len(ended))
    left = bets["tick"].to_numpy(np.float64)
    right = left + SIDEBET_TICKS if rug_tick is None else np.minimum(left + SIDEBET_TICKS, rug_tick)
    columns["bets"] = {"left": left, "right": right, "alpha": np.full(len(left), 0.1)}
    short = len(bets) > 2  # no room for more words
    text = [
        end if short else f"bet {-paid:g} SOL: {end}"
        for paid, end in zip(bets["cash_change_sol"], ended, strict=True)
    ]
    height = edge * line ** (1.6 + np.arange(len(left)) % 2)
    at = left if rug_tick is None else np.minimum(left, 0.92 * rug_tick)  # a late one stays in the picture
    columns["bet_ends"] = {"tick": at, "y": height, "text": text}
    return columns
