"""Paper money on a feed: the same account, whatever the feed goes through."""

from __future__ import annotations

import pytest

from rugs_lab.game.money import lamports
from rugs_lab.strategy import Paper, buy, sell, sidebet
from rugs_lab.strategy.orders import OrderStatus, Rejection
from tests.views.scripted_feed import ScriptedFeed


@pytest.fixture
def feed():
    feed = ScriptedFeed().start()
    yield feed
    feed.stop()


def settled(paper):
    """Wait until the account heard everything, by the feed's own way to end its subscribers."""
    paper.feed.dispatcher.end(10)
    assert paper.feed.dispatcher.last_error == ""
    return paper


def test_orders_fill_at_the_next_tick_and_the_rug_settles(feed):
    feed.cooldown(300)
    paper = Paper(feed, cash_sol=1.0)
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
    with paper._lock:  # the account's thread waits, as if it were slow
        feed.ticks(5)
        order = paper.submit(buy(0.1))
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
