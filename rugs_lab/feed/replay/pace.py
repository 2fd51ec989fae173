"""`Pace`: virtual time against a monotonic clock, without drift."""

from collections.abc import Callable
from math import inf, isnan

from rugs_lab.errors import ArgumentError

SLOWEST, FASTEST = 0.25, 10.0


class Pace:
    """When something is due: at the anchor plus virtual time divided by speed.

    `clock`: monotonic seconds. `speed`: virtual seconds per second; infinite: everything is due at once.
    `running`: whether virtual time passes.
    """

    def __init__(self, clock: Callable[[], float], speed: float) -> None:
        self._clock = clock
        self.speed = checked_speed(speed)
        self.running = False
        self._at_s = 0.0
        self._ms = 0.0

    @property
    def now_ms(self) -> float:
        """Virtual time, ms; at infinite speed that of the anchor."""
        if not self.running or self.speed == inf:
            return self._ms
        return self._ms + (self._clock() - self._at_s) * 1000 * self.speed

    def anchor(self, virtual_ms: float) -> None:
        """Set virtual time to `virtual_ms`."""
        self._at_s, self._ms = self._clock(), virtual_ms

    def reached(self, virtual_ms: float) -> None:
        """Set how far it has come at infinite speed, where no clock measures it."""
        if self.speed == inf:
            self._ms = virtual_ms

    def shift(self, by_ms: float) -> None:
        """Count virtual time from `by_ms` later."""
        self._ms -= by_ms

    def run(self, on: bool) -> None:
        """Let virtual time pass, or stand."""
        self.anchor(self.now_ms)
        self.running = on

    def change(self, speed: float) -> None:
        """Continue at another speed."""
        self.anchor(self.now_ms)
        self.speed = checked_speed(speed)

    def wait_s(self, due_ms: float) -> float:
        """Return the seconds until `due_ms`, negative when that is past; infinite while time stands."""
        if not self.running:
            return inf
        if self.speed == inf:
            return 0.0
        return self._at_s + (due_ms - self._ms) / 1000 / self.speed - self._clock()


def checked_speed(speed: float) -> float:
    """Return a speed that is allowed, 0.25 to 10 or infinite."""
    number = not isinstance(speed, bool) and isinstance(speed, int | float) and not isnan(speed)
    if number and (SLOWEST <= speed <= FASTEST or speed == inf):
        return float(speed)
    raise ArgumentError(
        f"speed must be a number from {SLOWEST} to {FASTEST:g} (1.0 is the real pace), "
        f"or float('inf') for as fast as possible; got {speed!r}"
    )
