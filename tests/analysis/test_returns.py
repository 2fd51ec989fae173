"""Returns per tick, and volatility before the rug."""

from __future__ import annotations

import numpy as np
import pytest

from rugs_lab.analysis import return_histogram, returns, volatility_before_rug
from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic


@pytest.fixture(scope="module")
def law():
    return synthetic(1500, seed=9)


def test_rug_hole_and_next_game_make_no_return():
    games = Games(
        [
            Game("a", np.array([1.0, 1.2, np.nan, 1.0, 1.01, 0.02]), rug_tick=5),
            Game("b", np.array([1.0, 10.0, 0.02]), rug_tick=2),
        ]
    )
    frame = returns(games).set_index("measure")
    big = frame.loc["big moves (15 to 25 %)"]
    assert (big["value"], big["n"]) == (0.5, 2)
    assert frame.loc["god candles (tenfold)", "value"] == pytest.approx(1 / 3)
    assert frame.loc["mean, rug and god candles left out", "value"] == pytest.approx(0.105)
    assert frame.loc["mean, rug tick included, god candles left out", "n"] == 4


def test_every_baseline_of_the_law_lies_in_or_near_its_interval(law):
    frame = returns(law)
    half = (frame["high"] - frame["low"]) / 2
    assert (np.abs(frame["value"] - frame["baseline"]) < 2.2 * half).all()
    assert frame["baseline"].notna().all()


def test_volatility_seems_fourfold_only_with_the_rug_tick(law):
    inside, left_out = volatility_before_rug(law).to_dict("records")
    assert inside["low"] > 4
    assert left_out["low"] < 1.0 < left_out["high"]
    assert (inside["n"], inside["unit"]) == (left_out["n"], "factor")


def test_a_window_of_one_tick_is_refused():
    with pytest.raises(ArgumentError, match="2 ticks"):
        volatility_before_rug(Games(), window=1)


def test_the_histogram_holds_every_return_but_god_candles(law):
    frame = return_histogram(law)
    outside = frame["n_ticks"].iloc[0] - frame["ticks"].sum() - frame["rugs"].sum()
    assert 0 <= outside < 20
    assert frame["rugs"].sum() == len(law)
