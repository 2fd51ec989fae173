"""When a replay plays what: due times against a clock that the test moves."""

import math
import random

import numpy as np
import pytest

from tests.support.replays import Heard, TimedFeed, damaged, whole

LEAD_S = 2.0


def tick_times(feed, until_s):
    """Play until a time; return when each tick was shown, s from the beginning."""
    times, before = {}, feed.tick
    for now_s in feed.until(1000.0 + until_s):
        if feed.tick != before:
            times[feed.tick] = now_s - 1000.0
            before = feed.tick
    return times


def test_ticks_are_due_every_250_ms_after_the_countdown():
    feed = TimedFeed(whole())
    feed.play()
    times = tick_times(feed, 60)
    assert list(times) == list(range(31))
    np.testing.assert_allclose(list(times.values()), LEAD_S + 0.25 * np.arange(31), atol=1e-9)


def test_no_drift_over_a_thousand_ticks_with_changes_of_speed_and_pauses():
    rng = random.Random(7)
    feed = TimedFeed(whole("long", 1000), speed=4.0)
    feed.play()
    virtual_s, now_s, speed, seen = 0.0, 1000.0, 4.0, 0
    while not feed.ended:
        until_s = now_s + rng.uniform(0.01, 3.0)
        before = feed.tick
        for at_s in feed.until(until_s):
            if feed.tick != before:
                before, seen = feed.tick, seen + 1
                assert virtual_s + (at_s - now_s) * speed == pytest.approx(LEAD_S + 0.25 * before, abs=1e-6)
        virtual_s += (until_s - now_s) * speed
        now_s = until_s
        if rng.random() < 0.3:
            feed.pause()
            feed.now_s = now_s = now_s + rng.uniform(0, 50)
            assert feed.advance() is None
            feed.play()
        speed = rng.choice([0.25, 0.5, 1.0, 2.0, 3.7, 10.0])
        feed.speed = speed
    assert seen == 1001


def test_a_late_thread_catches_up():
    feed = TimedFeed(whole("long", 200))
    feed.play()
    feed.now_s += LEAD_S + 0.25 * 120 + 0.1
    while (wait_s := feed.advance()) == 0.0:
        pass
    assert feed.tick == 120
    assert wait_s == pytest.approx(0.15)


def test_after_a_seek_the_next_tick_is_a_whole_tick_away():
    feed = TimedFeed(whole())
    feed.play()
    tick_times(feed, 3.3)
    feed.seek(20)
    assert feed.advance() == pytest.approx(0.25)
    feed.seek(10)
    feed.speed = 2.0
    assert feed.advance() == pytest.approx(0.125)


def test_a_pause_keeps_the_place_between_two_ticks():
    feed = TimedFeed(whole())
    feed.play()
    tick_times(feed, LEAD_S + 1.1)
    feed.pause()
    feed.now_s += 1000
    feed.play()
    assert feed.tick == 4
    assert feed.advance() == pytest.approx(0.15)


def test_missing_ticks_take_their_time():
    feed = TimedFeed(damaged())
    feed.play()
    times = tick_times(feed, 60)
    for tick, at_s in times.items():
        assert at_s == pytest.approx(LEAD_S + 0.25 * tick)


def test_the_next_game_follows_after_a_pause_and_in_time():
    feed = TimedFeed([whole("a", 10), whole("b", 10), whole("c", 10)])
    feed.play()
    span_s = LEAD_S + 2.5 + 1.0 + 2.0  # lead-in, ticks, late frame, pause
    for place in range(3):
        for _ in feed.until(1000.0 + place * span_s + LEAD_S + 0.25 * 4):
            pass
        assert (feed.position, feed.tick, feed.ended) == (place, 4, False)
    for _ in feed.until(2000.0):
        pass
    assert (feed.position, feed.tick, feed.ended, feed.playing) == (2, 10, True, False)
    assert feed.advance() is None
    feed.play()
    assert (feed.position, feed.tick, feed.playing) == (0, -1, True)


def test_loop_begins_again_and_nobody_hears_it_twice():
    feed = TimedFeed([whole("a", 5), whole("b", 5)], loop=True)
    heard = Heard(feed)
    feed.play()
    for _ in feed.until(1000.0 + 100):
        pass
    assert feed.playing
    assert not feed.ended
    assert len(heard.ticks) == 12
    assert feed.frontier() == 5
    assert feed.health.messages > 50
    feed.loop = False
    for _ in feed.until(2000.0):
        pass
    assert feed.ended


def test_without_autoplay_it_stops_after_each_game():
    feed = TimedFeed([whole("a", 5), whole("b", 5)], autoplay=False)
    feed.play()
    for _ in feed.until(1500.0):
        pass
    assert (feed.position, feed.tick, feed.ended, feed.playing) == (0, 5, True, False)
    feed.play()
    assert (feed.position, feed.tick, feed.ended, feed.playing) == (1, -1, False, True)
    for _ in feed.until(2000.0):
        pass
    assert (feed.position, feed.ended) == (1, True)
    feed.autoplay = True
    assert feed.ended


def test_autoplay_switched_off_in_the_pause_between_two_games():
    feed = TimedFeed([whole("a", 5), whole("b", 5)])
    feed.play()
    for _ in feed.until(1000.0 + LEAD_S + 1.25 + 1.0 + 1.0):
        pass
    assert (feed.position, feed.playing, feed.ended) == (0, True, False)
    feed.autoplay = False
    assert (feed.playing, feed.ended) == (False, True)


def test_at_full_speed_everything_is_due():
    feed = TimedFeed([whole("a", 50), whole("b", 50)], speed=math.inf)
    feed.play()
    while feed.advance() is not None:
        pass
    assert (feed.position, feed.ended, feed.now_s) == (1, True, 1000.0)
    feed.seek(20)
    feed.speed = 1.0
    feed.play()
    assert feed.advance() == pytest.approx(0.25)


def test_from_full_speed_to_a_pace():
    feed = TimedFeed(whole("long", 4000), speed=math.inf)
    feed.play()
    while feed.tick < 10:  # a batch takes some ms, however far it comes in them
        feed.advance()
    feed.speed = 1.0
    assert feed.advance() == pytest.approx(0.25)


def test_present_time_is_that_of_the_recording():
    game = damaged()
    feed = TimedFeed(game, speed=2.0)
    assert feed.present_ns() is None
    feed.seek(5)
    received_ns = feed.signal.received_ns
    assert feed.present_ns() == received_ns
    feed.now_s += 10
    assert feed.present_ns() == received_ns
    feed.play()
    feed.now_s += 0.1
    assert feed.present_ns() == pytest.approx(received_ns + 200_000_000, abs=1000)


def test_what_is_measured_is_the_time_of_the_recording():
    feed = TimedFeed(whole("a", 100), speed=10.0)
    feed.play()
    for _ in feed.until(1005.0):
        pass
    feed.pause()
    feed.now_s += 1000
    feed.play()
    feed.seek(10)
    for _ in feed.until(3000.0):
        pass
    gaps = feed.health.gaps_ms
    assert set(gaps[-91:-1].round(6)) == {250.0}
    assert feed.health.start.longest_gap_ms == 1000.0
    assert np.allclose(feed.health.lateness_ms, 0)
