"""Which looks were at the same games: by the smaller of two sets, however large the other one is."""

import pytest

from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.backtest.backtest import backtest
from rugs_lab.trading.backtest.looks import noted
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.trading.sweep.sweep import sweep


@pytest.mark.parametrize(("count", "seed"), [(100, 91), (500, 92), (4_000, 93), (12_000, 94)])
def test_a_backtest_of_some_of_the_swept_games_is_another_look_at_them(count, seed):
    games = synthetic(12_000, seed=seed, method="statistical")
    sweep(strategies["sidebet"], games, take=[0.1, 0.2, 0.3])
    looks = backtest(strategies["sidebet"], games[:count], carry=False).looks  # the last ones were held out
    assert (looks.total, looks.words) == (4, "look 4 at these games (earlier: sweep 1 x)")


def test_other_games_and_a_few_in_common_are_no_look():
    games = synthetic(3_000, seed=95, method="statistical")
    noted(games[:1_000], "backtest", "one")
    assert not noted(games[1_000:2_000], "backtest", "two")
    assert not noted(games[990:1_000] + games[2_000:], "held out", "three")
    assert not noted(games[:0], "backtest", "none")


@pytest.mark.parametrize("shared", [0.0, 0.02, 0.2, 1.0])
def test_how_much_the_smaller_set_shares_decides(shared):
    games = synthetic(9_000, seed=96 + int(shared * 100), method="statistical")
    noted(games[:8_000], "sweep", "large")
    few = round(1_000 * shared)
    assert bool(noted(games[:few] + games[8_000 : 9_000 - few], "backtest", "small")) == (shared > 0.05)
