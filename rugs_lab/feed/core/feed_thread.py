"""`FeedThread`: a thread that works for a feed, does not keep it alive, and ends with it."""

from __future__ import annotations

import atexit
import logging
import weakref
from threading import Thread, current_thread
from typing import Final

log = logging.getLogger("rugs_lab")
_JOIN_LIMIT_S: Final = 6.0
_RUNNING: Final[weakref.WeakSet[FeedThread]] = weakref.WeakSet()


class FeedThread:
    """Runs from `start` to `stop`, or until nobody holds the feed any more, or the interpreter ends.

    A subclass works in `_work` until `_stopping`, and ends its waits in `wake`. It holds the feed weakly.

    `feed`: whose end ends the thread. `name`: of the thread.
    """

    def __init__(self, feed: object, name: str) -> None:
        self._stopping = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        weakref.finalize(feed, self.stop).atexit = False

    def start(self) -> None:
        """Start the thread."""
        _RUNNING.add(self)
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end, from any thread."""
        self._stopping = True
        self.wake()

    def join(self) -> None:
        """Wait for the end of the thread, not longer than some seconds."""
        if self._thread is not current_thread() and self._thread.is_alive():
            self._thread.join(_JOIN_LIMIT_S)
            if self._thread.is_alive():
                log.warning("%s has not ended after %g s: it continues", self._thread.name, _JOIN_LIMIT_S)

    def wake(self) -> None:
        """Have it look again what there is to do, from any thread."""
        raise NotImplementedError

    def _run(self) -> None:
        try:
            self._work()
        finally:
            _RUNNING.discard(self)

    def _work(self) -> None:
        raise NotImplementedError


@atexit.register
def _stop_all() -> None:
    threads = list(_RUNNING)
    for thread in threads:
        thread.stop()
    for thread in threads:
        thread.join()
