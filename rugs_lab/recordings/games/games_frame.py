"""`GameColumns`: what is known of many games without their prices, one numpy column each.

It is what `Games.frame` shows and what masks and queries work on. Absent values are -1 (whole numbers,
flags), NaN (prices), `NOT_A_TIME` (times) or None (text) here, and missing in the DataFrame. `summarise`
computes the columns that follow from the prices, for all games at once and by the rules of `Game`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.columns import text_index, typed
from rugs_lab.recordings.games.game import SOURCE_NAMES, STATUSES, Source, status_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

NOT_A_TIME: Final = int(np.iinfo(np.int64).min)
_STATUS: Final = np.array(
    [STATUSES.index(status_of(*facts)) for facts in product((False, True), repeat=6)], np.int8
)
"""Code of the status by the six facts of `status_of`, read as digits of a binary number."""


class LazyText:
    """Text of many games that is read when it is first used; indexed like an array.

    `read`: returns the text of all games, of Arrow. `rows`: which of them, in which order; None: all.
    """

    def __init__(self, read: Callable[[], pa.ChunkedArray], rows: NDArray[np.int64] | None = None) -> None:
        self._read = read
        self._rows = rows

    def __getitem__(self, rows: Any) -> Any:
        """Return these rows, not read yet; or the text of one."""
        if isinstance(rows, int | np.integer):
            return self._read()[int(rows if self._rows is None else self._rows[rows])].as_py()
        return LazyText(self._read, rows if self._rows is None else self._rows[rows])

    def arrow(self) -> pa.ChunkedArray:
        """Read it."""
        return self._read() if self._rows is None else self._read().take(self._rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Read it, absent text as None."""
        found: NDArray[Any] = self.arrow().to_numpy()
        return found


