"""The game server over real sockets on loopback."""

import asyncio
import itertools
import json
import logging
import math
import socket
import threading
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import socketio

from rugs_lab.errors import ArgumentError, CaptureError, FeedError
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import FIRST_TIMER_MS, GameServer
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import OUTBOX_UNPACED, SocketioSide, _Pace, encode
from rugs_lab.game.signal import parse_update

DEADLINE_S = 30
GIVEN = [1.0, 1.5, 0.75, 0.015]
TRANSPORTS = [["websocket"], ["polling"], None]


@pytest.fixture(autouse=True)
def _nothing_is_left_or_logged(caplog):
    before = set(threading.enumerate())
    yield
    assert {thread.name for thread in threading.enumerate() if thread not in before} == set()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


async def listen(url, enough, transports=("websocket",), act=None):
    """Messages until `enough(messages)`: [(event, args)]."""
    client = socketio.AsyncClient(reconnection=False)
    got, done = [], asyncio.Event()

    def keep(event, *args):
        if not done.is_set():
            got.append((event, args))
            if enough(got):
                done.set()

    client.on("*", keep)
    await client.connect(url, transports=transports)
    try:
        if act is not None:
            await act(client)
        async with asyncio.timeout(DEADLINE_S):
            await done.wait()
    finally:
        await client.disconnect()
    return got


def hear(server, enough, **how):
    return asyncio.run(listen(server.url, enough, **how))


def at_least(count):
    return lambda got: len(got) >= count


def expected(world, count):
    """What the first client of an unpaced server gets."""
    joined = world.join()
    return joined + [(event, args) for _, event, args in itertools.islice(world, count - len(joined))]


def same(heard, sent):
    return json.dumps(heard) == json.dumps(sent)


# On the wire


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["websocket", "polling", "upgrade"])
def test_clients_get_exactly_what_the_world_plays(transports):
    with GameServer(speed=math.inf, seed=7) as server:
        heard = hear(server, at_least(600), transports=transports)
    assert same(heard, expected(SimulatedServer(seed=7, first_timer_ms=FIRST_TIMER_MS), 600))


