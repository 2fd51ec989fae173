"""What reconnects, and how long it waits: by what the connection before was worth.

A connection that brought data is replaced at once. One that brought nothing counts as a failure, and the
pauses grow up to half a minute, drawn at random from nothing to that (full jitter), so that many clients of a
server that came back do not come all at once. A server that says how long to wait is waited for.

The thread runs one asyncio loop. Each connection is a fresh `rugs_lab.feed.live.connection.Connection`. The
kernel's own loop and its interrupts do not touch it, and it does not keep the feed alive.
"""

from __future__ import annotations

import asyncio
import atexit
import random
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from threading import RLock, Thread, current_thread, main_thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.feed.live.address import Address
    from rugs_lab.feed.live.session import Session

JOIN_LIMIT_S: Final = 6.0

FIRST_PAUSE_S: Final = 0.1
FIRST_PAUSE_AFTER_FAILURE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 30.0
SHORT_LIFE_S: Final = 5.0
"""A connection that brought data, but did not last that long, lets the pauses grow too; from a tenth."""


@dataclass(slots=True)
class Backoff:
    """The pauses of one feed.

    Attributes
    ----------
    failures
        Connections in a row that brought nothing.
    short
        Connections in a row that brought data and ended soon.

    Examples
    --------
    >>> backoff = Backoff()
    >>> [round(backoff.limit_s(delivered=False, lasted_s=0.0), 1) for _ in range(7)]
    [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    >>> backoff.limit_s(delivered=True, lasted_s=60.0)
    0.1
    """

    failures: int = 0
    short: int = 0

    def limit_s(self, *, delivered: bool, lasted_s: float) -> float:
        """Return the longest pause after a connection, seconds.

        Parameters
        ----------
        delivered
            Whether it brought any event.
        lasted_s
            How long it lasted, seconds.
        """
        if not delivered:
            self.short = 0
            limit_s = FIRST_PAUSE_AFTER_FAILURE_S * 2.0 ** min(self.failures, 16)
            self.failures += 1
        else:
            self.failures = 0
            self.short = self.short + 1 if lasted_s < SHORT_LIFE_S else 0
            limit_s = FIRST_PAUSE_S * 2.0 ** min(max(0, self.short - 1), 16)
        return min(limit_s, LONGEST_PAUSE_S)

    def pause_s(self, *, delivered: bool, lasted_s: float, retry_after_s: float | None) -> float:
        """Return the pause before the next attempt, seconds; no shorter than the server asks for."""
        pause_s = random.uniform(0.0, self.limit_s(delivered=delivered, lasted_s=lasted_s))
        return pause_s if retry_after_s is None else retry_after_s + pause_s


class ConnectionThread:
    """One start of a feed, until its stop: a thread, its loop, one connection after the other."""

    def __init__(self, feed: Feed, address: Address, session: Session) -> None:
        self._feed = weakref.ref(feed)
        self._address = address
        self._session = session
        self._transports = list(address.transports)
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._guard = RLock()
        self._thread = Thread(target=self._run, name="rugs_lab feed", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        _THREADS.add(self)
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
            self._thread.join(JOIN_LIMIT_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception:
            if main_thread().is_alive():
                raise
            # The interpreter ends: what was still to be loaded cannot be loaded any more.
        finally:
            _THREADS.discard(self)

    def _taking(self) -> Feed | None:
        """Return the feed while it takes events."""
        return None if self._stopping else self._feed()

    async def _main(self) -> None:
        with self._guard:
            self._loop = asyncio.get_running_loop()
            self._wake = asyncio.Event()
            if self._stopping:
                self._wake.set()
        from rugs_lab.feed.live.connection import Connection, wait_for

        backoff = Backoff()
        while not self._stopping:
            began_s = time.monotonic()
            connection = Connection(self._address, self._transports, self._session, self._taking, self._wake)
            try:
                await connection.run()
            except Exception as error:  # nothing known raises here; a feed goes on all the same
                connection.why = f"it ended in an unexpected error ({type(error).__name__}: {error})"
            self._session.attempts += 1
            if self._stopping:
                break
            refusal = connection.refusal
            if refusal is not None and refusal.other_transport and len(self._transports) > 1:
                self._transports.append(self._transports.pop(0))  # the other one may get through
            pause_s = backoff.pause_s(
                delivered=connection.delivered,
                lasted_s=time.monotonic() - began_s,
                retry_after_s=None if refusal is None else refusal.retry_after_s,
            )
            if (feed := self._taking()) is not None:
                feed.set_state("reconnecting", f"{connection.why}; trying again")
                del feed  # the pause does not keep it alive
            await wait_for(self._wake, pause_s)


_THREADS: Final[weakref.WeakSet[ConnectionThread]] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """End what still runs when the interpreter does."""
    threads = list(_THREADS)
    for thread in threads:
        thread.stop()
    for thread in threads:
        thread.join()
