"""`GameServer`: a local Socket.IO server with the true wire format of rugs.fun.

It plays simulated games, games of your own, or a raw event log (`rugs_lab.feed.server.simulation`), on
loopback only and in a thread of its own; `rugs_lab.feed.server.socketio_side` does the sending.
"""

import asyncio
import atexit
import contextlib
import ipaddress
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from html import escape
from math import isnan
from os import PathLike
from typing import Any, Final, Self

from rugs_lab.errors import ArgumentError, FeedError
from rugs_lab.feed.server.refusing import checked_refusal
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader, DamagedLine
from rugs_lab.feed.server.simulation.rounds import read_games
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import SocketioSide

logger = logging.getLogger(__name__)

FIRST_TIMER_MS: Final = 3_000
"""A simulated server starts this long before its first game (virtual ms): there is soon something to see."""

REPORTED_DAMAGE: Final = 5
"""Damaged lines of a raw event log that are logged one by one."""


class GameServer:
    """A local game server that speaks the real site's format; nothing leaves this machine.

    Parameters
    ----------
    speed
        1.0 plays at the pace of the real game (a tick each 250 ms), 2.0 twice as fast; ``float("inf")`` as
        fast as the slowest connected client takes it, and not at all while nobody is connected. A client that
        does not keep up slows the simulation down at any speed.
    seed
        A whole number makes everything reproducible: ids, seeds, players, times. None: fresh games.
    games
        Games to play instead, in order: price arrays (last element the rug price), `Game` objects, or
        mappings like the lines of published games (``id``, ``serverSeed``, ``serverSeedHash``, ``prices``,
        ``version``). After the last game the server sends the message that reveals its seed, and then
        nothing more. For a game without a known seed no seed is revealed.
    capture
        Path of a raw event log to play instead, with the recorded timing divided by `speed`; after the end
        the connection stays open and silent. Simultaneous clients each receive it from the
        beginning; a client that connects after another was cut off continues where that one stopped.
    host
        A loopback address.
    port
        0 finds a free one.
    resume
        Started again after `stop`, continue where it stopped instead of from the beginning.
    wait_for_client
        Begin to play when the first client is there, so that it receives the whole first game.
        Raw event logs and infinite speed always wait for a client.
    refuse
        Reject clients in one of the ways of `rugs_lab.feed.server.refusing.REFUSALS`: ``"origin"``,
        ``"websocket"``, ``"page"``, ``"too_many"``, ``"maintenance"``, ``"not_found"``, ``"namespace"``.
    recovers
        Send a client that was cut off what it missed of a simulation (Socket.IO's connectionStateRecovery).

    Attributes
    ----------
    speed : float
    damage : tuple of DamagedLine
        Lines of the raw event log that cannot be played (they are skipped).

    Raises
    ------
    ArgumentError
        An argument that is not allowed.
    CaptureError
        The raw event log is missing, not readable or contains nothing that can be played.

    Examples
    --------
    >>> with GameServer(seed=7) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(
        self,
        speed: float = 1.0,
        seed: int | None = None,
        games: Iterable[Any] | None = None,
        capture: str | PathLike[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        resume: bool = False,
        wait_for_client: bool = False,
        refuse: str | None = None,
        recovers: bool = False,
    ) -> None:
        if capture is not None and (games is not None or seed is not None):
            raise ArgumentError("a raw event log is played as recorded: give capture without games and seed")
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise ArgumentError(f"seed must be a whole number, or None for fresh games; got {seed!r}")
        if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= 65535:
            raise ArgumentError(f"port must be a whole number from 0 (any free port) to 65535; got {port!r}")
        self.speed = _check_speed(speed)
        self._host = _check_host(host)
        self._port = port
        self._resume = resume
        self._options: dict[str, Any] = {
            "waits": wait_for_client,
            "refuse": checked_refusal(refuse),
            "recovers": recovers,
        }
        self._simulation: SimulatedServer | None = None
        self._seed = seed
        self._games = None if games is None else read_games(games)
        self._capture = None if capture is None else CaptureReader(capture)
        self.damage: tuple[DamagedLine, ...] = self._capture.damage if self._capture else ()
        _report(self.damage)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._halt: Callable[[], None] | None = None
        self._cut: Callable[[], None] | None = None
        self._url: str | None = None

    @property
    def url(self) -> str:
        """Where clients connect, such as ``http://127.0.0.1:43210``; known once it has started."""
        if self._url is None:
            raise FeedError("the server has no address before it listens: call start() first")
        return self._url

    @property
    def running(self) -> bool:
        """Whether the server is listening."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    def start(self) -> Self:
        """Listen, in a thread of its own; return when clients can connect. A running server stays as it is.

        Started again after `stop`, it plays from the beginning, or with `resume` from where it stood.

        Raises
        ------
        FeedError
            The port is taken.
        """
        with self._lock:
            if not self.running:
                ready: Future[str] = Future()
                self._thread = threading.Thread(
                    target=self._run, args=(ready,), name="rugs_lab GameServer", daemon=True
                )
                self._thread.start()
                try:
                    self._url = ready.result()
                except BaseException:
                    self._thread.join()
                    self._thread = None
                    raise
                atexit.register(self.stop)
        return self

    def stop(self) -> None:
        """Disconnect everybody and stop listening; idempotent, from any thread."""
        thread, halt = self._thread, self._halt
        if thread is threading.current_thread():
            if halt is not None:
                halt()
            return
        with self._lock:
            thread, halt = self._thread, self._halt
            if thread is not None:
                if halt is not None:
                    halt()
                thread.join()
                self._thread = self._halt = None
                atexit.unregister(self.stop)

    def cut(self) -> None:
        """Break every connection without a goodbye, as a failing network does; clients may connect again."""
        if self.running and self._cut is not None:
            self._cut()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = f"at {self._url}" if self.running else "stopped"
        return f"<GameServer {where}, speed {self.speed:g}, {self._plays()}>"

    def _repr_html_(self) -> str:
        state = f"<code>{escape(self._url or '')}</code>" if self.running else "stopped"
        return f"<div><b>GameServer</b> {state}, speed {self.speed:g}, {escape(self._plays())}</div>"

    def _plays(self) -> str:
        if self._capture is not None:
            return f"raw event log {self._capture.path.name} ({self._capture.events} events)"
        if self._games is not None:
            return f"{len(self._games)} given {'game' if len(self._games) == 1 else 'games'}"
        return "simulated games" if self._seed is None else f"simulated games, seed {self._seed}"

    def _run(self, ready: Future[str]) -> None:
        try:
            asyncio.run(self._main(ready))
        except BaseException as problem:
            if ready.done():
                logger.exception("the game server stopped by an error")
            else:
                ready.set_exception(problem)

    async def _main(self, ready: Future[str]) -> None:
        loop, halt = asyncio.get_running_loop(), asyncio.Event()

        def from_any_thread(act: Callable[[], object]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                loop.call_soon_threadsafe(act)

        self._halt = partial(from_any_thread, halt.set)
        simulation = self._simulation if self._resume else None
        if simulation is None and self._capture is None:
            simulation = self._simulation = SimulatedServer(
                self._seed, self._games, first_timer_ms=FIRST_TIMER_MS
            )
        socketio_side = SocketioSide(self.speed, simulation, self._capture, **self._options)
        self._cut = partial(from_any_thread, socketio_side.cut)
        try:
            ready.set_result(await socketio_side.listen(self._host, self._port))
            await halt.wait()
        finally:
            await socketio_side.close()


def _check_speed(speed: float) -> float:
    if isinstance(speed, bool) or not isinstance(speed, int | float) or isnan(speed) or speed <= 0:
        raise ArgumentError(
            f"speed must be a number above 0 (1.0 is the real pace), or float('inf') for as fast as clients "
            f"take it; got {speed!r}"
        )
    return float(speed)


def _check_host(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    with contextlib.suppress(ValueError):
        if isinstance(host, str) and ipaddress.ip_address(host).is_loopback:
            return host
    raise ArgumentError(
        "the game server listens on this machine only: host must be 127.0.0.1, ::1 or localhost; "
        f"got {host!r}"
    )


def _report(damage: tuple[DamagedLine, ...]) -> None:
    for line in damage[:REPORTED_DAMAGE]:
        logger.warning("%s", line)
    if len(damage) > REPORTED_DAMAGE:
        logger.warning("and %d more damaged lines: see GameServer.damage", len(damage) - REPORTED_DAMAGE)
