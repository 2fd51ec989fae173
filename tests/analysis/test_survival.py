"""Hazard, survival and durations, on games whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest
from statsmodels.duration.survfunc import SurvfuncRight

from rugs_lab.analysis import durations, hazard, hazard_by_tick, survival
from rugs_lab.analysis._survival import kaplan_meier, quantile
from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from tests.support.broken_games import HAZARD, broken, covers

pytestmark = pytest.mark.filterwarnings("ignore::rugs_lab.errors.CensoringWarning")  # a fifth ends unseen


def lasting(*rug_ticks):
    return Games([Game(str(n), np.append(np.ones(n), 0.02), rug_tick=n) for n in rug_ticks])


def test_hazard_is_rugs_over_ticks_with_the_exact_interval():
    row = hazard(lasting(10, 30, 60)).iloc[0]
    exact = binomtest(3, 100).proportion_ci(0.95, "exact")
    assert (row["rugs"], row["n"], row["value"]) == (3, 100, 0.03)
    assert (row["low"], row["high"]) == pytest.approx((exact.low, exact.high))


def test_a_late_start_counts_from_where_it_was_seen_and_an_unfinished_game_to_there():
    late = np.append(np.ones(50), 0.02)
    late[:20] = np.nan
    games = Games([Game("late", late, rug_tick=50), Game("unfinished", np.ones(11))])
    frame = hazard(games)
    assert frame["n"].tolist() == [30 + 10, 30 + 10, 0]
    assert frame["rugs"].tolist() == [1, 1, 0]
    assert np.isnan(frame["value"].iloc[2])


def test_nothing_gives_nothing():
    assert hazard(Games())["n"].tolist() == [0, 0, 0]
    assert np.isnan(hazard(Games())["value"]).all()
    assert np.isnan(durations(Games())["value"]).all()
    assert survival(Games(), [10])["survival"].isna().all()


def test_broken_games_do_not_bias_the_hazard_but_leaving_them_out_does():
    """Nearly half of 12,000 games are broken; distances from 0.005 in standard errors."""
    games = broken(12_000, seed=3)
    right, counted, whole = hazard(games)["value"]
    error = HAZARD / np.sqrt(hazard(games)["rugs"])
    assert abs(right - HAZARD) < 2.5 * error.iloc[0]
    assert whole - HAZARD > 10 * error.iloc[2]
    assert HAZARD - counted > 5 * error.iloc[1]


def test_the_interval_of_the_hazard_covers_as_often_as_it_says():
    games = broken(6000, seed=5)
    held = [covers(hazard(games[start : start + 30])) for start in range(0, len(games) - 30, 30)]
    assert len(held) > 100
    assert 0.90 <= np.mean(held) <= 1.0


def test_bins_add_up_to_the_whole():
    games = broken(300, seed=1)
    bins = hazard_by_tick(games, (0, 10, 100, 5000))
    whole = hazard(games).iloc[0]
    assert (bins["n_ticks"].sum(), bins["rugs"].sum()) == (whole["n"], whole["rugs"])
    assert bins["from_tick"].tolist() == [1, 11, 101]


def test_a_bin_without_ticks_is_missing():
    row = hazard_by_tick(lasting(5), (0, 10, 20)).iloc[1]
    assert row["n_ticks"] == 0
    assert row[["hazard_per_tick", "low", "high"]].isna().all()


@pytest.mark.parametrize("edges", [(0,), (5, 5), (10, 0), (-1, 5)])
def test_edges_must_rise(edges):
    with pytest.raises(ArgumentError, match="rising"):
        hazard_by_tick(lasting(5), edges)


def test_survival_without_damage_is_the_share_of_games():
    frame = survival(lasting(1, 2, 3, 4), [0, 1, 2, 4])
    assert frame["survival"].tolist() == pytest.approx([1, 0.75, 0.5, 0])
    half = binomtest(2, 4).proportion_ci(0.95, "exact")
    assert frame.loc[2, ["low", "high"]].tolist() == pytest.approx([half.low, half.high])


def test_survival_beyond_what_was_watched_is_missing():
    assert survival(lasting(3), [50])["survival"].isna().all()


def test_survival_of_broken_games_covers_the_law():
    games = broken(9000, seed=11)
    parts = [survival(games[at : at + 60], [40, 200]) for at in range(0, len(games) - 60, 60)]
    inside = np.array(
        [(part["low"] <= part["baseline"]) & (part["baseline"] <= part["high"]) for part in parts]
    )
    assert (inside.mean(axis=0) >= 0.9).all()


def test_durations_of_many_games_are_those_of_the_law():
    frame = durations(synthetic(4000, seed=2, method="statistical"))
    assert (frame["low"] <= frame["baseline"]).all()
    assert (frame["baseline"] <= frame["high"]).all()
    assert frame["unit"].eq("ticks").all()


@pytest.mark.parametrize("seed", range(40))
def test_the_curve_its_error_and_quantiles_are_those_of_statsmodels(seed):
    numbers = np.random.default_rng(seed)
    n = int(numbers.integers(3, 200))
    entry = numbers.integers(0, 9, n) * (seed % 2)
    exit_ = entry + numbers.geometric(0.02 + 0.2 * numbers.random(), n)
    ended = numbers.random(n) < 0.7
    ended[0] = True
    ticks, living, error, at_risk = kaplan_meier(entry, exit_, ended)
    with np.errstate(all="ignore"):
        theirs = SurvfuncRight(exit_, ended.astype(int), entry=entry)
    assert (ticks == theirs.surv_times).all()
    assert (at_risk == theirs.n_risk).all()
    assert_allclose(living, theirs.surv_prob, rtol=1e-12, atol=1e-15)
    assert_allclose(error, theirs.surv_prob_se, rtol=1e-9)
    for part in (0.123, 0.377, 0.501, 0.749, 0.951):
        with np.errstate(all="ignore"):
            expected = (theirs.quantile(part), *theirs.quantile_ci(part))
        assert_array_equal(quantile(ticks, living, error, part), expected)
