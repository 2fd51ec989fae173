"""Returns from tick to tick: big moves, drift, volatility, with and without the rug tick."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import DRIFT, DRIFT_WITH_GOD_CANDLES, of_paths
from rugs_lab.analysis._observed import games_of, only_games, ticks_of, watched
from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import share
from rugs_lab.estimates.intervals import EstimateRow, clustered, ratio, table, totals
from rugs_lab.game.limits import BIG_MOVE_PROBABILITY, GOD_CANDLE_PROBABILITY
from rugs_lab.recordings.games.games import Games

BIG: Final = 0.14
"""From here on a return is a big move: those have 15 to 25 %, the others stay below 9 %."""

GOD: Final = 5.0
"""From here on a return is a god candle (900 %)."""

_PER_TICK: Final = "return per tick"


class Steps(NamedTuple):
    """Returns (price over the price before, less one) between neighbouring watched ticks, to `tick`."""

    game: NDArray[np.int64]
    tick: NDArray[np.int64]
    change: NDArray[np.float64]
    rug: NDArray[np.bool_]


def steps(games: Games) -> Steps:
    """Return every return of the games, in order."""
    prices, offsets = games.prices, games.offsets
    seen = watched(games)
    tick = ticks_of(offsets)
    at = np.flatnonzero(seen & np.append(False, seen[:-1]) & (tick > 0))
    game = games_of(offsets)[at]
    with np.errstate(all="ignore"):
        change = prices[at] / prices[at - 1] - 1
    return Steps(game, tick[at], change, tick[at] == games.rug_ticks[game])


def returns(games: Games) -> pd.DataFrame:
    """Return how prices move from tick to tick.

    Shares of ticks with exact intervals; means and standard deviations with intervals by bootstrap over
    games. Without the rug tick they describe the price process; with it, what a holder gets.

    Returns
    -------
    DataFrame
        A table of estimates. Baselines: exact where the price process has a closed form, else those of 30,000
        simulated games (everything that has the rug tick in it, and the standard deviations).

    Examples
    --------
    >>> from rugs_lab.recordings.games.synthetic import synthetic
    >>> frame = returns(synthetic(500, seed=7)).set_index("measure")
    >>> bool(frame.loc["big moves (15 to 25 %)", "low"] < 0.125)
    True
    """
    only_games("returns", games)
    frame = _table(games)
    expected = of_paths(_table)
    return frame.assign(baseline=frame["baseline"].fillna(frame["measure"].map(expected)))


def return_histogram(games: Games, bins: int = 120) -> pd.DataFrame:
    """Return how often each size of return comes, from -100 % to +30 %, the rug tick apart.

    Returns
    -------
    DataFrame
        ``from_return``, ``to_return``, ``ticks`` (rug left out), ``rugs``, and ``n_ticks`` of all, those
        beyond the range included.
    """
    only_games("return_histogram", games)
    found = steps(games)
    edges = np.linspace(-1.0, 0.3, bins + 1)
    return pd.DataFrame(
        {
            "from_return": edges[:-1],
            "to_return": edges[1:],
            "ticks": np.histogram(found.change[~found.rug], edges)[0],
            "rugs": np.histogram(found.change[found.rug], edges)[0],
            "n_ticks": len(found.change),
        }
    )


def volatility_before_rug(games: Games, window: int = 10) -> pd.DataFrame:
    """Return the volatility of the last ticks before the rug over that of all earlier ones.

    Volatility is the standard deviation of returns per tick, pooled over games. Games with a known rug and
    more than `window` ticks watched before it. God candles are left out.

    `window`: last ticks, the rug tick being the last of them in the first row.

    Returns
    -------
    DataFrame
        Two estimates, ``rug tick inside the window`` and ``rug tick left out``, as a factor; intervals by
        bootstrap over games; baseline from 30,000 simulated games.

    Raises
    ------
    ArgumentError
        A window of less than 2 ticks.
    """
    only_games("volatility_before_rug", games)
    if window < 2:
        raise ArgumentError(f"a volatility takes a window of 2 ticks or more; got {window!r}")
    expected = of_paths(_volatility_table, window=window)
    frame = _volatility_table(games, window)
    return frame.assign(baseline=frame["measure"].map(expected))


def _volatility_table(games: Games, window: int) -> pd.DataFrame:
    found = steps(games)
    known = (games.rug_ticks[found.game] > window) & (found.change < GOD)
    game, change = found.game[known], found.change[known]
    to_rug = (games.rug_ticks[found.game] - found.tick)[known]
    rows = []
    for name, first in (("rug tick inside the window", 0), ("rug tick left out", 1)):
        late = (to_rug >= first) & (to_rug < first + window)
        whole = (np.bincount(game[late], minlength=len(games)) == window)[game]
        sums = [
            totals(game[which], [np.ones(which.sum()), change[which], change[which] ** 2], len(games))
            for which in (late & whole, (to_rug >= first + window) & whole)
        ]
        value, low, high = clustered(_deviation_ratio, np.concatenate(sums, axis=1))
        n = len(np.unique(game[late & whole]))
        rows.append(EstimateRow(name, value, low, high, np.nan, "factor", n, "games"))
    return table(rows)


def _deviation(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation from totals of 1, x and x squared."""
    n = sums[..., 0]
    mean = sums[..., 1] / n
    deviation: NDArray[np.float64] = np.sqrt(np.maximum(sums[..., 2] / n - mean**2, 0))
    return deviation


def _deviation_ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return _deviation(sums[..., :3]) / _deviation(sums[..., 3:])


def _table(games: Games) -> pd.DataFrame:
    found = steps(games)
    god = found.change > GOD
    plain = ~found.rug & ~god
    big = plain & (np.abs(found.change) >= BIG)
    n = int(plain.sum())

    def spread(
        name: str, which: NDArray[np.bool_], statistic: Callable[..., Any], baseline: float = np.nan
    ) -> EstimateRow:
        change, ones = found.change[which], np.ones(which.sum())
        columns = [change, ones] if statistic is ratio else [ones, change, change**2]
        value, low, high = clustered(statistic, totals(found.game[which], columns, len(games)))
        return EstimateRow(name, value, low, high, baseline, _PER_TICK, len(change), "ticks")

    up, all_big = int((big & (found.change > 0)).sum()), int(big.sum())
    gods = share((god & ~found.rug).sum(), (~found.rug).sum())
    of_ticks, row = "share of ticks without rug", EstimateRow.of
    return table(
        [
            row("big moves (15 to 25 %)", share(all_big, n), BIG_MOVE_PROBABILITY, of_ticks, "ticks"),
            row("up, of the big moves", share(up, all_big), 0.5, "share of big moves", "ticks"),
            row("god candles (tenfold)", gods, GOD_CANDLE_PROBABILITY, of_ticks, "ticks"),
            spread("mean, rug and god candles left out", plain, ratio, DRIFT),
            spread("mean, rug left out", ~found.rug, ratio, DRIFT_WITH_GOD_CANDLES),
            spread("mean, rug tick included, god candles left out", ~god, ratio),
            spread("standard deviation, rug and god candles left out", plain, _deviation),
            spread("standard deviation, rug tick included, god candles left out", ~god, _deviation),
        ]
    )
