"""Records of any number of files → games.

`Gathering` sorts records into one `Pile` per game, in the order in which they were told.
`rugs_lab.recordings.read.backfill` makes a game of a pile. As in the live feed, what was told first stands,
so that a recording gives the games that the feed had.
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
from rugs_lab.recordings.read.game_parts import Pile
from rugs_lab.recordings.read.read_records import End, GameComplete, Published, Tick
from rugs_lab.recordings.read.timestamps import utc_ns
from rugs_lab.recordings.write.line_format import trade_of
from rugs_lab.recordings.write.line_types import (
    GameStartLine,
    GapLine,
    HistoryLine,
    RawLine,
    SessionLine,
    TradeLine,
)

if TYPE_CHECKING:
    from rugs_lab.recordings.games.game import Game

_SOURCES: Final = {source.name.lower(): source for source in Source}


class Gathering:
    """Games by id, and what was wrong with the files.

    Parameters
    ----------
    naive_zone
        Zone of timestamps that name none.
    """

    def __init__(self, naive_zone: tzinfo) -> None:
        self.piles: dict[str, Pile] = {}
        self.damage: list[Damage] = []
        self._zone = naive_zone
        self._nameless: set[tuple[str, str]] = set()

    def take(self, file: str, records: list[Any], numbers: list[int] | None) -> None:
        """Take the records of one file; `numbers` are their lines (None: the n-th is on line n)."""
        own = bool(records) and records[0].__class__ is SessionLine
        pile: Pile | None = None
        game_id = ""
        touched: dict[str, Pile] = {}
        others: list[tuple[int, Any]] = []
        made_up = 0
        for line, record in enumerate(records, 1) if numbers is None else zip(numbers, records, strict=True):
            if record.__class__ is not Tick:
                others.append((line, record))
                continue
            if pile is None or record.game_id != game_id:
                if pile is not None:
                    pile.made_up, made_up = pile.made_up + made_up, 0
                game_id = record.game_id
                pile = touched[game_id] = self.pile(game_id, file, record.timestamp)
                if own:
                    pile.own.add(file)
                add_tick, add_price, add_line = pile.ticks.append, pile.prices.append, pile.lines.append
            active = record.active
            if active and not record.rugged:
                add_tick(record.tick)
                add_price(record.price)
                add_line(line)
                if pile.started_ns is None:
                    pile.started_ns = utc_ns(record.timestamp, self._zone)
            elif active is False and record.backfilled is None:
                made_up += record.kind is None
            elif active is not None or record.backfilled is not None or record.kind is None:
                self._take_other_tick(pile, file, line, record)
        if pile is not None:
            pile.made_up += made_up
        ends = self._take_others(file, others)
        for pile in touched.values():
            self._close(pile, file, ends)

    def add_game(self, file: str, game: Game, line: int = 0, *, first: bool = False) -> None:
        """Take a game that is a value already; `first`: as told before everything else of it."""
        pile = self.piles.get(game.id) if first else self.pile(game.id, file)
        if pile is None:
            pile = self.pile(game.id, file)
        told = np.flatnonzero(game.sources)
        begin = 0 if first else len(pile.ticks)
        if first:
            pile.chunks = [(0, file), *((place + len(told), name) for place, name in pile.chunks)]
            pile.backfilled = {place + len(told): source for place, source in pile.backfilled.items()}
        pile.ticks[begin:begin] = told.tolist()
        pile.prices[begin:begin] = game.prices[told].tolist()
        pile.lines[begin:begin] = [line] * len(told)
        for place, source in enumerate(game.sources[told].tolist(), begin):
            if source != Source.RECEIVED:
                pile.backfilled[place] = source
        if game.rug_tick is not None:
            pile.rugs.insert(0 if first else len(pile.rugs), (game.rug_tick, file, line))
        for place, trade in enumerate(game.recorded_trades):
            pile.trades.setdefault(trade.id or (file, place), trade)
        pile.bets = pile.bets or game.recorded_bets
        pile.corrected |= game.corrected
        pile.server_seed = pile.server_seed or game.server_seed
        self._commit(pile, game.server_seed_hash, game.version)
        times = [time for time in (pile.started_ns, game.started_ns) if time is not None]
        pile.started_ns = min(times, default=None)

    def reject(self, file: str, kind: str, done: str, line: int | None = None) -> None:
        """Note something wrong that belongs to no game."""
        self.damage.append(Damage(file, line, kind, None, done))

    def pile(self, game_id: str, file: str, timestamp: str | None = None) -> Pile:
        """Return the pile of a game, noting that `file` tells of it; for what is no id, one for nothing."""
        pile = self.piles.get(game_id)
        if pile is None:
            pile = Pile(game_id)
            if is_game_id(game_id):
                self.piles[game_id] = pile
            elif (file, game_id) not in self._nameless:
                self._nameless.add((file, game_id))
                self.reject(file, "bad_value", f"{game_id!r:.80} cannot name a game: its lines are dropped")
            pile.first_ns = utc_ns(timestamp, self._zone)
        if not pile.chunks or pile.chunks[-1][1] != file:
            pile.chunks.append((len(pile.ticks), file))
        return pile

    def _take_other_tick(self, pile: Pile, file: str, line: int, tick: Tick) -> None:
        """Take a line that is neither a plain live tick nor one before the game: the rug, or back-filled."""
        if tick.backfilled is not None or (tick.kind is None and tick.phase is None and tick.active is None):
            source = _SOURCES.get(tick.backfilled or "received", Source.MISSING)
            if source is Source.MISSING or tick.tick is None or tick.price is None:
                self._note(
                    file,
                    line,
                    "bad_value",
                    pile.id,
                    "no tick, no price or no known way of back-filling: dropped",
                )
                return
            if source is not Source.RECEIVED:
                pile.backfilled[len(pile.ticks)] = source
        elif not tick.active:
            return
        elif tick.kind == "rug1b" or (tick.kind is None and Phase.of_original(tick.phase or "") is Phase.RUG):
            if tick.kind is None:
                self._note(
                    file,
                    line,
                    "late_frame",
                    pile.id,
                    f"late frame of the dead game, drifted to {tick.tick}: no tick",
                )
            return
        elif tick.tick is not None and 0 <= tick.tick <= MOST_TICKS and tick.kind in (None, "rug1a"):
            pile.rugs.append((tick.tick, file, line))
        pile.ticks.append(tick.tick)
        pile.prices.append(tick.price)
        pile.lines.append(line)
        if tick.active and pile.started_ns is None:
            pile.started_ns = utc_ns(tick.timestamp, self._zone)

    def _take_others(self, file: str, others: list[tuple[int, Any]]) -> dict[str, int]:
        """Take what is no tick line; return how often each game ended."""
        starts: dict[str, int] = {}
        ends: dict[str, int] = {}
        own = bool(others) and others[0][1].__class__ is SessionLine
        for line, record in others:
            kind = record.__class__
            if kind is TradeLine:
                trade = trade_of(record)
                pile = self.pile(trade.game_id, file, record.timestamp)
                pile.trades.setdefault(trade.id or (file, line), trade)
            elif kind is HistoryLine:
                self._take_history(file, record)
            elif kind is Published:
                self._take_published(file, record)
            elif kind is GameStartLine:
                pile = self.pile(record.game_id, file, record.timestamp)
                self._commit(pile, record.server_seed_hash, record.version)
                starts[record.game_id] = starts.get(record.game_id, 0) + 1
                if starts[record.game_id] > 1 and not own:
                    self._note(
                        file, line, "second_start", record.game_id, "a second start of the game: ignored"
                    )
            elif kind is End:
                self._take_end(file, line, record, ends)
            elif kind is GameComplete:
                ends[record.game_id] = 1
                done = "the record is that of another game, its seed cut short: not used"
                self._note(file, line, "wrong_record", record.game_id, done)
            elif kind is GapLine and record.lines:
                self._note(
                    file,
                    line,
                    "not_written",
                    record.game_id,
                    f"{record.lines} lines that the recorder could not write",
                )
            elif kind is RawLine or kind is SessionLine:
                pass
        return ends

    def _take_end(self, file: str, line: int, end: End, ends: dict[str, int]) -> None:
        pile = self.pile(end.game_id, file, end.timestamp)
        ends[end.game_id] = ends.get(end.game_id, 0) + 1
        if ends[end.game_id] > 1:
            self._note(file, line, "second_end", end.game_id, "a second end of the game: ignored")
        if end.rug_tick is not None and not 0 <= end.rug_tick <= MOST_TICKS:
            self._note(
                file, line, "bad_value", end.game_id, f"a rug at tick {end.rug_tick} cannot be: ignored"
            )
        elif end.rug_tick is not None and pile.told_rug is None:
            pile.told_rug = end.rug_tick
        if end.status in ("incomplete", "discarded"):
            why = end.incomplete_reason or end.discard_reason or "no reason given"
            self._note(
                file,
                line,
                end.status,
                end.game_id,
                f"the recorder called it {end.status} ({why}): used all the same",
            )

    def _take_history(self, file: str, record: HistoryLine) -> None:
        pile = self.pile(record.game_id, file, record.timestamp)
        pile.server_seed = pile.server_seed or record.server_seed
        self._commit(pile, record.server_seed_hash, None)
        pile.version = record.version or pile.version
        if pile.told_rug is None:
            pile.told_rug = record.rug_tick
        if record.prices is not None and pile.history is None:
            pile.history = (record.prices, _SOURCES[record.backfilled or "history"])

    def _take_published(self, file: str, record: Published) -> None:
        pile = self.pile(record.game_id, file)
        pile.server_seed = pile.server_seed or record.server_seed
        self._commit(pile, record.server_seed_hash, record.version)

    def _commit(self, pile: Pile, server_seed_hash: str | None, version: str | None) -> None:
        pile.server_seed_hash = pile.server_seed_hash or server_seed_hash
        pile.version = pile.version or version

    def _close(self, pile: Pile, file: str, ends: dict[str, int]) -> None:
        """Note what a file lacks of a game whose ticks it holds."""
        if pile.made_up:
            done = f"price 1.0 and trade count 0 of {pile.made_up} rows before the game were made up: dropped"
            self._note(file, None, "made_up", pile.id, done)
            pile.made_up = 0
            if pile.id not in ends:
                self._note(
                    file, None, "no_end", pile.id, "the file does not end the game: used as far as it goes"
                )

    def _note(self, file: str, line: int | None, kind: str, game_id: str | None, done: str) -> None:
        self.damage.append(Damage(file, line, kind, game_id, done))
