"""The live feed against the official Socket.IO server: each way to send, and each way to be refused."""

from __future__ import annotations

import re

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed
from tests.interop.modes import MESSAGES, MODES, REFUSED, SENT, TRADES, play
from tests.interop.official import OfficialServer
from tests.support.live import DEADLINE_S, active, leaves_nothing, quick, until

pytestmark = pytest.mark.usefixtures("leaves_nothing", "quick")
_ = leaves_nothing, quick

ALLOWED = re.compile(r"message 0(\{.*\})?|message 1|pong|close|upgrade|ping probe")


def only_listened(server):
    """Check every packet that clients sent: namespace, pongs, the end."""
    for kind, data in server.sent_by_clients:
        assert ALLOWED.fullmatch(f"{kind} {data}" if data is not None else kind), (kind, data)
    return True


def connected(server, feed):
    feed.wait(state="live", timeout=DEADLINE_S)
    server.settled()


@pytest.mark.parametrize("mode", MODES)
def test_every_event_is_taken_once_and_in_order(mode):
    played = play(MODES[mode])
    feed, server = played.feed, played.server
    assert (feed.health.messages, feed.health.trades) == (MESSAGES, TRADES)
    assert not feed.health.rejected
    assert [signal.gameId for signal in played.signals] == [payload["gameId"] for payload in SENT]
    ticks = [payload["tickCount"] for payload in SENT if "tickCount" in payload]
    assert feed.frame["tick"].dropna().tolist() == ticks
    assert only_listened(server)
    recovered = [line["recovered"] for line in server.said if "connected" in line]
    said = [reason for state, reason in played.states if state == "live"]
    if "drops" in mode:
        assert recovered.count(True) == feed.health.disconnections == 7
        assert sum("; recovered " in reason for reason in said) == 7
    if "pings" in mode:
        assert ("reconnecting", "the connection was lost (the server's pings stopped); trying again") in (
            played.states
        )
        assert recovered == [False, True]
        assert feed.metrics["longest silence [ms]"] >= 700  # of pings every 300 ms, waited for 400 ms
        assert feed.gaps["reason"].str.contains("the server's pings stopped").tolist() == [True]
        assert feed.gaps["source"].tolist() == ["recovery"]
        assert feed.gaps["backfilled"].tolist() == feed.gaps["missing"].tolist()
    assert feed.metrics["recovered [events]"] == feed.health.recovered
    assert (feed.health.recovered > 0) == (True in recovered)
    if "binary" in mode:
        assert played.names.count("picture") == 10
    if "asked" in mode:
        assert set(map(str, server.all("answers"))) == {"None"}
    polls = server.all("compressed")
    assert any(polls) == ("httpCompression" in mode)
    # The client offers no permessage-deflate, so a server that could compress sends as it is.
    assert not any("sec-websocket-extensions" in request["headers"] for request in server.all("request"))


@pytest.mark.parametrize("mode", REFUSED)
def test_a_refused_feed_repeats_the_words_of_the_server(mode):
    words = {
        "Origin": '"origin not allowed"',
        "a": ": this address is banned",
        "namespace": ": Invalid namespace",
    }
    with OfficialServer(**REFUSED[mode]) as server, LiveFeed(server.url) as feed:
        until(lambda: words[mode.split()[0]] in feed.state.reason, f"{feed.state.reason!r}")
        assert (feed.state, feed.health.connections) == ("reconnecting", 0)
        assert only_listened(server)


def test_the_polling_connection_is_upgraded_where_that_works():
    with OfficialServer() as server, LiveFeed(server.url, transports=("polling", "websocket")) as feed:
        connected(server, feed)
        server.emit("gameStateUpdate", active(3))
        feed.wait(messages=1, timeout=DEADLINE_S)
        assert [line["transport"] for line in server.said if "upgraded" in line] == ["websocket"]
        assert only_listened(server)


@pytest.mark.parametrize("args", [["online"], ["offline"], [{"a": 1}, "x" * 24], ["1.5-0"], []])
def test_the_last_text_of_a_volatile_event_is_no_offset(args):
    with OfficialServer(recovery=120_000) as server, LiveFeed(server.url) as feed:
        connected(server, feed)
        for tick in (1, 2, 3):
            server.emit("gameStateUpdate", active(tick))
        feed.wait(messages=3, timeout=DEADLINE_S)
        server.do("volatile", ["serverStatus", *args])
        until(lambda: feed.health.noise)
        server.do("drop")
        until(lambda: feed.health.disconnections == 1)
        server.emit("gameStateUpdate", active(4))
        until(lambda: feed.health.recovered == 1)
        feed.stop()
        assert feed.frame["tick"].tolist() == [1, 2, 3, 4]


