"""Figures of statistics: a frame of the analysis in, a figure out, in light and dark."""

from __future__ import annotations

import json

import numpy as np
import pytest
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, Line, Scatter

import rugs_lab as rl
from rugs_lab.analysis import (
    by_hour,
    drawdowns,
    durations,
    hazard_by_tick,
    peaks,
    players,
    quality,
    return_histogram,
    rug_prices,
    sidebets,
    survival,
    trades_by_tick,
)
from rugs_lab.errors import ArgumentError
from rugs_lab.figures import analysis_figures as figures
from rugs_lab.figures.palette import palette
from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.recordings.games.games import Games

FIGURES = [
    (hazard_by_tick, figures.hazard_figure),
    (survival, figures.survival_figure),
    (durations, figures.durations_figure),
    (peaks, figures.peaks_figure),
    (return_histogram, figures.returns_figure),
    (drawdowns, figures.drawdowns_figure),
    (rug_prices, figures.rug_prices_figure),
    (sidebets, figures.sidebets_figure),
    (players, figures.players_figure),
    (trades_by_tick, figures.trades_figure),
    (by_hour, figures.hours_figure),
    (quality, figures.quality_figure),
]
NAMES = [statistic.__name__ for statistic, _ in FIGURES]


@pytest.fixture(scope="module")
def games():
    return rl.sample()


@pytest.mark.parametrize(("statistic", "draw"), FIGURES, ids=NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_statistic_has_a_figure_in_both_themes(games, statistic, draw, theme):
    plot = draw(statistic(games), theme=theme)
    item = json.dumps(json_item(plot))
    assert palette(theme).text in item
    assert plot.title.text
    assert plot.xaxis[0].axis_label


@pytest.mark.parametrize(("statistic", "draw"), FIGURES, ids=NAMES)
@pytest.mark.parametrize("games", [Games(), rl.synthetic(1, seed=1)], ids=["none", "one"])
def test_figures_of_almost_nothing_are_drawn(games, statistic, draw):
    assert json_item(draw(statistic(games)))


def test_points_are_the_frame(games):
    frame = sidebets(games)
    plot = figures.sidebets_figure(frame)
    data = plot.select_one({"name": "points", "type": ColumnDataSource}).data
    assert data["y"].tolist() == frame["win_share"].tolist()
    assert data["low"].tolist() == frame["low"].tolist()
    assert "n = " in plot.title.text


def test_the_line_of_rug_prices_is_the_rule_to_the_last_bit(games):
    frame = rug_prices(games)
    plot = figures.rug_prices_figure(frame)
    line, data = next(
        (each.glyph, each.data_source.data) for each in plot.renderers if isinstance(each.glyph, Line)
    )
    ends = [frame["lowest"].min(), frame["lowest"].max()]
    x, y = (np.asarray(data[getattr(line, name)]) for name in ("x", "y"))
    assert x.tolist() == ends
    assert y.tolist() == [each * RUG_FACTOR for each in ends]


def test_players_with_bets_show_the_share_that_won():
    frame = players(rl.sample()).assign(bets=10, bets_won=2, win_share=0.2, low=0.1, high=0.4)
    assert "Side bets" in figures.players_figure(frame).title.text


def test_unknown_theme_raises(games):
    with pytest.raises(ArgumentError, match="light"):
        figures.hazard_figure(hazard_by_tick(games), theme="blue")


def scatters(plot):
    return [(each.glyph, each.data_source.data) for each in plot.renderers if isinstance(each.glyph, Scatter)]


def test_no_interval_is_cut_without_a_word(games):
    """Of those that end above the axis each is marked; the legend never lies over one."""
    for statistic, draw in ((sidebets, figures.sidebets_figure), (by_hour, figures.hours_figure)):
        frame = statistic(games).dropna(subset=["high"])
        plot = draw(statistic(games))
        frame = frame[frame["n_ticks"] > 0] if "n_ticks" in frame else frame
        beyond = int((frame["high"] > plot.y_range.end).sum())
        marked = sum(len(data[glyph.x]) for glyph, data in scatters(plot) if glyph.marker == "triangle")
        assert marked == beyond
        assert plot.legend
        assert all(box in plot.above for box in plot.legend)
    assert beyond == 1


def test_an_interval_of_a_share_of_nothing_is_explained(games):
    frame = peaks(games)
    none = frame.loc[frame["share"] == 0, "level_x"].tolist()
    plot = figures.peaks_figure(frame)
    marked = [data[glyph.x].tolist() for glyph, data in scatters(plot) if glyph.marker == "inverted_triangle"]
    assert marked == [none]
    assert none
    assert any("reached by none" in str(item.label) for item in plot.legend[0].items)


def test_titles_say_which_of_the_games_are_counted(games):
    for name in set(dir(games.plot)) - {"paths", "players", "quality"}:
        assert "\nof 236 games " in getattr(games.plot, name)().model.title.text


def test_plot_that_is_called_lists_the_figures(games):
    with pytest.raises(ArgumentError, match=r"games\.plot\.paths\(\), .*\.bets\(\)"):
        games.plot()
