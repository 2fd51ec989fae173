"""Sessions of drawn games: each is what a run of the same games is."""

import numpy as np

import rugs_lab as rl
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.sessions import SESSIONS, play_sessions
from rugs_lab.trading.strategy.strategy_registry import as_strategy

GAMES = rl.synthetic(40, seed=2)


def test_a_session_is_a_run_of_its_games():
    games = rl.synthetic(2 * SESSIONS, seed=3, method="statistical")
    for name in ("aggressive", "sidebet"):
        values = play_sessions(as_strategy(name), games, Options(), 2)
        assert values.shape[:2] == (SESSIONS, 2)
        for session in (0, 1, 499, SESSIONS - 1):
            run = rl.backtest(name, games[2 * session : 2 * session + 2], engine="tick")
            np.testing.assert_array_equal(values[session], run.results.values)


def test_a_strategy_that_is_not_compiled_is_played_too():
    def slow(o):
        return rl.sidebet(0.01) if o.tick == 0 and sorted([1.0]) else None

    values = play_sessions(as_strategy(slow), GAMES, Options(), 10)
    assert values.shape[1] == 10
    assert (values[:, :, 0] != 0).any()
