"""Polling where a network has no use for WebSockets, and where the server redirects."""

from __future__ import annotations

import asyncio
import base64
import contextlib

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from tests.feed.faults.test_hostile_server import upgraded
from tests.feed.live.test_refusals import answering, listening, says
from tests.support.live import DEADLINE_S, leaves_nothing, quick

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick


@contextlib.asynccontextmanager
async def forwarding(port, writer):
    """Yield what writes to a port of this machine, whose answers go to `writer`, and the task of those."""

    async def pipe():
        with contextlib.suppress(ConnectionError):
            while data := await there.read(65536):
                writer.write(data)
                await writer.drain()

    there, here = await asyncio.open_connection("127.0.0.1", port)
    answers = asyncio.ensure_future(pipe())
    try:
        yield here, answers
    finally:
        answers.cancel()
        here.transport.abort()


def port_of(server):
    return int(server.url.rpartition(":")[2])


def relay(server, instead):
    """Return what passes requests on to `server`, but calls `instead(head, writer)` for a WebSocket."""

    async def handler(reader, writer):
        async with forwarding(port_of(server), writer) as (here, answers):
            while data := await reader.read(65536):
                if b"upgrade: websocket" in data.lower():
                    answers.cancel()
                    await instead(data, writer)
                    await reader.read()
                    return
                here.write(data)

    return handler


async def nothing(head, writer):
    """A firewall that lets the bytes of a WebSocket disappear."""


async def no_answer_to_the_probe(head, writer):
    writer.write(upgraded(head))


async def closed_at_once(head, writer):
    writer.write(upgraded(head) + b"\x88\x02\x03\xe8")


async def reset(head, writer):
    writer.transport.abort()


async def not_found(head, writer):
    writer.write(b"HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


async def redirected_to_no_address(head, writer):
    writer.write(
        b"HTTP/1.1 302 No\r\nLocation: ftp://elsewhere/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )


@pytest.mark.parametrize(
    "instead",
    [nothing, no_answer_to_the_probe, closed_at_once, reset, not_found, redirected_to_no_address],
)
def test_a_network_without_websockets_is_polled(instead):
    with (
        GameServer(speed=20, seed=7) as server,
        listening(relay(server, instead)) as port,
        LiveFeed(f"http://127.0.0.1:{port}", transports=["polling", "websocket"]) as feed,
    ):
        feed.wait(messages=20, timeout=DEADLINE_S)
        assert feed.transport == "polling"
        assert feed.state.reason == f"connected to {feed.source} by polling"
        assert (feed.health.connections, feed.health.disconnections) == (1, 0)


def test_a_network_that_swallows_websockets_is_polled_by_default():
    with (
        GameServer(speed=20, seed=7) as server,
        listening(relay(server, nothing)) as port,
        LiveFeed(f"http://127.0.0.1:{port}") as feed,
    ):
        feed.wait(messages=20, timeout=DEADLINE_S)
        assert feed.transport == "polling"


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_an_address_copied_from_a_browser_leads_to_the_server(transport):
    with GameServer(speed=20, seed=7) as server:
        there = server.url.replace("http", "ws")
        copied = f"{there}/socket.io/?frontend-version=1.0&EIO=4&transport={transport}&sid=abc-1&t=1"
        with LiveFeed(copied, transports=[transport]) as feed:
            feed.wait(messages=5, timeout=DEADLINE_S)
            assert feed.source == there


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_proxy_of_the_environment_with_a_password(transport, monkeypatch):
    asked = []

    async def proxy(reader, writer):
        async with forwarding(port_of(server), writer) as (here, _):
            while data := await reader.read(65536):
                asked.append(data.decode("latin-1"))
                here.write(data.replace(b" http://rugs.example", b" ", 1))

    with GameServer(speed=20, seed=7) as server, listening(proxy) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:pass%20word@127.0.0.1:{port}")
        with LiveFeed("http://rugs.example", transports=[transport]) as feed:
            feed.wait(messages=5, timeout=DEADLINE_S)
            assert feed.transport == transport
    assert asked[0].startswith("GET http://rugs.example/socket.io/?")
    password = base64.b64encode(b"me:pass word").decode()
    assert f"Proxy-Authorization: Basic {password}" in asked[0]


@pytest.mark.parametrize(
    ("status", "transports"),
    [
        (301, ["websocket"]),
        (302, ["polling"]),
        (302, ["polling", "websocket"]),
        (308, ["polling"]),
    ],
)
def test_every_redirect_is_followed_and_no_password_goes_to_another_host(status, transports):
    seen = []

    async def redirecting(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        where = head.split()[1].decode()
        answer = f"HTTP/1.1 {status} No\r\nLocation: {there}{where}\r\nContent-Length: 0\r\n\r\n"
        writer.write(answer.encode())

    async def watched(reader, writer):
        async with forwarding(port_of(server), writer) as (here, _):
            while data := await reader.read(65536):
                seen.append(data)
                here.write(data)

    with (
        GameServer(speed=20, seed=7) as server,
        listening(watched) as second,
        listening(redirecting) as first,
    ):
        there = f"http://127.0.0.1:{second}"
        headers = {"Authorization": "Basic c2VjcmV0", "Cookie": "a=secret", "X-Own": "1"}
        feed = LiveFeed(f"http://127.0.0.1:{first}", transports=transports, headers=headers)
        with feed:
            feed.wait(messages=20, timeout=DEADLINE_S)
            assert feed.transport == transports[-1]
            assert feed.source == f"http://127.0.0.1:{first} (redirected to {there})"
    requests = b"".join(seen).lower()
    assert b"x-own" not in requests
    assert b"user-agent: rugs_lab" in requests
    assert b"authorization" not in requests
    assert b"secret" not in requests


def test_an_endless_first_answer_is_no_socketio_server():
    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"x" * 100_000)
            await writer.drain()

    with listening(handler) as port:
        feed = LiveFeed(f"http://127.0.0.1:{port}", transports=["polling"])
        says(feed, "a web page answers at that address and no Socket.IO server")


@pytest.mark.parametrize("answer", ["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n4xy", "nonsense\r\n\r\n"])
def test_an_answer_of_another_kind_has_a_sentence(answer):
    with listening(answering(answer)) as port:
        feed = LiveFeed(f"http://127.0.0.1:{port}", transports=["polling"])
        says(feed, "Socket.IO server")
