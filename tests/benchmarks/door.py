"""Cost of a frame from its text to its row in the buffer, against ``json.loads`` of the same text.

Frames of the built-in simulation, in the true wire format; with ``--capture FILE`` those of a raw capture.

Run: ``python -m tests.benchmarks.door``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from itertools import islice

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.recordings.assembly.events import UPDATE_EVENT

EVENTS = 4_000
REPEATS = 9
BIG = 50_000


def texts(capture: str | None) -> list[str]:
    """Return the frames as the text of their events."""
    source = SimulatedServer(seed=7) if capture is None else CaptureReader(capture)
    events = ((event, args) for _, event, args in islice(source, EVENTS))
    compact = (",", ":")
    return [
        json.dumps([event, *args], separators=compact, ensure_ascii=False)
        for event, args in events
        if event == UPDATE_EVENT
    ]


def best_us(work: Callable[[Sequence[str]], object], frames: Sequence[str]) -> float:
    """Return the least time per frame over some runs, us."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work(frames)
        times.append(time.perf_counter() - start)
    return min(times) * 1e6 / len(frames)


def loads(frames: Sequence[str]) -> None:
    """Decode all of it, and no more."""
    for frame in frames:
        json.loads(frame)


def take(frames: Sequence[str]) -> None:
    """Decode, check, track the phase, append the row, put the game together."""
    feed = LiveFeed("http://127.0.0.1:9")
    for n, frame in enumerate(frames):
        feed.take_text(frame, n)
    assert len(feed.ring) == min(feed.health.messages, feed.maxlen) > 0


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--capture")
    frames = texts(parser.parse_args().capture)
    small = [frame for frame in frames if len(frame) < BIG]
    big = [frame for frame in frames if len(frame) >= BIG]
    print(f"{'frames':24}{'n':>6}{'mean size':>12}{'json.loads':>12}{'door':>10}{'door / json.loads':>19}")
    for name, some in (("all", frames), ("below 50 kB", small), ("from 50 kB, history", big)):
        size_kb = sum(map(len, some)) / len(some) / 1e3
        plain, door = best_us(loads, some), best_us(take, some)
        print(f"{name:24}{len(some):6}{size_kb:9.1f} kB{plain:9.1f} us{door:7.1f} us{door / plain:18.2f}x")


if __name__ == "__main__":
    main()
