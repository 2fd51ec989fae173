"""A simple entry's outcome from the prices, and the game after a high one."""

from __future__ import annotations

import numpy as np
import pytest

from rugs_lab.analysis import after_peak, entry_outcomes
from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic

SECOND = 1_000_000_000


def one(prices, rug_tick):
    return Games([Game("g", np.array(prices), rug_tick=rug_tick)])


@pytest.mark.parametrize(
    ("prices", "rug", "options", "expected"),
    [
        ([1.0, 2.0, 2.2, 3.0, 3.1, 0.02], 5, {"take": 1.3}, (2, 4, "take", 3.1 / 2.2 - 1)),
        ([1.0, 2.0, 2.2, 1.0, 0.9, 0.02], 5, {"stop": 0.6}, (2, 4, "stop", 0.9 / 2.2 - 1)),
        ([1.0, 2.0, 2.2, 3.0, 0.02], 4, {"take": 1.3}, (2, 4, "rug", 0.02 / 2.2 - 1)),
        ([1.0, 2.0, 2.2, 2.1, 0.02], 4, {}, (2, 4, "rug", 0.02 / 2.2 - 1)),
        ([1.0, 2.0, 2.2, 2.1], None, {"take": 1.3}, (2, 3, "unfinished", np.nan)),
        ([1.0, 2.0, 2.2, np.nan, 9.9, 0.02], 5, {"take": 1.3}, (2, 2, "unfinished", np.nan)),
    ],
)
def test_what_becomes_of_an_entry(prices, rug, options, expected):
    row = entry_outcomes(one(prices, rug), 2, **options).iloc[0]
    assert (row["entry_tick"], row["exit_tick"], row["how"]) == expected[:3]
    assert row["profit_stakes"] == pytest.approx(expected[3], nan_ok=True)


def test_an_order_dies_with_the_game():
    assert len(entry_outcomes(one([1.0, 2.0, 0.02], 2), 2)) == 0


def test_games_of_which_nothing_is_known_are_passed_over():
    games = Games([Game("pregame", np.array([])), Game("unknown", np.array([np.nan]))])
    assert len(entry_outcomes(games, 2)) == 0


def test_entries_keep_to_their_ticks():
    games = one([2.0, 2.0, 2.0, 2.0, 0.02], 4)
    assert entry_outcomes(games, 2, from_tick=2)["entry_tick"].tolist() == [3]
    assert len(entry_outcomes(games, 3, before_tick=2)) == 0
    assert len(entry_outcomes(games, 2, before_tick=0)) == 0


def test_the_best_price_afterwards_is_hindsight():
    assert entry_outcomes(one([2.0, 2.0, 1.0, 5.0, 0.02], 4), 2)["best_x"].tolist() == [2.5]


@pytest.mark.parametrize(
    "bad", [{"low": 0}, {"low": 3, "high": 2}, {"low": 1, "take": 0.9}, {"low": 1, "stop": 1.1}]
)
def test_senseless_rules_are_refused(bad):
    with pytest.raises(ArgumentError):
        entry_outcomes(Games(), **bad)


def high_then(rug, pause_s, began_s=1000):
    high = np.array([1.0, 60.0, 0.02])
    after = np.append(np.ones(rug), 0.02)
    began = began_s * SECOND
    return Games(
        [
            Game("a", high, rug_tick=2, started_ns=began),
            Game("b", after, rug_tick=rug, started_ns=began + int((0.5 + pause_s) * SECOND)),
        ]
    )


def test_the_game_right_after_a_high_one_counts():
    frame = after_peak(high_then(10, pause_s=16), 50)
    assert frame["n_games"].tolist() == [1, 0]
    assert frame["share"].iloc[0] == 1.0


@pytest.mark.parametrize("pause_s", [200, -5])
def test_a_game_that_may_not_be_the_next_one_does_not_count(pause_s):
    assert after_peak(high_then(10, pause_s), 50)["n_games"].tolist() == [0, 0]


def test_simulated_games_have_no_memory():
    frame = after_peak(synthetic(20_000, seed=6, method="statistical"), 50)
    assert frame["n_games"].sum() == 19_999
    assert ((frame["low"] < frame["baseline"]) & (frame["baseline"] < frame["high"])).all()
