"""Shorts under the linear assumption: off unless asked for, ledgers by hand, everywhere the same."""

from __future__ import annotations

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import Short, lamports
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import buy, cover, sell, short, sidebet
from rugs_lab.trading.account.orders import Rejection
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from tests.support.strategies import games_of, scripted

ASSUMED = Options(shorts="linear")


def played(script, *path, rug=True):
    """The account after one game."""
    games = games_of(path, rugs=[len(path) - 1 if rug else None])
    return play(scripted(script), games, ASSUMED, engine="tick").account


def lines(account):
    """What happened, and what it changed, in thousandths of a SOL."""
    return [(e.what, e.tick, e.cash_change / 1e6, e.profit / 1e6) for e in account.entries]


def test_without_the_assumption_they_are_turned_away():
    account = play(scripted({0: short(0.1), 1: cover()}), games_of([1, 1, 1, 0.02]), engine="tick").account
    assert [order.reason for order in account.orders] == [Rejection.SHORTS_UNKNOWN] * 2
    assert not account.entries
    with pytest.raises(ArgumentError, match='"linear"'):
        Account(shorts="quadratic")


def test_a_short_that_is_covered_gains_what_the_price_fell():
    account = played({0: short(0.1), 2: cover()}, 1.0, 2.0, 1.8, 1.5, 0.02)
    assert lines(account) == [("short", 1, -100, 0), ("cover", 3, 125, 25)]
    assert account.trades[["what", "opened_tick", "closed_tick", "average_cost"]].values.tolist() == [
        ["cover", 1, 3, 2.0]
    ]


def test_a_short_that_is_open_at_the_rug_is_settled_at_the_rug_price():
    account = played({-1: short(0.1)}, 1.0, 1.3, 0.02)
    assert lines(account) == [("short", 0, -100, 0), ("short rug", 2, 198, 98)]
    assert account.equity["short_sol"].tolist() == pytest.approx([0.1, 0.07, 0.0])
    assert account.equity["equity_sol"].tolist() == pytest.approx([1.0, 0.97, 1.098])


def test_several_shorts_have_an_average_entry_and_add_up():
    account = played({0: short(0.1), 1: short(0.1), 2: cover(0.5), 3: cover()}, 1.0, 2.0, 1.0, 0.8, 1.2, 0.02)
    assert [line[:2] for line in lines(account)] == [("short", 1), ("short", 2), ("cover", 3), ("cover", 4)]
    assert account.trades["average_cost"].tolist() == pytest.approx([4 / 3, 4 / 3])
    # 0.1 at 2 and 0.1 at 1 are 0.15 units; half of them at 0.8 and half at 1.2
    assert account.trades["profit_sol"].tolist() == pytest.approx([0.1 - 0.075 * 0.8, 0.1 - 0.075 * 1.2])


def test_from_twice_the_entry_on_the_size_is_lost_and_no_more():
    account = played({-1: short(0.1), 1: cover()}, 1.0, 1.99, 2.0, 50.0, 0.02)
    assert lines(account) == [("short", 0, -100, 0), ("liquidated", 2, 0, -100)]
    assert account.orders[1].reason is Rejection.NO_SHORT
    leap = played({-1: short(0.1)}, 1.0, 10.0, 0.02)
    assert lines(leap)[1] == ("liquidated", 1, 0, -100)


def test_an_end_that_is_not_known_gives_the_margin_back():
    account = played({-1: (short(0.1), sidebet(0.01))}, 1.0, 1.5, rug=False)
    assert lines(account)[2:] == [("void", 1, 10, 0), ("void", 1, 100, 0)]


def test_long_and_short_stand_side_by_side():
    account = played({-1: buy(0.1), 0: short(0.1), 1: sell(), 2: cover()}, 1.0, 1.0, 1.5, 1.5, 0.02)
    assert account.realised == 0


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (short(0.0001), Rejection.BELOW_MINIMUM),
        (short(6.0), Rejection.ABOVE_MAXIMUM),
        (short(1.5), Rejection.NOT_ENOUGH_CASH),
        (cover(), Rejection.NO_SHORT),
        (cover(1.5), Rejection.ABOVE_MAXIMUM),
        (cover(0), Rejection.BELOW_MINIMUM),
    ],
)
def test_a_short_has_the_limits_of_a_buy(action, reason):
    account = Account(1.0, shorts="linear")
    account.begin("20260101-0000000000000000")
    assert account.submit(action).reason is reason
    assert account.submit(short(0.6)).reason is None
    assert account.submit(short(0.6)).reason is Rejection.NOT_ENOUGH_CASH
    assert account.submit(cover()).reason is None


def test_a_strategy_sees_its_short():
    seen = []

    def strategy(o):
        seen.append((o.short_size, o.short_entry, o.short_unrealised, o.equity, o.units))
        return short(0.1) if o.tick < 0 else None

    play(strategy, games_of([1.0, 1.5, 2.5, 0.02]), ASSUMED, engine="tick")
    assert seen[0] == (0, 0, 0, 1, 0)
    assert seen[1:3] == [(0.1, 1.0, 0.0, 1.0, 0.0), (0.1, 1.0, -0.05, 0.95, 0.0)]
    assert seen[3] == (0.0, 0.0, 0.0, 0.9, 0.0)


def test_what_is_left_of_a_part_and_the_part_are_the_whole():
    whole = Short().add(lamports(0.333333333), 1.7).add(lamports(0.1), 0.3)
    rest, proceeds = whole.cover(0.25, 0.9)
    assert abs(proceeds + rest.value(0.9) - whole.value(0.9)) <= 2
    assert whole.cover(1.0, 0.9) == (Short(), whole.value(0.9))
    assert Short(1, 1).cover(0.25, 1.0) == (Short(1, 1), 0)
