"""`ConnectionThread`: makes one connection after the other, each a fresh one, until the feed is stopped.

Its thread runs one asyncio loop; the kernel's own loop and its interrupts do not touch it.
"""

import asyncio
import random
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import RLock, main_thread

from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.core.feed_thread import FeedThread
from rugs_lab.feed.live.address import Address
from rugs_lab.feed.live.reconnection import ReconnectionPolicy
from rugs_lab.feed.live.session import Session


class _Lookups(ThreadPoolExecutor):
    """Threads that look up host names, which nothing can interrupt: the end does not wait for them."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


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
            self._loop.set_default_executor(_Lookups(2, "rugs_lab lookup"))
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
            if pause_s > 1.0:
                next_try = f"{next_try} in {pause_s:.0f} s"
            if (feed := self.feed()) is not None:
                feed.set_state("reconnecting", f"{connection.why}; {next_try}", again_s=pause_s)
                del feed  # the pause does not keep it alive
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pause_s)
