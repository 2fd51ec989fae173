"""`rl.check`: honest strategies pass, planted cheats of several kinds are caught."""

from __future__ import annotations

import hashlib
import re
from typing import ClassVar

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.trading.check import check as module
from rugs_lab.trading.check import look_ahead
from rugs_lab.trading.check import replay_and_live as rehearsal
from rugs_lab.trading.check.check import check
from rugs_lab.trading.check.foresight import _luck_of_growth, foresight
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from tests.support.strategies import averages, dip, martingale, memory, presale

GAMES = rl.sample()[:30]


@pytest.fixture(autouse=True)
def fewer_games(monkeypatch):
    """Six games show what two dozen do."""
    monkeypatch.setattr(module, "TRIED", 6)
    monkeypatch.setattr(module, "REPLAYED", 6)
    monkeypatch.setattr(rehearsal, "LIVE_TICKS", 400)


@pytest.mark.parametrize(
    "strategy", [dip, presale, martingale, averages, memory], ids=lambda strategy: strategy.__name__
)
def test_honest_strategies_pass(strategy):
    report = check(strategy, GAMES)
    assert report.ok, report
    assert report
    assert report["engines"].ok
    assert report["look-ahead"].n > 50


def test_the_other_futures_end_as_games_do():
    ends = [game for _, game in look_ahead._other_futures(GAMES[0], GAMES[1]) if game.rug_tick is not None]
    assert len(ends) >= 6
    for game in ends:
        assert game.rug_price == np.nanmin(game.prices[: game.rug_tick]) * RUG_FACTOR


def test_an_honest_object_with_state_passes():
    class Patient:
        def begin_run(self, games):
            self.waited = 0

        def begin_game(self, game_id):
            self.waited = 0

        def __call__(self, o):
            self.waited += 1
            return rl.buy(0.01) if self.waited == 20 else None

    report = check(Patient(), GAMES)
    assert report.ok, report
    assert report["engines"].ok is None


@pytest.mark.parametrize("speed", [100.0, 600.0])
def test_on_a_live_feed_it_decides_and_trades_the_same_however_late(monkeypatch, speed):
    monkeypatch.setattr(rehearsal, "SPEED", speed)
    for _ in range(5):  # where a busy machine left out a tick, nothing was compared
        found = rehearsal.on_live_feed(as_strategy(memory), list(GAMES), Options())
        if found.ok is not None:
            break
    assert found.ok, found
    assert re.search(r"same ledger, \d+ lines; \d+ of \d+ orders came late", found.words)


def test_a_strategy_that_decides_otherwise_on_the_live_feed_is_caught(monkeypatch):
    monkeypatch.setattr(rehearsal, "LIVE_TICKS", 200)
    asked = []

    def forgetful(o):
        asked.append(o.tick)
        return rl.buy(0.01) if len(asked) == 100 else None

    found = rehearsal.on_live_feed(as_strategy(forgetful), list(GAMES), Options())
    assert found.ok is False
    assert "on the live feed buy(0.01)" in found.words


def test_the_live_feed_is_tried_when_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(rehearsal, "LIVE_TICKS", 100)
    report = check(presale, GAMES[:5], live=True)
    assert report.ok, report
    assert report["live"].n == 1
    without = GAMES[:1]
    found = rehearsal.on_live_feed(
        as_strategy(presale), [rl.Game(without[0].id, without[0].prices[:5])], Options()
    )
    assert found.ok is None


def closure_by_first_prices():
    futures = {tuple(game.prices[:3].tolist()): game.prices for game in GAMES}

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
        return rl.sidebet(0.01) if now and now[0].rug_tick < o.tick + 30 else None

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


class Told:
    """Reads on in the games that it was told of at the beginning of the run."""

    def begin_run(self, games):
        self.games = games

    def begin_game(self, game_id):
        self.game = self.games[game_id]

    def __call__(self, o):
        prices = self.game.prices
        return rl.buy(0.01) if o.tick + 2 < len(prices) and prices[o.tick + 2] > 1.5 else rl.sell()


