"""A TCP proxy on loopback that spoils connections on purpose, in the words of Toxiproxy.

It runs in a thread of its own. Toxics (`tests.support.toxics`) are put on one direction (``downstream``:
from the server to the client; ``upstream``: the other way) and taken off again while connections are open.
Chance comes from the seed, one generator per connection and direction; only the kernel's own timing is left.

::

    client ──▶ proxy ──upstream toxics──▶ server
    client ◀──downstream toxics── proxy ◀── server
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from random import Random
from threading import Thread
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from rugs_lab.errors import ArgumentError, FeedError
from tests.support.toxics import Bandwidth, Latency, ResetPeer, Slicer, SlowClose, Stream, Timeout, Toxic

_CHUNK: Final = 65_536
_IN_FLIGHT: Final = 64
_ANSWER_S: Final = 10.0
_T = TypeVar("_T", bound=Toxic)


class FaultProxy:
    """Stands between a client and the server at `address`.

    Parameters
    ----------
    address
        Of the server, ``http://host:port``. The server need not listen yet.
    seed
        Makes the chances the same every time.
    pause
        Called and awaited with the seconds that a toxic delays something; a test may note them instead.

    Attributes
    ----------
    connections
        Accepted so far.
    sent
        For each of them, in order, every byte that the client sent.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from tests.support.toxics import Slicer
    >>> with rl.GameServer(speed=50, seed=7) as server, FaultProxy(server.url) as proxy:
    ...     proxy.add(Slicer(size=100))
    ...     with rl.LiveFeed(proxy.url) as feed:
    ...         frames = len(feed.wait(messages=20).frame)
    >>> frames >= 20, proxy.connections, bytes(proxy.sent[0][:15])
    (True, 1, b'GET /socket.io/')
    """

    def __init__(
        self, address: str, *, seed: int = 0, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        parts = urlsplit(address)
        if parts.hostname is None or parts.port is None:
            raise ArgumentError(f"address must be of the form http://host:port; got {address!r}")
        self.connections = 0
        self.sent: list[bytearray] = []
        self.pause = pause
        self._target = (parts.hostname, parts.port)
        self._seed = seed
        self._toxics: tuple[Toxic, ...] = ()
        self._port = 0
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    @property
    def url(self) -> str:
        """Where clients connect; stays the same while the proxy lives, also when it is down."""
        if self._port == 0:
            raise FeedError("the proxy has no address before it listens: call start() first")
        return f"http://127.0.0.1:{self._port}"

    @property
    def toxics(self) -> tuple[Toxic, ...]:
        """What is on now."""
        return self._toxics

    def start(self) -> Self:
        """Listen."""
        if self._thread is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=self._loop.run_forever, name="rugs_lab proxy", daemon=True)
            self._thread.start()
            self.up()
        return self

    def stop(self) -> None:
        """Close everything; idempotent."""
        if self._thread is None or self._loop is None:
            return
        self.down()
        self._call(self._settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ANSWER_S)
        self._loop.close()
        self._thread = None

    def add(self, *toxics: Toxic) -> None:
        """Put toxics on, for connections that are open too."""
        self._call(self._add(toxics))

    def remove(self, *toxics: Toxic) -> None:
        """Take toxics off; without any, all of them."""
        gone = toxics or self._toxics
        self._toxics = tuple(toxic for toxic in self._toxics if toxic not in gone)

    def down(self) -> None:
        """Refuse new connections and cut the open ones."""
        self._call(self._down())

    def up(self) -> None:
        """Listen again, at the same address."""
        self._call(self._up())

    def cut(self) -> None:
        """Reset every open connection, once."""
        self._call(self._cut())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _call(self, work: Any) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_ANSWER_S)

    async def _add(self, toxics: tuple[Toxic, ...]) -> None:
        self._toxics = (*self._toxics, *toxics)
        for connection in tuple(self._open):
            connection.arm(toxics)

    async def _cut(self) -> None:
        for connection in tuple(self._open):
            connection.end(reset=True)

    async def _up(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
            self._port = self._listener.sockets[0].getsockname()[1]

    async def _down(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        await self._cut()

    async def _settle(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        number = self.connections
        self.connections += 1
        self.sent.append(record := bytearray())
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _close(writer, reset=True)
            return
        links = (
            _Link(self, "upstream", number, reader, server_writer, record),
            _Link(self, "downstream", number, server_reader, writer, None),
        )
        connection = _Connection(self, links, (writer, server_writer))
        self._open.add(connection)
        try:
            await connection.run()
        finally:
            self._open.discard(connection)

    def _of(self, kind: type[_T], stream: Stream) -> list[_T]:
        return [each for each in self._toxics if isinstance(each, kind) and each.stream == stream]


class _Connection:
    """Both directions of one connection, and what ends them."""

    def __init__(
        self, proxy: FaultProxy, links: tuple[_Link, ...], writers: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        self._proxy = proxy
        self._links = links
        self._writers = writers
        self._reset = False
        self._tasks: list[asyncio.Task[None]] = []
        self._timers: list[asyncio.TimerHandle] = []

    async def run(self) -> None:
        self.arm(self._proxy.toxics)
        self._tasks += [asyncio.ensure_future(link.run(self.end)) for link in self._links]
        try:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for timer in self._timers:
                timer.cancel()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for writer in self._writers:
                _close(writer, reset=self._reset)

    def arm(self, toxics: tuple[Toxic, ...]) -> None:
        """Start the clock of the toxics that have one."""
        loop = asyncio.get_running_loop()
        for toxic in toxics:
            if isinstance(toxic, ResetPeer) and toxic.after_bytes is None:
                self._timers.append(loop.call_later(toxic.timeout_ms / 1000, self._expire, toxic, True))
            elif isinstance(toxic, Timeout) and toxic.timeout_ms > 0:
                self._timers.append(loop.call_later(toxic.timeout_ms / 1000, self._expire, toxic, False))

    def end(self, reset: bool) -> None:
        """End it from the proxy's side."""
        self._reset = self._reset or reset
        for task in self._tasks:
            task.cancel()

    def _expire(self, toxic: Toxic, reset: bool) -> None:
        if toxic in self._proxy.toxics:
            self.end(reset)


