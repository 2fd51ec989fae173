"""`Recovery`: the server's side of Socket.IO's connection state recovery, as the official server has it.

Every event carries an offset, and the newest two minutes of events are kept. A client that names its private
session id and the offset of its newest event gets the events since, before its connection is acknowledged.
"""

import secrets
from collections import deque
from typing import Any, Final

KEPT_S: Final = 120.0
KEPT_BYTES: Final = 64 * 1024 * 1024
_MOST_SESSIONS: Final = 1_000


class Recovery:
    """Events that can be sent again, and the sessions that may ask for them."""

    def __init__(self) -> None:
        self._events: deque[tuple[float, str, str]] = deque()
        self._bytes = 0
        self._sessions: deque[str] = deque(maxlen=_MOST_SESSIONS)
        self._number = 0

    def session(self, auth: Any) -> str:
        """Return the private id of a client: the one that it names, if it is known; else a new one."""
        pid = auth.get("pid") if isinstance(auth, dict) else None
        if pid in self._sessions:
            return str(pid)
        self._sessions.append(secrets.token_urlsafe(15))
        return self._sessions[-1]

    def keep(self, text: str, at_s: float) -> str:
        """Keep the text of an event, sent at a monotonic time; return it with its offset."""
        self._number += 1
        offset = f"{self._number:013d}-0"
        text = f'{text[:-1]},"{offset}"]'
        self._events.append((at_s, offset, text))
        self._bytes += len(text)
        while self._events and (at_s - self._events[0][0] > KEPT_S or self._bytes > KEPT_BYTES):
            self._bytes -= len(self._events.popleft()[2])
        return text

    def missed(self, auth: Any) -> list[str] | None:
        """Return what a client has missed; None where that is not known any more."""
        if not isinstance(auth, dict) or auth.get("pid") not in self._sessions:
            return None
        texts: list[str] = []
        for _, offset, text in reversed(self._events):
            if offset == auth.get("offset"):
                return texts[::-1]
            texts.append(text)
        return None
