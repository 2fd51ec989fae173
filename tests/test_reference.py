"""The real capture and real seeds beside a checkout through the whole path: an extra where they are there."""

import json

import numpy as np
import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from rugs_lab.game.provably_fair import replay_prices, seed_hash

FIRST, SECOND = "20251215-a8311c871b0e4bea", "20251215-1a211bfc7caf41d6"
DEADLINE_S = 100


@pytest.fixture(scope="module")
def capture(request):
    from tests.conftest import REFERENCE

    path = REFERENCE / "raw" / "2025-12-14_capture.jsonl"
    if not path.is_file():
        pytest.skip("the reference capture is not beside this checkout")
    return path


@pytest.fixture(scope="module")
def watched(capture):
    """The feed after the whole capture came through a real socket at full speed."""
    with GameServer(capture=capture, speed=float("inf")) as server, LiveFeed(server.url) as feed:
        yield feed.wait(messages=446, timeout=DEADLINE_S)


def test_446_frames_become_446_rows_and_none_is_unknown(watched):
    frame = watched.frame
    assert len(frame) == 446
    assert frame["phase"].value_counts().to_dict() == {
        "PRESALE": 217,
        "ACTIVE": 121,
        "COOLDOWN": 98,
        "ACTIVATION": 4,
        "RUG": 4,
        "GENESIS": 2,
        "UNKNOWN": 0,
    }
    assert watched.tracker.illegal_count == 0
    assert watched.tracker.overtaken == 2
    assert watched.health.rejected.total() == watched.health.rejected_fields.total() == 0


def test_rows_hold_what_the_frames_hold_and_nothing_else(watched, capture):
    records = [json.loads(line) for line in capture.read_text().splitlines()]
    payloads = [record["data"] for record in records if record["event"] == "gameStateUpdate"]
    names = {
        "game_id": "gameId",
        "tick": "tickCount",
        "price": "price",
        "active": "active",
        "rugged": "rugged",
        "cooldown_ms": "cooldownTimer",
        "allow_pre_round_buys": "allowPreRoundBuys",
        "trade_count": "tradeCount",
        "players": "connectedPlayers",
    }
    frame = watched.frame
    for column, key in names.items():
        got = [
            None if missing else value
            for value, missing in zip(frame[column], frame[column].isna(), strict=True)
        ]
        assert got == [payload.get(key) for payload in payloads], column
    before = frame["kind"].isin(["presale", "cooldown"])
    assert before.sum() == 312
    assert frame.loc[before, ["price", "tick", "active", "rugged", "trade_count"]].isna().all(axis=None)


def test_two_rugs_at_their_ticks_with_their_prices(watched):
    rugs = watched.frame.query("kind == 'rug1a'")
    assert rugs["tick"].tolist() == [116, 7]
    assert rugs["price"].tolist() == [0.011310586355822466, 0.014782661565813707]
    assert [watched.games[FIRST].rug_tick, watched.games[SECOND].rug_tick] == [116, 7]


def test_games_are_whole_and_equal_their_seeds(watched):
    for game_id in (FIRST, SECOND):
        game = watched.games[game_id]
        assert game.status == "complete"
        assert np.array_equal(game.prices, replay_prices(game.server_seed, game_id))
    assert len(watched.games) == 12
    assert watched.book.contradictions == 0
    assert all(seed_hash(game.server_seed) == game.server_seed_hash for game in watched.games)
    assert len(watched.games[FIRST].trades) + len(watched.games[SECOND].trades) == 18


def test_a_second_playback_gives_the_same_rows(watched, capture):
    with GameServer(capture=capture, speed=20) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=446, timeout=DEADLINE_S)
    again, frame = feed.frame.drop(columns="received"), watched.frame.drop(columns="received")
    assert again.equals(frame)


def test_twelve_games_replay_bit_for_bit(reference):
    lines = (reference / "provably_fair" / "games.jsonl").read_text().splitlines()
    games = [json.loads(line) for line in lines]
    assert len(games) == 12
    for game in games:
        prices = replay_prices(game["serverSeed"], game["id"], game["version"])
        assert prices.tolist() == game["prices"]
        assert seed_hash(game["serverSeed"]) == game["serverSeedHash"]
