"""A value that we do not know, of a key that we do, keeps its name or is missing; it never is a default."""

from __future__ import annotations

import json

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab import cli
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.game.leaderboard import parse_bets, parse_leaderboard
from rugs_lab.game.provably_fair import seed_hash
from rugs_lab.game.trade import parse_trade
from rugs_lab.recordings.games.game import Game

SEED, ID = "5" * 64, "20260101-0123456789abcdef"
PRICES = [1.0, 1.25, 0.5, 0.75, 0.01]
TRADE = {"id": "t", "gameId": ID, "type": "buy", "tickIndex": 1, "price": 1.25, "amount": 0.5, "qty": 0.4}


def entry(version, **more):
    """Return a finished game of the history; its prices follow from no process that we know."""
    fair = {"serverSeed": SEED, "serverSeedHash": seed_hash(SEED)}
    named = {} if version is None else {"gameVersion": version}
    return {"id": ID, "rugged": True, "prices": PRICES, "provablyFair": fair, **named, **more}


def genesis(history, **fair):
    """Return the message that reveals finished games."""
    return {
        "gameId": "20260101-00000000000000ff",
        "active": False,
        "rugged": False,
        "cooldownTimer": 15000,
        "allowPreRoundBuys": False,
        "gameHistory": history,
        **({"provablyFair": fair} if fair else {}),
    }


@pytest.fixture(params=["history alone", "a message named v3 before"])
def feed(request, tmp_path):
    """Return a feed that took and recorded a game of version v4."""
    feed = LiveFeed("http://127.0.0.1:9")
    feed.record(tmp_path / "recording")
    if request.param != "history alone":
        first = {"gameId": ID, "active": True, "rugged": False, "tickCount": 0, "price": 1.0}
        feed.take("gameStateUpdate", ({**first, "provablyFair": {"version": "v3"}},), 10**18)
    feed.take("gameStateUpdate", (genesis([entry("v4")]),), 10**18 + 10**9)
    feed.record(None)
    return feed


def test_an_unknown_version_keeps_its_name_everywhere_and_accuses_nobody(feed, tmp_path, capsys):
    game = feed.games[ID]
    loaded = rl.load(tmp_path / "recording")
    rl.seal(tmp_path / "recording", tmp_path / "sealed")
    sealed = rl.load(tmp_path / "sealed")
    for games in (rl.Games([game]), loaded, sealed):
        assert (games[ID].version, games.frame.loc[ID, "version"]) == ("v4", "v4")
        assert games[ID].prices.tolist() == PRICES
        assert games[ID].verified is None
        row = rl.verify(games).loc[ID]
        assert row["version"] == "v4"
        assert row[["verified", "prices", "length", "peak", "rug_price"]].isna().all()
        assert row["hash"]
        assert games.verify().isna()[ID]
        assert games.frame["verified"].isna()[ID]
    capsys.readouterr()
    assert cli.main(["verify", "--all", str(tmp_path / "recording")]) == 1
    said = capsys.readouterr().out
    assert "v4" in said
    assert "0 disagree" in said
    assert "changed after they were played" not in said


def test_it_keeps_its_name_in_a_replay(feed):
    with ReplayFeed(feed.games[ID], playing=False) as replayed:
        replayed.finish()
        assert [(game.id, game.version, game.verified) for game in replayed.games] == [(ID, "v4", None)]


@pytest.mark.parametrize("version", [4, {"name": "v3"}, ["v3"], True])
def test_a_version_that_is_no_text_is_none_that_we_know(version):
    feed = LiveFeed("http://127.0.0.1:9")
    feed.take("gameStateUpdate", (genesis([entry(version)]),), 1)
    assert feed.games[ID].version == f"({type(version).__name__})"
    assert feed.games[ID].verified is None
    assert rl.verify(feed.games)["verified"].isna().all()


@pytest.mark.parametrize("version", ["\ud800", "v3" * 1000, "<b>v4</b>\x1b[2J"])
def test_a_hostile_version_is_recorded_bounded(version, tmp_path):
    feed = LiveFeed("http://127.0.0.1:9")
    feed.record(tmp_path)
    feed.take("gameStateUpdate", (genesis([entry(version)]),), 1)
    feed.record(None)
    assert feed.metrics["recording errors [n]"] == 0
    [name] = [game.version for game in rl.load(tmp_path) if game.id == ID]
    assert name == feed.games[ID].version
    assert 0 < len(name) <= 128


def test_nothing_is_known_of_a_game_without_a_version_unless_one_is_given():
    game = Game(ID, np.array(PRICES), rug_tick=4, server_seed=SEED)
    assert (game.verified, rl.verify(game)["verified"].isna().all()) == (None, True)
    assert rl.verify(game, version="v3")["verified"].eq(False).all()
    feed = LiveFeed("http://127.0.0.1:9")
    feed.take("gameStateUpdate", (genesis([entry(None)]),), 1)
    assert feed.games[ID].version is None
    assert rl.verify(feed.games)["verified"].isna().all()


