"""Events as they were received → games, by the code of a feed's intake (`rugs_lab.recordings.assembly`)."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC
from typing import Final

from rugs_lab.errors import PayloadError
from rugs_lab.game.phase_tracker import PhaseTracker
from rugs_lab.game.signal import Update
from rugs_lab.recordings.assembly.events import follow, parse_event
from rugs_lab.recordings.assembly.open_games import OpenGames
from rugs_lab.recordings.games.gaps_and_anomalies import Note
from rugs_lab.recordings.games.message_rows import pack_message, row_of
from rugs_lab.recordings.read.formats.items import Event
from rugs_lab.recordings.read.merge_parts import MergedParts
from rugs_lab.recordings.read.timestamps import LineClock
from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine

RESERVED: Final = frozenset({"connect", "connect_error", "disconnect"})
"""Event names that Socket.IO keeps for itself; no server can send them."""


class Capture:
    """The events of one file, in their order.

    `beside`: they accompany the lines made of them, which count first, and fill what those lack;
    `complete`: those lines are of a revision that has anomalies and statistics.
    """

    def __init__(
        self, merged: MergedParts, file: str, *, beside: bool = False, complete: bool = False
    ) -> None:
        self._merged, self._file = merged, file
        self._beside, self._complete = beside, complete
        self._clocks = LineClock(merged.zone), LineClock(UTC)
        self._tracker, self._open_games = PhaseTracker(), OpenGames(bounded=False)
        self._rejected: Counter[str] = Counter()
        self._lines: dict[str, int] = {}
        self._messages: defaultdict[str, bytearray] = defaultdict(bytearray)
        self._notes: list[Note] = []
        self._begin_ns: int | None = None
        self._taken = 0

    def take(self, event: Event) -> None:
        """Take one event."""
        self._taken += 1
        ns = self._clocks[event.naive_utc].ns(event.time)
        try:
            message = parse_event(event.name, event.args, ns)
        except PayloadError as error:
            self._rejected[f"{event.name[:80]}: {str(error)[:200]}"] += 1
            return
        if isinstance(message, Update):
            signal, late = follow(self._tracker, message)
            taken = self._open_games.take(message, late=late, phase=signal.phase)
            self._begin_ns = ns or 0 if self._begin_ns is None else self._begin_ns
            if not self._beside:
                row = row_of(signal, message.players, self._begin_ns + (event.line or self._taken))
                self._messages[signal.gameId] += pack_message(*row)
            self._notes += [*taken.anomalies, *taken.gaps]
            if taken.stats is not None:
                self._notes.append(taken.stats)
            if signal.active:
                self._lines.setdefault(signal.gameId, event.line or 0)
        elif message is not None:
            self._open_games.take_trade(message)

    def close(self) -> None:
        """Hand over the games, and what was wrong with the events."""
        merged, file = self._merged, self._file
        notes = [*self._notes, *self._open_games.finish()]
        if not self._beside:
            for reason, count in self._rejected.items():
                merged.report(file, "bad_event", f"{count} events cannot be used ({reason}): dropped")
            for each in notes:
                if isinstance(each, AnomalyLine):
                    done = f"{each.reported!r} at tick {each.tick} is not used, {each.known!r} is kept"
                    merged.report(file, "contradiction", done, game_id=each.game_id)
        beside = GapLine if not self._complete else object
        merged.notes += [each for each in notes if not self._beside or not isinstance(each, beside)]
        for game in self._open_games.games:
            packed = b"" if self._beside else bytes(self._messages[game.id])
            merged.add_game(file, replace(game, recorded_messages=packed), self._lines.get(game.id, 0))
