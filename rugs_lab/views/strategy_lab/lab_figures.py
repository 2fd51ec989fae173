"""What the strategy widget draws of a run: the empty figures once, and their state for each run.

A state travels as one JSON value and one float64 buffer: each column of numbers is put into the buffer, and
``{"$": [start, length]}`` is in its place.
"""

from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.estimates.estimate import UNKNOWN
from rugs_lab.figures import run_figures as draw
from rugs_lab.figures.figure_base import BUILDING
from rugs_lab.figures.ticks import minus
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.trading.account.fill_marks import played_game
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.backtest.run_stats import ABOVE, PENDING, PROFIT, RUIN

LATER: Final = "…"
NONE: Final = "-"


class Row(NamedTuple):
    """One figure; all of it words."""

    name: str
    value: str
    interval: str
    n: str
    baseline: str


def key_rows(run: Run) -> list[Row]:
    """Return the rows for what is known of a run: its `stats` if they were asked for, else its `figures`."""
    asked = "stats" in run.__dict__
    known = run.stats if asked else run.figures
    bets = int(run.counted.bets.sum())
    chance = f"{100 * rug_within():.2f} % by the price process · {100 / SIDEBET_PAYOUT:g} % breaks even"

    def row(name: str, label: str, n: str, baseline: str = "0", *, sign: bool = False) -> Row:
        if label not in known.index:
            return Row(name, LATER, LATER, n, baseline)
        figure: Any = known.loc[label]
        unit = label.rpartition("[")[2].removesuffix("]").split()[0]
        low, high = float(figure["low"]), float(figure["high"])
        sure = f"{_bare(low, 3, sign)} to {_bare(high, 3, sign)}" if low == low and high == high else NONE
        words = _number(float(figure["value"]), unit, sign)
        count = int(figure["n"])
        return Row(name, words, sure, f"{count:,} {n}{'' if count == 1 else 's'}", baseline)

    expected = _number(known["expected"].loc[PROFIT], "", True)
    rows = [
        row("profit per game", PROFIT, "game", f"0 no trades · expected {expected}", sign=True),
        row("profit above expected", ABOVE, "game", sign=True),
        row("games won, of those acted in", "win rate [%]", "game", NONE),
        row("side bets won", "side-bet hit rate [%]", "bet", chance),
        row("total profit", "total profit [SOL]", "game", sign=True),
        row("largest drawdown", "max drawdown [SOL]", "game"),
        row(f"ruin within {SESSION_GAMES} games", RUIN, "session"),
        row("ticks in a position", "exposure, positions [% of ticks]", "game"),
    ]
    return [row for row in rows if bets or row.name != "side bets won"]


def verdict(run: Run) -> str:
    """Return whether the mean differs from zero, in words."""
    if run.gone_after is not None:
        return f"the cash ran out after game {run.gone_after:,}: figures cover only the games before that"
    mean = run.profit_so_far
    if mean.low != mean.low:
        pending = PENDING in str(run.figures.loc[PROFIT, "note"])
        return "its interval comes with the baselines" if pending else "too few games to tell"
    return {"gains": "profit per game is above 0", "loses": "profit per game is below 0"}.get(
        mean.verdict, "profit per game is not distinguishable from 0"
    )


def _number(value: float, unit: str, sign: bool) -> str:
    return NONE if value != value else f"{_bare(value, 4, sign)} {unit}".strip()


def _bare(value: float, digits: int, sign: bool) -> str:
    text = f"{value:{'+' if sign and value else ''}.{digits}g}"
    if "e" in text:
        text = f"{value:{'+' if sign else ''}.9f}".rstrip("0").rstrip(".")
    return minus(text)


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

        profit = draw.profit_figure([], UNKNOWN, theme=theme)
        profit.height = draw.EQUITY_HEIGHT + draw.DRAWDOWN_HEIGHT
        figures: dict[str, Any] = {
            "equity": column(draw.equity_figures([], 1.0, theme=theme), sizing_mode="stretch_width"),
            "profit": profit,
        }
        figures |= {f"path{place}": draw.empty_path(theme) for place in range(PATHS)}
        return {name: json_item(figure) for name, figure in figures.items()}


class Sample:
    """Which games are drawn: the same ones while the strategy acts in any of them, for comparison."""

    def __init__(self) -> None:
        self.places: tuple[int, ...] = ()

    def of(self, run: Run) -> list[draw.PlayedGame]:
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
        "equity": draw.equity_state(run.equity_lamports / 1e9, run.cash_sol),
        "profit": draw.profit_state(run.results.profit / 1e9, run.profit_so_far),
    }
    for place, game in enumerate(sample.of(run)):
        figures[f"path{place}"] = draw.path_state(game)
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
