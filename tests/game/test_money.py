import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import Position, SideBet

amounts = st.floats(0.001, 5.0)
prices = st.floats(0.01, 100.0)


def test_average_cost_is_weighted_by_units():
    held = Position().buy(1.0, price=1.0).buy(1.0, price=4.0)
    assert (held.units, held.cost_sol, held.average_cost) == (1.25, 2.0, 1.6)


def test_a_full_sell_leaves_nothing():
    left, proceeds = Position().buy(1.0, 2.0).sell(1, price=3.0)
    assert (left, proceeds) == (Position(), 1.5)
    assert left.average_cost == 0.0


@given(amounts, prices, prices, st.sampled_from([0.10, 0.25, 0.50]))
def test_a_partial_sell_keeps_the_average_cost(amount, bought, sold, fraction):
    held = Position().buy(amount, bought)
    left, proceeds = held.sell(fraction, sold)
    assert math.isclose(left.average_cost, held.average_cost)
    assert math.isclose(proceeds, held.units * fraction * sold)


def test_a_side_bet_wins_up_to_forty_ticks_after_its_start():
    bet = SideBet(0.01, start_tick=7)
    assert [bet.wins(tick) for tick in (7, 46, 47, 48)] == [True, True, True, False]
    assert bet.payout_sol(47) == 5 * 0.01
    assert bet.payout_sol(48) == 0.0


@pytest.mark.parametrize("amount", [0, -1, math.nan, math.inf])
def test_an_impossible_amount_says_what_is_allowed(amount):
    with pytest.raises(ArgumentError, match="finite number above 0"):
        Position().buy(amount, 1.0)


@pytest.mark.parametrize("fraction", [0, -0.1, 1.1])
def test_an_impossible_fraction_says_what_is_allowed(fraction):
    with pytest.raises(ArgumentError, match="at most 1"):
        Position(1.0, 1.0).sell(fraction, 1.0)
