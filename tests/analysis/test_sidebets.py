"""Side bets by entry tick, and all entries together."""

from __future__ import annotations

import numpy as np
import pytest

from rugs_lab.analysis import sidebets, sidebets_pooled
from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from tests.support.broken_games import broken

pytestmark = pytest.mark.filterwarnings("ignore::rugs_lab.errors.CensoringWarning")  # a fifth ends unseen


def lasting(*rug_ticks):
    return Games([Game(str(n), np.append(np.ones(n), 0.02), rug_tick=n) for n in rug_ticks])


def test_a_bet_wins_up_to_and_including_tick_forty():
    frame = sidebets(lasting(40, 41), [0, 1])
    assert frame["wins"].tolist() == [1, 2]
    assert frame["win_share"].tolist() == [0.5, 1.0]
    assert frame["profit_stakes"].tolist() == [1.5, 4.0]


def test_only_games_that_live_at_the_tick_take_a_bet():
    assert sidebets(lasting(10, 50), [10, 20, 60])["n_games"].tolist() == [1, 1, 0]


def test_the_law_and_break_even_stand_beside_it():
    row = sidebets(lasting(10), [0]).iloc[0]
    assert row[["baseline", "break_even", "profit_baseline"]].tolist() == pytest.approx(
        [0.18168, 0.2, -0.0916], abs=5e-5
    )


def test_all_entries_of_whole_games_are_the_plain_share():
    games = lasting(3, 100, 250)
    frame = sidebets_pooled(games)
    assert frame["value"].iloc[0] == pytest.approx((3 + 40 + 40) / 353)
    assert frame["value"].iloc[1] == pytest.approx(5 * 83 / 353 - 1)


def test_intervals_over_games_cover_the_law_for_broken_games():
    games = broken(5000, seed=31)
    held = []
    for at in range(0, len(games) - 50, 50):
        row = sidebets_pooled(games[at : at + 50]).iloc[0]
        held.append(row["low"] <= row["baseline"] <= row["high"])
    assert 0.88 <= np.mean(held) <= 1.0


def test_entries_at_one_tick_cover_the_law_for_broken_games():
    games = broken(8000, seed=32)
    parts = [sidebets(games[at : at + 80], [0, 100]) for at in range(0, len(games) - 80, 80)]
    inside = [(part["low"] <= part["baseline"]) & (part["baseline"] <= part["high"]) for part in parts]
    assert (np.mean(inside, axis=0) >= 0.9).all()


def test_a_window_has_a_tick():
    with pytest.raises(ArgumentError, match="1 tick"):
        sidebets_pooled(Games(), window=0)
