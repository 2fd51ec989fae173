"""The kept baselines are those of the price process: of games that another generator makes of seeds."""

import json

import pytest

import rugs_lab as rl
from rugs_lab.analysis import _baselines
from tests.support.path_baselines import STATISTICS


@pytest.fixture(scope="module")
def games():
    return rl.synthetic(20_000, seed=11, method="exact")


def test_all_default_statistics_are_kept():
    kept = json.loads(_baselines.KEPT.read_text("utf-8"))
    assert [*kept] == [_baselines.key_of(*each) for each in STATISTICS]


@pytest.mark.parametrize(("statistic", "options"), STATISTICS)
def test_a_sample_of_exact_games_agrees(statistic, options, games):
    found = statistic(games, **options)
    kept = _baselines.of_paths(statistic, **options)
    assert kept.index.tolist() == found["measure"].tolist()
    width = (found["high"] - found["low"]) / 2 * 4.4 / 1.96  # one in 100,000 lies beyond
    assert (abs(found["value"] - kept.to_numpy()) < width).all()
    exact = found["baseline"].notna()
    assert found["baseline"][exact].to_numpy() == pytest.approx(kept.to_numpy()[exact], rel=0.01, abs=1e-5)
