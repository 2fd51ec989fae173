"""What the tests of a live feed over real sockets share."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace

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
    until(lambda: not connected_clients, "the end of every client")
    known = {"tqdm_monitor"}  # of a progress bar; tqdm keeps it
    until(
        lambda: {each.name for each in threading.enumerate() if each not in before} <= known,
        "the end of all threads",
    )


def waits(monkeypatch, **seconds):
    """Have live feeds wait so long, by the names of `ReconnectionPolicy`."""
    monkeypatch.setattr(LiveFeed, "_policy", replace(LiveFeed._policy, **seconds))


@pytest.fixture
def quick(monkeypatch):
    """Shorten the feed's waits for a connection: seconds on the real site, tenths here."""
    waits(
        monkeypatch, first_pause_s=0.02, longest_pause_s=0.05, namespace_s=0.4, connect_s=0.6, upgrade_s=0.2
    )


@pytest.fixture
def impatient(monkeypatch):
    """Shorten the time after which a silent connection is called stale, and replaced."""
    waits(monkeypatch, stale_after_s=0.15, replace_after_s=0.4)


def settled(paper):
    """Wait until an account and its strategy received everything, as the feed ends its subscribers."""
    paper.feed.dispatcher.end(10)
    assert paper.feed.dispatcher.last_error == ""
    return paper