@dataclass(frozen=True, slots=True, eq=False)
class GameColumns:
    """One element per game in every column.

    Text not known: None; a multiplier: NaN; a tick: -1. `length`: prices from tick 0 to the last one known.
    `status`, `source`: codes into `STATUSES`, and the least certain `Source`. `missing`: ticks. `first_ns`,
    `ended_ns`: as for `play_order`. `verified`: 1 or 0 once checked against the seed, -1 before. `corrected`:
    whether lines of it were dropped or corrected while it was read.
    """

    ids: NDArray[Any] | LazyText
    length: NDArray[np.int32]
    peak: NDArray[np.float64]
    peak_tick: NDArray[np.int32]
    rug_tick: NDArray[np.int32]
    rug_price: NDArray[np.float64]
    status: NDArray[np.int8]
    source: NDArray[np.int8]
    missing: NDArray[np.int32]
    trades: NDArray[np.int32]
    started_ns: NDArray[np.int64]
    first_ns: NDArray[np.int64]
    ended_ns: NDArray[np.int64]
    verified: NDArray[np.int8]
    corrected: NDArray[np.bool_]
    server_seed: NDArray[Any] | LazyText
    server_seed_hash: NDArray[Any] | LazyText
    version: NDArray[Any] | LazyText
    file: NDArray[Any] | LazyText

    def __len__(self) -> int:
        return len(self.length)

    def take(self, rows: NDArray[np.int64]) -> GameColumns:
        """Return these rows, in this order."""
        return GameColumns(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    @staticmethod
    def join(parts: Sequence[GameColumns]) -> GameColumns:
        """Return the rows of all `parts`, one after the other."""
        if len(parts) == 1:
            return parts[0]
        names = [each.name for each in fields(GameColumns)]
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return GameColumns(**joined)


def texts(values: Sequence[str | None]) -> NDArray[Any]:
    """Return text as an array of objects, absent ones as None."""
    array = np.empty(len(values), object)
    array[:] = values
    return array


def times(times_ns: Sequence[int | None]) -> NDArray[np.int64]:
    """Return times as an array, absent ones as `NOT_A_TIME`."""
    return np.array([NOT_A_TIME if time is None else time for time in times_ns], np.int64)


def ended_ns(ended_ms: Iterable[int | None]) -> NDArray[np.int64]:
    """Return when games ended by the server's clock, ms, as an array of `times`."""
    return times([None if ms is None else ms * 1_000_000 for ms in ended_ms])


def month_of(game_id: str) -> str:
    """Return the month of a game's id, ``YYYY-MM``, or ``undated``; the order of games of no known time."""
    dated = game_id[:8].isdecimal() and game_id[8:9] == "-"
    return f"{game_id[:4]}-{game_id[4:6]}" if dated else "undated"


def play_order(first_ns: NDArray[np.int64], ended_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of games in the order in which they were played.

    The server's times of the ends order the games that have one. Any other comes after all of those that
    were received before it: two clocks are never compared. A game of no known time is last.
    """
    timed = ended_ns != NOT_A_TIME
    heard = np.where(first_ns == NOT_A_TIME, np.iinfo(np.int64).max, first_ns)
    key = np.where(timed, ended_ns, NOT_A_TIME)
    if timed.any():
        by_arrival = np.flatnonzero(timed)[np.argsort(heard[timed], kind="stable")]
        newest = np.concatenate(([NOT_A_TIME], np.maximum.accumulate(ended_ns[by_arrival])))
        key[~timed] = newest[np.searchsorted(heard[by_arrival], heard[~timed], side="right")]
    return np.lexsort((heard, ~timed, key))


def summarise(
    prices: NDArray[np.float64],
    offsets: NDArray[np.int64],
    sources: NDArray[np.uint8] | None,
    rug_tick: NDArray[np.int32],
    corrected: NDArray[np.bool_],
) -> dict[str, NDArray[Any]]:
    """Compute length, peak, peak tick, rug price, missing, source and status of every game.

    `prices`, `offsets`, `sources`: prices of all games one after the other (game ``i`` from ``offsets[i]`` to
    ``offsets[i + 1]``), and the source of each; None: received where it is a number. `rug_tick`: tick of the
    rug, -1 while not known. `corrected`: whether lines of it were dropped or corrected while it was read.
    """
    count = len(offsets) - 1
    length = np.diff(offsets).astype(np.int32)
    some = np.flatnonzero(length > 0)
    starts = offsets[:-1][some]
    unknown = np.isnan(prices) if sources is None else sources == Source.MISSING
    in_list = _per_game(np.add, unknown, starts, some, count, np.int32)
    missing = in_list + np.maximum(rug_tick + 1 - length, 0) * (rug_tick >= 0)
    first = np.zeros(count, bool)
    first[some] = ~unknown[starts]
    worst = (
        np.where(length > in_list, Source.RECEIVED, Source.MISSING).astype(np.int8)
        if sources is None
        else _per_game(np.maximum, sources, starts, some, count, np.int8)
    )
    before = np.where(np.isnan(prices), -np.inf, prices)
    rugged = np.flatnonzero((rug_tick >= 0) & (rug_tick < length))
    rug_at = offsets[:-1][rugged] + rug_tick[rugged]
    rug_price = np.full(count, np.nan)
    rug_price[rugged] = prices[rug_at]
    before[rug_at] = -np.inf
    more = rug_at + 1 < offsets[1:][rugged]
    for game, at in zip(rugged[more], rug_at[more], strict=True):
        before[at : offsets[game + 1]] = -np.inf
    peak = np.full(count, -np.inf)
    peak[some] = np.maximum.reduceat(before, starts) if len(some) else peak[some]
    hits = np.flatnonzero(before == np.repeat(peak, length)) if len(prices) else np.empty(0, np.int64)
    peak_tick = np.full(count, -1, np.int32)
    if len(hits):
        peak_tick[some] = hits[np.minimum(np.searchsorted(hits, starts), len(hits) - 1)] - starts
    unseen = ~np.isfinite(peak)
    peak[unseen], peak_tick[unseen] = np.nan, -1
    facts = (length > 0, rug_tick >= 0, first, missing == 0, worst <= Source.RECEIVED, corrected)
    bits = np.zeros(count, np.uint8)
    for fact in facts:
        bits = 2 * bits + fact
    return {
        "length": length,
        "peak": peak,
        "peak_tick": peak_tick,
        "rug_price": rug_price,
        "missing": missing,
        "source": worst,
        "status": _STATUS[bits],
        "corrected": corrected,
    }


def frame_of(columns: GameColumns, expression: str | None = None) -> pd.DataFrame:
    """Return the columns as a DataFrame, see `Games.frame`; or what an `expression` needs of it.

    Ids cost the most; an expression without them and without variables, which may be aligned by them, needs
    none.
    """
    import pandas as pd

    table: dict[str, Callable[[], Any]] = {
        "start": lambda: pd.DatetimeIndex(columns.started_ns.view("M8[ns]")).tz_localize("UTC"),
        "ticks": lambda: _integers(np.maximum(np.maximum(columns.length - 1, columns.rug_tick), 0)),
        "peak": lambda: columns.peak,
        "peak_tick": lambda: _integers(columns.peak_tick),
        "rug_tick": lambda: _integers(columns.rug_tick),
        "rug_price": lambda: columns.rug_price,
        "status": lambda: typed(STATUSES).take(columns.status),
        "source": lambda: typed(SOURCE_NAMES).take(columns.source),
        "missing": lambda: _integers(columns.missing),
        "trades": lambda: _integers(columns.trades),
        "seed_known": lambda: ~typed(columns.server_seed).isna(),
        "version": lambda: typed(columns.version),
        "verified": lambda: pd.arrays.BooleanArray(columns.verified > 0, columns.verified < 0),
        "file": lambda: typed(columns.file),
        "server_seed": lambda: typed(columns.server_seed),
    }
    words = {*table, "id"} if expression is None else {*re.findall(r"@|\w+", expression)}
    ids = text_index(columns.ids, "id") if words & {"@", "id", "index", "ilevel_0"} else None
    made = {name: make() for name, make in table.items() if name in words}
    return pd.DataFrame(made, pd.RangeIndex(len(columns)) if ids is None else ids)


def _per_game(
    ufunc: Any,
    values: NDArray[Any],
    starts: NDArray[np.int64],
    some: NDArray[np.int64],
    count: int,
    dtype: Any,
) -> NDArray[Any]:
    out = np.zeros(count, dtype)
    if len(some):
        out[some] = ufunc.reduceat(values, starts, dtype=dtype)
    return out


def _integers(values: NDArray[np.int32]) -> pd.arrays.IntegerArray:
    import pandas as pd

    return pd.arrays.IntegerArray(values.astype(np.int32, copy=False), values < 0)
