"""Paper money on a feed: the same account, whatever the feed goes through."""

from __future__ import annotations

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay import playback
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.game.money import lamports
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet
from rugs_lab.trading.account.ledger import AccountGame
from rugs_lab.trading.account.orders import OrderStatus, Rejection
from rugs_lab.trading.paper.paper_account import Paper
from tests.support.live import settled, until
from tests.support.replays import damaged, whole
from tests.support.scripted_feed import ScriptedFeed


def test_orders_fill_at_the_next_tick_and_the_rug_settles(feed):
    feed.cooldown(300)
    paper = Paper(feed, cash=1.0)
    order = paper.submit(buy(0.5))
    feed.ticks(3)
    settled(paper)
    assert (order.filled_tick, order.price) == (0, 1.0)
    late = paper.submit(sell(0.5))
    feed.ticks(2)
    settled(paper)
    assert late.filled_tick == 3
    rug_tick = feed.rug()
    settled(paper)
    game = feed.games[-1]
    assert paper.trades["closed_tick"].tolist() == [3, rug_tick]
    assert paper.trades["price"].tolist() == [game.prices[3], game.rug_price]
    assert paper.account.flat
    assert paper.equity["tick"].tolist() == list(range(rug_tick + 1))
    assert paper.account.cash == lamports(1.0) + sum(entry.profit for entry in paper.account.entries)


def test_attached_in_the_middle_of_a_game(feed):
    feed.ticks(20)
    paper = Paper(feed)
    assert paper.account.now == 19
    order = paper.submit(sidebet(0.1))
    feed.ticks(2)
    settled(paper)
    assert order.filled_tick == 20


def test_a_fill_comes_after_what_was_seen_even_when_the_account_lags_behind(feed):
    feed.ticks(5)
    paper = Paper(feed)

    def order_late(account):  # its thread waits meanwhile, as if it were slow
        feed.ticks(5)
        return paper.submit(buy(0.1))

    order = paper.between_ticks(order_late)
    feed.ticks(1)
    settled(paper)
    assert (order.seen_tick, order.filled_tick) == (9, 10)


def test_what_the_page_says_it_saw_cannot_be_newer_than_the_feed(feed):
    feed.ticks(5)
    paper = Paper(feed)
    assert paper.submit(buy(0.1), seen_tick=10_000).due_tick == 5


def test_without_fresh_data_orders_end_and_none_is_taken(feed):
    feed.ticks(5)
    paper = Paper(feed)
    waiting = paper.submit(buy(0.1))
    feed.lose("the server went away")
    settled(paper)
    assert waiting.reason is Rejection.NO_DATA
    assert paper.submit(buy(0.1)).reason is Rejection.NO_DATA
    feed.set_state("live", "back")
    feed.ticks(1)
    settled(paper)
    order = paper.submit(buy(0.1))
    feed.ticks(1)
    settled(paper)
    assert order.status is OrderStatus.FILLED


def test_a_stopped_feed_takes_no_order(feed):
    feed.ticks(5)
    paper = Paper(feed)
    feed.stop()
    assert paper.submit(buy(0.1)).reason is Rejection.NO_DATA


def test_after_close_nothing_is_heard(feed):
    feed.ticks(5)
    paper = Paper(feed)
    settled(paper)
    paper.close()
    paper.close()
    feed.ticks(5)
    feed.dispatcher.end(10)
    assert paper.account.now == 4


def test_a_missed_end_is_settled_by_the_history(feed):
    feed.ticks(5)
    paper = Paper(feed)
    paper.submit(buy(0.5))
    paper.submit(sidebet(0.1))
    feed.ticks(1)
    settled(paper)
    prices = [*feed.path, 1.1, 0.9]
    prices.append(min(prices) * (1 - 0.98))
    missed = {"id": feed.game_id, "prices": prices, "rugged": True}
    feed.begin()
    feed.ticks(2)
    settled(paper)
    assert paper.submit(buy(0.1)).reason is Rejection.NOT_SETTLED
    feed.tick(gameHistory=[missed])
    settled(paper)
    assert paper.trades[["what", "closed_tick"]].values.tolist() == [["won", 9], ["rug", 9]]
    assert paper.trades["price"].tolist() == [prices[-1]] * 2
    order = paper.submit(buy(0.1))
    feed.tick()
    settled(paper)
    assert (order.game_id, order.filled_tick) == (feed.game_id, 3)


