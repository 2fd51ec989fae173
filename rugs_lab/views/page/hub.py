"""The hub: one thread per kernel that brings every view what is new, up to twenty times a second.

What comes when nothing went out in the last screen frame goes out at once; where more comes, one round in a
period brings all of it. Views are readers of their feed's ring; the hub only decides when to read. The thread
starts with the first view, sleeps while no page shows any, and ends with the last view. A view that fails is
taken out; the others continue. Whatever a page asks for is noted by the view and answered here, so that no
handler blocks.
"""

import atexit
import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

PERIOD_S: Final = 0.05
"""Time between two rounds while much is new, in seconds: 20 Hz."""
FRAME_S: Final = 1 / 60
"""A screen frame, seconds: rounds are never closer to each other."""

_log = logging.getLogger(__name__)


class View(Protocol):
    """What the hub asks of a view. All three may be called on the hub's thread."""

    def wanted(self, now_s: float) -> bool:
        """Return whether a page shows it; `now_s` is the hub's monotonic clock."""

    def refresh(self, now_s: float) -> None:
        """Send what is new."""

    def failed(self, error: BaseException) -> None:
        """Take note that `refresh` raised and that the hub has let go of this view."""


class Hub:
    """Calls `View.refresh` of every wanted view once per period, on one daemon thread."""

    def __init__(self, period_s: float = PERIOD_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._period_s = period_s
        self._clock = clock
        self._lock = threading.Lock()
        self._views: list[View] = []
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._news = threading.Event()

    @property
    def running(self) -> bool:
        """Whether the thread is there."""
        thread = self._thread
        return thread is not None and thread.is_alive()

    @property
    def views(self) -> tuple[View, ...]:
        """The views, oldest first."""
        with self._lock:
            return tuple(self._views)

    def add(self, view: View) -> None:
        """Take on a view; the first one starts the thread."""
        with self._lock:
            if view not in self._views:
                self._views.append(view)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="rugs_lab views", daemon=True)
                self._thread.start()
        self._wake.set()

    def remove(self, view: View) -> None:
        """Let go of a view; without views the thread ends by itself. Unknown views are ignored."""
        with self._lock:
            if view in self._views:
                self._views.remove(view)
        self._wake.set()

    def wake(self) -> None:
        """Do the next round now; needed when a view becomes wanted while none was."""
        self._wake.set()

    def news(self) -> None:
        """Take note that a feed has something new; cheap, on any thread."""
        self._news.set()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Let go of all views and wait for the thread to end (not from the thread itself)."""
        with self._lock:
            self._views.clear()
            thread = self._thread
        self._wake.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)

    def _run(self) -> None:
        due = self._clock()
        while True:
            self._wake.clear()
            crowded = self._news.is_set()
            self._news.clear()
            with self._lock:
                if not self._views:
                    self._thread = None
                    return
                views = tuple(self._views)
            now = self._clock()
            busy = False
            for view in views:
                busy = self._step(view, now) or busy
            if not busy:
                self._wake.wait()
                due = self._clock()
                continue
            due = max(due + self._period_s, self._clock())
            if self._wait_until(due, crowded):
                due = self._clock()

    def _wait_until(self, due: float, crowded: bool) -> bool:
        """Wait until then, or until something is new after a screen frame; return whether it was.

        `crowded`: the round before had something new, too; what is new within a frame of it waits until then.
        """
        # A page's wake must not raise the rate, so that it cannot drive the hub faster than its period.
        remaining = min(due - self._clock(), self._period_s)
        frame = min(remaining, FRAME_S)
        if frame > 0:
            time.sleep(frame)
        if crowded and self._news.is_set():
            if remaining > frame:
                time.sleep(remaining - frame)
            return False
        return self._news.wait(remaining - frame) if remaining > frame else False

    def _step(self, view: View, now: float) -> bool:
        try:
            if not view.wanted(now):
                return False
            view.refresh(now)
        except BaseException as error:  # sys.exit() in a view must not end the others
            if not threading.main_thread().is_alive():
                return False  # the interpreter ends, and nothing can be loaded any more
            _log.exception("a view failed and is no longer updated")
            self.remove(view)
            try:
                view.failed(error)
            except Exception:
                _log.exception("a failed view could not show its error")
        return True


hub: Final = Hub()
"""The kernel's hub."""

atexit.register(hub.stop)
