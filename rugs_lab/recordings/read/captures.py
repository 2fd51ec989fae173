"""Raw captures → games, put together by the code of a feed's intake (`rugs_lab.recordings.assembly`).

A capture holds events as they were received: lines ``{"ts", "event", "data"}``, or ``raw`` lines of a
recording.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import arguments_of, read_json
from rugs_lab.game.phase_tracker import PhaseTracker
from rugs_lab.game.signal import Update
from rugs_lab.recordings.assembly.events import follow, parse_event
from rugs_lab.recordings.assembly.open_games import OpenGames
from rugs_lab.recordings.games.message_rows import pack_message, row_of
from rugs_lab.recordings.games.notes import Note
from rugs_lab.recordings.read.read_records import Tick
from rugs_lab.recordings.read.timestamps import utc_ns
from rugs_lab.recordings.write.line_format import event_of, received_ns
from rugs_lab.recordings.write.line_types import AnomalyLine, GameStartLine, GapLine, RawLine

if TYPE_CHECKING:
    from rugs_lab.recordings.read.merge_parts import MergedParts

_CAPTURE: Final = re.compile(rb'\s*\{ ?"(ts|event)"')
RESERVED: Final = frozenset({"connect", "connect_error", "disconnect"})
"""Event names that Socket.IO keeps for itself; no server can send them."""

_raw = msgspec.json.Decoder(RawLine).decode


def is_capture(data: bytes) -> bool:
    """Return whether a file holds events as they were received, by its beginning."""
    return _CAPTURE.match(data) is not None


def is_raw(records: list[Any]) -> bool:
    """Return whether a recording holds events as they were received and nothing made of them."""
    if RawLine not in map(type, records[:3] + records[-3:]):
        return False
    return not set(map(type, records)) & {Tick, GameStartLine}


def take_capture(
    merged: MergedParts, file: str, data: bytes, *, beside: bool = False, complete: bool = False
) -> None:
    """Take all events of a capture; a line that holds none is a row of damage.

    `beside`: they stand beside the lines made of them, which count first, and fill what those lack;
    `complete`: those lines are of a revision that has anomalies and statistics.
    """
    tracker, open_games = PhaseTracker(), OpenGames(bounded=False)
    rejected: Counter[str] = Counter()
    lines: dict[str, int] = {}
    messages: defaultdict[str, bytearray] = defaultdict(bytearray)
    notes: list[Note] = []
    begin_ns: int | None = None
    for line, text in enumerate(data.split(b"\n"), 1):
        try:
            read = _event(text)
        except PayloadError as error:
            if not beside:
                merged.report(file, "fragment", f"no event: {str(error)[:160]}: skipped", line)
            continue
        if read is None:
            continue
        event, args, ns = read
        try:
            message = parse_event(event, args, ns)
        except PayloadError as error:
            rejected[f"{event[:80]}: {str(error)[:200]}"] += 1
            continue
        if isinstance(message, Update):
            signal, late = follow(tracker, message)
            taken = open_games.take(message, late=late, phase=signal.phase)
            begin_ns = ns or 0 if begin_ns is None else begin_ns
            row = row_of(signal, message.players, begin_ns + line)
            messages[signal.gameId] += pack_message(*row)
            notes += [*taken.anomalies, *(note for note in (taken.gap, taken.stats) if note is not None)]
            if signal.active:
                lines.setdefault(signal.gameId, line)
        elif message is not None:
            open_games.take_trade(message)
    notes += open_games.finish()
    if not beside:
        for reason, count in rejected.items():
            merged.report(file, "bad_event", f"{count} events cannot be used ({reason}): dropped")
        for each in notes:
            if isinstance(each, AnomalyLine):
                done = f"{each.reported!r} at tick {each.tick} is not used, {each.known!r} is kept"
                merged.report(file, "contradiction", done, game_id=each.game_id)
    merged.notes += [each for each in notes if not beside or not (complete or isinstance(each, GapLine))]
    for game in open_games.games:
        packed = b"" if beside else bytes(messages[game.id])
        merged.add_game(file, replace(game, recorded_messages=packed), lines.get(game.id, 0))


def _event(text: bytes) -> tuple[str, tuple[Any, ...], int | None] | None:
    if not text.strip():
        return None
    record = read_json(text)
    if not isinstance(record, dict):
        raise PayloadError("a JSON object is expected")
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
        raise PayloadError(f"event should be a name; got {event!r:.60}")
    if event in RESERVED or record.get("direction") == "sent":  # sent: by a browser, never by the server
        return None
    stamp = record.get("ts")
    return event, arguments_of(data), utc_ns(stamp, UTC) if isinstance(stamp, str) else None
