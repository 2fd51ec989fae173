"""Candles in the price chart: first, highest, lowest and last price of so many ticks each.

The page computes them from the path it has (``static/candles.js``), by tick: candle ``k`` of a width ``w``
holds the ticks ``k w`` to ``k w + w - 1``, as ``prices.groupby(ticks // w).ohlc()`` would. A hollow body
rose, a filled one fell, so that nothing hangs on a colour; two colours are an option of the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rugs_lab.figures.figure_base import data_source, hover

if TYPE_CHECKING:
    from bokeh.plotting import figure

COLUMNS: Final = ("tick", "left", "right", "open", "high", "low", "close", "bottom", "top", "line", "fill")
"""Of the data source ``candles``: ``tick`` is the middle, ``bottom`` and ``top`` those of the body."""


def add_candles(plot: figure) -> Any:
    """Add wicks and bodies to a price figure; return their data source, named ``candles``."""
    source = data_source("candles", COLUMNS)
    line: dict[str, Any] = {"line_color": "line", "line_width": 1.2}
    plot.segment("tick", "low", "tick", "high", source=source, **line)
    line |= {name: name for name in ("left", "right", "bottom", "top")}
    bodies = plot.quad(source=source, fill_color="fill", **line)
    prices = {"first": "open", "highest": "high", "lowest": "low", "last": "close"}
    tips = [(word, f"@{column}{{0.0000}}x") for word, column in prices.items()]
    hover(plot, [bodies], [("around tick", "@tick"), *tips])
    return source
