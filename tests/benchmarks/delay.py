"""Delay from the wire to a subscriber: idle, beside a sleeping main thread, and beside a busy Python loop.

A server in a process of its own sends real-shaped frames at a fixed rate and notes when it sent each; a
subscriber of ``signal`` notes when it was called. Both read the machine's monotonic clock.

Run: ``python -m tests.benchmarks.delay``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import threading
import time

import numpy as np

from rugs_lab.feed.live.live_feed import LiveFeed
from tests.benchmarks.feed_under_load import serve

SECONDS = 8
RATES = (10, 100)


def measure(rate: int, busy: bool) -> np.ndarray:
    """Return the delay of every frame, ms."""
    command = [sys.executable, "-m", "tests.benchmarks.delay", "--serve", str(rate)]
    arrived: dict[int, int] = {}
    running = [True]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        feed = LiveFeed(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        feed.on("signal", lambda signal: arrived.__setitem__(signal.tickCount, time.monotonic_ns()))

        def spin() -> None:
            total = 0
            while running[0]:
                total += 1

        spinner = threading.Thread(target=spin, daemon=True)
        with feed:
            if busy:
                spinner.start()
            sent = json.loads(process.stdout.readline())
            feed.wait(messages=len(sent), timeout=60)
            running[0] = False
        process.kill()
    return np.array([(arrived[tick] - at) / 1e6 for tick, at in enumerate(sent)])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int)
    rate = parser.parse_args().serve
    if rate is not None:
        asyncio.run(serve(rate, SECONDS))
        return
    print(f"{'rate':>7}{'kernel':>8}{'frames':>8}{'median':>11}{'p99':>11}{'max':>11}")
    for rate in RATES:
        for busy in (False, True):
            delay = measure(rate, busy)
            median, p99 = np.percentile(delay, [50, 99])
            name = "busy" if busy else "idle"
            print(
                f"{rate:5}/s{name:>8}{len(delay):8}{median:8.2f} ms{p99:8.2f} ms{delay.max():8.2f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
