"""Who is sent what of a replay: everything once, in order, at the pace of synchronous subscribers."""

import json
import threading

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import FeedTimeoutError
from rugs_lab.feed.core import subscribers as dispatch
from rugs_lab.feed.replay import playback
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from tests.support.live import DEADLINE_S, leaves_nothing, until
from tests.support.replays import Heard, damaged, told, verified, whole

pytestmark = pytest.mark.usefixtures("leaves_nothing")
_ = leaves_nothing
INF = float("inf")


def still(games, **options):
    return ReplayFeed(games, playing=False, **options)


@pytest.fixture
def ended():
    """End the threads of the subscribers of feeds that are not running."""
    feeds = []
    yield feeds.append
    for feed in feeds:
        feed.dispatcher.end(DEADLINE_S)


def test_a_part_that_is_played_again_is_silent(ended):
    feed = still([whole("a"), damaged("b")])
    ended(feed)
    heard, names = Heard(feed), []
    feed.follow(lambda name, *what: names.append(name))
    feed.seek(10)
    assert feed.frontier() == 10
    assert heard.ticks == told(whole("a"))[:11]
    assert feed.dispatcher.wait_idle(DEADLINE_S)
    before = list(names)
    feed.seek(3)
    feed.step(5)
    assert feed.dispatcher.wait_idle(DEADLINE_S)
    assert names == before
    assert feed.frontier() == 10
    feed.seek(12)
    assert heard.ticks == told(whole("a"))[:13]
    feed.finish()
    assert heard.ticks == told(whole("a")) + told(damaged("b"))
    feed.previous()
    assert feed.frontier() == 30
    feed.finish()
    assert len(heard.ticks) == len(told(whole("a")) + told(damaged("b")))


def test_after_forget_everything_is_told_again_from_here(ended):
    feed = still([whole("a"), whole("b")])
    ended(feed)
    heard = Heard(feed)
    feed.finish()
    feed.previous()
    feed.seek(10)
    assert feed.frontier() == 30
    feed.forget()
    assert feed.frontier() == 10
    feed.finish()
    assert heard.ticks == told(whole("a")) + told(whole("b")) + told(whole("a"))[11:] + told(whole("b"))


