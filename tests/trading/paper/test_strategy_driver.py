"""A strategy that trades paper money on a feed: fills of the backtest, outages, its own faults."""

from __future__ import annotations

import threading

import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, FeedError
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import buy, sell, sidebet
from rugs_lab.trading.account.orders import Rejection
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.paper import strategy_driver
from rugs_lab.trading.paper.paper_account import Paper
from tests.support.live import settled
from tests.support.strategies import STRATEGIES, scripted


def presale(feed):
    """Say a full frame of the presale."""
    before = {"active": False, "rugged": False, "price": 1.0, "tickCount": 0}
    feed.say(**before, cooldownTimer=5_000, allowPreRoundBuys=True)


def games_in_lockstep(feed, paper, games=3, ticks=70):
    """Play games, waiting after each frame until the account and the strategy are done with it."""
    for number in range(games):
        if number:
            feed.begin()
        feed.cooldown(12_000)
        presale(feed)
        settled(paper)
        for _ in range(ticks):
            feed.tick()
            settled(paper)
        feed.rug()
        settled(paper)
    return paper


def lagging(feed):
    """Return an account whose strategy has begun to think at tick 2, once, and what ends its thinking."""
    go, asked = threading.Event(), threading.Event()

    def slow(o):
        if o.tick == 2 and not asked.is_set():
            asked.set()
            go.wait(10)
            return buy(0.1)
        return None

    paper = Paper(feed, strategy=slow, limit_s=30.0)
    feed.ticks(3)
    assert asked.wait(10)
    return paper, go


def ledger(account):
    return [entry._replace(place=0) for entry in account.entries]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.__name__)
def test_in_lockstep_the_ledger_is_that_of_the_backtest(feed, strategy):
    paper = games_in_lockstep(feed, Paper(feed, strategy=strategy))
    assert (paper.strategy_state, paper.strategy_error) == ("running", "")
    expected = play(strategy, Games(feed.games), Options(), engine="tick")
    assert ledger(paper.account) == ledger(expected.account)
    asked = sum(expected.ticks) + len(expected)
    assert paper.decisions.decisions == asked
    assert 0 < paper.decisions.mean_ms <= paper.decisions.max_ms


def test_what_was_decided_before_a_reset_is_not_done_in_the_new_session(feed):
    paper, go = lagging(feed)
    paper.reset()
    go.set()
    settled(paper)
    feed.ticks(2)
    settled(paper)
    assert paper.account.orders == []
    assert paper.trace["decision"].tolist() == ["hold()", "hold()"]
    assert paper.trace["tick"].tolist() == [3, 4]
    assert paper.strategy_state == "running"
    paper.close()


def test_feed_paper_takes_a_strategy_with_its_parameters(feed):
    def hasty(o, size=0.01):
        return buy(size) if not o.units else None

    paper = feed.paper(hasty, cash=2.0, size=0.5)
    presale(feed)
    settled(paper)
    feed.ticks(2)
    settled(paper)
    assert paper.strategy.parameters == {"size": 0.5}
    assert paper.account.cash_sol == 1.5
    paper.close()


def test_without_a_strategy_nothing_is_asked(feed):
    paper = feed.paper()
    feed.ticks(3)
    settled(paper)
    assert (paper.strategy, paper.strategy_state, paper.decisions.decisions) == (None, "none", 0)


def test_a_strategy_that_joins_late_sees_the_prices_before(feed):
    feed.ticks(20)
    seen = []
    paper = Paper(feed, strategy=seen.append)
    feed.ticks(2)
    settled(paper)
    assert [(o.tick, len(o.prices)) for o in seen] == [(20, 21), (21, 22)]
    assert seen[-1].prices.tolist() == feed.path[:22]


def test_a_presale_that_runs_already_is_not_missed(feed):
    presale(feed)
    paper = Paper(feed, strategy=scripted({-1: buy(0.5)}))
    feed.cooldown(100)
    feed.ticks(1)
    settled(paper)
    assert [(order.filled_tick, order.price) for order in paper.account.orders] == [(0, 1.0)]


def test_no_decision_while_the_data_are_stale_nor_on_backfilled_ticks(feed):
    seen = []
    paper = Paper(feed, strategy=lambda o: seen.append(o.tick))
    feed.ticks(3)
    settled(paper)
    feed.lose()
    feed.ticks(2)
    settled(paper)
    feed.set_state("live", "back")
    feed.tick(heard=False)
    feed.tick(heard=False)
    feed.tick()
    settled(paper)
    assert seen == [0, 1, 2, 7]


