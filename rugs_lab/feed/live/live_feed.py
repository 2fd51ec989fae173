"""`LiveFeed`: a Socket.IO server's events, taken in order on a thread of its own.

`rugs_lab.feed.live.connection_thread` has the thread, `connection` one connection, `client` and `dialer`
what is sent and received. The thread does not keep the feed alive: a feed that nobody holds, watches or
subscribes to any more ends by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Self

from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.live.address import TRANSPORTS, Address, Tls, address_of
from rugs_lab.feed.live.connection_thread import ConnectionThread
from rugs_lab.feed.live.reconnection import ReconnectionPolicy
from rugs_lab.feed.live.session import Session

if TYPE_CHECKING:
    from rugs_lab.feed.live.diagnosis import Diagnosis

RUGS_FUN_URL: Final = "https://backend.rugs.fun?frontend-version=1.0"
"""Address of the public feed."""


class LiveFeed(Feed):
    """The live feed of a Socket.IO server, rugs.fun by default. It only listens.

    Parameters
    ----------
    url
        ``http``, ``https``, ``ws`` or ``wss`` address, such as `RUGS_FUN_URL` or ``GameServer().url``. One
        copied from a browser's network tools works, and so does a relay under a path.
    maxlen
        Rows kept in the buffer, 1 to 10,000,000.
    headers
        Headers of the handshake, added to the defaults or replacing them: an ``Origin`` of the site for its
        own hosts, and a ``User-Agent`` that names this package. None as a value leaves one out.
    proxy
        ``http://``, ``https://`` or ``socks5://`` URL. None: taken from the environment variables
        ``HTTPS_PROXY``, ``ALL_PROXY`` ... and ``NO_PROXY``. False: none.
    transports
        ``"websocket"``, ``"polling"`` or both, in the order in which they are tried. A polling
        connection is upgraded to a WebSocket where that is one of them, and server and network allow it.
    path
        Path of the Socket.IO endpoint, if it is not ``socket.io``.
    ssl
        An `ssl.SSLContext`; False: the server's certificate is not verified.

    Raises
    ------
    ArgumentError
        An argument is not of that form. An address that does not answer is not an error: the feed keeps
        trying, and `state` says why.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> with rl.GameServer(speed=50, seed=7) as server, rl.LiveFeed(server.url) as feed:
    ...     phases = feed.wait(messages=200).frame["phase"]
    >>> feed.state, "UNKNOWN" in set(phases)
    (<stopped: stopped by you>, False)
    """

    _policy: ClassVar[ReconnectionPolicy] = ReconnectionPolicy()

    def __init__(
        self,
        url: str = RUGS_FUN_URL,
        *,
        maxlen: int = 5000,
        headers: Mapping[str, str | None] | None = None,
        proxy: str | Literal[False] | None = None,
        transports: Sequence[str] = TRANSPORTS,
        path: str | None = None,
        ssl: Tls = None,
    ) -> None:
        super().__init__(maxlen)
        self._address = address_of(
            url, headers=headers, proxy=proxy, transports=transports, path=path, ssl=ssl
        )
        self._url = url
        self._session = Session()
        self._control = RLock()  # a signal handler may stop what its own thread is starting
        self._thread: ConnectionThread | None = None
        self._ending: ConnectionThread | None = None

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        return self._thread is not None

    @property
    def url(self) -> str:
        """The address, as it was given."""
        return self._url

    @property
    def address(self) -> Address:
        """Where and how it connects."""
        return self._address

    @property
    def source(self) -> str:
        """The address, without its query, and where the server redirected to."""
        redirected = self._session.redirected
        there = f" (redirected to {redirected})" if redirected else ""
        return f"{self._address.name}{there}"

    @property
    def transport(self) -> str | None:
        """Transport of the newest connection, ``websocket`` or ``polling``; None before the first."""
        return self._session.transport

    def diagnose(self, seconds: float = 15.0, *, wait: Callable[[float], bool] | None = None) -> Diagnosis:
        """Test each stage of the connection separately: name, TCP, TLS, handshake, namespace, events, rates.

        It uses a separate feed and does not disturb this one. The result is displayed in a notebook.

        Parameters
        ----------
        seconds
            How long to listen once connected.
        wait
            Called with seconds to wait; returns True to end at once. None: waits.

        Examples
        --------
        >>> import rugs_lab as rl
        >>> with rl.GameServer(speed=50, seed=7) as server:
        ...     rl.LiveFeed(server.url).diagnose(1).ok
        True
        """
        from rugs_lab.feed.live.diagnosis import diagnose

        feed = LiveFeed(self._url)
        feed._address = self._address
        return diagnose(feed, self._address, feed._session, seconds, waits=wait)

    def start(self) -> Self:
        """Connect in the background; does nothing when already started."""
        with self._control:
            if self._thread is None:
                if (ending := self._ending) is not None:  # another thread stops it just now
                    ending.stop()
                    ending.join()
                    self._ended(ending)
                self.set_state("connecting", f"connecting to {self.source}")
                thread = self._thread = ConnectionThread(self, self._address, self._session, self._policy)
                thread.start()
                if self._thread is not thread:  # a signal's handler stopped it before it had begun
                    thread.join()
        return self

    def stop(self) -> None:
        """Disconnect, from any thread or handler; the data are kept. Does nothing when already stopped."""
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

    def _connect_to(self, url: str) -> None:
        """Take another address for the next start; there is no session to recover there."""
        if url != self._url:
            self._url, self._address, self._session = url, address_of(url), Session()

    def _ended(self, thread: ConnectionThread) -> bool:
        """Note once that a start is over; return False where `start` did so before `stop`."""
        if self._ending is not thread:
            return False
        self._ending = None
        self.set_state("stopped", "stopped by you")
        return True
