"""What a feed missed, as data; games whose end it missed; what a hostile server can make it keep."""

import re
import socket
from pathlib import Path

import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.game.provably_fair import seed_hash
from rugs_lab.recordings.assembly.open_games import KEPT_BYTES
from tests.support.live import A, B, active


@pytest.fixture
def feed():
    return LiveFeed("http://127.0.0.1:9")


def take(feed, payload, at_ns):
    feed.take("gameStateUpdate", (payload,), at_ns)


def test_gaps_say_what_was_missed_why_and_by_what_it_was_filled(feed):
    take(feed, active(0, A), 1_000)
    feed.connection_lost()
    feed.set_state("stale", "no message for 60 s")
    feed.set_state("reconnecting", "client disconnect")
    feed.connection_made()
    feed.set_state("live")
    take(feed, active(9, A, partialPrices={"values": {"7": 8.0, "8": 9.0, "9": 10.0}}), 70_000_001_000)
    take(feed, active(12, A), 71_000_000_000)
    gaps = feed.gaps
    assert gaps["reason"].tolist()[0] == "no message for 60 s"
    assert gaps["reason"].isna().tolist() == [False, True]
    assert gaps[["first_tick", "last_tick", "missing"]].to_numpy().tolist() == [[1, 8, 8], [10, 11, 2]]
    assert (gaps["end"] - gaps["start"]).dt.total_seconds().iloc[0] == 70
    assert gaps["backfilled"].tolist() == [2, 0]
    take(feed, active(13, A, partialPrices={"values": {"11": 12.0}}), 72_000_000_000)
    assert feed.gaps["backfilled"].tolist() == [2, 1]
    assert feed.gaps["source"].tolist() == ["partial", "partial"]


def test_a_game_whose_end_was_missed_is_among_the_games(feed):
    take(feed, active(0, A), 1)
    take(feed, active(0, B), 2)
    assert [(game.id, game.status) for game in feed.games] == [(A, "no_rug")]
    assert feed.book.finished_count == 1


def test_seeds_that_wait_are_worked_off_when_data_end(feed):
    history = [
        {
            "id": game.id,
            "timestamp": 1_767_268_000_000 - 60_000 * n,
            "gameVersion": "v3",
            "provablyFair": {"serverSeed": game.server_seed, "serverSeedHash": seed_hash(game.server_seed)},
        }
        for n, game in enumerate(rl.synthetic(10, seed=3))
    ]
    take(feed, active(0, A, gameHistory=history), 1_767_268_100_000_000_000)
    assert len(feed.games) < 10
    feed.set_state("stopped", "a test")
    assert feed.games.ids.tolist() == [record["id"] for record in reversed(history)]
    assert all(game.verified for game in feed.games)
    assert feed.games.frame["start"].notna().all()


def test_a_hostile_server_cannot_fill_the_memory(feed):
    for n in range(3_000):
        take(feed, active(9_999, f"20260101-{n:016x}"), n)
    assert sum(game.size for game in feed.book._games.values()) <= KEPT_BYTES + 64 * 200_000
    assert len(feed.games) > 500


COLUMNS = ["game_id", "first_tick", "last_tick", "missing", "backfilled", "source", "reason"]


def rows(frame):
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in frame[COLUMNS].itertuples(index=False)
    ]


def cut(feed, reason="cut off"):
    feed.connection_lost()
    feed.set_state("reconnecting", reason)


def back(feed):
    feed.connection_made()
    feed.set_state("live")


def same_when_loaded(feed, folder):
    had = feed.gaps
    feed.record(None)
    loaded = rl.load(folder)
    pd.testing.assert_frame_equal(loaded.gaps, had)
    return loaded


def test_a_connection_that_is_down_has_an_open_row_here_and_in_the_recording(feed, tmp_path):
    feed.record(tmp_path)
    take(feed, active(0, A), 1_000)
    cut(feed)
    feed.set_state("reconnecting", "nothing listens")
    assert rows(feed.gaps) == [(A, None, None, None, None, None, "cut off")]
    assert feed.gaps["start"].notna().all()
    assert feed.gaps["end"].isna().all()
    same_when_loaded(feed, tmp_path)


def test_a_connection_that_never_came_up_has_an_open_row_which_the_first_message_ends(feed, tmp_path):
    feed.record(tmp_path / "never")
    feed.set_state("reconnecting", "nothing listens")
    assert rows(feed.gaps) == [(None, None, None, None, None, None, "nothing listens")]
    feed.record(tmp_path / "later")
    pd.testing.assert_frame_equal(rl.load(tmp_path / "never").gaps, feed.gaps)
    back(feed)
    take(feed, active(0, A), 1_000)
    assert rows(feed.gaps) == [(A, None, None, None, None, None, "nothing listens")]
    assert feed.gaps["end"].notna().all()
    same_when_loaded(feed, tmp_path / "later")


