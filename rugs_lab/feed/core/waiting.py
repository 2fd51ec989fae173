"""`Awaited`: what ``feed.wait`` waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.state import STATES

if TYPE_CHECKING:
    from rugs_lab.feed.core.intake import Intake


@dataclass(frozen=True, slots=True)
class Awaited:
    """So much of each, and a state; None where it does not matter. ``str`` has it in words."""

    messages: int | None = None
    ticks: int | None = None
    games: int | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        for name, count in self._counts():
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise ArgumentError(f"{name} to wait for must be an integer >= 0; got {count!r}")
        if self.state is not None and self.state not in STATES:
            raise ArgumentError(f"state must be one of {', '.join(STATES)}; got {self.state!r}")
        if not str(self):
            raise ArgumentError("say what to wait for: messages=, ticks=, games= or state=")

    def arrived(self, feed: Intake) -> bool:
        """Return whether a feed has got that far."""
        return (
            (self.messages is None or feed.health.messages >= self.messages)
            and (self.ticks is None or feed.book.running_length >= self.ticks)
            and (self.games is None or feed.book.finished_count >= self.games)
            and (self.state is None or feed.state == self.state)
        )

    def __str__(self) -> str:
        words = [f"{count} {name}" for name, count in self._counts()]
        return ", ".join(words if self.state is None else [*words, f"state {self.state}"])

    def _counts(self) -> list[tuple[str, int]]:
        counts = (
            ("messages", self.messages),
            ("ticks of one game", self.ticks),
            ("finished games", self.games),
        )
        return [(name, count) for name, count in counts if count is not None]
