"""Memory and time of `rl.models.feature_frame` on many games, beside the size of what it returns.

``python -m tests.benchmarks.feature_frame [--games N]``, N = 100,000 by default: 20 million rows.
"""

from __future__ import annotations

import argparse
import resource
import time

import rugs_lab as rl

GOAL = 1.5


def peak_mib() -> float:
    """Return the most memory that this process has had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--games", type=int, default=100_000)
    games = rl.synthetic(options.parse_args().games, seed=1)
    rl.models.feature_frame(games[:10])  # compiles
    before, begun = peak_mib(), time.process_time()
    frame = rl.models.feature_frame(games)
    took, peak = time.process_time() - begun, peak_mib() - before
    size = frame.memory_usage(index=True).sum() / 2**20
    met = "met" if peak <= GOAL * size else "NOT met"
    print(
        f"{len(games):,} games, {len(frame):,} rows in {took:.1f} s: {len(frame) / took / 1e6:.1f} M rows/s"
    )
    print(f"result {size:,.0f} MiB, at most {peak:,.0f} MiB beyond {before:,.0f}: {peak / size:.2f} x")
    print(f"goal {GOAL:g} x: {met}")


if __name__ == "__main__":
    main()
