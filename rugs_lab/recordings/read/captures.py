"""Raw captures → games, put together by the code of a feed's intake (`rugs_lab.recordings.assembly`).

A capture holds events as they came: lines ``{"ts", "event", "data"}``, or ``raw`` lines of a recording.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_data import arguments_of
from rugs_lab.game.json_text import read_json
from rugs_lab.game.phase_tracker import PhaseTracker
from rugs_lab.game.signal import Update
from rugs_lab.recordings.assembly.events import follow, parse_event
from rugs_lab.recordings.assembly.open_games import GameBook
from rugs_lab.recordings.read.read_records import Tick
from rugs_lab.recordings.read.timestamps import utc_ns
from rugs_lab.recordings.write.line_format import event_of, received_ns
from rugs_lab.recordings.write.line_types import GameStartLine, RawLine

if TYPE_CHECKING:
    from rugs_lab.recordings.read.merge_parts import Gathering

_CAPTURE: Final = re.compile(rb'\s*\{ ?"(ts|event)"')
_RESERVED: Final = ("connect", "connect_error", "disconnect")
_raw = msgspec.json.Decoder(RawLine).decode


def is_capture(data: bytes) -> bool:
    """Tell whether a file holds events as they came, by its beginning."""
    return _CAPTURE.match(data) is not None


def is_raw(records: list[Any]) -> bool:
    """Tell whether a recording holds events as they came and nothing made of them."""
    if RawLine not in map(type, records[:3] + records[-3:]):
        return False
    return not set(map(type, records)) & {Tick, GameStartLine}


def take_capture(gathering: Gathering, file: str, data: bytes) -> None:
    """Take all events of a capture; a line that holds none is a row of damage."""
    tracker, book = PhaseTracker(), GameBook()
    rejected: Counter[str] = Counter()
    started: dict[str, tuple[int | None, int]] = {}
    seen: dict[str, int | None] = {}
    for line, text in enumerate(data.split(b"\n"), 1):
        try:
            came = _event(text)
        except PayloadError as error:
            gathering.reject(file, "fragment", f"no event: {str(error)[:160]}: skipped", line)
            continue
        if came is None:
            continue
        event, args, ns = came
        try:
            message = parse_event(event, args, ns)
        except PayloadError as error:
            rejected[f"{event[:80]}: {str(error)[:200]}"] += 1
            continue
        if isinstance(message, Update):
            signal, late = follow(tracker, message)
            book.take(message, late=late)
            seen.setdefault(signal.gameId, ns)
            if signal.active:
                started.setdefault(signal.gameId, (ns, line))
        elif message is not None:
            book.take_trade(message)
    for reason, count in rejected.items():
        gathering.reject(file, "bad_event", f"{count} events {reason} could not be used: dropped")
    for anomaly in book.anomalies:
        gathering.reject(
            file,
            "contradiction",
            f"{anomaly.game_id}, tick {anomaly.tick}: told {anomaly.told!r}; {anomaly.known!r} stands",
        )
    running = book.running
    games = list(book.finished)
    if running is not None and running.id not in [game.id for game in games]:
        games.append(running)
    for game in games:
        ns, line = started.get(game.id, (None, 0))
        gathering.add_game(file, replace(game, started_ns=ns), line)
        pile = gathering.piles[game.id]
        pile.first_ns = pile.first_ns or seen.get(game.id)


def _event(text: bytes) -> tuple[str, tuple[Any, ...], int | None] | None:
    if not text.strip():
        return None
    record = read_json(text)
    if not isinstance(record, dict):
        raise PayloadError("an event is a JSON object")
    if record.get("type") == "raw":
        try:
            line = _raw(text)
        except msgspec.MsgspecError as error:
            raise PayloadError(str(error)) from None
        return *event_of(line), received_ns(line)
    if "type" in record and "event" not in record:
        return None
    event, data = record.get("event"), record.get("data")
    if not isinstance(event, str):
        raise PayloadError("an event has a name")
    if event in _RESERVED or record.get("direction") == "sent":  # sent: by a browser, never by the server
        return None
    stamp = record.get("ts")
    ns = utc_ns(stamp, UTC) if isinstance(stamp, str) else None
    return event, arguments_of(data), ns
