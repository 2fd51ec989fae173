"""`Estimate`: a number with its 95 % interval; the interval of a share, and that of a mean.

There is one interval for a share, that of Clopper and Pearson. It holds the true share in at least 95 % of
cases, whatever the share and however few the trials. Wilson's is shorter, but falls below 95 % for rare
events, and many shares here are of those (rugs per tick, ruin).

There are two for a mean. `Moments.mean` knows nothing but the numbers: Student's, corrected for their
skewness, and none at all where they are too few for it. `mean_like` knows the distribution that the numbers
come from, as simulated games give it: it holds for few games too, and for gains so rare that these games
have none. Games are independent by the published price process (each has a seed of its own), which all of
them rely on; where trials share games, see `rugs_lab.estimates.intervals.clustered`.

Money is whole lamports, so the sums are exact whole numbers: the mean of a million games is the same whether
they were summed at once, in chunks, on threads or on many machines.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.game.money import BILLION

CONFIDENCE: Final = 0.95
FEWEST: Final = 10
"""Fewer numbers have no interval that rests on them alone."""
FEWEST_SIDES: Final = 10
"""Nor have profits of which fewer are gains, or fewer are losses."""
MOST_SKEWED: Final = 0.6
"""Above this skewness (that of the mean, not of the numbers) there is no interval: too few rare values."""

_NAN: Final = float("nan")
_BLOCK: Final = 2**10
_DRAWS: Final = 4000
_DRAWN_TO: Final = 500
_DRAWN: Final = 8_000_000
_SKEWED: Final = 0.3


class Estimate(NamedTuple):
    """A number with its 95 % interval and standard error, all in one unit; NaN when `n` is too small to tell.

    `n` is what it rests on: trials, games or sessions.
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
    def verdict(self) -> str:
        """``gains`` or ``loses`` where the interval leaves out zero, else ``not distinguishable``."""
        return "gains" if self.low > 0 else "loses" if self.high < 0 else UNSURE

    @property
    def interval(self) -> str:
        """The interval in words."""
        if self.low != self.low or self.high != self.high:
            return "all results the same: no interval" if self.n > 1 and self.error == 0 else TOO_FEW
        return f"95 % interval {self.low:+.4g} to {self.high:+.4g}"


