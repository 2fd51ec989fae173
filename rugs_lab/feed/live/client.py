"""A Socket.IO client that only listens.

python-socketio's `AsyncClient` answers an event that asks for an acknowledgement on its own, and an event it
cannot decode raises inside of a task. Here neither happens: nothing is ever sent but what keeps the
connection open (handshake, namespace connect, pong, close), and what cannot be decoded is reported.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import aiohttp
import socketio
from engineio.base_client import connected_clients

from rugs_lab.errors import FeedError

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
"""The largest message measured has 489 kB; a message above this ends the connection."""


_PLAIN_EVENT = "2["
_GREETING = "0"
_PING = "2"
_MESSAGE = "4"
_AFTER_GREETING = frozenset("1246")
_DIGITS = frozenset("0123456789")
_MOST_ATTACHMENTS = 16
_NO_NAMESPACE = ("One or more namespaces", "Unexpected connection error")
_QUIET = logging.getLogger(f"{__name__}.socketio")
_QUIET.setLevel(logging.CRITICAL)  # what a server sends wrongly is counted, not printed


class Dialer:
    """What python-socketio needs of an aiohttp session to open a WebSocket, and no more.

    It remembers the socket: a connection that is given up half-made is closed all the same.

    Attributes
    ----------
    reject
        Called with what was received and why it is of no use.
    """

    def __init__(self) -> None:
        self.reject: Callable[[str, str], None] = lambda event, reason: None
        self._http = aiohttp.ClientSession()
        self._sockets: list[_Socket] = []

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._http.closed

    async def ws_connect(self, url: str, **options: Any) -> _Socket:
        """Open a WebSocket, bounded in message size."""
        websocket = await self._http.ws_connect(url, max_msg_size=MAX_MESSAGE_BYTES, **options)
        socket = _Socket(websocket, self.reject)
        self._sockets.append(socket)
        return socket

    async def close(self, limit_s: float) -> None:
        """Close the sockets, politely for `limit_s` at most, and the session."""
        with suppress(Exception):
            await asyncio.wait_for(asyncio.gather(*[socket.close() for socket in self._sockets]), limit_s)
        await self._http.close()


class _Socket:
    """A WebSocket that gives python-engineio only what it bears: packets as a server may send them."""

    def __init__(
        self, websocket: aiohttp.ClientWebSocketResponse, reject: Callable[[str, str], None]
    ) -> None:
        self._websocket = websocket
        self._reject = reject
        self._greeted = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._websocket, name)

    async def send_str(self, text: str) -> None:
        """Send; a connection that is closed already is noticed by `receive`, after what is left to read."""
        with suppress(ConnectionError):
            await self._websocket.send_str(text)

    async def receive(self) -> Any:
        """Return the next message; what is no packet is counted, and a ping's payload is not repeated."""
        while True:
            message = await self._websocket.receive()
            if message.type is aiohttp.WSMsgType.ERROR:
                self._reject("(unreadable)", _unreadable(message.data))
            if message.type is not aiohttp.WSMsgType.TEXT:
                return message
            text: str = message.data
            kind = text[:1]
            if not self._greeted:
                self._greeted = kind == _GREETING
                return message
            if kind not in _AFTER_GREETING or (kind == _MESSAGE and text[1:2] not in _DIGITS):
                self._reject("(undecodable)", f"an Engine.IO packet was expected; got {text[:80]!r}")
                continue
            return message._replace(data=_PING) if kind == _PING else message


class ListeningClient(socketio.AsyncClient):  # type: ignore[misc]
    """One connection.

    Parameters
    ----------
    dialer
        What to connect with; its owner closes it.
    take_text
        Called with the JSON text of every plain event, in order of arrival.
    take
        Called with the name and the arguments of an event that was sent otherwise (in a namespace, with an
        attachment, or asking for an answer, which it does not get).
    reject
        Called with what was received and why it is of no use.
    """

    def __init__(
        self,
        dialer: Dialer,
        take_text: Callable[[str], None],
        take: Callable[[str, tuple[object, ...]], None],
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
        self._binary_packet: Any = None
        self._take_text = take_text
        self._take = take
        self._reject = reject

    async def emit(self, *_: object, **__: object) -> NoReturn:
        """Raise: the feed never sends an event."""
        raise FeedError("the feed only listens: it never sends an event to the server")

    async def close(self, limit_s: float) -> None:
        """Disconnect, politely for `limit_s` at most; then python-engineio forgets it all the same."""
        with suppress(Exception):
            await asyncio.wait_for(self.disconnect(), limit_s)
        with suppress(ValueError):
            connected_clients.remove(self.eio)

    async def _handle_eio_message(self, data: Any) -> None:
        if isinstance(data, str):
            if self._binary_packet is not None:
                self._binary_packet = None
                self._reject("(binary)", "a binary attachment was expected; got a text message")
            if data.startswith(_PLAIN_EVENT):
                self._take_text(data[1:])
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
        self._take(data[0], tuple(data[1:]))


def _unreadable(error: object) -> str:
    if isinstance(error, aiohttp.WebSocketError) and error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return f"a message larger than {MAX_MESSAGE_BYTES // 2**20} MiB; the connection is made again"
    return f"a WebSocket message was expected ({error}); the connection is made again"


def connect_failure(error: BaseException) -> str:
    """Return in one sentence why a connection could not be made."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    for each in chain:
        if isinstance(each, aiohttp.WSServerHandshakeError):
            return f"the address answered HTTP {each.status} and not as a Socket.IO server; check the address"
        if isinstance(each, aiohttp.ClientConnectorDNSError):
            return "the host name is not known; check the address and the network"
        if isinstance(each, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
            return "no safe connection (TLS) with that address; check http or https in the address"
        if isinstance(each, ConnectionRefusedError):
            return "nothing listens at that address (connection refused)"
        if isinstance(each, asyncio.TimeoutError):
            return "the address did not complete a Socket.IO connection in time"
    for each in chain:
        if isinstance(each, ConnectionResetError | aiohttp.ServerDisconnectedError):
            return "the address closed the connection while connecting"
    deepest = chain[-1]
    if isinstance(deepest, socketio.exceptions.ConnectionError) and str(deepest).startswith(_NO_NAMESPACE):
        return "the server did not accept the connection (no answer for the namespace)"
    return f"the address does not answer as a Socket.IO server ({type(deepest).__name__}: {deepest})"
