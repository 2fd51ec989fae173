"""Records of any number of files → the parts of each game.

`MergedParts` sorts records into one `GameParts` per game, in the order of the files;
`rugs_lab.recordings.read.backfill` makes a game of them. As in the live feed, the first price of a tick is
kept, so that a recording gives the games that the feed had.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.game.parse_values import is_game_id
from rugs_lab.game.phase import Phase
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.read.game_parts import GameParts
from rugs_lab.recordings.read.read_records import End, GameComplete, Published, Tick
from rugs_lab.recordings.read.timestamps import name_zones, utc_ns
from rugs_lab.recordings.write.line_format import trade_of
from rugs_lab.recordings.write.line_types import GameStartLine, GapLine, HistoryLine, SessionLine, TradeLine

if TYPE_CHECKING:
    from rugs_lab.recordings.games.game import Game

_SOURCES: Final = {source.name.lower(): source for source in Source}


class MergedParts:
    """The parts of games by id, and what was wrong with the files.

    Parameters
    ----------
    naive_zone
        Zone of timestamps that name none.

    Attributes
    ----------
    zone
        The same.
    """

    def __init__(self, naive_zone: tzinfo) -> None:
        self.games: dict[str, GameParts] = {}
        self.damage: list[Damage] = []
        self.zone = naive_zone
        self._bad_ids: set[tuple[str, str]] = set()

    def take(self, file: str, records: list[Any], numbers: list[int] | None) -> None:
        """Take the records of one file; `numbers` are their lines (None: the n-th is on line n)."""
        own_format = bool(records) and records[0].__class__ is SessionLine
        if not own_format:
            name_zones(records, self.zone)
        parts: GameParts | None = None
        game_id = ""
        touched: dict[str, GameParts] = {}
        others: list[tuple[int, Any]] = []
        placeholders = 0
        for line, record in enumerate(records, 1) if numbers is None else zip(numbers, records, strict=True):
            if record.__class__ is not Tick:
                others.append((line, record))
                continue
            if parts is None or record.game_id != game_id:
                if parts is not None:
                    parts.placeholders, placeholders = parts.placeholders + placeholders, 0
                game_id = record.game_id
                parts = touched[game_id] = self.parts(game_id, file, record.timestamp)
                if own_format:
                    parts.own_format.add(file)
                add_tick, add_price, add_line = parts.ticks.append, parts.prices.append, parts.lines.append
            active = record.active
            if active and not record.rugged:
                add_tick(record.tick)
                add_price(record.price)
                add_line(line)
                if parts.started_ns is None:
                    parts.started_ns = utc_ns(record.timestamp, self.zone)
            elif active is False and record.backfilled is None:
                placeholders += record.kind is None
            elif active is not None or record.backfilled is not None or record.kind is None:
                self._take_other_tick(parts, file, line, record)
        if parts is not None:
            parts.placeholders += placeholders
        ends = self._take_others(file, others, own_format)
        for parts in touched.values():
            self._close(parts, file, ends)

    def add_game(self, file: str, game: Game, line: int = 0, *, first: bool = False) -> None:
        """Take a game that is a value already; `first`: before everything else of it."""
        parts = self.games.get(game.id) if first else self.parts(game.id, file)
        if parts is None:
            parts = self.parts(game.id, file)
        known = np.flatnonzero(game.sources)
        begin = 0 if first else len(parts.ticks)
        if first:
            parts.chunks = [(0, file), *((place + len(known), name) for place, name in parts.chunks)]
            parts.backfilled = {place + len(known): source for place, source in parts.backfilled.items()}
        parts.ticks[begin:begin] = known.tolist()
        parts.prices[begin:begin] = game.prices[known].tolist()
        parts.lines[begin:begin] = [line] * len(known)
        for place, source in enumerate(game.sources[known].tolist(), begin):
            if source != Source.RECEIVED:
                parts.backfilled[place] = source
        if game.rug_tick is not None:
            parts.rugs.insert(0 if first else len(parts.rugs), (game.rug_tick, file, line))
        for place, trade in enumerate(game.recorded_trades):
            parts.trades.setdefault(trade.id or (file, place), trade)
        parts.bets = parts.bets or game.recorded_bets
        parts.corrected |= game.corrected
        parts.take_seed(game.server_seed, game.server_seed_hash, game.version)
        times = [time for time in (parts.started_ns, game.started_ns) if time is not None]
        parts.started_ns = min(times, default=None)

    def report(
        self, file: str, kind: str, done: str, line: int | None = None, game_id: str | None = None
    ) -> None:
        """Add a row of damage."""
        self.damage.append(Damage(file, line, kind, game_id, done))

    def parts(self, game_id: str, file: str, timestamp: str | None = None) -> GameParts:
        """Return the parts of a game, noting that `file` has some; of what is no id, parts to be dropped."""
        parts = self.games.get(game_id)
        if parts is None:
            parts = GameParts(game_id)
            if is_game_id(game_id):
                self.games[game_id] = parts
            elif (file, game_id) not in self._bad_ids:
                self._bad_ids.add((file, game_id))
                self.report(file, "bad_value", f"{game_id!r:.80} is not a game id: its lines are dropped")
            parts.first_ns = utc_ns(timestamp, self.zone)
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
            if source is not Source.RECEIVED:
                parts.backfilled[len(parts.ticks)] = source
        elif not tick.active:
            return
        elif tick.kind == "rug1b" or (tick.kind is None and Phase.of_original(tick.phase or "") is Phase.RUG):
            if tick.kind is None:
                done = f"late message of the finished game, its tick drifted to {tick.tick}: not a tick"
                self.report(file, "late_message", done, line, parts.id)
            return
        elif tick.tick is not None and 0 <= tick.tick <= MOST_TICKS and tick.kind in (None, "rug1a"):
            parts.rugs.append((tick.tick, file, line))
        parts.ticks.append(tick.tick)
        parts.prices.append(tick.price)
        parts.lines.append(line)
        if tick.active and parts.started_ns is None:
            parts.started_ns = utc_ns(tick.timestamp, self.zone)

    def _take_others(self, file: str, others: list[tuple[int, Any]], own_format: bool) -> dict[str, int]:
        """Take the records that are no ticks; return how often each game ended."""
        starts: dict[str, int] = {}
        ends: dict[str, int] = {}
        for line, record in others:
            kind = record.__class__
            if kind is TradeLine:
                trade = trade_of(record)
                parts = self.parts(trade.game_id, file, record.timestamp)
                parts.trades.setdefault(trade.id or (file, line), trade)
            elif kind is HistoryLine:
                self._take_history(file, record)
            elif kind is Published:
                parts = self.parts(record.game_id, file)
                parts.take_seed(record.server_seed, record.server_seed_hash, record.version)
            elif kind is GameStartLine:
                parts = self.parts(record.game_id, file, record.timestamp)
                parts.take_seed(None, record.server_seed_hash, record.version)
                starts[parts.id] = starts.get(parts.id, 0) + 1
                if starts[parts.id] > 1 and not own_format:
                    self.report(file, "second_start", "a second start of the game: ignored", line, parts.id)
            elif kind is End:
                self._take_end(file, line, record, ends)
            elif kind is GameComplete:
                ends[record.game_id] = 1
                done = "the summary is that of another game, its seed truncated: not used"
                self.report(file, "wrong_summary", done, line, record.game_id)
            elif kind is GapLine and record.lines:
                done = f"{record.lines} lines that the recorder could not write"
                self.report(file, "not_written", done, line, record.game_id)
        return ends

    def _take_end(self, file: str, line: int, end: End, ends: dict[str, int]) -> None:
        parts = self.parts(end.game_id, file, end.timestamp)
        ends[end.game_id] = ends.get(end.game_id, 0) + 1
        if ends[end.game_id] > 1:
            self.report(file, "second_end", "a second end of the game: ignored", line, end.game_id)
        if end.rug_tick is not None and not 0 <= end.rug_tick <= MOST_TICKS:
            self.report(file, "bad_value", f"rug tick {end.rug_tick}: ignored", line, end.game_id)
        elif end.rug_tick is not None and parts.reported_rug is None:
            parts.reported_rug = end.rug_tick
        if end.status in ("incomplete", "discarded"):
            why = end.incomplete_reason or end.discard_reason or "no reason given"
            kind = "aborted" if end.status == "discarded" else end.status
            done = f"the recorder called it {end.status} ({why}): used anyway"
            self.report(file, kind, done, line, end.game_id)

    def _take_history(self, file: str, record: HistoryLine) -> None:
        parts = self.parts(record.game_id, file, record.timestamp)
        parts.take_seed(record.server_seed, record.server_seed_hash, None)
        parts.version = record.version or parts.version
        if parts.reported_rug is None:
            parts.reported_rug = record.rug_tick
        if record.prices is not None and parts.history is None:
            parts.history = (record.prices, _SOURCES[record.backfilled or "history"])

    def _close(self, parts: GameParts, file: str, ends: dict[str, int]) -> None:
        """Report what a file of the original program lacks of a game whose ticks it has."""
        if parts.placeholders:
            done = f"price 1.0 and trade count 0 in {parts.placeholders} rows before the game: dropped"
            self.report(file, "placeholder_values", done, game_id=parts.id)
            parts.placeholders = 0
            if parts.id not in ends:
                done = "the file does not end the game: used as far as it goes"
                self.report(file, "no_end", done, game_id=parts.id)
