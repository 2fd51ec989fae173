"""What the parts of the live cell cost the hub, beside the feed itself: CPU time of a round, in the kernel.

Run: ``python tests/benchmarks/parts_of_the_cell.py [--rounds 400]``. A scripted feed plays ticks with a
leaderboard of ten rows and one trade in five ticks; every 50 ms of the benchmark's clock the stream makes the
message of a round, once without parts and once with those of `rugs_lab.watch`, a strategy trading. Time is
that of the calling thread, so that other work on the machine does not count; sizes are those of the messages.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2])]

TICKS_A_ROUND = (1, 5, 50)
"""20, 100 and 1000 ticks per second."""


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=400)
    rounds = options.parse_args().rounds
    print(
        f"{'ticks/s':>8}  {'parts':<8}{'ms a round':>12}{'p95':>8}{'% of a core':>13}{'kB/s':>8}{'ratio':>8}"
    )
    measure(1, 20, with_parts=True)  # everything is imported
    for ticks in TICKS_A_ROUND:
        alone = measure(ticks, rounds, with_parts=False)
        for name, (times, size) in (("none", alone), ("all", measure(ticks, rounds, with_parts=True))):
            mean = statistics.fmean(times)
            p95 = statistics.quantiles(times, n=20)[18]
            ratio = mean / statistics.fmean(alone[0])
            print(
                f"{ticks * 20:>8}  {name:<8}{mean:>12.3f}{p95:>8.3f}{mean / 50 * 100:>13.2f}"
                f"{size * 20 / rounds / 1000:>8.1f}{ratio:>8.2f}"
            )


def measure(ticks: int, rounds: int, *, with_parts: bool) -> tuple[list[float], int]:
    """Return the CPU time of each round, ms, and the bytes of all messages."""
    from rugs_lab.trading.paper.accounts import accounts_of
    from rugs_lab.trading.strategy.strategy_registry import strategies
    from rugs_lab.views.cells.open_views import _parts
    from rugs_lab.views.page.page_messages import Stream
    from rugs_lab.views.page.part_base import Throttle
    from tests.support.scripted_feed import ScriptedFeed

    feed = ScriptedFeed().start()
    accounts_of(feed).start_strategy(strategies["random"])
    now = 0.0
    parts = _parts(feed) if with_parts else ()
    for part in parts:
        for each in vars(part).values():
            if isinstance(each, Throttle):
                each._clock = lambda: now
    stream = Stream(feed, time.time_ns, None, parts)
    times, size, count = [], 0, 0
    for _ in range(rounds):
        for _ in range(ticks):
            count += 1
            play(feed, count)
        feed.dispatcher.end(10)
        now += 0.05
        began = time.thread_time()
        made = stream.next(now)
        text = "" if made is None else json.dumps(made[0])
        times.append((time.thread_time() - began) * 1e3)
        size += len(text) + (0 if made is None else len(made[1]))
    feed.stop()
    return times, size


def play(feed: Any, count: int) -> None:
    """Play a tick, now and then a trade, and the rug after 600."""
    if len(feed.path) > 600:
        feed.rug()
        feed.begin()
    feed.tick(leaderboard=[player(place, count) for place in range(10)])
    if count % 5 == 0:
        told = {"gameId": feed.game_id, "playerId": "p", "username": f"player_{count}", "type": "buy"}
        paid = {"tickIndex": len(feed.path) - 2, "price": feed.path[-2], "amount": 0.1, "qty": 0.05}
        feed.take("standard/newTrade", ({**told, **paid},))


def player(place: int, count: int) -> dict[str, Any]:
    """Return a row of the leaderboard."""
    return {
        "position": place + 1,
        "id": f"did:privy:{place:024d}",
        "username": f"player_{place}",
        "pnl": 0.5 / (place + 1) + count * 1e-6,
        "pnlPercent": 12.5,
        "positionQty": 0.25,
        "avgCost": 1.5,
        "totalInvested": 0.5,
    }


if __name__ == "__main__":
    main()
