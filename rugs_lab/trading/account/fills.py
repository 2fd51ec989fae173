"""When and at what price an order is filled, for how much, and why it may be rejected at that moment.

An order decided at tick t is due at tick t + latency, one decided in presale at tick 0; it is filled at the
price of the first known tick from then on. The arithmetic is that of `rugs_lab.game.money`.
"""

from rugs_lab.game.money import lamports
from rugs_lab.game.sidebet import SideBet
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.holdings import Holdings
from rugs_lab.trading.account.orders import Order, Rejection


def due_tick(decided: int, latency: int) -> int:
    """Return the tick from which on an order is filled that was decided at a tick (-1: presale)."""
    return 0 if decided < 0 else decided + latency


def fill(holdings: Holdings, order: Order, tick: int, price: float) -> None:
    """Fill an order at the price of a tick, or reject it where there is nothing to fill any more."""
    if order.action.kind in (Kind.BUY, Kind.SHORT):
        reason = _open(holdings, order, tick, price)
    elif order.action.kind in (Kind.SELL, Kind.COVER):
        reason = _close(holdings, order, tick, price)
    else:
        reason = _bet(holdings, order, tick)
    if reason is None:
        order.fill(tick, price)
    else:
        order.reject(reason)


def _open(holdings: Holdings, order: Order, tick: int, price: float) -> Rejection | None:
    kind, size = order.action
    before = holdings.position if kind == Kind.BUY else holdings.short
    amount = lamports(size)
    after = before.buy(amount, price)
    if after.nano_units == before.nano_units:
        return Rejection.BELOW_MINIMUM
    holdings.hold(after, "buy" if kind == Kind.BUY else "short", -amount, tick, order)
    return None


def _close(holdings: Holdings, order: Order, tick: int, price: float) -> Rejection | None:
    kind, fraction = order.action
    before = holdings.position if kind == Kind.SELL else holdings.short
    if not before.nano_units:
        return Rejection.NO_POSITION if kind == Kind.SELL else Rejection.NO_SHORT
    rest, proceeds = before.sell(fraction, price)
    if rest.nano_units == before.nano_units:
        return Rejection.BELOW_MINIMUM
    holdings.hold(rest, "sell" if kind == Kind.SELL else "cover", proceeds, tick, order)
    return None


def _bet(holdings: Holdings, order: Order, tick: int) -> Rejection | None:
    if holdings.bet is not None:
        return Rejection.BET_ALREADY_OPEN
    stake = lamports(order.action.size)
    holdings.bet = SideBet(stake, tick)
    holdings.book("sidebet", tick, 0, tick, 0, -stake, order)
    return None
