"""Time of day: whether any hour differs from the others."""

from collections.abc import Callable
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
_AT_ONCE: Final = 8
"""Permutations in memory: scipy would keep all of them."""


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
    lived, known = (hour >= 0) & (ticks > 0), (hour >= 0) & np.isfinite(peak)
    rows = []
    for name, hours, statistic, values in (
        ("hazard per tick", hour[lived], _chi_squared, (rugs[lived], ticks[lived])),
        ("peak", hour[known], _kruskal_wallis, (rankdata(peak[known]),)),
    ):
        n_hours = len(np.unique(hours))
        value, p = _permuted(hours, statistic, *values) if n_hours > 1 else (np.nan, np.nan)
        rows.append((name, value, p, len(hours), n_hours))
    return pd.DataFrame(rows, columns=["measure", "statistic", "p", "n_games", "n_hours"])


def _chi_squared(hours: NDArray[np.int64], rugs: NDArray[np.float64], ticks: NDArray[np.float64]) -> float:
    """Return chi-squared of rugs by hour, given the ticks at risk."""
    found = np.bincount(hours, rugs, HOURS)
    expected = np.bincount(hours, ticks, HOURS) * (found.sum() / ticks.sum())
    some = expected > 0
    return float(((found - expected)[some] ** 2 / expected[some]).sum())


def _kruskal_wallis(hours: NDArray[np.int64], ranks: NDArray[np.float64]) -> float:
    """Return the statistic of ranks by hour, up to a factor that permuting does not change."""
    n = len(ranks)
    counts = np.bincount(hours, minlength=HOURS)
    sums = np.bincount(hours, ranks - (n + 1) / 2, HOURS)
    some = counts > 0
    return float(12 / (n * (n + 1)) * (sums[some] ** 2 / counts[some]).sum())


def _permuted(
    hours: NDArray[np.int64], statistic: Callable[..., float], *values: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the statistic of values by hour, and how often permuted hours give at least as much."""
    from scipy.stats import permutation_test

    done = permutation_test(
        (hours,),
        lambda permuted: statistic(permuted, *values),
        permutation_type="pairings",
        vectorized=False,
        n_resamples=_PERMUTATIONS,
        batch=_AT_ONCE,
        alternative="greater",
        random_state=np.random.default_rng(0),
    )
    return float(done.statistic), float(done.pvalue)


def _hours(games: Games) -> NDArray[np.int64]:
    """Return the hour in which each game began, -1 where that is not known."""
    began = games.columns.started_ns
    return np.where(began == NOT_A_TIME, -1, began // _HOUR_NS % HOURS)
