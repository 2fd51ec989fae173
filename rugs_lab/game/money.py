"""Money rules: position, short and the limits of an order. Prices are multipliers; SOL has nine decimals.

Everything is counted in whole billionths, as the server does (its quantities carry nine decimals): SOL in
lamports, units in nano-units. So sums are exact, in any order, in Python and compiled alike, and a ledger
balances to the last bit. Pure arithmetic on frozen values; the ledger that strings them together is
`rugs_lab.trading.account.account`. Source of the rules: see docs/the_game.md.
"""

from dataclasses import dataclass
from math import floor, isfinite
from typing import Final, Self

from rugs_lab.errors import ArgumentError

BILLION: Final = 1_000_000_000
"""Lamports in one SOL, nano-units in one unit."""

BET_MIN_SOL: Final = 0.001
BET_MAX_SOL: Final = 5.0
"""Least and most that one order may spend, SOL."""

SELL_FRACTIONS: Final = (0.10, 0.25, 0.50, 1.00)
"""Partial sells that the site offers."""


def lamports(amount_sol: float) -> int:
    """Return an amount of SOL as whole lamports, rounded half to even."""
    if not isfinite(amount_sol):
        raise ArgumentError(f"an amount must be a finite number of SOL; got {amount_sol!r}")
    return round(amount_sol * BILLION)


def sol(amount: int) -> float:
    """Return lamports as SOL."""
    return amount / BILLION


def units_bought(amount: int, price: float) -> int:
    """Return the nano-units that `amount` lamports buy at `price`, rounded down as the server does."""
    return floor(amount / price)


def worth(units: int, price: float) -> int:
    """Return what `units` nano-units are worth at `price`, lamports, rounded half to even."""
    return round(units * price)


def share(whole: int, fraction: float) -> int:
    """Return a fraction (above 0, at most 1) of lamports or nano-units, rounded half to even."""
    return whole if fraction >= 1.0 else round(whole * fraction)


@dataclass(frozen=True, slots=True)
class Position:
    """A long position.

    `nano_units`: Held: SOL spent divided by the price paid, in billionths (the server's ``positionQty`` times
        1e9).
    `cost_lamports`: What the held units cost.

    Examples
    --------
    >>> held = Position().buy(lamports(0.3), price=1.5).buy(lamports(0.1), price=0.5)
    >>> held.units, held.cost_sol, held.average_cost
    (0.4, 0.4, 1.0)
    >>> rest, proceeds = held.sell(0.5, price=2.0)
    >>> rest.units, sol(proceeds), sol(proceeds - (held.cost_lamports - rest.cost_lamports))
    (0.2, 0.4, 0.2)
    """

    nano_units: int = 0
    cost_lamports: int = 0

    @property
    def units(self) -> float:
        """Units held, each worth the price in SOL."""
        return self.nano_units / BILLION

    @property
    def cost_sol(self) -> float:
        """What the held units cost, SOL."""
        return sol(self.cost_lamports)

    @property
    def average_cost(self) -> float:
        """Average price paid, a multiplier; 0.0 without units, as the server's ``avgCost``."""
        return self.cost_lamports / self.nano_units if self.nano_units else 0.0

    def value(self, price: float) -> int:
        """Return what the units are worth at `price`, lamports."""
        return worth(self.nano_units, price)

    def value_sol(self, price: float) -> float:
        """Return what the units are worth at `price`, SOL."""
        return sol(self.value(price))

    def buy(self, amount: int, price: float) -> Self:
        """Spend `amount` lamports at `price`."""
        _positive("amount", amount)
        _positive("price", price)
        return type(self)(self.nano_units + units_bought(amount, price), self.cost_lamports + amount)

    def sell(self, fraction: float, price: float) -> tuple[Self, int]:
        """Sell a `fraction` (0 < fraction <= 1) at `price`; return what is left and the proceeds, lamports.

        The cost goes with the units in the same proportion, so the average cost stays. A fraction too small
        for a billionth of a unit sells nothing.
        """
        _positive("price", price)
        if not 0 < fraction <= 1:
            raise ArgumentError(f"fraction must be above 0 and at most 1; got {fraction!r}")
        sold = share(self.nano_units, fraction)
        if sold == self.nano_units:
            return type(self)(), self.value(price)
        if not sold:
            return self, 0
        part = type(self)(sold, share(self.cost_lamports, fraction))
        rest = type(self)(self.nano_units - sold, self.cost_lamports - part.cost_lamports)
        return rest, part.value(price)


class Short(Position):
    """A short under the linear assumption; how the site settles shorts is not known.

    The size leaves the cash as margin (`cost_lamports`) and makes ``size / entry`` units, so that the profit
    at a price is ``size * (entry - price) / entry``: the margin less what the units are worth. Shorts at
    several prices add up exactly. No more than the margin can be lost: it is gone from twice the entry on.

    Examples
    --------
    >>> open_one = Short().add(lamports(0.1), price=2.0).add(lamports(0.1), price=1.0)
    >>> open_one.cost_sol, round(open_one.average_cost, 9), sol(open_one.value(1.0)), open_one.value(3.0)
    (0.2, 1.333333333, 0.25, 0)
    >>> rest, proceeds = open_one.cover(0.5, price=1.0)
    >>> rest.cost_sol, sol(proceeds)
    (0.1, 0.125)
    """

    __slots__ = ()
    add, cover = Position.buy, Position.sell

    def value(self, price: float) -> int:
        """Return the proceeds of covering everything at `price`: margin and profit, at least 0, lamports."""
        return max(0, 2 * self.cost_lamports - worth(self.nano_units, price))


def _positive(name: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ArgumentError(f"{name} must be a finite number above 0; got {value!r}")
