"""The interval of a share and that of a mean, against what scipy says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats
from scipy.stats import binomtest

from rugs_lab.estimates.estimate import Moments, mean_like, mean_sol_of, serial, share, share_interval

WHOLE = some.lists(some.integers(-(2**50), 2**50), max_size=40)


@settings(max_examples=50)
@given(WHOLE, some.integers(0, 40))
def test_moments_are_exact_and_the_same_for_any_chunking(values, cut):
    whole = np.array(values, np.int64)
    moments = Moments.of(whole)
    powers = [sum(value**power for value in values) for power in (1, 2, 3)]
    sides = [sum(value > 0 for value in values), sum(value < 0 for value in values)]
    assert moments == Moments(len(values), *powers, *sides)
    assert Moments.of(whole[:cut]) + Moments.of(whole[cut:]) == moments


def test_moments_of_small_numbers_take_the_fast_way_and_are_exact():
    values = np.random.default_rng(1).integers(-(2**44) + 1, 2**44, 300_000)
    assert Moments.of(values).squares == sum(value * value for value in values.tolist())
    assert Moments.of(values).total == sum(values.tolist())
    small = values[:5000] >> 12
    assert Moments.of(small).cubes == sum(value**3 for value in small.tolist())


def test_the_interval_of_numbers_without_skewness_is_students():
    half = np.random.default_rng(2).normal(0, 1e9, 50).astype(np.int64)
    values = np.concatenate([half, -half]) + 5
    mean = Moments.of(values).mean()
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean.value == pytest.approx(values.mean())
    assert mean.error == pytest.approx(stats.sem(values))
    assert (mean.low, mean.high) == pytest.approx((low, high), rel=1e-6)
    assert Moments.of(values).mean_sol()[:4] == pytest.approx([each / 1e9 for each in mean[:4]])
    wide = Moments.of(values).mean(0.99)
    assert wide.low < mean.low < mean.high < wide.high


def test_skewness_is_that_of_scipy_and_shifts_the_interval_to_the_long_tail():
    values = np.random.default_rng(3).exponential(1e9, 300).astype(np.int64)
    skewness = stats.skew(values) / 300**0.5
    error = stats.sem(values)
    ends = np.array(stats.t.interval(0.95, 299))
    expected = 3 / skewness * (np.cbrt(1 + skewness * (ends - skewness / 6)) - 1)
    mean = Moments.of(values).mean()
    found = (mean.value - mean.high) / error, (mean.value - mean.low) / error
    assert found == pytest.approx(expected, rel=0.02)
    assert mean.high - mean.value > mean.value - mean.low


def test_means_of_nothing_of_one_of_few_and_of_equal_numbers_have_no_interval():
    assert np.isnan(Moments().mean().value)
    assert Moments.of(np.array([5])).mean().value == 5
    assert np.isnan(Moments.of(np.array([5])).mean().error)
    for values in ([5, 5, 5], [-10_000_000] * 10, list(range(9)), [0] * 29 + [10**9]):
        mean = Moments.of(np.array(values)).mean()
        assert np.isnan([mean.low, mean.high]).all(), values
        assert mean.verdict == "not distinguishable"
        assert mean.interval in ("too few games for an interval", "all results the same: no interval")
        assert (mean.interval == "all results the same: no interval") == (len(set(values)) == 1)


def test_profits_without_gains_or_losses_enough_have_no_interval():
    rng = np.random.default_rng(4)
    lost = -np.abs(rng.normal(1e7, 1e5, 300)).astype(np.int64)
    assert np.isfinite(Moments.of(lost).mean().low)
    assert np.isnan(mean_sol_of(lost).low)
    assert np.isfinite(mean_sol_of(np.concatenate([lost, -lost[:30]])).low)


def test_numbers_that_depend_on_those_before_have_no_interval():
    values = np.random.default_rng(8).normal(0, 1e7, 200).astype(np.int64)
    alone, dependent = (mean_sol_of(values, dependent=each) for each in (False, True))
    assert alone.low < alone.value == dependent.value == pytest.approx(values.mean() / 1e9)
    assert np.isnan([dependent.low, dependent.high]).all()
    assert mean_sol_of(Moments.of(values)) == alone


def test_numbers_in_a_row_are_correlated_or_not():
    independent = np.random.default_rng(9).integers(0, 2, 400_000)
    found = serial(independent, 100)
    assert len(found) == 4_000
    assert abs(found.mean()) < 4 / 4_000**0.5
    assert found.std() == pytest.approx(1, abs=0.05)
    assert serial(np.repeat(independent[:50], 2), 100)[0] > 4
    assert serial(np.ones(250), 100).tolist() == [0, 0]


@pytest.mark.parametrize(("shift", "verdict"), [(0, "not distinguishable"), (10, "gains"), (-10, "loses")])
def test_a_verdict_has_a_sign(shift, verdict):
    values = np.random.default_rng(6).normal(shift, 3, 100) * 1e6
    assert Moments.of(values.astype(np.int64)).mean().verdict == verdict
    assert mean_like(values, np.random.default_rng(6).normal(0, 3, 5000) * 1e6).verdict == verdict


@pytest.mark.parametrize("n", [10, 30, 1000])
def test_the_interval_of_a_known_distribution_holds_however_rare_the_gains(n):
    """A gain of 49 at 1.6 %: ten such games hardly ever have one."""
    rng = np.random.default_rng(7)

    def draw(count):
        return np.where(rng.random(count) < 0.016, 49.0, -1.0) + rng.normal(0, 1e-3, count)

    others, truth = draw(20_000), 0.016 * 50 - 1
    found = [mean_like(draw(n), others) for _ in range(300)]
    assert np.mean([each.low <= truth <= each.high for each in found]) >= 0.92
    assert mean_like(np.zeros(0), others).n == 0


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
