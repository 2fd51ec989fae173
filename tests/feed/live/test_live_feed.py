"""The live feed over real sockets on loopback."""

import asyncio
import copy
import gc
import http.server
import logging
import threading
import weakref

import pytest

from rugs_lab.errors import ArgumentError, FeedError, FeedTimeoutError
from rugs_lab.feed.live.live_feed import RUGS_FUN_URL, LiveFeed
from tests.support.live import DEADLINE_S, leaves_nothing, says, until, update, waits
from tests.support.live import A as ID
from tests.support.scripted import CONNECTED, OPEN, ScriptedServer, event, greet, stay

pytestmark = pytest.mark.usefixtures("leaves_nothing")
_ = leaves_nothing


def test_frames_become_rows_in_order():
    with ScriptedServer(says(*[update(tick) for tick in range(300)])) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=300, timeout=DEADLINE_S)
        assert feed.frame["tick"].tolist() == list(range(300))
        assert feed.state == "live"
        assert feed.phase == "ACTIVE"
        assert feed.signal.tickCount == 299
        assert feed.frame["received"].is_monotonic_increasing
    assert feed.state == "stopped"
    assert len(feed.frame) == 300


def test_a_copy_of_a_feed_is_the_feed():
    feed = LiveFeed("http://127.0.0.1:9")
    assert copy.copy(feed) is feed
    assert copy.deepcopy(feed) is feed


def test_the_last_argument_of_an_event_is_its_data():
    trace = {"__trace": True, "traceparent": "00-ab-cd-01"}
    trade = {"gameId": ID, "type": "buy", "tickIndex": 0, "price": 1, "amount": 0.1, "qty": 0.1}
    trades, others, both = [], [], threading.Barrier(3)
    messages = [update(0), event("standard/newTrade", trace, trade), event("newChatMessage", trace, {"m": 1})]
    with ScriptedServer(says(*messages)) as server:
        feed = LiveFeed(server.url)
        feed.on("trade", lambda trade: (trades.append(trade), both.wait(DEADLINE_S)))
        feed.on("event", lambda name, data: (others.append((name, data)), both.wait(DEADLINE_S)))
        with feed:
            both.wait(DEADLINE_S)
            assert trades[0].amount_sol == 0.1
            assert others == [("newChatMessage", {"m": 1})]
            assert feed.health.noise == {"newChatMessage": 1}
            assert len(feed.game.trades) == 1


def test_a_message_that_cannot_be_used_is_counted_and_the_feed_goes_on(caplog):
    bad = [
        '42["gameStateUpdate",{"gameId":',
        "42{}",
        "42[]",
        "42[7]",
        '42["gameStateUpdate"]',
        event("gameStateUpdate", "text"),
        event("gameStateUpdate", {"__trace": True}),
        event("standard/newTrade", {"__trace": True}),
        "4",
        "49",
    ]
    with ScriptedServer(says(update(0), *bad, update(1))) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=2, timeout=DEADLINE_S)
        assert feed.frame["tick"].tolist() == [0, 1]
        assert feed.metrics["rejected [messages]"] == len(bad)
        assert feed.state == "live"
        assert server.connections == 1
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_feed_sends_nothing_but_what_keeps_the_connection():
    async def script(ws, _):
        await greet(ws)
        await ws.send_str('421["gameStateUpdate",' + update(1).split(",", 1)[1])
        await ws.send_str('4255["please",1]')
        await ws.send_str('451-56["file",{"_placeholder":true,"num":0}]')
        await ws.send_bytes(b"abc")
        await ws.send_str('451-57["file",{"_placeholder":true,"num":0}]')
        await ws.send_str(update(2))
        await ws.send_str("2")
        while "3" not in server.received:
            await asyncio.sleep(0.01)
        await ws.send_str(update(3))
        await stay(ws)

    with ScriptedServer(script) as server:
        with LiveFeed(server.url) as feed:
            feed.wait(messages=3, timeout=DEADLINE_S)
            assert feed.health.noise == {"please": 1, "file": 1}
            assert feed.metrics["rejected [messages]"] == 1
        assert set(server.received) <= {"40", "40{}", "3", "41", "1"}


