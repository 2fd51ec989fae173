"""Alerts: each once per game, on a thread of its own, on any feed; in a page with what met it."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.alerts import MOST_ALERTS
from rugs_lab.views.parts.alerts_panel import AlertsPart
from tests.support.scripted_feed import ScriptedFeed


def play(feed, price):
    """Send the next tick, at this price."""
    feed.path[-1] = price
    feed.tick()


@pytest.fixture
def feed():
    with ScriptedFeed() as feed:
        yield feed


def test_what_was_met_is_what_pandas_finds_in_recorded_games():
    games = rl.sample()[:40]
    feed = rl.ReplayFeed(games, speed=float("inf"))
    found = {name: [] for name in ("above", "below", "after", "rug", "own")}
    feed.alert(price=1.5, call=found["above"].append)
    feed.alert(price=0.8, call=found["below"].append)
    feed.alert(after=100, call=found["after"].append)
    feed.alert(on="rug", call=found["rug"].append)
    feed.alert(price=1.5, after=50, when=lambda tick: tick.tick % 2 == 0, call=found["own"].append)
    with feed:
        feed.wait(games=len(games), timeout=60)
        assert feed.dispatcher.wait_idle(30)
    expected = {name: {} for name in found}
    for game in games:
        prices = pd.Series(game.prices).dropna()
        before = prices.drop(game.rug_tick, errors="ignore")
        late = before[(before.index >= 50) & (before.index % 2 == 0)]
        for name, some in {
            "above": before[before >= 1.5],
            "below": before[before <= 0.8],
            "after": prices[prices.index >= 100],
            "rug": prices[prices.index == game.rug_tick],
            "own": late[late >= 1.5],
        }.items():
            if len(some):
                expected[name][game.id] = (some.index[0], some.iloc[0])
    for name, ticks in found.items():
        assert {tick.game_id: (tick.tick, tick.price) for tick in ticks} == expected[name]
        assert len(ticks) == len(expected[name]) > 0
    assert [alert.met for alert in feed.alerts] == [len(ticks) for ticks in found.values()]


def test_a_place_that_is_visited_again_is_reported_once():
    feed = rl.ReplayFeed(rl.sample()[0], playing=False)
    alert = feed.alert(after=3)
    with feed:
        for tick in (5, 0, 5):
            feed.seek(tick)
        feed.dispatcher.end(10)
    assert (alert.met, alert.last.tick) == (1, 3)


def test_a_removed_alert_reports_nothing_and_a_callback_may_remove_its_own(feed):
    calls = []
    first = feed.alert(price=1.5, call=lambda tick: (calls.append(tick.price), first.remove()))
    second = feed.alert(after=0, call=calls.append)
    second.remove()
    second.remove()
    play(feed, 1.6)
    feed.dispatcher.end(10)
    feed.rug()
    feed.begin()
    play(feed, 1.7)
    feed.dispatcher.end(10)
    assert calls == [1.6]
    assert feed.alerts == ()


def test_a_callback_that_fails_or_blocks_harms_neither_the_feed_nor_other_alerts(feed):
    going, calls = threading.Event(), []
    feed.alert(after=0, call=lambda tick: going.wait(30))
    feed.alert(after=0, call=lambda tick: 1 / 0)
    feed.alert(after=0, call=lambda tick: (calls.append(tick.tick), going.set()))
    feed.ticks(3)
    feed.dispatcher.end(10)
    assert calls == [0]
    assert [alert.met for alert in feed.alerts] == [1, 1, 1]
    assert feed.dispatcher.errors == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"price": 0},
        {"price": -1.0},
        {"price": float("nan")},
        {"price": float("inf")},
        {"price": "5"},
        {"after": -1},
        {"after": "3"},
        {"on": "game"},
        {"when": 5},
        {"on": "rug", "call": 5},
    ],
    ids=repr,
)
def test_what_cannot_be_met_is_rejected(feed, wrong):
    with pytest.raises(ArgumentError, match=r"price|functions|say what"):
        feed.alert(**wrong)
    assert feed.alerts == ()


def test_there_are_so_many_at_most(feed):
    alerts = [feed.alert(on="rug") for _ in range(MOST_ALERTS)]
    with pytest.raises(ArgumentError, match=f"at most {MOST_ALERTS}"):
        feed.alert(price=2)
    alerts[0].remove()
    assert str(feed.alert(price=1, after=0)) == "price 1x or more and tick 0 or later"


def test_a_page_is_told_of_them_and_removes_them_by_number(feed):
    part = AlertsPart(feed)
    before = part.version()
    high, late = feed.alert(price=1.5), feed.alert(price=0.5, after=20, on="rug", when=len)
    words = "rug and price 0.5x or less and tick 20 or later and len"
    assert part.version() != before
    before = part.version()
    play(feed, 1.75)
    feed.dispatcher.end(10)
    assert part.version() != before
    assert part.status() == {
        "alerts": [[high.number, "price 1.5x or more", 1, "1.75x at tick 0"], [late.number, words, 0, ""]]
    }
    part.actions["remove"](alert=high.number)
    part.actions["remove"](alert=high.number)
    assert feed.alerts == (late,)
