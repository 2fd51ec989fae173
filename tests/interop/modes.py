"""Each mode of the official server, and what a live feed takes of it: `play`."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.game.signal import GameSignal
from tests.interop.official import OfficialServer
from tests.support.live import DEADLINE_S, until

EVENTS = [(event, args) for _, event, args in islice(SimulatedServer(seed=5), 400)]
SENT = [args[-1] for event, args in EVENTS if event == "gameStateUpdate"]
MESSAGES = len(SENT)
TRADES = sum(event == "standard/newTrade" for event, _ in EVENTS)
ORIGIN = {"Origin": "https://rugs.fun"}
RECOVERY = {"recovery": 120_000}


@dataclass
class Played:
    """A feed that has ended, and what it was told and said."""

    feed: LiveFeed
    server: OfficialServer
    signals: list[GameSignal] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    states: list[tuple[str, str]] = field(default_factory=list)


def everything(server: OfficialServer, feed: LiveFeed) -> None:
    """Send all events."""
    for event, args in EVENTS:
        server.emit(event, *args)


def dropped(server: OfficialServer, feed: LiveFeed) -> None:
    """Send all events; each sixty the connection is cut, and ten are sent while there is none."""
    for number, (event, args) in enumerate(EVENTS):
        server.emit(event, *args)
        if number % 60 == 30:
            lost = feed.health.disconnections
            until(lambda: feed.health.messages + feed.health.trades > 0)
            server.do("drop")
            until(lambda lost=lost: feed.health.disconnections > lost)  # type: ignore[misc]
        if number % 60 == 40:
            until(lambda: feed.health.connections > feed.health.disconnections)
            feed.wait(state="live", timeout=DEADLINE_S)
            server.settled()


def with_pictures(server: OfficialServer, feed: LiveFeed) -> None:
    """Send all events, and among them such as have bytes attached."""
    for number, (event, args) in enumerate(EVENTS):
        if number % 40 == 0:
            server.emit("picture", {"$bytes": base64.b64encode(b"x" * 5000).decode()}, {"n": number})
        server.emit(event, *args)


def asked(server: OfficialServer, feed: LiveFeed) -> None:
    """Send all events with a request for an answer."""
    for event, args in EVENTS:
        server.do("ask", [event, *args])
    until(lambda: len(server.all("answers")) == len(EVENTS), "the end of the server's wait for answers")


def frozen(server: OfficialServer, feed: LiveFeed) -> None:
    """Send all events; in the middle the server does nothing until its pings are missed."""
    half = len(EVENTS) // 2
    for event, args in EVENTS[:half]:
        server.emit(event, *args)
    server.settled()
    server.freeze()
    until(lambda: feed.health.disconnections == 1)
    for event, args in EVENTS[half : half + 5]:  # they lie in the pipe: the client comes after them
        server.emit(event, *args)
    server.thaw()
    for event, args in EVENTS[half + 5 :]:
        server.emit(event, *args)


@dataclass(frozen=True)
class Mode:
    """Options of the server, how it sends, and headers of the client."""

    options: dict[str, Any] = field(default_factory=dict)
    sends: Callable[[OfficialServer, LiveFeed], None] = everything
    headers: dict[str, str] | None = None


MODES = {
    "plain": Mode(),
    "websocket only": Mode({"transports": ["websocket"]}),
    "perMessageDeflate": Mode({"transports": ["websocket"], "compress": True}),
    "polling only": Mode({"transports": ["polling"]}),
    "polling only, httpCompression": Mode({"transports": ["polling"], "compress": True}),
    "upgrades stripped": Mode({"stripUpgrade": True}),
    "Origin wanted": Mode({"origin": ORIGIN["Origin"]}, headers=ORIGIN),
    "under a path": Mode({"path": "/relay/socket.io"}),
    "connectionStateRecovery": Mode(RECOVERY),
    "connectionStateRecovery, seven drops": Mode(RECOVERY, dropped),
    "connectionStateRecovery, polling only": Mode({"transports": ["polling"], **RECOVERY}),
    "connectionStateRecovery, polling only, seven drops": Mode(
        {"transports": ["polling"], **RECOVERY}, dropped
    ),
    "connectionStateRecovery, pings that stop": Mode(
        {**RECOVERY, "pingInterval": 300, "pingTimeout": 400}, frozen
    ),
    "binary events": Mode(sends=with_pictures),
    "acknowledgements asked for": Mode(sends=asked),
}

REFUSED = {
    "Origin wanted, none sent": {"origin": ORIGIN["Origin"]},
    "a middleware's error": {"connectError": "this address is banned"},
    "namespace refused": {"noNamespace": True},
}


def play(mode: Mode) -> Played:
    """Serve the events in a mode to a feed, until it has all or for so long."""
    with OfficialServer(**mode.options) as server:
        path = mode.options.get("path", "").removesuffix("/socket.io")
        feed = LiveFeed(server.url + path, headers=mode.headers)
        played = Played(feed, server)
        feed.on("signal", played.signals.append)
        feed.on("event", lambda name, _: played.names.append(name))
        feed.on("state", lambda state: played.states.append((str(state), state.reason)))
        with feed:
            feed.wait(state="live", timeout=DEADLINE_S)
            server.settled()
            mode.sends(server, feed)
            with suppress(AssertionError):
                until(lambda: feed.health.messages + feed.health.trades >= MESSAGES + TRADES)
        server.wait("closed")
        server.settled()
    return played
