"""Time and memory by size: an archive of a thousand to a million games, and 1 to 30 widgets on one feed.

Each measurement is a process of its own; memory is its peak above the imports. What would take longer than
ten minutes, by the size before, is not run, and said. Linear: at most 1.5 times that of the smallest size.

Run: ``python -m tests.benchmarks.growth [--games 1000 10000 100000 1000000] [--things open sql ...]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rugs_lab.recordings.read.load import load
from tests.benchmarks.archive import resident_mb, write
from tests.benchmarks.goals import Row
from tests.benchmarks.sealing import write_finished

MOST_S = 600
THINGS = (
    "open",
    "query",
    "ticks",
    "sql",
    "trades",
    "summary",
    "summary, one block",
    "backtest",
    "sweep",
    "seal",
)
WIDGETS = (1, 3, 10, 30)
ROUNDS = 100
TICKS_A_ROUND = 5


def work(name: str, path: Path) -> object:
    """Do one thing with an archive that was just opened, or with lines."""
    import rugs_lab as rl
    from rugs_lab.analysis import _observed, summary

    if name == "seal":
        return rl.seal(path)
    games = load(path)
    if name == "open":
        return games.frame
    if name == "query":
        return games.query("peak > 5").rug_ticks.sum()
    if name == "ticks":
        return len(games.ticks)
    if name == "sql":
        return games.sql("select game_id, max(price) from ticks group by game_id")
    if name == "trades":
        return games.trades
    if name.startswith("summary"):
        if name.endswith("one block"):  # as if ticks were not looked at block by block
            _observed.CHUNK = 10**9
        return summary(games)
    if name == "sweep":
        return rl.sweep(rl.strategies["conservative"], games, held_out=0, take=[0.2, 0.4]).sums
    return rl.backtest(lambda o: rl.buy(0.01) if o.tick == 3 else rl.hold(), games).stats


def made(name: str, folder: Path, count: int) -> Path:
    """Write what one thing is done with."""
    folder.mkdir()
    if name != "seal":
        return write(folder, count)
    for begin in range(0, count, 1000):
        write_finished(folder / f"a{begin:08}.jsonl", range(begin, begin + min(1000, count - begin)))
    return folder


def child(name: str, path: str) -> None:
    """Print s of CPU and wall, and MB above the imports, of one thing."""
    with TemporaryDirectory() as folder:
        work(name, made(name, Path(folder) / "few", 300))  # imports, compiles
    before, wall, cpu = resident_mb(), time.perf_counter(), time.process_time()
    work(name, Path(path))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(wall, cpu, resident_mb(most=True) - before)


def measured(name: str, path: Path) -> tuple[float, float, float]:
    """Return s of wall and CPU, and MB, of one thing in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.growth", "--child", name, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=2 * MOST_S)
    wall, cpu, peak = map(float, done.stdout.split()[-3:])
    return wall, cpu, peak


def growth(sizes: list[int], things: tuple[str, ...] = THINGS) -> Iterator[Row]:
    """Yield a row for each thing: time and memory by number of games."""
    with TemporaryDirectory() as name:
        for thing in things:
            found: list[tuple[int, float, float, float]] = []
            texts = []
            for count in sizes:
                if found and found[-1][1] * count / found[-1][0] > MOST_S:
                    texts.append(
                        f"{count:,}: not run, about {found[-1][1] * count / found[-1][0] / 60:.0f} min"
                    )
                    break
                folder = Path(name) / f"{'lines' if thing == 'seal' else 'archive'}-{count}"
                path = made(thing, folder, count) if not folder.exists() else next(folder.glob("*.parquet"))
                wall, cpu, peak = measured(thing, path)
                found.append((count, wall, cpu, peak))
                texts.append(f"{count:,}: {wall:.2f} s ({cpu:.2f} of CPU), {peak:.0f} MB")
            (few, _, least, _), (many, _, most, _) = found[0], found[-1]
            linear = most <= 1.5 * least * many / few + 0.1
            yield Row("9", thing, "; ".join(texts), "linear or better", linear)


def widgets(counts: tuple[int, ...] = WIDGETS) -> Row:
    """Measure the hub's thread: what messages to so many widgets of one feed cost, 20 rounds a second."""
    from rugs_lab.views.cells.open_views import _parts
    from rugs_lab.views.page.page_messages import Stream
    from tests.benchmarks.parts_of_the_cell import play
    from tests.support.scripted_feed import ScriptedFeed

    found = {}
    for count in (1, *counts):  # the first imports
        feed, tick, now, taken = ScriptedFeed().start(), 0, 0.0, 0.0
        streams = [Stream(feed, time.time_ns, None, _parts(feed)) for _ in range(count)]
        before = resident_mb()
        for _ in range(ROUNDS):
            for _ in range(TICKS_A_ROUND):
                tick += 1
                play(feed, tick)
            feed.dispatcher.end(10)
            now += 0.05
            begin = time.thread_time()
            for stream in streams:
                json.dumps(stream.next(now), default=len)
            taken += time.thread_time() - begin
        found[count] = taken / ROUNDS * 1e3, resident_mb() - before
        feed.stop()
    texts = (f"{count}: {ms:.2f} ms a round, {mb:.0f} MB" for count, (ms, mb) in found.items())
    linear = found[counts[-1]][0] <= 1.5 * counts[-1] * found[1][0]
    return Row(
        "9",
        f"widgets on one feed, {20 * TICKS_A_ROUND} ticks/s",
        "; ".join(texts),
        "linear or better",
        linear,
    )


def main() -> None:
    """Print the rows, each as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--things", nargs="+", default=THINGS)
    parser.add_argument("--child", nargs=2)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    print(widgets(), flush=True)
    for row in growth(options.games, tuple(options.things)):
        print(row, flush=True)


if __name__ == "__main__":
    main()
