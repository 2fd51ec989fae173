"""`LiveFeed`: a Socket.IO server's events, taken in order on a thread of its own.

The thread (`rugs_lab.feed.live.reconnection`) does not keep the feed alive: a feed that nobody holds, watches
or subscribes to any more ends by itself.
"""

from __future__ import annotations

from threading import RLock
from typing import ClassVar, Final, Self
from urllib.parse import urlsplit

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.live.reconnection import ConnectionThread, ReconnectionPolicy

RUGS_FUN_URL: Final = "https://backend.rugs.fun?frontend-version=1.0"
"""Address of the public feed."""


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
        trying, and `state` has the reason.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> with rl.GameServer(speed=50, seed=7) as server, rl.LiveFeed(server.url) as feed:
    ...     phases = feed.wait(messages=200).frame["phase"]
    >>> feed.state, "UNKNOWN" in set(phases)
    (<stopped: stopped by you>, False)
    """

    _policy: ClassVar[ReconnectionPolicy] = ReconnectionPolicy()

    def __init__(self, url: str = RUGS_FUN_URL, *, maxlen: int = 5000) -> None:
        super().__init__(maxlen)
        self._url = _checked_url(url)
        self._control = RLock()  # a signal handler may stop what its own thread is starting
        self._thread: ConnectionThread | None = None
        self._ending: ConnectionThread | None = None

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        return self._thread is not None

    @property
    def url(self) -> str:
        """The address."""
        return self._url

    @property
    def source(self) -> str:
        """The address, without its query."""
        return urlsplit(self._url)._replace(query="").geturl()

    def start(self) -> Self:
        """Connect in the background; does nothing when already started."""
        with self._control:
            if self._thread is None:
                if (ending := self._ending) is not None:  # another thread stops it just now
                    ending.stop()
                    ending.join()
                    self._ended(ending)
                self.set_state("connecting", f"connecting to {self.source}")
                thread = self._thread = ConnectionThread(self, self._url, self._policy)
                thread.start()
                if self._thread is not thread:  # a signal's handler stopped it before it had begun
                    thread.join()
        return self

    def stop(self) -> None:
        """Disconnect, from any thread or handler; the data stay. Does nothing when already stopped."""
        with self._control:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._ending = thread
        thread.stop()
        thread.join()
        with self._control:
            last = self._ended(thread)
        if last:
            self._end_handlers()

    def _ended(self, thread: ConnectionThread) -> bool:
        """Note once that a start is over; return False where `start` did so before `stop`."""
        if self._ending is not thread:
            return False
        self._ending = None
        self.set_state("stopped", "stopped by you")
        return True


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
