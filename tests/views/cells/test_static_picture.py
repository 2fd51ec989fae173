"""Figures that show themselves: what a cell is left with, and how long their widgets stay."""

import gc

import pytest
from ipywidgets.widgets.widget import _instances

import rugs_lab as rl
from rugs_lab.views.cells.static_picture import StaticPicture
from rugs_lab.views.page import last_picture, notebook_place

STRATEGY = rl.strategies["aggressive"]
SIDES = [rl.backtest(STRATEGY, rl.sample()[:20], take=take) for take in (0.5, 0.2)]


@pytest.fixture
def outputs(monkeypatch):
    """What cells have shown, in order."""
    shown = []
    monkeypatch.setattr(last_picture, "display", lambda bundle, **_: shown.append(bundle))
    return shown


@pytest.fixture
def show(monkeypatch, outputs):
    """Show something as if from a run of a cell; return the widget."""

    def call(both, cell=None, run=None):
        monkeypatch.setattr(notebook_place, "running_cell", lambda: (cell, run))
        both._ipython_display_()
        return both.plot().__dict__["_shown"]

    return call


def widgets():
    gc.collect()
    return set(_instances.values())


def test_a_cell_is_left_with_a_widget_and_a_picture_below_it(show, outputs):
    widget = show(rl.compare(*SIDES))
    first, second = outputs
    assert set(first) >= {"text/plain", "application/vnd.jupyter.widget-view+json"}
    assert widget.content["picture"] in second["text/html"]
    assert len(second["text/html"]) < 60_000
    widget.close()


def test_a_comparison_that_is_gone_leaves_no_widgets(show):
    before = widgets()
    for _ in range(3):
        show(rl.compare(*SIDES))
    assert widgets() == before


def test_a_figure_that_nobody_holds_stays_in_its_cell(monkeypatch, outputs):
    before = widgets()
    monkeypatch.setattr(notebook_place, "running_cell", lambda: ("a", "1"))
    rl.sample()[0].plot()._ipython_display_()
    gc.collect()
    (shown,) = [each for each in widgets() - before if isinstance(each, StaticPicture)]
    assert not shown.closed
    monkeypatch.setattr(notebook_place, "running_cell", lambda: ("a", "2"))
    again = rl.sample()[0].plot()
    again._ipython_display_()
    assert shown.closed
    again.__dict__["_shown"].close()
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
