"""The sample data: there, small, and with all that they promise."""

import pickle

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir


@pytest.fixture(scope="module")
def games():
    return rl.sample()


def test_more_than_two_hundred_games_with_trades(games):
    assert len(games) >= 212
    assert games.frame["trades"].sum() > 1_000
    assert games.trades["practice"].any()
    assert (games.frame["start"].dropna().diff().dropna() > np.timedelta64(0, "ns")).all()


def test_every_kind_of_game_is_there(games):
    status = set(games.frame["status"])
    assert {"complete", "backfilled", "gaps", "late_start"} <= status
    assert (games.frame["rug_tick"] == 1).any()
    jumps = [np.nanmax(game.prices[1:] / game.prices[:-1]) for game in games if len(game) > 2]
    assert any(np.isclose(jump, 10) for jump in jumps)


def test_twelve_real_games_follow_from_their_published_seeds(games):
    real = games.query("file.str.contains('published')")
    assert len(real) == 12
    assert real.verify().all()
    assert set(real.frame["source"]) == {"seed"}


def test_seeds_verify(games):
    verified = games.frame["verified"].dropna()
    assert len(verified) > 180
    assert verified.all()


def test_the_other_folders_load():
    assert load(data_dir() / "lines").frame["trades"].sum() > 0
    kinds = set(load(data_dir() / "damaged").damage["kind"])
    assert {
        "interleaved",
        "split",
        "torn_line",
        "comment",
        "fragment",
        "after_rug",
        "contradiction",
        "placeholder_values",
    } <= kinds


def test_go_to_another_process(games):
    there = pickle.loads(pickle.dumps(games))
    pd.testing.assert_frame_equal(there.frame, games.frame)
    for here, same in zip(games, there, strict=True):
        np.testing.assert_array_equal(same.prices, here.prices, strict=True)


def test_under_three_megabytes():
    assert sum(path.stat().st_size for path in data_dir().rglob("*") if path.is_file()) < 3_000_000