class Learner:
    """Remembers when games rugged, and bets on it when it meets them again."""

    lengths: ClassVar[dict[tuple[float, ...], int]] = {}  # of the class: a run plays a copy of the object
    key = None

    def __call__(self, o):
        if o.tick == 0:
            self.key = None
        if o.tick == 2:
            self.key = tuple(o.prices.tolist())
        if self.key is not None:
            known = self.lengths.get(self.key, 0)
            self.lengths[self.key] = max(known, o.tick)
            return rl.sidebet(0.001) if known and o.tick > known - 30 else None
        return None


class Keyed:
    """Knows the rug tick of each game by a rounded price: no price of the games is in it."""

    presale = False

    def __init__(self):
        self.rugs = {round(float(game.prices[5]), 6): game.rug_tick or 0 for game in GAMES if len(game) > 6}

    def __call__(self, o):
        if o.tick < 6 or o.bet_open:
            return None
        rug = self.rugs.get(round(float(o.prices[5]), 6), 0)
        return rl.sidebet(0.001) if o.tick < rug <= o.tick + 40 else None


@pytest.mark.parametrize(
    ("cheat", "caught_by"),
    [
        (closure_by_first_prices(), "retained data"),
        (closure_over_games(), "retained data"),
        (global_array(), "retained data"),
        (global_list(), "retained data"),
        (Told(), "look-ahead"),
        (Learner(), "deterministic"),
        (Keyed(), "foresight"),
    ],
    ids=lambda value: getattr(value, "__qualname__", type(value).__name__).split(".")[0],
)
def test_planted_cheats_are_caught(cheat, caught_by):
    report = check(cheat, GAMES)
    assert not report.ok
    assert report[caught_by].ok is False, report


def test_the_memory_behind_the_prices_gives_nothing_away():
    def peeks(o):
        base = o.prices.base
        ahead = base[o.tick + 1 : o.tick + 3] if base is not None else base
        return rl.buy(0.01) if ahead is not None and (ahead > o.price).any() else None

    assert check(peeks, GAMES)["foresight"].n == 0


def test_the_report_shows_itself():
    report = check(martingale, GAMES[:10], size=0.002)
    assert repr(report).startswith("check of martingale(size=0.002, most=8): passed\n  ok    look-ahead")
    assert "<table class='rl-checks'>" in report._repr_html_()
    frame = report.frame
    assert frame.index.tolist()[0] == "look-ahead"
    assert frame["ok"].dtype == "boolean"
    with pytest.raises(ArgumentError, match="no check is called"):
        report["xyzzy"]
    with pytest.raises(ArgumentError, match="got none"):
        check(dip, GAMES[:0])


def test_a_probe_that_raises_is_no_probe():
    lengths = {len(game) for game in GAMES}

    class Particular:
        def begin_run(self, games):
            if len(games) == 1 and len(games[0]) not in lengths:
                raise KeyError("a game it does not know")

        def __call__(self, o):
            return rl.buy(0.01) if o.tick == 5 else None

    found = check(Particular(), GAMES)["look-ahead"]
    assert found.n < 20
    assert "with others it raised KeyError" in found.words

    class Picky(Particular):
        def begin_run(self, games):
            if len(games) == 1:
                raise KeyError("one game is too few")

    found = check(Picky(), GAMES)["look-ahead"]
    assert (found.ok, found.n) == (None, 0)
    assert "each of them raises KeyError" in found.words


def test_a_game_that_still_runs_at_the_end_accuses_nobody():
    running = rl.Game("20260101-00000000000000ff", GAMES[0].prices[:30])
    report = check(presale, [*GAMES[:3], running])
    assert report.ok, report
    assert report["replay"].ok


def test_state_over_runs_is_called_state_and_not_look_ahead():
    asked = []

    def counts(o):
        asked.append(o.tick)
        return rl.buy(0.01) if len(asked) % 97 == 0 else None

    report = check(counts, GAMES[:8])
    assert report["look-ahead"].ok is None
    assert "state" in report["look-ahead"].words
    assert report["deterministic"].ok is False
    assert "it keeps state" in report["deterministic"].words


def test_without_games_it_plays_synthetic_ones():
    report = check(dip)
    assert report.ok, report
    assert report["retained data"].n == module.PLAYED
    assert report["synthetic"].n > 1_000


