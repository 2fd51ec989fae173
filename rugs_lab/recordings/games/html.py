"""How `Games` shows itself in a notebook: counts, a strip of small price paths, its last rows."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.recordings.games.game import STATUSES

if TYPE_CHECKING:
    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.games.games import Games

_ROWS: Final = 10
_PATHS: Final = 12
_WIDTH: Final = 60
_HEIGHT: Final = 28
_COLUMNS: Final = ["start", "ticks", "peak", "rug_price", "status", "missing", "trades", "verified"]
_MANY: Final = 200_000


def html_of(games: Games) -> str:
    """Return counts by status, up to twelve price paths, and the last ten rows."""
    if not len(games):
        return f"<p>{escape(repr(games))}</p>"
    shown = games[-_ROWS:]
    counts = f"{len(games):,} games"
    if len(games) <= _MANY:
        tally = np.bincount(games.columns.status, minlength=len(STATUSES))
        parts = [f"{count:,} {name}" for name, count in zip(STATUSES, tally, strict=True) if count]
        counts += ": " + ", ".join(reversed(parts))
    if games.damaged:
        counts += f"; {games.damaged:,} rows of damage"
    table: str = shown.frame[_COLUMNS].to_html(border=0)
    strip = "".join(_path(game) for game in games[-_PATHS:])
    return f"<p>{escape(counts)}. The last {len(shown)}:</p><div>{strip}</div>{table}"


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
