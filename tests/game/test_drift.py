"""The exact expectation of the next price against simulated games and against a pencil."""

from itertools import pairwise

import numpy as np
import pytest

from rugs_lab.recordings.games.synthetic import synthetic
from tests.support.drift import SMALL_MOVE, expected_price


def test_by_hand_at_the_start_and_above_the_god_candle_limit():
    assert pytest.approx(0.875 * 0.005) == SMALL_MOVE
    god = 1e-5
    by_hand = 0.995 * (god * 10 + (1 - god) * (1 + 0.004375)) + 0.005 * (1 - 0.98)
    assert float(expected_price(1.0, 1.0)) == pytest.approx(by_hand, rel=1e-12)
    assert float(expected_price(200.0, 0.5)) == pytest.approx(0.995 * 200 * 1.004375 + 0.005 * 0.02 * 0.5)


def test_holding_loses_at_every_price_on_average():
    prices = np.geomspace(1e-3, 1e3, 100)
    assert (expected_price(prices, prices) < prices).all()


def test_simulated_ticks_agree_with_it():
    games = synthetic(8_000, seed=5, method="statistical")
    prices, offsets = games.prices, games.offsets
    errors = []
    for first, last in pairwise(offsets.tolist()):
        path = prices[first:last]
        expected = expected_price(path[:-1], np.minimum.accumulate(path[:-1]))
        errors.append(((path[1:] - expected) / path[:-1]).sum())
    mean, error = np.mean(errors), np.std(errors) / len(errors) ** 0.5
    assert abs(mean) < 4 * error
