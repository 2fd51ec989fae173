"""The ledger of paper money: hand-computed games, and what holds for any sequence of actions on any game."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import lamports
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import buy, cover, hold, sell, short, sidebet
from rugs_lab.trading.account.ledger import AccountGame
from rugs_lab.trading.account.orders import OrderStatus, Rejection

GAME = "20260101-0123456789abcdef"


def opened(cash=1.0, **options):
    account = Account(cash, **options)
    account.begin(GAME)
    return account


def played(account, prices, actions=None, rug=True):
    """Tell the prices from tick 0; `actions` by the tick they are decided on (-1: presale)."""
    actions = actions or {}
    for action in actions.get(-1, ()):
        account.submit(action)
    for tick, price in enumerate(prices):
        if rug and tick == len(prices) - 1:
            account.rug(tick, price)
        else:
            account.tick(tick, price)
            for action in actions.get(tick, ()):
                account.submit(action)
    return account


def test_presale_orders_fill_at_tick_0():
    account = played(opened(), [1.0, 1.2, 0.02], {-1: [buy(0.5), sidebet(0.1)]}, rug=False)
    assert [(order.filled_tick, order.price) for order in account.orders] == [(0, 1.0), (0, 1.0)]
    assert account.bet.start_tick == 0
    assert account.position.units == 0.5


def test_a_decision_is_filled_at_the_next_tick():
    account = played(opened(), [1.0, 2.0, 4.0, 0.02], {0: [buy(0.5)], 1: [sell()]})
    assert account.orders[0].price == 2.0
    assert account.orders[1].price == 4.0
    assert account.trades["profit_sol"].tolist() == [0.5]
    assert account.cash_sol == 1.5


def test_an_account_says_how_each_of_its_games_ended():
    account = played(opened(), [1.0, 1.2, 0.5])
    account.begin("voided")
    account.tick(3, 1.0)
    account.void()
    account.begin("flat, and followed by another")
    account.begin("open")
    account.tick(0, 1.0)
    account.tick(1, 1.0)
    assert account.games == [
        AccountGame(GAME, 0, 3, rug_tick=2),
        AccountGame("voided", 3, 4),
        AccountGame("flat, and followed by another", 4, 4),
        AccountGame("open", 4),
    ]
    assert [game.ended for game in account.games] == ["rug", "void", "void", "open"]
    assert [game.game_id for game in account.finished] == [GAME, "voided"]


def test_games_after_the_strategy_was_stopped_are_finished_only_where_something_was_traded():
    account = played(opened(), [1.0, 1.2, 0.02])
    account.idle_from = 1
    for game_id, actions in (("traded", {-1: [buy(0.1)]}), ("idle", {})):
        account.begin(game_id)
        played(account, [1.0, 0.02], actions)
    assert [game.game_id for game in account.finished] == [GAME, "traded"]
    account.end_idle()
    account.begin("after")
    played(account, [1.0, 0.02])
    assert [game.game_id for game in account.finished] == [GAME, "traded", "after"]
    account.reset()
    assert account.idle == set()


def test_latency_is_counted_in_ticks():
    account = played(opened(latency=3), [1, 2, 3, 4, 5, 6, 0.02], {-1: [buy(0.1)], 1: [buy(0.1)]})
    assert [order.filled_tick for order in account.orders] == [0, 4]


def test_average_cost_partial_sells_and_the_rug():
    account = played(
        opened(),
        [1.0, 2.0, 4.0, 4.0, 0.02],
        {-1: [buy(0.1)], 0: [buy(0.2)], 2: [sell(0.25)]},
    )
    # 0.1 at 1.0 and 0.2 at 2.0: 0.2 units that cost 0.3, 1.5 on average; a quarter at 4.0; the rest at 0.02.
    trades = account.trades
    assert trades["what"].tolist() == ["sell", "rug"]
    assert trades["average_cost"].tolist() == [1.5, 1.5]
    assert trades["units"].tolist() == [0.05, 0.15]
    assert trades["proceeds_sol"].tolist() == [0.2, 0.003]
    assert trades["profit_sol"].tolist() == [0.125, -0.222]
    assert trades["opened_tick"].tolist() == [0, 0]
    assert trades["closed_tick"].tolist() == [3, 4]
    assert account.cash_sol == 0.903


def test_an_order_ends_with_the_game_when_the_rug_comes_first():
    account = played(opened(), [1.0, 1.1, 0.02], {1: [buy(0.5), sidebet(0.1)]})
    assert [order.reason for order in account.orders] == [Rejection.GAME_ENDED] * 2
    assert [order.status for order in account.orders] == [OrderStatus.EXPIRED] * 2
    assert account.cash == lamports(1.0)
    assert account.ledger.empty


@pytest.mark.parametrize(("rug_tick", "cash"), [(49, 1.4), (50, 1.4), (51, 0.9), (60, 0.9)])
def test_a_side_bet_wins_up_to_forty_ticks_after_its_tick(rug_tick, cash):
    account = played(opened(), [1.0] * rug_tick + [0.02], {9: [sidebet(0.1)]})
    assert account.orders[0].filled_tick == 10
    assert account.cash_sol == cash
    assert account.trades["closed_tick"].tolist() == [min(rug_tick, 50)]


def test_a_new_side_bet_may_start_at_the_tick_the_old_one_ends():
    account = played(
        opened(), [1.0] * 90 + [0.02], {9: [sidebet(0.1)], 48: [sidebet(0.1)], 49: [sidebet(0.1)]}
    )
    assert [order.reason for order in account.orders] == [None, Rejection.BET_ALREADY_OPEN, None]
    assert account.orders[2].filled_tick == 50
    assert account.trades[["what", "closed_tick"]].values.tolist() == [["lost", 50], ["won", 90]]
    assert account.cash_sol == 1.3


def test_a_bet_that_ends_between_two_known_ticks_is_lost():
    account = opened()
    account.submit(sidebet(0.1))
    account.tick(0, 1.0)
    account.rug(47, 0.02)
    assert account.trades[["what", "closed_tick", "profit_sol"]].values.tolist() == [["lost", 40, -0.1]]


def test_a_fill_due_at_a_missing_tick_happens_at_the_next_known_one():
    account = played(opened(), [1.0], {0: [buy(0.1)]}, rug=False)
    account.tick(7, 2.0)
    assert (account.orders[0].filled_tick, account.orders[0].price) == (7, 2.0)


def test_cash_carries_over_to_the_next_game():
    account = played(opened(), [1.0, 2.0, 2.0, 0.02], {-1: [buy(0.5)], 1: [sell()]})
    account.begin("20260101-fedcba9876543210")
    played(account, [1.0, 3.0, 3.0, 0.02], {-1: [buy(1.5)], 1: [sell()]})
    assert account.cash_sol == 4.5
    assert account.equity["equity_sol"].tolist() == [1.0, 1.5, 1.5, 1.5, 1.5, 4.5, 4.5, 4.5]
    assert account.equity["game_id"].nunique() == 2


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (buy(0.0009), Rejection.BELOW_MINIMUM),
        (buy(-1), Rejection.BELOW_MINIMUM),
        (sidebet(0), Rejection.BELOW_MINIMUM),
        (buy(5.1), Rejection.ABOVE_MAXIMUM),
        (buy(1.5), Rejection.NOT_ENOUGH_CASH),
        (sidebet(1.5), Rejection.NOT_ENOUGH_CASH),
        (sell(), Rejection.NO_POSITION),
        (sell(0), Rejection.BELOW_MINIMUM),
        (sell(1.01), Rejection.ABOVE_MAXIMUM),
        (buy(math.nan), Rejection.NOT_FINITE),
        (buy(math.inf), Rejection.NOT_FINITE),
        (sell(math.nan), Rejection.NOT_FINITE),
    ],
)
def test_an_order_that_cannot_stand_is_rejected_with_its_reason(action, reason):
    account = played(opened(), [1.0, 1.0], rug=False)
    order = account.submit(action)
    assert (order.status, order.reason) == (OrderStatus.REJECTED, reason)
    assert account.cash == lamports(1.0)
    assert not account.pending


def test_nothing_can_be_traded_without_a_game_or_after_its_rug():
    account = Account()
    assert account.submit(buy(0.1)).reason is Rejection.NOT_TRADEABLE
    account.begin(GAME)
    played(account, [1.0, 0.02])
    assert account.submit(buy(0.1)).reason is Rejection.NOT_TRADEABLE


def test_pending_orders_hold_their_cash():
    account = opened()
    assert account.submit(buy(0.6)).reason is None
    assert account.submit(sidebet(0.5)).reason is Rejection.NOT_ENOUGH_CASH
    assert account.submit(sidebet(0.4)).reason is None
    account.tick(0, 1.0)
    assert account.cash == 0


def test_a_sell_may_follow_the_buy_it_waits_with():
    account = played(opened(), [1.0, 2.0, 0.02], {0: [buy(0.1), sell()]}, rug=False)
    assert account.trades["profit_sol"].tolist() == [0.0]


def test_a_second_sell_of_everything_finds_no_position():
    account = played(opened(), [1.0, 2.0, 2.0], {-1: [buy(0.1)], 1: [sell(), sell()]}, rug=False)
    assert account.orders[2].reason is Rejection.NO_POSITION


def test_a_pending_order_can_be_taken_back():
    account = opened()
    order = account.submit(buy(0.5))
    assert account.cancel(order)
    assert not account.cancel(order)
    account.tick(0, 1.0)
    assert (order.reason, account.cash_sol) == (Rejection.CANCELLED, 1.0)


def test_void_gives_back_what_is_open_at_cost():
    account = played(opened(), [1.0, 3.0], {-1: [buy(0.5), sidebet(0.1)]}, rug=False)
    account.submit(sell())
    account.void()
    assert account.cash_sol == 1.0
    assert account.trades["profit_sol"].tolist() == [0.0, 0.0]
    assert account.flat
    account.begin("20260101-fedcba9876543210")


def test_reset_begins_a_new_session_in_the_running_game():
    account = played(opened(), [1.0, 3.0], {-1: [buy(0.5), sidebet(0.1)]}, rug=False)
    account.reset(2.0)
    assert (account.cash_sol, account.flat, account.orders, account.ledger.empty) == (2.0, True, [], True)
    assert account.submit(buy(0.1)).due_tick == 2
    account.tick(2, 3.0)
    assert account.equity["tick"].tolist() == [2]


def test_wrong_use_says_what_was_expected():
    account = opened()
    with pytest.raises(ArgumentError, match="an order is buy"):
        account.submit(hold())
    account.tick(3, 1.0)
    with pytest.raises(ArgumentError, match="must grow: the newest is 3"):
        account.tick(3, 1.0)
    with pytest.raises(ArgumentError, match="finite number above 0"):
        account.tick(4, math.nan)
    account.submit(buy(0.1))
    with pytest.raises(ArgumentError, match="not settled"):
        account.begin("20260101-fedcba9876543210")
    with pytest.raises(ArgumentError, match="no game is open"):
        Account().tick(0, 1.0)
    for wrong in ({"cash_sol": -1}, {"cash_sol": math.nan}, {"latency": 0}, {"min_sol": 2, "max_sol": 1}):
        with pytest.raises(ArgumentError):
            Account(**wrong)


def test_empty_frames_have_their_columns_and_dtypes():
    empty, full = opened(), played(opened(), [1.0, 1.0, 0.02], {-1: [buy(0.5)], 0: [sidebet(0.1)]})
    for name in ("ledger", "trades", "equity"):
        pd.testing.assert_series_equal(getattr(empty, name).dtypes, getattr(full, name).dtypes)


sizes = st.sampled_from([0.001, 0.01, 0.1, 0.333333333, 1.0, 5.0, 0.0, -1.0, math.nan])
fractions = st.sampled_from([0.1, 0.25, 0.5, 1.0])
decisions = st.one_of(
    st.builds(buy, sizes),
    st.builds(sidebet, sizes),
    st.builds(sell, fractions),
    st.builds(short, sizes),
    st.builds(cover, fractions),
)
games = st.lists(
    st.tuples(st.integers(1, 45), st.floats(1e-4, 1e5), st.lists(decisions, max_size=3)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=120)
@given(st.lists(games, min_size=1, max_size=3), st.floats(0.0, 20.0), st.sampled_from([None, "linear"]))
def test_cash_changes_only_by_booked_profit_to_the_last_bit(several, cash, shorts):
    account = Account(cash, shorts=shorts)
    start = account.cash
    for number, game in enumerate(several):
        account.begin(f"game {number}")
        tick = -1
        for position, (step, price, actions) in enumerate(game):
            tick += step
            last = position == len(game) - 1
            (account.rug if last else account.tick)(tick, price)
            open_cost = account.position.cost_lamports + account.short.cost_lamports + account.stake
            profit = sum(entry.profit for entry in account.entries)
            assert account.cash + open_cost == start + profit
            assert account.realised == profit
            assert account.cash >= 0
            assert not account.short.nano_units or account.short.cost_lamports > 0
            for action in actions:
                account.submit(action)
        assert account.flat
    assert account.cash - start == sum(entry.profit for entry in account.entries)
    assert sum(entry.cash_change for entry in account.entries) == account.cash - start
    equity = account.equity
    assert len(equity) == sum(len(game) for game in several)
    assert equity["equity_sol"].iloc[-1] == float(account.cash) / 1e9
    assert all(entry.profit >= -entry.cost for entry in account.entries)
    assert account.ledger["profit_sol"].tolist() == [entry.profit / 10**9 for entry in account.entries]
    assert account.ledger["cash_sol"].tolist() == [entry.cash / 10**9 for entry in account.entries]


@given(games)
def test_equity_changes_between_two_ticks_only_by_price_when_nothing_is_done(game):
    account = opened(100.0)
    account.submit(buy(3.3))
    tick = -1
    for step, price, _ in game:
        tick += step
        account.tick(tick, price)
    held = account.position
    equity = account.equity
    for row in equity.itertuples():
        assert row.position_sol == float(held.value(row.price)) / 1e9
        assert row.equity_sol == float(account.cash + held.value(row.price)) / 1e9


def test_a_second_bet_is_rejected_when_it_is_given_not_when_it_is_due():
    account = Account()
    account.begin("20260101-0000000000000001")
    account.submit(sidebet(0.01))
    account.tick(0, 1.0)
    second = account.submit(sidebet(0.01))
    assert (second.status, second.reason) == ("rejected", Rejection.BET_ALREADY_OPEN)
    assert account.pending == []


@pytest.mark.parametrize("price", [0, 0.0, -1.0, float("inf"), float("nan")])
def test_what_is_no_price_is_none_at_the_rug_either(price):
    account = Account()
    account.begin("20260101-0000000000000001")
    account.tick(0, 1.0)
    for take in (account.tick, account.rug):
        with pytest.raises(ArgumentError, match="a price must be a finite number above 0"):
            take(1, price)
    assert (list(account.ticks), list(account.prices), account.tradeable) == ([0], [1.0], True)
