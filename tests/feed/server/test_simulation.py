"""The simulated world against the measured facts of the real feed (PROTOCOL sections 2 to 4 and 7 to 10)."""

import hashlib
import itertools
import json
import math
import random
from collections import defaultdict

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.server.simulation.clock import EPOCH_MS, utc_day
from rugs_lab.feed.server.simulation.player_accounts import PlayerAccount
from rugs_lab.feed.server.simulation.players import draw_players
from rugs_lab.feed.server.simulation.rounds import Round, read_games
from rugs_lab.feed.server.simulation.session_records import SessionRecords
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.game.signal import parse_update
from rugs_lab.game.trade import parse_trade

GAMES = 24

STATISTICS = ("averageMultiplier", "count2x", "count10x", "count50x", "count100x")
HISTORY_HEAD = (
    "gameHistory", *STATISTICS, "highestToday", "highestTodayTimestamp", "highestTodayPrices",
    "godCandle2x", "godCandle2xTimestamp", "godCandle2xPrices", "godCandle2xMassiveJump",
    "godCandle10x", "godCandle10xTimestamp", "godCandle10xPrices", "godCandle10xMassiveJump",
    "godCandle50x", "godCandle50xTimestamp", "godCandle50xPrices", "godCandle50xMassiveJump",
    "availableShitcoins",
)  # fmt: skip
TIMER = ("cooldownTimer", "cooldownPaused", "pauseMessage", "allowPreRoundBuys")
STATE = (
    "active", "price", "rugged", "tickCount", *TIMER, "leaderboard", "gameId", "connectedPlayers",
    "gameVersion",
)  # fmt: skip
START = (*STATE, "partialPrices", "provablyFair")
FULL = (*HISTORY_HEAD, *START)
TICK = (
    "active", "price", "partialPrices", "tradeCount", "rugged", "tickCount", *TIMER, *STATISTICS,
    "leaderboard", "gameId", "connectedPlayers", "rugpool", "rugRoyale", "provablyFair",
)  # fmt: skip
DELTA = (
    "gameId", "cooldownTimer", "cooldownPaused", "allowPreRoundBuys", "leaderboard", "connectedPlayers",
    "provablyFair",
)  # fmt: skip
FRAMES = {
    "snapshot": (*HISTORY_HEAD, *STATE, "prices", "provablyFair"),
    "cooldown": DELTA,
    "presale_open": TICK,
    "presale": DELTA,
    "start": START,
    "start_full": FULL,
    "active": TICK,
    "rug1a": TICK,
    "rug1b": FULL,
    "rug2": FULL,
}
HISTORY_ENTRY = (
    "id", "timestamp", "prices", "peakMultiplier", "rugged", "globalTrades", "globalSidebets", "provablyFair",
    "gameVersion",
)  # fmt: skip
STAKE = ("betAmount", "xPayout", "coinAddress", "bonusPortion", "realPortion")
PLACED = ("playerId", "username", "gameId", *STAKE, "timestamp", "type", "startedAtTick", "end", "id")
LOST = (
    "playerId", "gameId", "username", "betAmount", "payout", "profit", "xPayout", "coinAddress", "endTick",
    "startTick", "tickIndex", "timestamp", "type", "id",
)  # fmt: skip
WON = (
    "playerId", "gameId", "username", "level", "betAmount", "payout", "profit", "xPayout", "coinAddress",
    "endTick", "startTick", "tickIndex", "price", "timestamp", "type", "id",
)  # fmt: skip
ROW = (
    "id", "username", "level", "pnl", "regularPnl", "sidebetPnl", "shortPnl", "sidebetActive", "sideBet",
    "shortPosition", "pnlPercent", "hasActiveTrades", "positionQty", "avgCost", "totalInvested",
    "selectedCoin", "position",
)  # fmt: skip
PRESALE_ROW = (
    "id", "username", "level", "pnl", "pnlPercent", "sidebetActive", "sideBet", "shortPosition",
    "hasActiveTrades", "positionQty", "avgCost", "totalInvested", "selectedCoin", "position",
)  # fmt: skip
OPEN_BET = ("startedAtTick", "gameId", "end", *STAKE)
BUY = (
    "id", "gameId", "playerId", "price", "type", "qty", "tickIndex", "coin", "amount", "leverage",
    "bonusPortion", "realPortion", "username", "level",
)  # fmt: skip
SELL = (
    "id", "gameId", "playerId", "type", "price", "tickIndex", "coin", "amount", "qty", "bonusPortion",
    "realPortion", "username", "level",
)  # fmt: skip
CHAT = (
    "playerId", "username", "level", "message", "timestamp", "filtered", "role", "tag", "verified",
    "discordUsername", "replyTo",
)  # fmt: skip
ONE_ARGUMENT = {"gameStateUpdate", "rugRoyaleUpdate"}


