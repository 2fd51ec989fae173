"""The widget without a page: who is looking, what was asked for, and that nothing stays behind."""

from __future__ import annotations

import gc
import re
import subprocess
import sys
import threading
import weakref

import pytest
from ipywidgets import IntSlider, link
from traitlets import TraitError

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.feed.live import live_feed
from rugs_lab.views.cells.open_views import watch
from rugs_lab.views.page import assets, notebook_place
from rugs_lab.views.page.hub import hub as kernel_hub
from rugs_lab.views.page.kernel_busy import shell
from rugs_lab.views.page.page_widget import EXPIRE_S, GRACE_S, MAX_LAG
from rugs_lab.views.parts.trade_panel import TradePart
from tests.support.desk import Desk, until
from tests.support.scripted_feed import ScriptedFeed

DEADLINE_S = 10.0


@pytest.fixture(autouse=True)
def _idle_shell(monkeypatch):
    monkeypatch.setattr(shell, "busy_since", None)
    monkeypatch.setattr(shell, "idle_since", 0.0)


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.view.close()
    desk.feed.stop()


def test_a_new_view_is_told_everything_without_being_asked(desk):
    desk.feed.ticks(3)
    assert desk.turn() == ["setup", "snapshot"]


def test_later_turns_send_one_message_or_none(desk):
    desk.turn()
    assert desk.turn() == []
    desk.feed.ticks(2)
    assert desk.turn() == ["rows"]


def test_setup_names_what_the_page_needs(desk):
    desk.turn()
    setup = desk.sent[0][0]
    assert setup["maxlen"] == 500
    assert set(setup["figures"]) == {"light", "dark"}
    assert re.fullmatch(r"3\.\d+\.\d+.*", setup["bokeh"])


def test_hello_brings_setup_and_snapshot_again(desk):
    desk.turn()
    desk.hear("hello")
    assert desk.turn() == ["setup", "snapshot"]


def test_page_that_misses_a_message_gets_a_snapshot(desk):
    desk.turn()
    desk.hear("snapshot")
    assert desk.turn() == ["snapshot"]


def test_bokeh_comes_from_the_installed_package_when_asked(desk):
    desk.turn()
    desk.hear("bokeh")
    desk.turn()
    content, buffers = next(item for item in desk.sent if item[0]["kind"] == "bokeh")
    assert content == {"kind": "bokeh"}
    assert buffers == [assets.bokeh_script()]
    assert len(buffers[0]) > 500_000


def test_bokeh_comes_unasked_while_the_kernel_is_busy(desk, monkeypatch):
    monkeypatch.setattr(shell, "busy_since", 99.0)
    assert "bokeh" not in desk.turn()
    assert "bokeh" in desk.turn(1.0)
    assert "bokeh" not in desk.turn()


def test_ping_is_answered(desk):
    desk.turn()
    desk.hear("ping", id=7)
    assert desk.turn() == ["rows"]
    assert desk.sent[-1][0]["pong"] == 7


def test_after_good_bye_nothing_is_sent_until_hello(desk):
    desk.turn()
    desk.hear("bye")
    desk.feed.ticks(3)
    assert desk.turn(5.0) == []
    desk.hear("hello")
    assert desk.turn() == ["setup", "snapshot"]


def test_silent_page_is_given_up_and_a_ping_brings_it_back(desk):
    desk.turn()
    assert desk.turn(EXPIRE_S + 1) == []
    desk.hear("ping", id=1)
    assert desk.turn() == ["snapshot"]


def test_silent_page_is_kept_while_the_kernel_is_busy(desk, monkeypatch):
    desk.turn()
    monkeypatch.setattr(shell, "busy_since", 99.0)
    assert desk.turn(10 * EXPIRE_S) != []
    monkeypatch.setattr(shell, "busy_since", None)
    monkeypatch.setattr(shell, "idle_since", desk.now)
    assert desk.turn(EXPIRE_S / 2) != []
    assert desk.turn(EXPIRE_S) == []


def test_page_that_is_too_far_behind_waits_and_then_gets_a_snapshot(desk):
    desk.turn()
    desk.hear("ping", id=1)
    for _ in range(MAX_LAG + 1):
        desk.feed.tick()
        desk.turn(0.001)
    desk.now += GRACE_S
    desk.feed.tick()
    assert desk.turn(0.001) == []
    desk.hear("ping", id=2)
    assert desk.turn(0.001) == ["snapshot"]


