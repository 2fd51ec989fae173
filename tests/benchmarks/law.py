"""A million games of either method against the published law: each share with its 95 % interval.

Run: ``python -m tests.benchmarks.law [games]``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
from scipy import stats

from rugs_lab.recordings.games.synthetic import METHODS, synthetic

BATCH = 50_000
SOON = 1 - 0.995**40


def counts(games: int, method: str) -> dict[str, tuple[int, int, float]]:
    """Return hits, trials and the published share of each event."""
    ticks = big = up = moves = soon = 0
    every = synthetic(games, seed=20261123, method=method)
    for start in range(0, games, BATCH):
        some = every[start : start + BATCH]
        prices, offsets = some.prices, some.offsets
        returns = prices[1:] / prices[:-1] - 1
        keep = np.ones(len(returns), bool)
        keep[offsets[1:-1] - 1] = False  # from one game to the next
        keep[offsets[1:] - 2] = False  # the rug
        change = returns[keep]
        large = (np.abs(change) >= 0.149) & (change < 5)
        moves += len(change)
        big += int(large.sum())
        up += int((change[large] > 0).sum())
        rug_tick = np.diff(offsets) - 1
        ticks += int(rug_tick.sum())
        soon += int((rug_tick <= 40).sum())
    return {
        "rug per tick": (games, ticks, 0.005),
        "big move per tick": (big, moves, 0.125),
        "up, of the big moves": (up, big, 0.5),
        "rug within 40 ticks": (soon, games, SOON),
    }


def rows(games: int, method: str) -> Iterator[tuple[str, int, float, float, float, float]]:
    """Yield name, n, share, its interval (Clopper-Pearson) and the published value."""
    found = counts(games, method)
    for name, (hits, trials, published) in found.items():
        interval = stats.binomtest(hits, trials).proportion_ci(0.95, "exact")
        yield name, trials, hits / trials, interval.low, interval.high, published
    hits, trials, published = found["rug within 40 ticks"]
    interval = stats.binomtest(hits, trials).proportion_ci(0.95, "exact")
    share, low, high = (5 * value - 1 for value in (hits / trials, interval.low, interval.high))
    yield "side bet at tick 0, profit per stake", trials, share, low, high, 5 * published - 1


def main() -> None:
    """Print the table."""
    games = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{'':38}{'n':>13}{'found':>11}{'95 % interval':>25}{'published':>12}")
    for method in METHODS:
        print(f"{method}, {games:,} games")
        for name, n, found, low, high, published in rows(games, method):
            inside = "" if low <= published <= high else "  outside"
            print(f"  {name:36}{n:13,}{found:11.6f}   [{low:9.6f}, {high:9.6f}]{published:12.6f}{inside}")


if __name__ == "__main__":
    main()
