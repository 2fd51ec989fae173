"""Tables of prices, events or games, a row each: DataFrames, CSV, Parquet, SQLite."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

from typing_extensions import TypeIs

from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.read.formats.field_names import ALL, DATA, WHOLE, are_known, items_of, lists_in
from rugs_lab.recordings.read.formats.items import Content, Item, Records
from rugs_lab.recordings.read.formats.json_text import plain

_ROWS: Final = 16_384
_LINES_BEFORE: Final = 50
EXPECTED: Final = "game_id, tick and price are expected, or events, or whole games (rugs_lab.formats())"

Values = Mapping[str, Any] | list[Mapping[str, Any]]
"""Events, prices or finished games as JSON has them, or a document of them."""


class Frame(Protocol):
    """A DataFrame of any library, or an Arrow table."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows as an Arrow stream."""


def is_frame(value: object) -> TypeIs[Frame]:
    """Return whether a value is a DataFrame of any library, or an Arrow table."""
    return hasattr(value, "__arrow_c_stream__") or hasattr(value, "__dataframe__")


def is_values(value: object) -> TypeIs[Values]:
    """Return whether a value is a list of objects as JSON has them, or one."""
    some = value if isinstance(value, list) else [value]
    return any(isinstance(each, Mapping) for each in some)


def read_frame(frame: Any) -> Iterator[Item]:
    """Read a DataFrame."""
    import pyarrow as pa
    from pyarrow.interchange import from_dataframe

    has_stream = hasattr(frame, "__arrow_c_stream__")
    try:
        reader = pa.RecordBatchReader.from_stream(frame) if has_stream else from_dataframe(frame).to_reader()
        names = reader.schema.names
        columns = _wanted(names)
        rows = _rows(batch.select(columns) for batch in reader if columns)
    except (pa.ArrowException, TypeError, ValueError, RuntimeError, OverflowError) as error:
        if not hasattr(frame, "iterrows"):
            done = f"Arrow cannot read it as a table ({str(error)[:160]})"
            yield Damage("", None, "other_file", None, done)
            return
        names = [*map(str, frame.columns)]  # values of several types in one column of pandas
        columns = _wanted(names)
        rows = iter(frame.set_axis(names, axis=1)[columns].to_dict("records"))
    yield from _of_rows(enumerate(rows, 1)) if columns else [_other("a DataFrame", names)]


def read_values(given: Values) -> Iterator[Item]:
    """Read events, games or prices that are values already, or a document of them."""
    values = (
        given if not isinstance(given, Mapping) else chain(*lists_in(given)) if lists_in(given) else [given]
    )
    unknown = 0
    for place, each in enumerate(values, 1):
        items = items_of(each, place) if isinstance(each, Mapping) else None
        unknown += items is None
        yield from items or ()
    if unknown:
        yield Damage("", None, "unknown_record", None, f"{unknown} elements are nothing of a game: skipped")


