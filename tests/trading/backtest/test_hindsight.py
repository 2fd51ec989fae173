"""Games selected by their outcome are told from games that were not."""

import pytest

from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import sample
from rugs_lab.trading.backtest.hindsight import outcome_test

GAMES = synthetic(2000, seed=11)


@pytest.mark.parametrize(
    "pick", ["peak > 5", "peak < 1.2", "rug_tick > 200", "ticks < 60", "100 < ticks < 250"]
)
def test_a_selection_by_outcome_is_noticed(pick):
    found = outcome_test(GAMES.query(pick))
    assert found.selected
    assert "0.005 expected" in str(found)


def test_few_selected_games_are_enough():
    assert outcome_test(GAMES.query("peak > 20")[:8]).selected


@pytest.mark.parametrize("games", [GAMES, GAMES[:50], GAMES[::7], GAMES.sample(300, seed=1), GAMES[:3]])
def test_a_selection_that_knows_nothing_is_not_accused(games):
    assert not outcome_test(games).selected


def test_the_shipped_sample_is_no_selection():
    assert not outcome_test(sample()).selected


def test_rarely_a_false_alarm():
    flagged = sum(
        outcome_test(synthetic(300, seed=each, method="statistical")).selected for each in range(60)
    )
    assert flagged == 0


def test_games_without_a_known_rug_say_nothing():
    assert outcome_test(Games.from_arrays(["a"], [1.0, 1.1], [0, 2])) is None
    assert outcome_test(Games()) is None
