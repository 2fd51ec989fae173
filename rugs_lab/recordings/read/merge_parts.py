"""Records of any number of files → the parts of each game.

`MergedParts` sorts records into one `GameParts` per game, in the order of the files;
`rugs_lab.recordings.read.backfill` makes a game of them. As in the live feed, the first price of a tick is
kept, so that a recording gives the games that the feed had.
"""

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from math import nan
from typing import Any, Final

import numpy as np
from msgspec.structs import replace

from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.parse_values import is_game_id
from rugs_lab.game.phase import Phase, phase_of
from rugs_lab.game.signal import MAX_COOLDOWN_MS, GameSignal
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.assembly.game_assembly import KEPT_TRADES
from rugs_lab.recordings.games.damage import Damage, DamageLog
from rugs_lab.recordings.games.game import Game, Source
from rugs_lab.recordings.games.gaps_and_anomalies import Note, is_note
from rugs_lab.recordings.games.message_rows import pack_message, row_of
from rugs_lab.recordings.read.game_parts import GameParts
from rugs_lab.recordings.read.read_records import End, GameComplete, Published, Tick
from rugs_lab.recordings.read.timestamps import MOST_NS, is_ambiguous, name_zones, utc_ns
from rugs_lab.recordings.write.line_format import trade_of
from rugs_lab.recordings.write.line_types import (
    GameStartLine,
    GapLine,
    HistoryLine,
    LeaderboardLine,
    SessionLine,
    TradeLine,
)

_KINDS: Final = frozenset(MessageKind)
_SOURCES: Final = {source.name.lower(): source for source in Source}
_RECEIVED: Final = int(Source.RECEIVED)
_PLAYED: Final = (Phase.ACTIVATION, Phase.ACTIVE, Phase.RUG)
_LATE: Final = (Phase.RUG, Phase.GENESIS)
"""What the original calls ``RUG_EVENT_1`` and ``RUG_EVENT_2``: of a game whose rug was a message before."""


@dataclass(slots=True)
class OpenFile:
    """A file while its records are taken; its messages are in order by `begin_ns` and their line."""

    file: str
    own_format: bool
    begin_ns: int | None = None
    starts: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    touched: dict[str, GameParts] = field(default_factory=dict)


