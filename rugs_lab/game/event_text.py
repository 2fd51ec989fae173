"""The text of an event → its name, its arguments, and which of them is the data.

One function each for the live client, captures, replays and recordings. Two things may accompany the
data: a tracing library puts an argument before it that holds nothing but trace keys; a Socket.IO server with
``connectionStateRecovery`` appends its offset, a text, to every event.

What the fast decoder of JSON rejects (``NaN``, half surrogate pairs, very large numbers) is read by the
standard library instead, so nothing that Python can read is lost.
"""

import json
import re
from typing import Any, Final

import msgspec

from rugs_lab.errors import PayloadError

TRACE_KEYS: Final = frozenset({"__trace", "traceparent", "tracestate", "baggage"})
"""Keys of a trace (W3C Trace Context, and the site's own mark)."""

DEEPEST: Final = 100
"""Values nested deeper are not read, however deep the interpreter could go; the server nests a few levels."""

_LONGEST_WHOLE: Final = 400
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?')
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_NO_MARK: Final = bytes({*range(256)} - {*b'[]{}"\\'})
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def too_deep(text: str | bytes | msgspec.Raw) -> bool:
    """Return whether JSON text nests values deeper than `DEEPEST`."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else bytes(text)
    if len(data) <= DEEPEST or data.count(b"[") + data.count(b"{") <= DEEPEST:
        return False
    marks = data.translate(_ONE_KIND, _NO_MARK)
    marks = _STRING.sub(b"", marks if b"\\" in marks else marks.replace(b'""', b""))
    for _ in range(DEEPEST):  # each round takes the innermost lists away
        outer = marks.replace(b"[]", b"")
        if len(outer) == len(marks):
            return False
        marks = outer
    return b"[]" in marks


def read_json(text: str | bytes | msgspec.Raw) -> Any:
    """Read one JSON value."""
    if too_deep(text):
        raise PayloadError(f"the message is rejected: JSON nested deeper than {DEEPEST} levels")
    try:
        return _decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text if isinstance(text, str | bytes) else bytes(text), parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the message is rejected: invalid JSON ({error})") from None


def json_text(value: object) -> str:
    """Return compact JSON, text as it is, but half a surrogate pair (a name cut short) as an escape."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)


def decode_event(text: str) -> tuple[str, tuple[Any, ...]]:
    """Read the JSON text of an event: a list of its name and its arguments."""
    event = read_json(text)
    if not isinstance(event, list) or not event or not isinstance(event[0], str):
        raise PayloadError(
            f"an event must be a JSON list starting with its name; got {text[:80]!r}: the message is rejected"
        )
    return event[0], tuple(event[1:])


MAX_OFFSET: Final = 256
"""A longer text after the data is not taken off before it is read, characters."""

OFFSET: Final = r"[P-Z][\w-]{6}(?:\.[\w-]{1,16})?|\d{13,20}-\d{1,20}|[\da-f]{24}"
"""Offsets of Socket.IO's adapters, all of them times: in memory (yeast, to 2049), Redis streams, MongoDB.

A volatile event carries none, so its last argument may be any other text: a regular expression for ASCII.
"""

_is_offset: Final = re.compile(OFFSET, re.ASCII).fullmatch


def is_trace(argument: object) -> bool:
    """Tell whether an argument holds nothing but trace keys; an empty object does not."""
    return isinstance(argument, dict) and bool(argument) and TRACE_KEYS.issuperset(argument)


def data_of(args: tuple[Any, ...]) -> Any:
    """Return the data among the arguments of an event: the first one that is not a trace.

    What follows it is left out: further data, and the offset of a server that can recover connections. None:
    the event has no arguments, or only a trace (and a recovery offset).
    """
    place = 1 if args and is_trace(args[0]) else 0
    if len(args) <= place or (place and len(args) == 2 and isinstance(args[1], str)):
        return None
    return args[place]


def offset_of(args: tuple[Any, ...]) -> str | None:
    """Return an event's recovery offset, on a connection whose server hands them out; None without one."""
    last = args[-1] if args else None
    return last if isinstance(last, str) and _is_offset(last) else None


def without_offset(argument: str) -> str:
    """Return the JSON text of an object without a recovery offset after it; other text as it is."""
    if argument.endswith('"') and (end := argument.rfind('},"', len(argument) - MAX_OFFSET - 4)) >= 0:
        return argument[: end + 1]
    return argument


def arguments_of(data: Any) -> tuple[Any, ...]:
    """Return the arguments of an event from the one value by which a capture keeps them."""
    return tuple(data) if isinstance(data, list) and data and is_trace(data[0]) else (data,)


def _whole(digits: str) -> int | float:
    """Read a whole number; one of more digits than Python reads (and any float holds) is infinite."""
    return int(digits) if len(digits) <= _LONGEST_WHOLE else float(digits)
