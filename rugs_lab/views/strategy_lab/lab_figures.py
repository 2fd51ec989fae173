"""What the strategy widget draws of a run: the empty figures once, and their state for each run.

A state travels as one JSON value and one float64 buffer: each column of numbers is put into the buffer, and
``{"$": [start, length]}`` is in its place.
"""

from functools import cache
from typing import Any, Final

import numpy as np

from rugs_lab.estimates.estimate import UNKNOWN
from rugs_lab.figures.figure_base import BUILDING
from rugs_lab.figures.run_figure_state import PlayedGame, equity_state, path_state, profit_state
from rugs_lab.figures.run_figures import (
    DRAWDOWN_HEIGHT,
    EQUITY_HEIGHT,
    empty_path,
    equity_figures,
    profit_figure,
)
from rugs_lab.trading.account.fill_marks import played_game
from rugs_lab.trading.backtest.run import Run
from rugs_lab.views.strategy_lab.key_figures import key_rows, verdict

PATHS: Final = 4
"""Games that are drawn."""
SHOWN_FROM: Final = 40
"""They are among the first so many, where the strategy acts in any of those."""
SHOWN_AT_MOST: Final = 400
"""Else among the first so many."""


@cache
def empty_figures(theme: str) -> dict[str, Any]:
    """Return the figures without data, each as BokehJS embeds it, by name."""
    with BUILDING:
        from bokeh.embed import json_item
        from bokeh.layouts import column

        profit = profit_figure([], UNKNOWN, theme=theme)
        profit.height = EQUITY_HEIGHT + DRAWDOWN_HEIGHT
        figures: dict[str, Any] = {
            "equity": column(equity_figures([], 1.0, theme=theme), sizing_mode="stretch_width"),
            "profit": profit,
        }
        figures |= {f"path{place}": empty_path(theme) for place in range(PATHS)}
        return {name: json_item(figure) for name, figure in figures.items()}


class Sample:
    """Which games are drawn: the same ones while the strategy acts in any of them, for comparison."""

    def __init__(self) -> None:
        self.places: tuple[int, ...] = ()

    def of(self, run: Run) -> list[PlayedGame]:
        """Return the games with what was done in them."""
        acted = np.flatnonzero(run.results.buys + run.results.bets)
        kept = [place for place in self.places if place < len(run)]
        if not kept or not np.isin(kept, acted).any():
            kept = self._chosen(run, acted)
        self.places = tuple(kept)
        return [played_game(game, entries) for game, entries in run.games_at(kept)]

    def _chosen(self, run: Run, acted: np.ndarray[Any, Any]) -> list[int]:
        near = acted[acted < SHOWN_FROM]
        among = near if len(near) else acted[acted < SHOWN_AT_MOST]
        if not len(among):
            among = np.arange(min(len(run), PATHS))
        if not len(among):
            return []
        picked: list[int] = among[np.linspace(0, len(among) - 1, PATHS).round().astype(int)].tolist()
        return sorted(set(picked))


def picture(run: Run, sample: Sample) -> tuple[dict[str, Any], bytes]:
    """Return what the page shows of a run, and its numbers."""
    figures: dict[str, Any] = {
        "equity": equity_state(run.equity_lamports / 1e9, run.cash_sol),
        "profit": profit_state(run.results.profit / 1e9, run.profit_so_far),
    }
    for place, game in enumerate(sample.of(run)):
        figures[f"path{place}"] = path_state(game)
    columns: list[np.ndarray[Any, Any]] = []
    packed = _packed(figures, columns)
    content = {
        "figures": packed,
        "rows": [list(row) for row in key_rows(run)],
        "verdict": verdict(run),
        "games": len(run),
    }
    return content, np.concatenate([np.empty(0), *columns]).tobytes()


def _packed(value: Any, columns: list[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, dict):
        return {name: _packed(each, columns) for name, each in value.items()}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiub":
            return value.tolist()
        start = sum(map(len, columns))
        columns.append(value.astype(np.float64))
        return {"$": [start, len(value)]}
    return value.item() if isinstance(value, np.generic) else value
