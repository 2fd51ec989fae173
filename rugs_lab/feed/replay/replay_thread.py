"""`Ticker`: the thread of a replay. It does not keep the feed alive, and ends with it."""

from __future__ import annotations

import atexit
import weakref
from math import inf
from threading import Event, Thread, current_thread
from typing import Final, Protocol

_BREATH_S: Final = 0.0005
"""At full speed, time for other threads after each batch."""

_JOIN_LIMIT_S: Final = 6.0
_TICKERS: Final[weakref.WeakSet[Ticker]] = weakref.WeakSet()


class Playing(Protocol):
    """What the thread needs of the feed that it plays."""

    def advance(self) -> float | None:
        """Take what is due; return the seconds until more is, or None while nothing will be."""
        ...

    def broke_off(self, ticker: Ticker, error: Exception) -> None:
        """Stop, since what comes next cannot be had."""
        ...


class Ticker:
    """Calls `Playing.advance` when something is due, from `start` to `stop` or until nobody holds the feed.

    An error ends it, and is told to the feed.
    """

    def __init__(self, feed: Playing) -> None:
        self._feed = weakref.ref(feed)
        self._stopping = False
        self._changed = Event()
        self._thread = Thread(target=self._run, name="rugs_lab replay", daemon=True)
        weakref.finalize(feed, self.stop).atexit = False

    def start(self) -> None:
        """Start the thread."""
        _TICKERS.add(self)
        self._thread.start()

    def wake(self) -> None:
        """Have it look again what is due."""
        self._changed.set()

    def stop(self) -> None:
        """Ask for the end, from any thread."""
        self._stopping = True
        self._changed.set()

    def join(self) -> None:
        """Wait for the end of the thread, not longer than some seconds."""
        if self._thread is not current_thread() and self._thread.is_alive():
            self._thread.join(_JOIN_LIMIT_S)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._changed.clear()
                wait_s = self._advance()
                if wait_s == inf:
                    self._changed.wait()
                else:
                    self._changed.wait(max(wait_s, _BREATH_S))
        finally:
            _TICKERS.discard(self)

    def _advance(self) -> float:
        feed = self._feed()
        if feed is None or self._stopping:
            return 0.0
        try:
            wait_s = feed.advance()
        except Exception as error:  # such as a file that is gone
            self._stopping = True
            feed.broke_off(self, error)
            return 0.0
        return inf if wait_s is None else wait_s


@atexit.register
def _stop_all() -> None:
    """End what still runs when the interpreter does."""
    tickers = list(_TICKERS)
    for ticker in tickers:
        ticker.stop()
    for ticker in tickers:
        ticker.join()
