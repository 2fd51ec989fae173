"""`LiveFeed` against ``socketio.Client`` beside two threads of the same process that run pure-Python loops.

A server in a process of its own sends numbered, real-shaped frames at a fixed rate for some seconds. Both
clients hand them to the same code (`Intake.take`). Counted: frames that never came, frames out of order,
connections lost, and how long after the server's last frame the last one was taken.

Run: ``python -m tests.benchmarks.feed_under_load``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np

from rugs_lab.feed.live.live_feed import LiveFeed

SECONDS = 6
DRAIN_S = 30.0
RATES = (50, 100, 200, 400, 800)
LEADERBOARD_ROWS = 10


def payload(number: int) -> dict[str, Any]:
    """Return a frame of about 4 kB."""
    player = {"id": "did:privy:player_001", "username": "player_001", "level": 12, "pnl": 0.01234567}
    row = {**player, "pnlPercent": 12.3, "hasActiveTrades": True, "positionQty": 0.0157, "avgCost": 0.6379}
    row |= {"regularPnl": 0.0123, "sidebetPnl": 0, "shortPnl": 0, "sideBet": None, "totalInvested": 0.1}
    return {
        "active": True,
        "price": 1.0 + number / 1e6,
        "partialPrices": {
            "startTick": number,
            "endTick": number,
            "values": {str(number): 1.0 + number / 1e6},
        },
        "tradeCount": 46,
        "rugged": False,
        "tickCount": number,
        "cooldownTimer": 0,
        "cooldownPaused": False,
        "pauseMessage": "",
        "allowPreRoundBuys": False,
        "leaderboard": [{**row, "position": n + 1} for n in range(LEADERBOARD_ROWS)],
        "gameId": "20260101-0123456789abcdef",
        "connectedPlayers": 200,
        "provablyFair": {"serverSeedHash": "ab" * 32, "version": "v3"},
    }


async def serve(rate: int, seconds: int = SECONDS) -> None:
    """Send frames to the first client; print the port first, and the times of sending (ns) at the end."""
    import socketio
    from aiohttp import web

    server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
    app = web.Application()
    server.attach(app)
    came = asyncio.Event()
    server.on("connect", lambda *_: came.set())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await came.wait()
    began = time.perf_counter()
    sent = []
    for number in range(rate * seconds):
        frame = payload(number)
        sent.append(time.monotonic_ns())
        await server.emit("gameStateUpdate", frame)
        await asyncio.sleep(max(0.0, began + (number + 1) / rate - time.perf_counter()))
    print(json.dumps(sent), flush=True)
    await asyncio.sleep(DRAIN_S)


def measure(rate: int, kind: str) -> dict[str, Any]:
    """Run one client of a kind at a rate."""
    command = [sys.executable, "-m", "tests.benchmarks.feed_under_load", "--serve", str(rate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        numbers: list[int] = []
        sent = threading.Event()
        reader = threading.Thread(target=lambda: (process.stdout.readline(), sent.set()), daemon=True)
        feed = LiveFeed(url, maxlen=rate * SECONDS)
        lost = [0]
        busy = [True]

        def spin() -> None:
            total = 0
            while busy[0]:
                total += 1

        spinners = [threading.Thread(target=spin, daemon=True) for _ in range(2)]
        for spinner in spinners:
            spinner.start()
        reader.start()
        if kind == "LiveFeed":
            feed.start()

            def close() -> None:
                feed.stop()
                lost[0] = max(0, feed.health.connections - 1)

        else:
            close = threaded(url, feed, lost)
        sent.wait(120)
        ended = time.perf_counter()
        count, last = -1, ended
        while feed.health.messages < rate * SECONDS and time.perf_counter() - last < 5 and not lost[0]:
            if feed.health.messages != count:
                count, last = feed.health.messages, time.perf_counter()
            time.sleep(0.05)
        drain_s = max(0.0, last - ended)
        busy[0] = False
        close()
        process.kill()
    numbers = feed.frame["tick"].tolist()
    return {
        "client": kind,
        "rate": rate,
        "came": len(set(numbers)),
        "sent": rate * SECONDS,
        "reordered": int((np.diff(numbers) < 0).sum()) if numbers else 0,
        "lost": lost[0],
        "drain_s": drain_s,
    }


def threaded(url: str, feed: LiveFeed, lost: list[int]) -> Any:
    """Connect the threaded client of python-socketio to the same intake; return how to close it."""
    import socketio

    client = socketio.Client(reconnection=False, handle_sigint=False)
    lock = threading.Lock()

    def update(*args: Any) -> None:
        with lock:
            feed.take("gameStateUpdate", args, time.time_ns())

    def gone(*_: Any) -> None:
        lost[0] += 1

    client.on("gameStateUpdate", update)
    client.on("disconnect", gone)
    client.connect(url, transports=["websocket"], wait_timeout=10)

    def close() -> None:
        before = lost[0]
        client.disconnect()
        lost[0] = before

    return close


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int)
    rate = parser.parse_args().serve
    if rate is not None:
        asyncio.run(serve(rate))
        return
    print(f"{'client':16}{'rate':>8}{'came / sent':>16}{'reordered':>11}{'lost':>6}{'drained after':>15}")
    for rate in RATES:
        for kind in ("LiveFeed", "socketio.Client"):
            row = measure(rate, kind)
            came = f"{row['came']} / {row['sent']}"
            print(
                f"{kind:16}{rate:6}/s{came:>16}{row['reordered']:11}{row['lost']:6}{row['drain_s']:13.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