async def raw(url, count):
    """The first messages of the socket itself."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0) as ws,
    ):
        first = await ws.receive()
        await ws.send_str("40")
        return [first] + [await ws.receive(timeout=DEADLINE_S) for _ in range(count)]


def test_messages_are_text_frames_of_compact_json():
    with GameServer(speed=math.inf, seed=7) as server:
        opened, connected, *messages = asyncio.run(raw(server.url, 300))
    assert {message.type for message in [opened, connected, *messages]} == {aiohttp.WSMsgType.TEXT}
    handshake = json.loads(opened.data[1:])
    assert (handshake["pingInterval"], handshake["pingTimeout"]) == (25000, 20000)
    sent = expected(SimulatedServer(seed=7, first_timer_ms=FIRST_TIMER_MS), 299)
    assert [message.data for message in messages] == [f"4{encode(event, args)}" for event, args in sent]
    assert any(not message.data.isascii() for message in messages)
    assert '": ' not in messages[0].data


def test_text_that_is_no_unicode_is_escaped():
    text = encode("newChatMessage", ({"username": "cut \ud83d"},))
    assert text.isascii()
    assert json.loads(text[1:])[1]["username"] == "cut \ud83d"


def test_a_late_client_gets_the_running_game_first():
    with GameServer(speed=15, seed=7) as server:
        hear(server, lambda got: got[-1][0] == "gameStateUpdate" and got[-1][1][0].get("tickCount", 0) >= 5)
        (_, (snapshot,)), *_, (_, (frame,)) = hear(
            server, lambda got: len(got) > 7 and got[-1][0] == "gameStateUpdate"
        )
    assert len(snapshot["prices"]) == snapshot["tickCount"] + 1 >= 6
    assert frame["tickCount"] >= snapshot["tickCount"] + 1


def test_all_clients_see_the_same_game():
    async def both(url):
        def enough(got):
            return sum(event == "gameStateUpdate" for event, _ in got) >= 80

        return await asyncio.gather(listen(url, enough), listen(url, enough, transports=["polling"]))

    with GameServer(speed=20, seed=7) as server:
        one, other = asyncio.run(both(server.url))
    frames = [
        {json.dumps(args) for event, args in heard[7:] if event == "gameStateUpdate"}
        for heard in (one, other)
    ]
    assert len(frames[0] & frames[1]) > 60


@pytest.mark.parametrize(("speed", "seconds"), [(1, 0.6), (10, 0.06), (40, 0.015)])
def test_speed_scales_time(speed, seconds, monkeypatch):
    async def waited():
        now_s = 0.0

        async def sleep(pause_s):
            nonlocal now_s
            now_s += pause_s

        with monkeypatch.context() as patched:
            patched.setattr(asyncio.get_running_loop(), "time", lambda: now_s)
            patched.setattr(asyncio, "sleep", sleep)
            pace = _Pace(speed)
            for wait_ms in (250, 250, 100):
                await pace.wait(wait_ms)
        return now_s

    assert asyncio.run(waited()) == pytest.approx(seconds)


def test_a_finite_world_runs_on_without_clients_and_an_unpaced_one_waits():
    with GameServer(speed=500, seed=7) as server:
        first = hear(server, at_least(1))[0][1][0]

        def moved(got):
            return parse_update(got[0][1][0], 0).signal.gameId != first["gameId"]

        deadline = DEADLINE_S * 20
        assert any(moved(hear(server, at_least(1))) for _ in range(deadline))
    with GameServer(speed=math.inf, seed=7) as server:
        heard = hear(server, at_least(1))
        assert heard[0][1][0]["cooldownTimer"] == FIRST_TIMER_MS


def test_a_server_may_wait_for_its_first_client_at_any_speed():
    with GameServer(speed=500, seed=7, wait_for_client=True) as server:
        first = hear(server, at_least(200))[0][1][0]
    assert first["cooldownTimer"] == FIRST_TIMER_MS
    assert first["gameId"] == SimulatedServer(7, first_timer_ms=FIRST_TIMER_MS).join()[0][1][0]["gameId"]


def test_what_clients_emit_is_ignored():
    async def talk(client):
        for event in ("buyIn", "connect", "disconnect", "message"):
            await client.emit(event, {"amount": 1})
        await client.emit("buyIn", {"amount": 1}, callback=lambda *_: pytest.fail("was answered"))
        await client.emit("binary", b"\x00" * 1000)

    with GameServer(speed=20, seed=7) as server:
        heard = hear(server, at_least(60), act=talk)
        assert len(hear(server, at_least(10))) >= 10
    assert len(heard) >= 60


def test_a_client_that_does_not_read_holds_an_unpaced_world_up_in_bounded_memory():
    async def run():
        world = SimulatedServer(seed=7, first_timer_ms=FIRST_TIMER_MS)
        wire = SocketioSide(math.inf, world, None)
        url = await wire.listen("127.0.0.1", 0)
        try:
            async with (
                asyncio.timeout(DEADLINE_S),
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0) as ws,
            ):
                await ws.receive()
                await ws.send_str("40")
                still, last = 0, -1
                while still < 2000:
                    await asyncio.sleep(0)
                    still, last = (still + 1, last) if world.now_ms == last else (0, world.now_ms)
                (client,) = wire._clients.values()
                assert client.outbox.qsize() == OUTBOX_UNPACED
                while world.now_ms == last:
                    await ws.receive()
        finally:
            await wire.close()

    asyncio.run(run())


# Given games


def test_given_games_are_played_and_then_the_server_is_silent():
    def over(got):
        event, args = got[-1]
        frame = args[0]
        return (
            event == "gameStateUpdate" and frame["gameHistory"][0]["prices"] == [1, 1.5, 0.75, 0.015]
            if ("gameHistory" in frame and event == "gameStateUpdate")
            else False
        )

    with GameServer(speed=math.inf, seed=7, games=[GIVEN]) as server:
        heard = hear(server, over)
        frames = [parse_update(args[0], 0).signal for event, args in heard if event == "gameStateUpdate"]
        assert [signal.price for signal in frames if signal.kind in ("start", "active", "rug1a")] == GIVEN
        again = hear(server, at_least(7))
        assert again[0][1][0]["prices"] == [1]
        assert again[0][1][0]["gameHistory"][0]["provablyFair"].keys() == {"serverSeedHash"}


# Captures


def line(at_ms, event, data):
    stamp = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    return json.dumps({"ts": stamp.isoformat(), "event": event, "data": data})


@pytest.fixture
def recorded(tmp_path):
    """A small capture made from the simulation: (path, the events in it)."""
    world = SimulatedServer(seed=5)
    events = [(at, event, args) for at, event, args in itertools.islice(world, 700)]
    lines, at = [line(0, "connect", None)], 0
    for delay, event, args in events:
        at += delay
        lines.append(line(at, event, args[0] if len(args) == 1 else list(args)))
    lines.append(line(at, "disconnect", None))
    path = tmp_path / "capture.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path, [(event, args) for _, event, args in events]


@pytest.mark.parametrize("transports", TRANSPORTS, ids=["websocket", "polling", "upgrade"])
def test_a_capture_is_served_event_by_event(recorded, transports):
    path, events = recorded
    with GameServer(speed=math.inf, capture=path) as server:
        assert same(hear(server, at_least(len(events)), transports=transports), events)


def test_a_client_goes_on_where_another_was_cut_off_and_after_the_end_begins_anew(recorded):
    path, events = recorded
    with GameServer(speed=math.inf, capture=path) as server:
        first = hear(server, at_least(100))
        assert same(first, events[: len(first)])
        second = hear(server, lambda got: same(got[-1:], events[-1:]))
        assert 0 < len(second) <= len(events) - 100
        assert same(second, events[len(events) - len(second) :])
        assert same(hear(server, at_least(len(events))), events)


def test_a_capture_keeps_its_timing(tmp_path):
    path = tmp_path / "slow.jsonl"
    path.write_text("\n".join(line(at, "note", {"at": at}) for at in (0, 400, 300, 800)))

    async def times(url):
        loop, seen = asyncio.get_running_loop(), []

        def enough(got):
            seen.append(loop.time())
            return len(got) == 4

        await listen(url, enough)
        return [later - seen[0] for later in seen]

    with GameServer(speed=2, capture=path) as server:
        after = asyncio.run(times(server.url))
    assert after[1] == pytest.approx(0.2, abs=0.1)
    assert after[3] >= 0.3


def test_the_real_capture_is_served_event_by_event(reference):
    path = reference / "raw" / "2025-12-14_capture.jsonl"
    lines = [json.loads(text) for text in path.read_text().splitlines()]
    events = [
        (entry["event"], tuple(entry["data"]) if isinstance(entry["data"], list) else (entry["data"],))
        for entry in lines
        if entry["data"] is not None
    ]
    assert len(events) == 487
    with GameServer(speed=math.inf, capture=path) as server:
        assert server.damage == ()
        assert same(hear(server, at_least(len(events))), events)


def test_damaged_lines_are_reported_and_skipped(tmp_path, caplog):
    path = tmp_path / "damaged.jsonl"
    good = [line(at, "note", {"n": at}) for at in (0, 1)]
    bad = [
        '{"ts": "2026-01-01',
        "[1, 2]",
        '{"ts": "yesterday", "event": "note", "data": 1}',
        '{"ts": "2026-01-01T00:00:00Z", "data": 1}',
        '{"ts": "2026-01-01T00:00:00Z", "event": "note", "data": NaN}',
        "[" * 100_000,
    ]
    text = "\n".join([good[0], "", *bad, good[1]])
    path.write_bytes(text.encode() + b"\n\xff\xfe\n")
    with GameServer(speed=math.inf, capture=path) as server:
        assert hear(server, at_least(2)) == [("note", ({"n": 0},)), ("note", ({"n": 1},))]
    assert [damage.line for damage in server.damage] == [3, 4, 5, 6, 7, 8, 10]
    reported = [record.getMessage() for record in caplog.records]
    assert f"{path}, line 3" in reported[0]
    assert "and 2 more" in reported[-1]


def test_names_that_socketio_keeps_are_not_sent(tmp_path):
    path = tmp_path / "names.jsonl"
    path.write_text("\n".join([line(0, "connect", {"a": 1}), line(1, "note", [1, 2]), line(2, "x", None)]))
    with GameServer(speed=math.inf, capture=path) as server:
        assert hear(server, at_least(1)) == [("note", ([1, 2],))]


def test_a_capture_that_cannot_be_played_is_refused(tmp_path):
    with pytest.raises(CaptureError, match="no such file"):
        GameServer(capture=tmp_path / "missing.jsonl")
    with pytest.raises(CaptureError, match="cannot be read"):
        GameServer(capture=tmp_path)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("no json\n")
    with pytest.raises(CaptureError, match="contains no event"):
        GameServer(capture=empty)


# Life


def test_start_and_stop_are_idempotent():
    server = GameServer(seed=7)
    server.stop()
    assert server.start() is server
    url = server.url
    assert server.start().url == url
    assert server.running
    server.stop()
    server.stop()
    assert not server.running


def test_a_stopped_server_can_start_again_and_plays_from_the_beginning():
    server = GameServer(speed=math.inf, seed=7)
    with server:
        first = hear(server, at_least(60))[:60]
    with server:
        assert same(hear(server, at_least(60))[:60], first)


def test_stop_works_from_any_thread_while_clients_listen():
    async def run(server):
        client = socketio.AsyncClient(reconnection=False)
        gone = asyncio.Event()
        client.on("disconnect", lambda *_: gone.set())
        await client.connect(server.url, transports=["websocket"])
        stopper = threading.Thread(target=server.stop)
        stopper.start()
        async with asyncio.timeout(DEADLINE_S):
            await gone.wait()
            await asyncio.to_thread(stopper.join)
        await client.disconnect()

    server = GameServer(speed=5, seed=7).start()
    asyncio.run(run(server))
    assert not server.running


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]])
def test_clients_that_vanish_are_forgotten_in_silence(transports, capfd):
    async def vanish(url):
        async with aiohttp.ClientSession() as session:
            query = f"{url}/socket.io/?EIO=4&transport={transports[0]}"
            if transports == ["websocket"]:
                ws = await session.ws_connect(query, max_msg_size=0)
                await ws.receive()
                await ws.send_str("40")
                await ws.receive()
                ws._response.connection.transport.abort()
                await ws.close()
            else:
                opened = json.loads((await (await session.get(query)).text())[1:])
                await (await session.post(f"{query}&sid={opened['sid']}", data="40")).text()

    with GameServer(speed=5, seed=7) as server:
        for _ in range(3):
            asyncio.run(vanish(server.url))
        assert len(hear(server, at_least(20))) >= 20
    assert capfd.readouterr() == ("", "")


def test_nonsense_from_clients_is_no_news(capfd):
    async def nonsense(url):
        async with aiohttp.ClientSession() as session:
            await (await session.get(f"{url}/socket.io/?EIO=3&transport=polling")).text()
            await (await session.get(f"{url}/socket.io/?EIO=4&transport=polling&sid=none")).text()
            await (await session.get(f"{url}/other")).text()
            ws = await session.ws_connect(f"{url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0)
            await ws.receive()
            for text in ("40", '42["', "4x", "49", "453-[]", "zzz", "40/other,"):
                await ws.send_str(text)
            await ws.close()

    with GameServer(speed=5, seed=7) as server:
        asyncio.run(nonsense(server.url))
        assert len(hear(server, at_least(10))) >= 10
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_a_clear_error():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = GameServer(port=port)
        with pytest.raises(FeedError, match=f"port {port}"):
            server.start()
        assert not server.running


def test_it_listens_on_loopback_only():
    for host in ("127.0.0.1", "localhost", "127.0.0.2"):
        with GameServer(seed=7, host=host) as server:
            assert server.url.startswith("http://127.0.0.")
    for host in ("0.0.0.0", "192.168.1.5", "example.org", "::", "", None):
        with pytest.raises(ArgumentError, match="this machine only"):
            GameServer(host=host)


@pytest.mark.parametrize("speed", [0, -1, math.nan, "2", None, True])
def test_speed_is_a_number_above_zero(speed):
    with pytest.raises(ArgumentError, match="above 0"):
        GameServer(speed=speed)


def test_other_arguments_are_checked(tmp_path):
    with pytest.raises(ArgumentError, match="port"):
        GameServer(port=70000)
    with pytest.raises(ArgumentError, match="seed"):
        GameServer(seed="7")
    with pytest.raises(ArgumentError, match="empty"):
        GameServer(games=[])
    with pytest.raises(ArgumentError, match="path"):
        GameServer(capture=7)
    with pytest.raises(ArgumentError, match="without games"):
        GameServer(capture=tmp_path / "x", games=[GIVEN])


def test_the_address_is_known_once_it_listens():
    server = GameServer()
    with pytest.raises(FeedError, match="start"):
        server.url  # noqa: B018
    assert "stopped" in repr(server)


def test_it_shows_itself():
    with GameServer(speed=2, seed=7) as server:
        assert repr(server) == f"<GameServer at {server.url}, speed 2, simulated games, seed 7>"
        assert server.url in server._repr_html_()
    assert "1 given game" in repr(GameServer(games=[GIVEN]))
    assert len(server._repr_html_()) < 300


def test_a_server_that_resumes_plays_on_from_where_it_stood():
    server = GameServer(speed=20, seed=7, resume=True)
    with LiveFeed(server.start().url) as feed:
        game = feed.wait(ticks=4, timeout=60).game
    server.stop()
    with LiveFeed(server.start().url) as again:
        again.wait(ticks=len(game), timeout=60)
        known = [again.game, *again.games]  # one that ended in between is both
    server.stop()
    same = next(each for each in known if each.id == game.id)
    assert same.prices[: len(game)].tolist() == game.prices.tolist()
