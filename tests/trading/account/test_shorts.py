"""Shorts under the linear assumption: off unless asked for, ledgers by hand, everywhere the same."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, CompileWarning
from rugs_lab.game.money import Short, lamports
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import buy, cover, hold, sell, short, sidebet
from rugs_lab.trading.account.orders import Rejection
from rugs_lab.trading.check.check import check
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.paper.paper_stats import results_of
from tests.support.strategies import games_of, scripted

ASSUMED = Options(shorts="linear")


def played(script, *path, rug=True):
    """The account after one game."""
    games = games_of(path, rugs=[len(path) - 1 if rug else None])
    return play(scripted(script), games, ASSUMED, engine="tick").account


def lines(account):
    """What happened, and what it changed, in thousandths of a SOL."""
    return [(e.what, e.tick, e.cash_change / 1e6, e.profit / 1e6) for e in account.entries]


def test_without_the_assumption_they_are_turned_away():
    account = play(scripted({0: short(0.1), 1: cover()}), games_of([1, 1, 1, 0.02]), engine="tick").account
    assert [order.reason for order in account.orders] == [Rejection.SHORTS_UNKNOWN] * 2
    assert not account.entries
    with pytest.raises(ArgumentError, match='"linear"'):
        Account(shorts="quadratic")


def test_a_short_that_is_covered_gains_what_the_price_fell():
    account = played({0: short(0.1), 2: cover()}, 1.0, 2.0, 1.8, 1.5, 0.02)
    assert lines(account) == [("short", 1, -100, 0), ("cover", 3, 125, 25)]
    assert account.trades[["what", "opened_tick", "closed_tick", "average_cost"]].values.tolist() == [
        ["cover", 1, 3, 2.0]
    ]


def test_a_short_that_is_open_at_the_rug_is_settled_at_the_rug_price():
    account = played({-1: short(0.1)}, 1.0, 1.3, 0.02)
    assert lines(account) == [("short", 0, -100, 0), ("short rug", 2, 198, 98)]
    assert account.equity["short_sol"].tolist() == pytest.approx([0.1, 0.07, 0.0])
    assert account.equity["equity_sol"].tolist() == pytest.approx([1.0, 0.97, 1.098])


def test_several_shorts_have_an_average_entry_and_add_up():
    account = played({0: short(0.1), 1: short(0.1), 2: cover(0.5), 3: cover()}, 1.0, 2.0, 1.0, 0.8, 1.2, 0.02)
    assert [line[:2] for line in lines(account)] == [("short", 1), ("short", 2), ("cover", 3), ("cover", 4)]
    assert account.trades["average_cost"].tolist() == pytest.approx([4 / 3, 4 / 3])
    # 0.1 at 2 and 0.1 at 1 are 0.15 units; half of them at 0.8 and half at 1.2
    assert account.trades["profit_sol"].tolist() == pytest.approx([0.1 - 0.075 * 0.8, 0.1 - 0.075 * 1.2])


def test_from_twice_the_entry_on_the_size_is_lost_and_no_more():
    account = played({-1: short(0.1), 1: cover()}, 1.0, 1.99, 2.0, 50.0, 0.02)
    assert lines(account) == [("short", 0, -100, 0), ("liquidated", 2, 0, -100)]
    assert account.orders[1].reason is Rejection.NO_SHORT
    leap = played({-1: short(0.1)}, 1.0, 10.0, 0.02)
    assert lines(leap)[1] == ("liquidated", 1, 0, -100)


def test_an_end_that_is_not_known_gives_the_margin_back():
    account = played({-1: (short(0.1), sidebet(0.01))}, 1.0, 1.5, rug=False)
    assert lines(account)[2:] == [("void", 1, 10, 0), ("void", 1, 100, 0)]


def test_long_and_short_stand_side_by_side():
    account = played({-1: buy(0.1), 0: short(0.1), 1: sell(), 2: cover()}, 1.0, 1.0, 1.5, 1.5, 0.02)
    assert account.realised == 0


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (short(0.0001), Rejection.BELOW_MINIMUM),
        (short(6.0), Rejection.ABOVE_MAXIMUM),
        (short(1.5), Rejection.NOT_ENOUGH_CASH),
        (cover(), Rejection.NO_SHORT),
        (cover(1.5), Rejection.ABOVE_MAXIMUM),
        (cover(0), Rejection.BELOW_MINIMUM),
    ],
)
def test_a_short_has_the_limits_of_a_buy(action, reason):
    account = Account(1.0, shorts="linear")
    account.begin("20260101-0000000000000000")
    assert account.submit(action).reason is reason
    assert account.submit(short(0.6)).reason is None
    assert account.submit(short(0.6)).reason is Rejection.NOT_ENOUGH_CASH
    assert account.submit(cover()).reason is None


def test_a_strategy_sees_its_short():
    seen = []

    def strategy(o):
        seen.append((o.short_size, o.short_entry, o.short_unrealised, o.equity, o.units))
        return short(0.1) if o.tick < 0 else None

    play(strategy, games_of([1.0, 1.5, 2.5, 0.02]), ASSUMED, engine="tick")
    assert seen[0] == (0, 0, 0, 1, 0)
    assert seen[1:3] == [(0.1, 1.0, 0.0, 1.0, 0.0), (0.1, 1.0, -0.05, 0.95, 0.0)]
    assert seen[3] == (0.0, 0.0, 0.0, 0.9, 0.0)


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
    assert paper.stats.loc["at risk per game [SOL x ticks]", "random"] > 0
    assert feed.bots["random_per_game_sol"].notna().all()
    assert rl.compare(run, paper).notes == []
    without = rl.backtest(rl.strategies["conservative"], games, engine="tick")
    assert any(note.startswith("shorts: None / 'linear'") for note in rl.compare(without, paper).notes)
    paper.close()


def test_what_is_left_of_a_part_and_the_part_are_the_whole():
    whole = Short().add(lamports(0.333333333), 1.7).add(lamports(0.1), 0.3)
    rest, proceeds = whole.cover(0.25, 0.9)
    assert abs(proceeds + rest.value(0.9) - whole.value(0.9)) <= 2
    assert whole.cover(1.0, 0.9) == (Short(), whole.value(0.9))
    assert Short(1, 1).cover(0.25, 1.0) == (Short(1, 1), 0)
