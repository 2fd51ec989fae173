"""Timestamps of lines → nanoseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

NAIVE_ZONE: Final = "America/New_York"
"""Zone of the original's times, which name none (UTC-4, from 2025-11-02 on UTC-5; PROTOCOL section 11)."""


def utc_ns(timestamp: str | None, naive_zone: tzinfo) -> int | None:
    """Return the time of an ISO timestamp; one without a zone is read in `naive_zone`. None for what is none.

    >>> from zoneinfo import ZoneInfo
    >>> utc_ns("2025-11-01T10:00:00", ZoneInfo(NAIVE_ZONE)) == utc_ns("2025-11-01T14:00:00+00:00", UTC)
    True
    """
    try:
        time = datetime.fromisoformat(timestamp or "")
        if time.tzinfo is None:
            time = time.replace(tzinfo=naive_zone)
        return (time - _EPOCH) // _MICROSECOND * 1000
    except (ValueError, OverflowError):
        return None
