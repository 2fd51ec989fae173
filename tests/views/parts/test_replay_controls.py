"""The parts of the replay cell without a page: controls, list of games, figures of a game; and opening it."""

from __future__ import annotations

import json
import math
import threading

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.views.cells.open_views import Panels
from rugs_lab.views.cells.replay_view import MOST_SIDE_BY_SIDE
from rugs_lab.views.page.hub import hub as kernel_hub
from rugs_lab.views.page.part_base import Seen
from rugs_lab.views.parts.game_facts import GameFactsPart, facts_of
from rugs_lab.views.parts.game_list import ROWS, STAY_S, GameListPart
from rugs_lab.views.parts.replay_controls import ReplayControlsPart
from tests.support.desk import until


def made(number, rug, status="complete"):
    prices = 1.0 + 0.01 * np.arange(rug + 1.0)
    prices[-1] = 0.02
    if status == "gaps":
        prices[2] = math.nan
    return rl.Game(f"20260101-{number:016x}", prices, rug_tick=rug)


@pytest.fixture
def games():
    return rl.Games([made(1, 9), made(2, 30, "gaps"), made(3, 20)])


def state_of(part):
    status = part.status()
    json.dumps(status, allow_nan=False)
    return status


def test_the_controls_do_what_they_say(games):
    feed = ReplayFeed(games, playing=False)
    part = ReplayControlsPart(feed)
    assert (state_of(part)["tick"], state_of(part)["last"], state_of(part)["count"]) == (-1, 9, 3)
    seen = Seen(games[0].id, age_s=0.1)
    part.actions["seek"](tick=5, seen=seen)
    part.actions["set"](speed=None, loop=True)
    assert (feed.tick, feed.speed, state_of(part)["speed"], state_of(part)["loop"]) == (
        5,
        math.inf,
        None,
        True,
    )
    part.actions["set"](playing=True)
    part.actions["hold"](tick=6, seen=seen)
    assert (state_of(part)["playing"], state_of(part)["tick"]) == (False, 6)
    part.actions["next"]()
    part.actions["select"](position=2)
    part.actions["previous"]()
    assert state_of(part)["position"] == 1


def test_what_is_out_of_date_moves_nothing(games):
    feed = ReplayFeed(games, playing=False)
    part = ReplayControlsPart(feed)
    feed.seek(3)
    for seen in (Seen(games[1].id, age_s=0.1), Seen(games[0].id, age_s=2.1), Seen()):
        for action in ("seek", "hold"):
            with pytest.raises(ArgumentError, match="not executed: "):
                part.actions[action](tick=7, seen=seen)
    assert feed.tick == 3


@pytest.mark.parametrize("wrong", [{"speed": 100}, {"speed": "fast"}, {"playing": 1}, {"nothing": True}])
def test_a_setting_that_is_none_is_refused(games, wrong):
    with pytest.raises(ArgumentError):
        ReplayControlsPart(ReplayFeed(games, playing=False)).actions["set"](**wrong)


def test_blind_tells_the_end_only_after_it_was_played(games):
    feed = ReplayFeed(games, playing=False)
    part, about = ReplayControlsPart(feed, blind=True), GameFactsPart(feed, games, blind=True)
    feed.seek(4)
    assert (state_of(part)["last"], state_of(about)["facts"]) == (None, [])
    before = about.version()
    feed.seek(9)
    feed.seek(3)
    assert state_of(part)["last"] == 9
    assert about.version() != before
    assert state_of(about)["facts"][0][:2] == ("length", "9 ticks")


def test_the_list_is_sorted_by_what_is_asked_and_absent_comes_last(games):
    feed = ReplayFeed(games, playing=False)
    part = GameListPart(feed, games)
    order = {}
    for by, descending in (
        ("ticks", True),
        ("peak", False),
        ("status", False),
        ("position", True),
        ("id", True),
    ):
        part.actions["sort"](by=by, descending=descending)
        order[by] = [row[0] for row in state_of(part)["rows"]]
    assert order == {
        "ticks": [1, 2, 0],
        "peak": [0, 2, 1],
        "status": [0, 2, 1],
        "position": [2, 1, 0],
        "id": [2, 1, 0],
    }
    with pytest.raises(ArgumentError, match="sorted by one of"):
        part.actions["sort"](by="luck")


