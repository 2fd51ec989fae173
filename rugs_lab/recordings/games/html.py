"""How `Games` shows itself in a notebook: counts, a strip of small price paths, its last rows."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.recordings.games.game import STATUSES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.recordings.games.game import Game

ROWS: Final = 10
PATHS: Final = 12
_WIDTH: Final = 60
_HEIGHT: Final = 28
_COLUMNS: Final = ["start", "ticks", "peak", "rug_price", "status", "missing", "trades", "verified"]


def html_of(
    count: int, statuses: NDArray[np.int8] | None, damage: int, last: Iterable[Game], frame: pd.DataFrame
) -> str:
    """Return counts by status, some price paths, and a table, of `count` games.

    `statuses`: codes into `STATUSES`, one per game; None: not counted. `damage`: rows of damage. `last`:
    games whose price paths are drawn. `frame`: rows of ``games.frame`` that are shown.
    """
    counts = f"{count:,} games"
    if statuses is not None:
        numbers = np.bincount(statuses, minlength=len(STATUSES))
        parts = [f"{number:,} {name}" for name, number in zip(STATUSES, numbers, strict=True) if number]
        counts += ": " + ", ".join(reversed(parts))
    if damage:
        counts += f"; {damage:,} rows of damage"
    table: str = frame[_COLUMNS].to_html(border=0)
    strip = "".join(_path(game) for game in last)
    return f"<p>{escape(counts)}. The last {len(frame)}:</p><div>{strip}</div>{table}"


def _path(game: Game) -> str:
    """Draw one game, its prices on a log axis; the rug is left out and marked by a dot."""
    ticks = np.flatnonzero(~np.isnan(game.prices[: game.rug_tick]))
    title = f"<title>{escape(repr(game))}</title>"
    line = ""
    if len(ticks) > 1:
        ticks = ticks[np.unique(np.linspace(0, len(ticks) - 1, _WIDTH).astype(int))]
        y = np.log(game.prices[ticks])
        x = ticks * (_WIDTH - 4) / max(int(ticks[-1]), 1) + 2
        span = max(float(np.ptp(y)), 1e-9)
        y = _HEIGHT - 3 - (y - y.min()) / span * (_HEIGHT - 6)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1"/>'
        if game.rug_tick is not None:
            line += f'<circle cx="{x[-1]:.1f}" cy="{y[-1]:.1f}" r="2" fill="currentColor"/>'
    return f'<svg width="{_WIDTH}" height="{_HEIGHT}" role="img" style="margin-right:6px">{title}{line}</svg>'