def test_moves_are_uniform_in_their_distribution_and_prices_of_another_kind_are_not_tried():
    from scipy.stats import kstest

    from rugs_lab.trading.check.foresight import place_of_moves

    games = rl.synthetic(150, seed=5)
    places = np.concatenate([place_of_moves(game.prices[: game.rug_tick]) for game in games])
    places = places[~np.isnan(places)]
    assert len(places) > 20_000
    assert kstest(places, "uniform").pvalue > 0.001
    flat = [rl.Game(f"20260101-{n:016x}", np.linspace(1, 3, 60)) for n in range(4)]
    assert "not those of the published price process" in check(fickle, [*flat, *GAMES[:1]])["foresight"].words


def fickle(o):
    return rl.sell() if o.units else rl.buy(0.01)


def test_a_score_that_is_the_best_of_several_is_corrected_for_their_number():
    from scipy.stats import norm

    words = check(dip, GAMES)["foresight"].words
    count, best, p = re.search(
        r"of (\d+) scores .* best is ([+-][\d.]+) .*\(p = ([\d.e-]+), corr", words
    ).groups()
    assert int(count) == 10
    assert float(p) == pytest.approx(min(1.0, int(count) * norm.sf(float(best))), rel=0.25)


def by_heart(games):
    """Hold a few games from tick 5 to their peak, which are found in a text by their first prices."""

    def key(prices):
        return hashlib.sha1(np.asarray(prices[:6]).tobytes()).hexdigest()[:8]

    top = sorted(games, key=lambda game: -np.nanmax(game.prices))[:5]
    book = " ".join(f"{key(game.prices)}:{int(np.nanargmax(game.prices))}" for game in top)

    def cheat(o):
        found = book.find(key(o.prices) + ":") if o.tick >= 5 else -1
        if found < 0:
            return None
        at = int(book[found + 9 :].split(" ")[0])
        if o.units == 0 and o.tick == 5:
            return rl.buy(0.1)
        return rl.sell() if o.units > 0 and o.tick >= at - 1 else None

    return cheat


@pytest.mark.parametrize("seed", [1, 2, 42])
def test_a_few_large_gains_known_by_heart_are_caught(seed):
    games = rl.synthetic(236, seed=seed)
    made = as_strategy(by_heart(games))
    results = play_ticks(made, games, Options(cash_sol=5.0))
    found = foresight(results, games)
    assert found.ok is False
    assert "spread evenly over its buys" in found.power
    assert module._retained(made, list(games), "").ok is None
    assert "bytes of text" in module._retained(made, list(games), "").words


def test_growth_is_no_more_than_chance_gives_it():
    games = rl.synthetic(6_000, seed=5)

    def all_the_way(o):
        return rl.buy(0.01) if o.tick == 1 else (rl.sell() if o.price > 3 * o.average_cost else None)

    lucky = 0
    for first in range(0, 6_000, 50):
        some = games[first : first + 50]
        results = play_ticks(as_strategy(all_the_way), some, Options())
        lucky += _luck_of_growth(results, some) < 0.1
    assert lucky <= 0.1 * 120


def test_what_is_collected_while_it_plays_is_no_accusation():
    seen = []

    def logger(o):
        seen.append(float(o.price))
        return rl.buy(0.01) if o.units == 0 and o.tick == 5 else None

    report = check(logger, GAMES[:8])
    assert report["retained data"].ok is None
    assert "not judged: since it was played" in report["retained data"].words
    assert report.ok
    assert "not judged: retained data" in repr(report)


def test_prices_among_the_constants_and_keys_of_a_strategy_are_found():
    path = [float(price) for price in GAMES[1].prices[2:40]]
    scope = {"rl": rl}
    exec(f"def cheat(o):\n    return rl.sell() if o.price in {tuple(path)} else None", scope)
    keys = dict.fromkeys(path, 1)

    def by_keys(o):
        return rl.sell() if o.price in keys else None

    for cheat in (scope["cheat"], by_keys):
        assert "holds their prices" in module.retained_prices(as_strategy(cheat), list(GAMES))
