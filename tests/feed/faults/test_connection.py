"""What a network and a server may do to a connection: what is kept, what is counted, how it goes on."""

import asyncio
import contextlib
import json
import socket
import threading

import numpy as np
import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from rugs_lab.game.provably_fair import replay_prices
from tests.support.fault_proxy import FaultProxy
from tests.support.live import (
    DEADLINE_S,
    A,
    B,
    active,
    impatient,
    leaves_nothing,
    quick,
    says,
    until,
    update,
    waits,
)
from tests.support.scripted import CONNECTED, OPEN, ScriptedServer, event, greet, stay
from tests.support.toxics import Bandwidth, Latency, LimitData, ResetPeer, Slicer, SlowClose, Timeout

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick, impatient


def snapshot(tick, game=A):
    """The frame that a server sends on connect."""
    return update(tick, game, prices=[1.0 + each for each in range(tick + 1)], gameHistory=[])


def rejoins(first, *then):
    """A script that says `first` on the first connection, and on each later one a snapshot and `then`."""

    async def script(ws, number):
        await greet(ws)
        for message in first if number == 1 else then:
            await ws.send_str(message)
        await stay(ws)

    return script


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_refused_and_then_there(free_port):
    server = GameServer(speed=50, seed=7, port=free_port)
    states = []
    with LiveFeed(f"http://127.0.0.1:{free_port}") as feed:
        feed.on("state", states.append)
        feed.wait(state="reconnecting", timeout=DEADLINE_S)
        assert "connection refused" in feed.state.reason
        assert feed.metrics["connections [n]"] == feed.metrics["connections lost [n]"] == 0
        with server:
            feed.wait(messages=10, state="live", timeout=DEADLINE_S)
            assert feed.metrics["connections [n]"] == 1
            assert feed.metrics["time reconnecting [s]"] > 0
            feed.stop()


def test_a_namespace_that_is_never_acknowledged():
    async def script(ws, _):
        await ws.send_str(OPEN)
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        until(lambda: server.connections >= 2)
        until(lambda: "did not answer the request for its namespace" in feed.state.reason)
        assert feed.health.messages == 0
        assert feed.metrics["connections [n]"] == 0


def test_a_namespace_that_is_acknowledged_late():
    async def script(ws, _):
        await ws.send_str(OPEN)
        await asyncio.sleep(0.2)
        await ws.send_str(CONNECTED)
        await ws.send_str(update(0))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=1, state="live", timeout=DEADLINE_S)
        assert (server.connections, feed.metrics["connections [n]"]) == (1, 1)


def test_a_server_that_refuses_the_namespace():
    async def script(ws, _):
        await ws.send_str(OPEN)
        await ws.send_str('44{"message":"no"}')
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        until(lambda: server.connections >= 2)
        assert feed.health.connections == 0
        assert feed.state in ("connecting", "reconnecting")


def test_reset_in_mid_message_and_backfilled_from_the_snapshot():
    big = update(4, x="x" * 400_000)
    script = rejoins([update(0), update(1), big], snapshot(6), update(7))
    with ScriptedServer(script) as server, FaultProxy(server.url) as proxy:
        proxy.add(ResetPeer(after_bytes=200_000))
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=2, timeout=DEADLINE_S)
            until(lambda: proxy.connections >= 2)
            feed.wait(ticks=8, state="live", timeout=DEADLINE_S)
            assert feed.game.prices.tolist() == [1.0 + tick for tick in range(8)]
            assert feed.game.missing == 0
            assert feed.metrics["connections lost [n]"] == 1
            assert feed.metrics["back-filled [ticks]"] == 4
            assert feed.metrics["missed initially [ticks]"] == 4
            assert feed.metrics["rejected [messages]"] == 0


def test_limited_data_closes_in_the_middle_and_nothing_half_is_kept():
    script = rejoins([update(0), update(1, x="x" * 3000)], snapshot(2))
    with ScriptedServer(script) as server, FaultProxy(server.url) as proxy:
        proxy.add(LimitData(limit_bytes=2000))
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=2, timeout=DEADLINE_S)
            assert feed.frame["tick"].tolist() == [0, 2]
            assert feed.game.missing == 0
            assert feed.metrics["rejected [messages]"] == 0
            assert feed.metrics["connections lost [n]"] == 1


