"""Timestamps of lines → nanoseconds since 1970 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
MOST_NS: Final = 2**63 - 1
"""The latest time in int64; the smallest int64 is "no time"."""

NAIVE_ZONE: Final = "America/New_York"
"""Zone of the original's times, which name none (UTC-4, from 2025-11-02 on UTC-5; PROTOCOL section 11)."""


def utc_ns(timestamp: str | None, naive_zone: tzinfo) -> int | None:
    """Return the time of an ISO timestamp; one without a zone is read in `naive_zone`.

    None for what is no timestamp, and before 1678 or after 2261: nanoseconds have 64 bits.

    >>> from zoneinfo import ZoneInfo
    >>> utc_ns("2025-11-01T10:00:00", ZoneInfo(NAIVE_ZONE)) == utc_ns("2025-11-01T14:00:00+00:00", UTC)
    True
    """
    try:
        time = datetime.fromisoformat(timestamp or "")
        if time.tzinfo is None:
            time = time.replace(tzinfo=naive_zone)
        return ns_of(time)
    except (ValueError, OverflowError):
        return None


def ns_of(time: datetime) -> int | None:
    """Return the nanoseconds of a time with a zone; None where they need more than 64 bits.

    >>> ns_of(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)), ns_of(datetime(9999, 1, 1, tzinfo=UTC))
    (1000000000, None)
    """
    ns = (time - _EPOCH) // _MICROSECOND * 1000
    return ns if abs(ns) <= MOST_NS else None