def kind(frame):
    return str(parse_update(frame, 0).signal.kind)


def shapes(events):
    """Key orders of everything in a sequence of (event, args): name → set of key tuples."""
    seen = defaultdict(set)
    for event, args in events:
        payload = args[-1]
        if event == "standard/newTrade":
            seen[payload["type"]].add(tuple(payload))
        elif event == "newChatMessage":
            seen["chat"].add(tuple(payload))
        elif event in ("battleEventUpdate", "goldenHourUpdate", "goldenHourDrawing", "maintenanceUpdate"):
            seen[event].add(tuple(payload))
        if event != "gameStateUpdate":
            continue
        name = kind(payload)
        seen[name].add(tuple(payload))
        for row in payload["leaderboard"]:
            seen["presale row" if "regularPnl" not in row else "row"].add(tuple(row))
            if row["sideBet"] is not None:
                seen["open bet"].add(tuple(row["sideBet"]))
        for entry in payload.get("gameHistory", ()):
            seen["history"].add(tuple(entry))
            for bet in entry["globalSidebets"]:
                outcome = "won" if bet.get("payout") else "lost"
                seen["placed" if bet["type"] == "placed" else outcome].add(tuple(bet))
    return seen


def play(world, games):
    """Events up to the genesis frame that ends the last of so many games: [(ms, event, args)]."""
    played, at, rugs = [], 0, 0
    for delay, event, args in world:
        at += delay
        played.append((at, event, args))
        if event == "gameStateUpdate" and args[0].get("cooldownTimer") == 15000:
            rugs += 1
            if rugs > games:
                return played
    return played


@pytest.fixture(scope="module")
def played():
    return play(SimulatedServer(seed=7), GAMES)


@pytest.fixture(scope="module")
def frames(played):
    return [(at, kind(args[0]), args[0]) for at, event, args in played if event == "gameStateUpdate"]


@pytest.fixture(scope="module")
def finished(frames):
    """Every game played from its start and revealed: id → history entry."""
    started = {frame["gameId"] for _, name, frame in frames if name == "start"}
    entries = {
        entry["id"]: entry for _, name, frame in frames if name == "rug2" for entry in frame["gameHistory"]
    }
    return {game: entry for game, entry in entries.items() if game in started}


def trades_of(played):
    return [(at, args[-1]) for at, event, args in played if event == "standard/newTrade"]


# Form


def test_every_kind_of_frame_has_the_keys_of_the_real_feed_in_their_order(played):
    joined = SimulatedServer(seed=7).join()
    seen = shapes([*joined, *[(event, args) for _, event, args in played]])
    assert {name: seen[name] for name in FRAMES} == {name: {keys} for name, keys in FRAMES.items()}
    assert "other" not in seen


def test_rows_entries_and_trades_have_the_keys_of_the_real_feed_in_their_order(played):
    seen = shapes((event, args) for _, event, args in played)
    assert seen["row"] == {ROW}
    assert seen["presale row"] == {PRESALE_ROW}
    assert seen["open bet"] == {OPEN_BET}
    assert seen["history"] == {HISTORY_ENTRY}
    assert seen["placed"] == {PLACED}
    assert seen["lost"] == {LOST}
    assert seen["won"] == {WON}
    assert seen["buy"] == {BUY}
    assert seen["sell"] == {SELL}
    assert seen["chat"] == {CHAT}


