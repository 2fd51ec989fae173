"""Whether the rug comes within so many ticks: side bets by entry tick, and all entries together."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._baselines import profit_stakes
from rugs_lab.analysis._observed import Spells, only_games, spells
from rugs_lab.analysis._survival import kaplan_meier
from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.intervals import EstimateRow, clustered, from_error, table, totals
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, SIDEBET_TICKS, rug_within
from rugs_lab.recordings.games.games import Games

ENTRIES: Final = (0, 10, 25, 50, 100, 150, 200, 300, 400)


def sidebets(games: Games, ticks: Sequence[int] = ENTRIES, window: int = SIDEBET_TICKS) -> pd.DataFrame:
    """Return what a side bet placed at a tick is worth: one bet in every game that gets there.

    It wins when the rug comes at most `window` ticks later, pays five stakes in all, and so breaks even at
    20 %. Games whose end was missed count for as long as they were seen (Kaplan-Meier).

    Returns
    -------
    DataFrame
        One row per entry tick: ``entry_tick``, ``n_games`` that were seen to live then, ``wins``,
        ``win_share`` with ``low`` and ``high``, its ``baseline`` (18.17 %) and ``break_even`` (20 %);
        ``profit_stakes`` (mean profit in stakes) with ``profit_low``, ``profit_high``, ``profit_baseline``
        (-0.0916). The rows share games, so they are not independent of each other.

    Examples
    --------
    >>> from rugs_lab.recordings.games.synthetic import synthetic
    >>> frame = sidebets(synthetic(1000, seed=7), ticks=[0, 100])
    >>> (frame["low"] < frame["baseline"]).tolist()
    [True, True]
    """
    only_games("sidebets", games)
    found = spells(games)
    rows = []
    for tick in ticks:
        n, wins, *share = within(found, int(tick), window)
        shares = (*share, rug_within(window))
        rows.append((int(tick), n, wins, *shares, 1 / SIDEBET_PAYOUT, *map(profit_stakes, shares)))
    names = ["entry_tick", "n_games", "wins", "win_share", "low", "high", "baseline", "break_even"]
    names += ["profit_stakes", "profit_low", "profit_high", "profit_baseline"]
    return pd.DataFrame(rows, columns=names)


def sidebets_pooled(games: Games, window: int = SIDEBET_TICKS) -> pd.DataFrame:
    """Return what side bets are worth that are placed at every tick of every game, all taken together.

    Bets of one game win or lose with its one rug: the interval draws whole games, not bets.

    Returns
    -------
    DataFrame
        Two estimates: share of bets that win, and mean profit in stakes; ``n`` counts games.
    """
    only_games("sidebets_pooled", games)
    if window < 1:
        raise ArgumentError(f"a window has 1 tick or more; got {window!r}")
    found = spells(games)
    length = found.exit - found.entry
    columns = (
        values
        for age in range(1, window + 1)
        for values in (np.maximum(length - age + 1, 0), found.ended & (length >= age))
    )
    sums = totals(found.game, columns, len(games))
    value, low, high = clustered(_lost_by, sums) if found.ticks else (np.nan, np.nan, np.nan)
    n, shares = len(np.unique(found.game)), (value, low, high, rug_within(window))
    profit, least, most, expected = (profit_stakes(each) for each in shares)
    won, bet = f"rug within {window} ticks, every tick an entry", "side bet, every tick an entry"
    return table(
        [
            EstimateRow(won, *shares, "share of bets", n, "games"),
            EstimateRow(bet, profit, least, most, expected, "profit in stakes", n, "games"),
        ]
    )


def within(found: Spells, tick: int, window: int) -> tuple[int, int, float, float, float]:
    """Return of how many games that live at a tick how many rug within the window, the share and interval."""
    alive = (found.entry <= tick) & (found.exit > tick)
    n = int(alive.sum())
    if not n:
        return 0, 0, np.nan, np.nan, np.nan
    time = np.minimum(found.exit[alive] - tick, window)
    won = found.ended[alive] & (found.exit[alive] - tick <= window)
    wins = int(won.sum())
    _, living, error, _ = kaplan_meier(np.zeros(n, np.int64), time, won)
    share = 1 - float(living[-1]) if len(living) else 0.0
    lost = int((~won & (time < window)).sum())
    low, high = from_error(share, float(error[-1]) if len(error) else 0.0, n if wins else n - lost)
    return n, wins, share, float(low), float(high)


def _lost_by(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 - the product over ages of the share that lives through it, from totals at risk and rugs."""
    at_risk, rugs = sums[..., 0::2], sums[..., 1::2]
    lost: NDArray[np.float64] = 1 - np.prod(1 - np.where(at_risk > 0, rugs / at_risk, 0.0), axis=-1)
    return lost
