"""Money rules: position, side bet and settlement. SOL throughout; prices are multipliers.

Pure arithmetic on frozen values; the ledger that strings them together is built on these. Source: DESIGN
section 4, PROTOCOL sections 8 to 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import SIDEBET_PAYOUT, SIDEBET_TICKS


@dataclass(frozen=True, slots=True)
class Position:
    """A long position.

    Attributes
    ----------
    units
        Held, as the server's ``positionQty``: SOL spent divided by the price paid.
    cost_sol
        What the held units cost, SOL.

    Examples
    --------
    >>> held = Position().buy(0.3, price=1.5).buy(0.1, price=0.5)
    >>> held.units, held.cost_sol, held.average_cost
    (0.4, 0.4, 1.0)
    >>> rest, proceeds = held.sell(0.5, price=2.0)
    >>> rest.units, proceeds, proceeds - (held.cost_sol - rest.cost_sol)
    (0.2, 0.4, 0.2)
    """

    units: float = 0.0
    cost_sol: float = 0.0

    @property
    def average_cost(self) -> float:
        """Average price paid, a multiplier; 0.0 without units, as the server's ``avgCost``."""
        return self.cost_sol / self.units if self.units else 0.0

    def value_sol(self, price: float) -> float:
        """Return what the units are worth at `price`, SOL."""
        return self.units * price

    def buy(self, amount_sol: float, price: float) -> Position:
        """Spend `amount_sol` at `price`."""
        _positive("amount_sol", amount_sol)
        _positive("price", price)
        return Position(self.units + amount_sol / price, self.cost_sol + amount_sol)

    def sell(self, fraction: float, price: float) -> tuple[Position, float]:
        """Sell a `fraction` (0 < fraction <= 1) at `price`; return what is left and the proceeds, SOL."""
        _positive("price", price)
        if not 0 < fraction <= 1:
            raise ArgumentError(f"fraction must be above 0 and at most 1; got {fraction!r}")
        if fraction == 1:
            return Position(), self.units * price
        sold = self.units * fraction
        return Position(self.units - sold, self.cost_sol - self.cost_sol * fraction), sold * price


@dataclass(frozen=True, slots=True)
class SideBet:
    """A bet that the game rugs within 40 ticks.

    Attributes
    ----------
    stake_sol
        SOL.
    start_tick
        Tick at which it was placed; 0 in presale.

    Examples
    --------
    >>> bet = SideBet(0.01, start_tick=10)
    >>> bet.end_tick, bet.wins(50), bet.wins(51), bet.payout_sol(50), bet.payout_sol(51)
    (50, True, False, 0.05, 0.0)
    """

    stake_sol: float
    start_tick: int

    @property
    def end_tick(self) -> int:
        """Last tick at which a rug wins the bet; a new bet may start here."""
        return self.start_tick + SIDEBET_TICKS

    def wins(self, rug_tick: int) -> bool:
        """Tell whether a rug at `rug_tick` wins the bet."""
        return rug_tick <= self.end_tick

    def payout_sol(self, rug_tick: int) -> float:
        """Return what comes back, the stake included, SOL: five stakes or nothing."""
        return SIDEBET_PAYOUT * self.stake_sol if self.wins(rug_tick) else 0.0


def _positive(name: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ArgumentError(f"{name} must be a finite number above 0; got {value!r}")
