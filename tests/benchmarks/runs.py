"""Runs: their trades, the tick engine and backtesting.py, strategies that fall back, first calls, Dask.

Run: ``python -m tests.benchmarks.runs``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from typing import Any

import rugs_lab as rl
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.strategy.strategy_registry import as_strategy, strategies
from rugs_lab.trading.sweep.sweep import sweep
from tests.benchmarks.engines import crossing, peer, seconds, target
from tests.benchmarks.goals import Row
from tests.support.user_strategies import BY_TICK, COMPILED

FIRST_CALL = """
import time
import rugs_lab as rl
games = rl.synthetic(500, seed=1, method="statistical")
games.prices
begin = time.perf_counter()
rl.backtest(lambda o, level=0.5: rl.buy(0.01) if o.price < level and not o.units else rl.hold(), games)
print(time.perf_counter() - begin)
"""


def trades_of_a_run(count: int = 20_000) -> Row:
    """Compare the trades of a run with the backtest itself."""
    games = synthetic(count, seed=1, method="statistical")
    games.prices  # noqa: B018
    rl.backtest(target, games[:300])
    backtest_s = seconds(lambda: rl.backtest(target, games), 3)
    run = rl.backtest(target, games)
    trades_s = seconds(lambda: run.trades, 1)
    text = f"{trades_s:.2f} s after {backtest_s:.2f} s: {trades_s / backtest_s:.1f} x the backtest"
    return Row("10", f"run.trades of {count:,} games", text, "<= 5 x", trades_s <= 5 * backtest_s)


def tick_engine() -> Row:
    """Compare the tick engine with backtesting.py on the sample games, two shapes of them."""
    if find_spec("backtesting") is None:
        return Row("12", "tick engine / backtesting.py", "backtesting.py is not installed", ">= 20 x", None)
    ratios = []
    for games in (rl.sample(), synthetic(40, seed=3)):
        ours = seconds(lambda games=games: play(crossing, games, engine="tick"), clock=time.process_time)
        ratios.append(peer(games) / ours)
    text = " and ".join(f"{ratio:.0f} x" for ratio in ratios) + " of CPU (sample; 40 synthetic games)"
    return Row("12", "tick engine / backtesting.py", text, ">= 20 x", min(ratios) >= 20)


def first_calls() -> Row:
    """Call a compiled strategy first in a fresh process, twice with one cache."""
    taken = []
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(3):
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", FIRST_CALL],
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "NUMBA_CACHE_DIR": cache},
            )
            taken.append(float(done.stdout))
    text = f"{taken[0]:.1f} s, the second and third process {taken[1]:.1f} and {taken[2]:.1f} s"
    return Row(
        "13", "first call of a compiled strategy", text, "<= 0.3 s the 2nd time", min(taken[1:]) <= 0.3
    )


def fall_back(count: int = 2_000) -> Row:
    """Count which of the strategies that users write are compiled, and compare both engines for one."""
    users = COMPILED + BY_TICK
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engines = [play(strategy, rl.sample()[:3]).engine for strategy in users]
    games = synthetic(count, seed=1, method="statistical")
    ticks = int(play(crossing, games, engine="auto").ticks.sum())
    compiled, by_tick = (
        ticks / seconds(lambda engine=engine: play(crossing, games, engine=engine), 1)
        for engine in ("auto", "tick")
    )
    text = (
        f"{engines.count('compiled')} of {len(users)} that users write are compiled; "
        f"by tick {by_tick / 1e6:.2f} M ticks/s, compiled {compiled / 1e6:.0f}: {compiled / by_tick:.0f} x"
    )
    met = by_tick >= 2e6 or set(engines) == {"compiled"}
    return Row("14", "strategies that fall back", text, "all compiled, or >= 2 M ticks/s", met)


def on_dask(count: int = 5_000) -> Row:
    """Compare threads and two worker processes, over games of an archive; medians of turns."""
    goal = "<= 1.3 x threads"
    if find_spec("distributed") is None:
        return Row("11", "sweep on Dask / threads", "distributed is not installed", goal, None)
    import distributed

    grid = {"take": [0.1 * n for n in range(1, 9)], "stop": [0.05 * n for n in range(1, 9)]}
    strategy = as_strategy(strategies["conservative"])
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with (
        tempfile.TemporaryDirectory() as folder,
        distributed.LocalCluster(**options) as cluster,
        distributed.Client(cluster) as client,
    ):
        games = rl.load(synthetic(count, seed=1, method="statistical").save(f"{folder}/games.parquet"))
        executors = (None, client.get_executor())
        found = [sweep(strategy, games, each, held_out=0, **grid) for each in executors]  # compile
        assert found[0].sums == found[1].sums
        turns = [
            [
                seconds(lambda each=each: sweep(strategy, games, each, held_out=0, **grid), 1)
                for each in executors
            ]
            for _ in range(5)
        ]
        memory = max(client.run(resident_mb).values())
    threads, dask = map(statistics.median, zip(*turns, strict=True))
    text = (
        f"{dask:.2f} s, threads {threads:.2f} s: {dask / threads:.2f} x "
        f"({count:,} games of an archive, 64 cells; a worker has {memory:.0f} MB)"
    )
    return Row("11", "sweep on Dask / threads, warm", text, goal, dask <= 1.3 * threads)


def full_speed(wait_s: float = 10) -> Row:
    """Record a server that plays as fast as it can; beside it what each stage alone costs a message."""
    made = islice(SimulatedServer(seed=3), 3_000)
    simulated_us, events = cpu_us(lambda: list(made))
    encoded_us, texts = cpu_us(lambda: [encode(event, args)[1:] for _, event, args in events])
    with tempfile.TemporaryDirectory() as folder:
        alone = rl.LiveFeed("http://127.0.0.1:9")
        alone.record(folder)
        taken_us, _ = cpu_us(lambda: [alone.take_text(text, time.time_ns()) for text in texts])
        alone.record(None)
    with (
        tempfile.TemporaryDirectory() as folder,
        rl.GameServer(speed=float("inf"), seed=3) as server,
        rl.LiveFeed(server.url) as feed,
    ):
        feed.wait(state="live")
        feed.record(folder)
        before, messages = feed.games_finished, feed.health.messages
        begin, begin_cpu = time.perf_counter(), time.process_time()
        time.sleep(wait_s)
        taken_s, cpu_s = time.perf_counter() - begin, time.process_time() - begin_cpu
        rate, messages = (feed.games_finished - before) / taken_s, feed.health.messages - messages
        feed.record(None)
        lost = feed.metrics["recording lost [lines]"]
    text = (
        f"{rate:.1f} games/s, {messages / taken_s:.0f} messages/s, {lost} lines lost; "
        f"{cpu_s / messages * 1e6:.0f} us of CPU a message "
        f"(simulated {simulated_us:.0f}, encoded {encoded_us:.0f}, taken and recorded {taken_us:.0f}), "
        f"{cpu_s / taken_s:.0%} of a core"
    )
    return Row("F5", "GameServer(speed=inf) recorded", text, ">= 100 games/s", rate >= 100 and lost == 0)


def resident_mb() -> float:
    """Return the memory of this process, MB (Linux)."""
    with open("/proc/self/statm") as text:
        return int(text.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_us(work: Callable[[], list[Any]]) -> tuple[float, list[Any]]:
    """Return the CPU time per element of a list, us, and the list."""
    begin = time.process_time()
    made = work()
    return (time.process_time() - begin) / len(made) * 1e6, made


def measure() -> list[Row]:
    """Measure all of it."""
    return [trades_of_a_run(), on_dask(), tick_engine(), first_calls(), fall_back(), full_speed()]


def main() -> None:
    """Print the rows."""
    print(*measure(), sep="\n")


if __name__ == "__main__":
    main()