def test_a_strategy_that_raises_is_paused_and_says_where(feed):
    def fragile(o):
        if o.tick == 2:
            raise ValueError("no more")

    paper = Paper(feed, strategy=fragile)
    feed.ticks(5)
    settled(paper)
    line = fragile.__code__.co_firstlineno + 2
    assert paper.strategy_state == "paused"
    where = f'line {line} (raise ValueError("no more")), at tick 2'
    assert paper.strategy_error == f"ValueError: no more, {where}; fault 1 of 3"
    assert paper.decisions.decisions == 2
    order = paper.submit(buy(0.1))  # by hand it goes on
    feed.ticks(1)
    settled(paper)
    assert order.filled_tick == 5


def test_a_decision_that_is_none_pauses_the_strategy(feed):
    paper = Paper(feed, strategy=lambda o: "buy")
    feed.ticks(2)
    settled(paper)
    assert "a strategy returns buy()" in paper.strategy_error


@pytest.mark.parametrize("size", ["x", None, True])
def test_an_order_without_a_size_pauses_the_strategy(feed, size):
    paper = Paper(feed, strategy=lambda o: buy(size))
    feed.ticks(2)
    settled(paper)
    assert paper.strategy_state == "paused"
    assert f"the size of an order is a number; got buy({size!r})" in paper.strategy_error
    assert paper.orders.empty


def test_a_replay_that_is_not_started_asks_the_strategy():
    feed = rl.ReplayFeed([[1.0, 1.1, 1.2, 1.3, 0.02]], playing=False)
    seen = []
    paper = feed.paper(lambda o: seen.append(o.tick) or buy(0.01))
    feed.seek(2)
    assert seen == [-1, 0, 1, 2]
    assert [order.filled_tick for order in paper.account.orders] == [0, 1, 2, None]


def test_a_strategy_that_hangs_is_paused_its_late_answer_is_ignored_and_then_it_can_go_on(feed):
    release, answered = threading.Event(), threading.Event()

    def slow(o):
        if o.tick == 1:
            release.wait(30)
            answered.set()
            return buy(0.1)
        return None

    paper = Paper(feed, strategy=slow)
    paper.driver.limit_s = 0.05
    feed.ticks(6)
    settled(paper)
    assert paper.strategy_state == "paused"
    assert paper.strategy_error == "it did not answer within 0.05 s at tick 1; fault 1 of 3"
    assert feed.book.running_length == 6  # the feed did not wait
    assert paper.account.now == 5
    with pytest.raises(FeedError, match="slow still decides: it did not answer within"):
        paper.resume()
    late = paper.driver._late
    release.set()
    assert answered.wait(10)
    feed.ticks(2)
    settled(paper)
    assert not paper.account.orders
    late.thread.join(10)
    paper.driver.limit_s = 30.0
    paper.resume()
    feed.ticks(2)
    settled(paper)
    assert (paper.strategy_state, paper.strategy_error) == ("running", "")
    assert paper.trace["tick"].tolist() == [0, 8, 9]


def test_paused_it_goes_on_when_asked_to_and_the_third_fault_ends_it(feed):
    begun = []

    class Fragile:
        def begin_game(self, game_id):
            begun.append(game_id)

        def __call__(self, o):
            if o.tick == 1:
                raise ValueError("no more")

    paper = Paper(feed, strategy=Fragile())
    for fault in (1, 2, 3):
        feed.ticks(3)
        settled(paper)
        assert paper.strategy_error.endswith(f"at tick 1; fault {fault} of 3")
        assert paper.strategy_state == ("paused" if fault < 3 else "stopped")
        feed.rug()
        feed.begin()
        feed.ticks(1)  # of a game that it is paused in at first
        settled(paper)
        if fault < 3:
            assert len(begun) == fault
            paper.resume()
            assert begun[-1] == feed.game_id
            paper.resume()  # it runs: nothing to do
    assert paper.trace["tick"].tolist() == [0]
    with pytest.raises(ArgumentError, match=r"no strategy is paused .*fault 3 of 3"):
        paper.resume()
    paper.close()


