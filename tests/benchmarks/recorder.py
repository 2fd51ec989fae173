"""What recording costs: time per line, and the feed's delay with and without the recorder.

Frames of the built-in simulation go into a feed, from their text to the row. Paced: as on the
real feed there is time between two frames, and the recorder's thread writes in it; the delay is the time of
one call of the feed. Unpaced: one frame after the other, so that both threads fight for the interpreter.

Run: ``python -m tests.benchmarks.recorder``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

import msgspec

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.recordings.write.disk import Disk
from rugs_lab.recordings.write.line_format import message_line, write_line
from rugs_lab.recordings.write.recorder import Recorder

EVENTS = 4_000
REPEATS = 7
PACE_S = 0.002
NOW_NS = 1_765_761_431_000_000_123
WAYS = (("no recorder", None), ("recorder", False), ("recorder, raw", True), ("recorder, slow disk", False))


class SlowDisk(Disk):
    """A disk that takes 50 ms for a line."""

    def write(self, file: int, data: bytes) -> int:
        time.sleep(0.05)
        return super().write(file, data)


def play(texts: list[str], raw: bool | None, disk: Disk, pace_s: float) -> list[float]:
    """Take the events; return the time of each call, us."""
    feed = LiveFeed("http://127.0.0.1:9")
    times = []
    with tempfile.TemporaryDirectory() as folder:
        recorder = None if raw is None else feed.record(folder, raw=raw)
        if recorder is not None:
            recorder._writer._disk = disk
        due = time.perf_counter()
        for n, text in enumerate(texts):
            start = time.perf_counter()
            feed.take_text(text, NOW_NS + n * 100_000_000)
            times.append((time.perf_counter() - start) * 1e6)
            if pace_s:
                due += pace_s
                time.sleep(max(due - time.perf_counter(), 0))
        if recorder is not None:
            if isinstance(disk, SlowDisk):
                recorder._writer._disk = Disk()
                recorder._writer._journal._disk = Disk()  # type: ignore[union-attr]
            feed.record(None)
    return times


def per_line_us(texts: list[str]) -> tuple[float, float, float]:
    """Return the least time to make a line, to write one, and of a bare ``os.write`` of it, us."""
    feed = LiveFeed("http://127.0.0.1:9")
    signals = []
    for n, text in enumerate(texts):
        feed.take_text(text, NOW_NS + n * 100_000_000)
        if feed.signal is not None:
            signals.append(feed.signal)
    make, write, bare = [], [], []
    for _ in range(REPEATS):
        start = time.perf_counter()
        lines = [write_line(message_line(signal, 200)) for signal in signals]
        make.append(time.perf_counter() - start)
        with tempfile.TemporaryDirectory() as folder:
            recorder = Recorder(folder, background=False)
            for line in lines:
                recorder.put(line)
            start = time.perf_counter()
            recorder.step()
            write.append(time.perf_counter() - start)
            recorder.close()
            disk = Disk()
            file = disk.create(Path(folder) / "bare")
            start = time.perf_counter()
            for line in lines:
                disk.write(file, line)
            bare.append(time.perf_counter() - start)
            disk.close(file)
    return tuple(min(each) * 1e6 / len(signals) for each in (make, write, bare))  # type: ignore[return-value]


def main() -> None:
    """Print the tables."""
    texts = [encode(event, args)[1:] for _, event, args in islice(SimulatedServer(seed=7), EVENTS)]
    size = statistics.mean(map(len, texts))
    decode_us = min(_decode_us(texts) for _ in range(REPEATS))
    make_us, write_us, bare_us = per_line_us(texts)
    print(f"{len(texts)} events, mean {size / 1e3:.1f} kB")
    print(f"make a line        {make_us:7.2f} us   {make_us / decode_us:6.2f} x decoding an event's JSON")
    print(f"write a line       {write_us:7.2f} us   {write_us / bare_us:6.2f} x a bare os.write of it")
    print(f"{'':24}{'paced: median':>15}{'p99':>10}{'ratio':>8}{'unpaced: mean':>16}{'ratio':>8}")
    base: tuple[float, float] | None = None
    for name, raw in WAYS:
        disk = SlowDisk() if "slow" in name else Disk()
        paced = sorted(play(texts[:1500], raw, disk, PACE_S))
        median, p99 = paced[len(paced) // 2], paced[int(len(paced) * 0.99)]
        mean = min(statistics.mean(play(texts, raw, disk, 0.0)) for _ in range(3))
        base = base or (median, mean)
        print(
            f"{name:24}{median:12.1f} us{p99:7.0f} us{median / base[0]:7.2f}x"
            f"{mean:13.1f} us{mean / base[1]:7.2f}x",
            flush=True,
        )


def _decode_us(texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        msgspec.json.decode(text)
    return (time.perf_counter() - start) * 1e6 / len(texts)


if __name__ == "__main__":
    main()