@pytest.mark.usefixtures("impatient")
def test_a_peer_that_is_silently_gone_is_called_stale_and_replaced():
    script = rejoins([update(0), update(1)], snapshot(5), update(6))
    states = []
    with ScriptedServer(script) as server, FaultProxy(server.url) as proxy:
        feed = LiveFeed(proxy.url)
        feed.on("state", lambda state: states.append(str(state)))
        with feed:
            feed.wait(messages=2, timeout=DEADLINE_S)
            gone = (Timeout(), Timeout(stream="upstream"))
            proxy.add(*gone)
            feed.wait(state="stale", timeout=DEADLINE_S)
            assert "no message" in feed.state.reason
            feed.wait(state="reconnecting", timeout=DEADLINE_S)
            proxy.remove(*gone)
            feed.wait(messages=4, state="live", timeout=DEADLINE_S)
            assert feed.game.prices.tolist() == [1.0 + tick for tick in range(7)]
            assert feed.metrics["time stale [s]"] > 0
            assert feed.metrics["connections lost [n]"] >= 1
    assert states[:4] == ["connecting", "live", "stale", "reconnecting"]


def test_slices_of_one_byte():
    messages = [update(tick) for tick in range(20)]
    with ScriptedServer(says(*messages)) as server, FaultProxy(server.url) as proxy:
        proxy.add(Slicer(size=1), Slicer(size=1, stream="upstream"))
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=20, timeout=DEADLINE_S)
            assert feed.frame["tick"].tolist() == list(range(20))
            assert feed.metrics["rejected [messages]"] == feed.metrics["connections lost [n]"] == 0


def test_a_frame_of_490_kb_between_small_ones_on_a_bad_line():
    big = update(5, highestTodayPrices=[1.5] * 122_000)
    assert 485_000 < len(big) < 740_000
    messages = [*[update(tick) for tick in range(5)], big, *[update(tick) for tick in range(6, 12)]]
    with ScriptedServer(says(*messages)) as server, FaultProxy(server.url, seed=3) as proxy:
        proxy.add(
            Latency(latency_ms=5, jitter_ms=5), Slicer(size=9000, variation=8000), Bandwidth(rate_kb=4000)
        )
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=12, timeout=DEADLINE_S)
            assert feed.frame["tick"].tolist() == list(range(12))
            assert feed.metrics["reordered [ticks]"] == feed.metrics["missed initially [ticks]"] == 0
            assert feed.metrics["received [MB]"] > 0.48


def test_a_close_that_takes_its_time_does_not_hold_up_stopping():
    with ScriptedServer(says(update(0))) as server, FaultProxy(server.url) as proxy:
        proxy.add(SlowClose(delay_ms=60_000), SlowClose(delay_ms=60_000, stream="upstream"))
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=1, timeout=DEADLINE_S)
        assert feed.state == "stopped"


def test_a_message_of_50_mb_is_refused_and_counted_and_the_feed_goes_on():
    first_came = threading.Event()

    async def script(ws, number):
        await greet(ws)
        await ws.send_str(update(0) if number == 1 else snapshot(3))
        if number == 1:
            await asyncio.to_thread(first_came.wait, DEADLINE_S)
            with contextlib.suppress(ConnectionError):
                await ws.send_str('42["gameStateUpdate",{"gameId":"g","x":"' + "x" * 50_000_000 + '"}]')
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=1, timeout=DEADLINE_S)
        first_came.set()
        feed.wait(messages=2, state="live", timeout=DEADLINE_S)
        assert feed.frame["tick"].tolist() == [0, 3]
        assert feed.metrics["rejected [messages]"] == 1
        assert "larger than 16 MiB" in next(iter(feed.health.rejected))
        assert feed.metrics["connections lost [n]"] == 1


def test_a_connection_that_ends_while_it_is_made_is_not_taken_for_live():
    def packed(text):
        data = text.encode()
        length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
        return b"\x81" + length + data

    async def script(ws, number):
        if number == 1:  # everything in one segment, and the end with it
            ws._writer.transport.write(packed(OPEN) + packed(CONNECTED) + packed(update(0)))
            ws._writer.transport.close()
            return
        await greet(ws)
        await ws.send_str(snapshot(3))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=2, state="live", timeout=DEADLINE_S)
        assert feed.frame["tick"].tolist() == [0, 3]
        assert feed.game.missing == 0
        assert feed.metrics["connections lost [n]"] == 1


def test_text_that_is_no_utf_8_ends_the_connection_and_is_counted():
    async def script(ws, number):
        await greet(ws)
        await ws.send_str(update(0) if number == 1 else snapshot(2))
        if number == 1:
            ws._writer.transport.write(b"\x81\x03\x34\x32\xff")
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=2, state="live", timeout=DEADLINE_S)
        assert feed.metrics["connections lost [n]"] == 1
        assert feed.metrics["rejected [messages]"] == 1


ODD_PACKETS = {
    "nested": "4" + "[" * 50_000,
    "no type": "4{}",
    "empty": "",
    "letter": "x",
    "nine": "9",
    "digit": "\u0663",
    "second greeting": OPEN,
    "nested greeting": "0" + "[" * 50_000,
    "nested event": "42" + "[" * 50_000,
    "nested acknowledgement": "43" + "[" * 50_000,
}


