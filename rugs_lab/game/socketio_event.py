"""The text of a Socket.IO event → its name and arguments."""

from __future__ import annotations

from typing import Any

from rugs_lab.errors import PayloadError
from rugs_lab.game.json_text import read_json


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
            f"an event is a JSON list that begins with its name; got {text[:80]!r}: the message is refused"
        )
    return event[0], tuple(event[1:])
