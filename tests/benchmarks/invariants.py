"""What must hold of any strategy on a million games: side bets, the drift of the price, and chance itself.

Run: ``python -m tests.benchmarks.invariants [games]``.

1. A side bet is worth -9.16 % of its stake at every entry tick.
2. No strategy that stops by the prices so far gains beyond the drift: what it makes in a game, less the sum
of
   units held times the expected step of the price (PROTOCOL section 7), is zero on average. The profit is
   computed twice, by the engine and by a plain loop here, and must agree to the last lamport.
3. A random strategy differs from its own expectation at the 5 % level about 5 % of the time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numba
import numpy as np
from scipy import stats

from rugs_lab.estimates.estimate import Moments, share
from rugs_lab.game.money import BILLION
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.backtest.run_stats import EXPECTED_HIT_RATE
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy, strategy
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.trading.sweep.sweep import sweep
from rugs_lab.trading.sweep.sweep_tasks import Sums, sums_of
from tests.support.drift import expected_price

SEED = 20_261_124
ENTRY_TICKS = (0, 1, 2, 5, 10, 20, 40, 69, 100, 150, 200, 300, 500, 800)
ALONE = Options(cash_sol=10.0, carry=False)
BATCH = 50_000


@strategy
def bet_at(o, at=0, stake=0.01):
    """Place one side bet, at tick `at`."""
    if o.tick == at - 1:
        return sidebet(stake)
    return hold()


@strategy(presale=False)
def for_ticks(o, a=50.0, b=0.0, size=0.1):
    """Buy at once and sell after so many ticks."""
    if o.units <= 0.0:
        return buy(size) if o.tick == 0 else hold()
    return sell() if o.tick >= a else hold()


@strategy(presale=False)
def bracket(o, a=2.0, b=0.0, size=0.1):
    """Buy at once and sell at a multiple of the cost, or below a share of it."""
    if o.units <= 0.0:
        return buy(size) if o.tick == 0 else hold()
    return sell() if o.price >= a * o.average_cost or o.price <= b * o.average_cost else hold()


@strategy(presale=False)
def trailing(o, a=0.85, b=0.0, size=0.1):
    """Buy at once and sell below a share of the highest price since."""
    if o.units <= 0.0:
        return buy(size) if o.tick == 0 else hold()
    high = 0.0
    for tick in range(o.entry_tick, o.tick + 1):
        high = max(high, o.prices[tick])
    return sell() if o.price < a * high else hold()


STOPPING: tuple[tuple[str, int, Strategy], ...] = (
    ("20 ticks", 0, for_ticks.with_(a=20.0)),
    ("100 ticks", 0, for_ticks.with_(a=100.0)),
    ("until 1.2x", 1, bracket.with_(a=1.2)),
    ("until 2x", 1, bracket.with_(a=2.0)),
    ("until 10x", 1, bracket.with_(a=10.0)),
    ("+20 % or -15 %", 1, bracket.with_(a=1.2, b=0.85)),
    ("trailing stop 15 %", 2, trailing.with_(a=0.85)),
    ("trailing stop 25 %", 2, trailing.with_(a=0.75)),
)
OTHERS: tuple[tuple[str, Strategy], ...] = (
    *((name, strategy) for name, strategy in strategies.items() if name != "foundational"),
    ("random, always in", strategies["random"].with_(enter=1.0, leave=0.0)),
)


def pieces(games: Games) -> Iterator[Games]:
    """Yield the games some ten thousand at a time, their prices in memory."""
    for begin in range(0, len(games), BATCH):
        some = games[begin : begin + BATCH]
        yield Games.from_arrays(some.ids, some.prices, some.offsets, rug_ticks=some.rug_ticks)


@numba.njit(nogil=True)
def by_hand(prices, offsets, kind, a, b, stake, profit, drift):
    """Buy at tick 1 and stop by a strategy; fill profit (lamports) and the sum of the expected steps held.

    A second, plain way to the profit, which has to agree with the engine to the last lamport.
    """
    for game in range(len(offsets) - 1):
        first, rug = offsets[game], offsets[game + 1] - offsets[game] - 1
        profit[game] = 0
        drift[game] = 0.0
        if rug <= 1:
            continue
        units = np.int64(np.floor(stake / prices[first + 1]))
        cost = stake / units
        low = min(1.0, prices[first + 1])
        high = 0.0
        leave = False
        for tick in range(1, rug + 1):
            price = prices[first + tick]
            if leave or tick == rug:
                profit[game] = np.int64(np.rint(units * price)) - stake
                break
            low = min(low, price)
            high = max(high, price)
            god = 1e-5 if price <= 100 else 0.0
            on = price * (god * 10 + (1 - god) * 1.004375)
            drift[game] += units * (0.995 * on + 0.005 * (1 - 0.98) * low - price)
            if kind == 0:
                leave = tick >= a
            elif kind == 1:
                leave = price >= a * cost or price <= b * cost
            else:
                leave = price < a * high


def side_bets(games: int, ticks: tuple[int, ...] = ENTRY_TICKS) -> bool:
    """Print the value of a side bet at each entry tick."""
    expected = f"{EXPECTED_HIT_RATE:.4%}, {5 * EXPECTED_HIT_RATE - 1:.2%}"
    print(f"\nside bet by entry tick, {games:,} games; expected {expected}")
    print(f"{'tick':>6}{'bets':>11}{'hit rate':>11}{'95 % interval':>24}{'profit/stake':>14}{'z':>8}")
    good = True
    found = sweep(bet_at, synthetic(games, seed=SEED, method="statistical"), held_out=0, at=list(ticks))
    for tick, sums in zip(ticks, found.sums, strict=True):
        hit = share(sums.bets_won, sums.bets)
        z = (hit.value - EXPECTED_HIT_RATE) / (EXPECTED_HIT_RATE * (1 - EXPECTED_HIT_RATE) / sums.bets) ** 0.5
        good &= abs(z) < 4
        span = f"[{hit.low:.4%}, {hit.high:.4%}]"
        print(f"{tick:6}{sums.bets:11,}{hit.value:11.4%}{span:>24}{5 * hit.value - 1:14.2%}{z:8.2f}")
    return good


def stopping(games: int, chosen: tuple[tuple[str, int, Strategy], ...] = STOPPING) -> bool:
    """Print what stopping strategies make, what the drift says, and the difference."""
    print(
        f"\nstopping strategies against the drift, {games:,} games, 0.1 SOL bought at tick 1; mSOL per game"
    )
    print(f"{'stop':22}{'profit':>10}{'drift':>10}{'difference':>12}{'s.e.':>9}{'z':>7}")
    every = synthetic(games, seed=SEED, method="statistical")
    sums = {name: np.zeros(3) for name, _, _ in chosen}
    stake = BILLION // 10
    for some in pieces(every):
        profit, drift = np.empty(len(some), np.int64), np.empty(len(some))
        for name, kind, chosen_one in chosen:
            a, b, _ = chosen_one.parameters.values()
            by_hand(some.prices, some.offsets, kind, a, b, stake, profit, drift)
            results = play(chosen_one, some, ALONE)
            assert results.engine == "compiled"
            assert (results.profit == profit).all(), name
            difference = profit - drift
            sums[name] += [profit.sum(), drift.sum(), (difference**2).sum()]
    good = True
    for name, (profit, drift, squares) in sums.items():
        mean = (profit - drift) / games
        error = (squares / games - mean**2) ** 0.5 / games**0.5
        good &= bool(abs(mean) < 4 * error)
        unit = games * BILLION / 1000
        print(
            f"{name:22}{profit / unit:10.4f}{drift / unit:10.4f}{mean * games / unit:12.4f}"
            f"{error * games / unit:9.4f}{mean / error:7.2f}"
        )
    step = expected_price(1.0, 1.0) - 1
    above = expected_price(1.0, 0.0) - 1
    print(f"expected step of the price: {step:.4%} at 1.0 and lowest, {above:.4%} far above the lowest")
    return good


def others(games: int) -> bool:
    """Print what the built-in strategies make: nothing above zero."""
    print(f"\nbuilt-in strategies, {games:,} games, each begun with 10 SOL; mSOL per game")
    print(f"{'strategy':22}{'profit':>10}{'95 % interval':>24}{'z':>9}{'exposure':>10}")
    every = synthetic(games, seed=SEED, method="statistical")
    sums = {name: Sums() for name, _ in OTHERS}
    for some in pieces(every):
        for name, other in OTHERS:
            sums[name] = sums[name].plus(sums_of(play(other, some, ALONE)))
    good = True
    for name, each in sums.items():
        mean = each.mean_sol().scaled(1000)
        good &= mean.value < 4 * mean.error
        span, exposure = f"[{mean.low:.4f}, {mean.high:.4f}]", each.ticks_held / each.ticks
        print(f"{name:22}{mean.value:10.4f}{span:>24}{mean.value / mean.error:9.2f}{exposure:10.1%}")
    return good


def chance(games: int, sets: int) -> bool:
    """Print how often a random strategy differs from its expectation at the 5 % level."""
    each = games // sets
    strategy = strategies["random"].with_(enter=0.05, leave=0.05, size=0.1)
    every = synthetic(games, seed=SEED + 1, method="statistical")
    results = np.concatenate([play(strategy, some, ALONE).profit for some in pieces(every)])
    centre = Moments.of(results).mean().value
    means = [Moments.of(results[at : at + each]).mean() for at in range(0, each * sets, each)]
    hits = sum(not mean.low <= centre <= mean.high for mean in means)
    found = share(hits, sets)
    test = stats.binomtest(hits, sets, 0.05)
    print(f"\nrandom strategy, {sets:,} sets of {each:,} games: outside of its 95 % interval {hits} times")
    print(f"  {found.value:.2%}, 95 % interval [{found.low:.2%}, {found.high:.2%}], p = {test.pvalue:.3f}")
    return bool(test.pvalue > 1e-3)


def main() -> None:
    """Print the three tables; exit with 1 if something does not hold."""
    games = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    good = True
    for name, made in (
        ("side bets", lambda: side_bets(games)),
        ("drift", lambda: stopping(games)),
        ("nothing gains", lambda: others(games)),
        ("chance", lambda: chance(games, 1000)),
    ):
        begin = time.perf_counter()
        held = made()
        good &= held
        print(f"{name}: {'holds' if held else 'DOES NOT HOLD'} ({time.perf_counter() - begin:.1f} s)")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
