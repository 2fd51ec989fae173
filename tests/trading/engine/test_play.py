"""The tick-by-tick engine: games computed by hand, sessions and their ends, damaged games."""

from __future__ import annotations

import math

import numpy as np
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import buy, sell, sidebet
from rugs_lab.trading.account.orders import Rejection
from rugs_lab.trading.engine.game_results import FIELDS
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from tests.support.strategies import STRATEGIES, dip, games_of, scripted

NAN = math.nan
FLAT_60 = [1.0] * 60

# Prices (the last is the rug's), what is decided at which tick, profit in SOL: computed by hand.
BY_HAND = {
    "nothing": ([1, 2, 0.02], {}, 0.0),
    "presale buy at 1.0, sold at 3": ([1, 2, 3, 0.02], {-1: buy(0.5), 1: sell()}, 1.0),
    "held into the rug": ([1, 2, 0.02], {-1: buy(0.5)}, -0.49),
    "bought at 2, the rug next": ([1, 2, 0.02], {0: buy(0.5)}, 0.5 / 2 * 0.02 - 0.5),
    "an order on the last tick dies": ([1, 2, 0.02], {1: buy(0.5)}, 0.0),
    "average cost 1.5, a quarter at 4": (
        [1, 2, 4, 4, 0.02],
        {-1: buy(0.1), 0: buy(0.2), 2: sell(0.25)},
        0.05 * 4 - 0.075 + 0.15 * 0.02 - 0.225,
    ),
    "half, then half of the half": (
        [1, 2, 4, 8, 0.02],
        {-1: buy(0.4), 0: sell(0.5), 1: sell(0.5)},
        0.2 * 2 + 0.1 * 4 + 0.1 * 0.02 - 0.4,
    ),
    "presale bet, rug at 40": ([1.0] * 40 + [0.02], {-1: sidebet(0.1)}, 0.4),
    "presale bet, rug at 41": ([1.0] * 41 + [0.02], {-1: sidebet(0.1)}, -0.1),
    "bet at 10, rug at 50": ([1.0] * 50 + [0.02], {9: sidebet(0.1)}, 0.4),
    "bet at 10, rug at 51": ([1.0] * 51 + [0.02], {9: sidebet(0.1)}, -0.1),
    "a new bet where the old one ends": (
        [1.0] * 90 + [0.02],
        {9: sidebet(0.1), 48: sidebet(0.1), 49: sidebet(0.1)},
        0.3,
    ),
    "position and bet together": ([1, 2, 0.02], {-1: (buy(0.1), sidebet(0.1))}, 0.1 * 0.02 - 0.1 + 0.4),
    "bought and sold at once": ([1, 2, 3, 0.02], {0: buy(0.2), 1: sell()}, 0.2 / 2 * 3 - 0.2),
    "a short is rejected": ([1, 2, 0.02], {0: rl.short(0.1)}, 0.0),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_games_computed_by_hand(name):
    prices, script, profit = BY_HAND[name]
    results = play(scripted(script), games_of(prices), engine="tick")
    assert results.profit.tolist() == [round(profit * 1e9)]
    assert results.account.realised == results.profit[0]
    assert results.account.flat


def test_the_figures_of_a_game():
    script = {-1: (buy(0.1), sidebet(0.2)), 1: sell(0.5), 2: (sell(3.0), sidebet(0.1))}
    results = play(scripted(script), games_of([1, 2, 1.5, 0.5, 1, 0.01]), engine="tick")
    found = dict(zip(FIELDS, results.values[0].tolist(), strict=True))
    # equity at the ticks: 1, 1.1, 1.05, 1, 1.025; at the end 0.7 + 0.075 + 0.0005 + 1
    money = {"profit": 775.5, "spent": 100, "staked": 200, "lowest": 0, "highest": 775.5, "drawdown": 100}
    assert {name: found[name] / 1e6 for name in money} == money
    counts = {
        "ticks": 5,
        "buys": 1,
        "trades": 2,
        "trades_won": 1,
        "bets": 1,
        "bets_won": 1,
        "ticks_held": 5,
        "ticks_bet": 5,
        "rejected": 2,
        "voided": 0,
    }
    assert {name: found[name] for name in counts} == counts
    assert results.frame.loc["20260101-0000000000000000", "profit_sol"] == 0.7755


def test_cash_goes_from_game_to_game_or_begins_anew():
    games = games_of([1, 2, 2, 0.02], [1, 3, 3, 0.02])
    strategy = scripted({-1: buy(1.0), 0: sell()})
    carried = play(strategy, games, engine="tick")
    assert carried.cash.tolist() == [2_000_000_000, 4_000_000_000]
    alone = play(strategy, games, Options(carry=False), engine="tick")
    assert alone.cash.tolist() == [2_000_000_000, 3_000_000_000]
    assert [account.cash for account in alone.accounts] == alone.cash.tolist()
    assert alone.account is None


def test_latency_moves_fills():
    games = games_of([1, 2, 4, 8, 0.02])
    results = play(scripted({0: buy(0.1)}), games, Options(latency=3), engine="tick")
    assert [order.price for order in results.account.orders] == [8]


def test_a_missing_tick_is_not_asked_and_a_fill_waits_for_the_next_known_one():
    results = play(scripted({0: buy(0.1), 1: sell()}), games_of([1, NAN, 4, 0.02]), engine="tick")
    assert results.account.orders[0].price == 4
    assert len(results.account.orders) == 1
    assert results.ticks.tolist() == [2]


@pytest.mark.parametrize("rugs", [[None], [3]])
def test_a_game_without_a_known_end_is_given_back_at_cost_and_counted(rugs):
    prices = [1, 2, 3] if rugs == [None] else [1, 2, 3, NAN]
    results = play(scripted({-1: (buy(0.1), sidebet(0.1))}), games_of(prices, rugs=rugs), engine="tick")
    assert (results.profit.tolist(), results.voided.tolist()) == ([0], [1])
    assert (results.trades.tolist(), results.bets_won.tolist()) == ([0], [0])
    assert results.account.flat


def test_a_session_ends_when_it_has_won_or_lost_enough():
    win, lose = [1, 2, 2, 0.02], [1, 0.5, 0.5, 0.01]
    strategy = scripted({-1: buy(0.5), 0: sell()})
    won = play(strategy, games_of(win, win, win), Options(take=1.8), engine="tick")
    assert (len(won), won.stopped, won.cash[-1]) == (2, "take", 2_000_000_000)
    lost = play(strategy, games_of(lose, lose, lose), Options(loss=0.5), engine="tick")
    assert (len(lost), lost.stopped) == (2, "loss")
    few = play(strategy, games_of(win, win, win), Options(max_games=1), engine="tick")
    assert (len(few), few.stopped) == (1, "max_games")
    every = play(strategy, games_of(win, win), Options(take=1.8), engine="tick")
    assert (len(every), every.stopped) == (2, "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"take": 1.0},
        {"loss": 0},
        {"loss": 1.1},
        {"max_games": -1},
        {"take": 2.0, "carry": False},
        {"latency": 0},
        {"cash_sol": NAN},
    ],
)
def test_options_out_of_range_are_refused(wrong):
    with pytest.raises(ArgumentError):
        Options(**wrong)


