"""Bytes of a file → records, every line accounted for.

`read_records` decodes a whole file at once with typed structures: only the fields that are used, and nothing
per line in Python. A file that cannot be decoded that way is read line by line, and a corrupt line is
searched for complete records and for beginnings of records (two recorders that wrote into one file left such
lines). What could not be used has a row of `Damage`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, Final

import msgspec
import numpy as np

from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.read.version_0_1 import lines_of_today
from rugs_lab.recordings.write.line_types import (
    AnomalyLine,
    GameStartLine,
    GapLine,
    HistoryLine,
    LeaderboardLine,
    RawLine,
    SessionLine,
    StatsLine,
    TradeLine,
)

MAX_LINE: Final = 16 * 1024 * 1024
"""A longer line is not searched for records, bytes."""

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A number that fits a column; its meaning is checked later."""


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
    version: str = "v3"


Record = (
    Tick
    | End
    | TradeLine
    | GapLine
    | HistoryLine
    | LeaderboardLine
    | StatsLine
    | AnomalyLine
    | GameStartLine
    | SessionLine
    | RawLine
    | SessionStart
    | GameComplete
    | SessionEnd
    | Published
)
_decoder = msgspec.json.Decoder(Record)
_decode: Callable[[bytes], Any] = _decoder.decode
_BEGINNING: Final = re.compile(rb'\{"type"')
_FIELD: Final = re.compile(rb'"(\w+)" ?: ?("[^"\\]*"|-?\d[0-9.eE+-]*|true|false|null)(?= ?[,}])')
_BREAK: Final = ord("\n")
_JSON: Final = json.JSONDecoder()


def read_records(data: bytes, file: str) -> tuple[list[Any], list[int] | None, list[Damage]]:
    """Read the lines of a file.

    Returns
    -------
    records
        In order of lines.
    lines
        Number of the line of each record, from 1; None: the n-th record is on line n.
    damage
        A row for every line of which something was lost or corrected.
    """
    data = lines_of_today(data)
    try:
        records = _decoder.decode_lines(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    else:
        breaks = np.count_nonzero(np.frombuffer(data, np.uint8) == _BREAK)  # faster than bytes.count
        if len(records) == breaks + (not data.endswith(b"\n") and bool(data)):
            return records, None, []
    return _one_by_one(data, file)


def _one_by_one(data: bytes, file: str) -> tuple[list[Any], list[int], list[Damage]]:
    records: list[Any] = []
    lines: list[int] = []
    damage: list[Damage] = []
    texts = data.split(b"\n")
    ended = not texts[-1]
    for number, text in enumerate(texts[:-1] if ended else texts, 1):
        try:
            found = [_decode(text)]
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            found, row = _search(text, file, number, torn=not ended and number == len(texts), error=error)
            damage.append(row)
        records += found
        lines += [number] * len(found)
    return records, lines, damage


def _search(text: bytes, file: str, line: int, *, torn: bool, error: Exception) -> tuple[list[Any], Damage]:
    """Return the records that can be read from a corrupt line, and its row of damage."""

    def row(kind: str, done: str, game_id: str | None = None) -> Damage:
        return Damage(file, line, kind, game_id, done)

    if not text.strip():
        return [], row("blank_line", "skipped")
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
    if torn:
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
