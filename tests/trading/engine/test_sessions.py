"""Sessions of drawn games: each is what a run of the same games is."""

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.sessions import SESSIONS, gone_after, play_sessions
from rugs_lab.trading.strategy.strategy_registry import as_strategy

GAMES = rl.synthetic(40, seed=2)


def test_a_session_is_a_run_of_its_games():
    games = rl.synthetic(2 * SESSIONS, seed=3, method="statistical")
    for name in ("aggressive", "sidebet"):
        values, _ = play_sessions(as_strategy(name), games, Options(), 2)
        assert values.shape[:2] == (SESSIONS, 2)
        for session in (0, 1, 499, SESSIONS - 1):
            run = rl.backtest(name, games[2 * session : 2 * session + 2], engine="tick")
            np.testing.assert_array_equal(values[session], run.results.values)


def test_a_strategy_that_is_not_compiled_is_played_too():
    def slow(o):
        return rl.sidebet(0.01) if o.tick == 0 and sorted([1.0]) else None

    values, _ = play_sessions(as_strategy(slow), GAMES, Options(), 10)
    assert values.shape[1] == 10
    assert (values[:, :, 0] != 0).any()


def fixed(o):
    return rl.sidebet(0.05) if o.tick == 0 else None


def streak(o, base=0.01):
    return rl.sidebet(min(base * 2.0**o.bet_loss_streak, 0.3)) if o.tick == 0 else None


def by_streak_and_cash(o):
    size = min(0.01 * 2.0**o.bet_loss_streak, 0.3)
    return rl.sidebet(size) if o.tick == 0 and size <= o.cash else None


class Doubling:
    """The same as `streak`, as an object that counts by itself; played tick by tick."""

    def __call__(self, o):
        return streak(o)


@pytest.mark.parametrize(
    "strategy", [fixed, streak, by_streak_and_cash, "martingale", Doubling()], ids=lambda each: str(each)[:25]
)
def test_a_session_is_ruined_if_nothing_is_filled_however_long_it_goes_on(strategy):
    made, options = as_strategy(strategy), Options(cash_sol=0.5)
    count = 5 if isinstance(strategy, Doubling) else 40
    games = rl.synthetic(400 * count, seed=31, method="statistical")
    differ = found = 0
    for first in range(0, 400 * count, 400):
        some = games[first : first + 100]
        played = play(made, some, options)
        long = play(made, games[first : first + 400], options)
        dead = not (long.bets[100:] > 0).any()
        gone = gone_after(made, some, options, played.values)
        found += gone is not None
        differ += dead != (gone is not None)
        if gone is not None:
            assert dead or len(played) - gone < 3
            assert gone == np.flatnonzero(played.bets)[-1] + 1
    assert found >= count / 3
    assert differ <= 0.15 * count  # those that are ruined by game 400, but not by game 100


def test_what_stops_for_another_reason_is_not_ruined():
    def stops(o):
        return rl.sidebet(0.01) if o.tick == 0 and o.bet_loss_streak < 3 else None

    def has_enough(o):
        return rl.sidebet(0.05) if o.tick == 0 and o.cash < 0.6 else None

    def too_large(o):
        return rl.sidebet(0.01 * 8.0**o.bet_loss_streak) if o.tick == 0 else None

    games = rl.synthetic(100, seed=4, method="statistical")
    for strategy, cash in ((stops, 0.5), (has_enough, 0.5), (too_large, 100.0)):
        options = Options(cash_sol=cash)
        played = play(strategy, games, options)
        assert not played.bets[-20:].any()
        assert gone_after(as_strategy(strategy), games, options, played.values) is None


def test_the_ruin_of_sessions_is_counted():
    games = rl.synthetic(100 * SESSIONS, seed=6, method="statistical")
    rows, ruined = play_sessions(as_strategy(streak), games, Options(cash_sol=0.5), 100)
    dead = (rows[:, 90:, 6] == 0).all(axis=1)
    assert dead.mean() > 0.9
    assert dead.sum() <= ruined <= SESSIONS
