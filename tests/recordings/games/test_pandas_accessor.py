"""``df.rugs``: returns, drawdown and candles, game by game."""

import numpy as np
import pandas as pd
import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games

NAN = float("nan")


def frames():
    game = Game("a", np.array([1.0, 2.0, NAN, 1.0, 0.5]), rug_tick=4)
    other = Game("b", np.array([1.0, 0.5]))
    return game.frame, Games([game, other]).ticks


def test_returns_stay_within_a_game_and_over_gaps_are_unknown():
    one, many = frames()
    np.testing.assert_array_equal(one.rugs.returns, [NAN, 1.0, NAN, NAN, -0.5])
    np.testing.assert_array_equal(many.rugs.returns, [NAN, 1.0, NAN, NAN, -0.5, NAN, -0.5])
    assert many.rugs.returns.index.equals(many.index)


def test_drawdown_is_from_the_peak_so_far():
    one, many = frames()
    np.testing.assert_array_equal(one.rugs.drawdown, [0.0, 0.0, NAN, -0.5, -0.75])
    np.testing.assert_array_equal(many.rugs.drawdown, [0.0, 0.0, NAN, -0.5, -0.75, 0.0, -0.5])


def test_candles_begin_at_multiples_of_n():
    one, many = frames()
    candles = one.rugs.candles(2)
    assert candles.index.tolist() == [0, 2, 4]
    assert candles.to_numpy().tolist() == [[1, 2, 1, 2, 2], [1, 1, 1, 1, 1], [0.5, 0.5, 0.5, 0.5, 1]]
    assert many.rugs.candles(5).index.tolist() == [("a", 0), ("b", 0)]
    assert many.rugs.candles(5)["close"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "2"])
def test_a_wrong_length_is_refused(n):
    with pytest.raises(ArgumentError, match="n must be an integer >= 1"):
        frames()[0].rugs.candles(n)


def test_a_frame_without_prices_says_so():
    with pytest.raises(AttributeError, match="needs a column price"):
        pd.DataFrame({"a": [1]}).rugs  # noqa: B018


def test_frames_with_an_index_of_their_own_and_empty_ones_work():
    many = frames()[1].iloc[::-1].reset_index(drop=True).sort_values("tick")
    assert len(many.rugs.candles(3)) == 3
    assert len(Games().ticks.rugs.candles()) == len(Games().ticks.rugs.returns) == 0