def test_the_stored_key_orders_are_those_of_the_real_capture(reference):
    lines = (reference / "raw" / "2025-12-14_capture.jsonl").read_text().splitlines()
    events = [(line["event"], line["data"]) for line in map(json.loads, lines) if line["data"] is not None]
    real = shapes((event, tuple(data) if isinstance(data, list) else (data,)) for event, data in events)
    world = SimulatedServer(seed=7)
    ours = shapes([*world.join(), *[(event, args) for _, event, args in play(world, GAMES)]])
    assert real.keys() == ours.keys()
    assert dict(real) == dict(ours)


def test_the_phase_of_the_row_decides_its_keys(frames):
    for _, name, frame in frames:
        expected = PRESALE_ROW if name == "presale" else ROW
        assert all(tuple(row) == expected for row in frame["leaderboard"]), name


def test_events_have_one_argument_or_a_trace_first(played):
    for event, args in [*SimulatedServer(seed=7).join(), *[(event, args) for _, event, args in played]]:
        if event in ONE_ARGUMENT:
            assert len(args) == 1
        else:
            trace, payload = args
            assert trace["__trace"] is True
            assert len(trace["traceparent"]) == 55
            assert isinstance(payload, dict)


def test_whole_numbers_are_written_without_a_fraction(played):
    text = json.dumps([args for _, _, args in played[:3000]])

    def refuse_whole(literal):
        value = float(literal)
        assert value != int(value), literal
        return value

    json.loads(text, parse_float=refuse_whole)
    assert "NaN" not in text
    assert "Infinity" not in text


def test_tick_zero_has_the_price_one_and_no_leaderboard(frames):
    starts = [frame for _, name, frame in frames if name in ("start", "start_full")]
    assert len(starts) > GAMES
    for frame in starts:
        assert type(frame["price"]) is int
        assert frame["price"] == 1
        assert frame["leaderboard"] == []
        assert frame["partialPrices"] == {"startTick": 0, "endTick": 0, "values": {"0": 1}}


def test_names_are_partly_outside_ascii_and_partly_missing(frames):
    rows = [row for _, _, frame in frames for row in frame["leaderboard"]]
    names = {row["username"] for row in rows}
    assert None in names
    assert any(not name.isascii() for name in names if name)
    assert not any(set(name) & set("<>&\"'") for name in names if name)
    assert any(row["selectedCoin"] and row["selectedCoin"]["address"] == "0xPractice" for row in rows)


# Order and time


def test_countdown_and_ticks_come_in_the_order_of_the_real_feed(frames):
    at_game = defaultdict(list)
    for _, name, frame in frames:
        at_game[frame["gameId"]].append((name, frame.get("tickCount"), frame["cooldownTimer"]))
    games = list(at_game.values())[:-1]
    assert len(games) == GAMES
    for steps in games:
        names = [name for name, _, _ in steps]
        ticks = names.count("active")
        extra = ["start_full"] if "start_full" in names else []
        order = ["rug2"] + ["cooldown"] * 49 + ["presale_open"] + ["presale"] * 100
        assert names == [*order, "start", *extra, *["active"] * ticks, "rug1a", "rug1b"]
        timers = [
            timer for name, _, timer in steps if name in ("rug2", "cooldown", "presale_open", "presale")
        ]
        assert timers == [*range(15000, 10000, -100), 10000, *range(10000, 0, -100)]
        assert [tick for name, tick, _ in steps if name == "active"] == list(range(1, ticks + 1))
        (rug,) = (tick for name, tick, _ in steps if name == "rug1a")
        (late,) = (tick for name, tick, _ in steps if name == "rug1b")
        assert rug == ticks + 1
        assert late - rug in (1, 2, 3)


def test_start_full_comes_in_golden_hours_only(frames):
    full = sum(name == "start_full" for _, name, _ in frames)
    assert 0 < full < GAMES


