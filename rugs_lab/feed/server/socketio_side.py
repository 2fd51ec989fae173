"""The Socket.IO side of `rugs_lab.feed.server.game_server.GameServer`.

::

    SimulatedServer ──pump──▶ one outbox per client ──courier──▶ engine.io queue ──▶ socket
    CaptureReader ───────────────────────────────────courier──▶ engine.io queue ──▶ socket

All clients of a `SimulatedServer` see the same game at the same time; every client of a capture gets it from
the beginning. Outboxes are bounded and the pump waits for the slowest client, so memory is bounded. What
clients send is ignored.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, Final

from rugs_lab.errors import FeedError
from rugs_lab.feed.server.refusing import ORIGIN, OTHER_PATH, WORDS, middleware
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader
from rugs_lab.feed.server.simulation.simulated_server import Event, SimulatedServer
from rugs_lab.game.event_text import json_text

logger = logging.getLogger(__name__)

BATCH: Final = 8
"""Packets handed to engine.io at once: a polling client refuses replies of more than 16."""

OUTBOX: Final = 1024
OUTBOX_UNPACED: Final = 64
"""Messages kept for one client before the simulation waits for it: at a finite speed, and at full speed."""

KEPT: Final = 1_000
"""Events of a simulation that can be sent again: two to three minutes of the real pace."""

CATCH_UP_S: Final = 1.0
"""A schedule that is further behind than this is given up instead of caught up."""

CLOSE_S: Final = 1.0
"""How long stopping waits for clients to take their goodbye."""


@dataclass(slots=True)
class _Client:
    socket: Any
    outbox: asyncio.Queue[str]
    courier: asyncio.Task[None] | None = None
    reading: _Reading | None = None


class SocketioSide:
    """Who is connected, and how messages reach them. Made, used and closed in one running loop.

    It plays a simulation or a capture; `waits`: the simulation stands still until the first client is there.
    The other options are those of `GameServer`.
    """

    def __init__(
        self,
        speed: float,
        simulation: SimulatedServer | None,
        capture: CaptureReader | None,
        *,
        waits: bool = False,
        refuse: str | None = None,
        recovers: bool = False,
    ) -> None:
        import socketio
        from aiohttp import web

        quiet = logging.getLogger(f"{__name__}.socketio")
        quiet.setLevel(logging.CRITICAL)  # a client that goes away or talks nonsense is no news
        self._speed = speed
        self._simulation = simulation
        self._capture = capture
        self._waits = waits
        self._refuse = refuse
        self._clients: dict[str, _Client] = {}
        self._left_over: list[_Reading] = []
        self._pid = secrets.token_urlsafe(15)  # everybody misses the same, so one is enough
        self._kept: deque[str] | None = deque(maxlen=KEPT) if recovers and simulation is not None else None
        self._number = 0
        self._somebody = asyncio.Event()
        self._pump_task: asyncio.Task[None] | None = None
        self._sio = socketio.AsyncServer(
            async_mode="aiohttp",
            async_handlers=False,
            always_connect=refuse != "namespace" and self._kept is None,
            cors_allowed_origins=[ORIGIN],  # of pages; programs without an Origin are let in anyway
            transports=["polling"] if refuse == "websocket" else None,
            http_compression=False,
            logger=quiet,
            engineio_logger=quiet,
        )
        if self._kept is not None:
            self._send_packet, self._sio._send_packet = self._sio._send_packet, self._with_pid
        self._sio.on("connect", self._joined)
        self._sio.on("disconnect", self._left)
        app = web.Application(middlewares=[] if refuse is None else [middleware(refuse)])
        self._sio.attach(app, OTHER_PATH if refuse == "not_found" else "socket.io")
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_S)

    async def listen(self, host: str, port: int) -> str:
        """Open the socket; return the address for clients."""
        from aiohttp import web

        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as problem:
            raise FeedError(
                f"the game server cannot listen on {host} port {port} ({problem.strerror}): "
                "choose another port, or 0 for any free one"
            ) from problem
        bound = self._runner.addresses[0][1]
        if self._simulation is not None:
            self._pump_task = _watched(self._pump(self._simulation))
        return f"http://{f'[{host}]' if ':' in host else host}:{bound}"

    def cut(self) -> None:
        """Break every connection without a goodbye."""
        for connection in [] if self._runner.server is None else self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def close(self) -> None:
        """Say goodbye to everybody and close the socket."""
        tasks = [client.courier for client in self._clients.values()] + [self._pump_task]
        for task in tasks:
            if task is not None:
                task.cancel()
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
        if self._sio.eio.sockets:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self._sio.eio.disconnect()
        await self._sio.shutdown()
        await self._runner.cleanup()

    async def _joined(self, sid: str, _: Any = None, auth: Any = None) -> None:
        if self._refuse == "namespace":
            from socketio.exceptions import ConnectionRefusedError as Refused

            raise Refused(WORDS)
        eio_sid = self._sio.manager.eio_sid_from_sid(sid, "/")
        socket = self._sio.eio.sockets.get(eio_sid)
        if socket is None or any(client.socket is socket for client in self._clients.values()):
            return  # gone already, or one that asks twice
        client = _Client(socket, asyncio.Queue(OUTBOX if self._speed < inf else OUTBOX_UNPACED))
        missed = self._missed(auth)
        if self._simulation is not None and missed is None:
            for event, args in self._simulation.join():
                client.outbox.put_nowait(encode(event, args))
        if self._capture is None:
            source = _drain(client.outbox)
        else:  # on from where somebody was cut off, else from the beginning
            client.reading = self._left_over.pop() if self._left_over else _Reading(self._capture)
            source = self._recorded(client.reading)
        self._clients[sid] = client
        for text in missed or ():  # before the namespace is acknowledged
            await self._sio.eio.send(eio_sid, text)
        client.courier = _watched(self._deliver(eio_sid, socket.queue, source))
        self._somebody.set()

    async def _left(self, sid: str, *_: Any) -> None:
        from engineio.packet import NOOP, Packet

        if self._sio.manager.is_connected(sid, "/"):
            return  # no disconnection: the client emitted an event of this name
        client = self._clients.pop(sid, None)
        if client is None:
            return
        if client.courier is not None:
            client.courier.cancel()
            if client.reading is not None and not client.courier.done():
                self._left_over.append(client.reading)
        while not client.outbox.empty():  # frees a pump that waits for room
            client.outbox.get_nowait()
        if not self._clients:
            self._somebody.clear()
        if not client.socket.upgraded:
            client.socket.queue.put_nowait(Packet(NOOP))  # ends the poll that such a client waits for

    async def _deliver(self, eio_sid: str, queue: asyncio.Queue[Any], source: AsyncIterator[str]) -> None:
        """Hand messages to engine.io no faster than the client takes them."""
        from engineio.exceptions import EngineIOError

        with contextlib.suppress(EngineIOError):  # the client is gone; `_left` follows
            async for text in source:
                await self._sio.eio.send(eio_sid, text)
                if queue.qsize() >= BATCH:
                    await queue.join()

    async def _pump(self, simulation: SimulatedServer) -> None:
        if self._waits:
            await self._somebody.wait()
        pace = _Pace(self._speed)
        while (wait_ms := simulation.wait_ms) is not None:
            if self._speed == inf:
                await self._somebody.wait()
            await pace.wait(wait_ms)
            _, event, args = next(simulation)
            clients = list(self._clients.values())
            if clients or self._kept is not None:
                text = self._keep(encode(event, args))
                for client in clients:
                    await client.outbox.put(text)

    def _keep(self, text: str) -> str:
        """Return the text of an event with its offset, where connections can be recovered."""
        if self._kept is not None:
            self._number += 1
            text = f'{text[:-1]},"{self._number:013d}-0"]'
            self._kept.append(text)
        return text

    def _missed(self, auth: Any) -> list[str] | None:
        """Return what a client has missed since the event that it names; None where that is not known."""
        if self._kept is None or not isinstance(auth, dict) or auth.get("pid") != self._pid:
            return None
        kept = list(self._kept)
        newest = f',"{auth.get("offset")}"]'
        return next((kept[n + 1 :] for n, text in enumerate(kept) if text.endswith(newest)), None)

    async def _with_pid(self, eio_sid: str, packet: Any) -> None:
        from socketio.packet import CONNECT

        if packet.packet_type == CONNECT:
            packet.data = {**(packet.data or {}), "pid": self._pid}
        await self._send_packet(eio_sid, packet)

    async def _recorded(self, reading: _Reading) -> AsyncIterator[str]:
        pace = _Pace(self._speed)
        try:
            for wait_ms, event, args in reading:
                await pace.wait(wait_ms)
                reading.waiting = None
                yield encode(event, args)
        except OSError as problem:
            logger.warning("the capture %s cannot be read any more: %s", reading.path, problem.strerror)


class _Reading:
    """A capture being read for one client after the other; what was waited for in vain comes again."""

    def __init__(self, capture: CaptureReader) -> None:
        self.path = capture.path
        self.waiting: Event | None = None
        self._events = iter(capture)

    def __iter__(self) -> Iterator[Event]:
        while True:
            if self.waiting is None:
                self.waiting = next(self._events, None)
            if self.waiting is None:
                return
            yield self.waiting


class _Pace:
    """Turns virtual milliseconds into waiting, without drift; always lets the loop breathe."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._loop = asyncio.get_running_loop()
        self._due = self._loop.time()

    async def wait(self, virtual_ms: float) -> None:
        self._due += virtual_ms / 1000 / self._speed
        late = self._loop.time() - self._due
        if late > CATCH_UP_S:
            self._due += late
        await asyncio.sleep(max(-late, 0) if self._speed < inf else 0)


def _watched(work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run `work` as a task whose failure is said."""

    def said(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (problem := task.exception()) is not None:
            logger.error("the game server stopped playing by an error", exc_info=problem)

    task = asyncio.create_task(work)
    task.add_done_callback(said)
    return task


async def _drain(outbox: asyncio.Queue[str]) -> AsyncIterator[str]:
    while True:
        yield await outbox.get()


def encode(event: str, args: tuple[Any, ...]) -> str:
    """Return the Socket.IO packet of an event: compact JSON, text as it is."""
    return f"2{json_text([event, *args])}"
