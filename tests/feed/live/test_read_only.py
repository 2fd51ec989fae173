"""The feed is read-only: every byte that it sends, recorded at a proxy and decoded."""

import asyncio
import json
import re

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from tests.support.fault_proxy import FaultProxy
from tests.support.frames import decode
from tests.support.live import DEADLINE_S, leaves_nothing, quick, until, update
from tests.support.scripted import CONNECTED, OPEN, ScriptedServer, stay

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick

ALLOWED_TEXTS = {
    "40": "asks for the namespace",
    "40{}": "asks for the namespace",
    "3": "answers a ping",
    "41": "leaves the namespace",
    "1": "ends the Engine.IO connection",
}
ALLOWED_HEADERS = {
    "host",
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "accept",
    "accept-encoding",
    "user-agent",
}


def judged(sent):
    """Check the bytes of one connection; return the texts that it sent."""
    head, frames, rest = decode(sent)
    if not head:
        return []
    request, *lines = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    # t is the time, against caches
    assert re.fullmatch(r"GET /socket\.io/\?transport=websocket&EIO=4(&t=[\d.]+)? HTTP/1\.1", request)
    assert set(headers) <= ALLOWED_HEADERS
    assert headers["upgrade"] == "websocket"
    for frame in frames:
        assert frame.masked
        assert frame.plain
        assert frame.kind in ("text", "close", "pong")
    texts = [frame.payload.decode() for frame in frames if frame.kind == "text"]
    assert set(texts) <= set(ALLOWED_TEXTS)
    assert texts.count("40") + texts.count("40{}") <= 1
    assert len(rest) < 20  # of the last frame, where the connection was cut
    return texts


def test_a_whole_session_of_many_games_and_reconnections():
    with (
        GameServer(speed=float("inf"), seed=9) as server,
        FaultProxy(server.url) as proxy,
        LiveFeed(proxy.url) as feed,
    ):
        for games in (13, 16, 19, 22):
            until(lambda games=games: feed.book.finished_count >= games)
            lost = feed.health.disconnections
            proxy.cut()
            until(lambda lost=lost: feed.health.disconnections > lost)
        until(lambda: feed.health.connections >= 5)
        frames = feed.health.messages
        until(lambda: feed.health.messages > frames)
        feed.stop()
        until(lambda: len(proxy.sent[-1]) > 0)
        assert frames > 2000
        assert len(proxy.sent) >= 5
        said = [judged(sent) for sent in proxy.sent]
    assert sum(len(texts) for texts in said) <= 4 * len(said)


def test_by_polling_too():
    allowed = {text.encode() for text in ALLOWED_TEXTS}
    with GameServer(speed=50, seed=9) as server, FaultProxy(server.url) as proxy:
        with LiveFeed(proxy.url, transports=["polling"]) as feed:
            feed.wait(messages=100, timeout=DEADLINE_S)
            proxy.cut()
            feed.wait(messages=200, timeout=DEADLINE_S)
        bodies = []
        for sent in map(bytes, proxy.sent):
            while sent:
                head, _, sent = sent.partition(b"\r\n\r\n")
                assert re.match(rb"(GET|POST) /socket\.io/\?transport=polling&EIO=4\S* HTTP/1\.1\r\n", head)
                length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
                size = 0 if length is None else int(length[1])
                bodies += sent[:size].split(b"\x1e") if head.startswith(b"POST") else []
                sent = sent[size:]
    assert bodies[0] in (b"40", b"40{}")
    assert set(bodies) <= allowed


async def _provoke(ws, received):
    """Say whatever might make a client answer."""
    placeholder = json.dumps({"_placeholder": True, "num": 0})
    await ws.send_str(OPEN.replace('"upgrades": []', '"upgrades": ["websocket", "webtransport"]'))
    await ws.send_str(CONNECTED)
    await ws.send_str('421["gameStateUpdate",' + update(0).split(",", 1)[1])
    await ws.send_str('4299["requestPlayerInfo",{}]')
    await ws.send_str('42/other,7["please",1]')
    await ws.send_str('40/other,{"sid":"n2"}')
    await ws.send_str(f'451-8["file",{placeholder}]')
    await ws.send_bytes(b"attachment")
    await ws.send_str(f"461-9[{placeholder}]")
    await ws.send_bytes(b"attachment")
    await ws.send_bytes(b"nobody asked for this")
    await ws.send_str('439["an answer to nothing"]')
    await ws.send_str("6")
    await ws.send_str("2probe")
    await ws.send_str("2" + "x" * 100_000)
    await ws.send_str("5")
    await ws.send_str("3probe")
    await ws.send_str('42["connect"]')
    await ws.send_str('42["disconnect"]')
    await ws.send_str('42["connect_error",{}]')
    await ws.ping(b"of the socket")
    await ws.send_str("2")
    while received.count("3") < 3:
        await asyncio.sleep(0.01)
    await ws.send_str(update(1))


def test_a_server_that_asks_for_answers_gets_pongs_only():
    async def script(ws, _):
        await _provoke(ws, server.received)
        await stay(ws)

    server = ScriptedServer(script)
    with server, FaultProxy(server.url) as proxy:
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=2, timeout=DEADLINE_S)
            assert server.connections == 1
            assert feed.metrics["connections lost [n]"] == 0
        until(lambda: "1" in server.received or "(CLOSE)" in server.received or proxy.sent[0])
        texts = judged(proxy.sent[0])
    assert texts[0] in ("40", "40{}")
    assert texts.count("3") == 3


@pytest.mark.parametrize("goodbye", ["41", "1", "44{}"])
def test_a_server_that_says_goodbye_gets_nothing_but_a_goodbye(goodbye):
    async def script(ws, number):
        await ws.send_str(OPEN)
        await ws.send_str(CONNECTED)
        await ws.send_str(update(number))
        if number == 1:
            await ws.send_str(goodbye)
        await stay(ws)

    with ScriptedServer(script) as server, FaultProxy(server.url) as proxy:
        with LiveFeed(proxy.url) as feed:
            feed.wait(messages=1, timeout=DEADLINE_S)
            if goodbye != "44{}":
                feed.wait(messages=2, state="live", timeout=DEADLINE_S)
        for sent in proxy.sent:
            judged(sent)


def test_the_judge_sees_what_must_not_be_sent():
    def masked(kind, payload):
        return bytes([0x80 | kind, 0x80 | len(payload), 1, 2, 3, 4]) + bytes(
            byte ^ (1, 2, 3, 4)[n & 3] for n, byte in enumerate(payload)
        )

    head = (
        b"GET /socket.io/?transport=websocket&EIO=4 HTTP/1.1\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert judged(head + masked(1, b"40") + masked(1, b"3") + masked(8, b"\x03\xe8")) == ["40", "3"]
    for wrong in (masked(1, b'42["buyOrder",{}]'), masked(2, b"40"), masked(1, b"431[]"), b"\x81\x0240"):
        with pytest.raises(AssertionError):
            judged(head + wrong)
