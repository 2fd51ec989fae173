"""What python-socketio needs of an aiohttp session, and no more: every byte of a connection passes here.

It puts headers, proxy and TLS settings on each request, bounds what comes, says how far a connection came,
and closes whatever was opened, half-made connections too.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import aiohttp
import msgspec

from rugs_lab.feed.live.address import Address, name_of
from rugs_lab.feed.live.refusals import GreetingError, HandshakeError, PollError, plain

MAX_MESSAGE_BYTES: Final = 16 * 1024 * 1024
"""The largest message measured has 489 kB; one above this ends the connection."""

_MAX_ERROR_BYTES: Final = 2_000
_PACKETS_AT_ONCE: Final = 16  # of python-engineio, in one answer of a poll
_IDLE_POLL_S: Final = 0.25
_LONGEST_PING_MS: Final = 86_400_000
_SEPARATOR: Final = "\x1e"
_GREETING: Final = "0"
_PING: Final = "2"
_PONG: Final = "3"
_PROBE_ANSWER: Final = "3probe"
_MESSAGE: Final = "4"
_BINARY: Final = "b"
_AFTER_GREETING: Final = frozenset("1246")
_DIGITS: Final = frozenset("0123456789")


class Dialer:
    """Opens the connections of one attempt.

    `stage`: how far it came, see `Refusal`. `redirected`: address to which the server redirected the
    handshake; None: nowhere. `ended`: the end of the connection, in words. `reject`: is called with what was
    received and why it is of no use. `upgrade_s`: how long a polling connection waits for a WebSocket, s.
    """

    def __init__(self, address: Address, upgrade_s: float = 3.0) -> None:
        self.ended: str | None = None
        self.reject: Callable[[str, str], None] = lambda event, reason: None
        self.stage = "proxy" if address.proxy else "name" if address.named else self._to_connect(address)
        self.redirected: str | None = None
        self.upgrade_s = upgrade_s
        self._address = address
        self._http = aiohttp.ClientSession(connector=_connector(address), trace_configs=[self._trace()])
        self._options: dict[str, Any] = {"ssl": address.ssl}
        if address.proxy is not None and address.proxy.startswith("http"):
            self._options["proxy"] = address.proxy
        self._sockets: list[_Socket] = []
        self._packets: list[str] = []
        self._polled: Any = None
        self._body = ""

    @property
    def closed(self) -> bool:
        """True after `close`."""
        return self._http.closed

    async def ws_connect(self, url: str, *, headers: Any = None, **options: Any) -> Any:
        """Open a WebSocket, bounded in message size; a HandshakeError has any other answer."""
        upgrade = "&sid=" in url
        options.pop("ssl", None)
        try:
            async with asyncio.timeout(self.upgrade_s if upgrade else None):
                websocket = await self._http.ws_connect(
                    self._there(f"http{url.removeprefix('ws')}"),  # a proxy is asked for no ws:// address
                    max_msg_size=MAX_MESSAGE_BYTES,
                    headers=self._headers(headers),
                    **self._options,
                    **options,
                )
        except Exception as error:
            if upgrade:  # a network that swallows it, or anything else: polling continues
                raise aiohttp.ClientConnectionError from error
            if isinstance(error, aiohttp.WSServerHandshakeError):
                raise HandshakeError(error.status, dict(error.headers or {}), self._body) from error
            raise
        socket = _Socket(websocket, self, upgrade=upgrade)
        self._sockets.append(socket)
        return socket

    async def get(self, url: str, *, headers: Any = None, data: Any = None, timeout: Any = None) -> Any:
        """Poll for packets; some at a time, as many as python-engineio takes."""
        if "&sid=" in url:
            return await self._poll(url, headers, timeout, opening=False)
        try:
            return await self._poll(url, headers, timeout, opening=True)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise PollError from error

    async def _poll(self, url: str, headers: Any, timeout: Any, *, opening: bool) -> Any:
        if not self._packets:
            async with self._http.get(
                self._there(url), headers=self._headers(headers), timeout=timeout, **self._options
            ) as response:
                if response.status != 200:
                    body = await _read(response, _MAX_ERROR_BYTES)
                    if opening:
                        words = body.decode("utf-8", "replace")
                        raise HandshakeError(response.status, dict(response.headers), words, websocket=False)
                    return SimpleNamespace(status=response.status)
                body = await _read(response, MAX_MESSAGE_BYTES + 1)
                if opening and response.history:
                    self._polled = response.url
            if len(body) > MAX_MESSAGE_BYTES and not opening:
                self.ends("(unreadable)", TOO_LARGE)
                return None
            self._packets = body.decode("utf-8", "replace").split(_SEPARATOR)
            if opening and not self._packets[0].startswith(_GREETING):
                raise HandshakeError(200, dict(response.headers), websocket=False)
            if opening:
                _check_greeting(self._packets[0])
        now, self._packets = self._packets[:_PACKETS_AT_ONCE], self._packets[_PACKETS_AT_ONCE:]
        if not opening:
            now = [packet for packet in now if _is_packet(packet, self.reject)]
            if not any(packet[:1] in (_MESSAGE, _BINARY) for packet in now):
                await asyncio.sleep(_IDLE_POLL_S)  # a server that answers at once is not asked at once
        text = _SEPARATOR.join(_PING if packet[:1] == _PING else packet for packet in now) or "6"

        async def read() -> bytes:
            return text.encode()

        return SimpleNamespace(status=200, read=read)

    async def post(self, url: str, *, headers: Any = None, data: Any = None, timeout: Any = None) -> Any:
        """Send packets by polling; what they are is python-engineio's and the client's to say."""
        async with self._http.post(
            self._there(url), headers=self._headers(headers), data=data, timeout=timeout, **self._options
        ) as response:
            return SimpleNamespace(status=response.status)

    async def close(self, limit_s: float) -> None:
        """Close the sockets, politely for `limit_s` at most, and the session."""
        with suppress(Exception):
            await asyncio.wait_for(asyncio.gather(*[socket.close() for socket in self._sockets]), limit_s)
        await self._http.close()

    def ends(self, event: str, why: str) -> None:
        """Count a message that ends the connection."""
        self.ended = why
        self.reject(event, f"{why}; the connection is made again")

    def _there(self, url: str) -> Any:
        """Return where to poll; a redirect of the first poll holds for all others, which it could change."""
        return self._polled.update_query(parse_qsl(urlsplit(url).query)) if self._polled else url

    def _headers(self, given: Any) -> dict[str, str]:
        elsewhere = self._polled is not None and self.redirected is not None
        return {**(given or {}), **(self._address.public_headers if elsewhere else self._address.headers)}

    @staticmethod
    def _to_connect(address: Address) -> str:
        return "tls" if address.secure else "tcp"

    def _trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()

        async def named(*_: Any) -> None:
            if self._address.proxy is None:
                self.stage = self._to_connect(self._address)

        async def connected(*_: Any) -> None:
            self.stage = "handshake"

        async def redirected(_: Any, __: Any, params: aiohttp.TraceRequestRedirectParams) -> None:
            location = params.response.headers.get("Location", "")
            with suppress(ValueError):  # what is no web address, aiohttp refuses
                there = params.url.join(type(params.url)(location))
                if there.origin() != params.url.origin():
                    self.redirected = plain(name_of(str(there)))
                    for name in self._address.headers.keys() - self._address.public_headers.keys():
                        params.headers.popall(name, None)

        async def answered(_: Any, __: Any, params: aiohttp.TraceRequestEndParams) -> None:
            if "Upgrade" in params.headers and params.response.status != 101:  # aiohttp drops what it says
                with suppress(TimeoutError, aiohttp.ClientError):
                    async with asyncio.timeout(self.upgrade_s):
                        body = await _read(params.response, _MAX_ERROR_BYTES)
                        self._body = body.decode("utf-8", "replace")

        trace.on_request_end.append(answered)
        trace.on_dns_resolvehost_end.append(named)
        trace.on_connection_create_end.append(connected)
        trace.on_request_redirect.append(redirected)
        return trace


class _Socket:
    """A WebSocket that gives python-engineio only what it bears: packets as a server may send them."""

    def __init__(self, websocket: aiohttp.ClientWebSocketResponse, dialer: Dialer, *, upgrade: bool) -> None:
        self._websocket = websocket
        self._dialer = dialer
        self._greeted = self._upgrades = upgrade
        self._pongs_due = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._websocket, name)

    async def send_str(self, text: str) -> None:
        """Send; a connection that is closed already is noticed by `receive`, after what still came in."""
        with suppress(ConnectionError):
            await self._websocket.send_str(text)
        self._pongs_due -= text == _PONG

    async def receive(self) -> Any:
        """Return the next message; what is not a packet is counted, and a ping's payload is not repeated."""
        if self._upgrades:
            self._upgrades = False
            message = await asyncio.wait_for(self._websocket.receive(), self._dialer.upgrade_s)
            if message.data != _PROBE_ANSWER:
                raise ConnectionError("the answer to a probe was expected")  # polling continues
            return message
        while True:
            try:
                message = await self._websocket.receive()
            except asyncio.CancelledError:  # python-engineio waits for the next ping no longer
                self._dialer.ended = "the server's pings stopped"
                raise
            if message.type is aiohttp.WSMsgType.ERROR:
                self._dialer.ends("(unreadable)", _unreadable(message.data))
            elif message.type is aiohttp.WSMsgType.CLOSE:
                words = f': "{plain(message.extra)}"' if message.extra else ""
                self._dialer.ended = f"closed by the server, code {message.data}{words}"
            if message.type is not aiohttp.WSMsgType.TEXT:
                return message
            text: str = message.data
            if not self._greeted:
                _check_greeting(text)
                self._greeted = True
                return message
            if not _is_packet(text, self._dialer.reject):
                continue
            if text[:1] != _PING:
                return message
            if self._pongs_due < _PACKETS_AT_ONCE:  # more are for a server that does not take the answers
                self._pongs_due += 1
                return message._replace(data=_PING)