@pytest.mark.parametrize(
    "content", [{}, {"kind": 3}, {"kind": "live", "live": "yes"}, {"kind": "ping", "id": []}]
)
def test_nonsense_from_the_page_changes_nothing(desk, content):
    desk.turn()
    desk.view._received(desk.view, content, [])
    desk.turn()
    assert desk.feed.running
    assert desk.feed.stops == 0


def test_handler_does_not_wait_for_a_feed_that_stops_slowly(desk):
    release, entered = threading.Event(), threading.Event()

    def slow_stop():
        entered.set()
        assert release.wait(DEADLINE_S)

    desk.feed.stop = slow_stop
    desk.hear("live", live=False, id=1)
    assert entered.wait(DEADLINE_S)
    release.set()


def test_command_is_carried_out_and_confirmed(desk):
    desk.turn()
    stopped = threading.Event()
    desk.feed.on("state", lambda state: stopped.set() if state == "stopped" else None)
    desk.hear("live", live=False, id=1)
    assert stopped.wait(DEADLINE_S)
    while not desk.view._switch.done:
        assert not desk.feed.running
    desk.turn()
    content = desk.sent[-1][0]
    assert content["done"] == 1
    assert content["status"]["state"] == "stopped"


def test_close_leaves_hub_and_comm_and_is_idempotent(desk):
    comm = desk.view.comm
    desk.view.close()
    desk.view.close()
    assert desk.hub.views == ()
    assert desk.view.comm is None
    assert comm is not None
    assert desk.view.closed
    assert desk.turn() == []


def test_close_leaves_a_feed_that_is_not_its_own_alone(desk):
    desk.view.close()
    assert desk.feed.running


def test_close_stops_a_feed_of_its_own():
    desk = Desk(owns_feed=True)
    stopped = threading.Event()
    desk.feed.on("state", lambda state: stopped.set() if state == "stopped" else None)
    desk.view.close()
    assert stopped.wait(DEADLINE_S)


def test_close_ends_the_accounts_on_a_feed_of_its_own():
    desk = Desk(owns_feed=True, parts=(TradePart(feed := ScriptedFeed().start()),), feed=feed)
    by_hand, bot = desk.view.paper, feed.paper(lambda o: None)
    feed.ticks(3)
    feed.dispatcher.end(10)
    desk.view.close()
    assert by_hand.closed
    assert bot.closed
    assert desk.view.paper is by_hand
    assert feed.papers == ()
    other = Desk(parts=(TradePart(feed := ScriptedFeed().start()),), feed=feed)
    kept = other.view.paper
    other.view.close()
    assert not kept.closed
    kept.close()
    feed.stop()


def test_closed_view_and_its_feed_can_be_collected():
    desk = Desk()
    desk.turn()
    view, feed = weakref.ref(desk.view), weakref.ref(desk.feed)
    desk.view.close()
    del desk
    gc.collect()
    assert view() is None
    assert feed() is None


def test_failure_is_shown_in_the_page(desk):
    desk.view.failed(ValueError("<b>broken</b>"))
    assert desk.sent[-1][0] == {"kind": "failed", "reason": "ValueError: <b>broken</b>"}


def test_frame_is_the_data_behind_the_picture(desk):
    desk.feed.ticks(3)
    assert desk.view.frame["tick"].tolist() == [0, 1, 2]


def test_repr_says_state_and_frames(desk):
    desk.feed.ticks(3)
    assert repr(desk.view) == "<LiveView live (connected to the script), 3 messages>"
    desk.view.close()
    assert repr(desk.view) == "<LiveView closed, 3 messages>"


@pytest.fixture
def watched(monkeypatch):
    """Call watch() as if from a cell; whatever is open is closed afterwards."""
    feeds, views = [], []

    def call(*given, cell=None, run=None, **options):
        monkeypatch.setattr(notebook_place, "running_cell", lambda: (cell, run))
        chosen = given or (ScriptedFeed(),)
        feeds.extend(chosen)
        views.append(watch(*chosen, **options))
        return views[-1]

    yield call
    for view in views:
        view.close()
    for feed in feeds:
        feed.stop()