def test_an_outage_over_the_end_of_a_game_has_a_row_for_each_game(feed, tmp_path):
    """A was cut at tick 1, C was played meanwhile, B is running; A's and C's ends come with the history."""
    feed.record(tmp_path)
    take(feed, active(0, A), 1_000)
    take(feed, active(1, A), 2_000)
    cut(feed)
    back(feed)
    between = "20260101-000000000000000c"
    past = [
        {"id": between, "timestamp": 2_000, "prices": [1.0, 1.1, 0.02]},
        {"id": A, "timestamp": 1_000, "prices": [1.0, 2.0, 2.5, 0.02]},
    ]
    take(feed, active(3, B, prices=[1.0, 2.0, 3.0, 4.0], gameHistory=past), 9_000)
    assert rows(feed.gaps) == [
        (A, 2, 3, 2, 2, "history", "cut off"),
        (between, 0, 2, 3, 3, "history", "cut off"),
        (B, 0, 2, 3, 3, "snapshot", "cut off"),
    ]
    loaded = same_when_loaded(feed, tmp_path)
    replay = rl.ReplayFeed(loaded, speed=float("inf"), playing=False)
    replay.finish()
    assert sorted(rows(replay.gaps)) == sorted(rows(feed.gaps))


def test_the_end_of_a_game_that_was_cut_stays_unknown(feed, tmp_path):
    feed.record(tmp_path)
    take(feed, active(0, A), 1_000)
    cut(feed)
    back(feed)
    take(feed, active(0, B), 9_000)
    assert rows(feed.gaps) == [(A, 1, None, None, None, None, "cut off")]
    same_when_loaded(feed, tmp_path)


def test_an_outage_between_games_has_no_ticks(feed, tmp_path):
    feed.record(tmp_path)
    waiting = {"gameId": B, "active": False, "rugged": False, "cooldownTimer": 5_000}
    take(feed, waiting, 1_000)
    cut(feed)
    back(feed)
    take(feed, {**waiting, "cooldownTimer": 3_000}, 2_000)
    assert rows(feed.gaps) == [(B, None, None, None, None, None, "cut off")]
    same_when_loaded(feed, tmp_path)


def test_thirty_cuts_are_thirty_rows(feed, tmp_path):
    feed.record(tmp_path)
    take(feed, active(0, A), 1_000)
    for n in range(1, 31):
        cut(feed, f"cut {n}")
        back(feed)
        window = {"values": {str(2 * n - 1): float(2 * n)}}
        take(feed, active(2 * n, A, partialPrices=window), 1_000 + n)
    assert rows(feed.gaps) == [(A, 2 * n - 1, 2 * n - 1, 1, 1, "partial", f"cut {n}") for n in range(1, 31)]
    same_when_loaded(feed, tmp_path)


def test_what_the_server_sends_again_is_named_as_recovered(feed, tmp_path):
    feed.record(tmp_path)
    take(feed, active(0, A), 1_000)
    cut(feed)
    feed.connection_made(recovering=True)
    take(feed, active(1, A), 5_000)
    take(feed, active(2, A), 5_001)
    assert feed.gaps["end"].isna().tolist() == [True]
    feed.book.recovered()
    feed.set_state("live")
    take(feed, active(3, A), 6_000)
    assert rows(feed.gaps) == [(A, 1, 2, 2, 2, "recovery", "cut off")]
    same_when_loaded(feed, tmp_path)


def test_a_recording_that_begins_in_an_outage_has_it_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with LiveFeed(f"http://127.0.0.1:{port}") as feed:
        feed.wait(state="reconnecting", timeout=30)
        feed.record(tmp_path)
        feed.stop()
        same_when_loaded(feed, tmp_path)
        assert len(feed.gaps) == 1
        assert "nothing listens" in feed.gaps["reason"][0]


def test_the_documentation_has_the_columns(feed):
    text = (Path(__file__).parents[3] / "docs/watch_live.md").read_text("utf-8")
    for name in ("gaps", "anomalies"):
        table = text.split(f"| column of `feed.{name}` |")[1].split("\n\n")[0].splitlines()[2:]
        columns = [column for row in table for column in re.findall(r"`(\w+)`", row.split("|")[1])]
        assert columns == list(getattr(feed, name).columns)
