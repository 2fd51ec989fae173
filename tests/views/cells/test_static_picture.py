"""A comparison that shows itself: how long its widgets stay."""

import gc

import pytest
from ipywidgets.widgets.widget import _instances

import rugs_lab as rl
from rugs_lab.views.page import place

STRATEGY = rl.strategies["aggressive"]
SIDES = [rl.backtest(STRATEGY, rl.sample()[:20], take=take) for take in (0.5, 0.2)]


@pytest.fixture
def show(monkeypatch):
    """Show a comparison as if from a run of a cell; return its widget."""

    def call(both, cell=None, run=None):
        monkeypatch.setattr(place, "running_cell", lambda: (cell, run))
        found = both._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in found
        return both.__dict__["_still"]

    return call


def widgets():
    gc.collect()
    return set(_instances.values())


def test_a_comparison_that_is_gone_leaves_no_widgets(show):
    before = widgets()
    for _ in range(3):
        show(rl.compare(*SIDES))
    assert widgets() == before


def test_the_next_run_of_the_cell_closes_what_the_one_before_showed(show):
    first, second, third = (rl.compare(*SIDES) for _ in range(3))
    one, two = show(first, "a", "1"), show(second, "a", "1")
    assert not one.closed
    elsewhere = show(second, "b", "2")
    assert elsewhere is two
    new = show(third, "a", "3")
    assert (one.closed, two.closed, new.closed) == (True, False, False)
    again = show(first, "c", "4")
    assert again is not one
    assert not again.closed
    again.close()
    again.close()
    for each in (two, new):
        each.close()
