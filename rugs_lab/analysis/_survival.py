"""How long games last: hazard per tick, survival, durations, against the geometric distribution."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import survival_at
from rugs_lab.analysis._observed import Spells, every_tick, only_games, spells
from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import share, share_interval
from rugs_lab.estimates.intervals import EstimateRow, from_error, table
from rugs_lab.game.limits import MAX_TICKS, RUG_PROBABILITY
from rugs_lab.recordings.games.game import STATUSES
from rugs_lab.recordings.games.games import Games

EDGES: Final = (0, 25, 50, 100, 150, 200, 300, 400, 600, MAX_TICKS)
SHARES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_WHOLE: Final = [STATUSES.index(name) for name in ("complete", "backfilled", "repaired")]


def hazard(games: Games) -> pd.DataFrame:
    """Return the chance of a rug per tick, over all ticks.

    Three rows: the answer first, then two that others use, for comparison.

    ``all games, while observed``: late starts are left-truncated, unfinished games right-censored, gaps left
    out where neither seed nor history filled them. ``all games, gaps counted as observed``: the same with the
    ticks of gaps; a little too low. ``complete games only``: biased, upward as a rule, because long
    games are more often broken.

    Returns
    -------
    DataFrame
        ``measure``, ``value`` with its exact interval ``low`` to ``high`` (Clopper-Pearson), ``baseline``
        (0.005), ``unit``, ``n`` ticks at risk, and ``rugs`` among them.

    Examples
    --------
    >>> from rugs_lab.recordings.games.synthetic import synthetic
    >>> frame = hazard(synthetic(2000, seed=7))
    >>> bool(frame["low"][0] < 0.005 < frame["high"][0])
    True
    """
    only_games("hazard", games)
    whole, every = np.isin(games.columns.status, _WHOLE), every_tick(games)
    rows = {
        "all games, while observed": spells(games),
        "all games, gaps counted as observed": every,
        "complete games only (biased)": every.some(whole),
    }
    frame = table(_hazard_row(f"hazard: {name}", found) for name, found in rows.items())
    return frame.assign(rugs=[found.rugs for found in rows.values()])


def hazard_by_tick(games: Games, edges: Sequence[int] = EDGES) -> pd.DataFrame:
    """Return the chance of a rug per tick by the age of the game.

    `edges`: ticks where bins begin and end, rising; a bin holds the ticks after its first up to its last.

    Returns
    -------
    DataFrame
        ``from_tick``, ``to_tick`` (both included), ``rugs``, ``n_ticks`` at risk, ``hazard_per_tick``, its
        exact interval ``low``, ``high``, and ``baseline``.

    Raises
    ------
    ArgumentError
        Edges that do not rise.
    """
    only_games("hazard_by_tick", games)
    steps = rising(edges)
    found = spells(games)
    at_risk = exposure(found, steps)
    rugs = np.histogram(found.exit[found.ended], bins=steps + 0.5)[0]
    low, high = share_interval(rugs, at_risk)
    with np.errstate(invalid="ignore"):
        value = rugs / np.where(at_risk > 0, at_risk, np.nan)
    return pd.DataFrame(
        {
            "from_tick": steps[:-1] + 1,
            "to_tick": steps[1:],
            "rugs": rugs,
            "n_ticks": at_risk,
            "hazard_per_tick": value,
            "low": low,
            "high": high,
            "baseline": RUG_PROBABILITY,
        }
    )


def survival(games: Games, at: Sequence[int] | None = None) -> pd.DataFrame:
    """Return the share of games that live past each tick (Kaplan-Meier with late entry).

    `at`: ticks; by default every one at which a watched game ended.

    Returns
    -------
    DataFrame
        ``tick``, ``n_games`` at risk at the last rug up to it, ``survival`` (share that lives past the tick),
        ``low``, ``high`` (from Greenwood's error), ``baseline`` (0.995 to the power of the tick). A tick
        beyond the last one watched is missing.
    """
    only_games("survival", games)
    found = spells(games)
    ticks, living, error, n = kaplan_meier(found.entry, found.exit, found.ended)
    wanted = ticks if at is None else np.asarray(at, np.int64)
    places = np.searchsorted(ticks, wanted, side="right")
    known = wanted <= (found.exit.max() if len(found.exit) else -1)
    first = int(np.count_nonzero(found.entry == 0))
    shares = np.where(known, np.append(1.0, living)[places], np.nan)
    risk = np.append(first, n)[places]
    low, high = from_error(shares, np.append(0.0, error)[places], np.where(shares > 0, first, risk))
    return pd.DataFrame(
        {
            "tick": wanted,
            "n_games": risk,
            "survival": shares,
            "low": low,
            "high": high,
            "baseline": survival_at(wanted),
        }
    )


def durations(games: Games, shares: Sequence[float] = SHARES) -> pd.DataFrame:
    """Return how long games last: ticks by which a share of them has ended, and ticks played per rug.

    Returns
    -------
    DataFrame
        A table of estimates in ticks; the quantiles from the Kaplan-Meier curve, their intervals by
        inverting its test, the mean as ticks at risk per rug with the exact interval of the hazard.
    """
    only_games("durations", games)
    found = spells(games)
    n = len(np.unique(found.game))
    ticks, living, error, _ = kaplan_meier(found.entry, found.exit, found.ended)
    rows = []
    for part in shares:
        value, low, high = quantile(ticks, living, error, part)
        expected = np.ceil(np.log1p(-part) / np.log1p(-RUG_PROBABILITY))
        name = f"{part:.0%} of games have ended by"
        rows.append(EstimateRow(name, value, low, high, expected, "ticks", n, "games"))
    row = _hazard_row("", found)
    value, low, high = (1 / each if each > 0 else np.nan for each in (row.value, row.high, row.low))
    name = "mean duration (ticks per rug)"
    rows.append(EstimateRow(name, value, low, high, 1 / RUG_PROBABILITY, "ticks", found.ticks, "ticks"))
    return table(rows)


def kaplan_meier(
    entry: NDArray[np.int64], exit_: NDArray[np.int64], ended: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Return ticks with rugs, the share that lives past each, its standard error and the number at risk."""
    ticks, rugs = np.unique(exit_[ended], return_counts=True)
    # At risk at a tick: whoever came before it and has not left before it.
    n = np.searchsorted(np.sort(entry), ticks) - np.searchsorted(np.sort(exit_), ticks)
    with np.errstate(divide="ignore", invalid="ignore"):
        living = np.cumprod(np.maximum(1 - rugs / n, 0))
        error = living * np.sqrt(np.cumsum(rugs / (n * (n - rugs))))
    return ticks, living, error, n


def quantile(
    ticks: NDArray[np.int64], living: NDArray[np.float64], error: NDArray[np.float64], part: float
) -> tuple[float, float, float]:
    """Return the tick by which a share has ended, and where a test of log(-log(living)) keeps it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        off = (np.log(-np.log(living)) - np.log(-np.log(1 - part))) * living * np.log(living) / error
    inside = np.flatnonzero(np.abs(off) <= NormalDist().inv_cdf(0.975))
    beyond = np.append(ticks.astype(float), np.inf)
    value = next(iter(ticks[living < 1 - part].tolist()), np.nan)
    return (value, beyond[inside[0]], beyond[inside[-1] + 1]) if len(inside) else (value, np.nan, np.nan)


def exposure(found: Spells, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ticks at risk after each edge up to the next one."""
    lived = [
        int((np.clip(found.exit, low, high) - np.clip(found.entry, low, high)).sum())
        for low, high in pairwise(edges.tolist())
    ]
    return np.array(lived, np.int64)


def rising(edges: Sequence[int]) -> NDArray[np.int64]:
    """Return edges of bins as an array, or raise."""
    steps = np.asarray(edges, np.int64)
    if steps.ndim != 1 or len(steps) < 2 or steps[0] < 0 or (np.diff(steps) <= 0).any():
        raise ArgumentError(f"edges are two or more rising ticks >= 0, as (0, 50, 100); got {edges!r}")
    return steps


def _hazard_row(name: str, found: Spells) -> EstimateRow:
    hazard_ = share(found.rugs, found.ticks)
    return EstimateRow.of(name, hazard_, RUG_PROBABILITY, "chance per tick", "ticks")
