"""What keeps a live feed connected, and how long it waits: for a connection, in silence, before the next one.

`ReconnectionPolicy` has the times. `ConnectionThread` makes one connection after the other
(`rugs_lab.feed.live.client`), each a fresh client, and hands what they bring to the feed. Its thread runs one
asyncio loop; the kernel's own loop and its interrupts do not touch it.
"""

from __future__ import annotations

import asyncio
import random
import time
import weakref
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock, main_thread
from typing import TYPE_CHECKING, Literal

from rugs_lab.feed.core.feed_thread import FeedThread

if TYPE_CHECKING:
    from rugs_lab.feed.core.feed import Feed


@dataclass(frozen=True, slots=True)
class ReconnectionPolicy:
    """How long a live feed waits, in seconds.

    Attributes
    ----------
    namespace_s, connect_s
        For the server's answer to the namespace, and for a connection in all.
    close_s
        For a polite end.
    stale_after_s
        Silence from which on a connection is called stale; the real server is never silent that long.
    replace_after_s
        Silence after which it is replaced.
    first_pause_s, longest_pause_s
        The pause before the next attempt is random, below a bound that doubles with each attempt, from twice
        the first to the longest (exponential back-off with full jitter).
    healthy_after_s
        A connection that lasted longer counts as a success: the pauses begin anew.

    Examples
    --------
    >>> policy = ReconnectionPolicy()
    >>> [policy.pause_limit_s(attempts) for attempts in (1, 2, 5, 6, 5000)]
    [1.0, 2.0, 16.0, 30.0, 30.0]
    >>> policy.in_silence(4.0), policy.in_silence(15.0), policy.in_silence(60.0)
    (('live', 6.0), ('stale', 45.0), ('replace', 0.0))
    """

    namespace_s: float = 10.0
    connect_s: float = 15.0
    close_s: float = 2.0
    stale_after_s: float = 10.0
    replace_after_s: float = 60.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 30.0
    healthy_after_s: float = 60.0

    def pause_limit_s(self, attempts: int) -> float:
        """Return the longest pause before the next attempt, after so many that failed."""
        return min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(attempts, 64))

    def in_silence(self, silent_s: float) -> tuple[Literal["live", "stale", "replace"], float]:
        """Return what a connection is that was silent so long, and the seconds until that changes."""
        if silent_s >= self.replace_after_s:
            return "replace", 0.0
        if silent_s >= self.stale_after_s:
            return "stale", self.replace_after_s - silent_s
        return "live", self.stale_after_s - silent_s


