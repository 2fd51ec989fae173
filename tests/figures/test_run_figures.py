"""Figures of a run: what is in their data sources."""

import json
import re

import numpy as np
import pytest
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.drawdown_and_ruin import drawdown
from rugs_lab.estimates.estimate import Moments
from rugs_lab.figures import run_figures
from rugs_lab.figures.marks import BetMark
from rugs_lab.figures.model_drawing import drawing_of
from rugs_lab.figures.palette import LIGHT, palette
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.account.fill_marks import played_game
from rugs_lab.trading.backtest.backtest import backtest
from rugs_lab.trading.strategy.strategy import strategy
from rugs_lab.trading.strategy.strategy_registry import strategies

GAME = Game("20260101-0000000000000001", np.array([1.0, 1.2, 1.5, *[0.9] * 50, 0.018]), rug_tick=53)


def source(plot, name):
    return plot.select_one({"name": name, "type": ColumnDataSource}).data


@strategy
def plan(o):
    if o.tick < 0:
        return buy(0.1), sidebet(0.01)
    if o.tick == 1:
        return sell(0.5), hold()
    if o.tick == 45:
        return hold(), sidebet(0.02)
    return hold()


@pytest.fixture
def run():
    return backtest(plan, GAME)


def test_entries_exits_and_bet_windows_stand_where_they_happened(run):
    (shown,) = run.shown(1)
    plot = run_figures.path_figure(played_game(*shown))
    buys, sells, settled, bets, ends = (
        source(plot, name) for name in ("buys", "sells", "settled", "bets", "bet_ends")
    )
    assert buys["tick"].tolist() == [0]
    assert sells["tick"].tolist() == [2]
    assert settled["tick"].tolist() == [53]
    assert sells["price"].tolist() == [1.5]
    assert sells["words"][0].endswith("profit +0.025 SOL")
    assert settled["words"][0].startswith("settled at 0.018x")
    assert bets["left"].tolist() == [0, 46]
    assert bets["right"].tolist() == [40, 53]  # the second one ends with the game
    assert ends["text"] == ["bet 0.01 SOL: lost", "bet 0.02 SOL: won"]


def test_marks_of_the_rug_stay_inside_the_picture(run):
    (shown,) = run.shown(1)
    plot = run_figures.path_figure(played_game(*shown))
    low, high = plot.y_range.start, plot.y_range.end
    assert low > 0.5
    for name, column in (("settled", "price"), ("rug", "y")):
        assert (low < np.asarray(source(plot, name)[column])).all()
        assert (np.asarray(source(plot, name)[column]) < high).all()


def test_the_words_of_the_rug_are_in_the_title_and_its_mark_stands_off_the_axis(run):
    """Over the prices they would lie on the line."""
    (shown,) = run.shown(1)
    plot = run_figures.path_figure(played_game(*shown))
    assert plot.title.text.endswith("rug at tick 53: 0.018x")
    assert list(source(plot, "rug")["text"]) == [""]
    low, high = np.log([plot.y_range.start, plot.y_range.end])
    assert (np.log(source(plot, "settled")["price"][0]) - low) / (high - low) > 0.05


def test_equity_and_drawdown_are_those_of_the_run():
    plots = run_figures.equity_figures([1.1, 0.9, 1.0], 1.0)
    assert source(plots[0], "equity")["equity"].tolist() == [1.0, 1.1, 0.9, 1.0]
    assert source(plots[1], "drawdown")["drawdown"] == pytest.approx([0, 0, -0.2, -0.1])
    assert plots[0].x_range is plots[1].x_range
    assert "SOL" in plots[0].yaxis.axis_label
    assert "SOL" in plots[1].yaxis.axis_label


def test_many_games_are_thinned_without_losing_an_extreme():
    equity = 1 + np.cumsum(np.random.default_rng(1).normal(0, 0.01, 100_000))
    fall = drawdown(equity)
    at = run_figures.thinned(equity, fall)
    assert len(at) <= run_figures.MOST_POINTS + 2
    assert (at[0], at[-1]) == (0, len(equity) - 1)
    assert fall[at].max() == fall.max()
    assert (equity[at].min(), equity[at].max()) == (equity.min(), equity.max())


def test_histogram_counts_every_game_with_a_profit_or_loss():
    profits = np.concatenate([np.random.default_rng(2).normal(0, 0.01, 1000), np.zeros(7), [5.0]])
    plot = run_figures.profit_figure(profits, Moments.of(np.arange(-2, 18)).mean_sol())
    assert source(plot, "profits")["games"].sum() == 1001
    assert "7 games without profit or loss" in plot.title.text
    assert "95 % interval" in plot.title.text
    assert "n = 20" in plot.title.text


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_of_it_can_be_embedded_in_both_themes(theme):
    run = backtest(strategies["sidebet"], synthetic(50, seed=1))
    layout = run.plot(games=3).in_theme(theme)
    text = json.dumps(json_item(layout))
    assert palette(theme).price in text
    assert len(list(layout.select({"type": figure}))) == 3 + 2 + 1 + 1


def test_nothing_played_and_nothing_done_are_drawn_too():
    with pytest.warns(UserWarning, match="never acted"):
        idle = backtest(strategies["foundational"], synthetic(20, seed=1))
    json_item(idle.plot().model)
    json_item(backtest(plan, synthetic(0, seed=1)).plot().model)


def test_a_wrong_theme_or_number_of_games_is_said():
    run = backtest(plan, GAME)
    with pytest.raises(ArgumentError, match="theme must be"):
        run.plot().in_theme("pink")
    with pytest.raises(ArgumentError, match="games must be"):
        run.plot(games=-1)
    with pytest.raises(ArgumentError, match="a number of games to draw"):
        run.plot(games=["20260101-a"])


def test_a_side_bet_of_a_game_without_an_end_is_drawn_as_refunded():
    bet = BetMark(start=3, end=43, stake=0.01, ended="void")
    game = run_figures.PlayedGame("g", np.ones(10), np.zeros(10, bool), None, bets=[bet])
    ends = source(run_figures.path_figure(game), "bet_ends")
    assert ends["text"] == ["bet 0.01 SOL: refunded"]


def test_a_game_without_fills_has_no_marks():
    game = run_figures.PlayedGame("g", np.array([1.0, 0.02]), np.zeros(2, bool), rug_tick=1)
    assert list(source(run_figures.path_figure(game), "buys")["tick"]) == []


def test_windows_of_bets_are_drawn_without_a_browser_too_and_their_words_below_the_prices():
    prices = np.geomspace(1.0, 0.3, 120)
    bets = [BetMark(start, start + 40, 0.01, "lost") for start in (3, 44, 85)]
    game = run_figures.PlayedGame("g", prices, np.zeros(120, bool), rug_tick=119, bets=bets)
    plot = run_figures.path_figure(game)
    svg = drawing_of(plot, LIGHT, 900).svg("a game")
    windows = re.findall(rf'<path d="M([\d.]+) ([\d.]+)l([\d.]+) 0[^"]*" fill="{LIGHT.bet}"', svg)
    end = plot.x_range.end
    starts = np.array([float(x) for x, _, _ in windows])
    wide = np.array([float(w) for _, _, w in windows])
    np.testing.assert_allclose(np.diff(starts) / wide[0], [41 / 40, 41 / 40], rtol=1e-2)
    np.testing.assert_allclose(wide / wide[0], [1, 1, 34 / 40], rtol=1e-2)  # the last one ends with the game
    assert end > 119
    ends = source(plot, "bet_ends")
    assert (ends["y"] < prices[:119].min()).all()
    assert (ends["y"] > plot.y_range.start).all()