def test_watch_starts_a_feed_that_never_ran(watched):
    feed = ScriptedFeed()
    watched(feed)
    assert feed.running


def test_watch_without_a_feed_makes_and_starts_one_of_its_own(monkeypatch):
    made = []
    monkeypatch.setattr(live_feed, "LiveFeed", lambda: made.append(ScriptedFeed()) or made[0])
    view = watch()
    assert (view.feed, view.feed.running) == (made[0], True)
    stopped = threading.Event()
    view.feed.on("state", lambda state: stopped.set() if state == "stopped" else None)
    view.close()
    assert stopped.wait(DEADLINE_S)


def test_importing_the_room_loads_neither_bokeh_nor_widgets():
    code = (
        "import sys, rugs_lab.views, rugs_lab.figures.price_figure\n"
        "print([name for name in ('bokeh', 'anywidget', 'ipywidgets', 'pandas') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_watch_leaves_a_stopped_feed_stopped(watched):
    feed = ScriptedFeed().start()
    feed.stop()
    watched(feed)
    assert not feed.running


def test_running_a_cell_again_replaces_its_view(watched):
    first = watched(cell="a", run="1")
    second = watched(cell="a", run="2")
    assert first.closed
    assert kernel_hub.views == (second,)


def test_two_views_of_one_run_both_live(watched):
    first, second = watched(cell="a", run="1"), watched(cell="a", run="1")
    assert not first.closed
    assert not second.closed


def test_two_cells_may_show_the_same_feed(watched):
    feed = ScriptedFeed()
    first, second = watched(feed, cell="a", run="1"), watched(feed, cell="b", run="2")
    assert kernel_hub.views == (first, second)


def test_named_view_replaces_its_namesake_in_any_cell(watched):
    first = watched(cell="a", run="1", name="main")
    watched(cell="b", run="2", name="main")
    assert first.closed


def test_without_a_cell_the_feed_is_the_name(watched):
    feed = ScriptedFeed()
    first = watched(feed)
    other = watched(ScriptedFeed())
    watched(feed)
    assert first.closed
    assert not other.closed


def test_several_feeds_stand_side_by_side(watched):
    feeds = ScriptedFeed(seed=1), ScriptedFeed(seed=2)
    box = watched(*feeds)
    assert [view.feed for view in box.views] == list(feeds)
    assert box.layout.flex_flow == "row wrap"
    assert repr(box).startswith("<Panels: <LiveView live")
    feeds[1].ticks(2)
    assert box.frame.loc[1]["tick"].tolist() == [0, 1]
    box.close()
    assert all(view.closed for view in box.views)
    assert kernel_hub.views == ()


def test_several_feeds_of_a_cell_are_replaced_together(watched):
    first = watched(ScriptedFeed(), ScriptedFeed(), cell="a", run="1")
    watched(cell="a", run="2")
    assert all(view.closed for view in first.views)


@pytest.mark.parametrize("height", [0, 119, 2001, 300.0, True, "300"])
def test_height_out_of_range_raises(height):
    with pytest.raises(ArgumentError, match="height"):
        watch(ScriptedFeed(), height=height)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (watch, "chart, gaps, games, trade, strategy, bots, leaderboard, trade_tape, health"),
        (rl.replay, "chart, controls, games, trade, facts, health"),
    ],
)
@pytest.mark.parametrize("parts", [("chart", "tradee"), "charts", (), (7,), 5, True])
def test_unknown_parts_are_refused_with_the_names_that_there_are(call, names, parts):
    source = ScriptedFeed() if call is watch else rl.sample()[0]
    with pytest.raises(ArgumentError, match=f"parts are some of {names}; got "):
        call(source, parts=parts)
    assert kernel_hub.views == ()


@pytest.mark.parametrize(
    ("options", "shown", "height"),
    [
        ({}, ("chart", "gaps", "games"), 320),
        ({"height": 249}, ("chart",), 249 - assets.HEAD_PX),
        ({"height": 200, "parts": ("chart", "trade")}, ("chart", "trade"), 200 - assets.HEAD_PX),
        ({"parts": "trade"}, ("trade",), 320),
    ],
)
def test_the_page_is_told_what_to_show_and_how_high(options, shown, height):
    view = watch(ScriptedFeed(), name="parts", **options)
    try:
        setup = assets.setup(10, view.height, (), view._shown)
        assert (tuple(setup["shown"][: len(shown)]), setup["height"]) == (shown, height)
        assert bool(setup["figures"]) == ("chart" in shown)
    finally:
        view.close()


