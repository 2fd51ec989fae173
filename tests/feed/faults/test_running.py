"""Starting, stopping, slow and raising subscribers, stepped clocks, signals, the end of the interpreter."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from tests.support.fault_proxy import FaultProxy
from tests.support.live import DEADLINE_S, heard, impatient, leaves_nothing, quick, says, until, update, waits
from tests.support.scripted import OPEN, ScriptedServer, event, greet, stay
from tests.support.toxics import Timeout

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick, impatient


async def _silent(ws, _):
    await ws.send_str(OPEN)
    await stay(ws)


async def _one_frame(ws, _):
    await greet(ws)
    await ws.send_str(update(0))
    await stay(ws)


def by_main(feed):
    feed.stop()


def by_thread(feed):
    thread = threading.Thread(target=feed.stop)
    thread.start()
    thread.join(DEADLINE_S)


def by_loop(feed):
    async def stop():
        feed.stop()

    asyncio.run(stop())


def by_signal(feed):
    before = signal.signal(signal.SIGUSR1, lambda *_: feed.stop())
    try:
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)


def by_handler(feed):
    done = threading.Event()
    feed.on("event", lambda *_: (feed.stop(), done.set()))
    feed.dispatcher.publish("event", "stop", None)
    assert done.wait(DEADLINE_S)
    feed.dispatcher.end(DEADLINE_S)


def by_two_at_once(feed):
    threads = [threading.Thread(target=feed.stop) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)


def by_the_feeds_own_thread(feed):
    done = threading.Event()
    loop = feed._thread._loop
    loop.call_soon_threadsafe(lambda: (feed.stop(), done.set()))
    assert done.wait(DEADLINE_S)


STOPPERS = [by_main, by_thread, by_loop, by_signal, by_handler, by_two_at_once, by_the_feeds_own_thread]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("stop", STOPPERS)
@pytest.mark.parametrize("state", ["connecting", "unreachable", "live", "stale", "reconnecting", "stopped"])
def test_stop_in_each_state_from_each_kind_of_thread(state, stop, monkeypatch):
    if state in ("connecting", "unreachable"):
        waits(monkeypatch, namespace_s=60, connect_s=60)
    if state in ("live", "stale"):
        waits(monkeypatch, replace_after_s=60)
    if state == "live":
        waits(monkeypatch, stale_after_s=60)
    if state == "reconnecting":
        monkeypatch.setattr("rugs_lab.feed.live.connection_thread.random.uniform", lambda *_: 60)
    script = _silent if state == "connecting" else _one_frame
    with ScriptedServer(script) as server, FaultProxy(server.url) as proxy:
        feed = LiveFeed(proxy.url)
        if state == "unreachable":
            proxy.add(Timeout())
        if state == "reconnecting":
            proxy.down()
        if state != "stopped":
            feed.start()
        if state == "connecting":
            until(lambda: server.connections)
        elif state == "unreachable":
            until(lambda: proxy.sent and proxy.sent[0])
        else:
            messages = 1 if state in ("live", "stale") else 0
            feed.wait(state=state, messages=messages, timeout=DEADLINE_S)
        if stop is by_the_feeds_own_thread and state == "stopped":
            stop = by_main
        stop(feed)
        feed.wait(state="stopped", timeout=DEADLINE_S)
        assert not feed.running
        # Sooner than any of the 60 s above are over.
        until(lambda: not any(thread.name.startswith("rugs_lab feed") for thread in threading.enumerate()))
        if state in ("live", "stale"):
            assert len(feed.frame) == 1
            assert feed.metrics["connections lost [n]"] == 0


def test_stop_from_a_signal_that_comes_while_starting(monkeypatch):
    """A signal's handler runs on the main thread, wherever that is: in the middle of start, too."""
    feed = LiveFeed("http://127.0.0.1:9")
    real = threading.Thread.start

    def start(thread):
        if thread.name == "rugs_lab feed":
            signal.raise_signal(signal.SIGUSR1)
        real(thread)

    before = signal.signal(signal.SIGUSR1, lambda *_: feed.stop())
    try:
        monkeypatch.setattr(threading.Thread, "start", start)
        starter = threading.Timer(10, os._exit, [70])  # a deadlock would hang the whole run
        real(starter)
        feed.start()
        starter.cancel()
        starter.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    feed.stop()
    assert feed.state == "stopped"


def test_two_hundred_cycles_leave_nothing():
    process = psutil.Process()

    def held():
        return threading.active_count(), process.num_fds(), len(process.net_connections())

    with ScriptedServer(says(update(0))) as server:
        feed = LiveFeed(server.url)
        feed.on("signal", lambda _: None)
        for cycle in range(200):
            if cycle == 10:
                before = held()
            messages = feed.health.messages
            feed.start()
            if cycle % 4:
                feed.wait(messages=messages + 1, timeout=DEADLINE_S)
            feed.stop()
        until(lambda: held() <= before, "the same number of threads, files and sockets")
        assert feed.state == "stopped"
        assert feed.health.messages >= 150
        assert feed.metrics["rejected [messages]"] == 0
        assert feed.metrics["connections lost [n]"] == 0


