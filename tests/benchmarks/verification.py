"""Seeds verified in bulk: `rl.verify` of many games against playing them, and against one by one.

Run: ``python -m tests.benchmarks.verification [--games 20000]``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from rugs_lab.game.provably_fair import seed_hash
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.seed_prices import play_games
from rugs_lab.recordings.games.verification import verify
from tests.benchmarks.goals import Row, turns

GOAL_US = 30
ONE_BY_ONE = 100


def games_with_seeds(count: int) -> tuple[Games, list[str], list[str]]:
    """Return games whose prices follow from their seeds, the seeds and the ids."""
    seeds = [f"{n:064x}" for n in range(count)]
    ids = [f"20260101-{n:016x}" for n in range(count)]
    flat, offsets, _ = play_games(seeds, ids)
    games = Games.from_arrays(
        ids,
        flat,
        offsets,
        rug_ticks=np.diff(offsets) - 1,
        server_seeds=seeds,
        server_seed_hashes=[seed_hash(seed) for seed in seeds],
        versions=["v3"] * count,
    )
    return games, seeds, ids


def measure(count: int = 20_000) -> list[Row]:
    """Compare both ways of verifying with playing alone, in one run."""
    games, seeds, ids = games_with_seeds(count)
    assert games.verify().all()
    works = (lambda: verify(games), lambda: play_games(seeds, ids))
    wall_s, playing_s = turns(*works)
    cpu_s, playing_cpu_s = turns(*works, clock=time.process_time)
    few = games[:ONE_BY_ONE]
    (single_s,) = turns(lambda: [game.verified for game in few], repeats=1)
    each_us, single_us = wall_s / count * 1e6, single_s / ONE_BY_ONE * 1e6
    measured = (
        f"{each_us:.1f} us a game ({cpu_s / playing_cpu_s:.2f} x the CPU of playing them on one core, "
        f"{playing_s / count * 1e6:.1f}); one by one {single_us:.0f}: {single_us / each_us:.0f} x"
    )
    return [
        Row("4", f"verify the seeds of {count:,} games", measured, f"<= {GOAL_US} us", each_us <= GOAL_US)
    ]


def main() -> None:
    """Print the row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=20_000)
    print(*measure(parser.parse_args().games), sep="\n")


if __name__ == "__main__":
    main()
