"""Kills a recording process again and again, at random moments, and looks at what it left.

A process of its own, so that it may fork: ``python -m tests.support.killing FOLDER KILLS SEED`` prints what
it found as JSON. Each child records the same events as fast as it can and notes in shared memory every line
that it begins to write and every line that the system has taken; the parent waits for a random count, and
kills. Every other child's disk takes each line in two pieces, as a system may, and at that count waits
between them for the kill, which tears the line.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import signal
import struct
import sys
import time
from itertools import islice
from pathlib import Path

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.recordings.write.disk import Disk
from rugs_lab.recordings.write.line_format import read_line
from rugs_lab.recordings.write.recorder import Recorder

EVENTS = 1_500
DEADLINE_S = 20
WAYS = ((False, "game"), (True, 2**26), (False, 2**26), (True, "game"))
BEGUN, TAKEN, HALF = 0, 1, 2


class CountingDisk(Disk):
    """Notes the lines begun and taken; session lines and repeated first lines of games are not counted."""

    def __init__(self, counts: mmap.mmap, tears: int) -> None:
        self.counts, self.tears = counts, tears
        self.chance = random.Random(tears) if tears else None
        self.starts: set[bytes] = set()

    def write(self, file: int, data: bytes) -> int:
        line = not data.startswith(b'{"type":"session"') and data not in self.starts
        if data.startswith(b'{"type":"game_start"'):
            self.starts.add(data)
        self.note(BEGUN, line)
        first = self.chance.randrange(1, len(data)) if self.chance else 0
        written = super().write(file, data[:first]) if first else 0
        if line and first and self.read_count(BEGUN) == self.tears:
            self.note(HALF, 1)
            signal.pause()
        written += super().write(file, data[first:])
        self.note(TAKEN, line)
        return written

    def note(self, place: int, more: int) -> None:
        struct.pack_into("<q", self.counts, 8 * place, self.read_count(place) + more)

    def read_count(self, place: int) -> int:
        return struct.unpack_from("<q", self.counts, 8 * place)[0]


def record(folder: Path, texts: list[str], way: tuple[bool, str | int], disk: Disk) -> Recorder:
    """Record all events; every line of it is deterministic but the session's."""
    feed = LiveFeed("http://127.0.0.1:9")
    raw, rotate = way
    recorder = feed.record(folder, raw=raw, rotate=rotate)
    assert recorder is not None
    recorder._writer._disk = disk
    for n, text in enumerate(texts):
        feed.take_text(text, 1_765_761_431_000_000_123 + n * 100_000_000)
    return recorder


def told(folder: Path) -> bytes:
    """Everything in the folder's recordings but session lines, and repeated first lines of games."""
    lines, seen = [], set()
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().splitlines(keepends=True):
            start = line.startswith(b'{"type":"game_start"')
            # A line repeated at the head of the next file may itself be torn.
            if not line.startswith(b'{"type":"session"') and not (
                start and any(other.startswith(line) for other in seen)
            ):
                lines.append(line)
                seen |= {line} if start else set()
    return b"".join(lines)


def kill_one(
    folder: Path, texts: list[str], way: tuple[bool, str | int], after: int, tears: bool
) -> tuple[int, int]:
    """Start a child, kill it when it has begun `after` lines; return the lines begun and taken."""
    counts = mmap.mmap(-1, 24)
    disk = CountingDisk(counts, after if tears else 0)
    child = os.fork()
    if not child:
        record(folder, texts, way, disk)
        signal.pause()
    deadline_s = time.monotonic() + DEADLINE_S
    while disk.read_count(BEGUN) < after or (tears and not disk.read_count(HALF)):
        assert time.monotonic() < deadline_s, "the child does not write"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return disk.read_count(BEGUN), disk.read_count(TAKEN)


def main(folder: Path, kills: int, seed: int) -> None:
    """Kill and look; print the findings."""
    chance = random.Random(seed)
    texts = [encode(event, args)[1:] for _, event, args in islice(SimulatedServer(seed=seed), EVENTS)]
    whole = {}
    for way in WAYS:
        record(folder / f"whole {way}", texts, way, Disk()).close()
        whole[way] = told(folder / f"whole {way}")
    torn = lost = bad = 0
    killed = folder / "killed"
    for number in range(kills):
        way = WAYS[number % len(WAYS)]
        after = chance.randint(1, 400)
        begun, taken = kill_one(killed, texts, way, after, number // len(WAYS) % 2 == 1)
        found = told(killed)
        lines = found.count(b"\n")
        torn += not found.endswith(b"\n")
        lost += begun - lines
        if not whole[way].startswith(found) or not taken <= lines <= begun <= taken + 1:
            print(way, begun, taken, lines, whole[way].startswith(found), found[-100:], file=sys.stderr)
            bad += 1
        # The next recorder that opens the folder recovers it; what is left must be whole, and nothing less.
        recorder = Recorder(killed)
        recorder.open(DEADLINE_S)
        recorder.close()
        after_recovery = told(killed)
        bad += after_recovery != found[: found.rfind(b"\n") + 1]
        bad += bool(recorder.torn) != (len(after_recovery) < len(found)) and not _torn_head(recorder)
        for path in list(killed.iterdir()):
            if path.suffix == ".jsonl":
                for line in path.read_bytes().splitlines():
                    read_line(line)
            path.unlink()
    print(json.dumps({"kills": kills, "torn": torn, "lost": lost, "bad": bad}))


def _torn_head(recorder: Recorder) -> bool:
    """Whether a line was torn that `told` does not count: a session's, or the first of a game, repeated."""
    pieces = [torn.path.with_name(torn.path.name + ".torn").read_bytes() for torn in recorder.torn]
    heads = (b'{"type":"session"', b'{"type":"game_start"')
    return any(piece.startswith(head[: len(piece)]) for piece in pieces for head in heads)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
