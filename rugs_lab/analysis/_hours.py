"""Time of day: whether any hour differs from the others."""

from collections.abc import Callable
from functools import partial
from itertools import permutations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._observed import only_games, spells
from rugs_lab.estimates.estimate import share
from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import NOT_A_TIME

HOURS: Final = 24
_HOUR_NS: Final = 3_600_000_000_000
_PERMUTATIONS: Final = 2000


def by_hour(games: Games) -> pd.DataFrame:
    """Return the hazard by the hour (UTC) in which games began; `hour_tests` has peaks too.

    Returns
    -------
    DataFrame
        One row per hour: ``hour_utc``, ``n_games``, ``n_ticks`` at risk, ``rugs``, ``hazard_per_tick`` with
        its exact interval ``low``, ``high`` and ``baseline``. Games without a time are left out.
    """
    only_games("by_hour", games)
    hour = _hours(games)
    found = spells(games)
    rows = []
    for each in range(HOURS):
        mine = hour == each
        some = mine[found.game]
        ticks, rugs = int((found.exit - found.entry)[some].sum()), int(found.ended[some].sum())
        value, low, high, *_ = share(rugs, ticks)
        rows.append((each, int(mine.sum()), ticks, rugs, value, low, high, RUG_PROBABILITY))
    names = ["hour_utc", "n_games", "n_ticks", "rugs", "hazard_per_tick", "low", "high", "baseline"]
    return pd.DataFrame(rows, columns=names)


def hour_tests(games: Games) -> pd.DataFrame:
    """Test whether hazard or peak depends on the hour in which a game began.

    The hours are permuted over the games 2,000 times; p is the share of permutations in which hours differ at
    least as much as they do (never below 1 in 2,001). Nothing is assumed of distributions.

    Returns
    -------
    DataFrame
        Two rows, ``hazard per tick`` (chi-squared of rugs by hour) and ``peak`` (Kruskal-Wallis of peaks by
        hour): ``measure``, ``statistic``, ``p``, ``n_games``, ``n_hours`` with games. Missing with fewer than
        two hours.
    """
    from scipy.stats import rankdata

    only_games("hour_tests", games)
    hour = _hours(games)
    found = spells(games)
    ticks = np.bincount(found.game, found.exit - found.entry, len(games)).astype(float)
    rugs = np.bincount(found.game, found.ended, len(games)).astype(float)
    peak = games.columns.peak
    timed = hour >= 0
    lived, known = timed & (ticks > 0), timed & np.isfinite(peak)
    rank = np.zeros(len(games))
    rank[known] = rankdata(peak[known]) - (known.sum() + 1) / 2
    results = _permuted(
        hour[timed],
        partial(_chi_squared, rugs=rugs[timed], ticks=ticks[timed]),
        partial(_kruskal_wallis, rank=rank[timed], known=known[timed].astype(float)),
    )
    rows = []
    for name, some, result in zip(("hazard per tick", "peak"), (lived, known), results, strict=True):
        n_hours = len(np.unique(hour[some]))
        rows.append((name, *(result if n_hours > 1 else (np.nan, np.nan)), int(some.sum()), n_hours))
    return pd.DataFrame(rows, columns=["measure", "statistic", "p", "n_games", "n_hours"])


def _chi_squared(hours: NDArray[np.int8], rugs: NDArray[np.float64], ticks: NDArray[np.float64]) -> float:
    """Return chi-squared of rugs by hour, given the ticks at risk."""
    found = np.bincount(hours, rugs, HOURS)
    expected = np.bincount(hours, ticks, HOURS) * (found.sum() / ticks.sum())
    some = expected > 0
    return float(((found - expected)[some] ** 2 / expected[some]).sum())


def _kruskal_wallis(hours: NDArray[np.int8], rank: NDArray[np.float64], known: NDArray[np.float64]) -> float:
    """Return the statistic of ranks less their mean by hour, 0 where not `known`, up to a constant factor."""
    counts, n = np.bincount(hours, known, HOURS), known.sum()
    sums = np.bincount(hours, rank, HOURS)
    some = counts > 0
    return float(12 / (n * (n + 1)) * (sums[some] ** 2 / counts[some]).sum())


def _permuted(
    hours: NDArray[np.int64], *statistics: Callable[[NDArray[np.int8]], float]
) -> list[tuple[float, float]]:
    """Return statistics and p values as `scipy.stats.permutation_test`, which keeps every permutation."""
    rng, few, small = np.random.default_rng(0), len(hours) <= 6, hours.astype(np.int8)
    drawn = permutations(small) if few else (rng.permuted(small) for _ in range(_PERMUTATIONS))
    with np.errstate(all="ignore"):
        value = np.array([statistic(small) for statistic in statistics])
        least = value - 100 * np.finfo(float).eps * value
        count, more = 1 - few, np.full(len(value), 1 - few)  # if drawn, the hours themselves are one more
        for order in map(partial(np.asarray, dtype=np.int8), drawn):
            count += 1
            more += [statistic(order) for statistic in statistics] >= least
    return list(zip(value.tolist(), (more / count).tolist(), strict=True))


def _hours(games: Games) -> NDArray[np.int64]:
    """Return the hour in which each game began, -1 where that is not known."""
    began = games.columns.started_ns
    return np.where(began == NOT_A_TIME, -1, began // _HOUR_NS % HOURS)