class MergedParts:
    """The parts of games by id, and what was wrong with the files; `zone`: of timestamps that name none."""

    def __init__(self, naive_zone: tzinfo) -> None:
        self.games: dict[str, GameParts] = {}
        self.damage = DamageLog()
        self.notes: list[Note] = []
        self.zone = naive_zone
        self._open: OpenFile | None = None
        self._without_zones: list[Any] = []
        self._bad_ids: set[tuple[str, str]] = set()

    def take(self, file: str, records: list[Any], numbers: list[int] | None, first_line: int = 1) -> None:
        """Take records of one file, all or the next ones; `close` must follow when it has no more.

        `numbers` are their lines; None: the n-th is on line ``first_line + n``.
        """
        state = self._open
        if state is None or state.file != file:
            state = self._open = OpenFile(file, bool(records) and records[0].__class__ is SessionLine)
        self._without_zones = [] if state.own_format else records
        parts: GameParts | None = None
        game_id = ""
        others: list[tuple[int, Any]] = []
        placeholders = 0
        lines = range(first_line, first_line + len(records)) if numbers is None else numbers
        for line, record in zip(lines, records, strict=True):
            if record.__class__ is not Tick:
                others.append((line, record))
                continue
            if parts is None or record.game_id != game_id:
                if parts is not None:
                    parts.placeholders, placeholders = parts.placeholders + placeholders, 0
                game_id = record.game_id
                parts = state.touched[game_id] = self.parts(game_id, file, record)
                if state.own_format:
                    parts.own_format.add(file)
                add_tick, add_price = parts.ticks.append, parts.prices.append
                add_line, add_source = parts.lines.append, parts.sources.append
            active = record.active
            if record.kind is not None and record.backfilled is None:
                self._take_message(parts, state, line, record)
            if active and not record.rugged:
                add_tick(-1 if record.tick is None else record.tick)
                add_price(nan if record.price is None else record.price)
                add_line(line)
                add_source(_RECEIVED)
                if parts.started_ns is None:
                    parts.started_ns = self._time(record)
            elif active is False and record.backfilled is None and not record.rugged:
                placeholders += record.kind is None
            elif active is not None or record.backfilled is not None or record.kind is None:
                self._take_other_tick(parts, file, line, record)
        if parts is not None:
            parts.placeholders += placeholders
        self._take_others(state, others)

    def close(self) -> None:
        """Report what the file that was taken lacks."""
        state, self._open = self._open, None
        if state is not None:
            for parts in state.touched.values():
                self._close(parts, state.file, state.ends)

    def _take_message(self, parts: GameParts, state: OpenFile, line: int, tick: Tick) -> None:
        at_ns = self._time(tick)
        if state.begin_ns is None:
            state.begin_ns = at_ns or 0
        timer_ms = tick.cooldown_timer
        if timer_ms and not tick.active and at_ns is not None and 0 < timer_ms <= MAX_COOLDOWN_MS:
            parts.presale_ns = at_ns + timer_ms * 1_000_000
        try:
            row = packed_line(tick, at_ns, state.begin_ns + line)
        except (ValueError, struct.error):
            done = "a value of the message is out of bounds: only its price is used"
            self.report(state.file, "bad_value", done, line, parts.id)
        else:
            parts.messages += row

    def _time(self, line: Any) -> int | None:
        if self._without_zones and is_ambiguous(line.timestamp, self.zone):
            name_zones(self._without_zones, self.zone)
            self._without_zones = []
        whole = utc_ns(line.timestamp, self.zone)
        return None if whole is None else min(whole + getattr(line, "ns", 0), MOST_NS)

    def add_game(self, file: str, game: Game, line: int = 0, *, first: Sequence[str] = ()) -> None:
        """Take a game that is a value already; `first`: its files, where it comes before all else of it."""
        parts = self.games.get(game.id) if first else self.parts(game.id, file)
        if parts is None:
            parts = self.parts(game.id, file)
        known = np.flatnonzero(game.sources)
        begin = 0 if first else len(parts.ticks)
        if first:
            later = [(place + len(known), name) for place, name in parts.chunks]
            parts.chunks = [*((0, name) for name in first), *later]
        parts.ticks[begin:begin] = array("q", known.tolist())
        parts.prices[begin:begin] = array("d", game.prices[known].tolist())
        parts.lines[begin:begin] = array("q", [line]) * len(known)
        parts.sources[begin:begin] = game.sources[known].tobytes()
        parts.messages += game.recorded_messages
        if game.rug_tick is not None:
            parts.rugs.insert(0 if first else len(parts.rugs), (game.rug_tick, file, line))
        parts.own_format.update(first or [file])  # each tick is in it once
        for trade in game.recorded_trades:
            self._add_trade(parts, trade, file, line, of=game)
        parts.bets = parts.bets or game.recorded_bets
        parts.board = parts.board or game.recorded_board
        parts.ended_ms = game.ended_ms if parts.ended_ms is None else parts.ended_ms
        parts.corrected |= game.corrected
        parts.take_seed(game.server_seed, game.server_seed_hash, game.version)
        if (game.sources == Source.RECEIVED).any():
            parts.started_ns = _earlier(parts.started_ns, game.started_ns)
        elif parts.presale_ns is None:
            parts.presale_ns = game.started_ns
        parts.first_ns = _earlier(parts.first_ns, game.first_ns)

    def report(
        self, file: str, kind: str, done: str, line: int | None = None, game_id: str | None = None
    ) -> None:
        """Add a row of damage."""
        self.damage.add(Damage(file, line, kind, game_id, done))

    def parts(self, game_id: str, file: str, line: Any = None) -> GameParts:
        """Return the parts of a game, noting that `file` has some; without an id, parts to be dropped."""
        parts = self.games.get(game_id)
        if parts is None:
            parts = GameParts(game_id)
            if is_game_id(game_id):
                self.games[game_id] = parts
            elif (file, game_id) not in self._bad_ids:
                self._bad_ids.add((file, game_id))
                self.report(file, "bad_value", f"{game_id!r:.80} is not a game id: its lines are dropped")
            parts.first_ns = None if line is None else self._time(line)
        if not parts.chunks or parts.chunks[-1][1] != file:
            parts.chunks.append((len(parts.ticks), file))
        return parts

    def _take_other_tick(self, parts: GameParts, file: str, line: int, tick: Tick) -> None:
        """Take a line that is neither a plain tick nor a row before the game: a rug, or back-filled."""
        if tick.backfilled is not None or (tick.kind is None and tick.phase is None and tick.active is None):
            source = _SOURCES.get(tick.backfilled or "received", Source.MISSING)
            if source is Source.MISSING or tick.tick is None or tick.price is None:
                done = "a back-filled price without tick, price or known source: dropped"
                self.report(file, "bad_value", done, line, parts.id)
                return
            parts.add_price(tick.tick, tick.price, line, source)
            return
        if tick.kind is not None and not tick.active:
            return
        if tick.kind is not None and tick.kind not in _KINDS:
            self.report(file, "bad_value", f"kind {tick.kind[:40]!r} is not known: dropped", line, parts.id)
            return
        phase = phase_of_line(tick)
        if phase is Phase.UNKNOWN:
            done = f"neither active nor rugged, and phase {(tick.phase or '')[:40]!r} is not known: dropped"
            self.report(file, "bad_value", done, line, parts.id)
            return
        if phase not in _PLAYED or (phase is Phase.RUG and not tick.active and not tick.tick):
            parts.placeholders += 1
            return
        if tick.kind == "rug1b" or (tick.kind is None and Phase.of_original(tick.phase or "") in _LATE):
            if tick.kind is None:
                done = f"late message of the finished game, its tick drifted to {tick.tick}: not a tick"
                self.report(file, "late_message", done, line, parts.id)
            return
        is_rug = phase is Phase.RUG and tick.kind in (None, "rug1a")
        if is_rug and tick.tick is not None and 0 <= tick.tick <= MOST_TICKS:
            parts.rugs.append((tick.tick, file, line))
        parts.add_price(tick.tick, tick.price, line, _RECEIVED)
        if parts.started_ns is None:
            parts.started_ns = self._time(tick)

    def _take_others(self, state: OpenFile, others: list[tuple[int, Any]]) -> None:
        file = state.file
        for line, record in others:
            kind = record.__class__
            if kind is TradeLine:
                trade = trade_of(record, self._time(record))
                self._add_trade(self.parts(trade.game_id, file, record), trade, file, line)
            elif kind is HistoryLine:
                self._take_history(file, line, record)
            elif kind is LeaderboardLine:
                self.parts(record.game_id, file, record).board = record.rows
            elif is_note(record):
                self.notes.append(record)
            elif kind is Published:
                parts = self.parts(record.game_id, file)
                parts.take_seed(record.server_seed, record.server_seed_hash, record.version)
                parts.claim(file, line, seed=record.server_seed, hash=record.server_seed_hash)
            elif kind is GameStartLine:
                parts = self.parts(record.game_id, file, record)
                parts.take_seed(None, record.server_seed_hash, record.version)
                parts.claim(file, line, hash=record.server_seed_hash)
                state.starts[parts.id] = state.starts.get(parts.id, 0) + 1
                if state.starts[parts.id] > 1 and not state.own_format:
                    self.report(file, "second_start", "a second start of the game: ignored", line, parts.id)
            elif kind is End:
                self._take_end(file, line, record, state.ends)
            elif kind is GameComplete:
                state.ends[record.game_id] = 1
                done = "the summary is that of another game, its seed truncated: not used"
                self.report(file, "wrong_summary", done, line, record.game_id)
            elif kind is GapLine and record.lines:
                done = f"{record.lines} lines that the recorder could not write"
                self.report(file, "not_written", done, line, record.game_id)

    def _add_trade(self, parts: GameParts, trade: Trade, file: str, line: int, of: object = None) -> None:
        """Take a trade, once from all files; of equal ones without an id as many as one of them has."""
        key: object = trade.id
        if key is None:
            same = replace(trade, received_ns=None)
            parts.unnamed[of or file, same] += 1
            key = same, parts.unnamed[of or file, same]
        if len(parts.trades) < KEPT_TRADES:
            parts.trades.setdefault(key, trade)
        elif key not in parts.trades:
            done = f"a trade after the first {KEPT_TRADES:,} of its game: dropped"
            self.report(file, "bad_value", done, line, parts.id)

    def _take_end(self, file: str, line: int, end: End, ends: dict[str, int]) -> None:
        parts = self.parts(end.game_id, file, end)
        ends[end.game_id] = ends.get(end.game_id, 0) + 1
        if ends[end.game_id] > 1:
            self.report(file, "second_end", "a second end of the game: ignored", line, end.game_id)
        if end.rug_tick is not None and not 0 <= end.rug_tick <= MOST_TICKS:
            self.report(file, "bad_value", f"rug tick {end.rug_tick}: ignored", line, end.game_id)
        else:
            parts.reported_rug = end.rug_tick if parts.reported_rug is None else parts.reported_rug
            peak = end.peak if end.status in ("complete", "backfilled") else None
            parts.claim(file, line, rug_tick=end.rug_tick, peak=peak, rug_price=end.rug_price)
        if end.status in ("incomplete", "discarded"):
            why = end.incomplete_reason or end.discard_reason or "no reason given"
            kind = "aborted" if end.status == "discarded" else end.status
            done = f"the recorder called it {end.status} ({why}): used anyway"
            self.report(file, kind, done, line, end.game_id)

    def _take_history(self, file: str, line: int, record: HistoryLine) -> None:
        parts = self.parts(record.game_id, file, record)
        parts.take_seed(record.server_seed, record.server_seed_hash, None)
        parts.version = record.version or parts.version
        if parts.reported_rug is None:
            parts.reported_rug = record.rug_tick
        if record.prices is not None and parts.history is None:
            source = _SOURCES[record.backfilled or "history"]
            parts.history = (np.array(record.prices, np.float64), source)
        parts.bets = parts.bets or tuple(record.sidebets or ())
        parts.ended_ms = record.ended_ms if parts.ended_ms is None else parts.ended_ms
        parts.claim(
            file,
            line,
            rug_tick=record.rug_tick,
            peak=record.peak,
            seed=record.server_seed,
            hash=record.server_seed_hash,
        )

    def _close(self, parts: GameParts, file: str, ends: dict[str, int]) -> None:
        """Report what a file of the original program lacks of a game whose ticks it has."""
        if parts.placeholders:
            done = f"price 1.0 and trade count 0 in {parts.placeholders} rows before the game: dropped"
            self.report(file, "placeholder_values", done, game_id=parts.id)
            parts.placeholders = 0
            if parts.id not in ends:
                done = "the file does not end the game: used as far as it goes"
                self.report(file, "no_end", done, game_id=parts.id)


