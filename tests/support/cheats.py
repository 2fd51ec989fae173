"""A zoo for `rl.check`: strategies that see the future or change the ledger, and honest ones.

``python -m tests.support.cheats`` prints for each what the check says, and how small a leak it could see.
"""

from __future__ import annotations

import base64
import inspect
import pickle
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

import rugs_lab as rl
from rugs_lab.game.money import Position
from rugs_lab.trading.account import account as account_module
from rugs_lab.trading.account import account as fills
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.holdings import Holdings
from tests.support import strategies as some

GAMES = rl.sample()[:90]
SAMPLE = {game.id: game for game in GAMES}
RUGS = {game.id: game.rug_tick or 0 for game in GAMES}
PATHS = {game.id: game.prices for game in GAMES}
TICKS = GAMES.ticks


def within(o, rug, bet=0.001):
    """Bet when the rug is near."""
    return rl.sidebet(bet) if o.tick < rug <= o.tick + 40 and not o.bet_open else None


class Named:
    """Knows the id of the game that is played."""

    presale = False

    def begin_game(self, game_id):
        self.game = game_id


class BetsById(Named):
    def __call__(self, o):
        return within(o, RUGS.get(self.game, 0))


class SkipsHalfOfTheLosers(Named):
    def __call__(self, o):
        loses = RUGS.get(self.game, 0) > o.tick + 41
        if o.bet_open or (loses and o.tick % 2):
            return None
        return rl.sidebet(0.001)


class SellsBeforeTheRug(Named):
    def __call__(self, o):
        if o.tick == RUGS.get(self.game, 10**9) - 2:
            return rl.sell()
        return rl.buy(0.01) if not o.units else None


class HashedIds(Named):
    known: ClassVar = {hash(name): rug for name, rug in RUGS.items()}

    def __call__(self, o):
        return within(o, self.known.get(hash(self.game), 0))


class ReadsTheSample(Named):
    def __call__(self, o):
        return within(o, SAMPLE[self.game].rug_tick or 0) if self.game in SAMPLE else None


class OnlyGoodGames(Named):
    good: ClassVar = {game.id for game in GAMES if game.peak > 2}

    def __call__(self, o):
        if o.units:
            return rl.sell() if o.price > 1.9 else None
        return rl.buy(0.01) if self.game in self.good and o.price < 1.2 else None


class Told:
    def begin_run(self, games):
        self.games = games

    def begin_game(self, game_id):
        self.prices = self.games[game_id].prices

    def __call__(self, o):
        return rl.buy(0.01) if o.tick + 2 < len(self.prices) and self.prices[o.tick + 2] > 1.5 else rl.sell()


class TotalOfTheRun:
    def begin_run(self, games):
        self.mean = float(np.nanmean(games.prices))

    def __call__(self, o):
        return rl.buy(0.01) if o.price < self.mean else rl.sell()


class LengthsOfTheRun:
    def begin_run(self, games):
        self.ends = dict(zip(games.ids.tolist(), games.rug_ticks.tolist(), strict=True))

    def begin_game(self, game_id):
        self.end = self.ends[game_id]

    def __call__(self, o):
        return within(o, self.end)


class Learner:
    lengths: ClassVar[dict[tuple[float, ...], int]] = {}

    def __call__(self, o):
        if o.tick < 2:
            return None
        key = tuple(o.prices[:3].tolist())
        known = self.lengths.get(key, 0)
        self.lengths[key] = max(known, o.tick)
        return rl.sidebet(0.001) if known and o.tick > known - 30 else None


class Keyed:
    presale = False

    def __init__(self):
        self.rugs = {round(float(game.prices[5]), 6): game.rug_tick or 0 for game in GAMES if len(game) > 6}

    def __call__(self, o):
        return within(o, self.rugs.get(round(float(o.prices[5]), 6), 0)) if o.tick >= 6 else None


def closure_by_first_prices():
    futures = {tuple(path[:3].tolist()): path for path in PATHS.values()}

    def cheat(o):
        path = futures.get(tuple(o.prices[:3].tolist()))
        if path is None or o.tick + 2 >= len(path):
            return None
        return rl.buy(0.01) if path[o.tick + 2] > path[o.tick + 1] else rl.sell()

    return cheat


def closure_over_games():
    games = list(GAMES[:5])

    def cheat(o):
        now = [game for game in games if len(game) > o.tick + 2 and game.prices[o.tick] == o.price]
        return rl.sidebet(0.01) if now and (now[0].rug_tick or 0) < o.tick + 30 else None

    return cheat


FUTURE = np.array(GAMES[0].prices)


