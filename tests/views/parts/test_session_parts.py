"""What the live cell tells beside price and feed: board, tape, earlier games, a strategy that trades."""

from __future__ import annotations

import json

import pytest

from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.game.limits import PRACTICE_COIN
from rugs_lab.trading.account.actions import hold
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.strategy.strategy import strategy
from rugs_lab.trading.strategy.strategy_registry import strategies
from rugs_lab.views.page.part_base import Throttle
from rugs_lab.views.parts import strategy_panel as ruled
from rugs_lab.views.parts.leaderboard_panel import LeaderboardPart
from rugs_lab.views.parts.past_games import GhostsPart
from rugs_lab.views.parts.strategy_panel import StrategiesPart, StrategyMarksPart, StrategyPart
from rugs_lab.views.parts.trade_tape import SHOWN, TradeTapePart
from tests.support.live import settled


@strategy
def idle(o):
    return hold()


@strategy
def needs(o, level):
    return hold()


def state_of(part):
    status = part.status()
    json.dumps(status, allow_nan=False)
    return status


def trade(feed, tick, game_id=None, **more):
    feed.take(
        "standard/newTrade",
        ({"gameId": game_id or feed.game_id, "type": "buy", "tickIndex": tick, "price": 1.5, **more},),
    )


def test_it_looks_again_only_when_it_is_time():
    now = [0.0]
    seen = []
    throttle = Throttle(lambda: seen.append(now[0]) or len(seen), every_s=0.5, clock=lambda: now[0])
    assert [throttle.now(), throttle.now()] == [1, 1]
    now[0] = 0.5
    assert [throttle.now(), throttle.now()] == [2, 2]


def test_the_board_tells_what_is_known_and_nothing_else(feed):
    rows = [
        {"position": 1, "id": "p1", "username": None, "pnl": 0.5, "positionQty": 0, "avgCost": 2.0},
        {"position": 2, "username": "b", "pnl": "none", "selectedCoin": {"address": PRACTICE_COIN}},
    ]
    feed.tick(leaderboard=rows)
    first, second = state_of(LeaderboardPart(feed))["rows"]
    assert first == [1, "p1", 0.5, None, 0.0, None, None, False]
    assert second == [2, "b", None, None, None, None, None, True]


def test_the_tape_is_in_order_of_ticks_and_says_how_late_each_came(feed):
    feed.ticks(10)
    former = feed.game_id
    trade(feed, 4, username="a")
    feed.rug()
    feed.begin()
    feed.ticks(6)
    trade(feed, 9, former, username="b")
    trade(feed, 5, username="c")
    trade(feed, 2, username="d", coin=PRACTICE_COIN)
    status = state_of(TradeTapePart(feed))
    assert [[row[1], row[5], row[6], row[7]] for row in status["rows"]] == [
        [5, "c", False, 0],
        [2, "d", True, 3],
        [9, "b", False, None],
        [4, "a", False, 5],
    ]
    assert (status["trades"], status["practice"]) == (4, 1)
    assert feed.trades["late_ticks"].tolist()[0] == 5
    assert feed.trades["late_ticks"].isna().tolist() == [False, True, False, False]


def test_the_tape_has_an_end(feed):
    feed.ticks(100)
    for tick in range(SHOWN + 5):
        trade(feed, tick)
    assert [row[1] for row in state_of(TradeTapePart(feed))["rows"]] == list(range(SHOWN + 4, 4, -1))


def test_earlier_games_are_told_when_more_than_one_is_wanted(feed):
    for length in (4, 5, 6):
        feed.ticks(length)
        feed.rug()
        feed.begin()
    part = GhostsPart(feed)
    assert state_of(part) == {"count": 1, "choices": [0, 1, 3, 5], "games": []}
    before = part.version()
    part.show(5)
    assert part.version() != before
    assert [len(game["prices"]) for game in state_of(part)["games"]] == [7, 6, 5]
    part.show(0)
    assert state_of(part)["games"] == []


@pytest.mark.parametrize("count", [2, True, "3", None])
def test_another_number_of_earlier_games_is_refused(feed, count):
    with pytest.raises(ArgumentError, match="one of"):
        GhostsPart(feed).show(count)


def test_strategies_of_the_notebook_are_listed_once_and_by_their_variable(monkeypatch):
    names = {"mine": idle, "_hidden": idle, "again": idle, "theirs": strategies["random"], "number": 7}
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: Shell(names))
    listed = state_of(StrategiesPart())["strategies"]
    assert [each[1] for each in listed if each[0] == "notebook"] == ["mine"]
    assert [each[1] for each in listed if each[0] == "built-in"] == list(strategies)


class Shell:
    def __init__(self, names):
        self.user_ns = names


def test_a_strategy_is_started_stopped_and_started_anew(feed, monkeypatch):
    monkeypatch.setattr(ruled, "_defined", lambda: {"idle": idle})
    feed.ticks(3)
    part = StrategyPart(feed)
    assert state_of(part) == {"state": "none"}
    part.actions["start"](place="notebook", strategy="idle")
    assert state_of(part)["state"] == "running"
    assert state_of(part)["figures"]["equity"] == 1.0
    first = accounts_of(feed).by_strategy
    part.actions["stop"]()
    assert (state_of(part)["state"], first.closed) == ("ended", True)
    part.actions["start"](place="built-in", strategy="random")
    assert accounts_of(feed).by_strategy is not first
    assert state_of(part)["strategy"] == "random"


def test_a_paused_strategy_goes_on_or_says_why_it_cannot(feed, monkeypatch):
    def fragile(o):
        if o.tick == 1:
            raise ValueError("once")

    monkeypatch.setattr(ruled, "_defined", lambda: {"fragile": strategy(fragile)})
    part = StrategyPart(feed)
    part.actions["resume"]()
    part.actions["start"](place="notebook", strategy="fragile")
    feed.ticks(2)
    settled(accounts_of(feed).by_strategy)
    shown = state_of(part)
    assert (shown["state"], "ValueError: once" in shown["error"]) == ("paused", True)
    part.actions["resume"]()
    assert (state_of(part)["state"], state_of(part)["error"]) == ("running", "")
    part.actions["stop"]()
    part.actions["resume"]()
    assert state_of(part)["state"] == "ended"


def test_a_strategy_that_cannot_be_started_says_why_and_the_running_one_goes_on(feed, monkeypatch):
    monkeypatch.setattr(ruled, "_defined", lambda: {"idle": idle, "needs": needs})
    feed.ticks(3)
    part = StrategyPart(feed)
    part.actions["start"](place="notebook", strategy="idle")
    running = accounts_of(feed).by_strategy
    for name, reason in (("gone", "run the cell that defines it"), ("needs", "needs a value for level")):
        with pytest.raises(RugsLabError, match=reason):
            part.actions["start"](place="notebook", strategy=name)
    with pytest.raises(RugsLabError, match="did you mean 'conservative'"):
        part.actions["start"](place="built-in", strategy="conservativ")
    assert accounts_of(feed).by_strategy is running
    assert not running.closed


def test_nothing_is_drawn_without_a_strategy(feed):
    assert state_of(StrategyMarksPart(feed)) == {"game": None, "marks": [], "bets": []}
