"""Figures: columns in, figure out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource

from rugs_lab.errors import ArgumentError
from rugs_lab.figures import price_figure as figures
from rugs_lab.recordings.games.game import Game, Source

GAME = Game(
    "20260101-0000000000000001",
    np.array([1.0, 1.2, np.nan, 0.9, 0.018]),
    np.array([Source.RECEIVED, Source.PARTIAL, Source.MISSING, Source.RECEIVED, Source.RECEIVED], np.uint8),
    rug_tick=4,
)


def source(plot, name):
    return plot.select_one({"name": name, "type": ColumnDataSource}).data


def test_path_is_the_prices_by_tick():
    data = source(GAME.plot().model, "path")
    np.testing.assert_array_equal(data["tick"], [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(data["price"], GAME.prices)


def test_price_axis_is_logarithmic_and_axes_carry_units():
    plot = GAME.plot().model
    assert type(plot.y_scale).__name__ == "LogScale"
    assert "x" in plot.yaxis[0].axis_label
    assert "250 ms" in plot.xaxis[0].axis_label


def test_backfilled_ticks_are_marked():
    data = source(GAME.plot().model, "backfilled")
    assert data["tick"].tolist() == [1]
    assert data["price"].tolist() == [1.2]


def test_rug_is_marked_with_tick_and_price():
    data = source(GAME.plot().model, "rug")
    assert list(data["tick"]) == [4]
    assert list(data["text"]) == ["rug at tick 4: 0.018x"]


def test_running_game_has_no_rug_mark():
    plot = figures.game_figure([1.0, 1.1])
    assert list(source(plot, "rug")["tick"]) == []


def test_game_without_ticks_draws_nothing():
    plot = figures.game_figure([])
    assert len(source(plot, "path")["tick"]) == 0
    assert plot.y_range.start < 1 < plot.y_range.end


def test_ghost_is_another_series():
    plot = GAME.plot(ghost=Game("h", np.array([1.0, 3.0]))).model
    assert source(plot, "ghost")["price"].tolist() == [1.0, 3.0]


def test_game_plot_is_this_figure():
    assert source(GAME.plot().in_theme("dark"), "path")["price"][1] == 1.2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_themes_differ_in_colour_only(theme):
    item = json.dumps(json_item(figures.live_layout(theme)))
    assert figures.palette(theme).price in item


def test_unknown_theme_raises():
    with pytest.raises(ArgumentError, match="light"):
        figures.live_layout("blue")


@pytest.mark.parametrize("prices", [[], [np.nan], [1.0], [0.0, -1.0], [1.0, 250.0]])
def test_price_limits_hold_every_positive_price(prices):
    low, high = figures.price_limits(prices)
    assert 0 < low < 1 < high
    assert all(low <= price <= high for price in prices if price > 0)


def test_no_colour_is_shared_by_two_meanings():
    for colours in (figures.palette("light"), figures.palette("dark")):
        meanings = [colours.price, colours.ghost, colours.backfilled, colours.rug, colours.cut]
        assert len(set(meanings)) == len(meanings)


def test_a_picture_of_a_game_names_it_and_the_one_behind_it():
    assert GAME.plot().model.title.text == f"Price of game {GAME.id}"
    assert "game h in grey" in GAME.plot(ghost=Game("h", np.array([1.0, 3.0]))).model.title.text


def test_the_rug_does_not_stand_on_the_axis():
    plot = GAME.plot().model
    low, high = np.log([plot.y_range.start, plot.y_range.end])
    assert (np.log(GAME.rug_price) - low) / (high - low) > 0.04
