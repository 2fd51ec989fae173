"""Timestamps of lines → nanoseconds since 1970 in UTC."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_JITTER_NS: Final = 60 * 10**9
"""Lines are out of order by up to half a minute."""

MOST_NS: Final = 2**63 - 1
"""The latest time in int64; the smallest int64 is "no time"."""

NAIVE_ZONE: Final = "America/New_York"
"""Zone of the original's times, which name none (UTC-4, from 2025-11-02 on UTC-5)."""


class LineClock:
    """Reads the times of the lines of one file, in their order; one without a zone is read in `naive_zone`.

    When clocks go back an hour comes twice; of its two readings that one is taken which follows the line
    before.
    """

    def __init__(self, naive_zone: tzinfo) -> None:
        self._zone = naive_zone
        self._latest = -MOST_NS

    def ns(self, timestamp: str | int | None) -> int | None:
        """Return the time of a line, as `utc_ns` does; nanoseconds as they are."""
        if not isinstance(timestamp, str):
            return timestamp
        first = utc_ns(timestamp, self._zone)
        if first is not None:
            if first < self._latest - _JITTER_NS:
                again = utc_ns(timestamp, self._zone, fold=1) or first
                first = again if again >= self._latest - _JITTER_NS else first
            self._latest = first
        return first


def name_zones(records: Iterable[Any], zone: tzinfo) -> None:
    """Write the zone into times of lines that stand for two times; `records` are in the order of the file."""
    clock = LineClock(zone)
    for record in records:
        timestamp = getattr(record, "timestamp", None)
        ns = clock.ns(timestamp)
        if timestamp is not None and ns is not None and is_ambiguous(timestamp, zone):
            record.timestamp = (_EPOCH + timedelta(microseconds=ns // 1000)).isoformat()


def is_ambiguous(timestamp: str | None, zone: tzinfo) -> bool:
    """Return whether a time stands for two, because clocks went back."""
    return utc_ns(timestamp, zone) != utc_ns(timestamp, zone, fold=1)


def utc_ns(timestamp: str | None, naive_zone: tzinfo, fold: int = 0) -> int | None:
    """Return the time of an ISO timestamp; one without a zone is read in `naive_zone`.

    None for what is not a timestamp, and before 1678 or after 2261: nanoseconds have 64 bits.
    """
    try:
        time = datetime.fromisoformat(timestamp or "")
        if time.tzinfo is None:
            time = time.replace(tzinfo=naive_zone, fold=fold)
        return ns_of(time)
    except (ValueError, OverflowError):
        return None


def ns_of(time: datetime) -> int | None:
    """Return the nanoseconds of a time with a zone; None where they need more than 64 bits."""
    ns = (time - _EPOCH) // _MICROSECOND * 1000
    return ns if abs(ns) <= MOST_NS else None
