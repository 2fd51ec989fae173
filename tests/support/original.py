"""Recordings in the format of the original program, whole or damaged; generated, never copied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

NAIVE = datetime(2025, 10, 30, 12, 0, 0, 5)
COUNTDOWN = range(15000, 0, -1500)


def line(**fields: Any) -> bytes:
    """Return one line as the original wrote it."""
    return json.dumps(fields).encode() + b"\n"


def tick(game_id: str, at: datetime, number: int, price: float, phase: str, **more: Any) -> bytes:
    """Return a tick line; `more` replaces fields."""
    fields = {
        "type": "tick",
        "timestamp": at.isoformat(),
        "game_id": game_id,
        "tick": number,
        "price": price,
        "phase": phase,
        "active": phase not in ("UNKNOWN", "PRESALE"),
        "rugged": False,
        "cooldown_timer": 0,
        "trade_count": number * 3,
    }
    return line(**(fields | more))


def game_lines(
    game_id: str,
    prices: Sequence[float],
    *,
    begin: datetime = NAIVE,
    first: int = 0,
    countdown: bool = True,
    rug: bool = True,
    drift: int = 1,
    end: dict[str, Any] | None = None,
) -> list[bytes]:
    """Return the lines of a game: start, rows before it, ticks from `first`, rug, late frame, end."""
    lines = [line(type="game_start", timestamp=begin.isoformat(), game_id=game_id)]
    if countdown:
        for timer in COUNTDOWN:
            phase = "PRESALE" if timer <= 10000 else "UNKNOWN"
            at = begin + timedelta(milliseconds=15000 - timer)
            row = tick(game_id, at, 0, 1.0, phase, cooldown_timer=timer, trade_count=0)
            lines.append(row)
    started = begin + timedelta(seconds=15)
    *live, last = prices
    for number, price in enumerate(live):
        if number >= first:
            phase = "ACTIVE_GAMEPLAY" if number else "GAME_ACTIVATION"
            lines.append(tick(game_id, started + timedelta(milliseconds=250 * number), number, price, phase))
    at = started + timedelta(milliseconds=250 * len(live))
    if rug:
        lines.append(tick(game_id, at, len(live), last, "ACTIVE_GAMEPLAY", rugged=True))
        late = at + timedelta(seconds=1)
        row = tick(game_id, late, len(live) + drift, last, "RUG_EVENT_1", rugged=True, trade_count=0)
        lines.append(row)
    if end is not None:
        total = {"total_ticks": len(lines) - 1, "final_price": last}
        lines.append(line(type="game_end", timestamp=at.isoformat(), game_id=game_id, **total, **end))
    return lines


def interleaved(*lines: bytes, cut: int = 0) -> bytes:
    """Return one line as two recorders on one file left it: each record but the last cut by `cut` bytes."""
    *cuts, last = (each.rstrip(b"\n") for each in lines)
    return b"".join(each[: len(each) - 1 - cut] + b'{"' for each in cuts) + last + b"\n"
