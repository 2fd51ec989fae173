"""`Timeline`: one game as a replay plays it, event by event, each with its time and the tick it leads to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine


class TimedEvent(NamedTuple):
    """One event of a timeline.

    `at_ms`: when it is due, since the timeline began; never falls. `tick`: the newest tick of the game once
    it was taken; -1 before the first. `received_ns`: when it was received, ns since 1970; None where that is
    not known. `event`: for `Intake.take_text`, or name and arguments for `Intake.take`.
    """

    at_ms: float
    tick: int
    received_ns: int | None
    event: str | tuple[str, tuple[object, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The events of one game (`id`), in order; place ``n`` means that the first ``n`` of them were taken.

    `stops`: known tick, in order → the place of the game at that tick. `opening`: the place at
    which the first message of the game was taken. `pause_ms`: time from the last event to the first one of
    the timeline after it. `ends`: whether the game's end is known: the rug with its price. `game`: the
    recorded game; None where events were recorded, not games. `after`: the game before it in the same
    recording, whose last messages may come in this timeline. `notes`: gaps and
    anomalies of the recorded game, each with the tick at which it comes (-1: with the first message).
    """

    id: str
    events: Sequence[TimedEvent]
    stops: dict[int, int]
    opening: int
    pause_ms: float
    ends: bool
    game: Game | None = None
    after: str | None = None
    notes: Sequence[tuple[int, GapLine | AnomalyLine]] = ()
    _ticks: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ticks", tuple(self.stops))

    @property
    def end(self) -> int:
        """The place at which everything was taken."""
        return len(self.events)

    @property
    def last_tick(self) -> int:
        """The last known tick; -1 without any."""
        return self._ticks[-1] if self._ticks else -1

    @property
    def span_ms(self) -> float:
        """Time from the first event to the first one of the timeline after it."""
        return self.events[-1].at_ms + self.pause_ms

    def tick(self, place: int) -> int:
        """Return the newest tick at a place."""
        return self.events[place - 1].tick if place else -1

    def time_ms(self, place: int) -> float:
        """Return the time of the last event before a place."""
        return self.events[place - 1].at_ms if place else 0.0

    def place(self, tick: int) -> int:
        """Return the place of a tick (of the newest one known by then); beyond the last one the end."""
        return self.end if tick > self.last_tick else self._stop(bisect_right(self._ticks, tick) - 1)

    def steps(self, place: int, count: int) -> int:
        """Return the place `count` known ticks further on (back where negative)."""
        number = bisect_right(self._ticks, self.tick(place)) - 1 + count
        return self.end if number >= len(self._ticks) else self._stop(number)

    def _stop(self, number: int) -> int:
        return self.opening if number < 0 else self.stops[self._ticks[number]]
