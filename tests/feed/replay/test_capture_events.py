"""A raw capture replayed: exactly the rows that it gave live, and a transport by game and tick."""

import json

import numpy as np
import pytest

from rugs_lab.errors import ArgumentError, CaptureError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader
from tests.support.replays import Heard, small_capture


@pytest.fixture
def capture(tmp_path):
    return small_capture(tmp_path)


def straight(path):
    """Take a capture event by event, as a socket would bring it."""
    feed = Feed(100_000)
    for _, received_ns, event, args in CaptureReader(path).recorded():
        feed.take(event, args, received_ns)
    return feed


def games_of(feed):
    return [(g.id, g.prices.tolist(), g.sources.tolist(), g.rug_tick, g.server_seed) for g in feed.games]


def test_played_through_it_gives_the_rows_of_the_live_feed(capture):
    live = straight(capture)
    feed = ReplayFeed(capture, speed=float("inf"), maxlen=100_000)
    with feed:
        feed.wait(messages=live.health.messages)
        feed.finish()
    assert feed.frame.equals(live.frame)
    assert games_of(feed) == games_of(live)
    assert len(feed.games) == 3 + 10  # ten that the first history told of
    assert feed.trades.equals(live.trades)
    assert feed.tracker.illegal_count == live.tracker.illegal_count == 0
    assert feed.health.noise == live.health.noise


def test_next_game_by_game_gives_the_same(capture):
    live = straight(capture)
    feed = ReplayFeed(capture, playing=False, maxlen=100_000)
    while not feed.ended:
        feed.seek(0)
        feed.next()
    assert feed.frame.equals(live.frame)
    assert games_of(feed) == games_of(live)


def test_the_reference_capture(reference):
    path = reference / "raw" / "2025-12-14_capture.jsonl"
    feed = ReplayFeed(path, speed=float("inf")).finish()
    assert feed.frame.equals(straight(path).frame)
    assert feed.frame["phase"].value_counts().to_dict() == {
        "PRESALE": 217,
        "ACTIVE": 121,
        "COOLDOWN": 98,
        "ACTIVATION": 4,
        "RUG": 4,
        "GENESIS": 2,
        "UNKNOWN": 0,
    }
    assert feed.count == 3


def test_every_place_of_every_game_is_as_it_was_live(capture):
    live = straight(capture)
    rows = live.frame
    feed = ReplayFeed(capture, playing=False, maxlen=100_000)
    assert feed.count == rows["game_id"].nunique()
    for position in reversed(range(feed.count)):
        feed.select(position)
        game_id = feed._timeline.id
        of_game = rows[rows["game_id"] == game_id]
        for tick in (1000, 7, 0, -1, 3):
            feed.seek(tick)
            shown = feed.frame[feed.frame["game_id"] == game_id]
            expected = of_game.iloc[: len(shown)]
            assert shown.reset_index(drop=True).equals(expected.reset_index(drop=True))
            if feed.last_tick > 7:
                assert feed.tick == min(tick, feed.last_tick)
        if (whole := live.book.get(game_id)) is not None:
            np.testing.assert_array_equal(feed.game.prices, whole.prices[: len(feed.game)])


def test_every_tick_is_told_once_in_order(capture):
    live = straight(capture)
    feed = ReplayFeed(capture, playing=False)
    heard = Heard(feed)
    feed.seek(8)
    feed.seek(2)
    feed.next()
    feed.previous()
    feed.next()
    feed.seek(5)
    feed.back(3)
    feed.finish()
    assert heard.ticks == [
        (game.id, tick, price)
        for game in map(live.book.get, live.frame["game_id"].unique())
        for tick, price in enumerate(game.prices.tolist())
    ]


def test_the_end_of_a_game_is_known_from_its_rug_or_from_the_history(capture):
    feed = ReplayFeed(capture, playing=False)
    ends = []
    while not feed.ended:
        ends.append(feed.never_ends(feed._timeline.id))
        feed.next()
    assert ends == [False, False, False]
    assert feed.never_ends(feed._timeline.id)  # the game that is only announced


def test_recorded_times_pass_at_the_speed_of_the_replay(capture):
    feed = ReplayFeed(capture, playing=False)
    feed.seek(3)
    assert feed.present_ns() == feed.signal.received_ns
    gaps = feed.health.gaps_ms
    received = feed.frame["received"].astype("int64").to_numpy()
    np.testing.assert_allclose(gaps, np.diff(received) / 1e6, atol=1e-3)


def test_a_capture_without_a_game_is_said(tmp_path):
    path = tmp_path / "chat.jsonl"
    line = {"ts": "2026-01-01T00:00:00+00:00", "event": "newChatMessage", "data": {}}
    path.write_text(json.dumps(line) + "\n")
    with pytest.raises(ArgumentError, match="nothing to replay"):
        ReplayFeed(path)
    path.write_text("nonsense\n")
    with pytest.raises(CaptureError, match="no event that can be played"):
        ReplayFeed(path)


def test_a_recording_of_our_own_with_raw_events_is_a_capture(capture, tmp_path):
    feed = ReplayFeed(capture, playing=False)
    feed.record(tmp_path / "again", raw=True)
    feed.finish()
    feed.record(None)
    (recording,) = (tmp_path / "again").glob("*.jsonl")
    again = ReplayFeed(recording, playing=False).finish()
    assert again.frame.equals(feed.frame)
