"""Lines of the ledger and what is made of them, each by hand: counts, frames, settlements, words."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rugs_lab.game.money import Position, lamports, units_bought
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.account_frames import closed_frame, equity_frame, orders_frame, values_of
from rugs_lab.trading.account.actions import Action, buy, cover, hold, sell, short, sidebet
from rugs_lab.trading.account.ledger import LedgerCounts, counts_of

GAMES = ("20260101-0000000000000001", "20260101-0000000000000002")


@pytest.fixture
def account():
    """Two games: a buy of 0.3 at 1.5, a sell of a quarter at 2, a bet that loses, one that wins, a short."""
    account = Account(2.0, shorts="linear")
    account.begin(GAMES[0])
    account.submit(sidebet(0.01))
    account.tick(0, 1.0)
    account.submit(buy(0.3))
    account.tick(1, 1.5)
    account.submit(sell(0.25))
    account.tick(2, 2.0)
    account.submit(short(0.1))
    account.tick(3, 1.0)
    account.tick(45, 1.1)
    account.submit(sidebet(0.02))
    account.submit(cover(0.5))
    account.tick(46, 0.8)
    account.rug(50, 0.016)
    account.begin(GAMES[1])
    account.submit(buy(5.5))
    account.submit(buy(0.1))
    account.tick(0, 1.0)
    account.submit(sidebet(0.03))
    account.tick(1, 1.2)
    account.submit(short(0.2))
    account.tick(2, 1.3)
    account.void()
    return account


def test_each_line_says_what_changed(account):
    found = [
        (e.game_id[-1], e.tick, e.what, e.price, e.cash_change, e.profit, e.order) for e in account.entries
    ]
    assert found == [
        ("1", 0, "sidebet", 1.0, -10_000_000, 0, 1),
        ("1", 1, "buy", 1.5, -300_000_000, 0, 2),
        ("1", 2, "sell", 2.0, 100_000_000, 25_000_000, 3),
        ("1", 3, "short", 1.0, -100_000_000, 0, 4),
        ("1", 40, "lost", 1.1, 0, -10_000_000, None),
        ("1", 46, "sidebet", 0.8, -20_000_000, 0, 5),
        ("1", 46, "cover", 0.8, 60_000_000, 10_000_000, 6),
        ("1", 50, "won", 0.016, 100_000_000, 80_000_000, None),
        ("1", 50, "rug", 0.016, 2_400_000, -222_600_000, None),
        ("1", 50, "short rug", 0.016, 99_200_000, 49_200_000, None),
        ("2", 0, "buy", 1.0, -100_000_000, 0, 8),
        ("2", 1, "sidebet", 1.2, -30_000_000, 0, 9),
        ("2", 2, "short", 1.3, -200_000_000, 0, 10),
        ("2", 2, "void", 1.3, 30_000_000, 0, None),
        ("2", 2, "void", 1.3, 100_000_000, 0, None),
        ("2", 2, "void", 1.3, 200_000_000, 0, None),
    ]
    assert account.cash == lamports(2.0) + sum(e.profit for e in account.entries)
    assert [game.ended for game in account.games] == ["rug", "void"]


def test_the_counts_of_a_ledger_and_of_its_parts(account):
    assert counts_of(account.entries) == LedgerCounts(
        buys=4,
        spent=700_000_000,
        trades=4,
        trades_won=3,
        bets=3,
        bets_won=1,
        bets_lost=1,
        staked=60_000_000,
        sold=35_000_000,
        settled=-173_400_000,
    )
    assert counts_of(account.entries[:3]) == LedgerCounts(
        1, 300_000_000, 1, 1, 1, 0, 0, 10_000_000, 25_000_000
    )
    assert counts_of(e for e in account.entries if e.what == "void") == LedgerCounts()
    assert counts_of([]) == LedgerCounts()


def test_closed_things_have_cost_proceeds_and_profit(account):
    frame = closed_frame(account.entries)
    assert frame["what"].tolist() == [
        "sell",
        "lost",
        "cover",
        "won",
        "rug",
        "short rug",
        "void",
        "void",
        "void",
    ]
    assert frame["opened_tick"].tolist() == [1, 0, 3, 46, 1, 3, 1, 0, 2]
    assert frame["closed_tick"].tolist() == [2, 40, 46, 50, 50, 50, 2, 2, 2]
    assert frame["cost_sol"].tolist() == [0.075, 0.01, 0.05, 0.02, 0.225, 0.05, 0.03, 0.1, 0.2]
    assert frame["proceeds_sol"].tolist() == [0.1, 0.0, 0.06, 0.1, 0.0024, 0.0992, 0.03, 0.1, 0.2]
    assert frame["profit_sol"].tolist() == [0.025, -0.01, 0.01, 0.08, -0.2226, 0.0492, 0.0, 0.0, 0.0]
    np.testing.assert_allclose(
        frame["units"], [0.05, np.nan, 0.05, np.nan, 0.15, 0.05, np.nan, 0.1, 0.153846153], rtol=1e-12
    )
    np.testing.assert_allclose(
        frame["average_cost"], [1.5, np.nan, 1.0, np.nan, 1.5, 1.0, np.nan, 1.0, 1.3], rtol=1e-8
    )


def test_equity_stands_at_each_tick(account):
    frame = equity_frame(account.start, account.entries, account.games, account.ticks, account.prices)
    assert frame["game_id"].str[-1].tolist() == ["1"] * 7 + ["2"] * 3
    assert frame["tick"].tolist() == [0, 1, 2, 3, 45, 46, 50, 0, 1, 2]
    assert frame["cash_sol"].tolist() == [1.99, 1.69, 1.79, 1.69, 1.69, 1.73, 1.9316, 1.8316, 1.8016, 1.9316]
    np.testing.assert_allclose(frame["position_sol"], [0, 0.3, 0.3, 0.15, 0.165, 0.12, 0, 0.1, 0.12, 0])
    np.testing.assert_allclose(frame["short_sol"], [0, 0, 0, 0.1, 0.09, 0.06, 0, 0, 0, 0])
    assert frame["stake_sol"].tolist() == [0.01, 0.01, 0.01, 0.01, 0.0, 0.02, 0.0, 0.0, 0.03, 0.0]
    columns = ["cash_sol", "position_sol", "short_sol", "stake_sol"]
    np.testing.assert_allclose(frame["equity_sol"], frame[columns].sum(axis=1))
    assert frame["price"].tolist() == [1.0, 1.5, 2.0, 1.0, 1.1, 0.8, 0.016, 1.0, 1.2, 1.3]
    assert account.equity.equals(frame)


def test_what_positions_are_worth_at_prices():
    held, shorted = np.array([0, 2_000_000_000]), np.array([1_000_000_000, 0])
    position, worth = values_of(np.array([3.0, 0.5]), held, shorted, np.array([2_000_000_000, 0]))
    assert (position.tolist(), worth.tolist()) == ([0, 1_000_000_000], [1_000_000_000, 0])
    assert values_of(np.array([9.0]), held[:1], shorted[:1], np.array([2_000_000_000]))[1].tolist() == [0]


def test_every_order_is_a_row(account):
    frame = orders_frame(account.orders)
    assert frame["action"].tolist()[:7] == ["sidebet", "buy", "sell", "short", "sidebet", "cover", "buy"]
    assert frame["size"].tolist() == [0.01, 0.3, 0.25, 0.1, 0.02, 0.5, 5.5, 0.1, 0.03, 0.2]
    assert frame["decided_tick"].tolist() == [-1, 0, 1, 2, 45, 45, -1, -1, 0, 1]
    assert frame["seen_tick"].tolist() == frame["decided_tick"].tolist()
    assert frame["status"].tolist() == ["filled"] * 6 + ["rejected"] + ["filled"] * 3
    assert frame["reason"].tolist() == [""] * 6 + ["above the maximum"] + [""] * 3
    assert frame["filled_tick"].fillna(-9).tolist() == [0, 1, 2, 3, 46, 46, -9, 0, 1, 2]
    assert frame["price"].tolist()[:6] == [1.0, 1.5, 2.0, 1.0, 0.8, 0.8]
    assert math.isnan(frame["price"][6])
    assert frame["game_id"].str[-1].tolist() == ["1"] * 6 + ["2"] * 4
    without = Account()
    without.submit(buy(0.1))
    assert orders_frame(without.orders)["game_id"].tolist() == [""]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (buy(0.01), "buy(0.01)"),
        (sell(), "sell(1)"),
        (sidebet(1e-7), "sidebet(1e-07)"),
        (hold(), "hold()"),
        (short(2), "short(2)"),
        (cover(0.25), "cover(0.25)"),
        (Action(1, "much"), "buy('much')"),  # type: ignore[arg-type]
        (Action(1, True), "buy(True)"),
        (Action(9, 0.5), "Action(9, 0.5)"),
        (Action(9, None), "Action(9, None)"),  # type: ignore[arg-type]
        (Action(0, 3.0), "hold()"),
    ],
)
def test_an_action_shows_how_it_is_made(action, words):
    assert repr(action) == words


def test_an_account_shows_its_cash_and_what_is_open():
    account = Account(1.5, shorts="linear")
    assert repr(account) == "<Account cash 1.5 SOL, realised +0 SOL, nothing open>"
    account.begin(GAMES[0])
    for action in (buy(0.1), short(0.2), sidebet(0.05)):
        account.submit(action)
    account.tick(0, 1.0)
    assert repr(account) == (
        "<Account cash 1.15 SOL, realised +0 SOL, position 0.1 units, short 0.2 SOL, side bet 0.05 SOL>"
    )
    account.rug(60, 0.5)
    assert repr(account) == "<Account cash 1.5 SOL, realised +0 SOL, nothing open>"


def test_a_game_without_a_known_end_is_refunded_and_its_orders_end():
    account = Account()
    account.begin(GAMES[0])
    account.submit(buy(0.1))
    account.submit(sidebet(0.1))
    account.tick(3, 1.0)
    late = account.submit(sell())
    account.void()
    assert [(e.what, e.tick, e.profit) for e in account.entries[2:]] == [("void", 3, 0), ("void", 3, 0)]
    assert late.reason is not None
    assert (account.cash, account.flat, account.tradeable) == (account.start, True, False)
    assert (account.games[-1].ended, account.games[-1].end) == ("void", 1)
    empty = Account()
    empty.begin(GAMES[0])
    empty.void()
    assert (empty.games[-1].ended, empty.entries) == ("void", [])


def test_bets_are_settled_at_their_last_tick_or_at_the_rug():
    account = Account()
    account.begin(GAMES[0])
    account.submit(sidebet(0.1))
    account.tick(0, 1.0)
    account.tick(39, 1.0)
    assert account.bet is not None
    account.tick(57, 1.0)
    assert account.bet is None
    assert [(e.what, e.tick, e.opened_tick, e.cost, e.cash_change) for e in account.entries[1:]] == [
        ("lost", 40, 0, 100_000_000, 0)
    ]
    account.submit(sidebet(0.1))
    account.tick(58, 1.0)
    account.rug(98, 0.02)
    assert [(e.what, e.tick, e.opened_tick, e.cost, e.cash_change) for e in account.entries[-1:]] == [
        ("won", 98, 58, 100_000_000, 500_000_000)
    ]
    account.settle_bet(99, won=True)
    assert len(account.entries) == 4


def test_units_are_rounded_down_as_the_server_does():
    assert units_bought(100_000_000, 3.0) == 33_333_333
    assert units_bought(200_000_000, 3.0) == 66_666_666
    assert units_bought(1, 2.0) == 0
    assert Position().buy(200_000_000, 3.0) == Position(66_666_666, 200_000_000)


def test_a_position_is_worth_its_units_at_the_price():
    held = Position(1_500_000_000, 3_000_000_000)
    assert (held.value_sol(2.0), held.value(2.0), held.units, held.cost_sol) == (3.0, 3_000_000_000, 1.5, 3.0)
    assert held.value_sol(1e-9) == 2e-9
    assert Position(3, 1).value(0.5) == 2


def test_a_line_has_what_is_held_after_it_and_what_had_been_paid(account):
    whole = [
        (e.nano_units, e.opened_tick, e.cost, e.held, e.stake, e.shorted, e.margin, e.place)
        for e in account.entries
    ]
    assert whole == [
        (0, 0, 0, 0, 10_000_000, 0, 0, 0),
        (200_000_000, 1, 0, 200_000_000, 10_000_000, 0, 0, 1),
        (50_000_000, 1, 75_000_000, 150_000_000, 10_000_000, 0, 0, 2),
        (100_000_000, 3, 0, 150_000_000, 10_000_000, 100_000_000, 100_000_000, 3),
        (0, 0, 10_000_000, 150_000_000, 0, 100_000_000, 100_000_000, 4),
        (0, 46, 0, 150_000_000, 20_000_000, 100_000_000, 100_000_000, 5),
        (50_000_000, 3, 50_000_000, 150_000_000, 20_000_000, 50_000_000, 50_000_000, 5),
        (0, 46, 20_000_000, 150_000_000, 0, 50_000_000, 50_000_000, 6),
        (150_000_000, 1, 225_000_000, 0, 0, 50_000_000, 50_000_000, 6),
        (50_000_000, 3, 50_000_000, 0, 0, 0, 0, 6),
        (100_000_000, 0, 0, 100_000_000, 0, 0, 0, 7),
        (0, 1, 0, 100_000_000, 30_000_000, 0, 0, 8),
        (153_846_153, 2, 0, 100_000_000, 30_000_000, 153_846_153, 200_000_000, 9),
        (0, 1, 30_000_000, 100_000_000, 0, 153_846_153, 200_000_000, 9),
        (100_000_000, 0, 100_000_000, 0, 0, 153_846_153, 200_000_000, 9),
        (153_846_153, 2, 200_000_000, 0, 0, 0, 0, 9),
    ]


def test_several_bets_and_sells_at_cost_are_counted():
    account = Account(1.0)
    account.begin(GAMES[0])
    for number in range(6):
        account.submit(sidebet(0.01))
        account.tick(50 * number, 1.0)
        account.tick(50 * number + 45, 1.0)
    account.submit(buy(0.1))
    account.tick(296, 1.0)
    account.submit(sell())
    account.tick(297, 1.0)
    account.rug(298, 0.02)
    account.begin(GAMES[1])
    account.submit(sidebet(0.01))
    account.tick(0, 1.0)
    account.rug(5, 0.02)
    account.begin(GAMES[0])
    account.submit(sidebet(0.01))
    account.tick(0, 1.0)
    account.rug(5, 0.02)
    counts = counts_of(account.entries)
    assert (counts.bets, counts.bets_won, counts.bets_lost, counts.staked) == (8, 2, 6, 80_000_000)
    assert (counts.trades, counts.trades_won, counts.sold) == (1, 0, 0)
    account = Account(1.0)
    account.begin(GAMES[0])
    account.submit(buy(0.001))
    account.tick(0, 1.0)
    account.submit(sell())
    account.tick(1, 1.000001)
    assert account.entries[-1].profit == 1  # lamport
    assert counts_of(account.entries).trades_won == 1


def test_equity_of_ticks_before_the_first_line_and_of_whole_prices():
    account = Account(1.0, shorts="linear")
    account.begin(GAMES[0])
    for tick in range(3):
        account.tick(tick, 1)  # a whole number
    account.submit(buy(0.1))
    account.tick(3, 2)
    frame = account.equity
    assert frame["cash_sol"].tolist() == [1.0, 1.0, 1.0, 0.9]
    assert frame["position_sol"].tolist() == [0.0, 0.0, 0.0, 0.1]
    assert frame["short_sol"].tolist() == [0.0] * 4
    assert frame["stake_sol"].tolist() == [0.0] * 4
    assert frame["price"].dtype == np.float64
    assert Account(1.0).equity.empty
