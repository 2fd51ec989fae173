"""Intervals: from an error, and by bootstrap over games."""

import numpy as np
import pytest

from rugs_lab.estimates.estimate import share_interval
from rugs_lab.estimates.intervals import MOST_GROUPS, clustered, from_error, max_statistic, ratio, totals


def test_an_error_as_of_whole_games_gives_the_exact_interval():
    p, n = 0.3, 40
    np.testing.assert_allclose(from_error(p, np.sqrt(p * (1 - p) / n), n), share_interval(12, 40))
    np.testing.assert_allclose(from_error(0.0, 0.0, 9), share_interval(0, 9))


def test_an_interval_never_leaves_zero_to_one():
    low, high = from_error([0.01, 0.99], [0.05, 0.05], 100)
    assert (low >= 0).all()
    assert (high <= 1).all()


def test_whole_games_are_drawn():
    """Ten games whose ticks all agree say as much as ten ticks, not as much as a thousand."""
    game = np.repeat(np.arange(10), 100)
    hit = game < 5
    value, low, high = clustered(ratio, totals(game, [hit, np.ones(1000)], 10))
    assert value == 0.5
    assert high - low > 0.4
    _, by_tick = share_interval(500, 1000)
    assert high > by_tick + 0.1


def test_many_games_are_drawn_in_groups_with_the_same_result():
    rng = np.random.default_rng(1)
    values = rng.random(5000)
    sums = totals(np.arange(5000), [values, np.ones(5000)], 5000)
    assert len(sums) == MOST_GROUPS
    value, low, high = clustered(ratio, sums)
    error = values.std() / np.sqrt(5000)
    assert value == pytest.approx(values.mean())
    assert (high - low) / (2 * 1.96 * error) == pytest.approx(1, abs=0.1)


def test_the_same_each_time():
    sums = totals(np.arange(20), [np.arange(20), np.ones(20)], 20)
    assert clustered(ratio, sums) == clustered(ratio, sums)


def test_what_draws_cannot_tell_is_missing():
    value, low, high = clustered(ratio, np.array([[1.0, 1.0], [0.0, 1.0]]))
    assert value == 0.5
    assert np.isnan([low, high]).all()
    assert np.isnan(clustered(ratio, np.ones((20, 2)))[1])
    assert np.isnan(clustered(ratio, np.zeros((20, 2)))[0])


def test_the_largest_of_many_is_significant_as_often_as_it_should_be():
    """Forty series that share half of their games' luck, none with a mean."""
    rng = np.random.default_rng(8)
    smallest = []
    for _ in range(200):
        common = rng.normal(size=300)
        smallest.append(max_statistic(common + rng.normal(size=(40, 300))).min())
    assert 0.01 <= np.mean(np.array(smallest) < 0.05) <= 0.09


def test_one_of_many_that_has_a_mean_is_found_and_what_never_varies_is_not():
    rng = np.random.default_rng(9)
    series = rng.normal(size=(20, 400))
    series[3] += 0.4
    series[5] = 0.0
    p = max_statistic(series)
    assert p[3] < 0.01
    assert p[5] == 1.0
    assert (np.delete(p, 3) > 0.05).all()
    assert max_statistic(series[:, :5]).tolist() == [1.0] * 20
    assert len(max_statistic(np.zeros((0, 0)))) == 0
