"""Servers that mean harm: what a feed says of them, and that it stays bounded and listening."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tracemalloc

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from tests.feed.live.test_refusals import answering, listening, says
from tests.support.live import DEADLINE_S, active, impatient, leaves_nothing, quick, until, update
from tests.support.scripted import CONNECTED, OPEN, ScriptedServer, event, greet, stay

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick, impatient

NASTY = "\x1b[2J\x1b[31m<img src=x onerror=alert(1)>\r\n\u202e" + "x" * 90


def reasons_of(feed):
    reasons = []
    feed.on("state", lambda state: reasons.append((str(state), state.reason)))
    return reasons


def reconnecting(script, words, **options):
    """Run a feed against a script until it says `words` of the end of a connection; return the words."""
    with ScriptedServer(script) as server:
        feed = LiveFeed(server.url, **options)
        reasons = reasons_of(feed)
        with feed:
            until(lambda: any(words in reason for _, reason in reasons), f"{words!r} in {reasons}")
    return next(reason for state, reason in reasons if words in reason and state == "reconnecting")


# Why a connection ended.


@pytest.mark.usefixtures("impatient")
def test_silence_stays_the_reason_on_the_state_and_in_the_recording(tmp_path):
    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(0))
        while True:
            await ws.send_str("2")  # pings go on, messages do not
            await asyncio.sleep(0.05)

    with ScriptedServer(script) as server:
        feed = LiveFeed(server.url)
        feed.record(tmp_path)
        reasons = reasons_of(feed)
        with feed:
            until(lambda: sum(state == "reconnecting" for state, _ in reasons) >= 2)
        feed.record(None)
    ends = {reason for state, reason in reasons if state == "reconnecting"}
    assert ends == {"no message for 0 s; trying again"}  # of 0.4 s
    lines = [json.loads(line) for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    gaps = [line["reason"] for line in lines if line["type"] == "gap" and line.get("state") == "reconnecting"]
    assert set(gaps) == ends


def test_a_server_whose_pings_stop():
    opening = "0" + json.dumps({"sid": "s", "upgrades": [], "pingInterval": 60, "pingTimeout": 60})

    async def script(ws, _):
        await ws.send_str(opening)
        await ws.receive()
        await ws.send_str(CONNECTED)
        await ws.send_str(update(0))
        await stay(ws)

    assert reconnecting(script, "pings stopped") == (
        "the connection was lost (the server's pings stopped); trying again"
    )


def test_words_of_a_closing_frame_are_bounded_and_steer_no_terminal():
    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(0))
        await ws.close(code=4001, message=NASTY.encode()[:120])

    said = reconnecting(script, "code 4001")
    assert said.isprintable()
    assert said.startswith('the connection was lost (closed by the server, code 4001: "?[2J?[31m<img ')


def test_a_message_too_large_is_the_reason():
    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(0))
        with contextlib.suppress(ConnectionError):
            await ws.send_str('42["x","' + "x" * 17_000_000 + '"]')
        await stay(ws)

    assert "a message larger than 16 MiB" in reconnecting(script, "larger than")


@pytest.mark.parametrize(
    ("goodbye", "words"),
    [
        ("41", "the server disconnected this client"),
        ('44{"message":"too late"}', 'the server ended it: "too late"'),
    ],
)
def test_a_goodbye_of_the_server(goodbye, words):
    async def script(ws, _):
        await greet(ws)
        await ws.send_str(update(0))
        await ws.send_str(goodbye)
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        until(lambda: f"({words})" in feed.state.reason)
        until(lambda: feed.health.disconnections >= 1)


def test_a_refused_namespace_that_was_not_asked_for_changes_nothing():
    async def script(ws, _):
        await ws.send_str(OPEN)
        await ws.receive()
        await ws.send_str('44/foo,{"message":"not you"}')
        await ws.send_str(CONNECTED)
        await ws.send_str('44/bar,{"message":"nor you"}')
        await ws.send_str(update(0))
        await stay(ws)

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        feed.wait(messages=1, timeout=DEADLINE_S)
        until(lambda: feed.state == "live")
        rejected = feed.health.rejected
        assert rejected["(namespace): the server refuses a namespace that was not asked for"] == 2, rejected


@pytest.mark.parametrize("first", ["", '42["x",1]'])
def test_an_end_before_the_namespace_is_there_is_said_at_once(first):
    async def script(ws, _):
        await ws.send_str(OPEN)
        await ws.receive()
        if first:
            await ws.send_str(first)
        await ws.close(code=1008, message=b"go away")

    with ScriptedServer(script) as server, LiveFeed(server.url) as feed:
        until(lambda: 'namespace was there (closed by the server, code 1008: "go away")' in feed.state.reason)
        until(lambda: feed.health.disconnections >= 2 * bool(first))
    assert 0 <= feed.health.connections - feed.health.disconnections <= 1


# HTTP.


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]])
def test_redirects_without_end(transports):
    async def handler(reader, writer):
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 307 No\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")

    with listening(handler) as port:
        says(LiveFeed(f"http://127.0.0.1:{port}", transports=transports), "the server redirects in circles")


def test_a_redirect_is_bounded_and_steers_no_terminal():
    there = f"http://127.0.0.1:9/{'y' * 5000}%1b[2J"
    with listening(answering(f"HTTP/1.1 307 No\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n")) as port:
        feed = LiveFeed(f"http://127.0.0.1:{port}", transports=["websocket"])
        says(feed, "nothing listens at that address")
        assert len(feed.source) < 300
        assert feed.source.isprintable()


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]])
@pytest.mark.parametrize("kind", ["many", "long", "dripping"])
def test_headers_without_end(kind, transports):
    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        with contextlib.suppress(ConnectionError):
            for n in range(1_000_000):
                line = {"many": b"x%d: y\r\n" % n, "long": b"z" * 1000, "dripping": b"z"}[kind]
                writer.write(line)
                if n % 100 == 0 or kind == "dripping":
                    await writer.drain()
                if kind == "dripping":
                    await asyncio.sleep(0.05)

    tracemalloc.start()
    try:
        with listening(handler) as port:
            feed = LiveFeed(f"http://127.0.0.1:{port}", transports=transports)
            with feed:
                until(lambda: feed.state == "reconnecting", f"{feed.state!r}")
                words = feed.state.reason
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64e6
    expected = {"many": "Too many headers", "long": "more than 8190 bytes"}.get(kind, "handshake in time")
    assert expected in words, words
    assert words.isprintable()


def test_a_page_without_end_is_not_read_to_its_end():
    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(NASTY.encode() * 500)
            await writer.drain()

    with listening(handler) as port:
        feed = LiveFeed(f"http://127.0.0.1:{port}", transports=["polling"])
        says(feed, "does not let this client in (HTTP 403")
        assert len(feed.state.reason) < 400
        assert feed.state.reason.isprintable()


# Engine.IO.

GREETINGS = {
    "no times": {"sid": "s", "upgrades": []},
    "text": {"sid": "s", "upgrades": [], "pingInterval": "x", "pingTimeout": []},
    "negative": {"sid": "s", "upgrades": [], "pingInterval": -5, "pingTimeout": -5},
    "endless": {"sid": "s", "upgrades": [], "pingInterval": 1e308, "pingTimeout": 1e308},
    "a list": [],
    "long": {"sid": "s" * 1_000_000, "upgrades": ["x"] * 10_000, "pingInterval": 25000, "pingTimeout": 20000},
    "nothing": None,
}


@pytest.mark.parametrize("case", GREETINGS)
def test_a_greeting_that_means_harm_does_not_end_the_feed(case):
    async def script(ws, number):
        if number > 1:
            await greet(ws)
            await ws.send_str(update(3))
            await stay(ws)
        await ws.send_str("0" + json.dumps(GREETINGS[case]))
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(ws.receive(), 0.1)
        await ws.close()

    with ScriptedServer(script) as server, LiveFeed(server.url, transports=["websocket"]) as feed:
        feed.wait(messages=1, timeout=DEADLINE_S)
        assert feed.frame["tick"].tolist() == [3]


def test_a_flood_of_pings_from_a_server_that_does_not_read_fills_no_memory():
    """Pongs that are not taken are not piled up: one waits at most."""
    sent = asyncio.Event()

    async def handler(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(upgraded(head))
        for text in (OPEN, CONNECTED, update(0)):
            writer.write(packed(text))
        ping = packed("2") * 1000
        for _ in range(15):
            writer.write(ping)
            await writer.drain()
        writer.write(packed(update(1)))
        await writer.drain()
        sent.set()
        await asyncio.sleep(DEADLINE_S)

    tracemalloc.start()
    try:
        with listening(handler) as port:
            feed = LiveFeed(f"http://127.0.0.1:{port}", transports=["websocket"])
            with feed:
                feed.wait(messages=2, timeout=DEADLINE_S)
                peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8e6


def upgraded(head):
    """Return the answer that makes a WebSocket of a request."""
    import base64
    import hashlib

    key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    digest = hashlib.sha1(key.split(b": ")[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )


def packed(text):
    """Return the frame of a text."""
    data = text.encode()
    length = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return b"\x81" + length + data


# Recovery.

TRADE = {"gameId": active(0)["gameId"], "type": "buy", "price": 2.0, "amount": 1.0, "qty": 0.5}


SERVER = []


@contextlib.contextmanager
def serving(script):
    with ScriptedServer(script) as server:
        SERVER[:] = [server]
        yield server


async def asked(ws):
    """Greet, and wait for the client's request for the namespace."""
    before = len(SERVER[0].received)
    await ws.send_str(OPEN)
    while len(SERVER[0].received) == before:
        await asyncio.sleep(0.005)