def test_a_published_game_without_a_version_is_not_taken_for_one_of_v3(tmp_path):
    line = {"type": "published", "game_id": ID, "server_seed": SEED, "server_seed_hash": seed_hash(SEED)}
    (tmp_path / "published.jsonl").write_text(json.dumps(line) + "\n")
    games = rl.load(tmp_path)
    assert (games[ID].version, len(games[ID].prices)) == (None, 0)


def test_an_unknown_type_of_trade_keeps_its_name_through_recording_and_replay(tmp_path):
    feed = LiveFeed("http://127.0.0.1:9")
    feed.record(tmp_path)
    feed.take("gameStateUpdate", (genesis([entry("v3")]),), 1)
    feed.take("standard/newTrade", ({**TRADE, "type": "limit_buy"},), 2)
    feed.record(None)
    assert feed.trades["type"].tolist() == ["limit_buy"]
    assert not feed.health.rejected
    games = rl.load(tmp_path)
    assert games.trades["type"].tolist() == ["limit_buy"]
    assert rl.analysis.players(games)["round_trips"].tolist() in ([], [0])


def test_an_unknown_currency_is_neither_sol_nor_practice(tmp_path):
    for key in ("coin", "coinAddress"):
        trade = parse_trade({**TRADE, key: "0xOther"})
        assert (trade.practice, trade.amount_sol, trade.units) == (None, None, 0.4)
    [standing] = parse_leaderboard([{"id": "p", "pnl": 1.5, "selectedCoin": {"address": "0xOther"}}])
    assert (standing.practice, standing.pnl_sol) == (None, None)
    bets = [{"type": "placed", "playerId": "p", "startedAtTick": 3, "betAmount": 7, "coinAddress": "0xOther"}]
    [bet] = parse_bets(bets)
    assert (bet.practice, bet.stake_sol) == (None, None)
    feed = LiveFeed("http://127.0.0.1:9")
    feed.record(tmp_path)
    feed.take("gameStateUpdate", (genesis([entry("v4", globalSidebets=bets)]),), 1)
    feed.take("standard/newTrade", ({**TRADE, "coin": "0xOther"},), 2)
    feed.record(None)
    assert feed.health.practice_trades == 0
    assert feed.trades["practice"].isna().all()
    assert rl.load(tmp_path).trades["practice"].isna().all()
    assert rl.analysis.players(feed.games).empty
    with ReplayFeed(feed.games[ID], playing=False) as replayed:
        replayed.finish()
        assert [bet.practice for bet in replayed.games[ID].recorded_bets] == [None]


@pytest.mark.parametrize("coin", [None, {"address": "0xPractice"}, {"address": None}])
def test_the_currencies_that_are_known_are_told_apart(coin):
    [standing] = parse_leaderboard([{"id": "p", "pnl": 1.5, "selectedCoin": coin}])
    assert standing.practice is (coin == {"address": "0xPractice"})
    assert standing.pnl_sol == 1.5


@pytest.mark.parametrize("kind", ["cancelled", None, 7, ["placed"]])
def test_an_unknown_type_of_side_bet_is_not_a_placed_one(kind):
    record = {"type": kind, "playerId": "p", "startedAtTick": 3, "startTick": 3, "betAmount": 7, "payout": 7}
    assert parse_bets([record]) == ()


@pytest.mark.parametrize("direction", ["outgoing", 1, ""])
def test_an_unknown_direction_of_a_captured_event_is_not_that_of_the_server(direction, tmp_path):
    path = tmp_path / "capture.jsonl"
    first = {"ts": "2026-01-01T12:00:00Z", "event": "gameStateUpdate", "data": genesis([])}
    path.write_text("\n".join(json.dumps(each) for each in (first, {**first, "direction": direction})))
    assert [row.line for row in rl.load(path).damage.itertuples() if row.kind == "fragment"] == [2]
    assert [line.line for line in rl.GameServer(capture=path).damage] == [2]


def test_a_message_of_an_unknown_kind_is_no_tick(tmp_path):
    lines = [{"type": "session", "format": "rugs_lab/1"}, {"type": "game_start", "game_id": ID}]
    ticks = [
        {"type": "tick", "game_id": ID, "tick": tick, "price": price, "active": True, "rugged": tick == 4}
        for tick, price in enumerate(PRICES)
    ]
    ticks[-1]["kind"] = "rug3"
    (tmp_path / "live_game_1.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines + ticks))
    games = rl.load(tmp_path)
    assert (len(games[ID].prices), games[ID].rug_tick) == (4, None)
    assert "bad_value" in games.damage["kind"].tolist()


@pytest.mark.parametrize("version", ["v4", None])
def test_a_given_game_of_an_unknown_version_is_served_under_its_name(version):
    game = {"id": ID, "prices": PRICES, "serverSeed": SEED, "serverSeedHash": seed_hash(SEED)}
    with (
        rl.GameServer(speed=1000, games=[{**game, "version": version}], wait_for_client=True) as server,
        rl.LiveFeed(server.url) as feed,
    ):
        feed.wait(games=11, timeout=60)
        assert feed.games[ID].version == version
        assert not feed.health.rejected_fields
        assert rl.verify(feed.games).loc[ID, ["verified", "prices"]].isna().all()