def test_a_long_list_is_shown_some_at_a_time():
    games = rl.Games([made(number, 5) for number in range(ROWS + 7)])
    part = GameListPart(ReplayFeed(games, playing=False), games)
    assert len(state_of(part)["rows"]) == ROWS
    part.actions["turn"](pages=1)
    assert [row[0] for row in state_of(part)["rows"]] == list(range(ROWS, ROWS + 7))
    part.actions["turn"](pages=5)
    assert state_of(part)["offset"] == ROWS
    part.actions["turn"](pages=-9)
    assert state_of(part)["offset"] == 0


def test_the_figures_of_a_damaged_game_say_what_is_not_known():
    facts = {name: (value, note) for name, value, note in facts_of(made(1, 30, "gaps"))}
    assert facts["rug price"][1] == "0.02 of the lowest: ticks are missing"
    assert facts["recording"] == ("gaps", "1 ticks missing")
    open_end = rl.Game("g", np.array([1.0, 1.2]))
    assert facts_of(open_end)[0] == ("length", "2 ticks", "its end was not recorded")
    assert "rug price" not in [name for name, *_ in facts_of(open_end)]


@pytest.fixture
def replay():
    views = []

    def open_it(*args, **options):
        views.append(rl.replay(*args, **{"playing": False, "name": "test", **options}))
        return views[-1]

    yield open_it
    for view in views:
        view.close()


def test_games_that_cannot_be_played_are_not_in_the_list(replay):
    view = replay(rl.Games([made(1, 9), rl.Game("empty", np.array([])), made(2, 12)]))
    assert view.feed.count == 2
    picker = next(part for part in view._parts if part.name == "game_list")
    assert [row[1] for row in state_of(picker)["rows"]] == [made(1, 9).id, made(2, 12).id]
    view.feed.select(1)
    assert view.feed.source_game.id == state_of(picker)["rows"][1][1]


def test_state_is_read_and_set_from_python(replay, games):
    view = replay(games)
    view.tick = 4
    view.speed = 2
    assert (view.tick, view.speed, view.playing, len(view.game)) == (4, 2.0, False, 5)
    assert view.frame["tick"].max() == 4
    view.playing = True
    assert view.playing
    view.playing = False
    assert "game 1 of 3" in repr(view)


def test_a_list_is_replayed_side_by_side_and_a_long_one_refused(replay, games):
    panels = replay([games[0], games[1]])
    assert isinstance(panels, Panels)
    assert [view.feed.count for view in panels.views] == [1, 1]
    assert panels.views[0].paper is not panels.views[1].paper
    one = replay([games[0]], name="one")
    assert one.feed.count == 1
    with pytest.raises(ArgumentError, match="side by side, at most"):
        replay([games[0]] * (MOST_SIDE_BY_SIDE + 1))


def test_closing_ends_the_replay_that_it_made_and_leaves_one_that_was_given(replay, games):
    view = replay(games)
    feed = view.feed
    assert feed.running
    view.close()
    view.close()
    feed.wait(state="stopped")
    assert view not in kernel_hub.views
    given = ReplayFeed(games, playing=False).start()
    other = replay(given)
    assert other.feed is given
    other.close()
    assert given.running
    given.stop()


def test_a_strategy_trades_the_account_of_the_cell(replay, games):
    @rl.strategy
    def early(o):
        return rl.buy(0.1) if o.tick == 1 else rl.hold()

    view = replay(games, strategy=early, cash=2.0)
    view.feed.finish()
    assert view.paper.ledger["what"].tolist() == ["buy", "rug"] * 3
    assert view.paper.account.start_sol == 2.0
    assert view.paper.strategy_error == ""


def idle(o):
    return rl.hold()


def strategy_threads():
    return {each for each in threading.enumerate() if each.name.startswith("rugs_lab strategy")}


def test_a_strategy_given_again_takes_the_place_of_the_account_before(replay, games):
    feed, before = ReplayFeed(games, playing=False), strategy_threads()
    papers = []
    for _ in range(4):
        papers.append(replay(feed, strategy=idle, name="again").paper)
        feed.step()
    assert [paper.closed for paper in papers] == [True, True, True, False]
    assert accounts_of(feed).by_hand is papers[-1]
    until(lambda: len(strategy_threads() - before) == 1)
    papers[-1].close()
    feed.stop()


