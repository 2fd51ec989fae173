"""Returns from tick to tick: big moves, drift, volatility, with and without the rug tick."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import DRIFT, DRIFT_WITH_GOD_CANDLES, of_paths
from rugs_lab.analysis._observed import Block, Look, Steps, chunks, looked, only_games
from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import share
from rugs_lab.estimates.intervals import EstimateRow, clustered, groups_of, ratio, table
from rugs_lab.game.limits import BIG_MOVE_PROBABILITY, GOD_CANDLE_PROBABILITY
from rugs_lab.recordings.games.games import Games

BIG: Final = 0.14
"""From here on a return is a big move: those have 15 to 25 %, the others stay below 9 %."""

GOD: Final = 5.0
"""From here on a return is a god candle (900 %)."""

WINDOW: Final = 10
"""Last ticks before the rug, of which the volatility is compared."""

_PER_TICK: Final = "return per tick"


def steps(games: Games) -> Steps:
    """Return every return of the games, in order."""
    return Block(games).steps


class Sums(Look):
    """Totals over games of 1, the return and its square, for each kind of returns that a function picks.

    They are added one by one in their order, so the totals do not depend on the size of blocks.
    """

    def add(self, block: Block) -> None:
        """Add those of a block."""
        pick, *options = self.what
        masks, found = pick(block, *options), block.steps
        groups, where = groups_of(self.games)
        self._parts = self._parts or [tuple(np.zeros((3, groups)) for _ in masks)]
        for which, (n, total, squares) in zip(masks, self._parts[0], strict=True):
            group, change = where[found.game[which] + block.first], found.change[which]
            n += np.bincount(group, minlength=groups)
            np.add.at(total, group, change)
            np.add.at(squares, group, change**2)

    def count(self, kind: int) -> int:
        """Return how many there are of a kind."""
        return int(self.found[kind][0].sum())


def moves(games: Block) -> tuple[NDArray[np.bool_], ...]:
    """Pick returns without rug and god candle, without rug, without god candle; big moves, those up; gods."""
    change, rug = games.steps.change, games.steps.rug
    god = change > GOD
    plain = ~rug & ~god
    big = plain & (np.abs(change) >= BIG)
    return plain, ~rug, ~god, big, big & (change > 0), god & ~rug


def before_rug(games: Block, window: int) -> tuple[NDArray[np.bool_], ...]:
    """Pick the returns of the last ticks before a rug and the earlier ones, with the rug tick and without."""
    game, tick, change, _ = games.steps
    to_rug = np.where((games.rug_ticks[game] > window) & (change < GOD), games.rug_ticks[game] - tick, -1)
    picked = []
    for first in (0, 1):
        late = (to_rug >= first) & (to_rug < first + window)
        whole = (np.bincount(game[late], minlength=len(games.games)) == window)[game]
        picked += [late & whole, (to_rug >= first + window) & whole]
    return tuple(picked)


def returns(games: Games) -> pd.DataFrame:
    """Return how prices move from tick to tick.

    Shares of ticks with exact intervals; means and standard deviations with intervals by bootstrap over
    games. Without the rug tick they describe the price process; with it, what a holder gets.

    Returns
    -------
    DataFrame
        A table of estimates. Baselines: exact where the price process has a closed form, else those of four
        million simulated games (everything that has the rug tick in it, and the standard deviations).

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
    edges = np.linspace(-1.0, 0.3, bins + 1)
    counts, n = np.zeros((2, bins), np.int64), 0
    for found in (steps(part) for _, part in chunks(games)):
        n += len(found.change)
        counts += [np.histogram(found.change[which], edges)[0] for which in (~found.rug, found.rug)]
    ticks, rugs = counts
    shown = {"from_return": edges[:-1], "to_return": edges[1:], "ticks": ticks, "rugs": rugs, "n_ticks": n}
    return pd.DataFrame(shown)


def volatility_before_rug(games: Games, window: int = WINDOW) -> pd.DataFrame:
    """Return the volatility of the last ticks before the rug over that of all earlier ones.

    Volatility is the standard deviation of returns per tick, pooled over games. Games with a known rug and
    more than `window` ticks watched before it. God candles are left out.

    `window`: last ticks, the rug tick being the last of them in the first row.

    Returns
    -------
    DataFrame
        Two estimates, ``rug tick inside the window`` and ``rug tick left out``, as a factor; intervals by
        bootstrap over games; baseline from simulated games, four million for the default window.

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
    (sums,) = looked(games, (Sums, before_rug, window))
    rows = []
    for name, kind in (("rug tick inside the window", 0), ("rug tick left out", 2)):
        late, early = sums.found[kind : kind + 2]
        values = clustered(_deviation_ratio, np.stack([*late, *early], axis=1))
        n_games = sums.count(kind) // window
        rows.append(EstimateRow(name, *values, np.nan, "factor", n_games, "games"))
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
    (sums,) = looked(games, (Sums, moves))
    plain, no_rug, no_god, big, up, gods = range(6)

    def spread(name: str, kind: int, statistic: Callable[..., Any], baseline: float = np.nan) -> EstimateRow:
        n, total, squares = sums.found[kind]
        columns = [total, n] if statistic is ratio else [n, total, squares]
        values = clustered(statistic, np.stack(columns, axis=1))
        return EstimateRow(name, *values, baseline, _PER_TICK, sums.count(kind), "ticks")

    def part(name: str, some: int, of: int, baseline: float, unit: str) -> EstimateRow:
        return EstimateRow.of(name, share(sums.count(some), sums.count(of)), baseline, unit, "ticks")

    of_ticks = "share of ticks without rug"
    return table(
        [
            part("big moves (15 to 25 %)", big, plain, BIG_MOVE_PROBABILITY, of_ticks),
            part("up, of the big moves", up, big, 0.5, "share of big moves"),
            part("god candles (tenfold)", gods, no_rug, GOD_CANDLE_PROBABILITY, of_ticks),
            spread("mean, rug and god candles left out", plain, ratio, DRIFT),
            spread("mean, rug left out", no_rug, ratio, DRIFT_WITH_GOD_CANDLES),
            spread("mean, rug tick included, god candles left out", no_god, ratio),
            spread("standard deviation, rug and god candles left out", plain, _deviation),
            spread("standard deviation, rug tick included, god candles left out", no_god, _deviation),
        ]
    )
