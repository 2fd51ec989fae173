"""How high games go and how far they draw down: shares of games that ever get there."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import of_paths, simulated_peaks
from rugs_lab.analysis._observed import Block, FromStart, first_tick, found_in, from_start, only_games
from rugs_lab.estimates.estimate import share_interval
from rugs_lab.estimates.intervals import EstimateRow, from_error, table
from rugs_lab.recordings.games.games import Games

LEVELS: Final = (2.0, 5.0, 10.0, 50.0, 100.0)
DEPTHS: Final = (0.25, 0.5, 0.75, 0.9)


def peaks(games: Games, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """Return the share of games whose price reaches each level before the rug.

    Games watched from tick 0; one that got lost on the way counts as long as it was seen (cumulative
    incidence of the level against the rug). Games that were broken last longer and climb higher than others,
    so leaving them out would show too few high peaks. Where most games are broken (not a few in a hundred, as
    in recordings), the interval of a level that hardly any game reached is too narrow.

    Returns
    -------
    DataFrame
        ``level_x`` (a multiplier), ``n_games``, ``reached`` (games seen to reach it), ``share`` with ``low``
        and ``high``, and ``baseline``: the share among 500,000 simulated games.

    Examples
    --------
    >>> from rugs_lab.recordings.games.games import Games
    >>> prices = [1.0, 2.5, 0.02, 1.0, 1.2, 0.02]
    >>> frame = peaks(Games.from_arrays(["a", "b"], prices, [0, 3, 6], rug_ticks=[2, 2]), levels=[2])
    >>> frame[["n_games", "reached", "share"]].iloc[0].tolist()
    [2.0, 1.0, 0.5]
    """
    only_games("peaks", games)
    watch = from_start(games)
    hits = found_in(games, reached, *levels)
    rows = []
    for level, hit in zip(levels, hits, strict=True):
        seen, share, low, high = incidence(watch, hit[watch.game])
        rows.append((float(level), len(watch), seen, share, low, high, _expected_share(float(level))))
    names = ["level_x", "n_games", "reached", "share", "low", "high", "baseline"]
    return pd.DataFrame(rows, columns=names)


def reached(games: Block, *levels: float) -> tuple[NDArray[Any], ...]:
    """Return for each level the tick at which each game first reaches it before its rug, -1 where never."""
    return tuple(first_tick(games.before_rug >= level, games.offsets) for level in levels)


def drawdowns(games: Games, depths: Sequence[float] = DEPTHS) -> pd.DataFrame:
    """Return how many games have a drawdown of each depth before the rug, and how many come back from it.

    Returns
    -------
    DataFrame
        A table of estimates. For each depth: the share of games in which the price falls by that much below
        its peak so far; and of those, the share that sees that peak again before the rug. Baselines from
        simulated games, see `rugs_lab.analysis._baselines`.
    """
    only_games("drawdowns", games)
    rows = _drawdown_rows(games, tuple(depths))
    expected = of_paths(_drawdown_table, depths=tuple(depths))
    return table(row._replace(baseline=float(expected[row.measure])) for row in rows)


def incidence(watch: FromStart, hit: NDArray[np.int64]) -> tuple[int, float, float, float]:
    """Return in how many games a thing was seen to happen, and the share in which it does before the rug.

    `hit`: the tick at which it first happens in each, -1 where it does not.
    """
    n = len(watch)
    happened = (hit >= 0) & (hit <= watch.exit)
    seen = int(happened.sum())
    if not n:
        return 0, np.nan, np.nan, np.nan
    censored = ~happened & ~watch.ended
    if not censored.any():
        low, high = share_interval(seen, n)
        return seen, seen / n, float(low), float(high)
    settled = n - int(censored.sum())
    if not seen:
        low, high = share_interval(0, settled)
        return 0, (0.0 if settled else np.nan), float(low), float(high)
    share, error, left = cumulative(np.where(happened, hit, watch.exit), happened, watch.ended & ~happened)
    low, _ = from_error(share, error, n)
    _, high = from_error(min(share + left, 1.0), error, n)
    return seen, share, float(low), float(high)


def cumulative(
    time: NDArray[np.int64], happened: NDArray[np.bool_], other: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Return the cumulative incidence of what happened against another end, and its standard error.

    At the last time that it happened, by Aalen and Johansen; the error by Dinse and Larson (1986). The third
    value is the share for which neither was seen up to the last time: it may still happen to them.
    """
    times = np.unique(time[happened | other])
    hits, ends = (np.histogram(time[some], [*times, np.inf])[0] for some in (happened, happened | other))
    n = len(time) - np.searchsorted(np.sort(time), times)
    before = np.append(1.0, np.cumprod(1 - ends / n)[:-1]) / n
    later = (before * hits)[::-1].cumsum()[::-1] - before * hits
    spread = np.divide(ends, n * (n - ends), out=np.zeros(len(n)), where=n > ends)
    terms = later**2 * spread + before**2 * (n - hits) * hits / n - 2 * later * before * hits / n
    left = float(np.prod(1 - ends / n))
    return float((before * hits).sum()), float(np.sqrt(max(terms.sum(), 0.0))), left  # below 0 by rounding


def _drawdown_table(games: Games, depths: tuple[float, ...]) -> pd.DataFrame:
    return table(_drawdown_rows(games, depths))


def _drawdown_rows(games: Games, depths: tuple[float, ...]) -> list[EstimateRow]:
    watch, found = from_start(games), found_in(games, falls, *depths)
    rows = []
    for depth, fell, back in zip(depths, found[0::2], found[1::2], strict=True):
        _, share, low, high = incidence(watch, fell[watch.game])
        name = f"drawdown of {depth:.0%} or more before the rug"
        rows.append(EstimateRow(name, share, low, high, np.nan, "share of games", len(watch), "games"))
        # Back at the height from which it fell, of those that were seen to draw down.
        of = (fell[watch.game] >= 0) & (fell[watch.game] <= watch.exit)
        some = FromStart(watch.game[of], watch.exit[of], watch.ended[of])
        _, share, low, high = incidence(some, back[some.game])
        name = f"after a drawdown of {depth:.0%}, regains its peak"
        rows.append(EstimateRow(name, share, low, high, np.nan, "share of those", len(some), "games"))
    return rows


def falls(games: Block, *depths: float) -> tuple[NDArray[Any], ...]:
    """Return for each depth the first tick of such a drawdown, and the tick of that peak again; -1: never."""
    prices, offsets = games.before_rug, games.offsets
    top, lengths, found = running_max(prices, offsets), np.diff(offsets), list[NDArray[np.int64]]()
    for depth in depths:
        fell = first_tick(prices <= (1 - depth) * top, offsets)
        down = fell >= 0
        height = np.full(len(fell), np.inf)
        height[down] = top[offsets[:-1][down] + fell[down]]
        after = games.tick > np.repeat(fell, lengths)
        found += [fell, first_tick(after & (prices >= np.repeat(height, lengths)), offsets)]
    return tuple(found)


def running_max(prices: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the highest known price so far in each game."""
    out = np.where(np.isnan(prices), -np.inf, prices)
    for low, high in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        np.maximum.accumulate(out[low:high], out=out[low:high])
    return out


@lru_cache(256)
def _expected_share(level: float) -> float:
    return float((simulated_peaks() >= level).mean())
