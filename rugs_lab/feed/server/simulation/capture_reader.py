"""A raw event log read back: every recorded event with its recorded timing.

A raw event log is a file of lines in order of arrival, each an event with its time in one of the shapes of
`rugs_lab.recordings.read.formats`; of a recording its ``raw`` lines are played. ``data`` null, of a
recorder's own ``connect``, is never sent. Damaged lines are reported with their number and skipped.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple

from rugs_lab.errors import ArgumentError, CaptureError
from rugs_lab.feed.server.simulation.simulated_server import Event
from rugs_lab.recordings.games.damage import Damage as LineDamage
from rugs_lab.recordings.read.captures import RESERVED
from rugs_lab.recordings.read.formats import items
from rugs_lab.recordings.read.formats.json_text import line_items
from rugs_lab.recordings.read.read_records import NOTHING, decode_record
from rugs_lab.recordings.read.timestamps import utc_ns
from rugs_lab.recordings.write.line_format import event_of, received_ns
from rugs_lab.recordings.write.line_types import RawLine

MAX_LINE: Final = 16 * 1024 * 1024
"""Longest line that is read, in bytes; the largest real message has half a million."""


@dataclass(frozen=True, slots=True)
class DamagedLine:
    """A line of a raw event log that cannot be played."""

    path: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}: {self.reason}; the line is skipped"


class CapturedEvent(NamedTuple):
    """An event of a log: where its line begins (bytes), time of arrival (ns since 1970), what it is."""

    offset: int
    received_ns: int
    event: str
    args: tuple[Any, ...]


class CaptureReader:
    """A raw event log that can be played from the beginning any number of times.

    `path` is read once, line by line, when the object is made. `events`: how many events it plays. `damage`:
    the lines that it cannot play, in order. CaptureError where there is no such file, or no event in it.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        if not isinstance(path, str | PathLike):
            raise ArgumentError(f"capture must be the path of a raw event log (JSON lines); got {path!r}")
        self.path = Path(path)
        damage: list[DamagedLine] = []
        try:
            self.events = sum(1 for _ in self._read(damage))
        except OSError as problem:
            reason = "no such file" if isinstance(problem, FileNotFoundError) else problem.strerror or problem
            raise CaptureError(
                f"the raw event log {self.path} cannot be read: {reason}. Give a file of JSON lines"
            ) from problem
        self.damage = tuple(damage)
        if not self.events:
            found = f"; {len(damage)} damaged lines, the first: {damage[0]}" if damage else ""
            raise CaptureError(
                f"the raw event log {self.path} contains no event that can be played{found}. "
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
    clean = line.strip(NOTHING)
    record = decode_record(clean)
    if isinstance(record, RawLine):
        return _timed(received_ns(record), *event_of(record))
    found = () if record is not None else line_items(clean, 0)
    if found is None:
        raise ValueError("no event")
    for item in found:
        if isinstance(item, items.Event):
            time = utc_ns(item.time, UTC) if isinstance(item.time, str) else item.time
            return None if item.args == (None,) else _timed(time, item.name, item.args)
        if isinstance(item, LineDamage):
            raise ValueError(item.done)
    return None


def _timed(at_ns: int | None, name: str, args: tuple[Any, ...]) -> tuple[int, str, tuple[Any, ...]]:
    if at_ns is None:
        raise ValueError("ts should be an ISO time, or a number of milliseconds")
    json.dumps(args, allow_nan=False)  # ValueError for what is not JSON and cannot be sent
    return at_ns, name, args