def test_games_through_which_it_was_paused_do_not_count(feed):
    asked = []

    def fragile(o):
        asked.append((feed.game_id, o.tick))
        if len(asked) == 2:
            raise ValueError("once")

    paper, games = Paper(feed, strategy=fragile), []
    for number in range(5):
        games.append(feed.game_id)
        feed.ticks(3)
        settled(paper)
        feed.rug()
        settled(paper)
        if number == 2:
            paper.resume()
        feed.begin()
    settled(paper)
    counted = [game.game_id for game in paper.between_ticks(lambda account: account.finished)]
    assert counted == [games[0], games[3], games[4]]
    assert asked[-1] == (games[4], 2)
    paper.reset()
    assert not paper.account.idle
    paper.close()


@pytest.mark.parametrize("strategy", [None, lambda o: None])
def test_nothing_that_is_not_paused_can_be_resumed(feed, strategy):
    paper = Paper(feed, strategy=strategy)
    paper.close()
    if strategy is None:
        with pytest.raises(ArgumentError, match="no strategy is paused"):
            paper.resume()
    else:
        paper.resume()


def test_a_strategy_that_lags_is_filled_after_what_the_feed_has_shown(feed):
    paper, go = lagging(feed)
    feed.ticks(4)
    go.set()
    settled(paper)
    feed.ticks(1)
    settled(paper)
    assert [(order.seen_tick, order.filled_tick) for order in paper.account.orders] == [(6, 7)]


def test_a_slow_strategy_is_asked_about_the_newest_tick_and_those_left_out_are_counted(feed, monkeypatch):
    paper, go = lagging(feed)
    settled_so_far = paper.trace["tick"].tolist()
    monkeypatch.setattr(strategy_driver, "SLOW_S", 0.0)
    feed.ticks(4)
    go.set()
    settled(paper)
    assert settled_so_far == [0, 1]
    assert paper.trace["tick"].tolist() == [0, 1, 2, 6]
    assert paper.decisions.left_out == 3
    feed.ticks(1)
    settled(paper)
    assert paper.trace["tick"].tolist() == [0, 1, 2, 6, 7]
    assert paper.decisions.lag_ticks == 0


def test_the_time_for_a_decision_is_a_parameter(feed):
    assert feed.paper(lambda o: None, limit_s=7.5).driver.limit_s == 7.5


def test_a_strategy_that_lags_into_the_next_game_gets_no_fill_in_the_game_before(feed):
    paper, go = lagging(feed)
    feed.ticks(2)
    feed.rug()
    feed.begin()
    feed.ticks(1)
    go.set()
    settled(paper)
    (order,) = paper.account.orders
    assert (order.filled_tick, order.reason) == (None, Rejection.GAME_ENDED)
    assert paper.account.cash_sol == 1.0


def test_while_an_earlier_game_is_not_settled_the_strategy_is_not_asked(feed):
    seen = []

    def strategy(o):
        seen.append(o.tick)
        return (buy(0.1), sidebet(0.01)) if o.tick == 1 else None

    paper = Paper(feed, strategy=strategy)
    for _ in range(4):
        feed.tick()
        settled(paper)
    feed.begin()
    feed.ticks(2)
    settled(paper)
    assert seen == [0, 1, 2, 3]
    assert paper.account.game_id != feed.game_id


def test_a_new_session_goes_on_with_the_strategy(feed):
    paper = Paper(feed, strategy=scripted({1: buy(0.1), 3: sell()}))
    feed.ticks(3)
    settled(paper)
    paper.reset(2.0)
    feed.ticks(3)
    settled(paper)
    assert [order.action for order in paper.account.orders] == [sell()]
    assert paper.account.cash_sol == 2.0


def test_the_strategy_of_a_demo_trades():
    with rl.demo(speed=150, seed=7) as feed:
        paper = feed.paper(lambda o, size=0.01: rl.buy(size) if not o.units else None)
        feed.wait(messages=3).wait(games=feed.book.finished_count + 3)
    assert paper.strategy_state == "running"
    assert len(paper.trades) > 0


def test_a_parameter_that_does_not_exist_leaves_nothing_behind_on_the_feed(feed):
    def hasty(o, stake=0.01):
        return buy(stake)

    with pytest.raises(ArgumentError, match="stke"):
        feed.paper(hasty, stke=1)
    feed.cooldown(12_000)
    presale(feed)
    feed.tick()
    feed.dispatcher.end(10)
    assert feed.dispatcher.errors == 0
    assert feed.papers == ()
