"""How many games a second a server of infinite speed plays into a feed that records: and who takes the time.

One process, as in a notebook: the simulation, the socket, the client, the parser and the recorder share the
interpreter's lock. Each part is measured alone first, on the same messages, and beside a bare loop of
Socket.IO's own server and client over the same texts: no part of this package, and so the most there is.

Run: ``python -m tests.benchmarks.unpaced [--seconds 10]``.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import threading
import time
from itertools import islice
from pathlib import Path

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.feed.server.socketio_side import encode
from rugs_lab.recordings.read.load import load
from tests.benchmarks.goals import Row

EVENTS = 4000
GOAL = 100


def of_threads() -> dict[str, float]:
    """Return s of CPU by name of thread."""
    found: dict[str, float] = {}
    for thread in threading.enumerate():
        try:
            fields = Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[thread.name] = found.get(thread.name, 0) + (int(fields[11]) + int(fields[12])) / 100
    return found


def parts() -> tuple[list[str], dict[str, float]]:
    """Return the messages of some games, and us of CPU a message by part."""
    found = {}
    begin = time.thread_time()
    events = list(islice(SimulatedServer(seed=7), EVENTS))
    found["simulation"] = time.thread_time() - begin
    begin = time.thread_time()
    texts = [encode(event, args) for _, event, args in events]
    found["JSON of it"] = time.thread_time() - begin
    feed = LiveFeed("http://127.0.0.1:9")
    begin = time.thread_time()
    for n, text in enumerate(texts):
        feed.take_text(text[1:], 1_765_761_431_000_000_000 + n * 100_000_000)
    found["feed"] = time.thread_time() - begin
    with tempfile.TemporaryDirectory() as folder:
        feed = LiveFeed("http://127.0.0.1:9")
        feed.record(folder)
        begin = time.process_time()
        for n, text in enumerate(texts):
            feed.take_text(text[1:], 1_765_761_431_000_000_000 + n * 100_000_000)
        feed.record(None)
        found["feed and recorder"] = time.process_time() - begin
    return texts, {name: taken * 1e6 / EVENTS for name, taken in found.items()}


def bare(texts: list[str]) -> float:
    """Return messages a second of Socket.IO's server to Socket.IO's client, nothing done with them."""
    import socketio
    from aiohttp import web

    async def play() -> float:
        server = socketio.AsyncServer(async_mode="aiohttp", http_compression=False)
        app = web.Application()
        server.attach(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        client, got, done = socketio.AsyncClient(), 0, asyncio.Event()
        joined: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        @server.on("connect")
        async def connect(sid: str, _: object) -> None:
            joined.set_result(server.manager.eio_sid_from_sid(sid, "/"))

        @client.on("*")
        async def event(*_: object) -> None:
            nonlocal got
            got += 1
            if got == len(texts):
                done.set()

        await client.connect(f"http://127.0.0.1:{runner.addresses[0][1]}", transports=["websocket"])
        eio_sid = await joined
        begin = time.perf_counter()
        for text in texts:
            await server.eio.send(eio_sid, text)
            if server.eio.sockets[eio_sid].queue.qsize() >= 8:
                await server.eio.sockets[eio_sid].queue.join()
        await asyncio.wait_for(done.wait(), 60)
        taken = time.perf_counter() - begin
        await client.disconnect()
        await runner.cleanup()
        return len(texts) / taken

    return asyncio.run(play())


def whole(seconds: float) -> tuple[float, float, dict[str, float], int]:
    """Return games and messages a second, us of CPU a message by thread, and what is not recorded."""
    with tempfile.TemporaryDirectory() as folder, GameServer(speed=float("inf"), seed=7) as server:
        with LiveFeed(server.url) as feed:
            feed.record(folder)
            feed.wait(games=1, timeout=60)
            before, cpu, begin = state(feed), of_threads(), time.perf_counter()
            time.sleep(seconds)
            taken = time.perf_counter() - begin
            played, after = state(feed), of_threads()
            feed.record(None)
            lost = int(feed.metrics["recording lost [lines]"])
        missing = int(load(folder).frame["missing"].iloc[1:-1].sum())  # the first and the last are cut
    used = {name: after[name] - cpu.get(name, 0) for name in after}
    games, messages = (now - then for now, then in zip(played, before, strict=True))
    each = {name: spent / messages * 1e6 for name, spent in used.items()}
    return games / taken, messages / taken, each, missing + lost


def state(feed: LiveFeed) -> tuple[int, int]:
    """Return games that have ended, and messages."""
    metrics = feed.metrics
    return int(metrics["games finished [n]"]), int(metrics["messages [n]"])


def measure(seconds: float = 10) -> list[Row]:
    """Measure all of it."""
    texts, found = parts()
    each = ", ".join(f"{name} {taken:.0f}" for name, taken in found.items())
    most = bare(texts)
    games, messages, threads, missing = whole(seconds)
    largest = sorted(threads.items(), key=lambda pair: -pair[1])[:4]
    all_threads = f"{sum(threads.values()):.0f}: " + ", ".join(
        f"{name} {spent:.0f}" for name, spent in largest
    )
    speed = (
        f"{games:.1f} games/s, {messages:.0f} messages/s; bare Socket.IO {most:.0f}: {messages / most:.2f} x"
    )
    return [
        Row("F5", "infinite speed, recorded", speed, f">= {GOAL} games/s", games >= GOAL),
        Row("F5", "us of CPU a message, alone", each, "", None),
        Row("F5", "us of CPU a message, by thread", all_threads, "", None),
        Row("F5", "recorded ticks and lines that are missing", str(missing), "0", missing == 0),
    ]


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    print(*measure(parser.parse_args().seconds), sep="\n")


if __name__ == "__main__":
    main()