def test_times_between_frames_are_those_of_the_real_feed(frames):
    gaps = defaultdict(list)
    for (before, previous, _), (at, name, _) in itertools.pairwise(frames):
        gaps[previous, name].append(at - before)
    assert set(gaps["cooldown", "cooldown"]) == {100}
    assert sum(gaps["presale", "presale"]) / len(gaps["presale", "presale"]) == pytest.approx(100, abs=1)
    assert set(gaps["presale", "start"]) == {138}
    assert set(gaps["start", "active"]) == {267}
    ticks = sorted(gaps["active", "active"])
    assert ticks[len(ticks) // 2] == 250
    assert max(ticks) == 250
    assert set(gaps["active", "rug1a"]) <= {293}
    assert all(200 <= gap <= 2000 for gap in gaps["rug1a", "rug1b"])


def test_flags_follow_the_kind_of_frame(frames):
    for _, name, frame in frames:
        if "active" in frame:
            assert frame["active"] == (name in ("start", "start_full", "active", "rug1a", "rug1b"))
            assert frame["rugged"] == (name in ("rug1a", "rug1b"))
        assert frame["allowPreRoundBuys"] == (name in ("presale", "presale_open"))
        assert frame["cooldownPaused"] is False


def test_the_trade_count_starts_anew_with_each_game_and_presale_open_shows_the_old_one(frames):
    last = None
    for _, name, frame in frames:
        if name == "presale_open" and last is not None:
            assert frame["tradeCount"] == last
        if name == "active":
            if frame["tickCount"] > 1:
                assert frame["tradeCount"] >= last
            last = frame["tradeCount"]
        if name == "rug1a":
            assert frame["tradeCount"] > 0
            last = frame["tradeCount"]


def test_connected_players_walk_in_small_steps(frames):
    counts = [frame["connectedPlayers"] for _, _, frame in frames]
    assert max(abs(b - a) for a, b in itertools.pairwise(counts)) <= 2
    assert len(set(counts)) > 5
    assert all(180 <= count <= 300 for count in counts)


# Games


def test_the_finished_game_is_first_in_the_history_only_from_the_next_genesis_on(frames):
    ended = None
    for _, name, frame in frames:
        if name == "rug1a":
            ended = frame["gameId"]
        if name == "rug1b":
            assert frame["gameHistory"][0]["id"] != ended
        if name == "rug2" and ended is not None:
            assert frame["gameHistory"][0]["id"] == ended
        if "gameHistory" in frame:
            assert len({entry["id"] for entry in frame["gameHistory"]}) == 10


def test_the_history_slides_by_one(frames):
    windows = [[entry["id"] for entry in frame["gameHistory"]] for _, name, frame in frames if name == "rug2"]
    assert all(after[1:] == before[:-1] for before, after in itertools.pairwise(windows))


def test_every_game_verifies_bit_for_bit(frames, finished):
    assert len(finished) == GAMES
    seen = defaultdict(dict)
    for _, name, frame in frames:
        if name in ("start", "start_full", "active", "rug1a"):
            seen[frame["gameId"]][frame["tickCount"]] = frame["price"]
    for game, entry in finished.items():
        prices = replay_prices(entry["provablyFair"]["serverSeed"], game).tolist()
        assert entry["prices"] == prices
        assert [seen[game][tick] for tick in range(len(prices))] == prices
        assert entry["peakMultiplier"] == max(prices)
        assert prices[-1] == min(prices[:-1]) * (1 - 0.98)
        assert entry["rugged"] is True
        assert entry["globalTrades"] == []


def test_the_games_before_the_first_frame_verify_too(frames):
    for entry in frames[0][2]["gameHistory"]:
        assert entry["prices"] == replay_prices(entry["provablyFair"]["serverSeed"], entry["id"]).tolist()


def test_the_commitment_is_kept(frames, finished):
    shown = defaultdict(set)
    for _, _, frame in frames:
        shown[frame["gameId"]].add(frame["provablyFair"]["serverSeedHash"])
        assert tuple(frame["provablyFair"]) == ("serverSeedHash", "version")
    for game, entry in finished.items():
        fair = entry["provablyFair"]
        assert tuple(fair) == ("serverSeed", "serverSeedHash")
        assert shown[game] == {fair["serverSeedHash"]} == {seed_hash(fair["serverSeed"])}


def test_partial_prices_are_the_last_five_ticks(frames, finished):
    for _, name, frame in frames:
        if name not in ("active", "rug1a", "rug1b") or frame["gameId"] not in finished:
            continue
        partial = frame["partialPrices"]
        prices = finished[frame["gameId"]]["prices"]
        first, last = partial["startTick"], partial["endTick"]
        assert first == max(0, last - 4)
        assert last == (len(prices) - 1 if name != "active" else frame["tickCount"])
        assert partial["values"] == {str(tick): prices[tick] for tick in range(first, last + 1)}


def test_statistics_are_true_of_the_games(frames, finished):
    """Entering a game of known peak changes the mean of a hundred by what it replaces."""
    windows = [frame for _, name, frame in frames if name == "rug2"]
    for frame in windows:
        best = max(entry["peakMultiplier"] for entry in frame["gameHistory"])
        assert frame["highestToday"] >= best
        assert frame["highestToday"] == max(frame["highestTodayPrices"])
        assert frame["highestToday"] <= 100 * frame["averageMultiplier"]
        assert frame["count2x"] >= frame["count10x"] >= frame["count50x"] >= frame["count100x"]
        assert frame["count2x"] >= sum(entry["peakMultiplier"] >= 2 for entry in frame["gameHistory"])


def test_game_timestamps_lie_after_the_rug(frames):
    rugs = {frame["gameId"]: at for at, name, frame in frames if name == "rug1a"}
    base = SimulatedServer(seed=7).now_ms
    entries = {
        entry["id"]: entry for _, name, frame in frames if name == "rug2" for entry in frame["gameHistory"]
    }
    for game, at in rugs.items():
        late = entries[game]["timestamp"] - base - at
        assert 440 <= late <= 1330
        for bet in entries[game]["globalSidebets"]:
            if bet.get("payout"):
                assert 0.4 <= (entries[game]["timestamp"] - bet["timestamp"]) / 1000 <= 1.1


# Leaderboard


def test_leaderboards_are_sorted_and_numbered(frames):
    for _, _, frame in frames:
        rows = frame["leaderboard"]
        assert len(rows) <= 10
        assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
        pnl = [row["pnl"] for row in rows]
        assert pnl == sorted(pnl, reverse=True)


def test_pnl_is_the_sum_of_its_parts_over_the_money_put_in(frames):
    rows = [row for _, name, frame in frames if name != "presale" for row in frame["leaderboard"]]
    assert len(rows) > 20_000
    for row in rows:
        assert row["pnl"] == row["regularPnl"] + row["sidebetPnl"] + row["shortPnl"]
        assert row["shortPnl"] == 0
        assert row["pnlPercent"] == 100 * row["pnl"] / row["totalInvested"]
        assert row["avgCost"] == 0 or row["positionQty"] > 0
        assert (row["sidebetActive"], row["sideBet"]) == (None, None) or row["sidebetActive"] is True


def test_pnl_lags_one_tick(frames, finished):
    held, checked = {}, 0
    for _, name, frame in frames:
        if name != "active" or frame["gameId"] not in finished:
            continue
        prices, tick = finished[frame["gameId"]]["prices"], frame["tickCount"]
        for row in frame["leaderboard"]:
            key = frame["gameId"], row["id"]
            before = held.get(key)
            same = before and before[0] == tick - 1 and before[1] == row["positionQty"] > 0
            if same and before[3] == row["sidebetPnl"]:
                step = row["positionQty"] * (prices[tick - 1] - prices[tick - 2])
                assert row["regularPnl"] - before[2] == pytest.approx(step, abs=3e-9)
                checked += 1
            held[key] = tick, row["positionQty"], row["regularPnl"], row["sidebetPnl"]
    assert checked > 5_000


def test_a_position_never_sold_is_worth_its_units_at_the_last_price(frames, finished):
    checked = 0
    for _, name, frame in frames:
        if name != "active" or frame["tickCount"] != 1 or frame["gameId"] not in finished:
            continue
        for row in frame["leaderboard"]:
            if row["positionQty"] and not row["sideBet"]:
                assert row["positionQty"] * row["avgCost"] == pytest.approx(row["totalInvested"], abs=1e-8)
                assert row["regularPnl"] == pytest.approx(row["positionQty"] - row["totalInvested"], abs=1e-8)
                checked += 1
    assert checked > 50


def test_nobody_holds_anything_after_the_rug_and_forced_sells_are_counted(frames):
    before = None
    for _, name, frame in frames:
        if name in ("rug1a", "rug1b", "rug2", "cooldown"):
            assert all(row["positionQty"] == row["avgCost"] == 0 for row in frame["leaderboard"])
            assert all(row["sideBet"] is None for row in frame["leaderboard"])
        if name == "rug1a" and before is not None and before["tickCount"] > 1:
            assert frame["tradeCount"] > before["tradeCount"]
        before = frame if name == "active" else before if name == "rug1a" else None


def test_an_account_books_like_the_example_of_the_protocol():
    """Bought 0.3, sold 0.419, bought 0.3, bought 0.3 more: totalInvested is the peak net outlay."""
    account = PlayerAccount(draw_players(random.Random(1))[2])
    account.buy(0.3, 1.0, tick=1)
    _, proceeds = account.sell(1.0, 1.396702707)
    assert proceeds == pytest.approx(0.419010812)
    account.buy(0.3, 1.2, tick=3)
    assert account.invested_sol == 0.3
    account.buy(0.3, 1.2, tick=4)
    assert account.invested_sol == pytest.approx(0.480989188)


# Side bets


def test_side_bets_are_settled_by_the_rules(finished):
    outcomes, presale = defaultdict(int), 0
    for game, entry in finished.items():
        rug_tick = len(entry["prices"]) - 1
        bets = entry["globalSidebets"]
        assert [bet["timestamp"] for bet in bets] == sorted(bet["timestamp"] for bet in bets)
        placed = {(bet["playerId"], bet["startedAtTick"]): bet for bet in bets if bet["type"] == "placed"}
        payouts = {(bet["playerId"], bet["startTick"]): bet for bet in bets if bet["type"] == "payout"}
        assert len(placed) + len(payouts) == len(bets)
        assert placed.keys() <= payouts.keys()
        assert all(start == 0 for _, start in payouts.keys() - placed.keys())
        assert all(start >= 1 for _, start in placed)
        presale += len(payouts.keys() - placed.keys())
        for key, bet in payouts.items():
            assert bet["endTick"] - bet["startTick"] == 40
            won = rug_tick <= bet["endTick"]
            outcomes[won] += 1
            assert bet["gameId"] == game
            assert bet["payout"] == (5 * bet["betAmount"] if won else 0)
            assert bet["profit"] == bet["payout"] - bet["betAmount"]
            assert bet["tickIndex"] == (rug_tick if won else bet["startTick"])
            assert ("price" in bet) == ("level" in bet) == won
            assert not won or bet["price"] == entry["prices"][-1]
            if key in placed:
                other = placed[key]
                assert (other["end"], other["betAmount"]) == (bet["endTick"], bet["betAmount"])
                assert other["id"] != bet["id"]
                practice = other["coinAddress"] == "0xPractice"
                assert other["realPortion"] == (0 if practice else other["betAmount"])
    assert outcomes[True] > 10
    assert outcomes[False] > 100
    assert presale > 10


def test_a_player_has_one_side_bet_at_a_time(finished):
    again = 0
    for entry in finished.values():
        windows = defaultdict(list)
        for bet in entry["globalSidebets"]:
            if bet["type"] == "payout":
                windows[bet["playerId"]].append((bet["startTick"], bet["endTick"]))
        for spans in windows.values():
            spans.sort()
            assert all(later[0] >= earlier[1] for earlier, later in itertools.pairwise(spans))
            again += len(spans) > 1
    assert again > 0


# Trades and noise


def test_trades_fit_the_price_of_their_tick(played, finished):
    trades = [trade for _, trade in trades_of(played) if trade["gameId"] in finished]
    assert {trade["type"] for trade in trades} == {"buy", "sell"}
    for trade in trades:
        prices = finished[trade["gameId"]]["prices"]
        assert trade["price"] == prices[trade["tickIndex"]]
        assert trade["tickIndex"] < len(prices) - 1
        assert trade["qty"] == round(trade["qty"], 9)
        assert trade["amount"] == round(trade["amount"], 9)
        short_of = trade["amount"] - trade["qty"] * trade["price"]  # units are rounded down to 1e-9
        assert -0.6e-9 * (1 + trade["price"]) <= short_of <= 0.6e-9 + 1.001e-9 * trade["price"]
        assert trade["bonusPortion"] + trade["realPortion"] == trade["amount"]
        assert parse_trade(trade).units == trade["qty"]


def test_a_share_of_the_trades_is_broadcast_some_ticks_late(played, frames):
    tick, late = {}, []
    for _, event, args in played:
        payload = args[-1]
        if event == "gameStateUpdate" and "tickCount" in payload and "gameHistory" not in payload:
            tick[payload["gameId"]] = payload["tickCount"]
        if event == "standard/newTrade":
            late.append(tick[payload["gameId"]] - payload["tickIndex"])
    assert set(late) <= set(range(9))
    assert set(late) >= {0, 4, 8}
    done = sum(frame["tradeCount"] for _, name, frame in frames if name == "rug1a")
    assert 0.05 < len(late) / done < 0.13


def test_noise_comes_between_the_frames(played):
    names = {event for _, event, _ in played}
    assert names == {
        "gameStateUpdate", "standard/newTrade", "newChatMessage", "goldenHourUpdate", "goldenHourDrawing",
        "battleEventUpdate",
    }  # fmt: skip


# Joining


def test_a_client_that_joins_gets_the_snapshot_and_then_the_notices():
    names = [event for event, _ in SimulatedServer(seed=7).join()]
    assert names == [
        "gameStateUpdate", "goldenHourUpdate", "battleEventUpdate", "rugRoyaleUpdate", "sidebetEventUpdate",
        "battleEventUpdate", "maintenanceUpdate",
    ]  # fmt: skip


def test_the_snapshot_holds_every_price_so_far():
    world, prices, checked = SimulatedServer(seed=7), [], set()
    for _, event, args in itertools.islice(world, 900):
        if event != "gameStateUpdate":
            continue
        frame = args[0]
        name = kind(frame)
        if name == "start":
            prices = [1]
        elif name in ("active", "rug1a"):
            prices.append(frame["price"])
        elif name == "rug2":
            prices = [1]
        snapshot = world.join()[0][1][0]
        assert snapshot["prices"] == prices or (not snapshot["active"] and snapshot["prices"] == [1])
        assert snapshot["gameId"] == frame["gameId"]
        assert snapshot["cooldownTimer"] == frame["cooldownTimer"]
        assert kind(snapshot) == MessageKind.SNAPSHOT
        checked.add(name)
    assert checked >= set(FRAMES) - {"snapshot", "start_full"}


# Seeds and arguments


def digest(world, events=2500):
    text = json.dumps([list(event) for event in itertools.islice(world, events)])
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_same_seed_plays_the_same_to_the_last_byte():
    assert digest(SimulatedServer(seed=3)) == digest(SimulatedServer(seed=3))
    assert digest(SimulatedServer(seed=3)) != digest(SimulatedServer(seed=4))


def test_joining_does_not_change_what_is_played():
    world = SimulatedServer(seed=3)
    played = []
    for event in itertools.islice(world, 400):
        played.append(event)
        world.join()
    assert played == list(itertools.islice(SimulatedServer(seed=3), 400))


def test_without_a_seed_games_are_fresh():
    ids = {SimulatedServer().join()[0][1][0]["gameId"] for _ in range(2)}
    assert len(ids) == 2


def test_game_ids_carry_the_date_of_the_virtual_clock(frames):
    for _, _, frame in frames:
        date, _, tail = frame["gameId"].partition("-")
        assert date == utc_day(EPOCH_MS) == "20260101"
        assert len(tail) == 16
        int(tail, 16)


def test_the_wait_is_the_delay_of_the_next_event():
    world = SimulatedServer(seed=3)
    for _ in range(500):
        wait = world.wait_ms
        assert next(world)[0] == wait


@pytest.mark.parametrize("timer", [3000, 10000, 12000])
def test_a_world_may_begin_within_the_countdown(timer):
    world = SimulatedServer(seed=7, first_timer_ms=timer)
    snapshot = world.join()[0][1][0]
    assert (snapshot["cooldownTimer"], snapshot["active"], snapshot["prices"]) == (timer, False, [1])
    assert snapshot["allowPreRoundBuys"] == (timer <= 10000)
    first = next(args[0] for _, event, args in world if event == "gameStateUpdate")
    assert first["cooldownTimer"] == timer - 100


GIVEN = [1.0, 1.5, 0.75, 0.015]


class Held:
    """A game as the package holds it."""

    def __init__(self, prices, server_seed=None):
        self.id = "20260203-00000000000000aa"
        self.prices = prices
        self.server_seed = server_seed
        self.version = "v3"


def test_given_games_are_played_in_order_and_then_the_world_ends():
    seed, game = "ab" * 32, "20251215-0123456789abcdef"
    prices = replay_prices(seed, game)
    line = {"id": game, "version": "v3", "serverSeed": seed, "serverSeedHash": seed_hash(seed)}
    world = SimulatedServer(seed=1, games=[GIVEN, Held(GIVEN), {**line, "prices": prices.tolist()}])
    frames = [args[0] for _, event, args in world if event == "gameStateUpdate"]
    assert world.wait_ms is None
    rugs = [frame for frame in frames if kind(frame) == "rug1a"]
    assert [frame["tickCount"] for frame in rugs] == [3, 3, len(prices) - 1]
    assert [frame["price"] for frame in rugs] == [0.015, 0.015, prices[-1]]
    assert kind(frames[-1]) == "rug2"
    third, second, first = frames[-1]["gameHistory"][:3]
    assert third["provablyFair"] == {"serverSeed": seed, "serverSeedHash": seed_hash(seed)}
    assert second["id"] == Held(GIVEN).id
    for unknown in (first, second):
        assert tuple(unknown["provablyFair"]) == ("serverSeedHash",)
        assert unknown["prices"] == [1, 1.5, 0.75, 0.015]


def test_the_published_games_are_accepted(reference):
    lines = (reference / "provably_fair" / "games.jsonl").read_text().splitlines()
    games = [json.loads(line) for line in lines]
    assert [given.id for given in read_games(games)] == [game["id"] for game in games]


@pytest.mark.parametrize(
    ("games", "message"),
    [
        ([], "empty"),
        ("games.jsonl", "must be a list"),
        (7, "must be a list"),
        ([7], r"games\[0\]"),
        ([GIVEN, [1.0]], r"games\[1\] must have 2"),
        ([[1.0, math.nan, 0.02]], "at tick 1"),
        ([[1.0, 0.0]], "at tick 1"),
        ([{"id": "x y", "prices": GIVEN}], "id"),
        ([{"id": "x", "serverSeed": 5, "prices": GIVEN}], "serverSeed"),
        ([{"id": "x", "prices": GIVEN}, {"id": "x", "prices": GIVEN}], "twice"),
        ([{"id": "x"}], r"games\[0\]"),
    ],
)
def test_games_that_cannot_be_played_are_refused(games, message):
    with pytest.raises(ArgumentError, match=message):
        SimulatedServer(seed=1, games=games)


@pytest.mark.parametrize("seed", [True, 1.5, "7"])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(ArgumentError, match="whole number"):
        SimulatedServer(seed=seed)


def test_records_count_the_last_hundred_and_remember_god_candles():
    records = SessionRecords()
    for place in range(150):
        prices = (1.0, 2.0 if place < 60 else 1.5, 0.02)
        records.add(Round(f"g{place}", prices, None, "h"), EPOCH_MS + place, 0.0)
    assert records.counts() == {
        "averageMultiplier": (10 * 2.0 + 90 * 1.5) / 100,
        "count2x": 10,
        "count10x": 0,
        "count50x": 0,
        "count100x": 0,
    }
    records.add(Round("god", (1.0, 1.2, 12.0, 0.02), None, "h"), EPOCH_MS + 200, 0.0)
    bests = records.bests()
    assert (bests["godCandle10x"], bests["godCandle10xMassiveJump"]) == (12, [1.2, 12])
    assert (bests["godCandle2x"], bests["godCandle2xPrices"]) == (None, [])
    assert (bests["highestToday"], bests["highestTodayTimestamp"]) == (12, EPOCH_MS + 200)
