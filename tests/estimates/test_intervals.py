"""Intervals: from an error, and by bootstrap over games."""

import numpy as np
import pytest

from rugs_lab.estimates.estimate import share_interval
from rugs_lab.estimates.intervals import MOST_GROUPS, clustered, from_error, ratio, totals


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
