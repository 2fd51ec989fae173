"""Cost of ``feed.frame`` against ``pd.DataFrame(list_of_dicts)``, side by side, and after a long run.

Run: ``python -m tests.benchmarks.feed_frame``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import pandas as pd

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.game.provably_fair import replay_prices

ROWS = 5_000
REPEATS = 40


def payloads(count: int) -> list[dict[str, object]]:
    """Return `count` real-shaped active frames of consecutive games."""
    made: list[dict[str, object]] = []
    game = 0
    while len(made) < count:
        game_id = f"20260101-{game:016x}"
        prices = replay_prices(f"{game:064x}", game_id).tolist()
        for tick, price in enumerate(prices):
            rugged = tick == len(prices) - 1
            made.append(
                {
                    "gameId": game_id,
                    "active": True,
                    "rugged": rugged,
                    "tickCount": tick,
                    "price": price,
                    "cooldownTimer": 0,
                    "allowPreRoundBuys": False,
                    "tradeCount": tick,
                    "connectedPlayers": 200,
                }
            )
        game += 1
    return made[:count]


def median_ms(work: Callable[[], object]) -> float:
    """Return the median time of `work`, ms."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    frames = payloads(20 * ROWS)
    feed = LiveFeed("http://127.0.0.1:9", maxlen=ROWS)
    for n, payload in enumerate(frames[:ROWS]):
        feed.take("gameStateUpdate", (payload,), n)
    first = median_ms(lambda: feed.frame)
    start = time.perf_counter()
    for n, payload in enumerate(frames[ROWS:]):
        feed.take("gameStateUpdate", (payload,), ROWS + n)
    take_us = (time.perf_counter() - start) * 1e6 / (len(frames) - ROWS)
    later = median_ms(lambda: feed.frame)
    dicts = frames[-ROWS:]
    naive = median_ms(lambda: pd.DataFrame(dicts))
    print(f"feed.frame, {ROWS} rows:               {first:8.3f} ms")
    print(f"feed.frame after {len(frames):,} frames: {later:8.3f} ms  (x{later / first:.2f})")
    print(f"pd.DataFrame(list of dicts):         {naive:8.3f} ms  (x{naive / later:.1f})")
    print(f"Feed.take, one frame:                {take_us:8.1f} us")


if __name__ == "__main__":
    main()
