"""One Parquet file of games: a row per game, its prices as a list.

Written in row groups of 512 games, read a row group at a time: `ParquetStore` reads the columns without
prices when the first of them is needed, and the prices of a row group when one of its games is. Any Parquet
reader can read the file; a missing price is null, and ``sources`` has the source of each of the others.
"""

from __future__ import annotations

import os
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache, partial
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rugs_lab.errors import ArgumentError
from rugs_lab.progress import progress
from rugs_lab.recordings.catalogue.light_columns import (
    FOOTER,
    LIGHT,
    fingerprint,
    light_columns,
    opened,
    write_light,
)
from rugs_lab.recordings.catalogue.parquet_checks import CHECKED, detail_faults, schema_faults, value_faults
from rugs_lab.recordings.catalogue.parquet_schema import (
    COLUMNS,
    DAMAGE_SCHEMA,
    HEAVY,
    OF_DETAILS,
    SCHEMA,
    TEXT,
    GameRows,
    columns_of,
    details_of,
    prices_of,
    sums_of,
    table_of,
)
from rugs_lab.recordings.games.game import READ_LATER, Game, Source, read_later
from rugs_lab.recordings.games.game_stores import Details, Prices, offsets_of
from rugs_lab.recordings.games.games_frame import NOT_A_TIME, GameColumns, LazyText
from rugs_lab.recordings.games.trades_frame import archived_frame
from rugs_lab.recordings.read import version_0_1

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SCHEMA_VERSION: Final = "4"
_READ: Final = (SCHEMA_VERSION, "3", "2", version_0_1.SCHEMA)
_VERSION_KEY: Final = b"rugs_lab.schema"
ROW_GROUP: Final = 512
_GROUPS_KEPT: Final = 8  # four of prices, four of all others
_PRICES_KEY: Final = b"rugs_lab.prices"