def test_a_client_refuses_to_emit():
    from rugs_lab.feed.live.address import address_of
    from rugs_lab.feed.live.client import ListeningClient
    from rugs_lab.feed.live.dialer import Dialer
    from rugs_lab.feed.live.session import Session

    async def attempt():
        dialer = Dialer(address_of("http://127.0.0.1:9"))
        client = ListeningClient(dialer, Session(), *[lambda *_: None] * 3)
        for call in (client.emit, client.send, client.call):
            with pytest.raises(FeedError, match="only listens"):
                await call("x")
        await dialer.close(1)

    asyncio.run(attempt())


def test_a_lost_connection_is_made_again_and_counted():
    async def script(ws, number):
        await greet(ws)
        await ws.send_str(update(number))
        if number > 1:
            await stay(ws)

    states = []
    with ScriptedServer(script) as server:
        feed = LiveFeed(server.url)
        feed.on("state", states.append)
        with feed:
            feed.wait(messages=2, timeout=DEADLINE_S)
            assert feed.frame["tick"].tolist() == [1, 2]
            assert feed.metrics["connections [n]"] == 2
            assert feed.metrics["connections lost [n]"] == 1
    assert [str(state) for state in states] == ["connecting", "live", "reconnecting", "live", "stopped"]
    assert "trying again" in states[2].reason


def test_nothing_listens_there():
    with LiveFeed("http://127.0.0.1:9") as feed:
        feed.wait(state="reconnecting", timeout=DEADLINE_S)
        assert "connection refused" in feed.state.reason


def test_a_web_server_that_is_no_socketio_server():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with LiveFeed(f"http://127.0.0.1:{server.server_port}") as feed:
            feed.wait(state="reconnecting", timeout=DEADLINE_S)
            assert "no Socket.IO server under that path (HTTP 404)" in feed.state.reason
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_websocket_that_speaks_something_else():
    async def script(ws, _):
        await ws.send_str("hello")
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(state="reconnecting", timeout=DEADLINE_S)
        assert "does not answer as a Socket.IO server" in feed.state.reason


def test_a_server_that_closes_at_once():
    async def script(ws, _):
        await ws.close()

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(state="reconnecting", timeout=DEADLINE_S)
        assert feed.state.reason


def test_a_server_that_never_accepts_the_namespace_can_be_left_at_any_time():
    arrived = threading.Event()

    async def script(ws, _):
        await ws.send_str(OPEN)
        arrived.set()
        await stay(ws)

    with ScriptedServer(script) as server:
        feed = LiveFeed(server.url).start()
        assert arrived.wait(DEADLINE_S)
        assert feed.state == "connecting"
        feed.stop()
        assert feed.state == "stopped"


def test_a_silent_connection_is_called_stale_and_live_again_when_it_speaks(monkeypatch):
    waits(monkeypatch, stale_after_s=0.2)
    speak = threading.Event()

    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(1))
        while not speak.is_set():
            await asyncio.sleep(0.01)
        await ws.send_str(update(2))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(state="stale", timeout=DEADLINE_S)
        assert "no message" in feed.state.reason
        speak.set()
        feed.wait(messages=2, state="live", timeout=DEADLINE_S)


def test_a_connection_that_stays_silent_is_replaced(monkeypatch):
    waits(monkeypatch, stale_after_s=0.1, replace_after_s=0.3)

    async def script(ws, number):
        await greet(ws)
        if number == 2:
            await ws.send_str(update(2))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=1, timeout=DEADLINE_S)
        assert server.connections == 2


def test_start_and_stop_may_be_repeated():
    with ScriptedServer(says(update(1))) as server:
        feed = LiveFeed(server.url)
        assert not feed.running
        for n in range(1, 6):
            assert feed.start().start() is feed
            assert feed.running
            feed.wait(messages=n, timeout=DEADLINE_S)
            feed.stop()
            feed.stop()
            assert feed.state == "stopped"
        assert len(feed.frame) == 5


def test_stop_from_within_a_handler():
    stopped = threading.Event()
    with ScriptedServer(says(update(1))) as server:
        feed = LiveFeed(server.url)
        feed.on("signal", lambda _: (feed.stop(), stopped.set()))
        feed.start()
        assert stopped.wait(DEADLINE_S)
        feed.wait(state="stopped", timeout=DEADLINE_S)


