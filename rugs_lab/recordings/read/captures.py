"""Events as they were received → games, by the code of a feed's intake (`rugs_lab.recordings.assembly`)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import PayloadError
from rugs_lab.game.phase_tracker import PhaseTracker
from rugs_lab.game.signal import Update
from rugs_lab.recordings.assembly.events import follow, parse_event
from rugs_lab.recordings.assembly.open_games import OpenGames
from rugs_lab.recordings.read.formats.items import Event
from rugs_lab.recordings.read.read_records import Tick
from rugs_lab.recordings.read.timestamps import LineClock
from rugs_lab.recordings.write.line_types import GameStartLine, RawLine

if TYPE_CHECKING:
    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.read.merge_parts import MergedParts

RESERVED: Final = frozenset({"connect", "connect_error", "disconnect"})
"""Event names that Socket.IO keeps for itself; no server can send them."""

_OPEN: Final = 1_000
"""Finished games that are kept open for later events; older ones are put away."""


def is_raw(records: list[Any]) -> bool:
    """Return whether a recording holds events as they were received and nothing made of them."""
    if RawLine not in map(type, records[:3] + records[-3:]):
        return False
    return not set(map(type, records)) & {Tick, GameStartLine}


class Capture:
    """The events of one file, in their order."""

    def __init__(self, merged: MergedParts, file: str) -> None:
        self._merged = merged
        self._file = file
        self._clocks = LineClock(merged.zone), LineClock(UTC)
        self._tracker, self._open_games = PhaseTracker(), OpenGames()
        self._rejected: Counter[str] = Counter()
        self._started: dict[str, tuple[int | None, int]] = {}
        self._first: dict[str, int | None] = {}

    def take(self, event: Event) -> None:
        """Take one event."""
        ns = self._clocks[event.naive_utc].ns(event.time)
        try:
            message = parse_event(event.name, event.args, ns)
        except PayloadError as error:
            self._rejected[f"{event.name[:80]}: {str(error)[:200]}"] += 1
            return
        if isinstance(message, Update):
            signal, late = follow(self._tracker, message)
            self._open_games.take(message, late=late)
            self._first.setdefault(signal.gameId, ns)
            if signal.active:
                self._started.setdefault(signal.gameId, (ns, event.line or 0))
            if self._open_games.finished_count > 1.5 * _OPEN:
                self._put_away(list(self._open_games.finished[:-_OPEN]))
        elif message is not None:
            self._open_games.take_trade(message)

    def close(self) -> None:
        """Hand over the games, and what was wrong with the events."""
        for reason, count in self._rejected.items():
            done = f"{count} events cannot be used ({reason}): dropped"
            self._merged.report(self._file, "bad_event", done)
        for each in self._open_games.anomalies:
            done = (
                f"{each.reported!r} at tick {each.tick} of {each.game_id} is not used, {each.known!r} is kept"
            )
            self._merged.report(self._file, "contradiction", done)
        running = self._open_games.running
        games = list(self._open_games.finished)
        if running is not None and running.id not in [game.id for game in games]:
            games.append(running)
        self._put_away(games)

    def _put_away(self, games: list[Game]) -> None:
        for game in games:
            ns, line = self._started.get(game.id, (None, 0))
            self._merged.add_game(self._file, replace(game, started_ns=ns), line)
            parts = self._merged.games[game.id]
            parts.first_ns = parts.first_ns or self._first.get(game.id)
        self._open_games.forget([game.id for game in games])