def read_parquet(content: Content) -> Iterator[Item]:
    """Read a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with content.open() as opened, pq.ParquetFile(pa.PythonFile(opened, "r")) as file:
            columns = _wanted(file.schema_arrow.names)
            if not columns:
                yield _other("Parquet", file.schema_arrow.names)
                return
            yield from _of_rows(enumerate(_rows(file.iter_batches(_ROWS, columns=columns)), 1))
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        yield _flaw("Parquet", error)


def header_of(head: bytes) -> tuple[int, str, list[str]] | None:
    """Return line (from 0), delimiter and columns of the line of a CSV file that names its columns."""
    if head[:1] in (b"{", b"["):
        return None
    for place, line in enumerate(plain(head).decode("utf-8", "replace").splitlines()[:_LINES_BEFORE]):
        if line[:1] in ("{", "["):
            return None
        for delimiter in ",;\t|":
            if delimiter in line and len(line) < 10_000:
                columns = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
                if _wanted(columns):
                    return place, delimiter, columns
    return None


def read_csv(content: Content) -> Iterator[Item]:
    """Read CSV; a row of another length than the first is skipped. Lines are counted, blank ones too."""
    import pyarrow as pa
    from pyarrow.csv import ConvertOptions, ParseOptions, ReadOptions, open_csv

    place, delimiter, columns = header_of(content.head) or (0, ",", [])
    skipped: list[tuple[int, str]] = []

    def skip(row: Any) -> str:
        skipped.append((row.number, row.text[:60]))
        return "skip"

    def numbered(rows: Iterator[dict[str, Any]]) -> Iterator[tuple[int, dict[str, Any]]]:
        line, before = place + 2, 0
        for row in rows:
            while before < len(skipped) and skipped[before][0] <= line:
                line, before = line + 1, before + 1
            if any(value is not None for value in row.values()):
                yield line, row
            line += 1

    data = plain(content.read()).replace(b"\0", b"").decode("utf-8", "replace").encode()
    if b'"' in data and {*DATA}.isdisjoint(map(str.casefold, columns)):  # a stray quote costs its line only
        lines = data.split(b"\n")
        data = b"\n".join(line.replace(b'"', b"?") if line.count(b'"') % 2 else line for line in lines)
    if delimiter == ";" and {*DATA, *WHOLE}.isdisjoint(map(str.casefold, columns)):
        data = data.replace(b",", b".")  # the decimal comma
    try:
        batches = open_csv(
            pa.BufferReader(data),
            ReadOptions(use_threads=False, block_size=2**24, column_names=columns, skip_rows=place + 1),
            ParseOptions(
                delimiter=delimiter,
                newlines_in_values=b'"' in data,
                ignore_empty_lines=False,
                invalid_row_handler=skip,
            ),
            ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(columns, pa.string()),
                include_columns=_wanted(columns),
                strings_can_be_null=True,
            ),
        )
        yield from _of_rows(numbered(_rows(batches)))
    except (pa.ArrowException, UnicodeError) as error:
        yield _flaw("CSV", error)
    if skipped:
        line, text = skipped[0]
        done = f"{len(skipped)} rows with more or fewer columns, the first {text!r}: skipped"
        yield Damage("", line, "fragment", None, done)


def read_sqlite(content: Content) -> Iterator[Item]:
    """Read an SQLite database; nothing is written, not even beside it."""
    with TemporaryDirectory(prefix="rugs_lab") as folder:
        try:
            with closing(_database(content, Path(folder))) as database:
                yield from _tables(database)
        except (sqlite3.Error, OSError, OverflowError, UnicodeError) as error:
            yield _flaw("SQLite", error)


def _database(content: Content, folder: Path) -> sqlite3.Connection:
    path = content.path
    if path is None:
        database = sqlite3.connect(":memory:")
        database.deserialize(content.read())
    else:
        beside = [end for end in ("-wal", "-journal") if Path(f"{path}{end}").is_file()]  # its newest rows
        for end in ("", *beside) if beside else ():
            copyfile(f"{path}{end}", folder / f"copy{end}")
        uri = (folder / "copy").as_uri() if beside else path.absolute().as_uri() + "?mode=ro&immutable=1"
        database = sqlite3.connect(uri, uri=True)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    database.execute("pragma trusted_schema = off")
    return database


def _tables(database: sqlite3.Connection) -> Iterator[Item]:
    tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
    others = []
    for table in tables:
        rows = database.execute('select * from "{}"'.format(table.replace('"', '""')))
        columns = [column[0] for column in rows.description]
        if not _wanted(columns):
            others.append(f"{table}({', '.join(columns)})")
            continue
        yield from _of_rows(enumerate((dict(zip(columns, row, strict=True)) for row in rows), 1))
    if len(others) == len(tables):
        yield _other("an SQLite database", others, "tables")


def _rows(batches: Iterable[Any]) -> Iterator[dict[str, Any]]:
    return (row for batch in batches for row in batch.to_pylist())


def _of_rows(rows: Iterable[tuple[int, Mapping[Any, Any]]]) -> Iterator[Item]:
    row = 0
    for row, given in rows:
        yield from items_of(given, row) or ()
    yield Records([], None) if row else Damage("", None, "empty_file", None, "a table without rows: skipped")


def _wanted(columns: Sequence[str]) -> list[str]:
    """Return the columns that mean something; none if they are not those of prices, events or games."""
    names = [name.casefold() for name in columns]
    known = len({*names}) == len(names) and are_known(names)
    return [column for column, name in zip(columns, names, strict=True) if name in ALL] if known else []


def _other(what: str, names: Sequence[str], kind: str = "columns") -> Damage:
    some = ", ".join(name[:80] for name in names[:20]) or "(none)"
    return Damage("", None, "other_file", None, f"{what} with the {kind} {some}; {EXPECTED}")


def _flaw(what: str, error: Exception) -> Damage:
    done = f"it cannot be read as {what} any further ({str(error)[:200]}): used as far as it goes"
    return Damage("", None, "unreadable", None, done)
