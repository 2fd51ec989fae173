"""A strict server, and a feed that says what it met."""

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer
from rugs_lab.feed.server.refusing import OTHER_PATH, REFUSALS
from tests.support.live import DEADLINE_S, leaves_nothing, quick, until

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


def test_an_unknown_way_is_rejected():
    with pytest.raises(ArgumentError, match="refuse is None or one of 'origin'"):
        GameServer(refuse="rudely")