def test_a_session_that_the_server_does_not_know_any_more_begins_anew():
    with OfficialServer(recovery=1) as server, LiveFeed(server.url) as feed:
        connected(server, feed)
        server.emit("gameStateUpdate", active(1))
        feed.wait(messages=1, timeout=DEADLINE_S)
        server.do("drop")
        until(lambda: feed.health.disconnections == 1)
        server.emit("gameStateUpdate", active(2))
        feed.wait(state="live", timeout=DEADLINE_S)
        until(lambda: feed.health.connections == 2)
        server.settled()
        server.emit("gameStateUpdate", active(3))
        until(lambda: feed.game is not None and len(feed.game) == 4)
        assert feed.health.recovered == 0
        assert "recovered" not in feed.state.reason
        assert only_listened(server)


def test_pings_are_answered_on_both_transports():
    for transports in (["websocket"], ["polling"]):
        with (
            OfficialServer(pingInterval=50, pingTimeout=2000, transports=transports) as server,
            LiveFeed(server.url) as feed,
        ):
            connected(server, feed)
            until(lambda server=server: [kind for kind, _ in server.sent_by_clients].count("pong") >= 5)
            assert feed.health.disconnections == 0
            assert only_listened(server)


@pytest.mark.parametrize("goodbye", ["disconnect", "kick", "drop"])
def test_a_goodbye_of_the_server_is_followed_by_a_new_connection(goodbye):
    with OfficialServer() as server, LiveFeed(server.url) as feed:
        connected(server, feed)
        server.emit("gameStateUpdate", active(1))
        feed.wait(messages=1, timeout=DEADLINE_S)
        server.do(goodbye)
        until(lambda: feed.health.connections == 2)
        connected(server, feed)
        server.emit("gameStateUpdate", active(2))
        feed.wait(messages=2, timeout=DEADLINE_S)
        assert only_listened(server)


PAGE = "<html>Just a moment...</html>"
HTML = {"content-type": "text/html; charset=UTF-8"}
REFUSALS = {
    "400": ({"refuse": {"status": 400, "body": '{"code":0,"message":"Transport unknown"}'}}, "HTTP 400"),
    "401": ({"refuse": {"status": 401}}, "does not let this client in (HTTP 401)"),
    "403": ({"refuse": {"status": 403}}, "does not let this client in (HTTP 403)"),
    "challenge": (
        {
            "refuse": {
                "status": 403,
                "headers": {**HTML, "server": "cloudflare", "cf-mitigated": "challenge"},
                "body": PAGE,
            }
        },
        "the address is protected by a bot check of cloudflare",
    ),
    "404": ({"refuse": {"status": 404}}, "no Socket.IO server under that path (HTTP 404)"),
    "429": ({"refuse": {"status": 429, "headers": {"retry-after": "40"}}}, "too many connections"),
    "503": (
        {"refuse": {"status": 503, "headers": {"retry-after": "40"}, "body": "maintenance"}},
        "not available now",
    ),
    "500": ({"refuse": {"status": 500}}, "an error of its own (HTTP 500)"),
    "200": ({"refuse": {"status": 200, "headers": HTML, "body": PAGE}}, "a web page answers at that address"),
    "redirect": (
        {"refuse": {"status": 307, "headers": {"location": "ftp://elsewhere/"}}},
        "redirects to an invalid address",
    ),
    "Origin": ({"origin": "https://rugs.fun"}, 'HTTP 403: "origin not allowed"'),
    "words": (
        {"connectError": "banned\u001b[31m<b>for ever</b>\nreally"},
        "banned?[31m<b>for ever</b> really",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_each_refusal_says_what_it_is(case):
    options, words = REFUSALS[case]
    with OfficialServer(**options) as server, LiveFeed(server.url) as feed:
        until(lambda: words in feed.state.reason, f"{words!r} in {feed.state.reason!r}")
        assert feed.state == "reconnecting"
        assert feed.health.connections == 0
        assert len(feed.state.reason) < 400
        assert only_listened(server)


def test_a_redirect_to_another_host_is_named():
    with OfficialServer() as server:
        there = {"location": f"{server.url}/socket.io/?EIO=4&transport=websocket"}
        with (
            OfficialServer(refuse={"status": 307, "headers": there}) as first,
            LiveFeed(first.url, transports=["websocket"]) as feed,
        ):
            connected(server, feed)
            assert feed.source == f"{first.url} (redirected to {server.url})"
            assert server.url in feed.state.reason


def test_the_handshake_says_who_it_is():
    with OfficialServer() as server:
        with LiveFeed(server.url, headers={"x-own": "1"}) as feed:
            connected(server, feed)
        [request] = server.all("request")
        assert request["headers"]["user-agent"].startswith("rugs_lab/")
        assert request["headers"]["x-own"] == "1"
        assert "origin" not in request["headers"]
        address = LiveFeed("https://backend.rugs.fun?frontend-version=1.0").address
        assert address.headers["Origin"] == "https://rugs.fun"
