"""Were games selected by their outcome? Their lengths and peaks against the published price process.

Length and peak of a game are known only after it. Who backtests on games of ``peak > 10`` has hindsight, and
every strategy gains. Two tests show it: the rug hazard per tick (exact binomial) and the distribution of
lengths and peaks (Kolmogorov and Smirnov).
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

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
    from scipy import stats

    columns = games[:LOOKED_AT].columns
    known = columns.rug_tick > 0
    lengths = columns.rug_tick[known].astype(np.int64)
    count, ticks = len(lengths), int(lengths.sum())
    if not count:
        return None
    test = stats.binomtest(count, ticks, RUG_PROBABILITY)
    interval = test.proportion_ci(0.95, "exact")
    expected = simulated_games().columns
    peaks = columns.peak[known]
    hazard = count / ticks, float(interval.low), float(interval.high), float(test.pvalue)
    pairs = (lengths, expected.rug_tick), (peaks[np.isfinite(peaks)], expected.peak)
    p = (float(stats.ks_2samp(*pair, method="asymp").pvalue) if len(pair[0]) else 1.0 for pair in pairs)
    return OutcomeTest(count, *hazard, *p)


@cache
def simulated_games() -> Games:
    """Return games that nobody selected, in memory, the same each time."""
    from rugs_lab.recordings.games.synthetic import synthetic
    from rugs_lab.trading.sweep.sweep_tasks import made

    return made(synthetic(SIMULATED, seed=SEED, method="statistical"), 0, SIMULATED)
