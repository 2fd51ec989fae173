"""Whether the kernel runs a cell, by IPython's own events; a busy kernel receives nothing from its pages."""

import time
from typing import Any, Final


class Shell:
    """Knows since when a cell runs, or since when none does (monotonic seconds)."""

    def __init__(self) -> None:
        self.busy_since: float | None = None
        self.idle_since = time.monotonic()
        self._watched: Any = None

    def watch(self) -> None:
        """Register with the shell of this kernel, if there is one; again does nothing."""
        from IPython.core.getipython import get_ipython

        ip = get_ipython()
        if ip is None or ip is self._watched:
            return
        self._watched = ip
        if getattr(ip, "kernel", None) is None:
            return
        # Called from a cell: that cell is running.
        self.busy_since = time.monotonic()
        ip.events.register("pre_execute", self._begin)
        ip.events.register("post_execute", self._end)

    def _begin(self) -> None:
        self.busy_since = time.monotonic()

    def _end(self) -> None:
        self.busy_since = None
        self.idle_since = time.monotonic()


shell: Final = Shell()
"""The kernel's shell."""