def test_an_account_that_was_closed_is_not_taken_up_again(replay, games):
    first = replay(games)
    closed = first.paper
    first.close()
    assert closed.closed
    assert first.paper is closed
    second = replay(first.feed, name="again")
    assert not second.paper.closed
    assert second.paper is not closed
    second.seek(2)
    second.paper.submit(rl.buy(0.1))
    second.step(2)
    second.feed.dispatcher.end(10)
    assert second.paper.ledger["what"].tolist() == ["buy"]
    second.paper.close()
    second.feed.stop()


def test_what_is_wrong_is_said_before_the_cell_before_is_closed(replay, games):
    view = replay(games)
    for wrong in ({"strategy": "typo"}, {"cash": -1.0}, {"strategy": idle, "cash": math.nan}):
        with pytest.raises(ArgumentError):
            replay(games, **wrong)
        assert not view.closed
    feed = ReplayFeed(games, speed=4.0, playing=False)
    with pytest.raises(ArgumentError):
        replay(feed, strategy="typo", speed=2.0)
    assert feed.speed == 4.0


@pytest.mark.parametrize("wrong", [{"height": 10}, {"speed": 0.1}, {"speed": -1}])
def test_wrong_options_are_refused_before_anything_is_opened(games, wrong):
    before = kernel_hub.views
    with pytest.raises(ArgumentError):
        rl.replay(games, **wrong)
    assert kernel_hub.views == before


def test_a_replay_that_is_given_plays_as_is_wished_and_else_as_it_is(replay, games):
    feed = ReplayFeed(games, speed=4.0, playing=False, loop=True)
    as_it_is = replay(feed, playing=None, name="as it is")
    assert (feed.speed, feed.playing, feed.loop, feed.shuffle) == (4.0, False, True, False)
    as_it_is.close()
    replay(feed, speed=2.0, playing=True, loop=False, shuffle=True, name="as wished")
    assert (feed.speed, feed.playing, feed.loop, feed.shuffle) == (2.0, True, False, True)
    feed.stop()


@pytest.mark.parametrize("prices", [[1.0, 1.2, 0.02], [[1.0, 1.2, 0.02]], np.array([1.0, 1.2, 0.02])])
def test_prices_are_one_game(replay, prices):
    view = replay(prices, playing=False)
    assert (view.feed.count, view.feed.last_tick) == (1, 2)


def test_the_view_is_moved_as_its_page_is(replay, games):
    view = replay(games, playing=False)
    view.seek(3)
    view.step(2)
    assert (view.tick, view.phase) == (5, rl.Phase.ACTIVE)
    view.back()
    assert view.tick == 4
    view.next()
    assert view.feed.position == 1
    view.previous()
    view.select(2)
    assert (view.feed.position, view.tick) == (2, -1)
    view.loop = True
    view.play()
    assert (view.feed.loop, view.playing) == (True, True)
    view.pause()
    assert not view.playing
    for name in ("step", "back", "seek", "next", "previous", "select"):
        assert name in type(view).__doc__


def test_the_list_goes_to_the_game_that_is_played_unless_a_page_was_just_chosen():
    games = rl.Games([made(number, 9) for number in range(1, 2 * ROWS + 3)])
    feed, now = ReplayFeed(games, playing=False), [0.0]
    part = GameListPart(feed, games, clock=lambda: now[0])
    assert (state_of(part)["offset"], state_of(part)["here"]) == (0, 0)
    before = part.version()
    feed.select(ROWS + 5)
    assert part.version() != before
    assert (state_of(part)["offset"], state_of(part)["here"]) == (ROWS, ROWS)
    part.actions["turn"](pages=-1)
    feed.select(2 * ROWS + 1)
    assert (state_of(part)["offset"], state_of(part)["here"]) == (0, 2 * ROWS)
    part.actions["show"]()
    assert state_of(part)["offset"] == 2 * ROWS
    part.actions["sort"](by="position", descending=True)
    now[0] += STAY_S
    assert (state_of(part)["offset"], state_of(part)["here"]) == (0, 0)
    feed.select(0)
    assert state_of(part)["offset"] == 2 * ROWS
