"""A raw event log as timelines: one game after the other, each from its first message to the next one's.

The log is read once to see where games begin; the events of a game are read when its turn has come.
"""

from collections.abc import Iterator
from os import PathLike
from typing import NamedTuple

from rugs_lab.errors import ArgumentError, PayloadError
from rugs_lab.feed.replay.game_events import PAUSE_MS
from rugs_lab.feed.replay.timeline import TimedEvent, Timeline
from rugs_lab.feed.server.simulation.capture_reader import CapturedEvent, CaptureReader
from rugs_lab.game.event_text import data_of
from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.signal import GameSignal, parse_update
from rugs_lab.recordings.assembly.events import UPDATE_EVENT
from rugs_lab.recordings.games.game import Game


class CaptureGame(NamedTuple):
    """Where a game lies in the file, and what must be known to play it by itself."""

    id: str
    start: int
    stop: int | None
    pause_ms: float
    after: str | None


class CaptureGames:
    """The games of the raw event log at `path`; `reader`: the log, with the lines that it cannot play.

    CaptureError where it cannot be read or has no event, ArgumentError where it has no message of a game.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.reader = CaptureReader(path)
        self.skipped: tuple[Game, ...] = ()
        self.games = None
        self._ended: set[str] = set()
        self._segments = tuple(self._find())
        if not self._segments:
            raise ArgumentError(
                f"the raw event log {self.reader.path} has nothing to replay: no {UPDATE_EVENT} names a game"
            )

    @property
    def source(self) -> str:
        """The file."""
        return str(self.reader.path)

    def __len__(self) -> int:
        return len(self._segments)

    def find(self, game_id: str) -> int | None:
        """Return the position of a game, or None."""
        return next((n for n, segment in enumerate(self._segments) if segment.id == game_id), None)

    def joined(self, before: int, after: int) -> bool:
        """Return whether a timeline continues another: nothing lies between them."""
        return after == before + 1

    def timeline(self, position: int) -> Timeline:
        """Read the events of a game."""
        segment = self._segments[position]
        events: list[TimedEvent] = []
        stops: dict[int, int] = {}
        opening, tick, at_ms, begin_ns = 0, -1, 0.0, None
        for event in self.reader.recorded(segment.start, segment.stop):
            begin_ns = event.received_ns if begin_ns is None else begin_ns
            at_ms = max(at_ms, (event.received_ns - begin_ns) / 1e6)
            signal = _signal(event)
            if signal is not None and signal.gameId == segment.id:
                opening = opening or len(events) + 1
                tick = max(tick, _tick(signal))
            events.append(TimedEvent(at_ms, tick, event.received_ns, (event.event, event.args)))
            if tick >= 0 and tick not in stops:
                stops[tick] = len(events)
        ends = segment.id in self._ended
        return Timeline(segment.id, events, stops, opening, segment.pause_ms, ends, after=segment.after)

    def _find(self) -> Iterator[CaptureGame]:
        games: dict[str, tuple[int, str | None, float]] = {}
        full, newest, before_ns = False, None, None
        for event in self.reader.recorded():
            signal = _signal(event)
            if signal is not None:
                self._note_ends(signal)
                if signal.gameId not in games:
                    pause_ms = 0.0 if before_ns is None else max(0.0, (event.received_ns - before_ns) / 1e6)
                    start = event.offset if games else 0
                    games[signal.gameId] = start, newest if full else None, pause_ms
                    newest = signal.gameId
                full = full or signal.active is not None
            before_ns = event.received_ns
        found = [(game_id, *rest) for game_id, rest in games.items()]
        for number, (game_id, start, after, _) in enumerate(found, 1):
            _, stop, _, pause_ms = found[number] if number < len(found) else (None, None, None, PAUSE_MS)
            yield CaptureGame(game_id, start, stop, pause_ms, after)

    def _note_ends(self, signal: GameSignal) -> None:
        if signal.rugged:
            self._ended.add(signal.gameId)
        for record in signal.gameHistory or ():
            if isinstance(game_id := record.get("id"), str):
                self._ended.add(game_id)


def _signal(event: CapturedEvent) -> GameSignal | None:
    if event.event != UPDATE_EVENT:
        return None
    try:
        return parse_update(data_of(event.args)).signal
    except PayloadError:
        return None


def _tick(signal: GameSignal) -> int:
    """Return the tick that a message of the running game leads to; -1 for none, and for a drifted one."""
    tick = signal.tickCount
    if not signal.active or tick is None or signal.kind is MessageKind.RUG1B or tick > MOST_TICKS:
        return -1
    return tick
