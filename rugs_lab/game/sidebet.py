"""The side bet: a bet that the game rugs within 40 ticks. Source: see docs/the_game.md."""

from dataclasses import dataclass
from typing import Final

from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.game.money import sol

SIDEBET_TICKS: Final = 40
"""Window of a side bet, in ticks: it wins when the rug tick is at most the start plus this."""

SIDEBET_PAYOUT: Final = 5
"""A won side bet returns this many stakes in total (profit: one less)."""


def rug_within(ticks: int = SIDEBET_TICKS) -> float:
    """Return the chance that the rug comes within so many ticks, whenever one asks."""
    return 1 - (1 - RUG_PROBABILITY) ** ticks


@dataclass(frozen=True, slots=True)
class SideBet:
    """A bet that the game rugs within 40 ticks.

    `stake_lamports`: What was staked.
    `start_tick`: Tick at which it was placed; 0 in presale.

    Examples
    --------
    >>> from rugs_lab.game.money import lamports
    >>> bet = SideBet(lamports(0.01), start_tick=10)
    >>> bet.end_tick, bet.wins(50), bet.wins(51), sol(bet.payout(50)), bet.payout(51)
    (50, True, False, 0.05, 0)
    """

    stake_lamports: int
    start_tick: int

    @property
    def stake_sol(self) -> float:
        """What was staked, SOL."""
        return sol(self.stake_lamports)

    @property
    def end_tick(self) -> int:
        """Last tick at which a rug wins the bet; a new bet may start here."""
        return self.start_tick + SIDEBET_TICKS

    def wins(self, rug_tick: int) -> bool:
        """Return whether a rug at `rug_tick` wins the bet."""
        return rug_tick <= self.end_tick

    def payout(self, rug_tick: int) -> int:
        """Return what comes back, the stake included, lamports: five stakes or nothing."""
        return SIDEBET_PAYOUT * self.stake_lamports if self.wins(rug_tick) else 0
