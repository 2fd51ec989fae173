"""What is recorded of the game that a replay plays next: sources of its ticks, gaps, anomalies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine


class ExpectedGame:
    """The recorded game; `sources` by tick, `notes` each with the tick at which it comes (-1: at once)."""

    def __init__(
        self,
        game_id: str = "",
        sources: Sequence[int] = (),
        notes: Iterable[tuple[int, GapLine | AnomalyLine]] = (),
    ) -> None:
        self.id, self.sources, self._notes = game_id, sources, list(notes)
        self._has_gaps = any(isinstance(note, GapLine) for _, note in self._notes)

    def due(
        self, newest: int, gaps: tuple[GapLine, ...]
    ) -> tuple[tuple[GapLine, ...], tuple[AnomalyLine, ...]]:
        """Return the recorded gaps and anomalies that come with the newest tick, each once.

        `gaps`: what the replay itself misses, which stays where the recording has no gap in the whole game.
        """
        due = [note for tick, note in self._notes if tick <= newest]
        self._notes = [each for each in self._notes if each[0] > newest]
        if self._has_gaps:
            gaps = tuple(note for note in due if isinstance(note, GapLine))
        return gaps, tuple(note for note in due if isinstance(note, AnomalyLine))