def test_a_recording_holds_everything_once(tmp_path, ended):
    game = verified()
    feed = still([game, damaged("b")])
    ended(feed)
    feed.record(tmp_path)
    feed.seek(20)
    feed.back(15)
    feed.seek(10)
    feed.next()
    feed.seek(10)
    feed.previous()
    feed.forget()
    feed.finish()
    feed.stop()
    feed.record(None)
    assert feed.metrics["recording errors [n]"] == 0
    (path,) = tmp_path.glob("*.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    ticks = [line for line in lines if line["type"] == "tick" and "tick" in line]
    frames = [(line["game_id"], line["tick"]) for line in ticks]
    assert frames == [(name, tick) for name, tick, _ in told(game) + told(damaged("b"))]
    games = rl.load(tmp_path)
    np.testing.assert_array_equal(games[game.id].prices, game.prices)
    np.testing.assert_array_equal(games["b"].prices, damaged("b").prices)
    assert games[game.id].verified
    assert set(games.damage["kind"]) == {"gap", "late_start", "no_rug"}  # as it was recorded


def test_synchronous_no_tick_comes_before_the_handler_is_done():
    feed = ReplayFeed([whole("a", 300), whole("b", 50)], speed=INF)
    seen, other = [], []

    def handler(name, *what):
        if name == "tick":
            seen.append((what[0].tick, feed.tick, feed.book.running_length - 1))

    feed.follow(handler, synchronous=True)
    feed.on("tick", other.append)
    with feed:
        until(lambda: feed.ended, "the end")
        feed.finish()
    assert len(seen) == len(other) == 352
    assert all(one == two == three for one, two, three in seen)


def test_a_seek_is_synchronous_too(ended):
    feed = still(whole("a", 300))
    ended(feed)
    seen = []

    def handler(name, *what):
        if name == "tick":
            seen.append((what[0].tick, feed.tick))

    feed.follow(handler, synchronous=True)
    feed.seek(200)
    assert feed.dispatcher.wait_idle(DEADLINE_S)
    assert seen == [(tick, tick) for tick in range(201)]


def test_it_waits_for_a_subscriber_that_does_not_keep_up():
    feed = ReplayFeed(whole("long", 3000), speed=INF)
    go, got = threading.Event(), []

    def handler(tick):
        go.wait(DEADLINE_S)
        got.append(tick.tick)

    feed.on("tick", handler)
    with feed:
        until(lambda: feed.dispatcher.waiting > dispatch.LONG, "a long queue")
        for _ in range(50):
            assert feed.dispatcher.waiting <= dispatch.LONG + 1
        assert feed.tick < dispatch.LONG + 10
        go.set()
        feed.finish()
    assert got == list(range(3001))
    assert feed.dispatcher.dropped == 0


def test_a_handler_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(dispatch, "PATIENCE_S", 0.05)
    monkeypatch.setattr(dispatch, "SYNCHRONOUS_PATIENCE_S", 0.05)
    go, got = threading.Event(), []

    def handler(name, *what):
        go.wait(DEADLINE_S)
        if name == "tick":
            got.append(what[0].tick)

    feed = ReplayFeed(whole("long", 1000), speed=INF)
    off = feed.follow(handler, synchronous=True)
    with feed:
        until(lambda: feed.ended, "the end")
        with pytest.raises(FeedTimeoutError, match="subscribers are not done"):
            feed.finish(timeout=0.05)
        go.set()
        feed.finish()
    assert got == list(range(1001))
    off()


def test_finish_says_when_subscribers_need_longer():
    go = threading.Event()
    feed = ReplayFeed(whole())
    feed.follow(lambda *_: go.wait(DEADLINE_S), synchronous=True)
    with feed:
        with pytest.raises(FeedTimeoutError, match="subscribers need longer"):
            feed.finish(timeout=0.1)
        go.set()
        feed.finish()


@pytest.mark.parametrize("synchronous", [False, True])
def test_a_handler_may_call_the_transport(synchronous):
    feed = ReplayFeed([whole("a", 60), whole("b", 60)], speed=INF)
    calls = {
        10: lambda: feed.seek(5),
        20: feed.back,
        25: feed.play,
        30: feed.pause,
        31: lambda: feed.seek(40),
        45: lambda: setattr(feed, "speed", 10),
        46: lambda: setattr(feed, "speed", INF),
        50: feed.next,
    }
    heard, paused = [], threading.Event()

    def handler(name, *what):
        if name != "tick":
            return
        heard.append((what[0].game_id, what[0].tick))
        if what[0].game_id == "a" and (call := calls.get(what[0].tick)) is not None:
            call()
        if not feed.playing:
            paused.set()

    feed.follow(handler, synchronous=synchronous)
    with feed:
        while not feed.ended:
            assert paused.wait(DEADLINE_S)
            paused.clear()
            if not feed.ended:
                feed.play()
            until(lambda: feed.ended or not feed.playing, "a pause")
        feed.finish()
    assert heard == [("a", tick) for tick in range(61)] + [("b", tick) for tick in range(61)]
    assert feed.dispatcher.errors == 0


def test_handlers_that_all_seek_and_a_thread_that_seeks_too():
    feed = ReplayFeed(whole("a", 200), speed=INF)
    for synchronous in (True, True, False):
        feed.follow(
            lambda name, *what: feed.seek(what[0].tick // 2) if name == "tick" else None,
            synchronous=synchronous,
        )
    heard = Heard(feed)
    with feed:
        threads = [threading.Thread(target=lambda: [feed.seek(n) for n in (50, 3, 150)]) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE_S)
            assert not thread.is_alive()
        feed.finish()
    ticks = heard.ticks
    assert ticks == told(whole("a", 200))[: len(ticks)]


def test_a_handler_may_stop_the_feed():
    feed = ReplayFeed(whole("a", 3000), speed=INF)
    stopped = threading.Event()

    def handler(name, *what):
        if name == "tick" and what[0].tick == 40:
            feed.stop()
            stopped.set()

    feed.follow(handler, synchronous=True)
    feed.start()
    assert stopped.wait(DEADLINE_S)
    assert (feed.state, feed.running, feed.tick) == ("stopped", False, 40)


def test_a_subscriber_may_stop_the_feed_at_its_first_event_while_start_still_waits_for_it():
    feed = ReplayFeed(whole("a", 60), speed=INF)
    stopped, start_returned, order = threading.Event(), threading.Event(), []

    def handler(name, *what):
        if name == "signal" and not stopped.is_set():
            feed.stop()
            order.append("stopped")
            stopped.set()

    def start():
        feed.start()
        order.append("started")
        start_returned.set()

    feed.follow(handler, synchronous=True)
    threading.Thread(target=start).start()
    assert start_returned.wait(DEADLINE_S)
    assert stopped.wait(DEADLINE_S)
    assert order == ["stopped", "started"]
    assert (feed.state, feed.running) == ("stopped", False)
    feed.dispatcher.end(DEADLINE_S)


def test_the_newest_move_counts(ended):
    feed = still(whole("a", 500))
    ended(feed)
    inside, go = threading.Event(), threading.Event()

    def handler(name, *what):
        if name == "tick" and what[0].tick == 100:
            inside.set()
            go.wait(DEADLINE_S)

    feed.follow(handler, synchronous=True)
    far = threading.Thread(target=feed.seek, args=(400,))
    far.start()
    assert inside.wait(DEADLINE_S)
    near = threading.Thread(target=feed.seek, args=(50,))
    near.start()
    far.join(DEADLINE_S)  # it gives way, though the handler is not done
    assert feed.tick == 100
    go.set()
    near.join(DEADLINE_S)
    assert not far.is_alive()
    assert not near.is_alive()
    assert feed.tick == 50


def test_going_back_does_not_wait_long_for_a_handler_that_hangs(ended, monkeypatch):
    monkeypatch.setattr(playback, "LEAVE_S", 0.05)
    feed, go = still([whole("a"), whole("b")]), threading.Event()
    ended(feed)
    feed.follow(lambda name, *_: name != "tick" or go.wait(DEADLINE_S), synchronous=True)
    feed.seek(0)
    feed.seek(-1)
    assert feed.tick == -1
    go.set()