def numbered(number, name="gameStateUpdate", **payload):
    payload = payload or active(number)
    return event(name, payload, f"{number:013d}-0")


@pytest.mark.parametrize("lie", ["everything again", "backwards", "other numbers", "no numbers"])
def test_a_server_that_sends_everything_again_gives_nothing_twice(lie):
    told = [numbered(tick) for tick in range(5)]
    trades = [numbered(10 + n, "standard/newTrade", **TRADE, id=f"t{n}", tickIndex=n) for n in range(3)]

    async def script(ws, number):
        await asked(ws)
        again = [*told, *trades]
        if number > 1:
            if lie == "backwards":
                again.reverse()
            if lie == "other numbers":
                again = [text.replace(',"0', ',"9') for text in again]
            if lie == "no numbers":
                again = [text[: text.rindex(",")] + "]" for text in again]
            for text in again:
                await ws.send_str(text)
        await ws.send_str('40{"sid":"n","pid":"private"}')
        if number == 1:
            for text in again:
                await ws.send_str(text)
            await asyncio.sleep(0.05)
            await ws.close()
            return
        await ws.send_str(numbered(99, **active(6)))
        await stay(ws)

    ticks = []
    with serving(script) as server, contextlib.ExitStack() as begun:
        feed = LiveFeed(server.url)
        feed.on("tick", lambda tick: ticks.append(tick.tick))
        begun.enter_context(feed)
        until(lambda: 6 in feed.frame["tick"].tolist())
        assert feed.health.connections == 2
        assert feed.trades["id"].tolist() == ["t0", "t1", "t2"]
        assert feed.health.trades == 3
        assert [trade.id for trade in feed.book.running.recorded_trades] == ["t0", "t1", "t2"]
        assert feed.game.prices[:5].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0]
        feed.stop()
        assert ticks == [*range(5), 6]