class ConnectionThread(FeedThread):
    """One start of a live feed, until its stop: one connection after the other.

    Parameters
    ----------
    feed
        Gets what the connections bring, and the states.
    url
        Where to connect to.
    policy
        How long to wait.
    """

    def __init__(self, feed: Feed, url: str, policy: ReconnectionPolicy) -> None:
        super().__init__(feed, "rugs_lab feed")
        self._feed = weakref.ref(feed)
        self._url = url
        self._policy = policy
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None
        self._guard = RLock()

    def wake(self) -> None:
        """End what is waited for, where it is stopped."""
        with self._guard:
            if self._loop is not None and self._stopped is not None:
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._stopped.set)

    def feed(self) -> Feed | None:
        """Return the feed; None once it is gone or this is stopped."""
        return None if self._stopping else self._feed()

    def _set_state(self, name: str, reason: str) -> None:
        if (feed := self.feed()) is not None:
            feed.set_state(name, reason)

    def _work(self) -> None:
        try:
            asyncio.run(self._connect_again_and_again())
        except Exception:
            if main_thread().is_alive():
                raise
            # The interpreter ends: what was still to be loaded cannot be loaded any more.

    async def _connect_again_and_again(self) -> None:
        with self._guard:
            self._loop = asyncio.get_running_loop()
            self._stopped = stopped = asyncio.Event()
        if self._stopping:
            stopped.set()
        attempts = 0
        while not self._stopping:
            began_s = time.monotonic()
            try:
                reason = await self._connection(stopped)
            except Exception as error:  # nothing known raises here; a feed goes on all the same
                reason = f"the connection ended in an unexpected error ({type(error).__name__}: {error})"
            lasted_s = time.monotonic() - began_s
            attempts = 0 if lasted_s > self._policy.healthy_after_s else attempts + 1
            self._set_state("reconnecting", f"{reason}; trying again")
            with suppress(TimeoutError):
                pause_s = random.uniform(0, self._policy.pause_limit_s(attempts))
                await asyncio.wait_for(stopped.wait(), pause_s)

    async def _connection(self, stopped: asyncio.Event) -> str:
        """Make one connection and stay until it ends or is `stopped`; return why it ended."""
        from rugs_lab.feed.live.client import Dialer, ListeningClient, connect_failure

        policy, received = self._policy, _Received(self)
        dialer = Dialer()
        client = ListeningClient(dialer, received.take_text, received.take, received.reject)
        client.on("connect", received.connected)
        client.on("disconnect", received.disconnected)
        try:
            connecting = client.connect(self._url, transports=["websocket"], wait_timeout=policy.namespace_s)
            if await _until(stopped, connecting, policy.connect_s):
                if client.eio.state != "connected" and not received.ended.is_set():
                    # python-socketio does not report that
                    received.disconnected("closed while it was being made")
                await self._stay(received, stopped)
        except Exception as error:
            return connect_failure(error)
        finally:
            await client.close(policy.close_s)
            await dialer.close(policy.close_s)
        return received.reason

    async def _stay(self, received: _Received, stopped: asyncio.Event) -> None:
        """Stay until the connection ends or is stopped; call it stale when silent, leave when silent long."""
        waits = [asyncio.ensure_future(event.wait()) for event in (received.ended, stopped)]
        try:
            while True:
                silent_s = time.monotonic() - received.newest_s
                state, wait_s = self._policy.in_silence(silent_s)
                if state == "replace":
                    received.reason = f"no message for {silent_s:.0f} s"
                    return
                if state == "stale":
                    limit_s = self._policy.stale_after_s
                    self._set_state("stale", f"connected, but no message for {limit_s:.0f} s")
                done, _ = await asyncio.wait(
                    waits, timeout=wait_s + 0.01, return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    return
        finally:
            for wait in waits:
                wait.cancel()


class _Received:
    """What one connection brings, for the feed.

    Attributes
    ----------
    newest_s
        When the newest message was received, monotonic seconds.
    ended, reason
        Set when the connection has ended, and why it did.
    """

    def __init__(self, thread: ConnectionThread) -> None:
        self._thread = thread
        self.newest_s = time.monotonic()
        self.ended = asyncio.Event()
        self.reason = "the server closed the connection"

    def connected(self) -> None:
        if (feed := self._thread.feed()) is not None:
            feed.connection_made()
            self._live(feed)

    def take_text(self, text: str) -> None:
        if (feed := self._thread.feed()) is not None:
            self._live(feed)
            feed.take_text(text, time.time_ns())

    def take(self, event: str, args: tuple[object, ...]) -> None:
        if (feed := self._thread.feed()) is not None:
            self._live(feed)
            feed.take(event, args, time.time_ns())

    def reject(self, event: str, reason: str) -> None:
        if (feed := self._thread.feed()) is not None:
            feed.reject(event, reason)

    def disconnected(self, *reason: object) -> None:
        if (feed := self._thread.feed()) is not None:
            feed.connection_lost()
        if reason:
            self.reason = f"the connection was lost ({reason[0]})"
        self.ended.set()

    def _live(self, feed: Feed) -> None:
        self.newest_s = time.monotonic()
        if feed.state != "live":
            feed.set_state("live", f"connected to {feed.source}")


async def _until(stopped: asyncio.Event, work: Awaitable[None], limit_s: float) -> bool:
    """Await `work`; give up after `limit_s` (TimeoutError) or when stopped (returns False)."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        done, _ = await asyncio.wait({task, stop}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            await task
            return True
        if stop in done:
            return False
        raise TimeoutError
    finally:
        for each in (task, stop):
            each.cancel()
        await asyncio.gather(task, stop, return_exceptions=True)
