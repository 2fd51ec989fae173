"""The trading panel without a page: what is asked for becomes orders, and what is told equals the account."""

from __future__ import annotations

import json
from threading import Barrier, Thread

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.orders import Rejection
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.views.page.part_base import Seen
from rugs_lab.views.parts.trade_panel import SHOWN_ENTRIES, TradePart


def heard(feed):
    feed.dispatcher.end(10)
    assert feed.dispatcher.last_error == ""


def seen(feed, **other):
    """What a page shows that is up to date."""
    return Seen(**{"game": feed.game_id, "tick": feed.book.running_length - 1, "age_s": 0.1, **other})


def state_of(part):
    status = part.status()
    json.dumps(status, allow_nan=False)
    return status


def test_there_is_no_account_before_it_is_wanted(feed):
    part = TradePart(feed)
    assert state_of(part) == {"open": False, "cash": 1.0}
    assert accounts_of(feed).by_hand is None
    part.actions["open"]()
    assert state_of(part)["open"] is True
    assert accounts_of(feed).by_hand is part.paper


def test_the_account_stays_with_the_feed_when_a_view_is_made_anew(feed):
    feed.ticks(3)
    first = TradePart(feed)
    first.actions["buy"](size=0.1)
    second = TradePart(feed)
    assert second.known is not None
    assert second.paper is first.paper


def test_every_view_of_a_feed_trades_the_same_account(feed):
    feed.ticks(3)
    one, two = TradePart(feed), TradePart(feed)
    before = one.version()
    two.actions["buy"](size=0.1)
    assert one.known is not None
    assert one.version() != before
    one.actions["open"]()
    assert one.paper is two.paper is accounts_of(feed).by_hand
    assert len(state_of(one)["pending"]) == 1


