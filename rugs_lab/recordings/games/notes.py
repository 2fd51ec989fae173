"""What was received beside games: gaps, values that contradict each other, the server's own statistics.

The same values come from a feed and from the lines of its recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.game.session_stats import SessionStats
from rugs_lab.recordings.games.game import Source

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.recordings.games.game import Game

_GAP: Final = {
    "game_id": "str",
    "first_tick": "Int32",
    "last_tick": "Int32",
    "missing": "Int32",
    "backfilled": "Int32",
    "source": "str",
    "reason": "str",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """Ticks of a running game that were missed, or a connection that was; later messages may back-fill them.

    Attributes
    ----------
    game_id
        The game of the first message after it.
    first_tick, last_tick
        First and last tick that were missed; None where no tick of a known game was.
    missing
        Ticks from first to last, both included, that were not known then.
    since_ns, until_ns
        Arrival of the last message before and of the first one after it, ns since 1970 in UTC; None while
        not known.
    reason
        Why the connection was lost; None for a gap within one.
    """

    game_id: str
    first_tick: int | None = None
    last_tick: int | None = None
    missing: int = 0
    since_ns: int | None = None
    until_ns: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A value that contradicts a known one, and was not used.

    Attributes
    ----------
    game_id, tick
        Where.
    known, reported
        The value that stays, and the contradicting one (prices: multipliers; rug ticks: ticks); `known` is
        None where there was none, but the tick is too far to be one.
    source
        What reported it: the name of a `Source`, ``rug tick``, or ``beyond the rug``: ticks up to the
        reported one were dropped, because the game had ended at the known one.
    received_ns
        Arrival of the message that had it, ns since 1970 in UTC; None while not known.
    """

    game_id: str
    tick: int
    known: float | None
    reported: float
    source: str
    received_ns: int | None = None


class Notes(NamedTuple):
    """What was received beside games, each in order of arrival; statistics with their time, ns."""

    gaps: tuple[Gap, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    stats: tuple[tuple[int | None, SessionStats], ...] = ()

    def joined(self, other: Notes) -> Notes:
        """Return the notes of both, `other` last; a value that is in both is there once."""
        return Notes(*(_once((*mine, *more)) for mine, more in zip(self, other, strict=True)))


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return each value once; statistics cannot be hashed, but their text can."""
    return tuple({repr(value): value for value in values}.values())


NO_NOTES: Final = Notes()


def gaps_frame(gaps: Iterable[Gap], game_of: Callable[[str], Game | None]) -> pd.DataFrame:
    """Return one row per gap, in order of arrival; `game_of` returns the game of an id.

    Columns: ``start``, ``end`` (UTC: arrival of the message before and after), ``game_id``, ``first_tick``,
    ``last_tick``, ``missing`` (ticks, at first), ``backfilled`` (ticks of them that are known by now),
    ``source`` (the least sure of those), ``reason`` (of a lost connection).
    """
    import pandas as pd

    rows = list(gaps)
    columns = {name: [getattr(row, name, None) for row in rows] for name in _GAP}
    for place, row in enumerate(rows):
        game = None if row.first_tick is None else game_of(row.game_id)
        if game is not None and row.first_tick is not None and row.last_tick is not None:
            sources = game.sources[row.first_tick : row.last_tick + 1]
            later = sources[sources > Source.RECEIVED]
            columns["backfilled"][place] = row.missing - max(
                row.last_tick + 1 - row.first_tick - int(np.count_nonzero(sources)), 0
            )
            columns["source"][place] = Source(int(later.max())).name.lower() if len(later) else None
    times = {"start": _times([row.since_ns for row in rows]), "end": _times([row.until_ns for row in rows])}
    values = {name: pd.array(columns[name], dtype=dtype) for name, dtype in _GAP.items()}  # type: ignore[call-overload]
    return pd.DataFrame({**times, **values})


def anomalies_frame(anomalies: Iterable[Anomaly]) -> pd.DataFrame:
    """Return one row per value that was not used: ``received`` (UTC), and the fields of `Anomaly`."""
    import pandas as pd

    rows = list(anomalies)
    return pd.DataFrame(
        {
            "received": _times([row.received_ns for row in rows]),
            "game_id": pd.array([row.game_id for row in rows], dtype="str"),
            "tick": pd.array([row.tick for row in rows], dtype="Int32"),
            "known": np.array([row.known for row in rows], np.float64),
            "reported": np.array([row.reported for row in rows], np.float64),
            "source": pd.array([row.source for row in rows], dtype="str"),
        }
    )


def stats_frame(stats: Iterable[tuple[int | None, SessionStats]]) -> pd.DataFrame:
    """Return one row per change of the server's statistics: ``received`` (UTC), the fields of `SessionStats`.

    God candles are columns of their own, ``god_candle_2x`` to ``god_candle_50x``: their peaks, multipliers.
    """
    import pandas as pd

    rows = list(stats)
    fields = [name for name in SessionStats.__struct_fields__ if name != "god_candles"]
    columns = {name: [getattr(each, name) for _, each in rows] for name in fields}
    for size in ("2x", "10x", "50x"):
        candles = [each.god_candles.get(size) for _, each in rows]
        columns[f"god_candle_{size}"] = [None if candle is None else candle.peak for candle in candles]
    dtypes = {"highest_today_game": "str", "highest_today_ms": "Int64"}
    floats = ("average_multiplier", "highest_today", "rugpool_sol")
    frame = {"received": _times([at_ns for at_ns, _ in rows])}
    for name, values in columns.items():
        is_float = name in floats or name.startswith("god_candle")
        frame[name] = pd.array(values, dtype=dtypes.get(name, "float64" if is_float else "Int32"))  # type: ignore[call-overload]
    return pd.DataFrame(frame)


def _times(times_ns: list[int | None]) -> pd.DatetimeIndex:
    """Return times as UTC; None is NaT."""
    import pandas as pd

    none = np.iinfo(np.int64).min
    known = np.array([none if time is None else time for time in times_ns], np.int64)
    return pd.DatetimeIndex(known.view("M8[ns]")).tz_localize("UTC")
