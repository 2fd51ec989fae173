"""What keeps a live feed connected, and how long it waits: for a connection, in silence, before the next one.

`ReconnectionPolicy` has the times. `ConnectionThread` makes one connection after the other
(`rugs_lab.feed.live.connection`), each a fresh one. Its thread runs one asyncio loop; the kernel's own loop
and its interrupts do not touch it.
"""

from __future__ import annotations

import asyncio
import random
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock, main_thread
from typing import TYPE_CHECKING, Literal

from rugs_lab.feed.core.feed_thread import FeedThread

if TYPE_CHECKING:
    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.feed.live.address import Address
    from rugs_lab.feed.live.session import Session


@dataclass(frozen=True, slots=True)
class ReconnectionPolicy:
    """How long a live feed waits, in seconds.

    A pause before the next attempt is random, below a limit (full jitter), so that many clients of a server
    that came back do not come all at once. A connection that brought data is replaced at once; one that
    brought nothing is a failure, and the limit doubles with each failure in a row.

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
    prompt_pause_s
        Limit of the pause after a connection that brought data.
    first_pause_s, longest_pause_s
        Limit of the pause after the first failure, and after many.
    short_life_s
        Connections in a row that brought data and ended sooner let the limit grow as well.

    Examples
    --------
    >>> policy = ReconnectionPolicy()
    >>> [policy.pause_limit_s(failures) for failures in (1, 2, 5, 6, 5000)]
    [1.0, 2.0, 16.0, 30.0, 30.0]
    >>> policy.pause_limit_s(0), policy.pause_limit_s(0, short=3)
    (0.1, 0.4)
    >>> policy.in_silence(4.0), policy.in_silence(15.0), policy.in_silence(60.0)
    (('live', 6.0), ('stale', 45.0), ('replace', 0.0))
    """

    namespace_s: float = 10.0
    connect_s: float = 15.0
    close_s: float = 2.0
    stale_after_s: float = 10.0
    replace_after_s: float = 60.0
    prompt_pause_s: float = 0.1
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    short_life_s: float = 5.0

    def pause_limit_s(self, failures: int, short: int = 0) -> float:
        """Return the longest pause before the next attempt.

        Parameters
        ----------
        failures
            Connections in a row, up to now, that brought nothing.
        short
            Where there is none: connections in a row that brought data and ended soon.
        """
        first_s, times = (self.first_pause_s, failures) if failures else (self.prompt_pause_s, short)
        return min(self.longest_pause_s, first_s * 2.0 ** min(max(0, times - 1), 64))

    def in_silence(self, silent_s: float) -> tuple[Literal["live", "stale", "replace"], float]:
        """Return what a connection is that was silent so long, and the seconds until that changes."""
        if silent_s >= self.replace_after_s:
            return "replace", 0.0
        if silent_s >= self.stale_after_s:
            return "stale", self.replace_after_s - silent_s
        return "live", self.stale_after_s - silent_s


class ConnectionThread(FeedThread):
    """One start of a live feed, until its stop: one connection after the other."""

    def __init__(self, feed: Feed, address: Address, session: Session, policy: ReconnectionPolicy) -> None:
        super().__init__(feed, "rugs_lab feed")
        self._feed = weakref.ref(feed)
        self._address = address
        self._session = session
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

    def _work(self) -> None:
        try:
            asyncio.run(self._connect_again_and_again())
        except Exception:
            if main_thread().is_alive():
                raise
            # The interpreter ends: what was still to be loaded cannot be loaded any more.

    async def _connect_again_and_again(self) -> None:
        from rugs_lab.feed.live.connection import Connection

        with self._guard:
            self._loop = asyncio.get_running_loop()
            self._stopped = stopped = asyncio.Event()
        if self._stopping:
            stopped.set()
        transports, failures, short, other = list(self._address.transports), 0, 0, False
        while not self._stopping:
            began_s, next_try = time.monotonic(), "trying again"
            connection = Connection(
                self._address, transports, self._session, self._policy, self.feed, stopped
            )
            await connection.run()
            self._session.attempts += 1
            refusal = connection.refusal
            other = not other and refusal is not None and refusal.other_transport and len(transports) > 1
            if refusal is not None and refusal.other_transport:
                transports.append(transports.pop(0))  # the other one may get through
            if other:  # at once, and only then is it a failure
                next_try = f"trying {transports[0]}"
            elif connection.delivered:
                failures, soon = 0, time.monotonic() - began_s < self._policy.short_life_s
                short = short + 1 if soon else 0
            else:
                failures, short = failures + 1, 0
            pause_s = random.uniform(0, self._policy.pause_limit_s(0 if other else failures, short))
            if refusal is not None and refusal.retry_after_s is not None:
                pause_s += refusal.retry_after_s
            if (feed := self.feed()) is not None:
                feed.set_state("reconnecting", f"{connection.why}; {next_try}", again_s=pause_s)
                del feed  # the pause does not keep it alive
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pause_s)
