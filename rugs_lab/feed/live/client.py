"""A Socket.IO client that only listens: one connection.

python-socketio's `AsyncClient` answers an event that asks for an acknowledgement on its own, and an event it
cannot decode raises inside of a task. Here neither happens: nothing is ever sent but what keeps the
connection open (handshake, namespace connect, pong, close), and what cannot be decoded is reported.

A server with ``connectionStateRecovery`` names a private session id (``pid``) when the namespace is connected
and appends an offset to every event. The session keeps both; the next connection names them, and the server
sends what was missed before it acknowledges the connection (Socket.IO 4.6 and later).
"""

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NoReturn

import socketio
from engineio.base_client import connected_clients

from rugs_lab.errors import FeedError
from rugs_lab.feed.live.dialer import Dialer
from rugs_lab.feed.live.refusals import ClosedError, NamespaceError, plain
from rugs_lab.feed.live.session import Session
from rugs_lab.game.event_text import MAX_OFFSET, OFFSET, offset_of

_PLAIN_EVENT: Final = "2["
_OFFSET: Final = re.compile(rf', ?"({OFFSET})"\]\Z', re.ASCII)
_MOST_ATTACHMENTS: Final = 16
_MAX_PID: Final = 256
_QUIET = logging.getLogger(f"{__name__}.socketio")
_QUIET.setLevel(logging.CRITICAL)  # what a server sends wrongly is counted, not printed


class ListeningClient(socketio.AsyncClient):  # type: ignore[misc]
    """One connection, by `dialer`; `session`: what the one before left, which this one keeps up.

    `take_text` gets the JSON text of every plain event; `take` name and arguments of one that was sent
    otherwise (in a namespace, with an attachment, or asking for an answer, which it does not get); `reject`
    what is of no use, and why. `recovered`: events sent again before `acknowledged`. `refused`: its
    CONNECT_ERROR, or its end before it was acknowledged.
    """

    def __init__(
        self,
        dialer: Dialer,
        session: Session,
        take_text: Callable[[str], None],
        take: Callable[[str, tuple[Any, ...]], None],
        reject: Callable[[str, str], None],
    ) -> None:
        super().__init__(
            reconnection=False,
            handle_sigint=False,
            http_session=dialer,
            logger=_QUIET,
            engineio_logger=_QUIET,
        )
        dialer.reject = reject
        self.recovered = 0
        self.refused: NamespaceError | ClosedError | None = None
        self._dialer = dialer
        self.session = session
        self._asked = session.pid
        self.acknowledged = self._parted = False
        self._binary_packet: Any = None
        self._take_text = take_text
        self._take = take
        self._reject = reject

    async def emit(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: the feed never sends an event."""
        raise FeedError("the feed only listens: it never sends an event to the server")

    async def connect(self, *args: Any, **options: Any) -> None:
        """Connect; a goodbye that came meanwhile counts, which python-socketio overlooks."""
        await super().connect(*args, **options)
        if self._parted:
            await self._handle_disconnect("/")

    async def close(self, limit_s: float) -> None:
        """Disconnect, politely for `limit_s` at most; then python-engineio forgets it all the same."""
        with suppress(Exception):
            await asyncio.wait_for(self.disconnect(), limit_s)
        with suppress(ValueError):
            connected_clients.remove(self.eio)

    async def _handle_eio_connect(self) -> None:
        self._dialer.stage = "namespace"
        await super()._handle_eio_connect()

    async def _handle_eio_disconnect(self, reason: Any) -> None:
        await super()._handle_eio_disconnect(reason)
        ours = reason == self.reason.CLIENT_DISCONNECT
        if not ours and not self.acknowledged and self.refused is None:  # `connect` would go on waiting
            self.refused = ClosedError(self._dialer.ended or "cut off")
            self.failed_namespaces.append("/")
            self._connect_event.set()

    async def _handle_eio_message(self, data: Any) -> None:
        if isinstance(data, str):
            if self._binary_packet is not None:
                self._binary_packet = None
                self._reject("(binary)", "a binary attachment was expected; got a text message")
            if data.startswith(_PLAIN_EVENT):
                self._count()
                self._take_text(data[1:])
                if self.session.pid is not None and (
                    offset := _OFFSET.search(data, len(data) - MAX_OFFSET - 5)
                ):
                    self.session.offset = offset[1]
                return
        try:
            await super()._handle_eio_message(data)
        except Exception as error:
            self._binary_packet = None
            self._reject("(undecodable)", f"a Socket.IO packet was expected; {type(error).__name__}: {error}")
        if self._binary_packet is not None and self._binary_packet.attachment_count > _MOST_ATTACHMENTS:
            announced, self._binary_packet = self._binary_packet.attachment_count, None
            self._reject(
                "(binary)", f"at most {_MOST_ATTACHMENTS} attachments are waited for; it has {announced}"
            )

    async def _handle_event(self, namespace: str | None, id: int | None, data: Any) -> None:
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            self._reject("(unnamed)", "an event must be a list starting with its name")
            return
        args = tuple(data[1:])
        self._count()
        self._take(data[0], args)
        ours = self.session.pid is not None and id is None and namespace in (None, "/")
        if ours and (offset := offset_of(args)) is not None:
            self.session.offset = offset

    def _count(self) -> None:
        if not self.acknowledged:
            self.recovered += 1

    async def _handle_connect(self, namespace: str | None, data: Any) -> None:
        if namespace not in (None, "/"):  # never asked for, so nothing of it is kept or said goodbye to
            self._reject("(namespace)", "the server connects a namespace that was not asked for")
            return
        pid = data.get("pid") if isinstance(data, dict) else None
        pid = pid if isinstance(pid, str) and 0 < len(pid) <= _MAX_PID else None
        if pid is None or pid != self._asked:  # a session of its own, which has no events yet
            self.session.offset = None
            self.recovered = 0
        self.session.pid = pid
        self.acknowledged = True
        await super()._handle_connect(None, data if isinstance(data, dict) else None)

    async def _handle_disconnect(self, namespace: str | None) -> None:
        if namespace in (None, "/"):
            self._parted = self.acknowledged
            await super()._handle_disconnect(None)

    async def _handle_error(self, namespace: str | None, data: Any) -> None:
        if namespace not in (None, "/"):
            self._reject("(namespace)", "the server refuses a namespace that was not asked for")
            return
        words = data.get("message", data) if isinstance(data, dict) else data
        error = NamespaceError("" if words is None else str(words)[:1000])
        if self.acknowledged:  # a goodbye, whatever it is called
            self._dialer.ended = f'the server ended it: "{plain(error)}"'
            await self._handle_disconnect(None)
        else:
            self.refused = error
            await super()._handle_error(None, data)
