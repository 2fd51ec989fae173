"""How sure a result is: shares and means with their intervals, streaks, drawdown, ruin.

Money is whole lamports, so sums and sums of squares are exact whole numbers: the mean of a million games is
the same whether they were summed at once, in chunks, on threads or on many machines. Intervals are those of
scipy. Games are independent by the published law (each has a seed of its own), which every interval here
relies on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import BET_MIN_SOL, BILLION, lamports

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE: Final = 0.95
SESSION_GAMES: Final = 100
"""Games of a session, of which the ruin probability speaks."""
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
    """Number, sum and sum of squares of whole numbers, exact; ``+`` joins those of two chunks.

    Examples
    --------
    >>> moments = Moments.of(np.array([1, -2])) + Moments.of(np.array([4]))
    >>> moments
    Moments(n=3, total=3, squares=21)
    >>> moments.mean()  # doctest: +ELLIPSIS
    Estimate(value=1.0, low=-6.452..., high=8.452..., error=1.732..., n=3)
    """

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
    """Return the share of hits in n independent trials, with Wilson's interval (that of scipy).

    Examples
    --------
    >>> share(18, 100)  # doctest: +ELLIPSIS
    Estimate(value=0.18, low=0.117..., high=0.266..., error=0.038..., n=100)
    >>> share(0, 0).n
    0
    """
    hits, n = int(hits), int(n)
    if not n:
        return UNKNOWN
    from scipy import stats

    interval = stats.binomtest(hits, n).proportion_ci(CONFIDENCE, "wilson")
    value = hits / n
    return Estimate(
        value, float(interval.low), float(interval.high), float((value * (1 - value) / n) ** 0.5), n
    )


def losing_streak(profits: NDArray[np.int64]) -> int:
    """Return the longest run of losses; games without profit or loss neither end nor lengthen it.

    Examples
    --------
    >>> losing_streak(np.array([1, -1, -2, 0, -1, 3, -1]))
    3
    """
    lost = np.asarray(profits)[np.asarray(profits) != 0] < 0
    if not lost.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max())


def drawdown(equity: NDArray[Any]) -> NDArray[Any]:
    """Return how far each value lies below the highest one before it, in the same unit, 0 or more.

    Examples
    --------
    >>> drawdown(np.array([10, 12, 9, 13])).tolist()
    [0, 0, 3, 0]
    """
    if not len(equity):
        return equity.copy()
    fall: NDArray[Any] = np.maximum.accumulate(equity) - equity
    return fall


def ruin(
    profits: NDArray[np.int64],
    cash: int,
    *,
    games: int = SESSION_GAMES,
    sessions: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Return the share of sessions that lose the cash, by the bootstrap: sessions of games drawn with return.

    A session begins with `cash` and is lost once less than the least bet (0.001 SOL) is left. The interval
    is that of the drawing; that the profits themselves are a sample is not in it.

    Parameters
    ----------
    profits
        int64, lamports, one per game.
    cash
        Lamports.
    games
        Games of a session.
    sessions
        How many are drawn.
    seed
        Of the drawing.

    Examples
    --------
    >>> ruin(np.array([-10_000_000, 9_000_000]), cash=100_000_000, games=100).value > 0.2
    True
    """
    count = len(profits)
    if not count:
        return UNKNOWN
    if not np.any(profits):
        return share(0, sessions)
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(0, sessions, 1000):
        drawn = np.asarray(profits)[rng.integers(0, count, (min(1000, sessions), games))]
        hits += int((np.cumsum(drawn, axis=1).min(axis=1) + cash < lamports(BET_MIN_SOL)).sum())
    return share(hits, -(-sessions // 1000) * min(1000, sessions))


def ruined_sessions(profits: NDArray[np.int64], cash: int, games: int = SESSION_GAMES) -> tuple[int, int]:
    """Return how many sessions of consecutive games lose the cash, and how many sessions there are.

    Games that fill no session at the end count for none.

    Examples
    --------
    >>> ruined_sessions(np.array([-5_000_000, -5_000_000, 1, 1, -9]), cash=10_000_000, games=2)
    (1, 2)
    """
    if games < 1:
        raise ArgumentError(f"a session has 1 game or more; got {games!r}")
    whole = len(profits) // games
    paths = np.cumsum(np.asarray(profits)[: whole * games].reshape(whole, games), axis=1)
    lowest = paths.min(axis=1, initial=0) + cash
    return int((lowest < lamports(BET_MIN_SOL)).sum()), whole


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
