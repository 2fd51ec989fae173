"""The leaderboard of a finished game: whose board it is when frames were missed."""

import json

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.replay.replay_feed import ReplayFeed

A, B, C = (f"20260101-000000000000000{letter}" for letter in "abc")


def board(player):
    return [{"position": 1, "id": player, "pnl": 0.5}]


def active(game, tick, **more):
    return {"gameId": game, "active": True, "rugged": False, "tickCount": tick, "price": 1.0, **more}


def cooldown(game, player):
    first = {"gameId": game, "active": False, "rugged": False, "tickCount": 0, "price": 1.0}
    return {**first, "cooldownTimer": 14_900, "allowPreRoundBuys": False, "leaderboard": board(player)}


@pytest.fixture
def feed():
    return LiveFeed("http://127.0.0.1:9")


def take(feed, *payloads):
    for payload in payloads:
        feed.take("gameStateUpdate", (payload,))


def test_the_cooldown_after_a_game_shows_its_board(feed):
    take(feed, active(A, 3), cooldown(B, "of A"))
    assert [row.player_id for row in feed.boards.of(A)] == ["of A"]


def test_after_a_reconnection_a_cooldown_says_nothing_of_the_last_game_seen(feed):
    feed.connection_made()
    take(feed, active(A, 3))
    feed.connection_lost()
    feed.connection_made()
    take(feed, cooldown(C, "of B"))
    assert feed.boards.of(A) == ()
    take(feed, active(C, 1), cooldown("20260101-000000000000000d", "of C"))
    assert [row.player_id for row in feed.boards.of(C)] == ["of C"]


def test_a_jump_in_a_capture_credits_no_board_to_the_game_that_was_left(tmp_path):
    path = tmp_path / "capture.jsonl"
    rugged = {"active": True, "rugged": True, "tickCount": 2, "price": 0.02}
    games = (A, B, C)
    payloads = []
    for number, game in enumerate(games):
        payloads += [cooldown(game, f"of {games[number - 1]}")] if number else []
        payloads += [active(game, 0), active(game, 1), {"gameId": game, **rugged}]
    with path.open("w") as file:
        for second, payload in enumerate(payloads):
            ts = f"2026-01-01T00:00:{second:02d}+00:00"
            file.write(json.dumps({"ts": ts, "event": "gameStateUpdate", "data": payload}) + "\n")
    feed = ReplayFeed(path, playing=False)
    feed.seek(0)
    feed.select(C)
    feed.seek(0)
    assert (feed.game.id, feed.boards.of(A)) == (C, ())
