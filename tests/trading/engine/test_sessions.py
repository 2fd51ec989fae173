"""Sessions of drawn games: each is what a run of the same games is."""

import numpy as np

import rugs_lab as rl
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.sessions import play_sessions
from rugs_lab.trading.strategy.strategy_registry import as_strategy

GAMES = rl.synthetic(40, seed=2)


def test_sessions_have_the_games_asked_for_and_their_profit():
    values = play_sessions(as_strategy("aggressive"), GAMES, Options(), 10)
    assert values.shape[1] == 10
    assert len(values) >= 1
    assert np.isfinite(values[:, :, 0]).all()
    assert (values[:, :, 0] != 0).any()


def test_a_strategy_that_is_not_compiled_is_played_too():
    def slow(o):
        return rl.sidebet(0.01) if o.tick == 0 and sorted([1.0]) else None

    values = play_sessions(as_strategy(slow), GAMES, Options(), 10)
    assert values.shape[1] == 10
    assert (values[:, :, 0] != 0).any()
