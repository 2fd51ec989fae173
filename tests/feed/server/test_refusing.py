"""A strict server, and a feed that says what it met."""

import json
from itertools import islice

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import FIRST_TIMER_MS, GameServer
from rugs_lab.feed.server.refusing import OTHER_PATH, REFUSALS
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from tests.support.fault_proxy import FaultProxy
from tests.support.live import DEADLINE_S, active, leaves_nothing, quick, until

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick

WORDS = {
    "origin": 'HTTP 403: "origin not allowed"',
    "page": "the address is protected by a bot check of cloudflare",
    "too_many": "too many connections from this address (HTTP 429",
    "maintenance": "the server is not available now (HTTP 503",
    "not_found": "there is no Socket.IO server under that path (HTTP 404",
    "namespace": "the server rejected the connection: this address is banned",
}


@pytest.mark.parametrize("refuse", [name for name in REFUSALS if name != "websocket"])
def test_each_way_has_its_sentence(refuse):
    with GameServer(speed=50, seed=7, refuse=refuse) as server, LiveFeed(server.url) as feed:
        until(lambda: WORDS[refuse] in feed.state.reason, f"{WORDS[refuse]!r} in {feed.state.reason!r}")
        assert feed.health.connections == 0
    diagnosis = LiveFeed(server.url).diagnose(0.1)
    assert diagnosis.failed.name == "tcp"  # it is stopped


@pytest.mark.parametrize("refuse", [name for name in REFUSALS if name != "websocket"])
def test_the_diagnosis_names_the_stage(refuse):
    with GameServer(speed=50, seed=7, refuse=refuse) as server:
        diagnosis = LiveFeed(server.url, transports=["polling"]).diagnose(0.1)
    failed = diagnosis.failed
    assert failed.name == ("namespace" if refuse == "namespace" else "handshake")
    assert WORDS[refuse] in failed.words
    assert [stage.ok for stage in diagnosis.stages][-1] is None
    assert diagnosis.frame.loc["rates", "words"] == "not reached"
    assert WORDS[refuse].split(":")[0] in repr(diagnosis)


def test_a_server_without_websockets_is_polled():
    with (
        GameServer(speed=50, seed=7, refuse="websocket") as server,
        LiveFeed(server.url) as feed,
    ):
        feed.wait(messages=300, timeout=DEADLINE_S)
        assert feed.transport == "polling"
        assert feed.metrics["connections lost [n]"] == 0
        assert feed.diagnose(0.5).ok


def test_the_right_origin_is_let_in():
    with (
        GameServer(speed=50, seed=7, refuse="origin") as server,
        LiveFeed(server.url, headers={"Origin": "https://rugs.fun"}) as feed,
    ):
        feed.wait(messages=10, timeout=DEADLINE_S)


def test_the_other_path_is_there():
    with (
        GameServer(speed=50, seed=7, refuse="not_found") as server,
        LiveFeed(server.url, path=OTHER_PATH) as feed,
    ):
        feed.wait(messages=10, timeout=DEADLINE_S)


def test_what_was_missed_comes_again():
    """Every message that the simulation makes is taken once, in order, over five cuts."""
    with (
        GameServer(speed=50, seed=7, recovers=True, wait_for_client=True) as server,
        FaultProxy(server.url) as proxy,
    ):
        feed = LiveFeed(proxy.url)
        said, signals = [], []
        feed.on("state", lambda state: said.append(state.reason))
        feed.on("signal", signals.append)
        with feed:
            for cut in range(5):
                feed.wait(messages=100 * (cut + 1), timeout=DEADLINE_S)
                proxy.cut()
                until(lambda cut=cut: feed.health.disconnections == cut + 1)
                feed.wait(state="live", timeout=DEADLINE_S)
            feed.wait(messages=700, timeout=DEADLINE_S)
    simulation = SimulatedServer(seed=7, first_timer_ms=FIRST_TIMER_MS)
    payloads = [args[-1] for event, args in simulation.join() if event == "gameStateUpdate"]
    for _, event, args in islice(simulation, 1_500):
        payloads += [args[-1]] if event == "gameStateUpdate" else []
    assert [(signal.gameId, signal.tickCount, signal.price) for signal in signals] == [
        (payload["gameId"], payload.get("tickCount"), payload.get("price"))
        for payload in payloads[: len(signals)]
    ]
    assert feed.health.recovered > 0
    assert sum(reason.endswith(" events") and "; recovered " in reason for reason in said) > 0
    gaps = feed.gaps[feed.gaps["missing"].notna()]
    assert set(gaps["source"][gaps["reason"].notna()]) == {"recovery"}
    assert gaps["backfilled"].tolist() == gaps["missing"].tolist()


def test_a_cut_loses_nothing_that_the_server_keeps(monkeypatch):
    # Each pause at its limit of 0.1 s: a shorter one may be over before the next tick, with none missed.
    monkeypatch.setattr("rugs_lab.feed.live.connection_thread.random.uniform", lambda _, limit: limit)
    server = GameServer(speed=20, seed=7, recovers=True, wait_for_client=True)
    server.cut()  # nobody is there
    with server, LiveFeed(server.url) as feed:
        for cut in range(1, 4):
            feed.wait(ticks=40 * cut, timeout=DEADLINE_S)
            server.cut()
            until(lambda cut=cut: feed.health.disconnections == cut)
        feed.wait(ticks=150, timeout=DEADLINE_S)
        ticks = feed.frame.loc[feed.frame["game_id"] == feed.game.id, "tick"].dropna().unique()
        assert ticks.tolist() == [*range(len(ticks))]
        assert feed.gaps["source"].tolist() == ["recovery"] * 3
        assert feed.gaps["backfilled"].tolist() == feed.gaps["missing"].tolist()
    server.cut()  # nobody is there any more


def test_a_session_of_another_server_is_not_recovered():
    with GameServer(speed=20, seed=7, recovers=True) as first, LiveFeed(first.url) as feed:
        feed.wait(messages=20, timeout=DEADLINE_S)
        first.stop()
        with GameServer(speed=20, seed=7, recovers=True, port=int(first.url.rpartition(":")[2])):
            until(lambda: feed.health.connections == 2)
            feed.wait(messages=feed.health.messages + 20, timeout=DEADLINE_S)
        assert feed.health.recovered == 0


def test_an_unknown_way_is_rejected():
    with pytest.raises(ArgumentError, match="refuse is None or one of 'origin'"):
        GameServer(refuse="rudely")


def test_a_capture_continues_for_a_client_that_was_cut_off(tmp_path):
    path = tmp_path / "capture.jsonl"
    lines = [
        {"ts": f"2026-01-01T12:00:{tick // 4:02d}.{tick % 4 * 250:03d}Z", "event": "gameStateUpdate"}
        for tick in range(100)
    ]
    text = (json.dumps({**line, "data": active(tick)}) for tick, line in enumerate(lines))
    path.write_text("\n".join(text))
    with (
        GameServer(speed=10, capture=path) as server,
        FaultProxy(server.url) as proxy,
        LiveFeed(proxy.url) as feed,
    ):
        for cut in (1, 2):
            feed.wait(messages=feed.health.messages + 20, timeout=DEADLINE_S)
            proxy.cut()
            until(lambda cut=cut: feed.health.connections == cut + 1)
        until(lambda: 99 in feed.frame["tick"].tolist())
        ticks = feed.frame["tick"].tolist()
    assert ticks == sorted(set(ticks))  # nothing a second time
    assert ticks[0] == 0
    assert len(ticks) > 50
