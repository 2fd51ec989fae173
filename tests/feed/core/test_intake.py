"""The door: what comes of events, whichever form they come in."""

import json
import threading

import pytest

from rugs_lab.feed.live.live_feed import LiveFeed

A, B = "20260101-000000000000000a", "20260101-000000000000000b"
DEADLINE_S = 20


@pytest.fixture
def feed():
    return LiveFeed("http://127.0.0.1:9")


def active(tick, **more):
    payload = {"gameId": A, "active": True, "rugged": False, "tickCount": tick, "price": 1.0 + tick}
    return {**payload, **more}


def test_text_and_arguments_come_to_the_same(feed):
    other = LiveFeed("http://127.0.0.1:9")
    payloads = [
        active(0),
        active(1, price="x"),
        active(2, unheardOf=1),
        {"gameId": 7},
        active(5, partialPrices={"values": {"4": 5.0}}),
        {"gameId": A, "cooldownTimer": 3000, "allowPreRoundBuys": True},
    ]
    for payload in payloads:
        feed.take("gameStateUpdate", (payload,), 1)
        other.take_text(json.dumps(["gameStateUpdate", payload], separators=(",", ":")), 1)
    assert feed.frame.equals(other.frame)
    assert feed.game.prices.tobytes() == other.game.prices.tobytes()
    for name in ("rejected", "rejected_fields", "unknown_keys"):
        assert getattr(feed.health, name) == getattr(other.health, name)
    assert feed.health.rejected_fields == {"price": 1}
    assert feed.health.unknown_keys == {"unheardOf": 1}


def test_the_schema_of_2026_is_read_and_nothing_of_it_is_unknown(feed):
    history = [{"id": B, "rugged": True, "peakMultiplier": 2.0, "gameVersion": "v3", "globalSidebets": []}]
    new = {
        f"{name}{more}": None
        for name in ("highestToday", "godCandle2x", "godCandle10x", "godCandle50x")
        for more in ("GameId", "ServerSeed")
    }
    feed.take("gameStateUpdate", (active(3, gameHistory=history, **new),))
    assert feed.health.unknown_keys == {}
    assert feed.health.rejected_fields == {}
    assert len(feed.frame) == 1


def test_trades_are_a_frame_and_practice_is_flagged(feed):
    trade = {"gameId": A, "type": "buy", "tickIndex": 3, "price": 1.5, "amount": 0.3, "qty": 0.2}
    feed.take("gameStateUpdate", (active(3),))
    feed.take("standard/newTrade", ({"__trace": True}, {**trade, "coin": "solana"}))
    feed.take("standard/newTrade", ({"__trace": True}, {**trade, "coin": "0xPractice", "type": "short_open"}))
    assert feed.trades["practice"].tolist() == [False, True]
    assert feed.trades["amount_sol"].tolist() == [0.3, 0.3]
    assert feed.metrics["trades [n]"] == 2
    assert feed.metrics["practice trades [n]"] == 1
    assert len(feed.game.trades) == 2
    assert list(LiveFeed().trades.columns) == list(feed.trades.columns)


def test_the_leaderboard_is_a_frame(feed):
    rows = [
        {
            "id": "p1",
            "username": None,
            "level": 3,
            "pnl": 0.5,
            "positionQty": 0.1,
            "position": 1,
            "sidebetActive": True,
        },
        {
            "id": "p2",
            "username": "x" * 500,
            "pnl": "much",
            "position": 2,
            "selectedCoin": {"address": "0xPractice"},
        },
        "no row",
    ]
    assert len(feed.leaderboard) == 0
    feed.take_text(json.dumps(["gameStateUpdate", active(1, leaderboard=rows)], separators=(",", ":")))
    board = feed.leaderboard
    assert board["position"].tolist() == [1, 2]
    assert board["practice"].tolist() == [False, True]
    assert board["has_sidebet"][0]
    assert board["has_sidebet"].isna().tolist() == [False, True]
    assert board["username"].isna().tolist() == [True, False]
    assert len(board["username"][1]) == 128
    assert board["pnl_sol"].isna().tolist() == [False, True]


def test_statistics_stay_until_a_frame_carries_them_again(feed):
    full = active(
        1,
        averageMultiplier=31.1,
        count2x=45,
        highestToday=1885.8,
        highestTodayTimestamp=1765759275245,
        godCandle2x=8.68,
        godCandle2xMassiveJump=[0.73, 7.3],
        godCandle10x=None,
        rugpool={"instarugCount": 4, "threshold": 10, "rugpoolAmount": 2.41},
    )
    assert feed.stats.average_multiplier is None
    feed.take("gameStateUpdate", (full,))
    feed.take("gameStateUpdate", (active(2),))
    stats = feed.stats
    assert (stats.average_multiplier, stats.games_2x, stats.highest_today) == (31.1, 45, 1885.8)
    assert stats.god_candles["2x"].jump == (0.73, 7.3)
    assert list(stats.god_candles) == ["2x"]
    assert (stats.rugpool_sol, stats.instarugs, stats.instarugs_needed) == (2.41, 4, 10)


def test_noise_is_counted_by_name_and_bounded(feed):
    for n in range(3000):
        feed.take(f"event-{n}", ({},))
    assert feed.metrics["noise [events]"] == 3000
    assert len(feed.health.noise) <= 1001
    assert feed.health.noise["(other)"] == 2000


def test_what_happens_is_told_in_order(feed):
    seen, done = [], threading.Event()

    def handler(name, *args):
        seen.append(name)
        if name == "state":
            done.set()

    feed.follow(handler)
    feed.take("gameStateUpdate", (active(0),))
    feed.take("gameStateUpdate", (active(9),))
    feed.set_state("stale", "test")
    assert done.wait(DEADLINE_S)
    feed.dispatcher.end(DEADLINE_S)
    assert seen == ["signal", "phase", "tick", "signal", "phase", "gap", "tick", "state"]


def test_lateness_is_measured_against_the_servers_own_clock(feed):
    health = feed.health
    for tick in range(200):
        late_ms = 100 if tick % 20 == 10 else 0
        health.tick_received(A, tick, int((tick * 250.3 + late_ms) * 1e6))
    late = health.lateness_ms
    assert abs(late[10] - 100) < 1
    assert abs(float(sorted(late)[100])) < 1
    health.tick_received(B, 0, 0)
    assert len(health.lateness_ms) == 0


def test_time_in_states_and_silence_are_told(feed):
    feed.set_state("connecting", "test")
    feed.set_state("live", "test")
    metrics = feed.metrics
    times = [metrics[f"time {name} [s]"] for name in ("connecting", "live", "stopped")]
    assert all(time >= 0 for time in times)
    for ms in (0, 250, 1250):
        feed.health.message_received(ms * 1_000_000)
    assert feed.metrics["longest silence [ms]"] == 1000
    assert feed.metrics["rate [messages/s]"] == pytest.approx(2 / 1.25)
    feed.connection_made()
    feed.health.message_received(90_000_000_000)
    assert feed.metrics["longest silence [ms]"] == 88_750
    assert feed.metrics["messages since connect [n]"] == 1
    assert feed.metrics["messages [n]"] == 4


def test_every_label_of_a_number_says_its_unit(feed):
    for label, value in feed.metrics.items():
        assert isinstance(value, str) or label.endswith("]"), label
