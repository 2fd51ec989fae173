"""SOCKS proxies, against a little server of SOCKS 4a and 5 (RFC 1928, 1929) on loopback."""

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from tests.feed.live.test_refusals import listening, says
from tests.support.live import DEADLINE_S, leaves_nothing, quick

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick


@contextmanager
def socks(target_port, *, user=None, refuse=0):
    """Run a SOCKS server that leads to a port of this machine whatever is asked for; yield its port."""
    asked = []

    async def pipe(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def five(reader, writer):
        (count,) = await reader.readexactly(1)
        methods = await reader.readexactly(count)
        writer.write(bytes([5, 2 if user else 0]))
        if user:
            assert 2 in methods
            await reader.readexactly(1)
            pair = [(await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)]
            writer.write(bytes([1, pair != list(user)]))
            if pair != list(user):
                return False
        _, _, _, kind = await reader.readexactly(4)
        length = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        host = await reader.readexactly(length)
        await reader.readexactly(2)
        asked.append(host.decode() if kind == 3 else ".".join(map(str, host)))
        writer.write(bytes([5, refuse, 0, 1, 0, 0, 0, 0, 0, 0]))
        return not refuse

    async def four(reader, writer):
        await reader.readexactly(3)
        address = await reader.readexactly(4)
        await reader.readuntil(b"\0")
        host = ".".join(map(str, address))
        if address[:3] == bytes(3) and address[3]:
            host = (await reader.readuntil(b"\0"))[:-1].decode()
        asked.append(host)
        writer.write(bytes([0, 90, 0, 0, 0, 0, 0, 0]))
        return True

    async def handler(reader, writer):
        (version,) = await reader.readexactly(1)
        if await {4: four, 5: five}[version](reader, writer):
            there, here = await asyncio.open_connection("127.0.0.1", target_port)
            await asyncio.gather(pipe(reader, here), pipe(there, writer))

    with listening(handler) as port:
        yield port, asked


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4a"])
def test_everything_goes_through_the_proxy_names_too(scheme):
    pytest.importorskip("aiohttp_socks")
    with GameServer(speed=20, seed=1) as server, socks(int(server.url.rpartition(":")[2])) as (port, asked):
        with LiveFeed("http://rugs.example:81", proxy=f"{scheme}://127.0.0.1:{port}") as feed:
            feed.wait(messages=3, timeout=DEADLINE_S)
        assert set(asked) == {"rugs.example"}


def test_user_and_password_as_they_stand_in_a_url():
    pytest.importorskip("aiohttp_socks")
    user = ("me@home", "socks5h:/x")
    with (
        GameServer(speed=20, seed=1) as server,
        socks(int(server.url.rpartition(":")[2]), user=user) as (port, _),
    ):
        url = f"socks5h://me%40home:socks5h%3A%2Fx@127.0.0.1:{port}"
        with LiveFeed("http://rugs.example", proxy=url) as feed:
            feed.wait(messages=3, timeout=DEADLINE_S)
        says(
            LiveFeed("http://rugs.example", proxy=f"socks5://me:wrong@127.0.0.1:{port}"),
            "the SOCKS proxy does not connect to that address (Username and password authentication failure",
        )


def test_what_the_proxy_says_is_repeated():
    pytest.importorskip("aiohttp_socks")
    with socks(1, refuse=2) as (port, _):
        says(LiveFeed("http://rugs.example", proxy=f"socks5://127.0.0.1:{port}"), "not allowed by ruleset")
    says(
        LiveFeed("http://rugs.example", proxy="socks5://127.0.0.1:9"),
        "the SOCKS proxy does not answer",
    )


@pytest.mark.parametrize("scheme", ["socks5", "socks4a"])
def test_without_a_port_it_is_the_usual_one(scheme):
    pytest.importorskip("aiohttp_socks")
    says(LiveFeed("http://rugs.example", proxy=f"{scheme}://127.0.0.1"), "127.0.0.1:1080")


def test_without_the_library_there_is_no_connection_past_the_proxy(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiohttp_socks", None)
    words = (
        r"a SOCKS proxy \(socks5://p:9\) needs aiohttp_socks, from the extra 'socks': pip install .*\[socks\]"
    )
    with pytest.raises(ArgumentError, match=words):
        LiveFeed("http://rugs.example", proxy="socks5://me:secret@p:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://p:9")
    with pytest.raises(ArgumentError, match=words):
        LiveFeed("http://rugs.example")