@pytest.mark.parametrize(
    "offset", [5, {"a": 1}, ["x"], None, True, "", "x" * 5000, NASTY, "é" * 20], ids=repr
)
def test_an_offset_that_is_none_is_not_repeated(offset):
    async def script(ws, number):
        await asked(ws)
        await ws.send_str('40{"sid":"n","pid":"private"}')
        await ws.send_str(numbered(1))
        await ws.send_str(event("gameStateUpdate", active(1 + number), offset))
        if number == 1:
            await asyncio.sleep(0.02)
            await ws.close()
        await stay(ws)

    with serving(script) as server, LiveFeed(server.url) as feed:
        until(lambda: feed.health.connections == 2 and feed.health.messages == 4)
        requests = [json.loads(text[2:]) for text in server.received if text.startswith("40")]
        assert requests == [{}, {"pid": "private", "offset": f"{1:013d}-0"}]
        assert not feed.health.rejected


@pytest.mark.parametrize("pid", ["x" * 100_000, {"a": 1}, 7, "", NASTY])
def test_a_private_id_that_means_harm(pid):
    async def script(ws, number):
        await asked(ws)
        await ws.send_str("40" + json.dumps({"sid": "n", "pid": pid}))
        await ws.send_str(numbered(number))
        if number == 1:
            await asyncio.sleep(0.02)
            await ws.close()
        await stay(ws)

    with serving(script) as server, LiveFeed(server.url) as feed:
        until(lambda: feed.health.connections == 2 and feed.health.messages == 2)
        requests = [text for text in server.received if text.startswith("40")]
        known = {"pid": pid, "offset": f"{1:013d}-0"} if pid == NASTY else {}
        assert [json.loads(text[2:]) for text in requests] == [{}, known]
