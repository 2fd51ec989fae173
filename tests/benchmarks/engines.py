"""The engines, measured side by side: ticks per second, ratios, compile times.

Run: ``python -m tests.benchmarks.engines [synthetic games]``. The tick-by-tick engine is compared with
backtesting.py on the same prices where that package is installed; the compiled engine with a loop for the
same strategy written by hand.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from itertools import product
from typing import Any

import numba
import numpy as np

import rugs_lab as rl
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.batches import batches
from rugs_lab.trading.engine.compiled_engine import compile_strategy
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy_registry import as_strategy, strategies
from tests.support.strategies import STRATEGIES


def target(o: Any, take: float = 1.5, size: float = 0.01) -> Any:
    """Buy in presale, sell at the target."""
    if o.tick < 0:
        return rl.buy(size)
    return rl.sell() if o.units and o.price >= take else rl.hold()


def crossing(o: Any, low: float = 0.9, high: float = 1.2, size: float = 0.01) -> Any:
    """Buy below, sell above."""
    if o.units:
        return rl.sell() if o.price > high else rl.hold()
    return rl.buy(size) if o.price < low else rl.hold()


@numba.njit(nogil=True, cache=True)
def by_hand(flat: Any, offsets: Any, ends: Any, rugs: Any, take: float, amount: int, out: Any) -> None:
    """`target` as a loop: filled at tick 0, sold at the tick after the target."""
    for game in range(len(ends)):
        units = np.int64(np.floor(amount / flat[offsets[game]]))
        back = np.int64(np.rint(units * rugs[game]))
        for tick in range(ends[game] - 1):
            if flat[offsets[game] + tick] >= take:
                back = np.int64(np.rint(units * flat[offsets[game] + tick + 1]))
                break
        out[game] = back - amount


def seconds(work: Callable[[], Any], times: int = 3, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the least time of some runs; with `time.process_time` as clock, of CPU."""
    found = []
    for _ in range(times):
        begun = clock()
        work()
        found.append(clock() - begun)
    return min(found)


def tick_by_tick(games: Games) -> None:
    """Print ticks per second of CPU on the sample games."""
    ticks = int(play(crossing, games, engine="tick").ticks.sum())
    ours = ticks / seconds(lambda: play(crossing, games, engine="tick"), clock=time.process_time)
    print(f"tick by tick, {len(games)} sample games, {ticks:,} ticks: {ours:,.0f} ticks/s of CPU")
    if find_spec("backtesting") is None:
        print("  backtesting.py is not installed")
        return
    theirs = ticks / peer(games)
    print(f"  backtesting.py on the same prices: {theirs:,.0f} ticks/s; ratio {ours / theirs:.1f}")


def peer(games: Games) -> float:
    """Return s of CPU of backtesting.py for the same strategy, of each game of three ticks or more."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from backtesting import Backtest, Strategy

        class Crossing(Strategy):  # type: ignore[misc]
            def init(self) -> None: ...

            def next(self) -> None:
                price = self.data.Close[-1]
                if self.position:
                    if price > 1.2:
                        self.position.close()
                elif price < 0.9:
                    self.buy(size=0.01)

        frames = []
        for game in games:
            price = game.prices[~np.isnan(game.prices)]
            index = pd.date_range("2026-01-01", periods=len(price), freq="250ms")
            frames.append(pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), price), index=index))
        backtests = [
            Backtest(frame, Crossing, cash=1_000_000, finalize_trades=True)
            for frame in frames
            if len(frame) > 2
        ]
        return seconds(lambda: [each.run() for each in backtests], 2, time.process_time)


def compiled(count: int) -> None:
    """Print ticks per second per core, and the ratio to a loop by hand, prices made included."""
    held = rl.synthetic(20_000, seed=1, method="statistical")
    ticks = int(play(target, held, Options(carry=False)).ticks.sum())
    _ = held.prices, held.rug_ticks
    for strategy in (target, crossing):
        spent = seconds(lambda strategy=strategy: play(strategy, held, Options(carry=False), threads=1), 5)
        print(f"compiled, {strategy.__name__}, one core, prices held: {ticks / spent / 1e6:.1f} M ticks/s")
    for method in ("statistical", "exact"):
        options = Options(carry=False)

        def engine(method: str = method, options: Options = options) -> Any:
            return play(target, rl.synthetic(count, seed=2, method=method, threads=1), options, threads=1)

        def hand(method: str = method) -> Any:
            profits = []
            for batch in batches(rl.synthetic(count, seed=2, method=method, threads=1), count):
                out = np.empty(len(batch), np.int64)
                columns = (batch.flat, batch.offsets, batch.ends, np.nan_to_num(batch.rug_prices))
                by_hand(*columns, 1.5, 10_000_000, out)
                profits.append(out)
            return np.concatenate(profits)

        same = np.array_equal(engine().profit, hand())
        ours, theirs = seconds(engine, 1), seconds(hand, 1)
        print(
            f"{count:,} {method} games from seed to result, one core: engine {ours:.2f} s, loop by hand "
            f"{theirs:.2f} s, ratio {ours / theirs:.2f}, profits equal: {same}"
        )


def agreement(count: int) -> None:
    """Print for how many games both engines give the same figures."""
    chosen = {"synthetic": rl.synthetic(count, seed=10), "sample": rl.sample()}
    for strategy, (of, games) in product(
        (*map(as_strategy, STRATEGIES), *strategies.values()), chosen.items()
    ):
        for carry in (True, False):
            options = Options(carry=carry, cash_sol=10.0)
            one, two = (play(strategy, games, options, engine=engine) for engine in ("tick", "auto"))
            same = int((one.values == two.values).all(axis=1).sum())
            kind = "one session" if carry else "independent"
            print(f"agreement, {strategy.name}, {kind}: {same:,} of {len(games):,} {of} games ({two.engine})")


def compile_times() -> None:
    """Print the time until a strategy has been compiled, first and again."""
    text = "def fresh(o, level={0}):\n    return rl.buy(0.01) if o.price < level and not o.units else None\n"
    names: dict[str, Any] = {"rl": rl}
    exec(text.format(0.5), names)
    first = seconds(lambda: compile_strategy(as_strategy(names["fresh"])), 1)
    again: dict[str, Any] = {"rl": rl}
    exec(text.format(0.7), again)
    print(f"compile: first call {first:.2f} s, same text again {compile_again(again['fresh']) * 1e3:.2f} ms")


def compile_again(strategy: Any) -> float:
    """Return seconds to find a compiled strategy."""
    return seconds(lambda: compile_strategy(as_strategy(strategy)), 1)


def main() -> None:
    """Print all figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    begun = time.perf_counter()
    compile_strategy(as_strategy(target))
    print(f"compile: first strategy of the process, numba loaded: {time.perf_counter() - begun:.2f} s")
    compile_times()
    agreement(10_000)
    tick_by_tick(rl.sample())
    compiled(count)


if __name__ == "__main__":
    main()