def test_a_start_while_another_thread_stops_waits_for_the_old_run_to_end():
    inside, go, at_once = threading.Event(), threading.Event(), []

    class Slow(LiveFeed):
        busy = 0

        def take_text(self, text, received_ns=None):
            self.busy += 1
            at_once.append(self.busy)
            inside.set()
            go.wait(DEADLINE_S)
            super().take_text(text, received_ns)
            self.busy -= 1

    with ScriptedServer(says(update(1))) as server:
        feed = Slow(server.url).start()
        assert inside.wait(DEADLINE_S)
        stopping = threading.Thread(target=feed.stop)
        stopping.start()
        until(lambda: not feed.running, "the stop")
        starting = threading.Thread(target=feed.start)
        starting.start()
        starting.join(0.2)
        waited = starting.is_alive()
        go.set()
        for thread in (starting, stopping):
            thread.join(DEADLINE_S)
        assert waited
        assert feed.running
        feed.wait(messages=2, timeout=DEADLINE_S)
        assert feed.state == "live"
        feed.stop()
    assert set(at_once) == {1}
    assert feed.state == "stopped"


def test_a_subscriber_that_blocks_or_raises_does_not_hold_up_the_feed():
    release = threading.Event()
    with ScriptedServer(says(*[update(tick) for tick in range(200)])) as server:
        feed = LiveFeed(server.url)
        feed.on("signal", lambda _: release.wait(DEADLINE_S))
        feed.on("tick", lambda tick: 1 / 0)
        with feed:
            feed.wait(messages=200, timeout=DEADLINE_S)
            release.set()
        assert feed.metrics["subscriber errors [n]"] == 200


def test_a_feed_that_nobody_holds_ends_by_itself():
    gone = threading.Event()

    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(1))
        await stay(ws)
        gone.set()

    with ScriptedServer(script) as server:
        feed = LiveFeed(server.url).start()
        feed.wait(messages=1, timeout=DEADLINE_S)
        seen = weakref.ref(feed)
        del feed
        gc.collect()
        assert seen() is None
        assert gone.wait(DEADLINE_S)


def test_phase_changes_and_finished_games_are_told():
    changes, games = [], []
    rug = update(2, rugged=True, price=0.02, partialPrices={"values": {"1": 2.0, "2": 0.02}})
    with ScriptedServer(says(update(0), update(1), rug)) as server:
        feed = LiveFeed(server.url)
        feed.on("phase", changes.append)
        feed.on("game", games.append)
        with feed:
            feed.wait(games=1, messages=3, timeout=DEADLINE_S)
    assert [(str(c.before), str(c.after)) for c in changes] == [
        ("UNKNOWN", "ACTIVATION"),
        ("ACTIVATION", "ACTIVE"),
        ("ACTIVE", "RUG"),
    ]
    assert games[0].prices.tolist() == [1.0, 2.0, 0.02]


def test_waiting_in_vain_says_what_did_come():
    came = "waited 0 s for 5 messages; received 0 messages, state "
    with LiveFeed("http://127.0.0.1:9") as feed, pytest.raises(FeedTimeoutError, match=came):
        feed.wait(messages=5, timeout=0)
    with pytest.raises(FeedError, match=r"is stopped, so no data will arrive: call feed.start\(\) first"):
        feed.wait(messages=5)
    for wish in ({"messages": -1}, {"ticks": -5}, {"games": "5"}, {"state": "asleep"}):
        with pytest.raises(ArgumentError):
            feed.wait(**wish)
    with pytest.raises(ArgumentError, match="say what to wait for"):
        feed.wait(timeout=0)


@pytest.mark.parametrize("url", ["", "rugs.fun", "ftp://x", "http://", "http://a:99999", None, 5])
def test_an_address_of_the_wrong_form_says_what_is_expected(url):
    with pytest.raises(ArgumentError, match="http, https, ws or wss"):
        LiveFeed(url)


def test_the_usual_address_is_the_public_one():
    assert LiveFeed().url == RUGS_FUN_URL
    assert LiveFeed().source == "https://backend.rugs.fun"


@pytest.mark.parametrize("maxlen", [0, -1, 2.5])
def test_an_impossible_buffer_says_what_is_allowed(maxlen):
    with pytest.raises(ArgumentError, match="maxlen"):
        LiveFeed(maxlen=maxlen)


def test_what_is_connected_and_said_before_the_namespace_is_kept():
    async def script(ws, _):
        await ws.send_str(OPEN)
        await ws.send_str(CONNECTED)
        await ws.send_str(update(7))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=1, timeout=DEADLINE_S)
        assert feed.phase == "ACTIVE"
