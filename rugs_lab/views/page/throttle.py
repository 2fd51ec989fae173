"""`Throttle`: looks at something at most so often, for parts whose state changes with every message."""

import math
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Seen = TypeVar("Seen")


class Throttle(Generic[Seen]):
    """What ``look()`` returned last; it is called again when `every_s` seconds are over."""

    def __init__(
        self, look: Callable[[], Seen], every_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look = look
        self._every_s = every_s
        self._clock = clock
        self._due = -math.inf
        self._seen: Seen | None = None

    def now(self) -> Seen | None:
        """Return what was seen last, looking again when it is time."""
        if self._clock() >= self._due:
            self._due = self._clock() + self._every_s
            self._seen = self._look()
        return self._seen
