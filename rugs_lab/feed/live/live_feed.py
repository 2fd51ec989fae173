"""`LiveFeed`: a Socket.IO server's events, taken in order on a thread of its own.

The thread runs one asyncio loop. Each connection is a fresh client; a lost or silent one is replaced after a
growing, jittered pause. The kernel's own loop and its interrupts do not touch it. The thread does not keep
the feed alive: a feed that nobody holds, watches or subscribes to any more ends by itself.
"""

from __future__ import annotations

import asyncio
import atexit
import random
import time
import weakref
from contextlib import suppress
from threading import RLock, Thread, current_thread, main_thread
from typing import Any, Final, Self
from urllib.parse import urlsplit

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed

RUGS_FUN_URL: Final = "https://backend.rugs.fun?frontend-version=1.0"
"""Address of the public feed."""

STALE_AFTER_S: Final = 10.0
"""The server is never silent that long."""

RENEW_AFTER_S: Final = 60.0
"""A connection that stays silent that long is replaced."""

_CONNECT_WAIT_S: Final = 10.0
_CONNECT_LIMIT_S: Final = 15.0
_CLOSE_LIMIT_S: Final = 2.0
_JOIN_LIMIT_S: Final = 6.0
_PAUSE_FIRST_S: Final = 0.5
_PAUSE_MOST_S: Final = 30.0
_HEALTHY_AFTER_S: Final = 60.0
_RUNS: Final[weakref.WeakSet[_Run]] = weakref.WeakSet()


class LiveFeed(Feed):
    """The live feed of a Socket.IO server, rugs.fun by default. It only listens.

    Parameters
    ----------
    url
        ``http``, ``https``, ``ws`` or ``wss`` address, such as `RUGS_FUN_URL` or ``GameServer().url``.
    maxlen
        Rows kept in the buffer, 1 to 10,000,000.

    Raises
    ------
    ArgumentError
        `url` or `maxlen` is not of that form. An address that does not answer is no error: the feed keeps
        trying, and `state` says why.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> with rl.GameServer(speed=50, seed=7) as server, rl.LiveFeed(server.url) as feed:
    ...     phases = feed.wait(messages=200).frame["phase"]
    >>> feed.state, "UNKNOWN" in set(phases)
    (<stopped: stopped by you>, False)
    """

    def __init__(self, url: str = RUGS_FUN_URL, *, maxlen: int = 5000) -> None:
        super().__init__(maxlen)
        self.url = _checked_url(url)
        self._control = RLock()  # a signal handler may stop what its own thread is starting
        self._run: _Run | None = None
        self._ending: _Run | None = None

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        return self._run is not None

    @property
    def source(self) -> str:
        """The address, without its query."""
        return urlsplit(self.url)._replace(query="").geturl()

    def start(self) -> Self:
        """Connect in the background; does nothing when already started."""
        with self._control:
            if self._run is None:
                if (ending := self._ending) is not None:  # another thread stops it just now
                    ending.stop()
                    ending.join()
                    self._ended(ending)
                self.set_state("connecting", f"connecting to {self.source}")
                run = self._run = _Run(self)
                weakref.finalize(self, run.stop).atexit = False
                run.start()
                if self._run is not run:  # a signal's handler stopped it before its thread had begun
                    run.join()
        return self

    def stop(self) -> None:
        """Disconnect, from any thread or handler; the data stay. Does nothing when already stopped."""
        with self._control:
            run, self._run = self._run, None
            if run is None:
                return
            self._ending = run
        run.stop()
        run.join()
        with self._control:
            last = self._ended(run)
        if last:
            self._end_handlers()

    def _ended(self, run: _Run) -> bool:
        """Say once that a run is over; return False where `start` did so before `stop`."""
        if self._ending is not run:
            return False
        self._ending = None
        self.set_state("stopped", "stopped by you")
        return True


