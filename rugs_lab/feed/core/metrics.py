"""``feed.metrics``: everything a feed counts, as a labelled Series whose labels carry the units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rugs_lab.feed.core.recording import figures_of
from rugs_lab.feed.core.state import STATES

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.feed.core.intake import Intake

_NAN = float("nan")


def metrics_of(feed: Intake) -> pd.Series[Any]:
    """Return the metrics of a feed, since it was made unless a label states otherwise.

    ``lateness`` is by the clock fitted to the ticks of the newest game (`Health.lateness_ms`); the time
    between messages is only that. Times are monotonic. What is not known yet is NaN.
    """
    import pandas as pd

    health, book, tracker, dispatcher = feed.health, feed.book, feed.tracker, feed.dispatcher
    start, connection = health.start, health.connection
    gaps, late = _quantiles(health.gaps_ms), _quantiles(health.lateness_ms)
    running = book.running
    values: dict[str, object] = {
        "state": str(feed.state),
        "reason": feed.state.reason,
        "messages [n]": start.messages,
        "messages since connect [n]": connection.messages,
        "rate [messages/s]": start.rate,
        "rate since connect [messages/s]": connection.rate,
        "received [MB]": start.bytes / 1e6,
        "received since connect [MB]": connection.bytes / 1e6,
        "time between messages, median [ms]": gaps[0],
        "time between messages, p95 [ms]": gaps[1],
        "time between messages, p99 [ms]": gaps[2],
        "longest silence [ms]": start.longest_gap_ms or _NAN,
        "longest silence since connect [ms]": connection.longest_gap_ms or _NAN,
        "lateness of a tick, median [ms]": late[0],
        "lateness of a tick, p95 [ms]": late[1],
        "lateness of a tick, p99 [ms]": late[2],
        "buffer [rows]": len(feed.ring),
        "buffer size [rows]": feed.ring.maxlen,
        "games finished [n]": book.finished_count,
        "trades [n]": health.trades,
        "practice trades [n]": health.practice_trades,
        "noise [events]": health.noise.total(),
        "missed initially [ticks]": book.missed,
        "back-filled [ticks]": book.backfilled,
        "missing in the running game [ticks]": 0 if running is None else running.missing,
        "reordered [ticks]": book.reordered,
        "late [messages]": tracker.late,
        "overtaken [messages]": tracker.overtaken,
        "after the rug [ticks]": book.after_rug,
        "contradictions [prices]": book.contradictions,
        "illegal transitions [n]": tracker.illegal_count,
        "rejected [messages]": health.rejected.total(),
        "rejected fields [n]": health.rejected_fields.total(),
        "unknown keys [n]": health.unknown_keys.total(),
        "connections [n]": health.connections,
        "connections lost [n]": health.disconnections,
        "recovered [events]": health.recovered,
        "waiting for subscribers [events]": dispatcher.waiting,
        "dropped for slow subscribers [events]": dispatcher.dropped,
        "subscriber errors [n]": dispatcher.errors,
        "last subscriber error": dispatcher.last_error,
    }
    values |= figures_of(feed.recording)
    values |= {f"time {name} [s]": health.seconds_in(name) for name in STATES}
    return pd.Series(values, name="value", dtype=object)


def _quantiles(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float, float]:
    if not len(values):
        return _NAN, _NAN, _NAN
    median, p95, p99 = np.percentile(values, [50, 95, 99])
    return float(median), float(p95), float(p99)
