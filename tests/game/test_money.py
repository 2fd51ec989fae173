import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import Position, lamports, share, sol, worth

amounts = st.floats(0.001, 5.0)
prices = st.floats(0.01, 100.0)


def test_average_cost_is_weighted_by_units():
    held = Position().buy(lamports(1.0), price=1.0).buy(lamports(1.0), price=4.0)
    assert (held.units, held.cost_sol, held.average_cost) == (1.25, 2.0, 1.6)


def test_a_full_sell_leaves_nothing():
    left, proceeds = Position().buy(lamports(1.0), 2.0).sell(1, price=3.0)
    assert (left, sol(proceeds)) == (Position(), 1.5)
    assert left.average_cost == 0.0


@given(amounts, prices, prices, st.sampled_from([0.10, 0.25, 0.50]))
def test_a_partial_sell_keeps_the_average_cost(amount, bought, sold, fraction):
    held = Position().buy(lamports(amount), bought)
    left, proceeds = held.sell(fraction, sold)
    assert math.isclose(left.average_cost, held.average_cost, rel_tol=1e-3)
    assert left.average_cost * left.nano_units == pytest.approx(left.cost_lamports)
    assert abs(left.cost_lamports - held.cost_lamports * (1 - fraction)) <= 1
    assert abs(proceeds - held.nano_units * fraction * sold) <= 1 + sold


@given(amounts, prices, prices)
def test_what_is_sold_at_once_is_worth_the_same_in_parts_or_whole_but_for_rounding(amount, bought, sold):
    held = Position().buy(lamports(amount), bought)
    left, first = held.sell(0.5, sold)
    nothing, second = left.sell(1.0, sold)
    assert nothing == Position()
    assert abs(first + second - worth(held.nano_units, sold)) <= 1 + sold


def test_a_fraction_below_a_billionth_of_a_unit_sells_nothing():
    held = Position(nano_units=3, cost_lamports=5)
    assert held.sell(0.1, 1.0) == (held, 0)


@pytest.mark.parametrize("amount", [0, -1, math.nan, math.inf])
def test_an_impossible_amount_says_what_is_allowed(amount):
    with pytest.raises(ArgumentError, match="finite number above 0"):
        Position().buy(amount, 1.0)


@pytest.mark.parametrize("fraction", [0, -0.1, 1.1])
def test_an_impossible_fraction_says_what_is_allowed(fraction):
    with pytest.raises(ArgumentError, match="at most 1"):
        Position(1, 1).sell(fraction, 1.0)


def test_all_of_it_is_all_of_it_to_the_last_unit():
    """Beyond 2**53 a whole number times 1.0 is another one."""
    assert share(2**60 + 1, 1.0) == 2**60 + 1
    assert share(3, 0.5) == 2
    assert share(5, 0.5) == 2


def test_what_is_no_amount_or_price_is_named():
    for trade, words in (
        (lambda: Position(0, 0).buy(0, 1.0), "amount must be a finite number above 0; got 0"),
        (lambda: Position(0, 0).buy(10, math.inf), "price must be a finite number above 0; got inf"),
        (lambda: Position(10, 10).sell(1.0, -2.0), "price must be a finite number above 0; got -2.0"),
        (lambda: lamports(math.nan), "an amount must be a finite number of SOL; got nan"),
    ):
        with pytest.raises(ArgumentError) as raised:
            trade()
        assert str(raised.value) == words