class _Link:
    """One direction of one connection."""

    def __init__(
        self,
        proxy: FaultProxy,
        stream: Stream,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        record: bytearray | None,
    ) -> None:
        self._proxy = proxy
        self._stream = stream
        self._reader = reader
        self._writer = writer
        self._record = record
        self._random = Random(f"{proxy._seed}-{number}-{stream}")
        self._passed: dict[Toxic, int] = {}
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_IN_FLIGHT)

    async def run(self, end: Callable[[bool], None]) -> None:
        reading = asyncio.ensure_future(self._read())
        try:
            while True:
                came_s, chunk = await self._queue.get()
                if not chunk:
                    for slow in self._proxy._of(SlowClose, self._stream):
                        await self._proxy.pause(slow.delay_ms / 1000)
                    return
                if not await self._pass(came_s, chunk, end):
                    return
        except ConnectionError:
            return
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        chunk = b"-"
        while chunk:
            try:
                chunk = await self._reader.read(_CHUNK)
            except ConnectionError:
                chunk = b""
            if self._record is not None:
                self._record += chunk
            await self._queue.put((loop.time(), chunk))

    async def _pass(self, came_s: float, chunk: bytes, end: Callable[[bool], None]) -> bool:
        """Pass a chunk on through the toxics; return False when the connection ends with it."""
        proxy, stream = self._proxy, self._stream
        if proxy._of(Timeout, stream):
            return True
        for slow in proxy._of(Latency, stream):
            delay_s = (slow.latency_ms + self._random.uniform(-slow.jitter_ms, slow.jitter_ms)) / 1000
            await proxy.pause(came_s + delay_s - asyncio.get_running_loop().time())
        for narrow in proxy._of(Bandwidth, stream):
            await proxy.pause(len(chunk) / 1000 / narrow.rate_kb)
        chunk, last, reset = self._limited(chunk)
        slicers = proxy._of(Slicer, stream)
        if not slicers:
            self._writer.write(chunk)
            await self._writer.drain()
        for slicer in slicers[:1]:
            await self._slice(chunk, slicer)
        if last and reset:
            end(True)
        return not last

    def _limited(self, chunk: bytes) -> tuple[bytes, bool, bool]:
        """Return what may still pass, whether it is the last, and whether a reset follows."""
        last = reset = False
        for toxic in self._proxy.toxics:
            limit = getattr(toxic, "limit_bytes", getattr(toxic, "after_bytes", None))
            if toxic.stream != self._stream or limit is None:
                continue
            passed = self._passed.get(toxic, 0)
            if passed + len(chunk) >= limit:
                chunk, last = chunk[: limit - passed], True
                reset = reset or isinstance(toxic, ResetPeer)
            self._passed[toxic] = passed + len(chunk)
        return chunk, last, reset

    async def _slice(self, chunk: bytes, slicer: Slicer) -> None:
        at = 0
        while at < len(chunk):
            size = max(slicer.size + self._random.randint(-slicer.variation, slicer.variation), 1)
            self._writer.write(chunk[at : at + size])
            await self._writer.drain()
            await self._proxy.pause(slicer.delay_ms / 1000)
            at += size


def _close(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    """Close, or reset: with SO_LINGER at 0 the kernel sends RST."""
    if reset:
        raw = writer.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()
