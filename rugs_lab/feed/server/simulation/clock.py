"""The simulation's own clock: virtual milliseconds, moved only by the events that are played."""

from datetime import UTC, datetime
from typing import Final

EPOCH_MS: Final = 1_767_268_800_000
"""Where the clock of a seeded simulation starts: 2026-01-01T12:00:00Z, in Unix ms."""

DAY_MS: Final = 86_400_000


class Clock:
    """Virtual time that never goes back."""

    __slots__ = ("now_ms",)

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def advance_to(self, due_ms: int) -> int:
        """Move to `due_ms` (Unix ms) and return the step in ms; a time gone by moves nothing."""
        step = max(due_ms - self.now_ms, 0)
        self.now_ms += step
        return step


def utc_day(unix_ms: int) -> str:
    """Return the UTC date of Unix ms as in a game id."""
    return f"{_utc(unix_ms):%Y%m%d}"


def iso_utc(unix_ms: int) -> str:
    """Return Unix ms as ISO 8601 with milliseconds and Z."""
    return f"{_utc(unix_ms):%Y-%m-%dT%H:%M:%S}.{unix_ms % 1000:03d}Z"


def _utc(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms // 1000, UTC)
