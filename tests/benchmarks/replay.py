"""A replay at full speed beside a loop over its prices, and what a seek costs.

Ticks per second through the whole way of the feed (text, parser, phase, buffer, game), alone, with a
subscriber, and with a synchronous one; beside a plain loop over the same price arrays. Then the time to go to
the end of a game of 1,300 ticks and back into its middle.

Run: ``python -m tests.benchmarks.replay``.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.recordings.games.game import Game


def game(number: int, ticks: int) -> Game:
    """Return a made-up game that ends at tick `ticks`."""
    steps = np.random.default_rng(number).normal(0, 0.03, ticks)
    prices = np.concatenate([[1.0], np.exp(np.cumsum(steps))])
    prices[-1] = prices[:-1].min() * (1 - 0.98)
    return Game(f"game-{number}", prices, rug_tick=ticks)


def replayed(games: list[Game], follow: str) -> float:
    """Return the ticks per second of a replay on its own thread."""
    feed = ReplayFeed(games, speed=float("inf"))
    if follow != "nobody":
        feed.follow(lambda *_: None, synchronous=follow == "synchronous")
    ticks = sum(map(len, games))
    begin = time.perf_counter()
    with feed:
        feed.wait(games=len(games), timeout=600)
        return ticks / (time.perf_counter() - begin)


def looped(games: list[Game]) -> float:
    """Return the ticks per second of a loop that looks at every price."""
    begin, seen = time.perf_counter(), 0
    for each in games:
        highest = 0.0
        for price in each.prices.tolist():
            seen += 1
            if price > highest:
                highest = price
    return seen / (time.perf_counter() - begin)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    games = [game(number, 200) for number in range(chosen.games)]
    ratios = []
    for follow in ("nobody", "a subscriber", "synchronous"):
        pairs = [(replayed(games, follow), looped(games)) for _ in range(chosen.rounds)]
        speed, loop = np.median(pairs, axis=0)
        ratios = [theirs / ours for ours, theirs in pairs]
        print(
            f"replay, followed by {follow:13}{speed:10,.0f} ticks/s   loop{loop:13,.0f} ticks/s   "
            f"loop/replay {np.median(ratios):7,.0f}",
            flush=True,
        )
    feed = ReplayFeed(game(0, 1300), playing=False)
    for name, tick in (("to the end", 1300), ("back to tick 650", 650), ("one tick back", -1)):
        spent = []
        for _ in range(21):
            feed.seek(650 if tick == 1300 else 1300)
            begin = time.perf_counter()
            feed.back() if tick < 0 else feed.seek(tick)
            spent.append((time.perf_counter() - begin) * 1e3)
        print(f"seek in a game of 1,300 ticks, {name:18}{np.median(spent):7.1f} ms (median of 21)")


if __name__ == "__main__":
    main()
