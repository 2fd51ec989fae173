"""Bytes of a file → records, every line accounted for.

`read_lines` reads some lines at a time, so that a file of any length takes little memory. `decode_all`
decodes them at once with typed structures: only the fields that are used, and nothing per line in Python.
Where that fails they are read one by one, and a corrupt line is searched for complete records and for
beginnings of records (two recorders that wrote into one file left such lines). What could not be used has a
row of `Damage`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any, Final, get_args

import msgspec
import numpy as np

from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.read.formats.items import Item, Records
from rugs_lab.recordings.read.version_0_1 import RAW, line_of_today, lines_of_today
from rugs_lab.recordings.write.line_types import GameEndLine, Int64, Line, TickLine

MAX_LINE: Final = 16 * 1024 * 1024
"""A longer line is not searched for records, bytes."""


class Tick(msgspec.Struct, tag="tick", tag_field="type", gc=False):
    """What is used of a tick line, of this package's format and of the original's."""

    game_id: str
    tick: Int64 | None = None
    price: float | None = None
    active: bool | None = None
    rugged: bool | None = None
    phase: str | None = None
    kind: str | None = None
    backfilled: str | None = None
    timestamp: str | None = None
    ns: Int64 = 0
    cooldown_timer: Int64 | None = None
    allow_pre_round_buys: bool | None = None
    trade_count: Int64 | None = None
    players: Int64 | None = None


class End(msgspec.Struct, tag="game_end", tag_field="type"):
    """What is used of the end of a game, of both formats."""

    game_id: str
    timestamp: str | None = None
    rug_tick: Int64 | None = None
    peak: float | None = None
    rug_price: float | None = None
    status: str | None = None
    incomplete_reason: str | None = None
    discard_reason: str | None = None


class SessionStart(msgspec.Struct, tag="session_start", tag_field="type"):
    """First line of a session of the original."""


class GameComplete(msgspec.Struct, tag="game_complete", tag_field="type"):
    """The summary of a game in a session of the original; it is that of another game."""

    game_id: str


class SessionEnd(msgspec.Struct, tag="session_end", tag_field="type"):
    """Last line of a session of the original."""


class Published(msgspec.Struct, tag="published", tag_field="type"):
    """A game as it was published: its prices follow from its seed."""

    game_id: str
    server_seed: str
    server_seed_hash: str
    version: str | None = None


_OURS: Final = [kind for kind in get_args(Line) if kind not in (TickLine, GameEndLine)]
_KINDS: Final = (*_OURS, Tick, End, SessionStart, GameComplete, SessionEnd, Published)
TYPES: Final = frozenset(str(kind.__struct_config__.tag) for kind in _KINDS)
"""The ``type`` of each record."""

NOTHING: Final = b"\0 \t\r\xef\xbb\xbf"
"""What may surround a line: white space, byte order marks, zeros that a power cut left."""

_decoder: Final = msgspec.json.Decoder(reduce(or_, _KINDS))
_decode: Callable[[bytes], Any] = _decoder.decode
_BEGINNING: Final = re.compile(rb'\{"type"')
_FIELD: Final = re.compile(rb'"(\w+)" ?: ?("[^"\\]*"|-?\d[0-9.eE+-]*|true|false|null)(?= ?[,}])')
_BREAK: Final = ord("\n")
_AT_ONCE: Final = 2**20
_MADE_OF_EVENTS: Final = re.compile(rb'^\s*\{ ?"type" ?: ?"(?:tick|game_start)"', re.MULTILINE)
_JSON: Final = json.JSONDecoder()


def decode_all(data: bytes) -> Records | None:
    """Read lines of a recording; None if any of them is something else."""
    today = lines_of_today(data)
    if today is not data and RAW in data:  # the event of a raw line is another's
        return None
    try:
        records = _decoder.decode_lines(today)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    breaks = np.count_nonzero(np.frombuffer(data, np.uint8) == _BREAK)  # faster than bytes.count
    lines = breaks + (not data.endswith(b"\n") and bool(data))
    return Records(records, None) if len(records) == lines else None


def decode_record(text: bytes) -> Any:
    """Read one record; None for anything else."""
    try:
        return _decode(line_of_today(text))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def first_lines(data: bytes, begin: int = 0) -> bytes:
    """Return the next whole lines, about a megabyte, or all that is left."""
    end = data.find(b"\n", begin + _AT_ONCE)
    return data[begin:] if end < 0 else data[begin : end + 1]


def read_lines(
    data: bytes,
    file: str,
    others: Callable[[bytes, int], Iterable[Item] | None],
    known: Records | None = None,
) -> Iterator[Item]:
    """Read lines: each gives a record, what `others` makes of it, or a row of damage.

    `known` are the records of `first_lines`, if these are nothing else.
    """
    raw_only = _MADE_OF_EVENTS.search(data) is None and b'"raw"' in data
    begin, number = 0, 1
    while begin < len(data):
        part = first_lines(data, begin)
        records = known if not begin else decode_all(part)
        begin += len(part)
        if records is not None:
            yield records._replace(first=number, raw_only=raw_only)
        else:
            for item in _one_by_one(part, file, others, number, at_end=begin == len(data)):
                yield item._replace(raw_only=raw_only) if isinstance(item, Records) else item
        number += part.count(b"\n") if records is None else len(records.records)


def _one_by_one(
    data: bytes,
    file: str,
    others: Callable[[bytes, int], Iterable[Item] | None],
    first: int,
    *,
    at_end: bool,
) -> Iterator[Item]:
    """Read lines one by one; the records come last, all together."""
    found = Records([], [])
    begin, number = 0, first - 1
    while begin < len(data):
        end = data.find(b"\n", begin)
        torn = end < 0 and at_end
        text = data[begin:] if end < 0 else data[begin:end]
        begin, number = len(data) if end < 0 else end + 1, number + 1
        clean = text.strip(NOTHING)
        try:
            records = [_decode(line_of_today(clean))]
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            items = others(clean, number) if clean else None
            if items is None:
                records, row = _search(text, file, number, torn=torn, error=error)
                yield row
                found.records.extend(records)
                found.lines.extend([number] * len(records))  # type: ignore[union-attr]
                continue
            records = []
            yield from items
        if b"\0" in text:
            yield Damage(file, number, "fragment", None, "zeros beside a line: skipped")
        found.records.extend(records)
        found.lines.extend([number] * len(records))  # type: ignore[union-attr]
    yield found


def _search(text: bytes, file: str, line: int, *, torn: bool, error: Exception) -> tuple[list[Any], Damage]:
    """Return the records that can be read from a corrupt line, and its row of damage."""

    def row(kind: str, done: str, game_id: str | None = None) -> Damage:
        return Damage(file, line, kind, game_id, done)

    if not text.strip():
        return [], row("blank_line", "skipped")
    if not text.strip(NOTHING):
        return [], row("fragment", "zeros: skipped")
    if text.lstrip().startswith(b"#"):
        return [], row("comment", "a comment: skipped")
    begins = [match.start() for match in _BEGINNING.finditer(text)] if len(text) <= MAX_LINE else []
    found, complete, cut, lost = [], 0, 0, int(bool(begins) and begins[0] > 2)
    for begin, end in pairwise([*begins, len(text)]):
        record, is_complete = _salvage(text[begin:end])
        if record is None:
            lost += end - begin > len('{"type": "tick", "timestamp"')
        else:
            found.append(record)
            complete += is_complete
            cut += not is_complete
    game_id = next((getattr(record, "game_id", None) for record in found), None)
    done = f"{complete} read, {cut} read up to a cut, {lost} lost"
    if torn and (begins or (text.lstrip()[:1] in (b"{", b"[") and not _is_object(text))):
        return found, row("torn_line", f"the file ends within a record: {done}", game_id)
    if len(begins) > 1 or (begins and begins[0]):
        return found, row("interleaved", f"several records on one line: {done}", game_id)
    if found or not _is_object(text):
        return found, row("fragment", f"part of a record: {done if begins else 'skipped'}", game_id)
    return [], row("unknown_record", f"skipped: {str(error)[:120]}")


def _salvage(text: bytes) -> tuple[Any, bool]:
    """Read the record that `text` begins with; if it is cut off, the fields before the cut."""
    try:
        words = text.decode("utf-8", "replace")
        return _decode(words[: _JSON.raw_decode(words)[1]].encode()), True
    except (ValueError, RecursionError):
        pass
    fields = b",".join(match.group() for match in _FIELD.finditer(text))
    try:
        record = _decode(b"{" + fields + b"}")
    except (msgspec.MsgspecError, UnicodeError):
        return None, False
    if not isinstance(record, Tick) or record.tick is None or record.price is None or record.rugged is None:
        return None, False
    if record.rugged and record.phase == "RUG" and record.kind is None:
        return None, False  # which of a rug's two messages it was is behind the cut
    return record, False


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
