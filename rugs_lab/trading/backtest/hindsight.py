"""Were games selected by their outcome? Their lengths and peaks against the published price process.

Length and peak of a game are known only after it. Who backtests on games of ``peak > 10`` has hindsight, and
every strategy gains. Two tests show it: the rug hazard per tick (exact binomial) and the distribution of
lengths and peaks (Kolmogorov and Smirnov).
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.estimates.estimate import share
from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.recordings.games.games import Games

LOOKED_AT: Final = 4096
"""At most so many games are tested, the first ones: more would add nothing."""
UNLIKELY: Final = 1e-4
"""Games whose p-value is below this, in any of the tests, are called selected."""
SIMULATED: Final = 20_000
SEED: Final = 20_251_124


@dataclass(frozen=True, slots=True)
class OutcomeTest:
    """How the outcomes of games compare with the published price process.

    Rugs per tick with the 95 % interval (Clopper and Pearson), of the games with a known rug; and p-values:
    how likely a difference at least this large is by chance.
    """

    games: int
    hazard: float
    low: float
    high: float
    p_hazard: float
    p_length: float
    p_peak: float

    @property
    def selected(self) -> bool:
        """Whether the games can hardly be a random sample of the price process."""
        return min(self.p_hazard, self.p_length, self.p_peak) < UNLIKELY

    def __str__(self) -> str:
        chances = f"hazard {self.p_hazard:.2g}, lengths {self.p_length:.2g}, peaks {self.p_peak:.2g}"
        return (
            f"rugs per tick {self.hazard:.5f} (95 % interval {self.low:.5f} to {self.high:.5f}, "
            f"n = {self.games} games) against {RUG_PROBABILITY} expected; "
            f"chance of such a difference: {chances}"
        )


def outcome_test(games: Games) -> OutcomeTest | None:
    """Compare the outcomes of games with the published price process; None when no rug is known."""
    from scipy.special import bdtr, bdtrc

    columns = games[:LOOKED_AT].columns
    known = columns.rug_tick > 0
    lengths = columns.rug_tick[known].astype(np.int64)
    count, ticks = len(lengths), int(lengths.sum())
    if not count:
        return None
    found = share(count, ticks)
    tails = bdtr(count, ticks, RUG_PROBABILITY), bdtrc(count - 1, ticks, RUG_PROBABILITY)
    expected, peaks = simulated_games().columns, columns.peak[known]
    p_length = _p_value(lengths, expected.rug_tick)
    p_peak = _p_value(peaks[np.isfinite(peaks)], expected.peak)
    p_hazard = min(1.0, 2 * float(min(tails)))
    return OutcomeTest(count, found.value, found.low, found.high, p_hazard, p_length, p_peak)


def _p_value(some: NDArray[Any], others: NDArray[Any]) -> float:
    """Return the p-value of Kolmogorov and Smirnov's test of two samples, twice that of one side.

    `scipy.stats` has it, too, but takes longer to import than a backtest.
    """
    from scipy.special import smirnov

    if not len(some):
        return 1.0
    at = np.concatenate([some, others])
    shares = [np.searchsorted(np.sort(each), at, "right") / len(each) for each in (some, others)]
    size = round(len(some) * len(others) / len(at))
    return min(1.0, 2 * float(smirnov(max(size, 1), np.abs(shares[0] - shares[1]).max())))


@cache
def simulated_games() -> Games:
    """Return games that nobody selected, in memory, the same each time."""
    from rugs_lab.recordings.games.synthetic import synthetic
    from rugs_lab.trading.sweep.sweep_tasks import made

    return made(synthetic(SIMULATED, seed=SEED, method="statistical"), 0, SIMULATED)
