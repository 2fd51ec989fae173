"""When and at what price an order is filled, for how much, and why it may be rejected at that moment.

An order decided at tick t is due at tick t + latency, one decided in presale at tick 0; it is filled at the
price of the first known tick from then on. The arithmetic is that of `rugs_lab.game.money`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rugs_lab.game.money import lamports
from rugs_lab.game.sidebet import SideBet
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.orders import Rejection

if TYPE_CHECKING:
    from rugs_lab.trading.account.holdings import Holdings
    from rugs_lab.trading.account.orders import Order


def due_tick(decided: int, latency: int) -> int:
    """Return the tick from which on an order is filled that was decided at a tick (-1: presale).

    Examples
    --------
    >>> due_tick(-1, 3), due_tick(7, 3)
    (0, 10)
    """
    return 0 if decided < 0 else decided + latency


def fill(holdings: Holdings, order: Order, tick: int, price: float) -> None:
    """Fill an order at the price of a tick, or reject it where there is nothing to fill any more."""
    kind, size = order.action
    if kind == Kind.BUY:
        reason = _buy(holdings, order, lamports(size), tick, price)
    elif kind == Kind.SELL:
        reason = _sell(holdings, order, size, tick, price)
    elif kind == Kind.SHORT:
        reason = _short(holdings, order, lamports(size), tick, price)
    elif kind == Kind.COVER:
        reason = _cover(holdings, order, size, tick, price)
    else:
        reason = _bet(holdings, order, lamports(size), tick)
    if reason is None:
        order.fill(tick, price)
    else:
        order.reject(reason)


def _buy(holdings: Holdings, order: Order, amount: int, tick: int, price: float) -> Rejection | None:
    before, after = holdings.position, holdings.position.buy(amount, price)
    bought = after.nano_units - before.nano_units
    if not bought:
        return Rejection.BELOW_MINIMUM
    holdings.open_position(after, tick)
    holdings.book("buy", tick, bought, holdings.opened_tick, 0, -amount, order)
    return None


def _sell(holdings: Holdings, order: Order, fraction: float, tick: int, price: float) -> Rejection | None:
    if not holdings.position.nano_units:
        return Rejection.NO_POSITION
    rest, proceeds = holdings.position.sell(fraction, price)
    if rest.nano_units == holdings.position.nano_units:
        return Rejection.BELOW_MINIMUM
    holdings.close_position("sell", rest, proceeds, tick, order)
    return None


def _short(holdings: Holdings, order: Order, amount: int, tick: int, price: float) -> Rejection | None:
    before, after = holdings.short, holdings.short.add(amount, price)
    shorted = after.nano_units - before.nano_units
    if not shorted:
        return Rejection.BELOW_MINIMUM
    holdings.open_short(after, tick)
    holdings.book("short", tick, shorted, holdings.shorted_tick, 0, -amount, order)
    return None


def _cover(holdings: Holdings, order: Order, fraction: float, tick: int, price: float) -> Rejection | None:
    if not holdings.short.nano_units:
        return Rejection.NO_SHORT
    rest, proceeds = holdings.short.cover(fraction, price)
    if rest.nano_units == holdings.short.nano_units:
        return Rejection.BELOW_MINIMUM
    holdings.close_short("cover", rest, proceeds, tick, order)
    return None


def _bet(holdings: Holdings, order: Order, stake: int, tick: int) -> Rejection | None:
    if holdings.bet is not None:
        return Rejection.BET_ALREADY_OPEN
    holdings.bet = SideBet(stake, tick)
    holdings.book("sidebet", tick, 0, tick, 0, -stake, order)
    return None
