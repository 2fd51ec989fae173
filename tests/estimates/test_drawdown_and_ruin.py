"""Shares, means, streaks, drawdown and ruin, against what scipy and a pencil say."""

import numpy as np
import pytest
from hypothesis import strategies as some

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.drawdown_and_ruin import drawdown, losing_streak, ruin, ruined_sessions

WHOLE = some.lists(some.integers(-(2**50), 2**50), max_size=40)


@pytest.mark.parametrize(
    ("profits", "streak"), [([], 0), ([1, 2], 0), ([-1], 1), ([-1, 1, -1, -1], 2), ([-1, 0, -1, 1], 2)]
)
def test_losing_streak_counts_losses_in_a_row_and_skips_games_without_a_trade(profits, streak):
    assert losing_streak(np.array(profits, np.int64)) == streak


def test_drawdown_is_measured_from_the_highest_before():
    assert drawdown(np.array([10, 12, 9, 13, 13, 1])).tolist() == [0, 0, 3, 0, 0, 12]


def test_ruin_is_certain_where_every_game_loses_and_impossible_where_none_does():
    assert ruin(np.array([-10_000_000] * 5), 100_000_000).value == 1
    assert ruin(np.array([1, 0, 2]), 100_000_000).value == 0
    assert ruin(np.zeros(5, np.int64), 100_000_000).value == 0
    assert ruin(np.zeros(0, np.int64), 1).n == 0


def test_ruin_agrees_with_a_walk_counted_by_hand():
    """Two games at even odds of -1 or +1 least bets, with cash for one loss: lost iff the first is lost."""
    least = 1_000_000
    found = ruin(np.array([-least, least]), cash=2 * least - 1, games=2)
    assert found.low <= 0.5 <= found.high
    assert found.n == 10_000


def test_ruined_sessions_look_at_the_way_and_not_only_at_the_end():
    assert ruined_sessions(np.array([-9, 9, 1, 1]) * 1_000_000, 9_500_000, games=2) == (1, 2)
    assert ruined_sessions(np.array([-9]), 9, games=2) == (0, 0)
    with pytest.raises(ArgumentError, match="1 game or more"):
        ruined_sessions(np.array([1]), 9, games=0)