def test_rejected_orders_keep_their_reason():
    strategy = scripted({0: buy(9.0), 1: rl.cover(), 2: buy(1e300)})
    results = play(strategy, games_of([1, 1, 1, 1, 0.02]), engine="tick")
    assert [order.reason for order in results.account.orders] == [
        Rejection.ABOVE_MAXIMUM,
        Rejection.SHORTS_UNKNOWN,
        Rejection.ABOVE_MAXIMUM,
    ]


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.__name__)
def test_a_run_balances_and_is_the_same_again(strategy):
    games = rl.sample()[:60]
    first, second = (play(strategy, games, engine="tick") for _ in range(2))
    np.testing.assert_array_equal(first.values, second.values)
    account = first.account
    assert account.cash == first.start + first.profit.sum() == account.start + account.realised
    equity = np.rint(account.equity["equity_sol"].to_numpy() * 1e9)
    ids = account.equity["game_id"].to_numpy()
    place = 7
    inside = equity[ids == first.game_ids[place]]
    begun = first.cash[place - 1]
    assert inside.min(initial=begun) - begun == first.lowest[place]
    assert inside.max(initial=begun) - begun == first.highest[place]


def test_an_engine_that_does_not_exist():
    with pytest.raises(ArgumentError, match="engine must be one of"):
        play(dip, games_of(), engine="gpu")


def test_no_games_no_rows():
    results = play(dip, games_of(), engine="tick")
    assert (len(results), results.cash.tolist(), len(results.frame)) == (0, [], 0)
    assert repr(results) == "<GameResults of 0 games, tick engine: profit +0 SOL>"
