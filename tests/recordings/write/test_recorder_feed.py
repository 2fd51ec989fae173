"""A feed, recorded and read back: the same rows, prices, marks, trades and events."""

import json
import threading
from base64 import b64encode
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, CaptureError
from rugs_lab.feed.core.ring_buffer import Ring
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.capture_reader import CaptureReader
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.signal import Update
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.write.line_format import event_of, read_line, received_ns, trade_of
from rugs_lab.recordings.write.line_types import (
    GameEndLine,
    GameStartLine,
    GapLine,
    HistoryLine,
    RawLine,
    SessionLine,
    TickLine,
    TradeLine,
)
from tests.support.live import active, update
from tests.support.signal_of import signal_of

NOW_NS = 1_765_761_431_000_000_123
STEP_NS = 100_000_001
EVENTS = [encode(event, args)[1:] for _, event, args in islice(SimulatedServer(seed=5), 2500)]


def lines_of(folder):
    return [
        read_line(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_bytes().splitlines(keepends=True)
    ]


def rows_of(lines):
    """The buffer as the frames' lines give it."""
    ring = Ring(10_000)
    for line in lines:
        if isinstance(line, TickLine) and line.kind is not None:
            ring.append(signal_of(line), Update(signal=signal_of(line), players=line.players))
    return ring.since(0)


def prices_of(lines):
    """Game → tick → (price, source) as the lines tell them, in order; the first one counts."""
    games, rugs = {}, {}
    for line in lines:
        if isinstance(line, TickLine) and line.tick is not None and line.price is not None:
            in_game = line.kind is None or (line.active and line.kind is not MessageKind.RUG1B)
            if in_game:
                source = Source[line.backfilled.upper()] if line.backfilled else Source.RECEIVED
                games.setdefault(line.game_id, {}).setdefault(line.tick, (line.price, source))
        elif isinstance(line, HistoryLine):
            for tick, price in enumerate(line.prices or ()):
                games.setdefault(line.game_id, {})[tick] = (price, Source[line.backfilled.upper()])
        if isinstance(line, GameEndLine | HistoryLine) and line.rug_tick is not None:
            rugs[line.game_id] = line.rug_tick
    return {
        game_id: {tick: told for tick, told in ticks.items() if tick <= rugs.get(game_id, tick)}
        for game_id, ticks in games.items()
    }


def known(game):
    pairs = zip(game.prices.tolist(), game.sources.tolist(), strict=True)
    return {tick: (price, source) for tick, (price, source) in enumerate(pairs) if source}


def same_rows(one, other):
    assert one.games == other.games
    for name, values in one.columns.items():
        assert values.tobytes() == other.columns[name].tobytes(), name


def play(feed, events):
    for n, text in enumerate(events):
        feed.take_text(text, NOW_NS + n * STEP_NS)


@pytest.fixture
def feed():
    return LiveFeed("http://127.0.0.1:9", maxlen=10_000)


@given(
    st.lists(st.tuples(st.sampled_from(["pass", "drop", "swap", "cut"]), st.integers(1, 60)), max_size=30),
    st.integers(0, 1500),
    st.sampled_from(["game", 20_000, 2**26]),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_what_a_feed_had_is_what_its_recording_tells(tmp_path_factory, faults, start, rotate):
    folder, feed = tmp_path_factory.mktemp("round"), LiveFeed("http://127.0.0.1:9", maxlen=10_000)
    feed.record(folder, rotate=rotate)
    events = list(EVENTS[start : start + 900])
    at = 0
    for fault, length in faults:
        at += length
        if fault == "drop":
            del events[at : at + length // 4]
        elif fault == "swap" and at + 1 < len(events):
            events[at], events[at + 1] = events[at + 1], events[at]
        elif fault == "cut" and at < len(events):
            events.insert(at, None)
    for n, text in enumerate(events):
        if text is None:
            feed.set_state("reconnecting", "a test")
            feed.connection_made()
            feed.set_state("live")
        else:
            feed.take_text(text, NOW_NS + n * STEP_NS)
    feed.set_state("stopped", "a test")
    recorder = feed.recorder
    feed.record(None)
    lines = lines_of(folder)
    assert recorder.lost == 0
    same_rows(rows_of(lines), feed.ring.since(0))
    told = prices_of(lines)
    for game_id in {*told, *(game.id for game in feed.games)}:
        game = feed.book.get(game_id)
        assert told.get(game_id, {}) == known(game), game_id
    written = [trade_of(line, received_ns(line)) for line in lines if isinstance(line, TradeLine)]
    assert written == list(feed.recent_trades)
    ended = {line.game_id: line for line in lines if isinstance(line, GameEndLine)}
    for line in ended.values():
        assert line.rug_tick == feed.book.get(line.game_id).rug_tick
    seeds = {line.game_id: line.server_seed for line in lines if isinstance(line, HistoryLine)}
    assert all(feed.book.get(game_id).server_seed == seed for game_id, seed in seeds.items())
    assert {line.state for line in lines if isinstance(line, GapLine) and line.state} >= {"stopped"}


def test_every_file_begins_with_its_session_and_the_games_it_tells_of(feed, tmp_path):
    feed.record(tmp_path, rotate=20_000)
    play(feed, EVENTS)
    feed.record(None)
    files = sorted(tmp_path.iterdir())
    assert len(files) > 5
    for path in files:
        session, *lines = map(read_line, path.read_bytes().splitlines())
        assert isinstance(session, SessionLine)
        assert (session.format, session.url) == ("rugs_lab/1", "http://127.0.0.1:9")
        started = set()
        for line in lines:
            if isinstance(line, GameStartLine):
                assert line.game_id not in started
                assert line.server_seed_hash
                started.add(line.game_id)
            elif isinstance(line, TickLine):
                assert line.game_id in started


def test_a_recording_that_begins_in_the_middle_of_a_game_tells_its_earlier_ticks(feed, tmp_path):
    for tick in range(5):
        feed.take_text(update(tick)[2:], NOW_NS)
    feed.record(tmp_path)
    for tick in (5, 6):
        feed.take_text(update(tick)[2:], NOW_NS)
    feed.record(None)
    lines = lines_of(tmp_path)
    assert known(feed.game) == next(iter(prices_of(lines).values()))
    assert [line.tick for line in lines if isinstance(line, TickLine) and line.kind] == [5, 6]


def test_missed_ticks_make_a_gap_line_and_backfilled_ones_are_marked(feed, tmp_path):
    feed.record(tmp_path)
    feed.take("gameStateUpdate", (active(0),), NOW_NS)
    window = {"values": {"8": 9.0, "9": 10.0}}
    feed.take("gameStateUpdate", (active(9, partialPrices=window),), NOW_NS)
    feed.record(None)
    lines = lines_of(tmp_path)
    gap = next(line for line in lines if isinstance(line, GapLine))
    assert (gap.first_tick, gap.last_tick, gap.missing) == (1, 8, 8)
    assert [
        (line.tick, line.backfilled) for line in lines if isinstance(line, TickLine) and line.backfilled
    ] == [(8, "partial")]


def test_every_way_of_backfilling_has_its_mark(tmp_path):
    """Joined late, ticks missed, rugs missed: snapshot, window, history with prices, history with seeds."""
    marks = set()
    for with_prices in (True, False):
        folder, feed = tmp_path / str(with_prices), LiveFeed("http://127.0.0.1:9", maxlen=10_000)
        feed.record(folder)
        world = SimulatedServer(seed=5)
        for n, (_, event, args) in enumerate(islice(world, 1500)):
            if n == 230:
                feed.connection_made()
                for name, more in world.join():
                    feed.take(name, more, NOW_NS)
            if n < 230 or n % 20 < 11:  # 11 of 20 are lost
                continue
            data = json.loads(json.dumps(args[-1]))
            if not with_prices and isinstance(data, dict):
                for record in data.get("gameHistory", ()):
                    del record["prices"]
            feed.take(event, (*args[:-1], data), NOW_NS + n)
        feed.set_state("stopped")
        feed.record(None)
        lines = lines_of(folder)
        marks |= {line.backfilled for line in lines if isinstance(line, TickLine)}
        told = prices_of(lines)
        assert len(feed.games) > 2
        for game in feed.games:
            assert told[game.id] == known(game)
    assert marks == {None, "partial", "snapshot", "history", "seed"}


def test_what_a_frame_did_not_say_is_not_in_its_line(feed, tmp_path):
    feed.record(tmp_path)
    feed.take("gameStateUpdate", ({"gameId": "g1", "cooldownTimer": 3000},), NOW_NS)
    feed.record(None)
    told = json.loads(next(tmp_path.iterdir()).read_text().splitlines()[-1])
    assert {*told} == {"type", "timestamp", "ns", "game_id", "phase", "cooldown_timer", "kind"}


@pytest.mark.parametrize("by_text", [True, False])
def test_a_raw_recording_holds_every_event_and_is_played_like_a_capture(feed, tmp_path, by_text):
    feed.record(tmp_path, raw=True)
    events = EVENTS[:400]
    for n, text in enumerate(events):
        if by_text:
            feed.take_text(text, NOW_NS + n * STEP_NS)
        else:
            name, *args = json.loads(text)
            feed.take(name, tuple(args), NOW_NS + n * STEP_NS)
    path = feed.recorder.path
    feed.record(None)
    path = path or next(tmp_path.iterdir())
    expected = [(name, tuple(args)) for name, *args in map(json.loads, events)]
    assert [event_of(line) for line in lines_of(tmp_path) if isinstance(line, RawLine)] == expected
    capture = CaptureReader(path)
    assert capture.damage == ()
    assert [(event, args) for _, event, args in capture] == expected
    again = LiveFeed("http://127.0.0.1:9", maxlen=10_000)
    for n, (_, event, args) in enumerate(capture):
        again.take(event, args, NOW_NS + n * STEP_NS)
    same_rows(again.ring.since(0), feed.ring.since(0))


@pytest.mark.parametrize("data", [b"", b"\x00\xff", bytearray(b"ab")])
def test_a_binary_attachment_stands_in_the_raw_line_of_its_event(feed, tmp_path, data):
    feed.record(tmp_path, raw=True)
    recording = feed.recording
    feed.take("picture", ({"name": "a", "data": data},), NOW_NS)
    feed.record(None)
    (line,) = [event_of(line) for line in lines_of(tmp_path) if isinstance(line, RawLine)]
    assert recording.errors == 0, recording.last_error
    assert line == ("picture", ({"name": "a", "data": {"base64": b64encode(data).decode()}},))


def test_a_server_plays_a_raw_recording(feed, tmp_path):
    feed.record(tmp_path, raw=True)
    play(feed, EVENTS[:300])
    feed.record(None)
    frames = feed.health.messages
    with rl.GameServer(speed=float("inf"), capture=next(tmp_path.iterdir())) as server:
        assert server.damage == ()
        with rl.LiveFeed(server.url) as again:
            again.wait(messages=frames)
    assert again.frame["price"].equals(feed.frame["price"])


def test_a_recording_without_raw_lines_is_no_capture(feed, tmp_path):
    feed.record(tmp_path)
    play(feed, EVENTS[:30])
    feed.record(None)
    with pytest.raises(CaptureError, match="no event"):
        CaptureReader(next(tmp_path.iterdir()))


def test_a_live_feed_is_recorded_over_its_stops(tmp_path):
    before = set(threading.enumerate())
    with rl.demo(speed=50, seed=3) as feed:
        recorder = feed.record(tmp_path)
        assert recorder.state == "recording"
        feed.wait(ticks=5)
        feed.stop()
        assert recorder.state == "waiting"
        feed.start()
        feed.wait(messages=feed.health.messages + 50)
    assert recorder.files == 2
    lines = lines_of(tmp_path)
    assert feed.record(None) is None
    assert recorder.state == "stopped"
    same_rows(rows_of(lines), feed.ring.since(0))
    assert [line.state for line in lines if isinstance(line, GapLine) and line.state] == [
        "stopped",
        "stopped",
    ]
    assert {thread.name for thread in threading.enumerate() if thread not in before} == set()


def test_the_metrics_tell_of_the_recorder(feed, tmp_path):
    labels = list(feed.metrics.index)
    assert feed.metrics["recorder state"] == "off"
    feed.record(tmp_path)
    play(feed, EVENTS[:200])
    feed.recorder.rest()
    metrics = feed.metrics
    assert list(metrics.index) == labels
    assert metrics["recorded [lines]"] == feed.recorder.recorded > 200
    assert metrics["recording lost [lines]"] == metrics["recording errors [n]"] == 0
    assert metrics["recorder state"] == "waiting"
    feed.record(None)
    assert feed.metrics["recorder state"] == "off"


def test_a_disk_that_fails_is_told_and_the_feed_goes_on(feed, tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    feed.record(tmp_path / "data")
    play(feed, EVENTS[:200])
    feed.recorder.open()
    assert feed.metrics["recorder state"] == "failing"
    assert "File exists" in feed.metrics["recorder reason"]
    assert feed.metrics["waiting to be recorded [lines]"] > 200
    assert feed.health.messages > 100
    (tmp_path / "data").unlink()
    recorder = feed.recorder
    feed.record(None)
    assert recorder.lost == 0
    same_rows(rows_of(lines_of(tmp_path / "data")), feed.ring.since(0))


def test_recording_the_same_again_changes_nothing_and_other_settings_begin_anew(feed, tmp_path):
    first = feed.record(tmp_path)
    assert feed.record(tmp_path) is first
    second = feed.record(tmp_path, raw=True)
    assert second is not first
    assert first.state == "stopped"
    assert feed.record(None) is None
    assert feed.record(None) is None
    assert feed.recorder is None


@pytest.mark.parametrize("folder", [7, b"data", True])
def test_what_is_no_path_is_refused(feed, folder):
    with pytest.raises(ArgumentError, match="path of a folder"):
        feed.record(folder)


def test_an_error_in_a_recording_never_reaches_the_feed(feed, tmp_path, monkeypatch):
    feed.record(tmp_path)
    monkeypatch.setattr("rugs_lab.feed.core.recording.message_line", lambda *_: 1 / 0)
    play(feed, EVENTS[:50])
    assert feed.health.messages > 30
    assert feed.metrics["recording errors [n]"] == feed.health.messages
    assert "ZeroDivisionError" in feed.recording.last_error
    feed.record(None)


def test_a_disconnection_syncs_the_file(feed, tmp_path, monkeypatch):
    from tests.support.disks import TestDisk

    disk = TestDisk()
    feed.record(tmp_path)
    monkeypatch.setattr(feed.recorder._writer, "_disk", disk)
    feed.take_text(update(0)[2:], NOW_NS)
    feed.set_state("reconnecting", "the cable")
    feed.recorder.rest()
    disk.cut_power()
    lines = lines_of(tmp_path)
    assert (lines[-1].state, lines[-1].reason) == ("reconnecting", "the cable")
    feed.record(None)