def phase_of_line(tick: Tick) -> Phase:
    """Return the phase of a line by its own flags, and where they are absent by the name that it gives."""
    phase = phase_of(tick.active, tick.rugged, tick.tick, tick.allow_pre_round_buys, tick.cooldown_timer)
    name = (tick.phase or "").upper()
    if phase is not Phase.UNKNOWN or not name:
        return phase
    return Phase(name) if name in Phase.__members__ else Phase.of_original(name)


def packed_line(tick: Tick, at_ns: int | None, place: int) -> bytes:
    """Return the message of a line, packed; ValueError or struct.error where a value is too large."""
    signal = GameSignal(
        gameId=tick.game_id,
        active=tick.active,
        rugged=tick.rugged,
        tickCount=tick.tick,
        price=tick.price,
        cooldownTimer=tick.cooldown_timer,
        allowPreRoundBuys=tick.allow_pre_round_buys,
        tradeCount=tick.trade_count,
        phase=Phase(tick.phase or Phase.UNKNOWN),
        kind=MessageKind(tick.kind or MessageKind.OTHER),
        received_ns=at_ns,
    )
    return pack_message(*row_of(signal, tick.players, place))


def _earlier(one: int | None, other: int | None) -> int | None:
    return min((time for time in (one, other) if time is not None), default=None)