TOO_FEW: Final = "too few games for an interval"
UNSURE: Final = "not distinguishable"
UNKNOWN: Final = Estimate(_NAN, _NAN, _NAN, _NAN, 0)
"""What is said of no games."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Number, sum, sum of squares and of cubes of whole numbers, and how many are above and below 0.

    All exact; ``+`` joins those of two chunks.
    """

    n: int = 0
    total: int = 0
    squares: int = 0
    cubes: int = 0
    gains: int = 0
    losses: int = 0

    @classmethod
    def of(cls, values: NDArray[Any]) -> Moments:
        """Return the moments of an array of int64."""
        whole = np.asarray(values, np.int64)
        blocks = [whole[at : at + _BLOCK] for at in range(0, max(len(whole), 1), _BLOCK)]
        total, squares, cubes = map(sum, zip(*map(_sums_of_powers, blocks), strict=True))
        return cls(len(whole), total, squares, cubes, int((whole > 0).sum()), int((whole < 0).sum()))

    def __add__(self, other: Moments) -> Moments:
        return Moments(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def mean(self, confidence: float = CONFIDENCE) -> Estimate:
        """Return the mean with Student's interval, corrected for skewness by Hall's transformation.

        Profits have a long right tail, which makes Student's own too narrow and its centre too low. There is
        no interval where the numbers do not differ, or where few of them carry most of the tail.
        """
        if self.n < 2:
            return Estimate(self.total, _NAN, _NAN, _NAN, 1) if self.n else UNKNOWN
        n, value = self.n, self.total / self.n
        error = float(np.sqrt((n * self.squares - self.total**2) / (n**2 * (n - 1))))
        if not error or n < FEWEST:
            return Estimate(value, _NAN, _NAN, error, n)
        from scipy.special import stdtrit

        third = n * n * self.cubes - 3 * n * self.total * self.squares + 2 * self.total**3
        skewness = third / n**5 / error**3
        if abs(skewness) > MOST_SKEWED:
            return Estimate(value, _NAN, _NAN, error, n)
        bounds = stdtrit(n - 1, np.array([(1 - confidence) / 2, (1 + confidence) / 2]))
        if abs(skewness) > 1e-6:
            bounds = 3 / skewness * (np.cbrt(1 + skewness * (bounds - skewness / 6)) - 1)
        return Estimate(value, value - error * float(bounds[1]), value - error * float(bounds[0]), error, n)

    def mean_sol(self, confidence: float = CONFIDENCE) -> Estimate:
        """Return the mean of lamports in SOL."""
        return self.mean(confidence).scaled(1 / BILLION)


def mean_sol_of(
    profits: NDArray[np.int64] | Moments, confidence: float = CONFIDENCE, *, dependent: bool = False
) -> Estimate:
    """Return the mean of profits in SOL, of which nothing is known but themselves.

    There is no interval where few of them are gains, or few losses: how rare the others are is not known; nor
    where they are `dependent` on those before.
    """
    moments = profits if isinstance(profits, Moments) else Moments.of(profits)
    found = moments.mean_sol(confidence)
    few = min(moments.gains, moments.losses) < FEWEST_SIDES
    return found._replace(low=_NAN, high=_NAN) if few or dependent else found


def serial(values: NDArray[Any], session: int) -> NDArray[np.float64]:
    """Return of each whole session how correlated numbers in a row are, in standard errors; 0: all the same.

    Of independent numbers it is expected to be 0 exactly, and beyond 4 once in 16,000 times.
    """
    sessions = values[: len(values) // session * session].reshape(-1, session)
    centred = sessions - sessions.mean(axis=1, keepdims=True)
    spread, products = (centred**2).sum(axis=1), (centred[:, 1:] * centred[:, :-1]).sum(axis=1)
    correlated = np.divide(products, spread, out=np.full(len(sessions), -1 / session), where=spread > 0)
    found: NDArray[np.float64] = (correlated + 1 / session) * session**0.5
    return found


def mean_like(
    values: NDArray[Any],
    others: NDArray[Any],
    scale: float = 1.0,
    confidence: float = CONFIDENCE,
    centre: float | None = None,
) -> Estimate:
    """Return the mean of numbers whose distribution is known, but for its place, from many others like them.

    The interval is what the mean of as many of the others keeps within, put around this one: no rare value
    need be among the numbers themselves. They are `scale` times as far apart as the others. `centre` is the
    others' true mean where it is known: of a long tail, most samples lie to one side of it. Where it is so
    long that the others lie there themselves, there is no interval for more than a tenth as many numbers.
    """
    from scipy.special import ndtri

    n, rng = len(values), np.random.default_rng(0)
    if not n or len(others) < 2:
        return UNKNOWN
    value, middle = float(np.mean(values)), float(np.mean(others))
    pooled = len(others) * scale**2 * np.var(others) + n * np.var(values)
    error = float(pooled / (len(others) + n) / n) ** 0.5
    tails = (1 - confidence) / 2, (1 + confidence) / 2
    skewness = float(((others - middle) ** 3).mean() / np.std(others) ** 3) / n**0.5 if error else 0.0
    own = scale * float(np.std(others)) / len(others) ** 0.5  # what the others' own mean may be off by
    long = centre is not None and scale * abs(middle - centre) > 4 * own
    if long and n > len(others) / 10:
        return Estimate(value, _NAN, _NAN, error, n)
    if n <= _DRAWN_TO or abs(skewness) > _SKEWED or long:
        draws = max(400, min(_DRAWS, int(2 / tails[0] * 40), _DRAWN // n))
        means = np.array([others[rng.integers(0, len(others), n)].mean() for _ in range(draws)]) - middle
        if centre is not None:
            means, own = means * (1 + n / len(others)) ** 0.5 + middle - centre, 0.0
        below = scale * float(np.quantile(means, tails[0], method="lower")) - 2 * own
        above = scale * float(np.quantile(means, tails[1], method="higher")) + 2 * own
    else:  # nearly normal: the first term of Cornish and Fisher is enough
        normal = ndtri(tails)
        below, above = error * (normal + skewness / 6 * (normal**2 - 1))
    return Estimate(value, value - float(above), value - float(below), error, n)


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

    `hits`, `n`: Of each share; may be fractions, for an effective number of trials.
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


def _sums_of_powers(block: NDArray[np.int64]) -> tuple[int, int, int]:
    """Sum numbers, squares and cubes without rounding: in two halves, whose products and their sums fit."""
    if np.abs(block).max(initial=0) >= 2**33:
        some = block.tolist()
        return sum(some), sum(each**2 for each in some), sum(each**3 for each in some)
    high, low = np.divmod(block, 2**17)
    square, both, small = high * high, high * low, low * low
    cubes = (int((high * square).sum()) << 51) + 3 * (int((low * square).sum()) << 34)
    cubes += 3 * (int((low * both).sum()) << 17) + int((low * small).sum())
    return int(block.sum()), (int(square.sum()) << 34) + (int(both.sum()) << 18) + int(small.sum()), cubes
