"""The interval of a share and that of a mean, against what scipy says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from scipy.stats import binomtest

from rugs_lab.estimates.estimate import Moments, share, share_interval

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


def test_a_share_has_its_interval_and_error():
    found = share(3, 20)
    assert (found.value, found.n) == (0.15, 20)
    assert (found.low, found.high) == pytest.approx((0.0320709, 0.3789268), abs=1e-6)
    assert found.error == pytest.approx((0.15 * 0.85 / 20) ** 0.5)
    assert np.isnan(share(0, 0).value)


@pytest.mark.parametrize(("chance", "n"), [(0.005, 100), (0.005, 600), (0.18, 20), (0.5, 11), (0.97, 60)])
def test_the_interval_of_a_share_covers_it_as_often_as_it_says(chance, n):
    """Over all numbers of hits, each as often as it comes; Wilson's falls to 91 % for the rare ones."""
    hits = np.arange(n + 1)
    low, high = share_interval(hits, n)
    weight = stats.binom.pmf(hits, n, chance)
    assert weight[(low <= chance) & (chance <= high)].sum() >= 0.95


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (10, 10), (3, 17), (1, 1)])
def test_the_interval_of_a_share_is_that_of_clopper_and_pearson(hits, n):
    low, high = share_interval(hits, n)
    expected = binomtest(hits, n).proportion_ci(0.95, "exact")
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high))


def test_the_interval_of_nothing_is_missing():
    assert np.isnan(share_interval([0], [0])).all()
