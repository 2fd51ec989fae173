"""Shares, means, streaks, drawdown and ruin, against what scipy and a pencil say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.money_statistics import (
    Moments,
    drawdown,
    losing_streak,
    ruin,
    ruined_sessions,
    share,
)

WHOLE = some.lists(some.integers(-(2**50), 2**50), max_size=40)


@settings(max_examples=50)
@given(WHOLE, some.integers(0, 40))
def test_moments_are_exact_and_the_same_for_any_chunking(values, cut):
    whole = np.array(values, np.int64)
    moments = Moments.of(whole)
    assert moments == Moments(len(values), sum(values), sum(value * value for value in values))
    assert Moments.of(whole[:cut]) + Moments.of(whole[cut:]) == moments


def test_moments_of_small_numbers_take_the_fast_way_and_are_exact():
    values = np.random.default_rng(1).integers(-(2**44) + 1, 2**44, 300_000)
    assert Moments.of(values).squares == sum(value * value for value in values.tolist())
    assert Moments.of(values).total == sum(values.tolist())


def test_mean_and_interval_are_students():
    values = np.random.default_rng(2).normal(0, 1e9, 50).astype(np.int64)
    mean = Moments.of(values).mean()
    test = stats.ttest_1samp(values, 0)
    low, high = test.confidence_interval(0.95)
    assert mean.value == pytest.approx(values.mean())
    assert mean.error == pytest.approx(stats.sem(values))
    assert (mean.low, mean.high) == pytest.approx((low, high))
    in_sol = Moments.of(values).mean_sol()
    assert in_sol[:4] == pytest.approx([each / 1e9 for each in mean[:4]])


def test_mean_of_nothing_of_one_and_of_equal_numbers():
    assert np.isnan(Moments().mean().value)
    assert Moments.of(np.array([5])).mean().value == 5
    assert np.isnan(Moments.of(np.array([5])).mean().error)
    assert Moments.of(np.array([5, 5, 5])).mean()[:4] == (5, 5, 5, 0)


def test_two_standard_errors_make_it_significant():
    assert not Moments.of(np.array([0, 0, 0])).mean().significant
    assert not Moments.of(np.array([-1, 1, 2])).mean().significant
    assert Moments.of(np.array([9, 10, 11])).mean().significant
    assert not Moments.of(np.array([9])).mean().significant


def test_what_never_varies_differs_from_zero_unless_it_is_zero():
    assert Moments.of(np.full(10, -10_000_000)).mean_sol().significant
    assert not Moments.of(np.zeros(10, np.int64)).mean_sol().significant
    assert not share(0, 10).significant


def test_share_has_wilsons_interval():
    found = share(3, 20)
    assert (found.value, found.n) == (0.15, 20)
    assert (found.low, found.high) == pytest.approx((0.0523687, 0.3604195), abs=1e-6)
    assert np.isnan(share(0, 0).value)


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
