"""Shares, means, streaks, drawdown and ruin, against what scipy and a pencil say."""

import numpy as np
import pytest
from hypothesis import strategies as some

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.drawdown_and_ruin import drawdown, longest_drawdown, losing_streak, ruined_sessions

WHOLE = some.lists(some.integers(-(2**50), 2**50), max_size=40)


@pytest.mark.parametrize(
    ("profits", "streak"), [([], 0), ([1, 2], 0), ([-1], 1), ([-1, 1, -1, -1], 2), ([-1, 0, -1, 1], 2)]
)
def test_losing_streak_counts_losses_in_a_row_and_skips_games_without_a_trade(profits, streak):
    assert losing_streak(np.array(profits, np.int64)) == streak


def test_drawdown_is_measured_from_the_highest_before():
    assert drawdown(np.array([10, 12, 9, 13, 13, 1])).tolist() == [0, 0, 3, 0, 0, 12]


def test_the_longest_drawdown_counts_games_below_an_earlier_value():
    assert longest_drawdown(np.array([10, 12, 9, 11, 12, 13, 1, 14])) == 2
    assert longest_drawdown(np.array([1, 2, 3])) == longest_drawdown(np.array([])) == 0


def test_ruined_sessions_look_at_the_way_and_not_only_at_the_end():
    assert ruined_sessions(np.array([-9, 9, 1, 1]) * 1_000_000, 9_500_000, games=2) == (1, 2)
    assert ruined_sessions(np.array([-9]), 9, games=2) == (0, 0)
    with pytest.raises(ArgumentError, match="1 game or more"):
        ruined_sessions(np.array([1]), 9, games=0)