class _Greeting(msgspec.Struct):
    sid: str
    upgrades: list[str]
    pingInterval: Annotated[float, msgspec.Meta(gt=0, le=_LONGEST_PING_MS)]
    pingTimeout: Annotated[float, msgspec.Meta(gt=0, le=_LONGEST_PING_MS)]


_read_greeting: Final = msgspec.json.Decoder(_Greeting).decode


def _check_greeting(text: str) -> None:
    """Raise GreetingError unless python-engineio can use the first packet of a connection."""
    try:
        _read_greeting(text[1:] if text[:1] == _GREETING else "")
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise GreetingError(text) from None


def _is_packet(text: str, reject: Callable[[str, str], None]) -> bool:
    kind = text[:1]
    if kind == _BINARY:
        return True
    if kind not in _AFTER_GREETING or (kind == _MESSAGE and text[1:2] not in _DIGITS):
        reject("(undecodable)", f"an Engine.IO packet was expected; got {text[:80]!r}")
        return False
    return True


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return at most so many bytes of a body, decompressed."""
    parts, length = [], 0
    async for part in response.content.iter_chunked(65_536):
        parts.append(part)
        length += len(part)
        if length >= most:
            break
    return b"".join(parts)[:most]


def _connector(address: Address) -> aiohttp.BaseConnector | None:
    proxy = urlsplit(address.proxy or "")
    if not proxy.scheme.startswith("socks"):
        return None
    from aiohttp_socks import ProxyConnector, ProxyType

    connector: aiohttp.BaseConnector = ProxyConnector(
        proxy.hostname or "",
        proxy.port or 1080,
        ProxyType.SOCKS5 if proxy.scheme.startswith("socks5") else ProxyType.SOCKS4,
        username=unquote(proxy.username) if proxy.username else None,
        password=unquote(proxy.password or "") if proxy.username else None,
        rdns=proxy.scheme != "socks4",
    )
    return connector


TOO_LARGE: Final = f"a message larger than {MAX_MESSAGE_BYTES // 2**20} MiB"


def _unreadable(error: object) -> str:
    if isinstance(error, aiohttp.WebSocketError) and error.code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
        return TOO_LARGE
    return f"a WebSocket message was expected ({plain(error)})"
