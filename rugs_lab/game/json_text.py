"""JSON text → values, tolerantly; the text of a Socket.IO event → its name and arguments.

What the fast decoder rejects (``NaN``, half surrogate pairs, very large numbers) is read by the standard
library instead, so nothing that Python can read is lost.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from rugs_lab.errors import PayloadError

_LONGEST_WHOLE: Final = 400
_decode = msgspec.json.Decoder().decode


def read_json(text: str | bytes | msgspec.Raw) -> Any:
    """Read one JSON value.

    Raises
    ------
    PayloadError
        Not JSON, or nested more deeply than Python can read.

    Examples
    --------
    >>> read_json("[1, NaN, 1e999]"), read_json("9" * 5000)
    ([1, nan, inf], inf)
    """
    try:
        return _decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text if isinstance(text, str | bytes) else bytes(text), parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"JSON is expected; it could not be read ({error}): it is rejected") from None


def decode_event(text: str) -> tuple[str, tuple[Any, ...]]:
    """Read the JSON text of an event: a list of its name and its arguments.

    Raises
    ------
    PayloadError
        Not JSON, or not a list that begins with the event's name.

    Examples
    --------
    >>> decode_event('["newChatMessage",{"__trace":true},{"message":""}]')
    ('newChatMessage', ({'__trace': True}, {'message': ''}))
    """
    event = read_json(text)
    if not isinstance(event, list) or not event or not isinstance(event[0], str):
        raise PayloadError(
            f"an event is a JSON list that begins with its name; got {text[:80]!r}: the message is rejected"
        )
    return event[0], tuple(event[1:])


def _whole(digits: str) -> int | float:
    """Read a whole number; one of more digits than Python reads (and any float holds) is infinite."""
    return int(digits) if len(digits) <= _LONGEST_WHOLE else float(digits)
