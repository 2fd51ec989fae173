"""`Connection`: one connection of a feed, from the first request to its end, and why it ended."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.live.address import Address
from rugs_lab.feed.live.client import ListeningClient
from rugs_lab.feed.live.dialer import Dialer
from rugs_lab.feed.live.reconnection import ReconnectionPolicy
from rugs_lab.feed.live.refusals import Refusal, refusal_of
from rugs_lab.feed.live.session import Session

_ENDS: Final = {"transport error": "cut off", "server disconnect": "the server disconnected this client"}
"""What python-socketio reports, in words."""


class Connection:
    """One connection, until `stop` is set; `feed` returns None once nothing is to be taken any more.

    `why`: why it ended, in words. `refusal`: why it was not made; None where it was. `delivered`: whether it
    brought any event.
    """

    def __init__(
        self,
        address: Address,
        transports: Sequence[str],
        session: Session,
        policy: ReconnectionPolicy,
        feed: Callable[[], Feed | None],
        stop: asyncio.Event,
    ) -> None:
        self.why = "the server closed the connection"
        self.refusal: Refusal | None = None
        self.delivered = False
        self._address = address
        self._transports = list(transports) if transports[0] == "polling" else ["websocket"]
        self._session = session
        self._policy = policy
        self._feed = feed
        self._stop = stop
        self._ended = asyncio.Event()
        self._made = self._acknowledged = False
        self._newest_s = time.monotonic()
        self._client: ListeningClient | None = None
        self._dialer: Dialer | None = None

    async def run(self) -> None:
        """Connect and stay until the connection ends or is to end; raises nothing."""
        dialer = self._dialer = Dialer(self._address, self._policy.upgrade_s)
        address = self._address
        client = ListeningClient(dialer, self._session, self._take_text, self._take, self._reject)
        client.on("connect", self._connected)
        client.on("disconnect", self._disconnected)
        self._client = client
        connecting = client.connect(
            address.url,
            auth=self._session.auth,
            transports=self._transports,
            socketio_path=address.path,
            wait_timeout=self._policy.namespace_s,
        )
        try:
            if await self._until_stop(connecting, self._policy.connect_s):
                if client.eio.state != "connected" and not self._ended.is_set():
                    self._disconnected("closed while it was being made")  # python-socketio does not tell
                await self._watch()
        except Exception as error:
            self.refusal = self._session.refusal = refusal_of(
                client.refused or error, stage=dialer.stage, address=address
            )
            self.why = self.refusal.words
        finally:
            self._lost()
            self._session.redirected = dialer.redirected
            self._ended.set()  # what ends from here on is our own doing
            await client.close(self._policy.close_s)
            await dialer.close(self._policy.close_s)

    def _began(self) -> Feed | None:
        """Return the feed; it learns of the connection by the first sign of it."""
        self._newest_s = time.monotonic()
        feed = self._feed()
        if feed is not None and not self._made:
            self._made = True
            self._session.redirected = None if self._dialer is None else self._dialer.redirected
            feed.connection_made(recovering=not self._acknowledged and self._session.auth is not None)
        return feed

    def _connected(self) -> None:
        self._acknowledged = True
        self._session.refusal = None
        self._session.transport = None if self._client is None else self._client.transport()
        if (feed := self._began()) is not None:
            recovered = 0 if self._client is None else self._client.recovered
            feed.health.recovered += recovered
            feed.book.recovered()
            self._live(feed, f"; recovered {recovered:,} event{'s' * (recovered != 1)}" if recovered else "")

    def _live(self, feed: Feed, words: str = "") -> None:
        by = " by polling" if self._session.transport == "polling" else ""
        feed.set_state("live", f"connected to {feed.source}{by}{words}")

    def _received(self) -> Feed | None:
        self.delivered = True
        feed = self._began()
        if feed is not None and feed.state != "live" and self._acknowledged:
            self._live(feed)
        return feed

    def _take_text(self, text: str) -> None:
        if (feed := self._received()) is not None:
            feed.take_text(text, time.time_ns())

    def _take(self, event: str, args: tuple[Any, ...]) -> None:
        if (feed := self._received()) is not None:
            feed.take(event, args, time.time_ns())

    def _reject(self, event: str, reason: str) -> None:
        if (feed := self._feed()) is not None:
            feed.reject(event, reason)

    def _lost(self) -> None:
        feed = self._feed()
        if feed is not None and self._made:
            feed.connection_lost()

    def _disconnected(self, *reason: object) -> None:
        if not self._ended.is_set():
            known = None if self._dialer is None else self._dialer.ended
            how = known or (_ENDS.get(str(reason[0]), str(reason[0])) if reason else None)
            self.why = f"the connection was lost ({how})" if how else self.why
            self._ended.set()

    async def _watch(self) -> None:
        """Stay until the connection ends or is to end; call it stale when silent, leave when silent long."""
        waits = [asyncio.ensure_future(self._ended.wait()), asyncio.ensure_future(self._stop.wait())]
        try:
            while True:
                silent_s = time.monotonic() - self._newest_s
                state, wait_s = self._policy.in_silence(silent_s)
                if state == "replace":
                    self.why = f"no message for {silent_s:.0f} s"
                    return
                if state == "stale" and (feed := self._feed()) is not None:
                    limit_s = self._policy.stale_after_s
                    feed.set_state("stale", f"connected, but no message for {limit_s:.0f} s")
                done, _ = await asyncio.wait(
                    waits, timeout=wait_s + 0.01, return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    return
        finally:
            for wait in waits:
                wait.cancel()

    async def _until_stop(self, work: Any, limit_s: float) -> bool:
        """Await `work`; give up after `limit_s` (TimeoutError) or when stopped (returns False)."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stop.wait())
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
