"""Ctrl-C, noted instead of raised.

Python raises `KeyboardInterrupt` wherever the main thread happens to be. In a destructor or a weak
reference's callback it is printed and forgotten, and in the middle of starting a thread it leaves half
of one behind. A command that has a connection or a server to close in order notes the wish instead, and
looks at it where it waits.
"""

import signal
import time
from types import FrameType
from typing import Any, Self

_LOOK_EVERY_S = 0.1


class Interrupt:
    """Notes Ctrl-C (INT) and TERM while it is entered; for the main thread.

    This also holds where a shell started the command in the background and made it ignore Ctrl-C.
    """

    def __init__(self) -> None:
        self._came = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for each in (signal.SIGINT, signal.SIGTERM):
            self._before[each] = signal.signal(each, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def wait(self, seconds: float = float("inf")) -> bool:
        """Wait for an interrupt, not longer than `seconds`; return whether one came."""
        deadline = time.monotonic() + seconds
        while not self._came and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_EVERY_S))
        return self._came

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._came = True
