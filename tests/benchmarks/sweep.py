"""A 10 x 10 grid over 100,000 games: threads, one thread, and Dask with two worker processes, side by side.

Run: ``python -m tests.benchmarks.sweep [games] [repeats]``. Ratios are of the medians of runs taken in turn;
every executor has to give the same sums to the last lamport. Needs ``distributed``.
"""

from __future__ import annotations

import statistics
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np

from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.trading.sweep.sweep import sweep

GRID = {"take": np.linspace(0.1, 1.0, 10).round(2), "stop": np.linspace(0.05, 0.5, 10).round(3)}


def main() -> None:
    """Print seconds, ticks per second and ratios."""
    import distributed

    games = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    repeats = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    strategy = strategies["conservative"]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        ThreadPoolExecutor(1) as single,
    ):
        executors: dict[str, Executor | None] = {
            "threads (default)": None,
            "one thread": single,
            "Dask, 2 processes": client.get_executor(),
        }
        seconds: dict[str, list[float]] = {name: [] for name in executors}
        sums = []
        for executor in executors.values():  # compile, in the workers too
            sweep(strategy, synthetic(8000, seed=1, method="statistical"), executor, chunk=1000, **GRID)
        for _ in range(repeats):
            for name, executor in executors.items():
                some = synthetic(games, seed=20_261_124, method="statistical")
                begin = time.perf_counter()
                found = sweep(strategy, some, executor, held_out=0, **GRID)
                seconds[name].append(time.perf_counter() - begin)
                sums.append(found.sums)
    assert all(each == sums[0] for each in sums), "the executors do not agree"
    ticks = sum(each.ticks for each in sums[0])
    base = statistics.median(seconds["threads (default)"])
    print(f"{len(found):,} cells over {games:,} games: {ticks:,} ticks, the same sums from every executor")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        print(f"{name:20}{middle:8.2f} s {ticks / middle / 1e6:8.1f} M ticks/s   ratio {middle / base:5.2f}")
    print(found)


if __name__ == "__main__":
    main()
