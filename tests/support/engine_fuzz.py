"""``python -m tests.support.engine_fuzz``: random strategies on hostile games, played by both engines.

A strategy is random source text over what an observation holds: arithmetic of whole numbers, floats and truth
values, slices, functions of numpy, ``math`` and Python (some never compiled), branches and loops.
Every expression ends in the size of an order with nearly all of its bits. The compiled engine must give
every figure of the tick-by-tick engine, or leave the strategy to it. Everything follows from the seed.
"""

from __future__ import annotations

import argparse
import linecache
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import rugs_lab as rl
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.compilable import NotCompilable
from rugs_lab.trading.engine.compiled_engine import Fallback, play_compiled
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import Strategy
from tests.support.strategies import games_of

FLOATS = [
    "o.price",
    "o.cash",
    "o.equity",
    "o.units",
    "o.average_cost",
    "o.unrealised",
    "o.bet_stake",
    "k",
    "0.5",
    "1.0",
    "-2.25",
    "1e-3",
    "3e8",
]
WHOLES = [
    "o.tick",
    "o.entry_tick",
    "o.bet_ticks_left",
    "o.win_streak",
    "o.loss_streak",
    "o.bet_loss_streak",
    "len(o.prices)",
    "n",
    "0",
    "1",
    "2",
    "7",
    "-3",
    "1000003",
    "2**31",
    "2**53",
    "6364136223846793005",
    "len(o.peaks)",
    "o.prices.argmax()",
    "int(o.price*1e9)",
    "o.lengths.sum()",
]
ARRAYS = [
    "o.prices",
    "o.prices[-n:]",
    "o.prices[1:]",
    "o.prices[::2]",
    "o.prices[-7:-1]",
    "o.peaks",
    "o.prices[o.prices>1]",
    "o.prices[:n]",
]
BINARY = ["+", "-", "*", "/", "//", "%", "**"]
COMPARE = ["<", "<=", ">", ">=", "==", "!="]
OF_FLOAT = [
    "abs({0})",
    "round({0},2)",
    "round({0},n)",
    "float(round({0}))",
    "np.log({0})",
    "np.exp({0})",
    "np.sqrt({0})",
    "math.sqrt({0})",
    "math.log({0})",
    "math.exp({0})",
    "np.log1p({0})",
    "np.tanh({0})",
    "np.sin({0})",
    "max({0},{1})",
    "min({0},{1})",
    "np.maximum({0},{1})",
    "np.minimum({0},{1})",
    "np.where({2},{0},{1})",
    "({0} if {2} else {1})",
    "float({3})",
    "-{0}",
    "np.floor({0})",
    "np.rint({0})",
    "np.sign({0})",
    "math.copysign({0},{1})",
    "max({3},{0})",
    "({3} if {2} else {0})",
    "np.trunc({0})",
    "math.fabs({0})",
    "abs({0})**0.5",
    "math.pow(abs({0}),0.3)",
    "np.exp2({0})",
    "math.tanh({0})",
    "np.float32({0})",
    "math.gamma({0})",
    "helper({0},{3})",
    "pair[0]",
    "np.cbrt({0})",
    "np.clip({0},0.5,2.0)",
]
OF_ARRAY = [
    "{0}.sum()",
    "{0}.mean()",
    "{0}.std()",
    "{0}.var()",
    "{0}.max()",
    "{0}.min()",
    "np.max({0})",
    "np.nanmax({0})",
    "np.nanmin({0})",
    "np.median({0})",
    "np.quantile({0},0.3)",
    "np.percentile({0},90)",
    "{0}[-1]",
    "{0}[0]",
    "{0}[n]",
    "{0}[-n]",
    "o.prices[-n]",
    "np.diff({0}).sum()",
    "np.log({0}).mean()",
    "np.cumsum({0})[-1]",
    "np.maximum.accumulate({0})[-1]",
    "sum({0})",
    "np.sort({0})[n]",
    "({0}*2.0-1.0).std()",
    "np.sum({0}>1.0)/(len({0})+1)",
    "np.where({0}>1.0,{0},0.5).mean()",
    "np.exp(-{0}).sum()",
    "np.abs({0}-1.0).max()",
    "np.histogram({0})[0][0]",
    "np.average({0})",
    "np.prod({0})",
    "np.concatenate(({0},o.prices)).mean()",
    "o.peaks[-1]",
    "np.ones(3).sum()",
    "np.full(2,{0}[0]).sum()",
    "np.maximum({0},1.0).sum()",
    "np.nanmedian({0})",
    "np.std({0},ddof=1)",
]
OF_WHOLE = [
    "{0}+{1}",
    "{0}-{1}",
    "{0}*{1}",
    "{0}//{1}",
    "{0}%{1}",
    "{0}&{1}",
    "{0}",
    "{0}^{1}",
    "{0}<<({1}%9)",
    "{0}<<{1}",
    "{0}>>({1}%70)",
    "-{0}",
    "~{0}",
    "abs({0})",
    "max({0},{1})",
    "min({0},{1})",
    "({0} if {2} else {1})",
    "int({3})",
    "round({3})",
    "math.floor({3})",
    "math.ceil({3})",
    "np.argmax({4})",
    "np.argmin({4})",
    "np.count_nonzero({4}>1.0)",
    "{4}.size",
    "{0}**2",
    "{0}**{1}",
    "np.int32({0})",
    "np.uint8({0})",
    "np.flatnonzero({4}>1.0).size",
    "np.int64({0})",
    "int(np.trunc({3}))",
    "helper_whole({0},{1})",
    "{0}*3+({2})",
    "pair[1]",
]
OF_TRUTH = [
    "{0}<{1}",
    "{0}>={1}",
    "{2}=={3}",
    "{0}=={2}",
    "{2}!={3}",
    "{4} and {5}",
    "{4} or {5}",
    "not {4}",
    "o.bet_open",
    "np.isnan({0})",
    "math.isfinite({0})",
    "any({6}>1.0)",
    "all({6}>0.5)",
    "({6}>2.0).any()",
    "np.all({6}<3.0)",
    "word=='up'",
    "{4}&{5}",
    "{4}",
    "{4}^{5}",
    "0.5<{0}<2.0",
    "np.isfinite({0})",
    "bool({2})",
    "{4}+{5}",
    "any(p>1 for p in {6})",
    "{0} in (1.0,2.0)",
]


