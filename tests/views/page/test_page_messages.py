"""What a page is told: everything once, in order, and a snapshot when it fell behind."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.views.page.page_messages import COLUMNS, HOLD_S, STATUS_EVERY_S, Stream
from tests.support.replays import damaged
from tests.support.scripted_feed import ScriptedFeed


@pytest.fixture
def feed():
    return ScriptedFeed(maxlen=200).start()


@pytest.fixture
def stream(feed):
    return Stream(feed, lambda: 1_000_000_000)


def decode(made):
    """Take a message apart as the page does."""
    message, buffer = made
    json.dumps(message, allow_nan=False)
    values = np.frombuffer(buffer)
    n, columns, offset = message["n"], {}, 0
    for name in COLUMNS:
        columns[name] = values[offset : offset + n]
        offset += n
    paths = {}
    for name in ("path", "ghost"):
        if message.get(name):
            length = message[name]["n"]
            paths[name] = values[offset : offset + length], values[offset + length : offset + 2 * length]
            offset += 2 * length
    assert offset == len(values)
    return SimpleNamespace(message=message, columns=columns, **{"path": None, "ghost": None, **paths})


def test_first_message_is_a_snapshot_of_all_rows(feed, stream):
    feed.cooldown(300)
    feed.ticks(5)
    told = decode(stream.next(0.0))
    assert (told.message["kind"], told.message["seq"], told.message["row"], told.message["n"]) == (
        "snapshot",
        1,
        0,
        6,
    )
    frame = feed.frame
    np.testing.assert_array_equal(told.columns["price"], frame["price"])
    np.testing.assert_array_equal(
        told.columns["tick"], frame["tick"].astype("float64").to_numpy(na_value=np.nan)
    )
    np.testing.assert_allclose(
        told.columns["received_ms"], frame["received"].astype("int64") / 1e6, atol=1e-3
    )


def test_absent_is_nan(feed, stream):
    feed.cooldown(300)
    told = decode(stream.next(0.0))
    for name in ("tick", "price", "active", "rugged", "trade_count"):
        assert np.isnan(told.columns[name]).all(), name
    assert told.columns["players"].tolist() == [240.0]


def test_later_messages_hold_only_new_rows_numbered_without_holes(feed, stream):
    feed.ticks(3)
    stream.next(0.0)
    feed.ticks(2)
    told = decode(stream.next(0.01))
    assert (told.message["kind"], told.message["seq"], told.message["row"]) == ("rows", 2, 3)
    assert told.columns["tick"].tolist() == [3.0, 4.0]


def test_nothing_new_is_no_message(feed, stream):
    feed.ticks(3)
    stream.next(0.0)
    assert stream.next(0.01) is None
    assert stream.next(0.02) is None


def test_says_it_is_alive_while_nothing_comes(feed, stream):
    stream.next(0.0)
    told = decode(stream.next(STATUS_EVERY_S + 0.01))
    assert told.message["now_ms"] == 1000.0
    assert told.message["n"] == 0


def test_reader_that_fell_behind_gets_a_snapshot_not_a_backlog(feed, stream):
    feed.ticks(3)
    stream.next(0.0)
    feed.ticks(500)
    told = decode(stream.next(0.01))
    assert told.message["kind"] == "snapshot"
    assert told.message["n"] == 200
    assert told.message["row"] == 303
    assert len(told.path[0]) == 503


def test_restart_makes_a_snapshot_and_keeps_counting(feed, stream):
    feed.ticks(3)
    stream.next(0.0)
    stream.restart()
    told = decode(stream.next(0.01))
    assert (told.message["kind"], told.message["seq"], told.message["n"]) == ("snapshot", 2, 3)
    assert told.message["ids"] == {"0": feed.game_id}


def test_ticks_in_order_need_no_path(feed, stream):
    feed.ticks(3)
    stream.next(0.0)
    feed.ticks(4)
    assert decode(stream.next(0.01)).path is None


def test_backfilled_tick_brings_the_whole_path(feed, stream):
    feed.ticks(3)
    stream.next(0.0)
    feed.tick(heard=False)
    feed.ticks(2)
    prices, backfilled = decode(stream.next(0.01)).path
    np.testing.assert_array_equal(prices, feed.book.running.prices)
    assert backfilled.tolist() == [0, 0, 0, 1, 0, 0]


def test_hole_that_cannot_be_backfilled_is_nan(feed, stream):
    feed.ticks(2)
    stream.next(0.0)
    for _ in range(8):
        feed.tick(heard=False)
    feed.tick()
    prices, _ = decode(stream.next(0.01)).path
    assert np.isnan(prices[2:6]).all()
    assert np.isfinite(prices[6:]).all()


def test_new_game_starts_a_new_path(feed, stream):
    feed.ticks(4)
    stream.next(0.0)
    feed.rug()
    feed.begin()
    feed.cooldown(15_000)
    told = decode(stream.next(0.01))
    assert told.message["game"] == 1
    assert told.message["ids"] == {"1": feed.game_id}
    assert len(told.path[0]) == 0


def test_finished_game_comes_as_ghost_at_once(feed, stream):
    feed.ticks(4)
    stream.next(0.0)
    tick = feed.rug()
    finished = feed.book.running
    feed.begin()
    feed.cooldown(15_000)
    told = decode(stream.next(0.01))
    assert told.message["ghost"]["rug_tick"] == tick
    np.testing.assert_array_equal(told.ghost[0], finished.prices)


def test_rug_tick_is_told(feed, stream):
    feed.ticks(4)
    stream.next(0.0)
    tick = feed.rug()
    assert decode(stream.next(0.01)).message["rug_tick"] == tick


def test_rug_that_the_book_learns_after_the_ring_is_told_a_round_later(feed):
    class Watched:
        """The feed, its book a step behind its ring."""

        book = SimpleNamespace(revision=0, running=None)

        def __getattr__(self, name):
            return getattr(feed, name)

    watched = Watched()
    stream = Stream(watched, lambda: 0)
    feed.ticks(4)
    watched.book = SimpleNamespace(revision=feed.book.revision, running=feed.book.running)
    stream.next(0.0)
    tick = feed.rug()
    assert "rug_tick" not in decode(stream.next(0.01)).message
    watched.book = feed.book
    assert decode(stream.next(0.02)).message["rug_tick"] == tick


def test_table_holds_the_last_games_newest_first(feed, stream):
    for _ in range(3):
        feed.ticks(4)
        feed.rug()
        feed.begin()
    table = decode(stream.next(0.0)).message["table"]
    assert [row[0][-1] for row in table] == ["3", "2", "1"]
    newest = feed.games[-1]
    assert table[0][1:5] == [newest.peak, 4, "complete", "received"]


def test_seeds_are_checked_one_a_round(feed, stream):
    seed = "5e" * 32
    for number in (1, 2):
        game_id = f"20260102-{number:016x}"
        prices = replay_prices(seed, game_id).tolist()
        fair = {"serverSeed": seed, "serverSeedHash": seed_hash(seed)}
        entry = {"id": game_id, "prices": prices, "rugged": True, "provablyFair": fair, "gameVersion": "v3"}
        feed.say(gameHistory=[entry], active=False, rugged=False, price=1, tickCount=0, cooldownTimer=15_000)
    verdicts = [
        [row[-1] for row in decode(stream.next(at)).message["table"]] for at in (0.0, STATUS_EVERY_S + 0.1)
    ]
    assert verdicts == [[True, None], [True, True]]


def test_status_says_state_and_reason(feed, stream):
    stream.next(0.0)
    feed.lose("the wire was cut")
    status = decode(stream.next(0.01)).message["status"]
    assert (status["state"], status["reason"], status["live"]) == ("reconnecting", "the wire was cut", True)


def test_metrics_are_labelled(feed, stream):
    feed.ticks(3)
    metrics = dict(decode(stream.next(0.0)).message["status"]["metrics"])
    assert metrics["messages [n]"] == 3


def test_many_games_keep_their_numbers(feed, stream):
    seen = {}
    for round_number in range(300):
        feed.tick()
        feed.begin()
        told = decode(stream.next(round_number * 0.01))
        if told.message["kind"] == "snapshot":
            seen = {}
        seen.update({int(code): name for code, name in told.message.get("ids", {}).items()})
        assert seen[int(told.columns["game"][-1])] == feed.frame["game_id"].iloc[-1]


def test_two_streams_of_one_feed_are_independent(feed):
    one, two = Stream(feed, lambda: 0), Stream(feed, lambda: 0)
    feed.ticks(3)
    assert decode(one.next(0.0)).message["n"] == 3
    feed.ticks(2)
    assert decode(one.next(0.01)).message["n"] == 2
    assert decode(two.next(0.01)).message["n"] == 5


def test_rows_that_were_taken_back_bring_a_snapshot(feed, stream):
    feed.ticks(5)
    stream.next(0.0)
    feed.take_back((feed.game_id,))
    feed.path = [1.0]
    feed.ticks(2)
    told = decode(stream.next(0.01))
    assert (told.message["kind"], told.message["row"], told.message["n"]) == ("snapshot", 5, 2)
    assert told.message["ids"] == {"0": feed.game_id}
    assert len(told.path[0]) == 2
    assert stream.next(0.02) is None


def test_a_replay_tells_the_age_of_its_frames_by_recorded_time():
    replay = ReplayFeed(damaged(), playing=False)
    replay.seek(5)
    told = decode(Stream(replay, lambda: 0).next(0.0))
    assert told.message["now_ms"] == pytest.approx(told.columns["received_ms"][-1], abs=1e-3)
    assert np.isnan(told.columns["received_ms"][:20]).all()
    replay.back()
    assert decode(Stream(replay, lambda: 0).next(0.0)).columns["tick"][-1] == 4


def test_nothing_is_told_while_a_replay_goes_to_another_place_unless_it_takes_long(feed, stream, monkeypatch):
    feed.ticks(3)
    stream.next(0.0)
    monkeypatch.setattr(type(feed), "moving", True)
    feed.ticks(3)
    assert stream.next(0.05) is None
    assert stream.next(HOLD_S + 0.01)[0]["n"] == 3
    feed.ticks(3)
    assert stream.next(HOLD_S + 0.06)[0]["n"] == 3
    monkeypatch.setattr(type(feed), "moving", False)
    stream.next(2.0)
    monkeypatch.setattr(type(feed), "moving", True)
    assert stream.next(2.1, pong=1)[0]["pong"] == 1
