"""Of strategies as people write them, which are compiled; both engines agree on those."""

import warnings

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.trading.engine.play import play
from tests.support.user_strategies import BY_TICK, drawdown, ladder, quantile, streak


@pytest.mark.parametrize("strategy", [ladder, quantile, streak, drawdown], ids=lambda each: each.__name__)
def test_a_strategy_that_people_write_is_compiled(strategy):
    """Those with a list, numbers of ticks, and a running maximum; the benchmark of runs has the others."""
    games = rl.sample()[:60]
    found = play(strategy, games)
    assert found.engine == "compiled"
    np.testing.assert_array_equal(found.values, play(strategy, games, engine="tick").values)
    assert found.buys.sum() + found.bets.sum() > 0


@pytest.mark.parametrize("strategy", BY_TICK, ids=lambda each: getattr(each, "__name__", "LosingStreak"))
def test_another_is_played_tick_by_tick(strategy):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert play(strategy, rl.sample()[:3]).engine == "tick"
