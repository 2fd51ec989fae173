"""Peaks and drawdowns."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from rugs_lab.analysis import drawdowns, peaks
from rugs_lab.analysis._observed import FromStart
from rugs_lab.analysis._peaks import cumulative, incidence
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from tests.support.broken_games import broken

pytestmark = pytest.mark.filterwarnings("ignore::rugs_lab.errors.CensoringWarning")  # a sixth ends unseen


def test_share_of_whole_games_is_counted():
    games = Games(
        [
            Game("a", np.array([1.0, 2.5, 0.02]), rug_tick=2),
            Game("b", np.array([1.0, 1.5, 0.02]), rug_tick=2),
            Game("late", np.array([np.nan, 9.0, 0.02]), rug_tick=2),
        ]
    )
    frame = peaks(games, (2, 5))
    assert frame["n_games"].tolist() == [2, 2]
    assert frame["reached"].tolist() == [1, 0]
    assert frame["share"].tolist() == [0.5, 0.0]


def test_a_game_lost_below_the_level_counts_for_as_long_as_it_was_seen():
    """Two games end low, one gets there, one is lost first: a third of what went on, not a quarter."""
    watch = FromStart(np.arange(4), np.array([10, 10, 20, 5]), np.array([True, True, True, False]))
    seen, share, low, high = incidence(watch, np.array([-1, -1, 12, -1]))
    assert seen == 1
    assert share == pytest.approx(1 / 3)
    assert low < share < high


def test_intervals_of_broken_games_cover_the_law():
    games = broken(12_000, seed=77)
    parts = [peaks(games[at : at + 80], (2, 5)) for at in range(0, len(games) - 80, 80)]
    inside = [(part["low"] <= part["baseline"]) & (part["baseline"] <= part["high"]) for part in parts]
    assert (np.mean(inside, axis=0) >= 0.9).all()


def test_leaving_broken_games_out_shows_too_few_high_peaks():
    games = broken(8000, seed=22, cut=0.01, back=0.05)
    whole = games.query("status == 'complete'")
    right, left_out = peaks(games, (5,)).iloc[0], peaks(whole, (5,)).iloc[0]
    assert right["low"] < right["baseline"] < right["high"]
    assert left_out["high"] < left_out["baseline"]


def test_a_fall_and_the_way_back():
    games = Games(
        [
            Game("falls", np.array([1.0, 2.0, 0.9, 0.02]), rug_tick=3),
            Game("returns", np.array([1.0, 2.0, 0.9, 2.1, 0.02]), rug_tick=4),
            Game("rises", np.array([1.0, 1.1, 1.2, 0.02]), rug_tick=3),
        ]
    )
    frame = drawdowns(games, (0.5,))
    assert frame["value"].tolist() == pytest.approx([2 / 3, 1 / 2])
    assert frame["n"].tolist() == [3, 2]
    assert frame["baseline"].between(0, 1).all()


@pytest.mark.parametrize("seed", range(40))
def test_cumulative_incidence_and_its_error_are_those_of_statsmodels(seed):
    numbers = np.random.default_rng(seed)
    n = int(numbers.integers(5, 200))
    time = numbers.geometric(0.02 + 0.2 * numbers.random(), n)
    status = numbers.choice([0, 1, 2], n, p=[0.3, 0.3, 0.4])
    status[0], time[0] = 1, 3
    status[1], time[1] = 0, 1000  # somebody is still at risk at the last one, so the error is finite
    share, error, left = cumulative(time, status == 1, status == 2)
    theirs = CumIncidenceRight(time, status)
    at = np.searchsorted(theirs.times, time[status == 1].max())
    assert share == pytest.approx(theirs.cinc[0][at], rel=1e-12)
    assert error == pytest.approx(theirs.cinc_se[0][at], rel=1e-9)
    assert left == pytest.approx(1 - theirs.cinc[0][-1] - theirs.cinc[1][-1], abs=1e-12)


def test_what_may_still_happen_widens_the_interval():
    """Five of ten games are lost at tick 10; one reaches the level at 15, one is lost or ends at 20."""
    exits, ended = np.array([10] * 5 + [5] * 3 + [20] * 2), np.array([False] * 5 + [True] * 5)
    hit = np.array([-1] * 9 + [15])
    settled = incidence(FromStart(np.arange(10), exits, ended), hit)
    ended[8] = False
    lost = incidence(FromStart(np.arange(10), exits, ended), hit)
    assert lost[:3] == pytest.approx(settled[:3])
    assert lost[3] > settled[3]
