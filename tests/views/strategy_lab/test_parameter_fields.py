"""The form made from a strategy's parameters."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from rugs_lab.views.strategy_lab.parameter_fields import fields_of


def field(default, given=None):
    def strategy(o, x=default):
        return None

    return fields_of(as_strategy(strategy), {} if given is None else {"x": given})[0]


@given(st.floats(1e-6, 1e6) | st.floats(-1e6, -1e-6) | st.integers(-10_000, 10_000))
def test_a_slider_holds_the_default_and_goes_from_a_quarter_to_four_times(value):
    made = field(value)
    assert made.kind == ("int" if isinstance(value, int) else "float")
    assert made.low <= value <= made.high
    assert made.low < made.high
    places = (value - made.low) / made.step
    assert abs(places - round(places)) < 1e-3
    if value and not (isinstance(value, int) and abs(value) < 200):
        assert min(made.low / value, made.high / value) == pytest.approx(0.25, abs=0.02)
        assert max(made.low / value, made.high / value) == pytest.approx(4, abs=0.02)


def test_kinds():
    def strategy(o, *, a=True, b="slow", mode: Literal["in", "out"] = "in", c=None, d=0, e=0.0):
        return None

    made = {each.name: each for each in fields_of(as_strategy(strategy), {"b": ["slow", "fast"]})}
    assert [each.kind for each in made.values()] == ["bool", "choice", "choice", "fixed", "int", "float"]
    assert made["mode"].choices == ("in", "out")
    assert made["b"].choices == ("slow", "fast")
    assert (made["d"].low, made["d"].high, made["e"].high) == (0, 10, 1.0)


def test_ranges_and_values_can_be_given():
    made = field(0.85, (0.5, 1.0))
    assert (made.low, made.high, made.value) == (0.5, 1.0, 0.85)
    assert field(10, (0, 100, 5)).step == 5
    assert field(0.3, (0.5, 1.0)).value == 0.5
    assert field(0.85, 0.9).value == 0.9


def test_a_parameter_without_a_default_needs_a_value():
    def strategy(o, x):
        return None

    with pytest.raises(ArgumentError, match="needs a value for x"):
        fields_of(as_strategy(strategy))
    assert fields_of(as_strategy(strategy), {"x": (1.0, 2.0)})[0].value == 1.0


@pytest.mark.parametrize(
    "given", [(), (1,), (2, 1), (1, 2, 3, 4), (1, 2, 0), ("a", "b"), [], [1, 2], (0, float("inf"))]
)
def test_a_range_that_is_none_is_rejected(given):
    with pytest.raises(ArgumentError):
        field(1.0, given)


@pytest.mark.parametrize(
    ("default", "good", "bad"),
    [
        (1.5, [2, 0.1], ["2", True, float("nan"), float("inf"), None]),
        (3, [4, 5.0], [4.5, "4", True]),
        (True, [False], [1, "yes", None]),
        ("slow", ["fast"], [1, None]),
    ],
)
def test_values_are_checked_and_become_what_the_strategy_expects(default, good, bad):
    made = field(default)
    for value in good:
        assert type(made.checked(value)) is type(default)
    for value in bad:
        with pytest.raises(ArgumentError, match="x is"):
            made.checked(value)
