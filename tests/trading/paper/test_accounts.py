"""The paper accounts of a feed: shared by its widgets, and gone with it."""

from __future__ import annotations

import gc
import weakref
from threading import Barrier, Thread

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import buy, hold
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.views.parts.strategy_panel import StrategyPart
from rugs_lab.views.parts.trade_panel import TradePart
from tests.support.scripted_feed import ScriptedFeed


def idle(o):
    return hold()


def test_accounts_do_not_keep_a_feed_alive_and_nothing_is_left_of_it():
    feed = ScriptedFeed().start()
    accounts = accounts_of(feed)
    papers = [accounts.hand_account(), accounts.start_strategy(idle), feed.paper(), feed.paper(idle)]
    feed.ticks(3)
    papers[0].submit(buy(0.1))
    papers[1].close()
    papers[2].close()
    assert feed.dispatcher.wait_idle(10)
    feed.stop()
    feed.dispatcher.end(10)
    gone = [weakref.ref(each) for each in (feed, accounts, *papers)]
    del feed, accounts, papers
    gc.collect()
    assert [each() for each in gone] == [None] * len(gone)


def test_a_feed_has_one_set_of_accounts_and_another_feed_its_own():
    one, two = ScriptedFeed(), ScriptedFeed()
    assert accounts_of(one) is accounts_of(one)
    assert accounts_of(one) is not accounts_of(two)


def test_two_widgets_of_a_feed_share_the_account_by_hand(feed):
    one, two = TradePart(feed), TradePart(feed)
    one.actions["buy"](size=0.1)
    assert one.paper is two.paper is accounts_of(feed).by_hand
    assert two.status()["orders"] == one.status()["orders"] != []


def test_two_widgets_that_start_a_strategy_at_once_leave_one_account_open(feed):
    parts = [StrategyPart(feed) for _ in range(4)]
    ready = Barrier(len(parts))

    def start(part):
        ready.wait(10)
        part.actions["start"](place="built-in", strategy="random")

    threads = [Thread(target=start, args=(part,)) for part in parts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert feed.papers == (accounts_of(feed).by_strategy,)


def test_no_account_is_lost_when_several_are_opened_at_once(feed):
    ready = Barrier(8)

    def open_some():
        ready.wait(10)
        for _ in range(5):
            feed.paper()

    threads = [Thread(target=open_some) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert len(feed.papers) == 40


def test_a_strategy_that_cannot_start_leaves_the_accounts_as_they_were(feed):
    accounts = accounts_of(feed)
    running = accounts.start_strategy(idle)
    with pytest.raises(ArgumentError, match="no strategy 'conservativ'"):
        accounts.start_strategy("conservativ")
    assert accounts.by_strategy is running
    assert feed.papers == (running,)
    assert not running.closed


def test_closing_closes_every_account_which_can_still_be_read(feed):
    accounts = accounts_of(feed)
    papers = [accounts.hand_account(), accounts.start_strategy(idle), feed.paper()]
    accounts.close()
    assert all(paper.closed for paper in papers)
    assert feed.papers == ()
    assert accounts.by_hand is papers[0]
    assert len(papers[0].ledger) == 0