def global_array():
    def cheat(o):
        return rl.buy(0.01) if 0 <= o.tick < len(FUTURE) - 2 and FUTURE[o.tick + 2] > o.price else None

    return cheat


def global_list():
    path = GAMES[1].prices.tolist()

    def cheat(o):
        return rl.sell() if o.tick + 2 < len(path) and path[o.tick + 2] < o.price else rl.buy(0.01)

    return cheat


def as_text():
    text = base64.b64encode(
        pickle.dumps({round(float(p[5]), 5): len(p) - 1 for p in PATHS.values() if len(p) > 6})
    )

    def cheat(o):
        known = pickle.loads(base64.b64decode(text))
        return within(o, known.get(round(float(o.prices[5]), 5), 0)) if o.tick > 5 else None

    return cheat


def logarithms():
    logs = {round(float(np.log(p[4])), 6): np.log(p) for p in PATHS.values() if len(p) > 6}

    def cheat(o):
        path = logs.get(round(float(np.log(o.prices[4])), 6)) if o.tick > 4 else None
        if path is None or o.tick + 2 >= len(path):
            return None
        return rl.buy(0.01) if path[o.tick + 2] > path[o.tick + 1] else rl.sell()

    return cheat


def halves():
    small = {int(p[5] * 1e6): p.astype(np.float16) for p in PATHS.values() if len(p) > 6}

    def cheat(o):
        path = small.get(int(o.prices[5] * 1e6)) if o.tick > 5 else None
        if path is None or o.tick + 6 >= len(path):
            return None
        return rl.buy(0.01) if path[o.tick + 6] > path[o.tick + 1] * 1.05 else rl.sell()

    return cheat


def search_of_the_sample(o):
    for game in SAMPLE.values() if o.tick > 2 and o.tick % 10 == 3 else ():
        if len(game) > o.tick and game.prices[2] == o.prices[2]:
            return within(o, game.rug_tick or 0)
    return None


def nearest_neighbour():
    known = [(p[1:6].copy(), len(p) - 1) for p in PATHS.values() if len(p) > 6]
    shapes, ends = np.array([np.diff(shape) for shape, _ in known]) * 1e3, [end for _, end in known]

    def cheat(o):
        if o.tick < 6:
            return None
        far = np.abs(shapes - np.diff(o.prices[1:6]) * 1e3).sum(axis=1)
        return within(o, ends[int(far.argmin())]) if far.min() < 1e-6 else None

    return cheat


def up_the_stack(o):
    frame = sys._getframe(1)
    while frame is not None and "rug_price" not in frame.f_locals:
        frame = frame.f_back
    return within(o, len(frame.f_locals["prices"])) if frame is not None else None


def by_inspection(o):
    frame = inspect.currentframe()
    while frame is not None:
        prices, frame = frame.f_locals.get("prices"), frame.f_back
        if isinstance(prices, np.ndarray) and len(prices) > o.tick + 2:
            return rl.buy(0.01) if prices[o.tick + 2] > prices[o.tick + 1] else rl.sell()
    return None


def in_the_iterator(o):
    batch = next((f for f in _frames() if "batch" in f.f_locals and "n" in f.f_locals), None)
    if batch is None:
        return None
    end = int(batch.f_locals["batch"].ends[batch.f_locals["n"]])
    return within(o, end)


def _frames() -> Iterator[Any]:
    frame = sys._getframe(2)
    while frame is not None:
        yield frame
        frame = frame.f_back


def shifted(ticks, n=2):
    ahead = ticks.groupby("game_id", observed=True)["price"].shift(-n)
    return ahead > ticks["price"] * 1.02


def shifted_down(ticks, n=2):
    return ticks.groupby("game_id", observed=True)["price"].shift(-n) < ticks["price"] * 0.98


def z_score(ticks):
    prices = ticks.groupby("game_id", observed=True)["price"]
    return (ticks["price"] - prices.transform("mean")) / prices.transform("std")


def at_the_top(ticks):
    return ticks["price"] >= ticks.groupby("game_id", observed=True)["price"].transform("max") * 0.95


def last_ticks(ticks):
    return ticks.groupby("game_id", observed=True).cumcount(ascending=False) < 3


@contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """Change the engine for as long as a cheat is checked."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _rich(self, units_price):
    return round(self.nano_units * units_price * 1.02)


def _free_stake(self, *args, **more):
    args = (*args[:5], int(args[5] * 0.9) if args[0] == "buy" else args[5], *args[6:])
    return _BOOK(self, *args, **more)


_BOOK = Holdings.book
_FILL = fills.fill
_SETTLE = Holdings.settle_bet


def _best_of_two(holdings, order, tick, price):
    return _FILL(
        holdings, order, tick, min(price, holdings.prices[-2]) if len(holdings.prices) > 1 else price
    )


def _always_won(self, tick, *, won):
    bet, self.bet = self.bet, None
    self.book("won", tick, 0, bet.start_tick, bet.stake_lamports, 5 * bet.stake_lamports)


def _no_losses(self, tick, *, won):
    if won:
        _SETTLE(self, tick, won=won)
    elif self.bet is not None:
        bet, self.bet = self.bet, None
        self.book("void", tick, 0, bet.start_tick, bet.stake_lamports, bet.stake_lamports)


PATCHED: dict[str, tuple[Callable[..., Any], tuple[Any, str, Any]]] = {
    "a position worth 2 % more": (some.dip, (Position, "value", _rich)),
    "every bet wins": (some.martingale, (Holdings, "settle_bet", _always_won)),
    "buys at a discount": (some.dip, (Holdings, "book", _free_stake)),
    "fills at the better of two prices": (some.dip, (account_module, "fill", _best_of_two)),
    "lost bets are refunded": (some.martingale, (Holdings, "settle_bet", _no_losses)),
}
"""Changes of the ledger: name → the strategy, and what is replaced by what."""


def pays_itself(o):
    for frame in _frames():
        account = frame.f_locals.get("account")
        if isinstance(account, Account) and o.tick == 3:
            account.cash += 1_000
    return rl.buy(0.01) if o.tick == 5 else None


def cheats() -> dict[str, Any]:
    """Return each cheat by its name."""
    return {
        "bets by id": BetsById(),
        "skips half of the losing bets, by id": SkipsHalfOfTheLosers(),
        "sells before the rug, by id": SellsBeforeTheRug(),
        "hashed ids": HashedIds(),
        "reads the sample, by id": ReadsTheSample(),
        "only good games, by id": OnlyGoodGames(),
        "reads on in the games of the run": Told(),
        "mean of the run": TotalOfTheRun(),
        "lengths of the run": LengthsOfTheRun(),
        "learns from run to run": Learner(),
        "keyed by a rounded price": Keyed(),
        "paths by first prices": closure_by_first_prices(),
        "games in a closure": closure_over_games(),
        "a global array": global_array(),
        "a list in a closure": global_list(),
        "pickled text": as_text(),
        "logarithms of paths": logarithms(),
        "paths as float16": halves(),
        "searches the sample": search_of_the_sample,
        "nearest neighbour": nearest_neighbour(),
        "locals up the stack": up_the_stack,
        "inspection of the stack": by_inspection,
        "the engine's batch": in_the_iterator,
        "columns shifted by -2": rl.signals(shifted(TICKS), shifted_down(TICKS)),
        "columns shifted by -1": rl.signals(shifted(TICKS, 1), shifted_down(TICKS, 1)),
        "z-score over the whole game": rl.signals(z_score(TICKS) < -0.8, z_score(TICKS) > 0.8),
        "sells at the top": rl.signals(TICKS["price"] < 1.1, at_the_top(TICKS)),
        "functions shifted by -2": rl.signals(shifted, shifted_down),
        "z-score, as functions": rl.signals(lambda t: z_score(t) < -0.8, lambda t: z_score(t) > 0.8),
        "leaves at the last ticks, as functions": rl.signals(lambda t: t["price"] < 1.3, last_ticks),
        "pays itself": pays_itself,
    }


class Patient:
    """State within a game."""

    def begin_game(self, game_id):
        self.waited = 0

    def __call__(self, o):
        self.waited += 1
        return rl.buy(0.01) if self.waited == 20 else (rl.sell() if self.waited == 60 else None)


class Streaks:
    """State from game to game of a run."""

    def __init__(self):
        self.games = 0

    def begin_game(self, game_id):
        self.games += 1

    def __call__(self, o):
        return rl.buy(0.001 * (1 + self.games % 5)) if o.tick == 10 else None


class MovingAverage:
    """An average that goes on over games."""

    def __init__(self):
        self.mean = 1.0

    def __call__(self, o):
        self.mean += 0.1 * (o.price - self.mean)
        if o.units:
            return rl.sell() if o.price > self.mean else None
        return rl.buy(0.01) if o.price < 0.95 * self.mean else None


class Dice:
    """Chance of its own, seeded for each run."""

    def begin_run(self, games):
        self.chance = random.Random(7)

    def __call__(self, o):
        draw = self.chance.random()
        return rl.sidebet(0.001) if draw < 0.02 else (rl.sell() if draw < 0.03 else None)


class CountsTheRun:
    """Looks at how many games a run has, which is no secret."""

    def begin_run(self, games):
        self.size = 0.01 if len(games) else 0.02

    def __call__(self, o):
        return rl.buy(self.size) if o.tick == 4 else None


def other_games():
    """Prices of games that are not those it is tried on."""
    peaks = np.sort([game.peak for game in rl.sample()[100:160]])

    def strategy(o):
        return (
            rl.buy(0.01)
            if o.price < peaks[5] and not o.units
            else (rl.sell() if o.price > peaks[40] else None)
        )

    return strategy


def rolling(ticks):
    means = ticks.groupby("game_id", observed=True)["price"].transform(
        lambda p: p.rolling(10, min_periods=1).mean()
    )
    return ticks["price"] < 0.9 * means


def rolling_up(ticks):
    means = ticks.groupby("game_id", observed=True)["price"].transform(
        lambda p: p.rolling(10, min_periods=1).mean()
    )
    return ticks["price"] > 1.1 * means


def yesterday(ticks):
    return ticks.groupby("game_id", observed=True)["price"].shift(1) > ticks["price"]


def momentum(o, n=5):
    if o.units:
        return rl.sell() if o.price < o.prices[-n] else None
    return rl.buy(0.01) if o.prices[-1] > o.prices[-n] * 1.05 else None


def breakout(o):
    if o.tick < 20:
        return None
    if o.units:
        return rl.sell() if o.price < 0.8 * o.prices.max() else None
    return rl.buy(0.01) if o.price >= o.prices.max() else None


def rising(o):
    return rl.buy(0.01) if o.prices[-1] > o.prices[-2] else rl.sell()


def kelly(o):
    return rl.sidebet(max(0.001, 0.01 * o.equity)) if not o.bet_open and o.tick % 50 == 9 else None


def volatile(o):
    if o.tick < 15:
        return None
    calm = np.std(np.diff(np.log(o.prices[-15:]))) < 0.05
    return rl.sell() if o.units and calm else (rl.buy(0.01) if not o.units and not calm else None)


def previous_game(o):
    return rl.buy(0.01) if o.peaks[-1] < 2 and o.lengths[-1] < 100 and not o.units and o.tick < 50 else None


def late(o):
    return rl.sidebet(0.001) if o.tick > 200 and not o.bet_open else None


def every_tick(o):
    return rl.buy(0.001), rl.sidebet(0.001)


def fickle(o):
    return rl.sell() if o.units else rl.buy(0.01)


def holds_for_ever(o):
    return rl.buy(0.05) if o.tick == 0 else None


def raises_late(o):
    return rl.buy(0.01) if o.tick % 30 == 3 and o.prices[o.tick - 3] > 0 else rl.hold()


def honest() -> dict[str, Any]:
    """Return each honest strategy by its name."""
    return {
        **{f"built in: {name}": name for name in rl.strategies if name != "foundational"},
        **{each.__name__: each for each in some.STRATEGIES},
        "state within a game": Patient(),
        "state from game to game": Streaks(),
        "an average over games": MovingAverage(),
        "its own dice": Dice(),
        "counts the games of a run": CountsTheRun(),
        "knows other games": other_games(),
        "rolling mean, columns": rl.signals(rolling(TICKS), rolling_up(TICKS)),
        "rolling mean, functions": rl.signals(rolling, rolling_up),
        "shifted by +1": rl.signals(yesterday, rolling_up),
        **{
            each.__name__: each for each in (momentum, breakout, rising, kelly, volatile, previous_game, late)
        },
        **{each.__name__: each for each in (every_tick, fickle, holds_for_ever, raises_late)},
    }


def main() -> None:
    """Print the table."""
    import warnings

    from rugs_lab.trading.check import check as module
    from rugs_lab.trading.check.check_report import Finding

    warnings.simplefilter("ignore")
    module.on_replay = module._engines = lambda *_: Finding("elsewhere", None, 0, "not tried")  # type: ignore
    counts = {"cheats caught": 0, "cheats passed": 0, "honest accused": 0, "honest passed": 0}
    tried = [("cheat", name, each, None) for name, each in cheats().items()]
    tried += [("cheat", name, each, patch) for name, (each, patch) in PATCHED.items()]
    tried += [("honest", name, each, None) for name, each in honest().items()]
    for kind, name, each, patch in tried:
        with patched(*patch) if patch else contextmanager(lambda: iter([None]))():
            report = rl.check(each, GAMES)
        found = [finding.name for finding in report.findings if finding.ok is False]
        passed = "passed" if report.ok else ("caught" if kind == "cheat" else "accused")
        counts[f"{kind}s {passed}" if kind == "cheat" else f"{kind} {passed}"] += 1
        print(f"{kind:7} {name:40} {passed:8} {', '.join(found):30} {report['foresight'].power}", flush=True)
    print(counts)


if __name__ == "__main__":
    main()