def write_parquet(games: GameRows, path: Path) -> None:
    """Write games to a new file, a row group at a time; the file is not synced."""
    options: dict[str, Any] = {
        "compression": "zstd",
        "use_dictionary": ["status", "version", "file", "sources.list.element"],
        "column_encoding": {"prices.list.element": "BYTE_STREAM_SPLIT"},
    }
    schema = SCHEMA.with_metadata({_VERSION_KEY: SCHEMA_VERSION})
    with pq.ParquetWriter(path, schema, **options) as writer:
        found = 0  # without it two files that differ in a price may end alike
        for table in progress(tables_of(games), "writing", "row groups", -(-len(games) // ROW_GROUP)):
            writer.write_table(table)
            for chunk in table["prices"].chunks:
                found = zlib.crc32(np.asarray(chunk.flatten()).tobytes(), found)
        writer.add_key_value_metadata({_PRICES_KEY: str(found).encode()})


def tables_of(games: GameRows) -> Iterator[pa.Table]:
    """Yield the games of one row group after the other; those that a file has so already are copied."""
    for begin in range(0, len(games), ROW_GROUP):
        piece = games[begin : begin + ROW_GROUP]
        copied: dict[ParquetStore, list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
        made, place = [np.empty(0, np.int64)], 0
        for store, some in piece.parts:
            rows = np.arange(len(store)) if some is None else some
            places = np.arange(place, place + len(rows))
            place += len(rows)
            if isinstance(store, ParquetStore) and store.as_written:
                same = store.columns(None).verified[rows] == piece.columns.verified[places]
                copied.setdefault(store, []).append((places[same], rows[same]))
                places = places[~same]  # verified since
            made.append(places)
        order = [np.concatenate(made)]
        tables = [table_of(piece[order[0]])] if len(order[0]) else []
        for store, pairs in copied.items():
            places, rows = map(np.concatenate, zip(*pairs, strict=True))
            order.append(places)
            tables.append(store.table(rows))
        yield pa.concat_tables(tables).unify_dictionaries().take(np.argsort(np.concatenate(order)))


def save_parquet(games: GameRows, path: Path) -> None:
    """Write games to a file that is there whole or, where it cannot be written, as it was."""
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        write_parquet(games, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def is_archive(path: Path) -> bool:
    """Return whether a Parquet file is one of `write_parquet` or `write_damage`, or cannot be read at all."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - FOOTER, 0))
            if _VERSION_KEY in file.read():  # the whole footer may be long
                return True
        return pq.read_schema(path).names in (DAMAGE_SCHEMA.names, ["line"])
    except (pa.ArrowException, OSError, KeyError, ValueError):
        return True


def _no_parquet(path: Path, error: Exception) -> ArgumentError:
    return ArgumentError(f"{path} cannot be read as Parquet: {str(error)[:200]}")


class ParquetStore:
    """The games of one file of `write_parquet`; prices are read when they are needed.

    `corrected`: ids of the games that were corrected, for a file of version 0.1, which does not mark them.
    `mark`: `fingerprint` of the file that is meant, where another may have taken its place.
    `light`: the file with its `light_columns`, if there is one.
    `as_written`: whether its rows are as `write_parquet` writes them today, and were not changed.
    """

    def __init__(
        self, path: Path, corrected: frozenset[str] = frozenset(), mark: tuple[int, int] | None = None
    ) -> None:
        try:
            self._source, self._mark = opened(path), fingerprint(path, FOOTER)
        except OSError as error:
            raise _no_parquet(path, error) from error
        if mark is not None and mark != self._mark:
            raise ArgumentError(
                f"{path} was rewritten by a later seal or save after these games were pickled, so their row "
                "numbers are no longer valid; load and select the games again"
            )
        self.path, self._corrected = path, corrected
        self.light = light_columns(path, self._mark)
        version = self._checked_version() if self.light is None else SCHEMA_VERSION
        self.as_written, self._version = version == SCHEMA_VERSION, version
        self._of_0_1, self._is_old = version == version_0_1.SCHEMA, version != SCHEMA_VERSION
        self._columns: GameColumns | None = None
        self._ids: NDArray[Any] | None = None
        self._texts: dict[str, pa.ChunkedArray] = {}
        self._groups: OrderedDict[tuple[int, tuple[str, ...]], pa.Table] = OrderedDict()
        self._reading = threading.Lock()

    @cached_property
    def _file(self) -> pq.ParquetFile:
        """The file with its footer, which is read when it is needed."""
        try:
            return pq.ParquetFile(self._source)
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise _no_parquet(self.path, error) from error

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._file.schema_arrow.names)

    @cached_property
    def _begins(self) -> NDArray[np.int64]:
        """Where each row group begins, and where the last one ends."""
        metadata = self._file.metadata
        return offsets_of([metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)])

    def _checked_version(self) -> str:
        """Return the version of the file's schema; ArgumentError if it is another file."""
        schema = self._file.schema_arrow  # made anew at each access
        version: str = (schema.metadata or {}).get(_VERSION_KEY, b"").decode()
        if version not in _READ:
            raise ArgumentError(
                f"{self.path} should be a Parquet file of games, schema {SCHEMA_VERSION}; "
                f"its schema is {version or 'another'!r}. "
                "rugs_lab.seal writes such files; a newer one needs a newer rugs_lab"
            )
        names = version_0_1.COLUMNS if version == version_0_1.SCHEMA else {}
        self._require(schema_faults(schema, names, version != SCHEMA_VERSION), self.path)
        return version

    def check(self) -> bool:
        """Check every value; ArgumentError where one cannot be. Return whether all are as they were written.

        If not, verdicts are to be computed again. Older files do not say.
        """
        same, self.light = True, None
        self._checked_version()
        try:
            tables = (self._read([*CHECKED], [group]) for group in range(self._file.num_row_groups))
            self._require(value_faults(tables, self._is_old), self.path)
            for begin, end in pairwise(self._begins.tolist()):
                rows = np.arange(begin, end)
                columns, details = self.columns(rows), self.details(rows, messages=True)
                found = map(detail_faults, self.ids(rows).tolist(), details)
                self._require(chain.from_iterable(found), self.path)
                if not self._is_old:
                    same &= self._rows(["sum"], rows)["sum"].to_pylist() == sums_of(columns, details)
        except (pa.ArrowException, OSError, TypeError, ValueError) as error:
            if isinstance(error, ArgumentError):
                raise
            self._require([f"it cannot be read: {str(error)[:200]}"], self.path)
        if not same or self._version == "3":  # its checksum of all games is not read any more
            unknown = np.full(len(self), -1, np.int8)
            self._columns, self.as_written = replace(self.columns(None), verified=unknown), False
        return same

    @staticmethod
    def _require(faults: Iterable[str], path: Path) -> None:
        fault = next(iter(faults), None)
        if fault is not None:
            raise ArgumentError(f"{path} is not a file of games that rugs_lab.seal wrote: {fault}")

    def __len__(self) -> int:
        return int(self._begins[-1]) if self.light is None else int(self.light.metadata.num_rows)

    def __reduce__(self) -> tuple[Any, tuple[Path, frozenset[str], tuple[int, int]]]:
        """Pickle the path, not the data: the file is opened again where it is unpickled."""
        return _opened, (self.path.absolute(), self._corrected, self._mark)

    def ids(self, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        """Return the ids; of some games they are read alone."""
        if self._columns is None and self._ids is None and rows is not None:
            return np.asarray(self._rows(["id"], rows)["id"].cast(pa.string()))
        if self._ids is None:
            self._ids = np.asarray(self.columns(None).ids)
        return self._ids if rows is None else self._ids[rows]

    def columns(self, rows: NDArray[np.int64] | None) -> GameColumns:
        """Read all columns without prices, once."""
        if self._columns is None:
            read = {name: LazyText(partial(self._text, name)) for name in TEXT}
            read["ids"] = LazyText(partial(self._text, "id"))
            found = columns_of(self._read_light(), read)
            self._columns = _of_old(found) if self._is_old else found
        return self._columns if rows is None else self._columns.take(rows)

    def prices(self, rows: NDArray[np.int64] | None) -> Prices:
        """Read the prices of these games, or of all."""
        return prices_of(self._rows(["prices", "sources"], rows))

    def rugs(self, rows: NDArray[np.int64] | None) -> NDArray[np.int32]:
        """Return the column of `columns`; of some games it is read alone."""
        if self._columns is None and rows is not None and not self._of_0_1:
            return np.asarray(self._rows(["rug_tick"], rows)["rug_tick"].fill_null(-1), np.int32)
        return self.columns(rows).rug_tick

    def details(self, rows: NDArray[np.int64] | None, *, messages: bool = False) -> Sequence[Details]:
        """Read what is known beside prices."""
        return details_of(self._rows([*OF_DETAILS, *(["messages"] if messages else [])], rows))

    def file(self) -> Path | None:
        """Return its path, if it is of today's schema, still this file, and no pattern of names."""
        path = self.path.absolute()
        plain = self.as_written and not {*"*?["}.intersection(str(path))
        try:
            return path if plain and fingerprint(path, FOOTER) == self._mark else None
        except OSError:
            return None

    def frame(self, name: str, rows: NDArray[np.int64] | None) -> pd.DataFrame:
        """Read the ``"trades"`` or ``"bets"`` of these games, a row each."""
        name = "sidebets" if name == "bets" else name
        table = self._rows(["id", name], rows)
        lists = table[name].combine_chunks()
        flat = pa.Table.from_batches([pa.RecordBatch.from_struct_array(lists.flatten())])
        return archived_frame(flat.append_column("game_id", table["id"].take(pc.list_parent_indices(lists))))

    def write_light(self, path: Path) -> None:
        """Write the columns that opening reads to a file of their own."""
        write_light(self.path, self._mark, path)

    def table(self, rows: NDArray[np.int64]) -> pa.Table:
        """Read all that there is of these games, as rows of `SCHEMA`."""
        return self._rows(SCHEMA.names, rows).cast(SCHEMA)

    def game(self, row: int) -> Game:
        """Read one game; its trades, bets, leaderboard and messages when they are used."""
        columns = self.columns(None)
        rug_tick, source = int(columns.rug_tick[row]), int(columns.source[row])
        started, heard, ended = (
            None if time == NOT_A_TIME else int(time)
            for time in (columns.started_ns[row], columns.first_ns[row], columns.ended_ns[row])
        )
        game = Game(
            str(columns.ids[row]),
            self._list("prices", row),
            None if source <= Source.RECEIVED else self._list("sources", row),  # type: ignore[arg-type]
            None if rug_tick < 0 else rug_tick,
            columns.server_seed[row],
            columns.server_seed_hash[row],
            columns.version[row],
            started_ns=started,
            file=columns.file[row],
            corrected=bool(columns.corrected[row]),
            ended_ms=None if ended is None else ended // 1_000_000,
            first_ns=heard,
        )
        return read_later(game, partial(self._rest, row))

    def _list(self, name: str, row: int) -> NDArray[Any]:
        """Return one of the lists; a copy, because a view would keep the row group."""
        column = self._of_group((name,), row)[name].combine_chunks()
        return np.array(column.flatten().to_numpy(zero_copy_only=False))

    def _rest(self, row: int) -> dict[str, Any]:
        details = details_of(self._of_group((*OF_DETAILS, "messages"), row))[0].for_game()
        return {name: details[name] for name in READ_LATER}

    def _of_group(self, names: tuple[str, ...], row: int) -> pa.Table:
        """Return columns of one game; those of its row group are read, and the last few are kept."""
        group = int(np.searchsorted(self._begins, row, side="right")) - 1
        with self._reading:
            table = self._groups.get((group, names))
            if table is None:
                table = self._groups[group, names] = self._read([*names], [group])
                while len(self._groups) > _GROUPS_KEPT:
                    self._groups.popitem(last=False)
        return table.slice(row - int(self._begins[group]), 1)

    def _text(self, name: str) -> pa.ChunkedArray:
        """Read a column of text, once."""
        if name not in self._texts:
            self._texts[name] = self._read([name])[name].cast(pa.large_string())  # as pandas has it
        return self._texts[name]

    def _read_light(self) -> pa.Table:
        """Read all columns that are neither prices nor text."""
        light = [name for name in COLUMNS if name not in (*TEXT, "id", "sum")]
        if not self._of_0_1:
            return self._read(light)
        light.remove("corrected")
        return version_0_1.games_of_today(self._read(["id", *light]), self._corrected)

    def _rows(self, columns: list[str], rows: NDArray[np.int64] | None) -> pa.Table:
        """Read columns of these games, in their order, from the row groups that they are in."""
        if rows is None:
            return self._read(columns)
        groups, place = np.unique(np.searchsorted(self._begins, rows, side="right") - 1, return_inverse=True)
        at = offsets_of(np.diff(self._begins)[groups])[place] + rows - self._begins[groups][place]
        table = self._read(columns, groups.tolist())
        together = len(rows) > 0 and bool((np.diff(at) == 1).all())
        return table.slice(int(at[0]), len(at)) if together else table.take(at)

    def _read(self, columns: list[str], groups: list[int] | None = None) -> pa.Table:
        """Read columns of all games or of some row groups, under the names of today."""
        if groups is None and self.light is not None and LIGHT.issuperset(columns):
            try:
                return self.light.read(columns)
            except (OSError, pa.ArrowException):  # a page that is not as it was written
                self.light = None
        names = [version_0_1.COLUMNS.get(name, name) for name in columns] if self._of_0_1 else columns
        there = [name for name in names if name in self._names]
        some = range(self._file.num_row_groups) if groups is None else groups
        try:  # threads cost more than they save in one group
            read = self._file.read_row_groups(some, there, groups is None or len(groups) > 1)
        except (OSError, pa.ArrowException) as error:  # changed in place, or damaged within
            raise _no_parquet(self.path, error) from error
        types = {**COLUMNS, **HEAVY}
        arrays = [
            read[name] if name in there else pa.nulls(len(read), types[column])
            for name, column in zip(names, columns, strict=True)
        ]
        return pa.table(arrays, columns)


def _opened(path: Path, *what: Any) -> ParquetStore:
    """Open a file that was pickled; the same thread, which alone reads it, gets the same store again."""
    return _of_thread((threading.get_ident(), fingerprint(path, FOOTER)), path, *what)


_of_thread = lru_cache(maxsize=4)(lambda _, *what: ParquetStore(*what))


def _of_old(columns: GameColumns) -> GameColumns:
    """Return columns of an older file, whose rule of verification did not ask for every price."""
    whole = (columns.missing == 0) & (columns.rug_tick == columns.length - 1)
    return replace(columns, verified=np.where(whole, columns.verified, -1).astype(np.int8))
