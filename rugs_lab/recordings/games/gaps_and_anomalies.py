"""What was received beside games, as lines of a recording: gaps, contradictions, the server's statistics.

A feed keeps the very values that its recording has as lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from rugs_lab.columns import columns_of, typed
from rugs_lab.errors import PayloadError
from rugs_lab.game.session_stats import SessionStats
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.write.line_format import received_ns
from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine, StatsLine

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.recordings.games.game import Game

Note: TypeAlias = GapLine | AnomalyLine | StatsLine
_GAP: Final = {
    "game_id": "str",
    "first_tick": "Int32",
    "last_tick": "Int32",
    "missing": "Int32",
    "backfilled": "Int32",
    "source": "str",
    "reason": "str",
}
_ANOMALY: Final = {
    "game_id": "str",
    "tick": "Int32",
    "known": "float64",
    "reported": "float64",
    "source": "str",
}


def is_note(line: object) -> bool:
    """Return whether a line is a note; a line of the feed's state is not one."""
    if isinstance(line, GapLine):
        return line.state is None and (line.open is True or line.game_id is not None)
    return isinstance(line, AnomalyLine | StatsLine)


def joined(notes: Iterable[Note], more: Iterable[Note]) -> tuple[Note, ...]:
    """Return the notes of both, `more` last; what is in both is there once."""
    return tuple({repr(note): note for note in (*notes, *more)}.values())


def without_ended(notes: Iterable[Note]) -> list[Note]:
    """Return notes without the open gaps that a later one ends."""
    kept = dict(enumerate(notes))
    opened: dict[tuple[int | None, str | None], list[int]] = {}
    for place, note in enumerate([*kept.values()]):
        if isinstance(note, GapLine):
            places = opened.setdefault((note.since_ns, note.reason), [])
            if note.open and places and kept[places[-1]] == note:  # written to two files
                del kept[place]
            elif note.open:
                places.append(place)
            elif places:
                del kept[places.pop()]
    return list(kept.values())


def gaps_frame(notes: Iterable[Note], game_of: Callable[[str], Game | None]) -> pd.DataFrame:
    """Return one row per gap, in order of arrival; `game_of` returns the game of an id.

    Columns: ``start``, ``end`` (UTC: arrival of the message before and after; no end while a connection is
    down), ``game_id``, ``first_tick``, ``last_tick``, ``missing`` (ticks, at first; none where a connection
    was lost without any, or it is not known), ``backfilled`` (ticks of them that are now known), ``source``
    (the least certain of those; ``recovery``: sent again by the server), ``reason`` (of a lost connection).
    """
    import pandas as pd

    rows = [note for note in notes if isinstance(note, GapLine)]
    columns = {name: [getattr(row, name, None) for row in rows] for name in _GAP}
    for place, row in enumerate(rows):
        first, last = row.first_tick, row.last_tick
        game = None if first is None or row.game_id is None else game_of(row.game_id)
        if game is None or first is None:
            continue
        missing = row.missing
        if last is None and game.rug_tick is not None:  # what a lost connection cut, to its end
            last, missing = game.rug_tick, game.rug_tick + 1 - first
            columns["last_tick"][place], columns["missing"][place] = last, missing
        if last is not None:
            sources = game.sources[first : last + 1]
            later, still = sources[sources > Source.RECEIVED], last + 1 - first - np.count_nonzero(sources)
            columns["backfilled"][place] = max((missing or 0) - int(still), 0)
            if len(later):
                columns["source"][place] = Source(int(later.max())).name.lower()
    ends = [None if row.open else _received_ns(row) for row in rows]
    times = {"start": _times([row.since_ns for row in rows]), "end": _times(ends)}
    values = {name: typed(columns[name], dtype) for name, dtype in _GAP.items()}
    return pd.DataFrame({**times, **values})


def anomalies_frame(notes: Iterable[Note]) -> pd.DataFrame:
    """Return one row per value that was not used: ``received`` (UTC), and the fields of `AnomalyLine`."""
    import pandas as pd

    rows = [note for note in notes if isinstance(note, AnomalyLine)]
    return pd.DataFrame({"received": _times(map(_received_ns, rows)), **columns_of(rows, _ANOMALY)})


def stats_frame(notes: Iterable[Note]) -> pd.DataFrame:
    """Return one row per change of the server's statistics: ``received`` (UTC), the fields of `SessionStats`.

    God candles are columns of their own, ``god_candle_2x`` to ``god_candle_50x``: their peaks, multipliers.
    """
    import pandas as pd

    rows = [note for note in notes if isinstance(note, StatsLine)]
    frame: dict[str, Any] = {"received": _times(map(_received_ns, rows))}
    for name in SessionStats.__struct_fields__:
        if name == "god_candles":
            continue
        dtype = {"highest_today_game": "str", "highest_today_ms": "Int64"}.get(name, "Int32")
        dtype = "float64" if name in ("average_multiplier", "highest_today", "rugpool_sol") else dtype
        frame[name] = typed([getattr(row.stats, name) for row in rows], dtype)
    for size in ("2x", "10x", "50x"):
        candles = [row.stats.god_candles.get(size) for row in rows]
        peaks = [None if candle is None else candle.peak for candle in candles]
        frame[f"god_candle_{size}"] = np.array(peaks, np.float64)
    return pd.DataFrame(frame)


def _received_ns(note: Note) -> int | None:
    try:
        return received_ns(note)
    except PayloadError:
        return None


def _times(times_ns: Iterable[int | None]) -> pd.DatetimeIndex:
    """Return times as UTC; None is NaT."""
    import pandas as pd

    none = np.iinfo(np.int64).min
    known = np.array([none if time is None else time for time in times_ns], np.int64)
    return pd.DatetimeIndex(known.view("M8[ns]")).tz_localize("UTC")
