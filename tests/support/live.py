"""What the tests of a live feed over real sockets share."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import pytest
from engineio.base_client import connected_clients

from rugs_lab.feed.live.live_feed import LiveFeed
from tests.support.scripted import ScriptedServer, event, greet, stay

A, B = "20260101-000000000000000a", "20260101-000000000000000b"
DEADLINE_S = 30


def active(tick, game=A, **more):
    """Return the payload of one tick."""
    payload = {"gameId": game, "active": True, "rugged": False, "tickCount": tick, "price": 1.0 + tick}
    return {**payload, **more}


def update(tick, game=A, **more):
    """Return the message of one tick."""
    return event("gameStateUpdate", active(tick, game, **more))


def says(*messages):
    """Return a script that greets, says `messages` and stays."""

    async def script(ws, _):
        await greet(ws)
        for message in messages:
            await ws.send_str(message)
        await stay(ws)

    return script


@contextmanager
def heard(*messages):
    """Yield a feed that took all of `messages` and the mark after them, over a socket."""
    mark = event("(mark)", 1)
    with ScriptedServer(says(*messages, mark)) as server, LiveFeed(server.url) as feed:
        until(lambda: feed.health.noise["(mark)"] == 1)
        yield feed
        assert server.connections == 1
        assert feed.metrics["connections lost [n]"] == 0


def until(condition, what="the condition"):
    """Wait for a condition of other threads."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about in {DEADLINE_S} s"
        time.sleep(0.005)


@pytest.fixture
def leaves_nothing():
    """Fail when a thread or a client is left over."""
    before = set(threading.enumerate())
    yield
    assert connected_clients == []
    assert {thread.name for thread in threading.enumerate() if thread not in before} == set()


@pytest.fixture
def quick(monkeypatch):
    """Shorten the feed's waits for a connection: seconds on the real site, tenths here."""
    for name, seconds in {
        "reconnection.FIRST_PAUSE_AFTER_FAILURE_S": 0.02,
        "reconnection.LONGEST_PAUSE_S": 0.05,
        "connection.NAMESPACE_WAIT_S": 0.4,
        "connection.CONNECT_LIMIT_S": 0.6,
    }.items():
        monkeypatch.setattr(f"rugs_lab.feed.live.{name}", seconds)


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the time after which a silent connection is called stale, and replaced."""
    monkeypatch.setattr("rugs_lab.feed.live.connection.STALE_AFTER_S", 0.15)
    monkeypatch.setattr("rugs_lab.feed.live.connection.RENEW_AFTER_S", 0.4)


def settled(paper):
    """Wait until an account and its strategy received everything, as the feed ends its subscribers."""
    paper.feed.dispatcher.end(10)
    assert paper.feed.dispatcher.last_error == ""
    return paper
