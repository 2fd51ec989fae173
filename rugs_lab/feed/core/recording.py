"""`Recording`: what a feed takes, turned into lines, in the order in which it was taken.

`rugs_lab.feed.core.intake` calls it first-hand, on the feed's own thread, so that every line is
counted from the moment it exists; `rugs_lab.recordings.write.recorder` writes them on another. A line costs
the feed some microseconds, whatever the disk does. Nothing that goes wrong here reaches the feed.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from collections.abc import Callable, Mapping
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast, get_args

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.state import LOST, FeedState
from rugs_lab.game.parse_values import as_price, is_game_id
from rugs_lab.game.signal import GameSignal, Update
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.assembly.game_assembly import Changes
from rugs_lab.recordings.assembly.open_games import OpenGames
from rugs_lab.recordings.games.game import Game, Source
from rugs_lab.recordings.write.line_format import (
    encodable,
    end_line,
    message_line,
    raw_line,
    stamp,
    trade_line,
    write_line,
)
from rugs_lab.recordings.write.line_types import (
    FORMAT,
    REVISION,
    AnomalyLine,
    Backfilled,
    GameStartLine,
    GapLine,
    HistoryLine,
    LeaderboardLine,
    SessionLine,
    TickLine,
)
from rugs_lab.recordings.write.player_names import PlayerNames
from rugs_lab.recordings.write.recorder import Recorder
from rugs_lab.resources import package_version

_BACKFILLED: Final = {Source[name.upper()]: name for name in get_args(Backfilled)}
_PATIENCE: Final = 50
"""Messages after which a finished game is written as it is, unless it was complete before (from its seed)."""

_GAMES_KEPT: Final = 1_000
_Method = TypeVar("_Method", bound=Callable[..., None])


def _quiet(work: _Method) -> _Method:
    @wraps(work)
    def safely(recording: Recording, *args: Any) -> None:
        if recording.muted:
            return
        try:
            work(recording, *args)
        except Exception as error:
            recording.errors += 1
            recording.last_error = f"{type(error).__name__}: {error}"

    return cast("_Method", safely)


class Recorded(Protocol):
    """What `Recording` needs of the feed that it records."""

    @property
    def source(self) -> str:
        """Where the data come from; the header of each file has it."""

    @property
    def book(self) -> OpenGames:
        """The games."""


class Recording:
    """Ties a feed to a `Recorder`; made by ``feed.record``.

    `feed` is kept alive while the recorder's thread runs. `raw`: write every event as it was received, too.
    `names`: see `PlayerNames`.
    `errors`: what could not be turned into lines; none is known to exist. `muted`: nothing is written while a
    replay repeats what was recorded before.
    """

    def __init__(
        self, feed: Recorded, folder: str | PathLike[str], *, raw: bool, rotate: str | int, names: str
    ) -> None:
        if not isinstance(folder, str | PathLike):
            raise ArgumentError(
                f"record(folder) takes the path of a folder, or None to stop recording; got {folder!r:.80}"
            )
        self.raw = bool(raw)
        self.rotate = rotate
        self.folder = Path(folder).expanduser()
        if raw and names != "keep":
            raise ArgumentError(f"raw=True writes names too, as received: names={names!r} needs raw=False")
        self._names = PlayerNames(names, self.folder)
        self.recorder = Recorder(self.folder, self._header, rotate=rotate, owner=feed)
        self.errors = 0
        self.last_error = ""
        self.muted = False
        self._feed = feed
        self._first = True
        self._started: dict[str, None] = {}
        self._priced: dict[str, None] = {}
        self._revealed: dict[str, None] = {}
        self._pending: dict[str, tuple[int, float | None]] = {}
        self._open: GapLine | None = None

    @property
    def settings(self) -> tuple[Path, bool, str | int, str]:
        """What was asked for."""
        return self.folder.absolute(), self.raw, self.rotate, self._names.keep

    @_quiet
    def text(self, text: str, received_ns: int | None) -> None:
        """Take the text of an event, before it is read."""
        if self.raw:
            self.recorder.put(raw_line(text, received_ns))

    @_quiet
    def event(self, event: str, args: tuple[object, ...], received_ns: int | None) -> None:
        """Take an event that was received as values; bytes in it are written as ``{"base64": text}``."""
        if self.raw:
            text = json.dumps([event, *args], separators=(",", ":"), default=_as_json)
            self.recorder.put(raw_line(text, received_ns))

    @_quiet
    def message(self, update: Update, signal: GameSignal, taken: Changes) -> None:
        """Take an accepted message, with its phase, and what was new in it."""
        game_id, at_ns, put = signal.gameId, signal.received_ns, self.recorder.put
        at = stamp(at_ns)
        if game_id not in self._started:
            _note(self._started, game_id)
            start = GameStartLine(
                **at,
                game_id=game_id,
                server_seed_hash=update.server_seed_hash,
                version=update.version,
            )
            put(write_line(start), game_id, start=True)
        if self._first:
            self._first = False
            self._write_known(game_id, {tick.tick for tick in taken.ticks}, at_ns)
        if taken.ticks:
            _note(self._priced, game_id)
            for tick in taken.ticks:  # before the message: the first line of a tick counts, in a replay too
                if backfilled := _BACKFILLED.get(self._feed.book.source_of(game_id, tick.tick)):
                    self._price(game_id, tick.tick, tick.price, backfilled, at_ns)
        put(write_line(message_line(signal, update.players)), game_id)
        for gap in taken.gaps:
            put(write_line(gap), game_id)
        if taken.stats is not None:
            put(write_line(taken.stats))
        if taken.board is not None:
            rows = self._names.rows(self._feed.book.boards.of(taken.board))
            line = LeaderboardLine(**at, game_id=taken.board, rows=rows)
            put(write_line(line), taken.board)
        self._write_anomalies(taken.anomalies)
        if taken.ended is not None:
            put(write_line(end_line(taken.ended, at_ns)), game_id, sync=True)
        for record in reversed(signal.gameHistory or ()):
            self._reveal(record)
        if self._pending:
            self._write_pending(at_ns)

    @_quiet
    def trade(self, trade: Trade) -> None:
        """Take a broadcast trade."""
        for row in self._names.rows((trade,)):
            self.recorder.put(write_line(trade_line(row)), trade.game_id)

    @_quiet
    def state(self, state: FeedState, anomalies: tuple[AnomalyLine, ...]) -> None:
        """Take a change of the feed's state; a connection that ends syncs the file."""
        self._write_anomalies(anomalies)
        self.outage()
        if state in LOST:
            if state == "stopped":
                self._write_pending(state.since_ns, at_once=True)
            gap = GapLine(**stamp(state.since_ns), reason=encodable(state.reason), state=str(state))
            self.recorder.put(write_line(gap), sync=True)

    @_quiet
    def outage(self) -> None:
        """Write the gap of a connection that is down, once."""
        gap, before = self._feed.book.outages.open, self._open
        self._open = gap
        if gap is not None and gap is not before:
            self.recorder.put(write_line(gap), gap.game_id, sync=True)

    def _write_anomalies(self, anomalies: tuple[AnomalyLine, ...]) -> None:
        for anomaly in anomalies:
            self.recorder.put(write_line(anomaly), anomaly.game_id)

    def _header(self) -> bytes:
        line = SessionLine(**stamp(self.recorder.now_ns()), format=FORMAT, revision=REVISION)
        line.url, line.version = encodable(self._feed.source), package_version()
        return write_line(line)

    def _price(
        self, game_id: str, tick: int, price: float, backfilled: Backfilled | None, at_ns: int | None
    ) -> None:
        line = TickLine(**stamp(at_ns), game_id=game_id, tick=tick, price=price, backfilled=backfilled)
        self.recorder.put(write_line(line), game_id)

    def _write_known(self, game_id: str, new: set[int], at_ns: int | None) -> None:
        """Write what the feed knew of the running game before the recording began."""
        game = self._feed.book.get(game_id)
        for tick, (price, source) in enumerate(_known(game)):
            if tick not in new and source is not Source.MISSING:
                _note(self._priced, game_id)
                self._price(game_id, tick, price, _BACKFILLED.get(source), at_ns)

    def _reveal(self, record: Mapping[str, Any]) -> None:
        game_id = record.get("id")
        if is_game_id(game_id) and game_id not in self._revealed:
            _note(self._revealed, game_id)
            self._pending[game_id] = (_PATIENCE, as_price(record.get("peakMultiplier")))

    def _write_pending(self, at_ns: int | None, *, at_once: bool = False) -> None:
        """Write the finished games that are complete now, or have been waited for long enough."""
        for game_id, (patience, peak) in list(self._pending.items()):
            game = self._feed.book.get(game_id)
            complete = game is not None and game.rug_tick is not None and not game.missing
            if complete or at_once or not patience:
                del self._pending[game_id]
                self._write_history(game_id, game, complete, peak, at_ns)
            else:
                self._pending[game_id] = (patience - 1, peak)

    def _write_history(
        self, game_id: str, game: Game | None, complete: bool, peak: float | None, at_ns: int | None
    ) -> None:
        heard_ns = at_ns if game is None or game.first_ns is None else game.first_ns
        line = HistoryLine(**stamp(heard_ns), game_id=game_id, peak=peak)
        if game is not None:
            line.ended_ms = game.ended_ms
            line.sidebets = list(self._names.rows(game.recorded_bets)) or None
            line.server_seed = game.server_seed and encodable(game.server_seed)
            line.server_seed_hash = game.server_seed_hash and encodable(game.server_seed_hash)
            line.version, line.rug_tick = game.version, game.rug_tick
            line.peak = game.peak if complete and game.peak > 0 else peak
            if complete and game_id not in self._priced:
                line.prices = game.prices.tolist()
                line.backfilled = "seed" if Source.SEED in game.sources else "history"
        self.recorder.put(write_line(line), game_id)
        if game_id in self._priced:
            for tick, (price, source) in enumerate(_known(game)):
                if source in (Source.HISTORY, Source.SEED):
                    self._price(game_id, tick, price, _BACKFILLED[source], at_ns)