def test_a_consumer_that_is_slower_than_the_feed_loses_its_oldest_and_knows():
    release, seen = threading.Event(), []
    messages = [update(tick) for tick in range(1000)]
    with ScriptedServer(says(*messages)) as server:
        feed = LiveFeed(server.url)
        feed.dispatcher._queue_length = 100
        feed.on("tick", lambda tick: (seen.append(tick.tick), release.wait(DEADLINE_S)))
        with feed:
            feed.wait(messages=1000, timeout=DEADLINE_S)
            assert feed.metrics["waiting for subscribers [events]"] == 100
            dropped = feed.metrics["dropped for slow subscribers [events]"]
            release.set()
        assert len(feed.frame) == 1000
        assert feed.game.missing == 0
        assert len(seen) + dropped == 1000
        assert seen[-100:] == list(range(900, 1000))


def test_a_handler_that_raises_is_counted_and_stays_subscribed(caplog):
    calls = []

    def broken(tick):
        calls.append(tick.tick)
        raise RuntimeError(f"at {tick.tick}")

    with ScriptedServer(says(*[update(tick) for tick in range(50)])) as server:
        feed = LiveFeed(server.url)
        feed.on("tick", broken)
        with feed:
            feed.wait(messages=50, timeout=DEADLINE_S)
        assert calls == list(range(50))
        assert feed.metrics["subscriber errors [n]"] == 50
        assert "RuntimeError: at 49" in feed.metrics["last subscriber error"]
        assert feed.game.missing == 0
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_a_handler_that_raises_what_ends_threads_is_borne_as_well(error):
    calls = []

    def broken(tick):
        calls.append(tick.tick)
        if tick.tick == 3:
            raise error

    with ScriptedServer(says(*[update(tick) for tick in range(10)])) as server:
        feed = LiveFeed(server.url)
        feed.on("tick", broken)
        with feed:
            feed.wait(messages=10, timeout=DEADLINE_S)
        assert calls == list(range(10))
        assert feed.metrics["subscriber errors [n]"] == 1


def test_a_stepping_clock_changes_times_of_arrival_and_nothing_else(monkeypatch):
    steps = iter([0, 3600, -7200, 10**9, -(10**9), 5] * 200)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: max(real() + next(steps, 0) * 10**9, 0))
    with heard(*[update(tick) for tick in range(40)]) as feed:
        assert feed.frame["tick"].tolist() == list(range(40))
        assert not feed.frame["received"].is_monotonic_increasing
        assert feed.frame["received"].notna().all()
        assert feed.game.missing == 0
        metrics = feed.metrics
        assert 0 <= metrics["time between messages, p99 [ms]"] < 60_000
        assert 0 <= metrics["lateness of a tick, p99 [ms]"] < 60_000
        assert 0 <= metrics["longest silence [ms]"] < 60_000
        assert all(0 <= metrics[f"time {state} [s]"] < 60 for state in ("connecting", "live", "stale"))
        assert feed.state == "live"


def started(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_interrupt_while_live_reaches_the_cell_and_not_the_feed():
    code = """
        import sys, time
        from rugs_lab.feed.live.live_feed import LiveFeed
        feed = LiveFeed(sys.argv[1]).start().wait(messages=5)
        try:
            print("live", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            pass
        messages = feed.health.messages
        feed.wait(messages=messages + 20)
        print(feed.state, feed.metrics["connections lost [n]"], flush=True)
        feed.stop()
    """
    with GameServer(speed=20, seed=3) as server:
        process = started(code, server.url)
        assert process.stdout.readline() == "live\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, out, err) == (0, "live 0\n", "")


ENDINGS = {
    "falls off the end": ("", 0, ""),
    "exits": ("sys.exit(3)", 3, ""),
    "raises": ("raise ValueError('mine')", 1, "mine"),
    "stops at exit": ("import atexit; atexit.register(feed.stop)", 0, ""),
    "holds many": ("more = [LiveFeed(sys.argv[1]).start() for _ in range(5)]", 0, ""),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("state", ["live", "connecting"])
def test_an_interpreter_that_ends_while_a_feed_runs(state, ending):
    code, status, said = ENDINGS[ending]
    program = f"""
import sys, time
from rugs_lab.feed.live.live_feed import LiveFeed
feed = LiveFeed(sys.argv[1])
feed.on("signal", lambda _: None)
feed.start()
if {state == "live"}:
    feed.wait(messages=1)
print("leaving", flush=True)
{code}
"""
    with ScriptedServer(_one_frame if state == "live" else _silent) as server:
        process = started(program, server.url)
        assert process.stdout.readline() == "leaving\n"
        _, err = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == status
    if said:
        assert err.count("Traceback") == 1
        assert said in err
    else:
        assert err == ""


def test_events_before_and_after_stopping_are_not_lost_to_subscribers():
    """What had been received when the feed was stopped is delivered, in order, before stop returns."""
    seen = []
    with ScriptedServer(says(*[update(tick) for tick in range(300)], event("x", 1))) as server:
        feed = LiveFeed(server.url)
        feed.on("tick", lambda tick: seen.append(tick.tick))
        feed.start()
        until(lambda: feed.health.noise["x"] == 1)
        feed.stop()
    assert seen == list(range(300))