def test_an_end_that_never_becomes_known_gives_back_what_was_open(feed):
    feed.ticks(5)
    paper = Paper(feed)
    paper.submit(buy(0.5))
    feed.ticks(1)
    for _ in range(4):
        feed.begin()
        feed.ticks(2)
    settled(paper)
    assert paper.trades[["what", "profit_sol"]].values.tolist() == [["void", 0.0]]
    assert paper.submit(buy(0.1)).reason is None


def still(*games, **options):
    return ReplayFeed(games, playing=False, **options)


def by_the_clock(o):
    """Look at nothing but the tick."""
    return {5: buy(0.1), 15: sell(0.5), 30: sidebet(0.01)}.get(o.tick % 40, hold())


def step_by_step(feed):
    with feed:
        for _ in range(feed.count):
            for tick in range(feed.last_tick + 1):
                feed.seek(tick)
            feed.next()


def with_detours(feed):
    with feed:
        for _ in range(feed.count):
            for tick in range(0, feed.last_tick, 7):
                feed.seek(tick)
                feed.seek(tick // 2)
            feed.next()


def at_full_speed(feed):
    feed.speed = float("inf")
    with feed:
        feed.play()
        until(lambda: feed.ended, "the end of the replay")
        feed.finish()


def test_a_replay_gives_the_same_fills_at_every_speed():
    games = [whole("a", 90), damaged("b", 60), whole("c", 130)]
    results = []
    for play in (at_full_speed, at_full_speed, ReplayFeed.finish, step_by_step, with_detours):
        paper = Paper(still(*games), strategy=by_the_clock)
        play(paper.feed)
        paper.close()
        results.append((paper.ledger, paper.equity))
        assert paper.feed.dispatcher.last_error == ""
    assert len(results[0][0]) > 15
    for ledger, equity in results[1:]:
        assert ledger.equals(results[0][0])
        assert equity.equals(results[0][1])


def test_what_was_seen_before_cannot_be_traded_until_a_new_session():
    with still(whole("a", 40)) as feed:
        paper = Paper(feed)
        feed.seek(20)
        feed.seek(10)
        assert paper.submit(buy(0.1)).reason is Rejection.SEEN_BEFORE
        paper.reset(2.0)
        order = paper.submit(buy(0.1))
        assert order.reason is None
        feed.step()
        assert feed.dispatcher.wait_idle(10)
        assert (order.filled_tick, order.price) == (11, whole("a", 40).prices[11])
        assert paper.account.games == [AccountGame("a", 0)]
        assert paper.equity["tick"].tolist() == [10, 11]
        feed.seek(100)
        assert feed.dispatcher.wait_idle(10)
        assert paper.trades["closed_tick"].tolist() == [40]
        assert paper.account.cash == lamports(2.0) + sum(entry.profit for entry in paper.account.entries)


def test_a_new_session_in_a_game_that_was_shown_to_its_end():
    with still(whole("a", 40), whole("b", 40)) as feed:
        paper = Paper(feed)
        feed.seek(100)
        feed.next()
        feed.seek(3)
        feed.previous()
        assert paper.submit(buy(0.1)).reason is Rejection.SEEN_BEFORE
        paper.reset()
        order = paper.submit(buy(0.1))
        feed.seek(0)
        assert feed.dispatcher.wait_idle(10)
        assert (order.game_id, order.filled_tick) == ("a", 0)


def test_what_waits_for_the_account_belongs_to_the_session_before(monkeypatch):
    monkeypatch.setattr(playback, "LEAVE_S", 0.05)
    with still(whole("a", 40)) as feed:
        paper = Paper(feed)

        def begin_anew(account):  # its thread is on its way with tick 0
            feed.seek(0)
            feed.seek(-1)
            paper.reset()

        paper.between_ticks(begin_anew)
        assert feed.dispatcher.wait_idle(10)
        assert paper.account.now == -1
        assert paper.submit(buy(0.1)).due_tick == 0


def test_leaving_a_game_settles_what_is_open_by_its_true_end():
    with still(whole("a", 40), whole("b", 40)) as feed:
        paper = Paper(feed)
        feed.seek(5)
        paper.submit(buy(0.5))
        paper.submit(sidebet(0.1))
        feed.next()
        assert feed.dispatcher.wait_idle(10)
        assert paper.trades[["what", "closed_tick"]].values.tolist() == [["won", 40], ["rug", 40]]
        assert paper.submit(buy(0.1)).reason is None
        assert paper.account.game_id == "b"


def test_a_game_whose_end_was_never_recorded_gives_back_at_once_what_was_open():
    with still(damaged("a"), whole("b")) as feed:
        paper = Paper(feed)
        feed.seek(5)
        paper.submit(buy(0.5))
        feed.next()
        assert feed.dispatcher.wait_idle(10)
        assert paper.trades[["what", "profit_sol"]].values.tolist() == [["void", 0.0]]
        assert paper.submit(buy(0.1)).reason is None


def test_a_closed_account_can_be_reset_and_hears_nothing():
    with still(whole("a")) as feed:
        feed.seek(5)
        paper = Paper(feed)
        paper.close()
        paper.reset(3.0)
        feed.seek(9)
        assert feed.dispatcher.wait_idle(10)
        assert (paper.account.cash_sol, paper.account.now) == (3.0, 5)


def test_after_a_seek_the_account_is_at_that_tick():
    feed = still(whole("a", 600))
    paper = Paper(feed, strategy=by_the_clock)
    with feed:
        for tick in range(0, 600, 23):
            feed.seek(tick)
            assert paper.account.now == tick
            assert paper.equity["tick"].iloc[-1] == tick
    paper.close()


@pytest.mark.parametrize("size", ["x", None, True, [1], 10**400])
def test_a_size_that_is_no_number_is_told_before_anything_is_put_down(feed, size):
    feed.ticks(5)
    paper = Paper(feed)
    with pytest.raises(ArgumentError, match="the size of an order is a number; got buy"):
        paper.submit(buy(size))
    assert paper.account.orders == []
    assert paper.demonstrations.empty
    assert paper.submit(buy(float("nan"))).reason is Rejection.NOT_FINITE
    assert len(paper.orders) == 1


@pytest.mark.parametrize("what", [5, "buy", buy, (buy(0.1), sidebet(0.1)), hold(), None])
def test_what_is_no_order_is_told(feed, what):
    feed.ticks(5)
    paper = Paper(feed)
    with pytest.raises(ArgumentError, match=r"an order is buy\(\), sell\(\)"):
        paper.submit(what)
    assert paper.orders.empty


@pytest.mark.parametrize("seen_tick", [-2, 1.5, "3", True])
def test_a_tick_that_is_none_cannot_have_been_seen(feed, seen_tick):
    feed.ticks(5)
    paper = Paper(feed)
    with pytest.raises(ArgumentError, match="seen_tick is a whole number"):
        paper.submit(buy(0.1), seen_tick=seen_tick)
    assert paper.orders.empty


@pytest.mark.parametrize("cash", ["1", True, -1.0, float("nan"), [1]])
def test_cash_is_an_amount(feed, cash):
    with pytest.raises(ArgumentError, match="cash must be a finite number of SOL"):
        feed.paper(cash=cash)
    with pytest.raises(ArgumentError, match="cash must be a finite number of SOL"):
        Paper(feed).reset(cash)


def test_a_replay_that_is_not_started_is_traded_by_moving_it():
    feed = still(whole("a"), whole("b"))
    paper = Paper(feed)
    feed.seek(3)
    order = paper.submit(buy(0.1))
    assert order.status is OrderStatus.PENDING
    feed.step()
    assert (order.status, order.filled_tick) == (OrderStatus.FILLED, 4)
    waits = paper.submit(sell())
    feed.finish()
    assert waits.filled_tick == 5
    assert paper.account.flat


@pytest.mark.parametrize(("kind", "frontier"), [(ScriptedFeed, 0), (ReplayFeed, None)])
def test_a_feed_is_a_replay_where_it_says_a_frontier(kind, frontier, monkeypatch):
    monkeypatch.setattr(kind, "frontier", lambda feed: frontier, raising=False)
    feed = ScriptedFeed() if kind is ScriptedFeed else ReplayFeed([[1.0, 1.2, 0.024]], playing=False)
    paper = Paper(feed)
    assert not feed.running
    assert paper.rejection(of_strategy=True) is (Rejection.NO_DATA if frontier is None else None)
    paper.close()


def test_paper_on_a_stopped_feed_says_so():
    feed = ScriptedFeed()
    paper = Paper(feed)
    assert "the feed is stopped: nothing is decided" in repr(paper)
    feed.start()
    assert "stopped" not in repr(paper)
    paper.close()
    feed.stop()


def test_a_parameter_without_a_strategy_is_a_slip(feed):
    with pytest.raises(ArgumentError, match="cahs: a parameter of a strategy, but no strategy is given"):
        feed.paper(cahs=2.0)
    assert feed.papers == ()