def test_watching_something_else_raises():
    with pytest.raises(ArgumentError, match="list"):
        watch([1, 2, 3])


def test_refused_call_opens_nothing():
    with pytest.raises(ArgumentError):
        watch(ScriptedFeed(), 3)
    assert kernel_hub.views == ()


@pytest.mark.parametrize(
    ("theme", "selector"), [("light", ".rl-live"), ("dark", '.rl-live[data-theme="dark"]')]
)
def test_the_legend_has_the_colours_of_the_chart(theme, selector):
    colours, said = assets.setup(10, 300)["colours"][theme], {}
    for block in re.findall(rf"^{re.escape(selector)} {{(.*?)}}", assets.style(), re.MULTILINE | re.DOTALL):
        said.update(re.findall(r"--rl-(\w+): (#\w+);", block))
    drawn = ["price", "ghost", "backfilled", "rug", "cut", "buy", "sell", "bet"]
    assert {name: said[name] for name in drawn} == {name: colours[name] for name in drawn}


def test_what_the_feed_shows_are_traits(desk):
    seen, view = [], desk.view
    view.observe(
        lambda change: seen.append((change.name, change.old, change.new)), ["tick", "price", "game_id"]
    )
    desk.feed.ticks(3)
    desk.turn()
    assert (view.tick, view.price, view.state) == (2, desk.feed.path[2], "live")
    assert (view.phase, view.game_id) == ("ACTIVE", desk.feed.game_id)
    assert sorted(seen) == [
        ("game_id", None, desk.feed.game_id),
        ("price", None, desk.feed.path[2]),
        ("tick", None, 2),
    ]
    assert view.get_state("tick") == {"tick": 2}
    with pytest.raises(TraitError, match="observed, not set"):
        view.price = 3.0


@pytest.mark.parametrize("fail", [lambda change: 1 / 0, sys.exit])
def test_one_that_fails_to_observe_costs_the_others_nothing(desk, caplog, fail):
    seen, view = [], desk.view
    view.observe(fail, "tick")
    view.observe(lambda change: seen.append(change.new), "price")
    desk.feed.ticks(3)
    desk.turn()
    desk.feed.ticks(1)
    desk.turn()
    assert seen == [desk.feed.path[2], desk.feed.path[3]]
    assert view.error is None
    assert "what observes tick" in caplog.text


def test_a_program_that_observes_is_told_without_any_page(desk):
    desk.view._viewer.leave()
    assert desk.turn() == []
    seen = []
    desk.view.observe(lambda change: seen.append(change.new), "tick")
    desk.feed.ticks(2)
    desk.turn()
    assert seen[-1] == 1


def test_replays_side_by_side_are_moved_together_by_a_link():
    box = rl.replay(list(rl.sample()[:2]), playing=False, name="pair")
    one, other = box.views
    for trait in ("tick", "speed", "playing"):
        link((one, trait), (other, trait))
    try:
        one.tick = 9
        assert (other.tick, len(other.game)) == (9, 10)
        other.tick = 4
        assert one.tick == 4
        one.speed = 2.0
        assert other.speed == 2.0
        one.playing = True
        until(lambda: min(one.tick, other.tick) > 6)
    finally:
        box.close()


def test_a_slider_and_a_replay_move_each_other():
    games = rl.sample()[:2]
    view = rl.replay(games, playing=False, name="linked")
    slider = IntSlider(min=-1, max=2000)
    link((slider, "value"), (view, "tick"))
    slider.value = 7
    assert (view.tick, view.feed.tick) == (7, 7)
    view.set_state({"tick": 5})  # as a page does
    assert (view.feed.tick, slider.value) == (5, 5)
    view.speed = float("inf")
    assert view.get_state("speed") == {"speed": None}
    view.set_state({"speed": None, "playing": False})
    view.game_id = games[1].id
    assert (view.feed.position, view.speed, view.playing) == (1, float("inf"), False)
    view.close()
