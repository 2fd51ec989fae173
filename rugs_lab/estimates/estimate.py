"""`Estimate`: a number with its 95 % interval; the interval of a share, and that of a mean.

There is one interval for a share, that of Clopper and Pearson. It holds the true share in at least 95 % of
cases, whatever the share and however few the trials. Wilson's is shorter, but falls below 95 % for rare
events, and many shares here are of those (rugs per tick, ruin). There is one for a mean, Student's.
Games are independent by the published price process (each has a seed of its own), which both rely on; where
trials share games, see `rugs_lab.estimates.intervals.clustered`.

Money is whole lamports, so sums and sums of squares are exact whole numbers: the mean of a million games is
the same whether they were summed at once, in chunks, on threads or on many machines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.game.money import BILLION

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CONFIDENCE: Final = 0.95
SIGNIFICANT_ERRORS: Final = 2.0
"""A mean nearer to zero than this many standard errors is not called different from zero."""

_NAN: Final = float("nan")
_BLOCK: Final = 2**18
_SPLIT: Final = 2**22
_FITS: Final = 2**44


class Estimate(NamedTuple):
    """A number with its 95 % interval.

    Attributes
    ----------
    value, low, high
        The number and its interval; NaN when `n` is too small to tell.
    error
        Standard error, in the same unit.
    n
        What it rests on: trials, games or sessions.
    """

    value: float
    low: float
    high: float
    error: float
    n: int

    def scaled(self, factor: float) -> Estimate:
        """Return the same in another unit (`factor` above 0)."""
        value, low, high, error = (each * factor for each in self[:4])
        return Estimate(value, low, high, error, self.n)

    @property
    def significant(self) -> bool:
        """Whether it differs from zero by two standard errors or more."""
        return bool(self.n > 1 and self.value != 0 and abs(self.value) >= SIGNIFICANT_ERRORS * self.error)


UNKNOWN: Final = Estimate(_NAN, _NAN, _NAN, _NAN, 0)
"""What is said of no games."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, sum and sum of squares of whole numbers, exact; ``+`` joins those of two chunks."""

    n: int = 0
    total: int = 0
    squares: int = 0

    @classmethod
    def of(cls, values: NDArray[Any]) -> Moments:
        """Return the moments of an array of int64."""
        whole = np.asarray(values, np.int64)
        blocks = [whole[at : at + _BLOCK] for at in range(0, len(whole), _BLOCK)]
        total = sum(_sum(block) for block in blocks)
        return cls(len(whole), total, sum(_sum_of_squares(block) for block in blocks))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    def mean(self) -> Estimate:
        """Return the mean with Student's interval (that of scipy).

        Profits have a long right tail: with some hundred games in which few win much the interval is a
        little too narrow, and its centre too low.
        """
        if not self.n:
            return UNKNOWN
        value = self.total / self.n
        if self.n == 1:
            return Estimate(value, _NAN, _NAN, _NAN, 1)
        from scipy import stats

        spread = (self.n * self.squares - self.total**2) / (self.n**2 * (self.n - 1))
        error = float(np.sqrt(spread))
        if not error:
            return Estimate(value, value, value, 0.0, self.n)
        low, high = stats.t.interval(CONFIDENCE, self.n - 1, value, error)
        return Estimate(value, float(low), float(high), error, self.n)

    def mean_sol(self) -> Estimate:
        """Return the mean of lamports in SOL."""
        return self.mean().scaled(1 / BILLION)


def share(hits: int, n: int) -> Estimate:
    """Return the share of hits in n independent trials; see `share_interval`."""
    hits, n = int(hits), int(n)
    if not n:
        return UNKNOWN
    value = hits / n
    low, high = share_interval(hits, n)
    return Estimate(value, float(low), float(high), float((value * (1 - value) / n) ** 0.5), n)


def share_interval(hits: ArrayLike, n: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % interval of shares by Clopper and Pearson, low and high; NaN where n is 0.

    Parameters
    ----------
    hits, n
        Of each share; may be fractions, for an effective number of trials.
    """
    from scipy.special import betaincinv

    some_n = np.asarray(n, float)
    some = np.minimum(np.asarray(hits, float), some_n)
    tail = (1 - CONFIDENCE) / 2
    with np.errstate(all="ignore"):
        low = np.where(some > 0, betaincinv(some, some_n - some + 1, tail), 0.0)
        high = np.where(some < some_n, betaincinv(some + 1, some_n - some, 1 - tail), 1.0)
    none = some_n <= 0
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _sum(block: NDArray[np.int64]) -> int:
    if np.abs(block).max(initial=0) < _FITS:
        return int(block.sum())
    return sum(block.tolist())


def _sum_of_squares(block: NDArray[np.int64]) -> int:
    """Sum squares without rounding: each number is split in two halves whose products fit."""
    if np.abs(block).max(initial=0) >= _FITS:
        return sum(each * each for each in block.tolist())
    high, low = np.divmod(block, _SPLIT)
    return (int(high @ high) << 44) + (int(high @ low) << 23) + int(low @ low)
