"""A backtest beside paper money, game by game; and the statistics of a paper account."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, IdleStrategyWarning
from rugs_lab.trading.account.actions import sidebet
from rugs_lab.trading.backtest.run_stats import EXPECTED_HIT_RATE, RANDOM
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.paper.paper_stats import results_of
from rugs_lab.trading.paper.versus_humans import RANDOM_BOTS
from tests.support.scripted_feed import ScriptedFeed

GAMES = rl.sample()[:40]


def replayed(strategy, games=GAMES, cash=1.0):
    feed = rl.ReplayFeed(games, speed=float("inf"))
    paper = feed.paper(strategy, cash=cash)
    with feed:
        feed.wait(games=len(games))
        feed.dispatcher.end(60)
    paper.close()
    return paper


@pytest.mark.parametrize("name", list(rl.strategies))
def test_what_came_of_an_account_s_games_is_what_the_engine_says(name):
    results = play(rl.strategies[name], rl.sample()[:120], engine="tick")
    account = results.accounts[0]
    assert (results_of(account).values == results.values).all()
    assert results_of(account).game_ids.tolist() == results.game_ids.tolist()


def test_a_replay_is_the_backtest_to_the_lamport():
    strategy = rl.strategies["conservative"]
    both = rl.compare(rl.backtest(strategy, GAMES), replayed(strategy))
    assert both.names == ("backtest", "paper")
    assert (len(both.frame), both.same, both.notes) == (40, 40, [])
    assert set(both.frame["reason"]) == {"same"}
    assert (both.difference.value, both.difference.n) == (0.0, 40)
    assert both.shown.empty


def test_games_that_only_one_side_played_say_so():
    strategy = rl.strategies["aggressive"]
    whole, part = rl.backtest(strategy, GAMES), rl.backtest(strategy, GAMES, max_games=10)
    both = rl.compare(whole, part)
    assert both.names == ("backtest_1", "backtest_2")
    assert (len(both.common), both.same) == (10, 10)
    missing = both.frame[both.frame["difference_sol"].isna()]
    assert set(missing["reason"]) == {"not played by backtest_2: its session had ended (max_games)"}
    assert missing["backtest_2_sol"].isna().all()
    assert missing["backtest_1_sol"].tolist() == whole.games["profit_sol"].tolist()[10:]
    other = rl.compare(rl.backtest(strategy, GAMES[:5]), rl.backtest(strategy, GAMES[5:10]))
    assert len(other.common) == 0
    assert other.difference.n == 0
    assert "no game in common" in other._repr_html_()


def test_other_parameters_are_named_and_each_difference_has_its_fill():
    strategy = rl.strategies["aggressive"]
    a, b = rl.backtest(strategy, GAMES), rl.backtest(strategy, GAMES, take=0.2)
    both = rl.compare(a, b)
    assert both.notes == ["take: 0.5 / 0.2"]
    differing = both.frame[both.frame["difference_sol"] != 0]
    assert len(differing) > 5
    assert all("take: 0.5 / 0.2" in reason for reason in differing["reason"])
    assert all(" at tick " in reason for reason in differing["reason"])
    expected = b.games["profit_sol"].to_numpy() - a.games["profit_sol"].to_numpy()
    assert np.allclose(both.frame["difference_sol"], expected, atol=1e-12)


def test_rejected_orders_are_named():
    strategy = rl.strategies["aggressive"].with_(size=0.5)
    with pytest.warns(IdleStrategyWarning, match="most often: not enough cash"):
        both = rl.compare(rl.backtest(strategy, GAMES, cash=5.0), rl.backtest(strategy, GAMES, cash=0.6))
    reasons = " | ".join(both.frame["reason"])
    assert "backtest_2: buy decided at tick" in reasons
    assert "rejected: not enough cash" in reasons
    assert "cash_sol: 5.0 / 0.6" in both.notes


def test_ticks_that_paper_did_not_hear_and_a_late_start_explain_a_difference():
    def buys(o, size=0.1):
        return rl.buy(size) if not o.units and o.tick >= 3 else rl.hold()

    feed = ScriptedFeed().start()
    feed.ticks(8)
    paper = Paper(feed, strategy=buys)
    feed.ticks(3)
    feed.rug()
    feed.begin()
    feed.ticks(3)
    feed.dispatcher.end(10)
    feed.stop()
    both = rl.compare(rl.backtest(buys, feed.games, engine="tick"), paper)
    assert len(both.common) == 1
    assert "paper joined at tick 7" in both.frame["reason"].iloc[0]
    assert "buy at tick 4" in both.frame["reason"].iloc[0]
    paper.close()


@pytest.mark.parametrize(("tick", "counted"), [(-1, 5), (0, 6)])
def test_games_after_a_strategy_was_stopped_do_not_count_as_played(tick, counted):
    stop_at = str(GAMES.ids[5])

    class Fragile:
        def begin_game(self, game_id):
            self.game = game_id

        def __call__(self, o):
            if self.game == stop_at and o.tick == tick:
                raise ValueError("no more")
            return rl.buy(0.01) if o.tick == 1 and not o.units else None

    feed = rl.ReplayFeed(GAMES[:12], speed=float("inf"))
    paper = feed.paper(Fragile())
    with feed:
        feed.wait(games=12)
        feed.dispatcher.end(60)
    assert paper.strategy_state == "paused"
    assert feed.bots["games"].tolist() == [counted]
    assert paper.stats.loc["games [n]", "value"] == counted
    assert len(paper.versus_humans) == counted
    both = rl.compare(rl.backtest(rl.strategies["conservative"], GAMES[:12]), paper)
    assert len(both.common) == counted
    assert both.frame["reason"].iloc[-1] == "not played by paper: its strategy had been paused or stopped"
    paper.close()


def buys_in_presale(o):
    return rl.buy(0.1) if o.tick < 0 else None


def test_only_runs_and_paper_accounts_are_compared():
    run = rl.backtest(rl.strategies["aggressive"], GAMES)
    with pytest.raises(ArgumentError, match="got Games"):
        rl.compare(run, GAMES)
    with pytest.raises(ArgumentError, match=r"compare\(run, other\); got 1. run.stats compares a single run"):
        rl.compare(run)


def test_it_shows_itself():
    strategy = rl.strategies["aggressive"]
    both = rl.compare(rl.backtest(strategy, GAMES), rl.backtest(strategy, GAMES, take=0.2))
    assert "exactly the same" in both._repr_html_()
    plot = both.plot().in_theme("dark")
    first = plot.select_one({"name": "first"}).data
    assert first["equity"][-1] == pytest.approx(rl.backtest(strategy, GAMES).equity["equity_sol"].iloc[-1])
    assert len(plot.select_one({"name": "different"}).data["game"]) == 40 - both.same


def test_statistics_of_paper_are_labelled_as_those_of_a_run():
    strategy = rl.strategies["sidebet"]
    paper, run = replayed(strategy), rl.backtest(strategy, GAMES, engine="tick")
    table = paper.stats
    found, figures = table["value"], run.figures["value"]
    for label in figures.index:
        assert found[label] == pytest.approx(figures[label], nan_ok=True, abs=1e-9), label
    assert found["games [n]"] == 40
    assert table.loc["side-bet hit rate [%]", "expected"] == pytest.approx(100 * EXPECTED_HIT_RATE)
    assert table.loc[RANDOM, "n"] == RANDOM_BOTS
    assert found["decisions [n]"] > 1000
    assert 0 < found["time of a decision, mean [ms]"] <= found["time of a decision, max [ms]"]


def test_the_ticks_before_a_rug_are_counted_whatever_its_price():
    prices = np.array([1.0, 1.1, 1.2, 1.1, 1.0, 0.5])
    games = rl.Games([rl.Game(f"20260101-{n:016x}", prices, rug_tick=5) for n in range(2)])
    paper, run = replayed(buys_in_presale, games), rl.backtest(buys_in_presale, games, engine="tick")
    assert run.results.ticks.tolist() == [5, 5]
    assert results_of(paper.account).ticks.tolist() == [5, 5]
    assert paper.stats["value"]["exposure, positions [% of ticks]"] == 100.0
    assert (results_of(paper.account).values == run.results.values).all()


def test_statistics_by_hand_before_anything_happened():
    feed = ScriptedFeed().start()
    feed.ticks(5)
    paper = Paper(feed)
    found = paper.stats["value"]
    assert (found["games [n]"], found["decisions [n]"]) == (0, 0)
    assert np.isnan(found["profit per game [SOL]"])
    paper.close()
    feed.stop()


def test_several_runs_are_compared_on_common_games_with_the_paired_difference():
    games = rl.synthetic(600, seed=9, method="statistical")
    strategy = rl.strategies["hold_to_target"]
    runs = [
        rl.backtest(strategy, games, carry=False, multiple=1.5),
        rl.backtest(strategy, games, carry=False, multiple=1.5, size=0.02),
        rl.backtest(strategy, games[100:], carry=False, multiple=3.0),
    ]
    table = rl.compare(*runs)
    assert table["games"].tolist() == [500, 500, 500]
    profits = [run.games["profit_sol"].to_numpy() for run in runs]
    profits = [profits[0][100:], profits[1][100:], profits[2]]
    assert table["mean_sol"].tolist() == pytest.approx([each.mean() for each in profits])
    assert table["difference_sol"].tolist() == pytest.approx(
        [0, *(each.mean() - profits[0].mean() for each in profits[1:])]
    )
    low, high = stats.t.interval(0.975, 499, *(f(profits[1] - profits[0]) for f in (np.mean, stats.sem)))
    assert table["low_sol"].iloc[1] == pytest.approx(low, abs=0.1 * (high - low))
    assert table["verdict"].iloc[0] == ""
    assert set(table["verdict"].iloc[1:]) <= {"gains", "loses", "not distinguishable"}
    assert "multiple=3.0" in table["strategy"].iloc[2]


def test_the_difference_of_two_runs_has_the_interval_that_the_price_process_gives():
    """Hold to 2x and to 50x, thirty games each time: the games themselves hardly ever have a gain of 50x."""
    patient = rl.strategies["hold_to_target"]
    many = rl.synthetic(100_000, seed=77, method="statistical")
    twice, fifty = (play(patient, many, Options(carry=False), multiple=each).profit for each in (2.0, 50.0))
    truth = (fifty - twice).mean() / 1e9
    games = rl.synthetic(16 * 30, seed=78, method="statistical")
    hits = 0
    for at in range(0, len(games), 30):
        runs = [rl.backtest(patient, games[at : at + 30], carry=False, multiple=each) for each in (2.0, 50.0)]
        found = rl.compare(*runs).difference
        table = rl.compare(*runs, runs[0])
        assert (
            table.loc["backtest_2", "low_sol"] < found.low < found.high < table.loc["backtest_2", "high_sol"]
        )
        hits += found.low <= truth <= found.high
    assert hits >= 14


def test_the_difference_is_of_sessions_where_stakes_depend_on_the_games_before():
    def doubling(o, first=0.002):
        return sidebet(min(first * 2.0**o.bet_loss_streak, 0.5)) if o.tick == 0 else None

    games = rl.synthetic(1000, seed=79, method="statistical")
    a, b = (rl.backtest(doubling, games, cash=1000.0, first=each) for each in (0.002, 0.003))
    both = rl.compare(a, b)
    profit, sessions = b.results.profit - a.results.profit, b.simulation.profits - a.simulation.profits
    assert both.difference.value == pytest.approx(profit.mean() / 1e9)
    width = (both.difference.high - both.difference.low) * 1e9
    assert width == pytest.approx(np.diff(np.quantile(sessions, [0.025, 0.975]))[0], rel=0.3)
    alone = rl.compare(a, rl.backtest(rl.strategies["sidebet"], games, cash=1000.0)).difference
    assert np.isnan(alone.low), "sessions of one are not games of the other"


@pytest.mark.filterwarnings("ignore:strategy .* orders were rejected")
def test_the_difference_to_a_run_whose_money_was_gone_has_no_interval_and_says_so():
    games = rl.synthetic(300, seed=80, method="statistical")
    runs = [rl.backtest(rl.strategies["hold_to_target"], games, cash=0.2, size=each) for each in (0.1, 0.001)]
    assert runs[0].gone_after is not None
    both = rl.compare(*runs)
    assert np.isnan(both.difference.low)
    assert f"backtest_1: the cash ran out after game {runs[0].gone_after}" in both.notes
