"""The one message-to-row schema: what a row holds, in a feed's buffer and of a game at rest; the DataFrame.

In a row "absent" is -1 (whole numbers, flags) or NaN (price); in the DataFrame it is ``<NA>`` or NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from rugs_lab.columns import typed
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.phase import Phase

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.game.signal import GameSignal

KINDS: Final = tuple(MessageKind)
PHASES: Final = tuple(Phase)
NOT_A_TIME: Final = np.iinfo(np.int64).min

_FIELDS: Final[list[tuple[str, str]]] = [
    ("received_ns", "<i8"),
    ("kind", "i1"),
    ("phase", "i1"),
    ("tick", "<i4"),
    ("price", "<f8"),
    ("active", "i1"),
    ("rugged", "i1"),
    ("cooldown_ms", "<i4"),
    ("allow_pre_round_buys", "i1"),
    ("trade_count", "<i4"),
    ("players", "<i4"),
]
ROW: Final = np.dtype([("game", "<i4"), *_FIELDS])
"""One accepted ``gameStateUpdate``. ``game`` indexes the ids that go with the rows."""

MESSAGE: Final = np.dtype([("place", "<i8"), *_FIELDS])
"""The same of one game at rest; in order of ``place`` the messages of any games are in order of arrival."""

pack_message: Final = Struct("<qqbbidbbibii").pack
"""Returns the bytes of one `MESSAGE`."""

Messages: TypeAlias = bytes
"""The messages of a game in order of ``place``, packed: read them as `MESSAGE`."""

_KIND_CODES: Final = {kind: code for code, kind in enumerate(KINDS)}
_PHASE_CODES: Final = {phase: code for code, phase in enumerate(PHASES)}


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A copy of rows ``start`` to ``stop - 1`` of the buffer, by name (see `ROW`), and the ids of `games`.

    A `start` above the cursor asked for means that older rows had already been overwritten.
    """

    start: int
    stop: int
    columns: dict[str, NDArray[Any]]
    games: tuple[str, ...]

    def __len__(self) -> int:
        return self.stop - self.start


def row_of(signal: GameSignal, players: int | None, place: int) -> tuple[Any, ...]:
    """Return the row of an accepted message, in the order of `ROW` and of `MESSAGE`; `place` comes first."""
    return (
        place,
        NOT_A_TIME if signal.received_ns is None else signal.received_ns,
        _KIND_CODES[signal.kind],
        _PHASE_CODES[signal.phase],
        _whole(signal.tickCount),
        np.nan if signal.price is None else signal.price,
        _whole(signal.active),
        _whole(signal.rugged),
        _whole(signal.cooldownTimer),
        _whole(signal.allowPreRoundBuys),
        _whole(signal.tradeCount),
        _whole(players),
    )


def messages_frame(ids: Sequence[str], messages: Sequence[Messages]) -> pd.DataFrame:
    """Return the messages of some games, all in order of arrival, as `frame_of` does."""
    flat = np.frombuffer(b"".join(messages), MESSAGE)
    order = np.argsort(flat["place"], kind="stable")
    columns = {name: np.ascontiguousarray(flat[name][order]) for name, _ in _FIELDS}
    counts = [len(each) // MESSAGE.itemsize for each in messages]
    columns["game"] = np.repeat(np.arange(len(messages)), counts)[order]
    return frame_of(Rows(0, len(flat), columns, tuple(map(str, ids))))


def in_order(packed: bytes | bytearray) -> Messages:
    """Return packed messages in order of their places, each place once."""
    rows = np.frombuffer(packed, MESSAGE)
    if (np.diff(rows["place"]) > 0).all():
        return bytes(packed)
    return rows[np.unique(rows["place"], return_index=True)[1]].tobytes()


def frame_of(rows: Rows) -> pd.DataFrame:
    """Return rows as a pandas frame; the dtypes are the same when it is empty.

    Index ``seq`` (int64, the number of the message since the feed began). Columns: ``received`` (UTC),
    ``game_id``, ``kind``, ``phase``, ``tick``, ``price`` (multiplier), ``active``, ``rugged``,
    ``cooldown_ms``, ``allow_pre_round_buys``, ``trade_count``, ``players``.
    """
    import pandas as pd

    columns = rows.columns
    ids = typed(list(rows.games))
    frame = {
        "received": pd.DatetimeIndex(columns["received_ns"].view("M8[ns]")).tz_localize("UTC"),
        "game_id": ids.take(columns["game"]) if len(rows) else ids[:0],
        "kind": pd.Categorical.from_codes(columns["kind"], dtype=pd.CategoricalDtype([*map(str, KINDS)])),
        "phase": pd.Categorical.from_codes(columns["phase"], dtype=pd.CategoricalDtype([*map(str, PHASES)])),
        "tick": _integers(columns["tick"]),
        "price": columns["price"],
        "active": _booleans(columns["active"]),
        "rugged": _booleans(columns["rugged"]),
        "cooldown_ms": _integers(columns["cooldown_ms"]),
        "allow_pre_round_buys": _booleans(columns["allow_pre_round_buys"]),
        "trade_count": _integers(columns["trade_count"]),
        "players": _integers(columns["players"]),
    }
    return pd.DataFrame(frame, index=pd.RangeIndex(rows.start, rows.stop, name="seq"), copy=False)


def _whole(value: int | None) -> int:
    return -1 if value is None else int(value)


def _integers(values: NDArray[Any]) -> pd.arrays.IntegerArray:
    import pandas as pd

    return pd.arrays.IntegerArray(values, values < 0)


def _booleans(values: NDArray[Any]) -> pd.arrays.BooleanArray:
    import pandas as pd

    return pd.arrays.BooleanArray(values > 0, values < 0)
