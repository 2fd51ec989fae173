"""Thirty cuts of the network in four minutes of the real pace: what a feed has, with and without recovery.

``python -m tests.benchmarks.cuts [seconds]`` needs Node.js and ``npm install``: the server is the official
one.
"""

from __future__ import annotations

import sys
import time
from random import Random

import numpy as np

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from tests.interop.official import OfficialServer
from tests.support.fault_proxy import FaultProxy

CUTS = 30
LAST_WAIT_S = 10


def play(seconds: float, *, recovery: bool) -> None:
    """Send a simulated session at the real pace through a network that is cut, and print what came."""
    rng, world = Random(7), SimulatedServer(seed=7, first_timer_ms=2000)
    cuts = sorted(rng.uniform(5, seconds - 5) for _ in range(CUTS))
    sent = {"gameStateUpdate": 0, "standard/newTrade": 0}
    prices: dict[tuple[str, int], float] = {}
    with (
        OfficialServer(recovery=120_000 if recovery else 0) as server,
        FaultProxy(server.url) as proxy,
        LiveFeed(proxy.url, transports=["websocket"], maxlen=100_000) as feed,
    ):
        feed.wait(state="live")
        began, virtual_ms, joined = time.monotonic(), 0.0, 1
        while virtual_ms < seconds * 1000:
            wait_ms, event, args = next(world)
            virtual_ms += wait_ms
            while time.monotonic() - began < virtual_ms / 1000:
                time.sleep(0.002)
            if cuts and time.monotonic() - began > cuts[0]:
                cuts.pop(0)
                proxy.cut()
            fresh = sum(not line["recovered"] for line in server.said if "connected" in line)
            if fresh > joined:  # as the real server does for whoever joins
                joined = fresh
                for name, join_args in world.join():
                    server.emit(name, *join_args)
            server.emit(event, *args)
            if event in sent:
                sent[event] += 1
            payload = args[-1]
            if event == "gameStateUpdate" and "tickCount" in payload and not payload.get("rugged"):
                prices[payload["gameId"], payload["tickCount"]] = payload["price"]
        deadline = time.monotonic() + LAST_WAIT_S
        while time.monotonic() < deadline and feed.health.messages < sent["gameStateUpdate"]:
            time.sleep(0.1)
        games = {game.id: game for game in feed.games}
        if feed.game is not None:
            games[feed.game.id] = feed.game
        known = sum(
            game in games and tick < len(games[game]) and bool(np.isfinite(games[game].prices[tick]))
            for game, tick in prices
        )
        health = feed.health
        print(
            f"{'with' if recovery else 'without'} recovery: {health.disconnections} cuts; messages "
            f"{health.messages:,} of {sent['gameStateUpdate']:,}; trades {health.trades} of "
            f"{sent['standard/newTrade']}; prices {known:,} of {len(prices):,}; "
            f"recovered {health.recovered:,} events"
        )


if __name__ == "__main__":
    length = float(sys.argv[1]) if len(sys.argv) > 1 else 226.0
    for recovery in (True, False):
        play(length, recovery=recovery)
