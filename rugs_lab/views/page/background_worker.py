"""`Worker`: carries out requests on a thread of its own, so that no handler waits; `Switch`: on or off."""

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Request = TypeVar("Request")

_log = logging.getLogger(__name__)


class Worker(Generic[Request]):
    """Carries out requests one at a time, on a thread that ends when there is nothing to do.

    With `most_waiting` 1 a newer request takes the place of the one that waits; with more they are carried
    out in order, and one too many is not taken. `done` counts them, failed ones included; `error` is the
    newest one's.
    """

    def __init__(self, carry_out: Callable[[Request], object], name: str, *, most_waiting: int = 1) -> None:
        self._carry_out = carry_out
        self._name = f"rugs_lab {name}"
        self._most_waiting = most_waiting
        self._changed = threading.Condition()
        self._waiting: deque[Request] = deque()
        self._working = self._stopping = self._closed = False
        self.done = 0
        self.error: BaseException | None = None

    def put(self, request: Request) -> bool:
        """Ask for something, from any thread; returns at once: False where it is not taken."""
        with self._changed:
            # At the interpreter's end no thread can be started, and every feed is ended anyway.
            if self._closed or sys.is_finalizing() or not threading.main_thread().is_alive():
                return False
            if self._most_waiting == 1:
                self._waiting.clear()
            elif len(self._waiting) >= self._most_waiting:
                return False
            self._waiting.append(request)
            if not self._working:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._working = True
            self._changed.notify_all()
        return True

    def outdated(self, within_s: float = 0.0) -> bool:
        """Return whether another request waits, or it was stopped, now or within so many seconds."""
        if not within_s:
            return bool(self._waiting) or self._stopping
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._waiting) or self._stopping, within_s)

    def stop(self) -> None:
        """Forget what waits; what is executed is `outdated`."""
        with self._changed:
            self._waiting.clear()
            self._stopping = self._working
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything was executed, at most `timeout` seconds; return whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._working, timeout)

    def close(self) -> None:
        """Stop, and take no more requests; the thread ends as soon as what it carries out returns."""
        with self._changed:
            self._closed = True
        self.stop()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._stopping = False
                if not self._waiting:
                    self._working = False
                    self._changed.notify_all()
                    return
                request = self._waiting.popleft()
            self.error = None
            try:
                self._carry_out(request)
            except BaseException as error:  # sys.exit() in what is carried out must not end the worker
                _log.exception("what a page asked for failed")
                self.error = error
            finally:
                self.done += 1


class Switch:
    """Has something switched on or off; the newest request counts, the same one twice is one.

    `done` is the number of the newest request executed, `reported` the same as `news` saw it last.
    """

    def __init__(self, carry_out: Callable[[bool], object]) -> None:
        self._carry_out = carry_out
        self._worker = Worker(self._switch, "switch")
        self.done = self.reported = 0

    def set(self, on: bool, number: int = 0) -> None:
        """Ask for on or off; returns at once, from any thread."""
        self._worker.put((on, number))

    def news(self) -> bool:
        """Return whether `done` moved since this was asked last."""
        before, self.reported = self.reported, self.done
        return self.reported != before

    def _switch(self, request: tuple[bool, int]) -> None:
        on, number = request
        try:
            self._carry_out(on)
        finally:
            self.done = number
