"""`Switch`: a wish that takes its time is carried out on a thread of its own, so that no handler waits."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)


class Switch:
    """Has something switched on or off; the last wish counts, the same wish twice is one.

    Parameters
    ----------
    carry_out
        Called with True for on and False for off, never twice at a time, on a thread that ends when there is
        nothing more to do. What it raises goes to the log.

    Examples
    --------
    >>> switch = Switch(lambda on: None)
    >>> switch.done
    0
    """

    def __init__(self, carry_out: Callable[[bool], object]) -> None:
        self._carry_out = carry_out
        self._lock = threading.Lock()
        self._wish: tuple[bool, int] | None = None
        self._working = False
        self.told = 0
        """`done` as `news` saw it last."""
        self.done = 0
        """Number of the last command carried out, for the page that waits for it."""

    def set(self, on: bool, number: int = 0) -> None:
        """Request for on or off; returns at once, from any thread."""
        with self._lock:
            if sys.is_finalizing() or not threading.main_thread().is_alive():
                return  # the interpreter ends: no thread could be started, and every feed is ended anyway
            self._wish = (on, number)
            if self._working:
                return
            self._working = True
        threading.Thread(target=self._work, name="rugs_lab switch", daemon=True).start()

    def news(self) -> bool:
        """Say once whether `done` moved."""
        before, self.told = self.told, self.done
        return self.told != before

    def _work(self) -> None:
        while True:
            with self._lock:
                if self._wish is None:
                    self._working = False
                    return
                (on, number), self._wish = self._wish, None
            try:
                self._carry_out(on)
            except Exception:
                _log.exception("a command from the page failed")
            finally:
                self.done = number
