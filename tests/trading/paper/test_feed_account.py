"""How a strategy decides on a paper account while other threads bring ticks, order and reset."""

from __future__ import annotations

from threading import Barrier, Event, Thread

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import buy, sell
from rugs_lab.trading.account.orders import OrderStatus, Rejection
from rugs_lab.trading.paper.decision_trace import Answer
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.observation import Observer


@pytest.fixture
def paper(feed):
    feed.ticks(3)
    paper = Paper(feed)
    yield paper
    paper.close()


def observed(paper):
    return Observer(paper.account).observation()


def test_nothing_is_asked_where_nothing_is_seen(paper):
    def never(o):
        raise AssertionError("asked")

    paper.decide(lambda: None, never)
    assert len(paper.steps) == 0


def test_what_is_decided_is_ordered_and_kept_as_a_step(paper):
    before = paper.version
    paper.decide(lambda: observed(paper), lambda o: Answer((buy(0.1), sell()), 0.25))
    buying, selling = paper.account.orders
    assert (buying.status, selling.status) == (OrderStatus.PENDING, OrderStatus.PENDING)
    (step,) = paper.steps.newest(5)
    assert (step.game_id, step.orders, step.seconds) == (paper.account.game_id, (buying, selling), 0.25)
    assert paper.version > before


def test_ticks_come_while_a_strategy_decides_and_its_order_is_on_the_newest(feed, paper):
    def slow(o):
        feed.ticks(4)
        assert feed.dispatcher.wait_idle(10)
        return Answer((buy(0.1),), 0.0)

    paper.decide(lambda: observed(paper), slow)
    assert paper.account.now == 6
    assert paper.account.orders[0].seen_tick == 6


def test_a_decision_that_a_reset_overtook_is_dropped(paper):
    def overtaken(o):
        thread = Thread(target=paper.reset)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        return Answer((buy(0.1),), 0.0)

    paper.decide(lambda: observed(paper), overtaken)
    assert paper.account.orders == []
    assert len(paper.steps) == 0


def test_nobody_orders_while_it_is_observed(paper):
    done = Event()

    def order():
        paper.submit(buy(0.1))
        done.set()

    thread = Thread(target=order)

    def observe():
        thread.start()
        assert not done.wait(0.05)

    paper.decide(observe, lambda o: None)
    thread.join(10)
    assert done.is_set()


def test_orders_of_many_threads_are_all_taken_once(feed, paper):
    ready = Barrier(6)

    def decide():
        ready.wait(10)
        for _ in range(20):
            paper.decide(lambda: observed(paper), lambda o: Answer((buy(0.001),), 0.0))
            paper.submit(buy(0.001))

    threads = [Thread(target=decide) for _ in range(6)]
    for each in threads:
        each.start()
    feed.ticks(30)
    for each in threads:
        each.join(60)
    feed.ticks(1)
    assert feed.dispatcher.wait_idle(10)
    account = paper.account
    assert [order.number for order in account.orders] == list(range(1, 241))
    assert len(paper.steps) == (paper.demonstrations["action"] == "buy").sum() == 120
    filled = sum(order.status is OrderStatus.FILLED for order in account.orders)
    assert len(account.entries) == filled == 240
    assert account.cash == account.start - account.position.cost_lamports


def test_nothing_can_be_ordered_in_cooldown(feed):
    feed.ticks(3)
    feed.rug()
    paper = Paper(feed)
    feed.begin()
    feed.say(active=False, rugged=False, tickCount=0, price=1.0, cooldownTimer=15_000, gameHistory=[])
    for remaining_ms in (14_900, 10_100):
        feed.cooldown(remaining_ms)
        assert feed.dispatcher.wait_idle(10)
        order = paper.submit(buy(0.1))
        assert order.reason is Rejection.COOLDOWN
    feed.say(active=False, rugged=False, tickCount=0, price=1.0, cooldownTimer=10_000, allowPreRoundBuys=True)
    assert feed.dispatcher.wait_idle(10)
    assert paper.submit(buy(0.1)).reason is None
    feed.tick()
    assert feed.dispatcher.wait_idle(10)
    assert paper.account.orders[-1].price == 1.0
    assert [entry.what for entry in paper.account.entries] == ["buy"]
    paper.close()


def prices(feed, *path):
    """Play a tick at each price, and wait until all accounts have taken it."""
    for price in path:
        feed.path[-1] = price
        feed.tick()
    assert feed.dispatcher.wait_idle(10)


@pytest.mark.parametrize(
    ("stop", "take", "path", "sold_at"),
    [
        (0.8, None, (0.81, 0.79, 0.7, 0.6), 0.7),  # at most 0.8: filled at the next tick, at its price
        (0.8, None, (0.81, 0.8, 0.9), 0.9),
        (None, 1.5, (1.4, 1.5, 1.2), 1.2),
        (0.5, 3.0, (1.0, 4.0, 5.0, 0.1), 5.0),
        (0.5, 3.0, (0.6, 2.9, 1.0), None),
        (None, None, (0.1, 40.0, 1.0), None),
    ],
)
def test_all_is_sold_once_at_a_stop_loss_or_take_profit(feed, paper, stop, take, path, sold_at):
    paper.submit(buy(0.1))
    prices(feed, 1.0)
    paper.exit_at(stop, take)
    prices(feed, *path)
    sells = [order for order in paper.account.orders if order.action == sell()]
    assert [order.price for order in sells] == ([] if sold_at is None else [sold_at])
    assert bool(paper.account.position.nano_units) is (sold_at is None)
    assert paper.exits == ((stop, take) if sold_at is None else (None, None))
    # Decided beforehand: not what somebody did at that tick.
    assert (paper.demonstrations["action"] != "sell").all()


def test_limits_wait_for_a_position_and_end_with_the_game_and_the_session(feed, paper):
    paper.exit_at(0.8, 2.0)
    prices(feed, 1.0, 0.5, 3.0)
    assert (paper.account.orders, paper.exits) == ([], (0.8, 2.0))
    paper.submit(buy(0.1))
    prices(feed, 1.0, 0.7, 0.9)
    assert [order.action for order in paper.account.orders] == [buy(0.1), sell()]
    paper.exit_at(0.8)
    feed.rug()
    assert feed.dispatcher.wait_idle(10)
    feed.begin()
    feed.ticks(2)
    assert feed.dispatcher.wait_idle(10)
    assert paper.exits == (None, None)
    paper.exit_at(take=2)
    paper.reset()
    assert paper.exits == (None, None)


def test_a_rug_comes_before_a_stop_loss(feed, paper):
    paper.submit(buy(0.1))
    prices(feed, 1.0)
    paper.exit_at(0.8)
    feed.rug()
    assert feed.dispatcher.wait_idle(10)
    assert [entry.what for entry in paper.account.entries] == ["buy", "rug"]


@pytest.mark.parametrize("price", [0, -1.0, float("nan"), float("inf"), "2", True])
def test_what_is_no_price_is_no_limit(paper, price):
    with pytest.raises(ArgumentError, match="stop and take are prices above 0, or None"):
        paper.exit_at(price)
    assert paper.exits == (None, None)
