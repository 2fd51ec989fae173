"""The simulation's own time, in virtual milliseconds: where it starts, its days and its text."""

from datetime import UTC, datetime
from typing import Final

EPOCH_MS: Final = 1_767_268_800_000
"""Where the clock of a seeded simulation starts: 2026-01-01T12:00:00Z, in Unix ms."""

DAY_MS: Final = 86_400_000


def utc_day(unix_ms: int) -> str:
    """Return the UTC date of Unix ms as in a game id."""
    return f"{_utc(unix_ms):%Y%m%d}"


def iso_utc(unix_ms: int) -> str:
    """Return Unix ms as ISO 8601 with milliseconds and Z."""
    return f"{_utc(unix_ms):%Y-%m-%dT%H:%M:%S}.{unix_ms % 1000:03d}Z"


def _utc(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms // 1000, UTC)
