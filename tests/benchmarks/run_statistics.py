"""Do the statistics hold? Coverage of intervals, false flags, and ruin, for six strategies that find nothing.

Run: ``python -m tests.benchmarks.run_statistics [batches]``; 400 batches take some minutes.

1. Coverage: how often the 95 % interval of the profit per game holds the true mean, for runs of 10, 30, 100
   and 1,000 games: by the price process (`run.stats`), by the games alone (sweeps, paper money by hand; how
   often there is none in brackets), and by Student's interval, as version 0.1 had it.
2. Flags: how often a run of 1,000 and of 20,000 games is said to be above or below random strategies of equal
   risk, where nothing can be found: 5 % by design.
3. Ruin within 100 games against a plain loop of its own.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
from scipy import stats

from rugs_lab.estimates.estimate import mean_sol_of
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.backtest.by_process import bankroll, simulated
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy, strategy

SIZES = (10, 30, 100, 1000)
OPTIONS = Options(cash_sol=1000.0, carry=False)
SEED = 77


@strategy
def bet(o, size=0.01):
    """One side bet in presale."""
    return sidebet(size) if o.tick < 0 else hold()


@strategy
def until(o, target=2.0, size=0.01):
    """Buy in presale, sell at a price."""
    if o.tick < 0:
        return buy(size)
    return sell() if o.units > 0.0 and o.price >= target else hold()


@strategy
def ten_ticks(o, size=0.01):
    """Buy in presale, sell after ten ticks."""
    if o.tick < 0:
        return buy(size)
    return sell() if o.units > 0.0 and o.tick >= 10 else hold()


SIX: dict[str, Strategy] = {
    "bet": bet,
    "until 2x": until,
    "until 10x": until.with_(target=10.0),
    "until 50x": until.with_(target=50.0),
    "ten ticks": ten_ticks,
    "never sell": until.with_(target=1e12),
}


def played(name: str, games: int, seed: int = SEED) -> GameResults:
    """Play one of the six over games of its own."""
    return play(SIX[name], synthetic(games, seed=seed, method="statistical"), OPTIONS)


def batches(results: GameResults, size: int) -> list[GameResults]:
    """Cut a long run into runs of so many games."""
    return [
        replace(results, game_ids=results.game_ids[at : at + size], values=results.values[at : at + size])
        for at in range(0, len(results) - size + 1, size)
    ]


def coverage(name: str, results: GameResults, truth: float, size: int) -> tuple[float, float, float, float]:
    """Return how often the intervals hold the truth: process, games alone, share without one, Student."""
    simulation = simulated(SIX[name], results)
    hits = []
    for part in batches(results, size):
        process, alone = simulation.mean_sol(part), mean_sol_of(part.profit)
        with np.errstate(all="ignore"):
            sol = part.profit / 1e9
            low, high = stats.t.interval(0.95, size - 1, sol.mean(), stats.sem(sol) or 1e-300)
        none = alone.low != alone.low
        hits.append(
            (
                process.low <= truth <= process.high,
                np.nan if none else alone.low <= truth <= alone.high,
                none,
                low <= truth <= high,
            )
        )
    table = np.array(hits, float)
    with np.errstate(all="ignore"):
        held = float(np.nanmean(table[:, 1])) if not np.isnan(table[:, 1]).all() else float("nan")
    return float(table[:, 0].mean()), held, float(table[:, 2].mean()), float(table[:, 3].mean())


def flags(name: str, results: GameResults, size: int) -> tuple[float, float]:
    """Return how often runs of so many games are said to gain and to lose."""
    simulation = simulated(SIX[name], results)
    found = [simulation.excess_sol(part).verdict for part in batches(results, size)]
    return found.count("gains") / len(found), found.count("loses") / len(found)


def ruin_by_hand(name: str, stake: float, cash: float, sessions: int = 20_000) -> float:
    """Return the share of sessions of 100 games that cannot place the stake any more: a plain loop."""
    games = synthetic(100_000, seed=SEED + 1, method="statistical")
    target = {"until 2x": 2.0, "until 10x": 10.0, "until 50x": 50.0}.get(name, np.inf)
    gain = np.empty(len(games))
    prices, offsets = games.prices, games.offsets
    for n in range(len(games)):
        path = prices[offsets[n] : offsets[n + 1]]
        rug = len(path) - 1
        if name == "bet":
            gain[n] = 4.0 if rug <= 40 else -1.0
            continue
        above = np.flatnonzero(path[:rug] >= target)
        decided = 10 if name == "ten ticks" else above[0] if len(above) else rug
        gain[n] = path[min(decided + 1, rug)] - 1.0
    drawn = gain[np.random.default_rng(SEED).integers(0, len(gain), (sessions, 100))]
    left, alive = np.full(sessions, cash), np.full(sessions, True)
    for game in range(100):
        alive &= left >= stake - 1e-9
        left += np.where(alive, stake * drawn[:, game], 0.0)
    return float((left < stake - 1e-9).mean())


def main() -> None:
    """Print the three tables."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    began = time.monotonic()
    truths = {name: played(name, 1_000_000, SEED + 2).profit.mean() / 1e9 for name in SIX}
    print("coverage of the 95 % interval of the profit per game [%]: process | games alone (none) | Student")
    for name in SIX:
        cells = []
        for size in SIZES:
            some = played(name, count * size)
            process, alone, none, student = coverage(name, some, truths[name], size)
            cells.append(
                f"n={size}: {100 * process:.1f} | {100 * alone:.1f} ({100 * none:.0f}) | {100 * student:.1f}"
            )
        print(f"  {name:<10} {truths[name]:+.6f} SOL  {'   '.join(cells)}", flush=True)
    print("flags where nothing can be found [%]: gains + loses")
    for name in SIX:
        cells = []
        for size in (1000, 20_000):
            gains, loses = flags(
                name, played(name, (count if size < 10_000 else count // 2) * size, SEED + 3), size
            )
            cells.append(f"n={size}: {100 * gains:.1f} + {100 * loses:.1f} = {100 * (gains + loses):.1f}")
        print(f"  {name:<10} {'   '.join(cells)}", flush=True)
    # Until 50x by hand, of five pools of games: 92.3 to 92.8. The one seed of `bankroll` gives 93.0 to 95.9,
    # which misses it; two others that were tried, 91.1 to 94.4 and 90.4 to 93.8, hold it.
    print("ruin within 100 games, stake 0.05, cash 0.5 [%]: by hand | run.stats (95 % interval)")
    for name in SIX:
        found = bankroll(SIX[name].with_(size=0.05), synthetic(10, seed=1), Options(cash_sol=0.5)).ruin
        by_hand = 100 * ruin_by_hand(name, 0.05, 0.5)
        interval = f"{100 * found.low:.1f} to {100 * found.high:.1f}"
        print(f"  {name:<10} {by_hand:.1f} | {100 * found.value:.1f} ({interval})", flush=True)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
