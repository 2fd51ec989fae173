"""What a feed missed, as data; games whose end it missed; what a hostile server can make it keep."""

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
    assert gaps[["first_tick", "last_tick", "missing"]].to_numpy().tolist() == [[1, 6, 6], [10, 11, 2]]
    assert (gaps["end"] - gaps["start"]).dt.total_seconds().iloc[0] == 70
    assert gaps["backfilled"].tolist() == [0, 0]
    take(feed, active(13, A, partialPrices={"values": {"11": 12.0}}), 72_000_000_000)
    assert feed.gaps["backfilled"].tolist() == [0, 1]
    assert feed.gaps["source"].tolist()[1] == "partial"


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
