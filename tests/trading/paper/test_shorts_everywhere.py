"""Shorts under the linear assumption, played: engines, check, paper money and statistics count them alike."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import CompileWarning
from rugs_lab.game.money import lamports
from rugs_lab.trading.account.actions import buy, cover, hold, sell, short, sidebet
from rugs_lab.trading.backtest.run_stats import PROFIT
from rugs_lab.trading.check.check import check
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.paper.paper_stats import results_of

ASSUMED = Options(shorts="linear")


def dips(o, size=0.1, take=0.2):
    if not o.short_size:
        return short(size) if o.price > 1.2 else hold()
    return cover() if o.short_unrealised > take * o.short_size else hold()


def test_the_assumption_is_played_tick_by_tick_with_one_warning():
    games = rl.synthetic(50, seed=4)
    with pytest.warns(CompileWarning, match="shorts under an assumption are only played tick by tick"):
        run = rl.backtest(dips, games, shorts="linear", carry=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = rl.backtest(dips, games, shorts="linear", carry=False)
    np.testing.assert_array_equal(run.results.values, again.results.values)
    assert run.results.engine == "tick"
    assert set(run.trades["what"]) == {"cover", "short rug", "liquidated"}
    assert run.results.trades_won.sum() > 0
    assert run.results.ticks_held.sum() > 0
    assert run.results.profit.sum() == lamports(run.trades["profit_sol"].sum())
    assert run.results.lowest.min() < 0
    assert run.plot(games=2).model is not None


def test_without_the_assumption_the_same_strategy_is_compiled_and_agrees():
    games = rl.synthetic(50, seed=4)
    one, two = (play(dips, games, engine=engine) for engine in ("tick", "auto"))
    assert (two.engine, int(two.buys.sum())) == ("compiled", 0)
    np.testing.assert_array_equal(one.values, two.values)


def test_it_passes_the_check_and_trades_a_feed_alike():
    report = check(dips, rl.sample()[:40], ASSUMED)
    assert report.ok, report
    assert "same ledger" in report["replay"].words
    with rl.ReplayFeed(rl.sample()[3], speed=float("inf")) as feed:
        assert feed.paper(shorts="linear").account.shorts == "linear"
        assert Paper(feed).account.shorts is None


def long_and_short(o, size=0.1):
    if o.tick < 0:
        return short(size), sidebet(0.01)
    if o.tick % 20 == 5:
        return buy(size) if not o.units else sell()
    return cover() if o.tick % 50 == 30 else short(size) if o.tick % 50 == 45 else hold()


@pytest.mark.parametrize("strategy", [dips, long_and_short])
def test_paper_money_counts_shorts_as_the_engine_does(strategy):
    games = rl.sample()[:40]
    results = play(strategy, games, ASSUMED, engine="tick")
    told = results_of(results.accounts[0])
    assert results.trades.sum() > 10
    np.testing.assert_array_equal(told.values, results.values)
    assert told.options.shorts == "linear"


def test_statistics_bots_and_random_rivals_of_a_paper_account_count_its_shorts():
    games = rl.sample()[:12]
    feed = rl.ReplayFeed(games, speed=float("inf"))
    paper = feed.paper(dips, shorts="linear")
    with feed:
        feed.wait(games=len(games))
        feed.dispatcher.end(60)
    run = rl.backtest(dips, games, engine="tick", shorts="linear")
    for label in ("buys [n]", "trades closed [n]", "games acted in [n]", "win rate [%]", "max drawdown [%]"):
        assert paper.stats["value"][label] == pytest.approx(run.figures["value"][label]), label
    assert feed.bots["trades"].tolist() == [int(run.results.trades.sum())]
    assert paper.stats.loc["at risk per game [SOL x ticks]", "value"] > 0
    assert feed.bots["expected_per_game_sol"].tolist() == paper.stats.loc[[PROFIT], "expected"].tolist()
    assert rl.compare(run, paper).notes == []
    without = rl.backtest(rl.strategies["conservative"], games, engine="tick")
    assert any(note.startswith("shorts: None / 'linear'") for note in rl.compare(without, paper).notes)
    paper.close()
