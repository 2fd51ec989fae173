"""`ReplayThread`: takes what is due in a replay."""

from __future__ import annotations

import weakref
from math import inf
from threading import Event
from typing import Final, Protocol

from rugs_lab.feed.core.feed_thread import FeedThread

_BREATH_S: Final = 0.0005
"""At full speed, time for other threads after each batch."""


class Playing(Protocol):
    """What the thread needs of the feed that it plays."""

    def advance(self) -> float | None:
        """Take what is due; return the seconds until more is, or None while nothing will be."""

    def broke_off(self, thread: ReplayThread, error: Exception) -> None:
        """Stop, since what is next cannot be had."""


class ReplayThread(FeedThread):
    """Calls `Playing.advance` when something is due. An error ends it, and is reported to the feed."""

    def __init__(self, feed: Playing) -> None:
        super().__init__(feed, "rugs_lab replay")
        self._feed = weakref.ref(feed)
        self._changed = Event()

    def wake(self) -> None:
        """Have it look again what is due."""
        self._changed.set()

    def _work(self) -> None:
        while not self._stopping:
            self._changed.clear()
            wait_s = self._advance()
            if wait_s == inf:
                self._changed.wait()
            else:
                self._changed.wait(max(wait_s, _BREATH_S))

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