def test_views_that_open_at_once_make_one_account(feed):
    together, found = Barrier(6), []

    def ask():
        part = TradePart(feed)
        together.wait(10)
        found.append(part.paper)

    threads = [Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(10)
    assert len(found) == 6
    assert {id(paper) for paper in found} == {id(accounts_of(feed).by_hand)}


def test_an_account_that_was_closed_is_traded_no_more(feed):
    feed.ticks(3)
    part = TradePart(feed)
    closed = part.paper
    closed.close()
    assert part.known is closed
    assert state_of(part) == {"open": False, "cash": 1.0}
    part.actions["buy"](size=0.1)
    feed.ticks(2)
    heard(feed)
    assert part.paper is not closed
    assert [line[2] for line in state_of(part)["ledger"]] == ["buy"]


def test_what_is_told_equals_the_account(feed):
    feed.ticks(5)
    part = TradePart(feed)
    part.actions["buy"](size=0.1, seen=seen(feed))
    part.actions["sidebet"](size=0.02, seen=seen(feed))
    feed.ticks(3)
    heard(feed)
    part.actions["sell"](fraction=0.25)
    feed.ticks(2)
    heard(feed)
    account, status = part.paper.account, state_of(part)
    assert status["cash"] == account.cash_sol
    assert (status["realised"], status["unrealised"]) == (account.realised_sol, account.unrealised_sol)
    assert status["equity"] == account.equity["equity_sol"].iloc[-1]
    assert status["units"] == account.position.units
    assert status["average"] == account.position.average_cost
    assert status["bet"] == {"stake": 0.02, "start": 5, "end": 45}
    assert [line[2] for line in status["ledger"]] == ["sell", "sidebet", "buy"]
    assert [line[5] for line in status["ledger"]] == account.ledger["cash_change_sol"].tolist()[::-1]
    assert [mark["what"] for mark in status["marks"]] == ["buy", "sell"]
    assert status["bets"] == [{"start": 5, "end": 45, "stake": 0.02, "ended": None}]


def test_a_bet_says_how_it_ended_and_a_new_one_is_another(feed):
    feed.ticks(5)
    part = TradePart(feed)
    part.actions["sidebet"](size=0.02)
    feed.ticks(40)
    heard(feed)
    part.actions["sidebet"](size=0.03)
    feed.ticks(2)
    feed.rug()
    heard(feed)
    assert [(bet["start"], bet["ended"]) for bet in state_of(part)["bets"]] == [(5, "lost"), (45, "won")]


def test_marks_are_those_of_the_game_that_runs(feed):
    feed.ticks(3)
    part = TradePart(feed)
    part.actions["buy"](size=0.1)
    feed.ticks(3)
    feed.rug()
    heard(feed)
    assert [mark["what"] for mark in state_of(part)["marks"]] == ["buy", "settled"]
    feed.begin()
    feed.cooldown(5000)
    heard(feed)
    assert state_of(part)["marks"] == []
    assert len(state_of(part)["ledger"]) == 2


def test_an_order_that_is_refused_says_why(feed):
    feed.ticks(3)
    part = TradePart(feed)
    part.actions["buy"](size=None)
    part.actions["sell"](fraction=1.0)
    part.actions["buy"](size=3)
    reasons = [order["reason"] for order in state_of(part)["orders"]]
    assert reasons == ["not a finite number", "no position to sell", "not enough cash"]
    feed.lose("gone")
    heard(feed)
    assert "not live" in state_of(part)["rejection"]


def test_orders_that_wait_can_be_taken_back_and_a_session_begun_anew(feed):
    feed.ticks(3)
    part = TradePart(feed)
    part.actions["buy"](size=0.1)
    assert len(state_of(part)["pending"]) == 1
    part.actions["cancel"](seen=seen(feed))
    assert state_of(part)["pending"] == []
    part.actions["buy"](size=0.1)
    feed.ticks(2)
    heard(feed)
    part.actions["reset"]()
    status = state_of(part)
    assert (status["cash"], status["ledger"], status["units"]) == (1.0, [], 0.0)
    assert part.paper.demonstrations.empty


def test_only_the_newest_lines_of_a_long_ledger_are_told(feed):
    feed.ticks(2)
    paper = Paper(feed, cash=5.0)
    part = TradePart(feed, paper)
    for _ in range(SHOWN_ENTRIES + 5):
        part.actions["buy"](size=0.001)
        feed.tick()
    heard(feed)
    status = state_of(part)
    assert (len(status["ledger"]), status["lines"]) == (SHOWN_ENTRIES, SHOWN_ENTRIES + 5)
    paper.close()


def test_an_order_on_another_game_or_on_an_old_picture_is_rejected_and_no_demonstration(feed):
    feed.ticks(21)
    part, first = TradePart(feed), feed.game_id
    part.actions["buy"](size=0.1, seen=seen(feed))
    then = seen(feed, price=1.52)
    feed.rug()
    feed.begin()
    feed.ticks(2)
    heard(feed)
    for action, size in (("buy", {"size": 0.1}), ("sell", {"fraction": 1.0}), ("sidebet", {"size": 0.01})):
        with pytest.raises(
            ArgumentError, match=f"tick 20, 1.52x, game {first}, but the current game is {feed.game_id}"
        ):
            part.actions[action](**size, seen=then)
        with pytest.raises(ArgumentError, match=r"is 25\.0 s old \(limit 2 s\)"):
            part.actions[action](**size, seen=seen(feed, age_s=25.0))
    with pytest.raises(ArgumentError, match="the page showed tick 20"):
        part.actions["cancel"](seen=then)
    feed.ticks(2)
    heard(feed)
    orders = part.paper.orders.iloc[1:]
    assert orders["status"].tolist() == ["rejected"] * 6
    assert orders["reason"].tolist() == [str(Rejection.OTHER_GAME), str(Rejection.TOO_LATE)] * 3
    assert orders["game_id"].tolist() == [first, feed.game_id] * 3
    assert orders["seen_tick"].tolist() == [20, 1] * 3
    assert len(part.paper.demonstrations) == 1
    assert part.paper.ledger.empty


def test_twenty_orders_are_twenty(feed):
    feed.ticks(3)
    part = TradePart(feed)
    for _ in range(20):
        part.actions["buy"](size=0.01, seen=seen(feed))
    assert [order["n"] for order in state_of(part)["pending"]] == [20]
    feed.ticks(2)
    heard(feed)
    assert [(order["n"], order["status"], order["tick"]) for order in state_of(part)["orders"]] == [
        (20, "filled", 3)
    ]
