"""Text: JSON lines and documents of any shape, Socket.IO frames, HAR.

Every line, and every element of a document, is recognised by itself: a byte order mark, a note, a torn line
or the zeros of a power cut cost nothing but themselves.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Raw

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import decode_event, read_json
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.read.formats.field_names import items_of, lists_in, time_of
from rugs_lab.recordings.read.formats.items import Content, Event, Item, Records
from rugs_lab.recordings.read.read_records import (
    MAX_LINE,
    NOTHING,
    TYPES,
    decode_all,
    decode_record,
    first_lines,
    read_lines,
)

_DEEPEST: Final = 6
_MOST_CUTS: Final = 1_000
"""After so many broken places the rest of a text is left: looking for the next one takes its time."""

_FRAME: Final = re.compile(r'(?:([0-9TZ:.+-]{10,35})[\s,;|]+)?42(?:/[^,\[{"]{0,64},)?\d{0,19}(?=\[)')
_PACKET: Final = re.compile(rb"(?:[0-6]|4[013456])(?:\{[^\n]*\})?\Z")
_CONTROL: Final = bytes({*range(256)} - {*range(1, 32)} | {9, 10, 13})
_BEGIN: Final = re.compile(rb"^[ \t]*[\[{]", re.MULTILINE)
_OBJECT: Final = re.compile(r'\{\s*"(?:ts|timestamp|timestamp_ms|time|type|event|event_type|data|id)"')
_SCAN: Final = json.JSONDecoder()
_NOT_JSON: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)
_raws = msgspec.json.Decoder(list[Raw]).decode
_fields = msgspec.json.Decoder(dict[str, Raw]).decode


def is_text(head: bytes) -> bool:
    """Return whether a file may be text in UTF-8 or UTF-16, by its first bytes; zeros may be among them."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b'{"' in head:
        return True
    return len(head.translate(None, _CONTROL)) * 50 <= len(head)


def plain(data: bytes) -> bytes:
    """Return text as UTF-8 without a byte order mark, its lines ended by a line feed."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = data.removeprefix(codecs.BOM_UTF8)
    return data if b"\n" in data else data.replace(b"\r", b"\n")


def read_text(content: Content) -> Iterator[Item]:
    """Read text of any shape."""
    data = plain(content.read())
    records = decode_all(first_lines(data))
    begin = None if records is not None else _document(data)
    if begin is None:
        yield from read_lines(data, content.name, line_items, records)
    else:
        text = data[begin:].strip()
        if data[:begin].strip():
            yield Damage("", None, "fragment", None, f"{begin} bytes before the JSON: skipped")
        yield from (_items(text, None) if _is_json(text) else _broken(text, None)) or ()


def _document(data: bytes) -> int | None:
    """Return where a JSON document of several lines begins; None for lines that are JSON each."""
    found = _BEGIN.search(data)
    text = data[found.start() :].strip() if found else b""
    if found is None or b"\n" not in text:
        return None
    lines = (line.strip(NOTHING + b",") for line in text[:MAX_LINE].split(b"\n", 200)[:200])
    if not _is_json(text) and any(line[:1] in (b"{", b"[") and _is_json(line) for line in lines):
        return None
    return found.start()


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=Raw)
    except _NOT_JSON:
        return False
    return True


def line_items(text: bytes, line: int) -> Iterable[Item] | None:
    """Return what a line holds that is not a line of a recording; None where it is nothing of a game."""
    if text in (b"[", b"]", b"],") or _PACKET.match(text):
        return ()
    if text[:1] in (b"{", b"["):
        items = _items(text.rstrip(b","), line)
        whole = items is not None or b'{"type"' in text or _is_json(text)
        return items if whole else _broken(text, line)
    return _frame(text.decode("utf-8", "replace"), line, None) if b"42" in text[:64] else None


def _items(text: bytes, line: int | None, depth: int = 0) -> Iterable[Item] | None:
    """Return what a JSON value holds; None where it is not JSON, or nothing of a game."""
    try:
        value = _opened(text)
    except PayloadError:
        return None
    if isinstance(value, list) and depth < _DEEPEST:
        if value and isinstance(value[0], str):
            return (Event(line, value[0], tuple(value[1:])),)
        return _each(value, line, depth)
    if not isinstance(value, dict):
        return None
    if value.get("type") in TYPES:
        record = decode_record(text)
        return None if record is None else (Records([record], [line or 0]),)
    lists = lists_in(value)
    if lists and depth < _DEEPEST:
        return (item for each in lists for item in _items(_text(each), line, depth + 1) or ())
    data = value.get("data")
    if isinstance(data, str) and value.get("type") != "send":
        items = _frame(data, line, value.get("time"))
        if items is not None:
            return items
    return () if "opcode" in value or "request" in value else items_of(value, line)  # the rest of a HAR


def _opened(text: bytes) -> Any:
    """Read a value; the elements of a list, and of what contains lists, stay text until they are read."""
    try:
        if text[:1] == b"[":
            raws = _raws(text)
            return raws if raws and bytes(raws[0])[:1] != b'"' else read_json(text)
        fields = _fields(text)
        if lists_in(fields):
            return fields
    except _NOT_JSON:
        pass
    return read_json(text)


def _text(value: Any) -> bytes:
    return bytes(value) if isinstance(value, Raw) else json.dumps(value).encode()


def _each(values: Sequence[Any], line: int | None, depth: int) -> Iterator[Item]:
    unknown = 0
    for value in values:
        items = _items(_text(value), line, depth + 1)
        unknown += items is None
        yield from items or ()
    if unknown:
        done = f"{unknown} of {len(values)} elements are nothing of a game: skipped"
        yield Damage("", line, "unknown_record", None, done)


def _frame(text: str, line: int | None, time: object) -> Iterable[Item] | None:
    """Return the event in a Socket.IO frame, with a time before it or without; None for other text."""
    found = _FRAME.match(text)
    if found is None:
        return None
    try:
        name, args = decode_event(text[found.end() :])
    except PayloadError as error:
        return (Damage("", line, "fragment", None, f"no event: {str(error)[:160]}: skipped"),)
    return (Event(line, name, args, time_of(found[1] or time)),)


def _broken(text: bytes, line: int | None) -> Iterable[Item] | None:
    """Return what whole objects in broken JSON hold; None for a line without any."""
    words, items, place, read = text.decode("utf-8", "replace"), list[Item](), 0, 0
    for _ in range(_MOST_CUTS if line is None or len(text) <= MAX_LINE else 0):
        while found := _OBJECT.search(words, place):
            try:
                place = _SCAN.raw_decode(words, found.start())[1]
            except (ValueError, RecursionError):
                place = found.start() + 1
                break
            inside = _items(words[found.start() : place].encode("utf-8", "replace"), line)
            items += inside or ()
            read += inside is not None
    if line is not None and not read:
        return None
    kind = "interleaved" if line is not None else "torn_line"
    return [
        *items,
        Damage("", line, kind, None, f"it is broken: {read} objects in it are read, the rest is not"),
    ]
