"""A sweep over an archive of many games: threads, and two worker processes of Dask that read the file.

Each is a process of its own, cold; memory is the most of a process above its imports, with pages of the
mapped file. Run: ``python -m tests.benchmarks.scale [--games 1000000]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rugs_lab.recordings.read.load import load
from rugs_lab.trading.strategy.strategy_registry import as_strategy, strategies
from rugs_lab.trading.sweep.sweep import sweep
from tests.benchmarks.archive import resident_mb, write

GRID = {"take": [0.2, 0.4]}


def child(path: str, executor: str) -> None:
    """Sweep, and print sums, s and MB as JSON."""
    games, strategy = load(path), as_strategy(strategies["conservative"])
    if executor == "threads":
        before, begin = resident_mb(), time.perf_counter()
        found = sweep(strategy, games, held_out=0, **GRID)
        taken, memory = time.perf_counter() - begin, resident_mb(most=True) - before
    else:
        import distributed

        options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
        with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
            before = max(client.run(resident_mb).values())
            begin = time.perf_counter()
            found = sweep(strategy, games, client.get_executor(), held_out=0, **GRID)
            taken = time.perf_counter() - begin
            memory = max(client.run(resident_mb, most=True).values()) - before
    print(json.dumps([repr(found.sums), taken, memory]))


def main() -> None:
    """Print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100_000)
    parser.add_argument("--child", nargs=2)
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return
    sums = []
    with TemporaryDirectory() as folder:
        path = write(Path(folder), options.games)
        print(
            f"{options.games:,} games, {path.stat().st_size / 1e6:.0f} MB, {len(GRID['take'])} combinations"
        )
        for executor in ("threads", "dask"):
            command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.scale"]
            done = subprocess.run(
                [*command, "--child", str(path), executor], capture_output=True, text=True, check=True
            )
            found, seconds, memory = json.loads(done.stdout.splitlines()[-1])
            sums.append(found)
            print(f"{executor:8} {seconds:6.1f} s, {memory:,.0f} MB of the largest process", flush=True)
    print("same sums in lamports" if sums[0] == sums[1] else "OTHER SUMS")


if __name__ == "__main__":
    main()
