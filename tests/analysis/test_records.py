"""Rug prices, players, trades, hours, quality."""

from __future__ import annotations

import numpy as np
import pytest

from rugs_lab.analysis import (
    by_hour,
    hour_tests,
    players,
    quality,
    rug_price_exceptions,
    rug_price_rule,
    trades_by_tick,
)
from rugs_lab.game.leaderboard import PlayerBet
from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.read.load import load, sample
from rugs_lab.resources import data_dir

HOUR = 3_600_000_000_000


def trade(game, player, kind, tick, amount, units, practice=False):
    return Trade(
        f"{game}{player}{tick}", game, player, None, kind, tick, amount / units, amount, units, practice
    )


def bet(game, player, payout, practice=False):
    return PlayerBet(
        game_id=game,
        player_id=player,
        username=None,
        start_tick=0,
        end_tick=40,
        stake_sol=0.1,
        payout_sol=payout,
        practice=practice,
    )


@pytest.fixture
def games():
    prices = np.append(np.ones(50), 0.02)
    return Games(
        [
            Game(
                "a",
                prices,
                rug_tick=50,
                recorded_trades=(
                    trade("a", "p", "buy", 0, 0.3, 0.3),
                    trade("a", "p", "sell", 30, 0.45, 0.3),
                    trade("a", "q", "buy", 5, 0.1, 0.1),
                    trade("a", "r", "buy", 5, 900.0, 900.0, practice=True),
                ),
                recorded_bets=(bet("a", "p", 0.5), bet("a", "q", 0.0), bet("a", "r", 5.0, practice=True)),
                started_ns=5 * HOUR,
            ),
            Game("b", prices, rug_tick=50, recorded_bets=(bet("b", "p", 0.0), bet("b", "p", None))),
        ]
    )


def test_players_profit_from_bets_and_from_round_trips_practice_left_out(games):
    frame = players(games)
    assert frame.index.tolist() == ["p", "q"]
    row = frame.loc["p"]
    assert (row["games"], row["bets"], row["bets_won"], row["trades"], row["round_trips"]) == (2, 2, 1, 2, 1)
    assert row["bet_profit_sol"] == pytest.approx(0.3)
    assert row["bet_baseline_sol"] == pytest.approx(-0.0916 * 0.2, abs=1e-4)
    assert row["round_trip_profit_sol"] == pytest.approx(0.15)
    assert row["low"] < 0.5 < row["high"]
    assert frame.loc["q", "round_trips"] == 0
    assert np.isnan(frame.loc["q", "round_trip_profit_sol"])


def test_trades_by_tick_count_practice_out_and_presale_in_the_first_bin(games):
    frame = trades_by_tick(games, (0, 10, 50)).set_index(["type", "from_tick"])
    assert frame["trades"].to_dict() == {("buy", 1): 2, ("buy", 11): 0, ("sell", 1): 0, ("sell", 11): 1}
    assert frame.loc[("buy", 1), "n_ticks"] == 20
    assert frame.loc[("buy", 1), "trades_per_tick"] == 0.1


def test_games_of_files_without_trades_are_no_time_without_trades():
    prices = np.append(np.ones(20), 0.02)
    with_trades = Game("a", prices, rug_tick=20, file="x", recorded_trades=(trade("a", "p", "buy", 3, 1, 1),))
    games = Games([with_trades, Game("b", prices, rug_tick=20, file="y")])
    assert trades_by_tick(games, (0, 20))["n_ticks"].tolist() == [20]


def test_rug_price_rule_to_the_last_bit():
    games = Games(
        [
            Game("right", np.array([1.0, 0.7, 0.7 * RUG_FACTOR]), rug_tick=2),
            Game("wrong", np.array([1.0, 0.7, 0.7 * 0.02]), rug_tick=2),
            Game("hole", np.array([1.0, np.nan, 0.5 * RUG_FACTOR]), rug_tick=2),
        ]
    )
    frame = rug_price_rule(games)
    assert frame["value"].tolist() == [0.5, 0.0]
    assert frame["n"].tolist() == [2, 1]
    assert rug_price_exceptions(games).index.tolist() == ["wrong", "hole"]


def test_games_by_hour():
    prices = np.append(np.ones(50), 0.02)
    games = Games([Game(str(at), prices, rug_tick=50, started_ns=at * HOUR) for at in (5, 5, 29, 30)])
    frame = by_hour(games)
    assert frame["n_games"].to_numpy()[[5, 6, 7]].tolist() == [3, 1, 0]
    assert frame.loc[5, ["n_ticks", "rugs"]].tolist() == [150, 3]
    assert frame.loc[5, "low"] < frame.loc[5, "hazard_per_tick"] == 3 / 150 < frame.loc[5, "high"]
    counts = {"hour_utc", "n_games", "n_ticks", "rugs"}
    assert set(frame.columns) - counts == {"hazard_per_tick", "low", "high", "baseline"}


def test_hours_are_told_apart_when_they_differ_and_not_when_they_do_not():
    rng = np.random.default_rng(4)

    def of(mean_by_hour):
        games = []
        for number in range(300):
            at = number % len(mean_by_hour)
            rug = int(rng.geometric(1 / mean_by_hour[at]))
            prices = np.append(np.full(rug, 1.0 + at * (mean_by_hour[at] < 100)), 0.02)
            prices[0] = 1.0
            games.append(Game(str(number), prices, rug_tick=rug, started_ns=at * HOUR))
        return hour_tests(Games(games))

    assert (of([200, 200, 40])["p"] < 0.01).all()
    assert of([200, 200, 200])["p"].iloc[0] > 0.01


def test_hours_need_two_hours():
    assert hour_tests(sample()[:0])["p"].isna().all()


def test_quality_counts_statuses_ticks_and_damage():
    games = load(data_dir() / "damaged")
    frame = quality(games)
    by_status = frame[frame["what"] == "games by status"]
    assert by_status["count"].sum() == len(games)
    assert by_status.set_index("kind")["count"]["gaps"] == (games.frame["status"] == "gaps").sum()
    kinds = frame[frame["what"] == "games with damage"].set_index("kind")["count"]
    assert kinds["interleaved"] >= 1
    assert frame[frame["what"] == "ticks by source"]["count"].sum() == len(games.prices)