class _Run:
    """One start of a feed, until its stop: a thread, its loop, one connection after the other."""

    def __init__(self, feed: LiveFeed) -> None:
        self._feed = weakref.ref(feed)
        self._url = feed.url
        self._source = feed.source
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._guard = RLock()
        self._thread = Thread(target=self._run, name="rugs_lab feed", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        _RUNS.add(self)
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end, from any thread."""
        with self._guard:
            self._stopping = True
            if self._loop is not None and self._wake is not None:
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._wake.set)

    def join(self) -> None:
        """Wait for the end of the thread, not longer than some seconds."""
        if self._thread is not current_thread() and self._thread.is_alive():
            self._thread.join(_JOIN_LIMIT_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception:
            if main_thread().is_alive():
                raise
            # The interpreter ends: what was still to be loaded cannot be loaded any more.
        finally:
            _RUNS.discard(self)

    def _set_state(self, name: str, reason: str) -> None:
        feed = self._feed()
        if feed is not None and not self._stopping:
            feed.set_state(name, reason)

    async def _main(self) -> None:
        with self._guard:
            self._loop = asyncio.get_running_loop()
            self._wake = asyncio.Event()
            if self._stopping:
                self._wake.set()
        attempts = 0
        while not self._stopping:
            began = time.monotonic()
            try:
                reason = await self._connection()
            except Exception as error:  # nothing known raises here; a feed goes on all the same
                reason = f"the connection ended in an unexpected error ({type(error).__name__}: {error})"
            if self._stopping:
                break
            attempts = 0 if time.monotonic() - began > _HEALTHY_AFTER_S else attempts + 1
            pause_s = random.uniform(0, min(_PAUSE_MOST_S, _PAUSE_FIRST_S * 2**attempts))
            self._set_state("reconnecting", f"{reason}; trying again")
            await self._sleep(pause_s)

    async def _connection(self) -> str:
        """Make one connection and stay until it ends; return why it ended."""
        from rugs_lab.feed.live.client import Dialer, ListeningClient, connect_failure

        ended = asyncio.Event()
        why = ["the server closed the connection"]
        last_message = [time.monotonic()]

        def connected() -> None:
            feed = self._feed()
            if feed is not None and not self._stopping:
                last_message[0] = time.monotonic()
                feed.connection_made()
                feed.set_state("live", f"connected to {self._source}")

        def heard() -> LiveFeed | None:
            feed = self._feed()
            if feed is None or self._stopping:
                return None
            last_message[0] = time.monotonic()
            if feed.state != "live":
                feed.set_state("live", f"connected to {self._source}")
            return feed

        def take_text(text: str) -> None:
            if (feed := heard()) is not None:
                feed.take_text(text, time.time_ns())

        def take(event: str, args: tuple[Any, ...]) -> None:
            if (feed := heard()) is not None:
                feed.take(event, args, time.time_ns())

        def reject(event: str, reason: str) -> None:
            feed = self._feed()
            if feed is not None:
                feed.reject(event, reason)

        def disconnected(*reason: object) -> None:
            feed = self._feed()
            if feed is not None and not self._stopping:
                feed.connection_lost()
            why[0] = f"the connection was lost ({reason[0]})" if reason else why[0]
            ended.set()

        dialer = Dialer()
        client = ListeningClient(dialer, take_text, take, reject)
        client.on("connect", connected)
        client.on("disconnect", disconnected)
        try:
            connecting = client.connect(self._url, transports=["websocket"], wait_timeout=_CONNECT_WAIT_S)
            if await self._until_stop(connecting, _CONNECT_LIMIT_S):
                if client.eio.state != "connected" and not ended.is_set():
                    disconnected("closed while it was being made")  # python-socketio does not tell
                await self._watch(ended, last_message, why)
        except Exception as error:
            return connect_failure(error)
        finally:
            await client.close(_CLOSE_LIMIT_S)
            await dialer.close(_CLOSE_LIMIT_S)
        return why[0]

    async def _watch(self, ended: asyncio.Event, last_message: list[float], why: list[str]) -> None:
        """Stay until the connection ends or is stopped; call it stale when silent, leave when silent long."""
        assert self._wake is not None
        waits = [asyncio.ensure_future(ended.wait()), asyncio.ensure_future(self._wake.wait())]
        try:
            while True:
                silent_s = time.monotonic() - last_message[0]
                if silent_s >= RENEW_AFTER_S:
                    why[0] = f"no message for {silent_s:.0f} s"
                    return
                if silent_s >= STALE_AFTER_S:
                    self._set_state("stale", f"connected, but no message for {STALE_AFTER_S:.0f} s")
                limit_s = STALE_AFTER_S if silent_s < STALE_AFTER_S else RENEW_AFTER_S
                done, _ = await asyncio.wait(
                    waits, timeout=limit_s - silent_s + 0.01, return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    return
        finally:
            for wait in waits:
                wait.cancel()

    async def _until_stop(self, work: Any, limit_s: float) -> bool:
        """Await `work`; give up after `limit_s` (TimeoutError) or when stopped (returns False)."""
        assert self._wake is not None
        task = asyncio.ensure_future(work)
        wake = asyncio.ensure_future(self._wake.wait())
        try:
            done, _ = await asyncio.wait({task, wake}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
            if task in done:
                await task
                return True
            if wake in done:
                return False
            raise TimeoutError
        finally:
            for each in (task, wake):
                each.cancel()
            await asyncio.gather(task, wake, return_exceptions=True)

    async def _sleep(self, seconds: float) -> None:
        assert self._wake is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)


@atexit.register
def _stop_all() -> None:
    """End what still runs when the interpreter does."""
    runs = list(_RUNS)
    for run in runs:
        run.stop()
    for run in runs:
        run.join()


def _checked_url(url: object) -> str:
    if isinstance(url, str):
        try:
            parts = urlsplit(url)
            if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname and parts.port != 0:
                return url
        except ValueError:
            pass
    raise ArgumentError(
        "url must be an http, https, ws or wss address such as 'http://127.0.0.1:5000'; "
        f"got {str(url)[:200]!r}"
    )