class Source:
    """Random expressions."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def number(self, depth: int) -> str:
        chance = self.chance
        if depth <= 0:
            return chance.choice(FLOATS)
        kind = chance.random()
        if kind < 0.3:
            return f"({self.number(depth - 1)}{chance.choice(BINARY)}{self.number(depth - 1)})"
        if kind < 0.65:
            return self._fill(OF_ARRAY, [self.array()])
        return self._fill(
            OF_FLOAT,
            [self.number(depth - 1), self.number(depth - 1), self.truth(depth - 1), self.whole(depth - 1)],
        )

    def whole(self, depth: int) -> str:
        if depth <= 0:
            return self.chance.choice(WHOLES)
        w = [self.whole(depth - 1), self.whole(depth - 1), self.truth(depth - 1), self.number(depth - 1)]
        return self._fill(OF_WHOLE, [*w, self.array()])

    def truth(self, depth: int) -> str:
        if depth <= 0:
            return f"({self.chance.choice(FLOATS)}{self.chance.choice(COMPARE)}{self.chance.choice(FLOATS)})"
        n = [self.number(depth - 1), self.number(depth - 1), self.whole(depth - 1), self.whole(depth - 1)]
        return self._fill(OF_TRUTH, [*n, self.truth(depth - 1), self.truth(depth - 1), self.array()])

    def array(self) -> str:
        return self.chance.choice(ARRAYS)

    def _fill(self, forms: Sequence[str], parts: Sequence[str]) -> str:
        return "(" + self.chance.choice(forms).format(*parts) + ")"

    def strategy(self) -> str:
        """Return the text of a strategy: some statements, and an order whose size shows their bits."""
        chance = self.chance
        lines = ["def strategy(o, n=3, k=0.7, word='up', pair=(0.25, 4)):"]
        names = []
        if chance.random() < 0.7:
            lines += ["    if o.tick < 6:", "        return buy(0.01) if o.tick == 2 else None"]
        for place in range(chance.randint(1, 4)):
            name = f"x{place}"
            kind = chance.random()
            value = self.number(2) if chance.random() < 0.6 else self.whole(2)
            if kind < 0.5:
                lines.append(f"    {name} = {value}")
            elif kind < 0.7:
                lines += [
                    f"    {name} = {self.whole(0)}",
                    f"    if {self.truth(2)}:",
                    f"        {name} = {value}",
                ]
            elif kind < 0.85:
                lines += [
                    f"    {name} = {chance.choice(['0', '0.0', '1'])}",
                    f"    for p in {self.array()}:",
                    f"        {name} {chance.choice(['+=', '-=', '*='])} p",
                ]
            else:
                lines += [
                    f"    {name} = {self.whole(1)}",
                    f"    for i in range({chance.randint(1, 4)}):",
                    f"        {name} = {name} {chance.choice(['*', '+', '^', '%'])} {self.whole(1)}",
                ]
            names.append(name)
        bits = " + ".join(f"np.sin({name} * 1.0)" for name in names)
        lines += [
            f"    mixed = ({bits}) * 1073741824.0",
            "    part = mixed - np.floor(mixed)",
            f"    if {self.truth(1)}:",
            "        return buy(0.001 + 0.01 * part)",
            "    if o.units > 0 and o.tick % 3 == 0:",
            "        return sell(0.1 + 0.8 * part), sidebet(0.001 + 0.002 * part)",
            "    return buy(0.001 + part * 0.001) if o.tick % 4 == 1 else None",
        ]
        return "\n".join(lines) + "\n"


def helper(x: float, y: int) -> float:
    """A function that strategies call."""
    return x * 0.5 if y > 3 else y


def helper_whole(x: int, y: int) -> int:
    """One that makes whole numbers."""
    return x * x + y


def strategy_of(text: str, name: str) -> Strategy:
    """Return the strategy of a text, whose lines a message can show."""
    scope: dict[str, Any] = {
        "np": np,
        "math": __import__("math"),
        "helper": helper,
        "helper_whole": helper_whole,
        "buy": rl.buy,
        "sell": rl.sell,
        "sidebet": rl.sidebet,
    }
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    exec(compile(text, name, "exec"), scope)
    return Strategy(scope["strategy"])


def hostile_games(seed: int) -> Games:
    """Return games with gaps, extremes, repeated prices, of no length and of great length."""
    rng = np.random.default_rng(seed)
    paths = []
    for kind, length in enumerate([0, 1, 2, 3, 9, 40, 60, 60, 150, 300, 700]):
        path = np.exp(np.cumsum(rng.normal(0, 0.1, length)))
        if length:
            path[0] = 1.0
        if kind % 3 == 1:
            path[rng.random(length) < 0.2] = np.nan
        if kind == 6:
            path = rng.choice([1e-9, 1e-4, 1.0, 1.0, 1e5, 1e12], length)
        if kind == 7:
            path = np.round(path, 2) + 0.005
        paths.append([*path.tolist(), 0.02])
    return games_of(*paths, rugs=[None if n in (4, 8) else len(path) - 1 for n, path in enumerate(paths)])


@dataclass
class Outcome:
    """What came of the strategies tried."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, str, str]] = field(default_factory=list)


