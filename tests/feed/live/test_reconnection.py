"""How long a live feed waits, and that it goes on however long an outage lasts."""

from __future__ import annotations

from random import Random

import pytest

import rugs_lab as rl
from rugs_lab.feed.live.connection import Connection
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.live.reconnection import ReconnectionPolicy
from tests.support.live import leaves_nothing, until, waits

pytestmark = pytest.mark.usefixtures("leaves_nothing")
_ = leaves_nothing


def test_pauses_double_up_to_the_longest():
    policy = ReconnectionPolicy(first_pause_s=0.5, longest_pause_s=6.0)
    assert [policy.pause_limit_s(failures) for failures in range(1, 7)] == [0.5, 1.0, 2.0, 4.0, 6.0, 6.0]
    assert policy.pause_limit_s(100_000) == 6.0


def test_thirty_cuts_of_a_server_that_is_up_cost_three_seconds_at_most():
    assert 30 * ReconnectionPolicy().pause_limit_s(0) == pytest.approx(3.0)


def test_thirty_random_cuts_in_four_minutes_cost_less_than_three_percent():
    """Of a server that is always up; many connections in a row end after two or three seconds."""
    policy, lost_s = ReconnectionPolicy(), []
    for seed in range(100):
        rng, began_s, short = Random(seed), 0.0, 0
        lost_s.append(0.0)
        for cut_s in sorted(rng.uniform(5, 221) for _ in range(30)):
            if cut_s >= began_s:  # else there is nothing to be cut
                short = short + 1 if cut_s - began_s < policy.short_life_s else 0
                pause_s = rng.uniform(0, policy.pause_limit_s(0, short))
                lost_s[-1] += pause_s
                began_s = cut_s + pause_s
    assert max(lost_s) < 0.03 * 226


def test_a_server_that_closes_each_connection_soon_is_not_hammered():
    policy = ReconnectionPolicy()
    limits = [policy.pause_limit_s(0, short) for short in range(12)]
    assert limits == sorted(limits)
    assert limits[-1] == policy.longest_pause_s


def test_silence_makes_a_connection_stale_and_then_ends_it():
    policy = ReconnectionPolicy(stale_after_s=10.0, replace_after_s=60.0)
    assert policy.in_silence(0.0) == ("live", 10.0)
    assert policy.in_silence(10.0) == ("stale", 50.0)
    assert policy.in_silence(61.0) == ("replace", 0.0)


def test_an_outage_of_hours_does_not_end_the_feed(monkeypatch):
    attempts = []

    async def unreachable(connection):
        attempts.append(1)
        connection.why = "nothing listens at that address"

    monkeypatch.setattr(Connection, "run", unreachable)
    waits(monkeypatch, longest_pause_s=0.0)
    with LiveFeed("http://127.0.0.1:9") as feed:
        until(lambda: len(attempts) > 1_100)  # 2 ** 1024 is more than a float holds
        assert feed.state == "reconnecting"


def test_the_state_says_that_polling_is_used():
    with (
        rl.GameServer(speed=20, seed=7, refuse="websocket") as server,
        LiveFeed(server.url, transports=["polling"]) as feed,
    ):
        feed.wait(messages=1)
        assert feed.state.reason == f"connected to {server.url} by polling"
