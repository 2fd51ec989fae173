"""The thread of a replay: it plays by itself, stops, resumes, and leaves nothing behind."""

import gc
import subprocess
import sys
import threading
import weakref

import pytest

from rugs_lab.errors import FeedError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from tests.support.live import DEADLINE_S, leaves_nothing, until
from tests.support.replays import small_capture, whole

pytestmark = pytest.mark.usefixtures("leaves_nothing")
_ = leaves_nothing
INF = float("inf")


def replaying():
    return [thread for thread in threading.enumerate() if thread.name == "rugs_lab replay"]


def test_it_plays_by_itself_and_stops():
    feed = ReplayFeed([whole("a"), whole("b")], speed=INF)
    assert (feed.state, feed.running) == ("stopped", False)
    states = []
    feed.on("state", lambda state: states.append(str(state)))
    with feed:
        assert feed.running
        assert feed.state == "live"
        assert feed.start() is feed
        assert len(replaying()) == 1
        feed.wait(games=2, timeout=DEADLINE_S)
        until(lambda: feed.ended, "the end")
        assert not feed.playing
    assert (feed.state, feed.running) == ("stopped", False)
    feed.stop()
    assert states == ["live", "stopped"]


def test_at_the_real_pace_ticks_come():
    with ReplayFeed(whole(), speed=10) as feed:
        feed.wait(ticks=2, timeout=DEADLINE_S)
        assert feed.phase == "ACTIVE"


def test_stopped_it_keeps_its_place_and_start_goes_on():
    feed = ReplayFeed(whole("a", 2000), speed=INF).start()
    feed.wait(ticks=20, timeout=DEADLINE_S)
    feed.stop()
    place, ticks = feed.tick, len(feed.game)
    assert ticks == place + 1
    assert replaying() == []
    feed.step(3)
    assert feed.tick == place + 3
    with feed:
        assert feed.tick == place + 3
        feed.play()
        feed.wait(games=1, timeout=DEADLINE_S)
    assert len(feed.games[-1]) == 2001


def test_a_paused_feed_shows_the_first_frame_when_started():
    with ReplayFeed(whole(), playing=False) as feed:
        assert (feed.phase, feed.game.id, feed.tick) == ("PRESALE", "whole", -1)


def test_waiting_for_a_stopped_feed_is_an_error():
    with pytest.raises(FeedError, match=r"call feed.start\(\)"):
        ReplayFeed(whole()).wait(ticks=1)


def test_finish_starts_and_stops_a_feed_that_is_not_started():
    feed = ReplayFeed([whole("a"), whole("b")], loop=True, autoplay=False)
    states = []
    feed.on("state", lambda state: states.append(str(state)))
    assert feed.finish() is feed
    assert [game.id for game in feed.games] == ["a", "b"]
    assert states == ["live", "stopped"]
    assert not feed.running


def test_a_feed_that_nobody_holds_ends():
    feed = ReplayFeed(whole("a", 3000), speed=1).start()
    gone, (thread,) = weakref.ref(feed), replaying()
    del feed
    gc.collect()
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert gone() is None


def test_the_transport_answers_at_full_speed():
    with ReplayFeed([whole(f"g{n}", 500) for n in range(4)], speed=INF, loop=True) as feed:
        for tick in (400, 3, 250, 0, 499):
            feed.pause()
            feed.seek(tick)
            assert (feed.tick, len(feed.game)) == (tick, tick + 1)
            feed.play()
        feed.select(2)
        feed.pause()
        assert feed.position in (2, 3, 0, 1)
        assert feed.book.contradictions == 0


def test_a_capture_that_is_deleted_while_it_plays_stops_the_feed_and_says_why(tmp_path, caplog):
    capture = small_capture(tmp_path)
    feed = ReplayFeed(capture, speed=INF, playing=False).start()
    feed.seek(0)
    capture.unlink()
    feed.play()
    feed.wait(state="stopped", timeout=DEADLINE_S)
    assert "FileNotFoundError" in feed.state.reason
    assert (feed.running, feed.playing) == (False, False)
    until(lambda: replaying() == [], "the end of the thread")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    feed.stop()
    assert "FileNotFoundError" in feed.state.reason
    feed.seek(3)
    assert feed.tick == 3
    with pytest.raises(FileNotFoundError):
        feed.next()
    with feed:
        assert feed.state == "live"


def test_the_interpreter_ends_with_a_replay_running():
    program = (
        "import rugs_lab as rl\n"
        "feed = rl.ReplayFeed([[1.0] * 4000 + [0.02]], speed=float('inf'), loop=True)\n"
        "feed.on('tick', lambda tick: None)\n"
        "feed.start().wait(ticks=2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