def figures_of(recording: Recording | None) -> dict[str, object]:
    """Return what ``feed.metrics`` has on a recording, by label; the same labels without one."""
    recorder = None if recording is None else recording.recorder
    return {
        "recorder state": "off" if recorder is None else recorder.state,
        "recorder reason": "" if recorder is None else recorder.reason,
        "recorded [lines]": 0 if recorder is None else recorder.recorded,
        "recorded [MB]": 0.0 if recorder is None else recorder.recorded_bytes / 1e6,
        "recorded [files]": 0 if recorder is None else recorder.files,
        "waiting to be recorded [lines]": 0 if recorder is None else recorder.waiting,
        "recording lost [lines]": 0 if recorder is None else recorder.lost,
        "recording, longest wait for the disk [ms]": 0.0 if recorder is None else recorder.longest_s * 1e3,
        "torn lines moved aside [n]": 0 if recorder is None else len(recorder.torn),
        "recording errors [n]": 0 if recording is None else recording.errors,
    }


def _known(game: Game | None) -> list[tuple[float, Source]]:
    if game is None:
        return []
    return [
        (price, Source(source))
        for price, source in zip(game.prices.tolist(), game.sources.tolist(), strict=True)
    ]


def _note(games: dict[str, None], game_id: str) -> None:
    games[game_id] = None
    if len(games) > _GAMES_KEPT:
        del games[next(iter(games))]


def _as_json(value: object) -> dict[str, Any]:
    """Return what JSON can hold of a value that it cannot."""
    if isinstance(value, bytes | bytearray | memoryview):
        return {"base64": b2a_base64(value, newline=False).decode()}
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an event holds JSON values and bytes; got {type(value).__name__}")