def try_one(seed: int, outcome: Outcome) -> None:
    """Play the strategy of a seed by both engines."""
    text = Source(seed).strategy()
    strategy, games = strategy_of(text, f"<fuzz {seed}>"), hostile_games(seed)
    options = Options(carry=bool(seed % 2), cash_sol=5.0, latency=1 + seed % 2)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for place in range(len(games)):  # by themselves, so that one that raises does not hide the others
            some = games[max(0, place - 1) : place + 1]
            try:
                found = play_compiled(strategy, some, options)
            except NotCompilable as reason:
                outcome.counts["strategies not compiled"] += 1
                outcome.counts[f"  {str(reason).split(': ', 1)[-1][:60]}"] += 1
                return
            except Fallback:
                outcome.counts["games left to the tick engine"] += 1
                continue
            outcome.counts["games compared"] += 1
            outcome.counts["orders compared"] += int(found.buys.sum() + found.trades.sum() + found.bets.sum())
            problem = "the figures differ"
            try:
                expected = play_ticks(strategy, some, options)
                if np.array_equal(found.values, expected.values):
                    continue
            except Exception as error:
                problem = f"only tick by tick it raises {type(error).__name__}: {error}"
            outcome.wrong.append((seed, f"game {place}: {problem}", text))
            break
    outcome.counts["strategies compiled"] += 1


def run(*, minutes: float, seed: int, only: int | None = None, most: int | None = None) -> Outcome:
    """Try strategies for so long, from `seed` on; or `only` that of one seed."""
    outcome, until = Outcome(), time.monotonic() + 60 * minutes
    place = seed if only is None else only
    while True:
        try_one(place, outcome)
        place += 1
        if only is not None or time.monotonic() > until or len(outcome.wrong) >= 10 or place - seed == most:
            return outcome


def main(argv: Sequence[str] | None = None) -> int:
    """Read the arguments, try strategies, and return 1 when the engines differed."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.engine_fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="of the first strategy (default: 1)")
    parser.add_argument("--only", type=int, metavar="N", help="the strategy of one seed again, with its text")
    given = parser.parse_args(argv)
    outcome = run(**vars(given))
    for name, count in outcome.counts.most_common():
        print(f"{count:6d}  {name}")
    for number, problem, text in outcome.wrong:
        print(f"strategy {number}: {problem}\n{text}  again: --only {number}\n")
    if given.only is not None:
        print(Source(given.only).strategy())
    print(f"{len(outcome.wrong)} strategies on which the engines differ")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