@pytest.mark.parametrize("name", ODD_PACKETS)
def test_what_is_no_packet_is_counted_and_the_connection_survives(name, capfd):
    messages = [update(0), ODD_PACKETS[name], update(1)]
    with ScriptedServer(says(*messages)) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=2, state="live", timeout=DEADLINE_S)
        assert feed.frame["tick"].tolist() == [0, 1]
        assert feed.metrics["rejected [messages]"] == 1
        assert (server.connections, feed.metrics["connections lost [n]"]) == (1, 0)
    assert capfd.readouterr().err == ""


def test_attachments_that_are_announced_by_the_thousand_are_not_waited_for():
    announced = '452000-["file",' + json.dumps({"_placeholder": True, "num": 0}) + "]"

    async def script(ws, _):
        await greet(ws)
        await ws.send_str(announced)
        for _ in range(50):
            await ws.send_bytes(b"x" * 1000)
        await ws.send_str(update(1))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=1, timeout=DEADLINE_S)
        assert server.connections == 1
        assert feed.metrics["rejected [messages]"] == 51
        assert feed.metrics["noise [events]"] == 0


def test_a_server_that_closes_every_connection_is_not_hammered(monkeypatch):
    pauses = []
    draw = "rugs_lab.feed.live.connection_thread.random.uniform"
    monkeypatch.setattr(draw, lambda a, b: pauses.append(b) or 0.01)
    waits(monkeypatch, longest_pause_s=0.5)

    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(0))
        await ws.close()

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        until(lambda: server.connections >= 8)
        assert feed.health.disconnections >= 7
    assert pauses[:5] == [0.1, 0.2, 0.4, 0.5, 0.5]


@pytest.mark.parametrize("same_seed", [True, False])
def test_a_server_that_restarts_in_mid_game(free_port, same_seed):
    """The same seed plays the same games again: they are known already, and must not be taken for late."""
    with GameServer(speed=float("inf"), seed=7, port=free_port) as server:
        feed = LiveFeed(server.url).start()
        until(lambda: feed.book.finished_count >= 13 and feed.phase == "ACTIVE")
    until(lambda: feed.health.disconnections == 1)
    known = {game.id for game in feed.games}
    late, frames = feed.tracker.late, feed.health.messages
    cut_off = feed.game.id
    with GameServer(speed=float("inf"), seed=7 if same_seed else 8, port=free_port):
        until(lambda: feed.health.messages > frames + 3)
        first = feed.ring.since(frames)
        assert "UNKNOWN" not in set(feed.frame["phase"].iloc[-len(first) :].tolist()[1:])
        until(lambda: len({game.id for game in feed.games} - known - {cut_off}) >= 3)
        feed.stop()
    assert feed.metrics["connections [n]"] == 2
    assert feed.tracker.late - late <= 3
    assert feed.metrics["contradictions [prices]"] == 0
    for game in feed.games:
        assert game.missing == 0
        if game.server_seed is not None:
            assert np.array_equal(game.prices, replay_prices(game.server_seed, game.id))


def test_many_reconnections_lose_no_tick():
    with GameServer(speed=float("inf"), seed=11) as server, FaultProxy(server.url, seed=5) as proxy:
        slow = Bandwidth(rate_kb=3000)
        proxy.add(slow)
        ended, told = threading.Semaphore(0), []
        feed = LiveFeed(proxy.url, maxlen=100_000)
        feed.on("game", lambda game: (told.append(game.id), ended.release()))
        with feed:
            for _ in range(6):
                assert ended.acquire(timeout=DEADLINE_S)
                proxy.cut()
                lost = feed.health.disconnections
                until(lambda lost=lost: feed.health.disconnections > lost or feed.state == "live")
            proxy.remove(slow)
            until(lambda: feed.book.finished_count >= 24)
        assert len(told) == len(set(told))
        assert all(game.missing == 0 and game.verified is not False for game in feed.games)
        assert feed.metrics["connections [n]"] >= 6
        assert feed.metrics["contradictions [prices]"] == 0


def test_a_game_that_ended_while_away_is_backfilled_by_the_history_of_the_next_connection():
    history = [{"id": A, "rugged": True, "prices": [1.0, 2.0, 3.0, 0.02]}]
    back = event("gameStateUpdate", {**active(1, B), "prices": [1.0, 2.0], "gameHistory": history})

    async def script(ws, number):
        await greet(ws)
        await ws.send_str(update(0) if number == 1 else back)
        if number > 1:
            await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=2, games=1, timeout=DEADLINE_S)
        assert feed.games[A].prices.tolist() == [1.0, 2.0, 3.0, 0.02]
        assert feed.games[A].backfilled.tolist() == [False, True, True, True]
        assert feed.game.id == B
        assert feed.metrics["illegal transitions [n]"] == 0
