"""Games → rows of Parquet and back: the schema, and the conversion of every column."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Final, Protocol, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rugs_lab.game.leaderboard import PlayerBet, Standing
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import STATUSES
from rugs_lab.recordings.games.game_stores import Details, Prices, Store, join, offsets_of
from rugs_lab.recordings.games.games_frame import NOT_A_TIME, GameColumns, LazyText
from rugs_lab.recordings.games.message_rows import KINDS, MESSAGE, PHASES
from rugs_lab.recordings.games.trades_frame import arrow_type


def _types(names: Iterable[str]) -> dict[str, pa.DataType]:
    return {name: arrow_type(name) for name in names if name != "game_id"}


_TRADE: Final = _types(Trade.__struct_fields__)
_BET: Final = _types(PlayerBet.__struct_fields__)
_STANDING: Final = _types(Standing.__struct_fields__)
_CODED: Final = {"kind": [*map(str, KINDS)], "phase": [*map(str, PHASES)]}
_FLAGS: Final = ("active", "rugged", "allow_pre_round_buys")
_MESSAGE: Final = {
    name: pa.string()
    if name in _CODED
    else pa.bool_()
    if name in _FLAGS
    else pa.from_numpy_dtype(MESSAGE[name])
    for name in MESSAGE.names or ()
}
COLUMNS: Final = {
    "id": pa.string(),
    "started": pa.timestamp("ns", "UTC"),
    "ordered": pa.timestamp("ns", "UTC"),
    "length": pa.int32(),
    "peak": pa.float64(),
    "peak_tick": pa.int32(),
    "rug_tick": pa.int32(),
    "rug_price": pa.float64(),
    "status": pa.dictionary(pa.int8(), pa.string()),
    "source": pa.int8(),
    "missing": pa.int32(),
    "trade_count": pa.int32(),
    "verified": pa.bool_(),
    "corrected": pa.bool_(),
    "server_seed": pa.string(),
    "server_seed_hash": pa.string(),
    "version": pa.dictionary(pa.int8(), pa.string()),
    "file": pa.dictionary(pa.int32(), pa.string()),
    "ended_ms": pa.int64(),
    "first_ns": pa.int64(),
    "sum": pa.uint32(),
}
_SUMMED: Final = "ids started_ns first_ns verified corrected server_seed server_seed_hash version file"
TEXT: Final = ("server_seed", "server_seed_hash", "version", "file")
"""Read only when needed: half of the bytes beside the prices."""

OF_DETAILS: Final = ("id", "trades", "sidebets", "leaderboard", "ended_ms", "first_ns")
"""What `details_of` reads; and messages, where they are wanted."""
HEAVY: Final = {
    "prices": pa.list_(pa.float64()),
    "sources": pa.list_(pa.uint8()),
    "trades": pa.list_(pa.struct(list(_TRADE.items()))),
    "sidebets": pa.list_(pa.struct(list(_BET.items()))),
    "leaderboard": pa.list_(pa.struct(list(_STANDING.items()))),
    "messages": pa.list_(pa.struct(list(_MESSAGE.items()))),
}
DAMAGE_SCHEMA: Final = pa.schema(
    [(name, pa.int32() if name == "line" else pa.string()) for name in Damage._fields]
)
SCHEMA: Final = pa.schema([*COLUMNS.items(), *HEAVY.items()])


class GameRows(Protocol):
    """What of `Games` is archived. They can save themselves, and are therefore not imported here."""

    @property
    def columns(self) -> GameColumns:
        """One row per game."""

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each game begins in `prices`."""

    @property
    def prices(self) -> NDArray[np.float64]:
        """Those of all games."""

    @property
    def sources(self) -> NDArray[np.uint8]:
        """Of each price."""

    @property
    def details(self) -> list[Details]:
        """Of each game."""

    @property
    def parts(self) -> Sequence[tuple[Store, NDArray[np.int64] | None]]:
        """Stores, and which rows of each; None: all."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: slice | NDArray[np.int64]) -> Self: ...


def table_of(games: GameRows) -> pa.Table:
    """Return games as rows of `SCHEMA`."""
    columns, offsets = games.columns, games.offsets.astype(np.int32)
    flat = pa.array(games.prices, mask=np.isnan(games.prices))

    def time(values: NDArray[np.int64]) -> pa.Array:
        return pa.array(values, mask=values == NOT_A_TIME).cast(COLUMNS["started"])

    def absent(values: NDArray[Any]) -> pa.Array:
        return pa.array(values, mask=values < 0)

    def coded(values: NDArray[Any], name: str) -> pa.Array:
        return pa.array(values, pa.string()).dictionary_encode().cast(COLUMNS[name])

    details = games.details
    table = {
        "id": pa.array(np.asarray(columns.ids), pa.string()),
        "started": time(columns.started_ns),
        "ordered": time(columns.first_ns),
        "length": pa.array(columns.length),
        "peak": pa.array(columns.peak, mask=np.isnan(columns.peak)),
        "peak_tick": absent(columns.peak_tick),
        "rug_tick": absent(columns.rug_tick),
        "rug_price": pa.array(columns.rug_price, mask=np.isnan(columns.rug_price)),
        "status": coded(np.array(STATUSES, object)[columns.status], "status"),
        "source": pa.array(columns.source),
        "missing": pa.array(columns.missing),
        "trade_count": pa.array(columns.trades),
        "verified": pa.array(columns.verified > 0, mask=columns.verified < 0),
        "corrected": pa.array(columns.corrected),
        "server_seed": pa.array(np.asarray(columns.server_seed), pa.string()),
        "server_seed_hash": pa.array(np.asarray(columns.server_seed_hash), pa.string()),
        "version": coded(np.asarray(columns.version), "version"),
        "file": coded(np.asarray(columns.file), "file"),
        "ended_ms": pa.array([each.ended_ms for each in details], pa.int64()),
        "first_ns": pa.array([each.first_ns for each in details], pa.int64()),
        "sum": pa.array(sums_of(columns, details), pa.uint32()),
        "prices": pa.ListArray.from_arrays(offsets, flat),
        "sources": pa.ListArray.from_arrays(offsets, pa.array(games.sources)),
        "trades": pa.array([_rows(each.trades, _TRADE) for each in details], HEAVY["trades"]),
        "sidebets": pa.array([_rows(each.bets, _BET) for each in details], HEAVY["sidebets"]),
        "leaderboard": pa.array([_rows(each.board, _STANDING) for each in details], HEAVY["leaderboard"]),
        "messages": _messages([each.messages for each in details]),
    }
    return pa.table(table, schema=SCHEMA)


def plain(table: pa.Table) -> pa.Table:
    """Return a table whose texts are no numbers of a dictionary, which may be in another order."""
    kinds = [pa.string() if pa.types.is_dictionary(kind) else kind for kind in table.schema.types]
    return table.cast(pa.schema(zip(table.schema.names, kinds, strict=True)))


def sums_of(columns: GameColumns, details: Sequence[Details]) -> list[int]:
    """Return for each game a checksum of what does not follow from its prices."""
    known = zip(*(np.asarray(getattr(columns, name)).tolist() for name in _SUMMED.split()), strict=True)
    return [
        zlib.crc32(each.messages, zlib.crc32(repr((*facts, *each._replace(messages=b""))).encode()))
        for facts, each in zip(known, details, strict=True)
    ]


def _rows(values: Sequence[Any], columns: dict[str, Any]) -> list[dict[str, Any]]:
    return [{name: getattr(value, name) for name in columns} for value in values]


def _messages(packed: list[bytes]) -> pa.ListArray:
    """Return the messages of each game as rows; absent is null."""
    rows = np.frombuffer(b"".join(packed), MESSAGE)
    arrays = []
    for name, kind in _MESSAGE.items():
        values = np.ascontiguousarray(rows[name])
        if name in _CODED:
            arrays.append(pa.DictionaryArray.from_arrays(values, _CODED[name]).cast(kind))
        elif name in _FLAGS:
            arrays.append(pa.array(values > 0, mask=values < 0))
        elif name == "price":
            arrays.append(pa.array(values, mask=np.isnan(values)))
        else:
            least = NOT_A_TIME if name == "received_ns" else -1
            arrays.append(pa.array(values, mask=values == least))
    offsets = offsets_of([len(each) // MESSAGE.itemsize for each in packed]).astype(np.int32)
    structs = pa.StructArray.from_arrays(arrays, fields=list(HEAVY["messages"].value_type))
    return pa.ListArray.from_arrays(offsets, structs)


def _packed(column: pa.ChunkedArray) -> list[bytes]:
    """Return the messages of each game as they are in memory."""
    lists = column.combine_chunks()
    structs = lists.flatten()
    if not len(structs):
        return [b""] * len(lists)
    rows = np.zeros(len(structs), MESSAGE)
    for name in _MESSAGE:
        values = structs.field(name)
        if name in _CODED:
            values = pc.index_in(values, pa.array(_CODED[name]))
        least = NOT_A_TIME if name == "received_ns" else np.nan if name == "price" else -1
        values = values.cast(pa.from_numpy_dtype(MESSAGE[name])).fill_null(least)
        rows[name] = values.to_numpy(zero_copy_only=False)
    ends = offsets_of(pc.list_value_length(lists).fill_null(0).to_numpy()).tolist()
    return [rows[begin:end].tobytes() for begin, end in pairwise(ends)]


def columns_of(table: pa.Table, text: dict[str, LazyText]) -> GameColumns:
    """Return the columns without prices, with `text` for those that are read later."""

    def whole(name: str) -> NDArray[np.int32]:
        column = table[name]
        filled = column.fill_null(-1) if column.null_count else column
        return np.asarray(filled.to_numpy(), np.int32)

    def time(name: str) -> NDArray[np.int64]:
        return np.asarray(table[name].cast(pa.int64()).fill_null(NOT_A_TIME).to_numpy(), np.int64)

    def number(name: str) -> NDArray[np.float64]:
        return np.asarray(table[name].to_numpy(), np.float64)  # null is NaN

    heard = "ordered" if table["first_ns"].null_count == len(table) else "first_ns"  # as version 0.1 has it
    status = table["status"].unify_dictionaries().combine_chunks()
    ended = table["ended_ms"].fill_null(-1).to_numpy()
    codes = np.array([STATUSES.index(name) for name in status.dictionary.to_pylist()], np.int8)
    return GameColumns(
        length=whole("length"),
        peak=number("peak"),
        peak_tick=whole("peak_tick"),
        rug_tick=whole("rug_tick"),
        rug_price=number("rug_price"),
        status=codes[status.indices.to_numpy()] if len(codes) else np.empty(0, np.int8),
        source=table["source"].to_numpy(),
        missing=whole("missing"),
        trades=whole("trade_count"),
        started_ns=time("started"),
        first_ns=time(heard),
        ended_ns=np.where(ended < 0, NOT_A_TIME, ended * 1_000_000),
        verified=table["verified"].cast(pa.int8()).fill_null(-1).to_numpy(),
        corrected=table["corrected"].to_numpy(),
        **text,
    )


def prices_of(table: pa.Table) -> Prices:
    """Return the prices of all rows."""
    parts = []
    for prices, sources in zip(table["prices"].chunks, table["sources"].chunks, strict=True):
        offsets = prices.offsets.to_numpy().astype(np.int64)
        flat = prices.flatten().to_numpy(zero_copy_only=False)
        parts.append(Prices(flat, offsets - offsets[0], sources.flatten().to_numpy(zero_copy_only=False)))
    if not parts:
        return Prices(np.empty(0), offsets_of([]), np.empty(0, np.uint8))
    flat, offsets, sources = join(parts)
    for array in (flat, sources):
        assert array is not None
        array.flags.writeable = False
    return Prices(flat, offsets, sources)


def details_of(table: pa.Table) -> list[Details]:
    """Return what is known of each row's game beside its prices: `OF_DETAILS`, and messages if read."""

    def values(kind: Any, rows: list[dict[str, Any]] | None, **more: Any) -> tuple[Any, ...]:
        return tuple(kind(**more, **row) for row in rows or ())

    messages = _packed(table["messages"]) if "messages" in table.column_names else [b""] * len(table)
    columns = (table[name].to_pylist() for name in OF_DETAILS)
    return [
        Details(
            values(Trade, trades, game_id=game_id),
            values(PlayerBet, bets, game_id=game_id),
            values(Standing, board),
            packed,
            ended_ms,
            first_ns,
        )
        for game_id, trades, bets, board, ended_ms, first_ns, packed in zip(*columns, messages, strict=True)
    ]
