"""What the readers of formats yield → the parts of games."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, Final

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import read_json
from rugs_lab.game.leaderboard import parse_bets
from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.game.parse_values import MAX_SHORT, as_price, as_time_ms, as_whole, is_game_id
from rugs_lab.recordings.assembly.events import TRADE_EVENT, UPDATE_EVENT
from rugs_lab.recordings.games.damage import Damage, DamageLog
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.read.captures import RESERVED, Capture
from rugs_lab.recordings.read.formats import field_names as names
from rugs_lab.recordings.read.formats.field_names import number, pick, time_of
from rugs_lab.recordings.read.formats.items import Content, Event, FinishedGame, Item, Price, Records
from rugs_lab.recordings.read.game_parts import GameParts
from rugs_lab.recordings.read.merge_parts import MergedParts
from rugs_lab.recordings.read.timestamps import LineClock
from rugs_lab.recordings.write.line_format import event_of, received_ns
from rugs_lab.recordings.write.line_types import RawLine

_STARTED: Final = ("start_time", "starttime")
_KNOWN: Final = RESERVED | {UPDATE_EVENT, TRADE_EVENT}
"""A file without any of these events is not a capture of this game."""


class FileTaker:
    """Takes the items of one file; `recognised`: whether a game's or a packed file were among them."""

    def __init__(self, merged: MergedParts, file: str) -> None:
        self.recognised = False
        self.damage = DamageLog()
        self._merged = merged
        self._file = file
        self._clock = LineClock(merged.zone)
        self._capture: Capture | None = None
        self._complete: bool | None = None
        self._raw: Capture | None = None

    def take(self, items: Iterable[Item]) -> Iterator[Content]:
        """Take items up to the end; yield the files that were packed in this one."""
        for item in items:
            if isinstance(item, Content):
                self.recognised = True
                yield item
            elif isinstance(item, Event):
                self._event(item)
            elif isinstance(item, Damage):
                if item.game_id is not None:
                    self._parts(item.game_id)  # a game of which a row is damaged is one, also without others
                self.damage.add(item._replace(file=item.file or self._file))
            elif isinstance(item, Records):
                self._take_records(item)
            elif isinstance(item, FinishedGame):
                self._finished(item.line, {key: _unpacked(value) for key, value in item.record.items()})
            else:
                self._price(item)

    def close(self, otherwise: str) -> None:
        """Hand over what is kept to the end; where nothing was recognised, one row: `otherwise`."""
        kept = {"unreadable", "other_file", "empty_file", "torn_line"}
        rows = self.damage.rows()
        if self.recognised or any(row.kind in kept for row in rows):
            for row in rows:
                self._merged.damage.add(row)
            self._merged.damage.corrected |= self.damage.corrected  # of rows that are not listed, too
        else:
            self._merged.report(self._file, "other_file", otherwise)
            return
        self._merged.close()
        for capture in (self._capture, self._raw):
            if capture is not None:
                capture.close()

    def _event(self, event: Event) -> None:
        self.recognised |= event.name in _KNOWN
        if event.name not in RESERVED:
            self._capture = self._capture or Capture(self._merged, self._file)
            self._capture.take(event)

    def _take_records(self, found: Records) -> None:
        records = found.records
        self.recognised |= bool(records) or found.lines is None
        if not records:
            return
        if self._complete is None:
            self._complete = getattr(records[0], "revision", 1) > 1
        complete = bool(self._complete)
        alone = found.raw_only and not complete
        if not alone:
            self._merged.take(self._file, records, found.lines, found.first)
        if RawLine not in map(type, records):
            return
        raw = self._raw = self._raw or Capture(self._merged, self._file, beside=not alone, complete=complete)
        for line, record in zip(found.lines or count(found.first), records, strict=False):
            if isinstance(record, RawLine):
                try:
                    event = Event(line, *event_of(record), received_ns(record))
                except PayloadError as error:
                    if alone:
                        done = f"no event: {str(error)[:160]}: skipped"
                        self._merged.report(self._file, "fragment", done, line)
                    continue
                if event.name not in RESERVED:
                    raw.take(event)

    def _price(self, item: Price) -> None:
        parts = self._parts(item.game_id)
        if item.rugged and item.tick <= MOST_TICKS:
            parts.rugs.append((item.tick, self._file, item.line or 0))
        parts.add_price(item.tick, item.price, item.line or 0, item.source)
        if parts.first_ns is None:
            parts.first_ns = self._clock.ns(item.time)

    def _parts(self, game_id: str) -> GameParts:
        self.recognised = True
        parts = self._merged.parts(game_id, self._file)
        parts.may_end_by_price = True
        return parts

    def _finished(self, line: int | None, record: Mapping[str, Any]) -> None:
        """Take a game as a whole: its seed, and its prices where they are given."""
        game_id, prices = pick(record, ("id", *names.GAME)), record.get("prices")
        if not is_game_id(game_id):
            done = f"{str(game_id)!r:.80} is not a game id: the game is dropped"
            self._merged.report(self._file, "bad_value", done, line)
            return
        parts = self._parts(game_id)
        fair = record.get("provablyfair")
        fair = {key.casefold(): value for key, value in fair.items()} if isinstance(fair, Mapping) else {}
        seed, commitment, version = (
            text if isinstance(text, str) and 0 < len(text) <= MAX_SHORT else None
            for text in (pick({**record, **fair}, some) for some in (names.SEED, names.HASH, names.VERSION))
        )
        parts.take_seed(seed, commitment, version or (seed and "v3"))
        parts.bets = parts.bets or parse_bets(record.get("globalsidebets"))
        published = not {"rugged", "serverseed", "provablyfair"}.isdisjoint(record)
        if published and parts.ended_ms is None and (ended := record.get("timestamp")) is not None:
            parts.ended_ms = as_time_ms(number(ended))
            if parts.ended_ms is None:
                done = f"timestamp {str(ended)!r:.80} is not a time in ms since 1970: dropped"
                self._merged.report(self._file, "bad_value", done, line, game_id)
        parts.first_ns = parts.first_ns or self._clock.ns(time_of(pick(record, _STARTED)))
        if not isinstance(prices, list) or len(prices) > MOST_TICKS + 1:
            if prices is not None:
                done = f"prices that are no list of at most {MOST_TICKS + 1}: dropped"
                self._merged.report(self._file, "bad_value", done, line, game_id)
            return
        for tick, given in enumerate(prices):
            price = as_price(number(given))
            if given is not None and given == given:  # else not known; a bad one is reported with its tick
                parts.add_price(tick, price, line or 0, Source.HISTORY if published else Source.RECEIVED)
        rug_tick = as_whole(number(pick(record, names.RUG_TICK)), MOST_TICKS)
        if rug_tick is None and prices and (record.get("rugged") is True or "serverseed" in record):
            rug_tick = len(prices) - 1
        if rug_tick is not None:
            parts.rugs.append((rug_tick, self._file, line or 0))


def _unpacked(value: Any) -> Any:
    """Return a value; of JSON in a text, as columns of tables have it, the value that it stands for."""
    try:
        return read_json(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
    except PayloadError:
        return value
