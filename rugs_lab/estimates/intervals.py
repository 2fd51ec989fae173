"""95 % intervals where trials are censored or share games; the rows of tables of estimates."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.columns import dtypes
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate, share_interval

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES: Final = 2000
MOST_GROUPS: Final = 1000
FEWEST: Final = 10
_BATCH: Final = 4_000_000


class EstimateRow(NamedTuple):
    """An estimate in a table; NaN where the data, or the price process as the baseline, say nothing.

    `n` counts what it rests on, `n_unit` says what that is; `unit` is that of the four numbers.
    """

    measure: str
    value: float
    low: float
    high: float
    baseline: float
    unit: str
    n: int
    n_unit: str

    @classmethod
    def of(cls, measure: str, found: Estimate, baseline: float, unit: str, n_unit: str) -> EstimateRow:
        """Return the row of an estimate."""
        return cls(measure, found.value, found.low, found.high, baseline, unit, found.n, n_unit)


def table(rows: Iterable[EstimateRow]) -> pd.DataFrame:
    """Return one row per estimate, columns as the attributes of `EstimateRow`."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(EstimateRow._fields))
    numbers = dict.fromkeys(("value", "low", "high", "baseline"), "float64")
    return frame.astype(dtypes({"measure": "str", "unit": "str", "n": "int64", "n_unit": "str"} | numbers))


def from_error(
    share: ArrayLike, error: ArrayLike, n: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the interval of shares that are known with a standard error, as under censoring.

    That of `share_interval` for as many games as would give that error if none were censored (Korn and
    Graubard's way), at most `n`; so it is the same when none is, and keeps within 0 and 1. Where the share is
    0 or 1 the error says nothing and `n` is taken.
    """
    p, se, most = np.broadcast_arrays(
        np.asarray(share, float), np.asarray(error, float), np.asarray(n, float)
    )
    inside = (p > 0) & (p < 1) & np.isfinite(se) & (se > 0)
    effective = np.where(inside, p * (1 - p) / np.where(inside, se, 1) ** 2, most)
    effective = np.minimum(effective, most)
    return share_interval(p * effective, effective)


def totals(game: NDArray[np.int64], columns: Iterable[NDArray[Any]], games: int) -> NDArray[np.float64]:
    """Add up columns over whole games, for `clustered`; shape (games or groups, columns).

    `game` is the position of the game that each element belongs to. More than `MOST_GROUPS` games are put
    together at random to so many groups, which leaves intervals what they are and the time short.
    """
    groups, where = groups_of(games)
    made = [np.bincount(where[game], np.asarray(each, float), groups) for each in columns]
    return np.stack(made, axis=1)


@lru_cache(2)
def groups_of(games: int) -> tuple[int, NDArray[np.int64]]:
    """Return how many groups `totals` puts games together to, and the group of each game."""
    groups = min(games, MOST_GROUPS)
    order = np.random.default_rng(0).permutation(games) if games > groups else np.arange(games)
    return groups, order % max(groups, 1)


def clustered(
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]], sums: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return a statistic of totals over games with its bootstrap interval; whole games are drawn.

    What happens within one game belongs together (all bets of one game win or lose with its one rug), so
    ticks, bets or trades must not be drawn by themselves. `statistic` goes from totals, shape (..., columns),
    to values, shape (...); `sums` are the rows of `totals`. The percentile interval of 2,000 draws, the same
    each time; NaN where there are fewer than ten rows, or where every draw gave the same.
    """
    from scipy.stats import bootstrap

    with np.errstate(all="ignore"):
        value = float(statistic(sums.sum(axis=0)))
    if len(sums) < FEWEST or not np.isfinite(value):
        return value, np.nan, np.nan

    def of(rows: NDArray[np.int64], axis: int = -1) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            return statistic(sums[np.moveaxis(rows, axis, -1)].sum(axis=-2))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # draws that say nothing are sorted out below
        drawn: Any = bootstrap(
            (np.arange(len(sums)),),
            of,
            vectorized=True,
            n_resamples=RESAMPLES,
            batch=max(1, _BATCH // sums.size),
            confidence_level=CONFIDENCE,
            method="percentile",
            random_state=np.random.default_rng(0),
        )
    spread = drawn.bootstrap_distribution[np.isfinite(drawn.bootstrap_distribution)]
    if len(spread) < 2 or spread.min() == spread.max():
        return value, np.nan, np.nan
    low, high = np.quantile(spread, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return value, float(low), float(high)


def ratio(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the first column of totals over the second, for `clustered`."""
    quotient: NDArray[np.float64] = totals[..., 0] / totals[..., 1]
    return quotient


def max_statistic(blocks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a p-value for the mean of each of several series that share their games, corrected for all.

    How often the largest of them would be as far from zero, in its standard errors, if none had another mean:
    by the multiplier bootstrap (Chernozhukov, Chetverikov and Kato 2013), which keeps what the series have in
    common. `blocks` are sums over the same blocks of games, shape (series, blocks); without spread p is 1.
    """
    series, count = blocks.shape
    if count < FEWEST or not series:
        return np.ones(series)
    centred = blocks - blocks.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).sum(axis=1))
    some = spread > 0
    unit = centred[some] / spread[some, None]
    draws = int(min(RESAMPLES, max(200, 2e10 // max(blocks.size, 1))))
    multipliers = np.random.default_rng(0).standard_normal((count, draws))
    largest = np.zeros(draws)
    for at in range(0, len(unit), 1000):
        largest = np.maximum(largest, np.abs(unit[at : at + 1000] @ multipliers).max(axis=0))
    found = np.abs(blocks[some].sum(axis=1)) / spread[some] * np.sqrt((count - 1) / count)
    p = np.ones(series)
    above = draws - np.searchsorted(np.sort(largest), found, side="left")
    p[some] = (1 + above) / (1 + draws)
    return p
