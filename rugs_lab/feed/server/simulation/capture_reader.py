"""A raw capture read back: every recorded event with its recorded timing.

A raw capture is a file of JSON lines ``{"ts": ISO time, "event": name, "data": payload}`` in order of
arrival. ``data`` is a list that begins with a trace object for events of several arguments, null for the
recorder's own ``connect`` and ``disconnect`` (never sent), anything else for events of one argument. Damaged
lines are reported with their line number and skipped.

A recording of our own that was made with ``raw=True`` (`rugs_lab.recordings.write.line_format`) is a raw
capture too: its ``raw`` lines are played, the others passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

from rugs_lab.errors import ArgumentError, CaptureError
from rugs_lab.feed.server.simulation.simulated_server import Event
from rugs_lab.game.event_text import arguments_of
from rugs_lab.recordings.read.captures import RESERVED, sent_by_client
from rugs_lab.recordings.read.timestamps import utc_ns
from rugs_lab.recordings.write.line_format import event_of, read_line, received_ns
from rugs_lab.recordings.write.line_types import RawLine

_OUR_LINE: Final = b'{"type":"'

MAX_LINE: Final = 16 * 1024 * 1024
"""Longest line that is read, in bytes; the largest real frame has half a million."""


@dataclass(frozen=True, slots=True)
class DamagedLine:
    """A line of a capture that cannot be played."""

    path: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.reason}; the line is skipped"


class CapturedEvent(NamedTuple):
    """An event of a capture: where its line begins (bytes), time of arrival (ns since 1970), what it is."""

    offset: int
    received_ns: int
    event: str
    args: tuple[Any, ...]


class CaptureReader:
    """A capture that can be played from the beginning any number of times.

    Parameters
    ----------
    path
        The capture. It is read once, line by line, when the object is made.

    Attributes
    ----------
    path
        As given, a `pathlib.Path`.
    events
        How many events it plays.
    damage
        The lines that it cannot play, in order.

    Raises
    ------
    ArgumentError
        `path` is not a path.
    CaptureError
        No such file, not readable, or no event in it that can be played.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        if not isinstance(path, str | PathLike):
            raise ArgumentError(f"capture must be the path of a raw capture (JSON lines); got {path!r}")
        self.path = Path(path)
        damage: list[DamagedLine] = []
        try:
            self.events = sum(1 for _ in self._read(damage))
        except OSError as problem:
            reason = "no such file" if isinstance(problem, FileNotFoundError) else problem.strerror or problem
            raise CaptureError(
                f"the capture {self.path} cannot be read: {reason}. Give the path of a file of JSON lines"
            ) from problem
        self.damage = tuple(damage)
        if not self.events:
            found = f"; {len(damage)} damaged lines, the first: {damage[0]}" if damage else ""
            raise CaptureError(
                f"the capture {self.path} holds no event that can be played{found}. "
                'Its lines should be {"ts": "...", "event": "...", "data": ...}'
            )

    def __iter__(self) -> Iterator[Event]:
        """Yield (ms since the event before, name, arguments) from the beginning; the first comes at once."""
        begin_ns: int | None = None
        last_ms = 0
        for _, at_ns, event, args in self._read([]):
            begin_ns = at_ns if begin_ns is None else begin_ns
            at_ms = max(round((at_ns - begin_ns) / 1e6), last_ms)
            yield at_ms - last_ms, event, args
            last_ms = at_ms

    def recorded(self, start: int = 0, stop: int | None = None) -> Iterator[CapturedEvent]:
        """Yield the events whose lines begin in the bytes `start` to `stop` (exclusive) of the file."""
        return self._read([], start, stop)

    def _read(
        self, damage: list[DamagedLine], start: int = 0, stop: int | None = None
    ) -> Iterator[CapturedEvent]:
        with self.path.open("rb") as lines:
            lines.seek(start)
            place, offset, after = 0, start, start
            while (stop is None or after < stop) and (line := lines.readline(MAX_LINE)):
                place += 1
                offset, after = after, after + len(line)
                try:
                    if not line.endswith(b"\n") and len(line) >= MAX_LINE:
                        while (rest := lines.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                            after += len(rest)
                        after += len(rest)
                        raise ValueError(f"longer than {MAX_LINE} bytes")
                    if not line.strip():
                        continue
                    parsed = _parse(line)
                except (ValueError, RecursionError) as problem:
                    damage.append(DamagedLine(self.path, place, str(problem)[:200]))
                    continue
                if parsed is not None and parsed[1] not in RESERVED:
                    yield CapturedEvent(offset, *parsed)


def _parse(line: bytes) -> tuple[int, str, tuple[Any, ...]] | None:
    """Read a line; None for one that holds nothing to be played."""
    if line.startswith(_OUR_LINE):
        ours = read_line(line)
        if not isinstance(ours, RawLine):
            return None
        at_ns = received_ns(ours)
        return _time(None) if at_ns is None else at_ns, *event_of(ours)
    try:
        record = json.loads(line, parse_constant=_refuse)
    except UnicodeDecodeError as problem:
        raise ValueError("not UTF-8 text") from problem
    except json.JSONDecodeError as problem:
        raise ValueError(f"not JSON ({problem.msg} at column {problem.colno})") from problem
    if not isinstance(record, dict) or "data" not in record:
        raise ValueError("not an object with ts, event and data")
    if sent_by_client(record):
        return None
    event, ts = record.get("event"), record.get("ts")
    if not isinstance(event, str) or not event:
        raise ValueError(f"event should be a name; got {event!r:.60}")
    stamp, data = _time(ts), record["data"]
    return None if data is None else (stamp, event, arguments_of(data))


def _time(ts: object) -> int:
    at_ns = utc_ns(str(ts), UTC)
    if at_ns is None:
        raise ValueError(f"ts should be an ISO time; got {ts!r:.60}")
    return at_ns


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
