"""A capture gives the games of a feed that takes the same events."""

import json
from itertools import islice

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.recordings.read.load import load

NOW_NS = 1_767_268_800_000_000_000
NAMES = ("rug_tick", "server_seed", "server_seed_hash", "version", "recorded_trades", "recorded_bets")


def values(games):
    """Return all that is known of games, but for their time and file."""
    return {
        game.id: (game.prices.tobytes(), game.sources.tolist(), [getattr(game, name) for name in NAMES])
        for game in games
    }


def games_of(feed):
    """Return the finished games of a feed, and the running one."""
    return [*feed.games, *([] if feed.game is None or feed.game.id in feed.games else [feed.game])]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Return a feed that lost some of what a server sent, and the file that it recorded, events included."""
    folder, feed = tmp_path_factory.mktemp("raw"), LiveFeed("http://127.0.0.1:9")
    feed.record(folder, raw=True)
    rng = np.random.default_rng(3)
    for n, (_, event, args) in enumerate(islice(SimulatedServer(seed=5), 3_000)):
        if rng.random() > 0.05 and not 1_100 < n < 1_160:
            feed.take_text(encode(event, args)[1:], NOW_NS + n * 50_000_000)
    feed.take_text('["gameStateUpdate",{"gameId":7}]', NOW_NS)
    feed.record(None)
    (file,) = folder.glob("*.jsonl")
    return feed, file


def test_a_recording_of_events_gives_the_games_of_the_feed_that_made_it(recorded, tmp_path):
    feed, file = recorded
    capture = tmp_path / "capture.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    capture.write_bytes(b"".join(line for line in lines if line.startswith(b'{"type":"raw"')))
    loaded = load(capture)
    assert len(loaded) > 11
    assert {2, 4} <= set(loaded.sources.tolist())
    assert values(loaded) == values(games_of(feed))
    (bad,) = loaded.damage.query("kind == 'bad_event'")["done"]
    assert bad.startswith("1 events cannot be used (gameStateUpdate: a")


def test_events_and_lines_of_one_recording_give_the_same_games(recorded):
    feed, file = recorded
    games = {game.id: game for game in games_of(feed)}
    loaded = load(file)
    assert set(loaded.ids) >= set(games)
    for game_id, game in games.items():
        np.testing.assert_array_equal(loaded[game_id].prices, game.prices, strict=True)
        np.testing.assert_array_equal(loaded[game_id].sources, game.sources, strict=True)
        assert loaded[game_id].rug_tick == game.rug_tick
        assert loaded[game_id].recorded_trades == game.recorded_trades


def test_the_reference_capture_gives_the_games_of_a_feed(reference):
    (path,) = (reference / "raw").glob("*.jsonl")
    feed = Feed()
    for event in CaptureReader(path).recorded():
        feed.take(event.event, event.args, event.received_ns)
    assert values(load(path)) == values(games_of(feed))
    assert feed.health.rejected.total() == 0


def test_what_a_browser_sent_itself_is_neither_loaded_nor_served(tmp_path):
    path = tmp_path / "capture.jsonl"
    data = {"gameId": "20260101-000000000000000a", "active": True, "rugged": False, "price": 1.0}
    received = {"ts": "2026-01-01T12:00:00Z", "event": "gameStateUpdate", "direction": "received"}
    sent = [
        {**received, "event": "authenticate", "data": {"token": "secret"}, "direction": "sent"},
        {**received, "event": "gameStateUpdate", "data": {**data, "tickCount": 1}, "direction": "sent"},
    ]
    ticks = [{**received, "data": {**data, "tickCount": tick}} for tick in (0, 2)]
    path.write_text("".join(json.dumps(each) + "\n" for each in (ticks[0], *sent, ticks[1])))
    [game] = load(path)
    assert np.isfinite(game.prices).tolist() == [True, False, True]
    assert CaptureReader(path).events == 2
    with (
        rl.GameServer(speed=1000, capture=path, wait_for_client=True) as server,
        LiveFeed(server.url) as feed,
    ):
        events = []
        feed.on("event", lambda name, data: events.append((name, data)))
        feed.wait(messages=2)
        feed.stop()
        assert feed.frame["tick"].tolist() == [0, 2]
    assert "secret" not in str(events)


def test_a_game_that_neither_finished_nor_runs_at_the_end_is_kept_or_has_a_row(tmp_path):
    path = tmp_path / "capture.jsonl"
    names = ["20260101-000000000000000" + digit for digit in "abc"]
    presale = {"gameId": names[0], "active": False, "rugged": False, "cooldownTimer": 5000}
    ticks = [
        {"gameId": name, "active": True, "rugged": False, "tickCount": 0, "price": 1.0} for name in names
    ]
    events = [
        {"ts": f"2026-01-01T12:00:0{n}Z", "event": "gameStateUpdate", "data": data}
        for n, data in enumerate((presale, ticks[1], ticks[2]))
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in events))
    games = load(path)
    assert sorted(games.ids) == names
    assert dict(zip(games.damage["game_id"], games.damage["kind"], strict=True)) == dict(
        zip(names, ("pregame_only", "no_rug", "no_rug"), strict=True)
    )
