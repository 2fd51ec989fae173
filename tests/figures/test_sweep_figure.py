"""The heat map of a sweep: what is in its data source."""

import json

import pytest
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, HoverTool

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.figures.palette import palette
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.trading.sweep.sweep import sweep

GAMES = synthetic(300, seed=61, method="statistical")


@pytest.fixture(scope="module")
def found():
    return sweep(strategies["conservative"], GAMES, take=[0.1, 0.5], stop=[0.1, 0.3, 0.5], size=[0.01, 0.02])


def cells(plot):
    return plot.select_one({"name": "combinations", "type": ColumnDataSource}).data


def test_one_tile_for_each_pair_averaged_over_the_rest(found):
    plot = found.plot().model
    data = cells(plot)
    assert len(data["value"]) == 6
    assert (plot.xaxis[0].axis_label, plot.yaxis[0].axis_label) == ("take", "stop")
    assert plot.x_range.factors == ["0.1", "0.5"]
    both = found.frame["mean_sol"].xs((0.1, 0.3), level=("take", "stop"))
    place = list(zip(data["x"], data["y"], strict=True)).index(("0.1", "0.3"))
    assert data["value"][place] == pytest.approx(both.mean())


def test_axes_and_value_can_be_chosen(found):
    plot = found.plot(x="size", y="stop", value="win_rate").model
    assert plot.xaxis[0].axis_label == "size"
    assert "win rate" in plot.title.text


def test_cells_within_noise_are_crossed_out(found):
    data = cells(found.plot(x="take", y="stop").model)
    assert set(data["hatch"]) <= {" ", "x"}
    for hatch, words in zip(data["hatch"], data["verdict"], strict=True):
        assert (hatch == "x") == (words == "not distinguishable")


def test_one_parameter_is_a_line_with_intervals():
    found = sweep(strategies["hold_to_target"], GAMES, multiple=[3.0, 1.5])
    data = cells(found.plot().in_theme("dark"))
    assert data["x"].tolist() == [1.5, 3.0]
    assert (data["low"] < data["value"]).all()
    assert palette("dark").price in json.dumps(json_item(found.plot().in_theme("dark")))


def stopping(o, stop=None, take=1.5):
    if o.tick < 0:
        return rl.buy(0.1)
    low = stop is not None and o.price < stop
    return rl.sell() if o.units and (low or o.price > take) else rl.hold()


@pytest.mark.filterwarnings("ignore::rugs_lab.errors.CompileWarning")
def test_none_among_the_values_is_a_value_of_its_own():
    found = sweep(stopping, GAMES[:60], stop=[None, 0.8], take=[1.2, 1.5])
    means = [each.mean_sol().value for each in found.sums]
    plot = found.plot(x="stop", y="take").model
    data = cells(plot)
    assert plot.x_range.factors == ["0.8", "None"]
    drawn = dict(zip(zip(data["x"], data["y"], strict=True), data["value"], strict=True))
    assert drawn[("None", "1.2")] == pytest.approx(means[0])
    assert drawn[("0.8", "1.5")] == pytest.approx(means[3])
    default = found.plot().model
    assert (default.xaxis[0].axis_label, default.yaxis[0].axis_label) == ("stop", "take")
    alone = sweep(stopping, GAMES[:60], stop=[None, 0.8])
    line = cells(alone.plot().model)
    assert line["x"].tolist() == ["0.8", "None"]
    assert line["value"].tolist() == alone.frame["mean_sol"].tolist()[::-1]
    assert alone.frame.index.tolist() == [None, 0.8]


def test_the_interval_drawn_is_that_of_the_table():
    found = sweep(strategies["hold_to_target"], GAMES[:20], multiple=[1.5, 3.0])
    for value, low, high in (
        ("mean_sol", "low_sol", "high_sol"),
        ("win_rate", "win_rate_low", "win_rate_high"),
        ("ruin", "ruin_low", "ruin_high"),
    ):
        data = cells(found.plot(value=value).model)
        assert data["low"].tolist() == pytest.approx(found.frame[low].tolist(), nan_ok=True)
        assert data["high"].tolist() == pytest.approx(found.frame[high].tolist(), nan_ok=True)


def test_noise_about_zero_is_marked_of_profits_only(found):
    one = sweep(strategies["hold_to_target"], GAMES[:20], multiple=[1.5, 3.0])
    assert set(cells(one.plot().model)["verdict"]) == {"not distinguishable"}
    plot = one.plot(value="win_rate").model
    assert set(cells(plot)["verdict"]) == {""}
    assert set(cells(plot)["fill"]) == {palette("light").price}
    assert "distinguishable" not in plot.title.text
    tips = dict(plot.select_one(HoverTool).tooltips)
    assert "@low" in tips["95 %"]
    assert "95 %" not in dict(one.plot(value="trades").model.select_one(HoverTool).tooltips)
    heat = cells(found.plot(x="take", y="stop", value="win_rate").model)
    assert set(heat["hatch"]) == {" "}
    assert (heat["low"] < heat["high"]).all()


def test_what_is_wrong_is_said(found):
    with pytest.raises(ArgumentError, match="was not swept"):
        found.plot(x="below")
    with pytest.raises(ArgumentError, match="must be a column"):
        found.plot(value="luck")
    with pytest.raises(ArgumentError, match="nothing was swept"):
        sweep(strategies["hold_to_target"], GAMES, multiple=2.0).plot()
