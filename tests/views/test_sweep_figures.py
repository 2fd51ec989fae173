"""The heat map of a sweep: what is in its data source."""

import json

import pytest
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.synthetic import synthetic
from rugs_lab.strategy.registry import rules
from rugs_lab.strategy.sweep import sweep
from rugs_lab.views.palette import palette

GAMES = synthetic(300, seed=61, method="statistical")


@pytest.fixture(scope="module")
def found():
    return sweep(rules["conservative"], GAMES, take=[0.1, 0.5], stop=[0.1, 0.3, 0.5], size=[0.01, 0.02])


def cells(plot):
    return plot.select_one({"name": "cells", "type": ColumnDataSource}).data


def test_one_tile_for_each_pair_averaged_over_the_rest(found):
    plot = found.plot()
    data = cells(plot)
    assert len(data["value"]) == 6
    assert (plot.xaxis[0].axis_label, plot.yaxis[0].axis_label) == ("take", "stop")
    assert plot.x_range.factors == ["0.1", "0.5"]
    both = found.frame["mean_sol"].xs((0.1, 0.3), level=("take", "stop"))
    place = list(zip(data["x"], data["y"], strict=True)).index(("0.1", "0.3"))
    assert data["value"][place] == pytest.approx(both.mean())


def test_axes_and_value_can_be_chosen(found):
    plot = found.plot(x="size", y="stop", value="win_rate")
    assert plot.xaxis[0].axis_label == "size"
    assert "win rate" in plot.title.text


def test_cells_within_noise_are_crossed_out(found):
    data = cells(found.plot(x="take", y="stop"))
    assert set(data["hatch"]) <= {" ", "x"}
    for hatch, words in zip(data["hatch"], data["words"], strict=True):
        assert (hatch == "x") == (words == "within noise")


def test_one_parameter_is_a_line_with_intervals():
    found = sweep(rules["hold_to_target"], GAMES, multiple=[3.0, 1.5])
    data = cells(found.plot(theme="dark"))
    assert data["x"].tolist() == [1.5, 3.0]
    assert (data["low"] < data["value"]).all()
    assert palette("dark").price in json.dumps(json_item(found.plot(theme="dark")))


def test_what_is_wrong_is_said(found):
    with pytest.raises(ArgumentError, match="was not swept"):
        found.plot(x="below")
    with pytest.raises(ArgumentError, match="must be a column"):
        found.plot(value="luck")
    with pytest.raises(ArgumentError, match="nothing was swept"):
        sweep(rules["hold_to_target"], GAMES, multiple=2.0).plot()
