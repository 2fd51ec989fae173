"""Results of simple entries, straight from the prices; and games after a high game."""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._observed import adjacent, blocks, only_games, spells
from rugs_lab.analysis._sidebets import within
from rugs_lab.columns import dtypes, text_index
from rugs_lab.errors import ArgumentError
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.games import Games


def entry_outcomes(
    games: Games,
    low: float,
    high: float = np.inf,
    *,
    take: float | None = None,
    stop: float | None = None,
    from_tick: int = 0,
    before_tick: int | None = None,
) -> pd.DataFrame:
    """Buy once in each game, at the first price from `low` to `high`, and sell by a strategy fixed before.

    An order fills one tick after the price that led to it, at that tick's price; if the rug comes first, the
    buy does not happen, and the sale is the rug. For strategies proper, see the backtest.

    Parameters
    ----------
    games
        Any games; one counts from its first tick watched to its first gap or its rug.
    low, high
        Prices, multipliers.
    take, stop
        Sell when the price is at least `take` times, or at most `stop` times, that of the purchase; None: do
        not. With neither, the rug sells.
    from_tick, before_tick
        Enter only at or after this tick, and before that one.

    Returns
    -------
    DataFrame
        One row per game with an entry that filled, index ``id``: ``entry_tick``, ``entry_price``,
        ``exit_tick``, ``exit_price`` (missing when the end was not seen), ``how`` (``take``, ``stop``,
        ``rug``, ``unfinished``), ``profit_stakes`` (profit over the amount spent), and ``best_x``: the
        highest price after the purchase and before the rug over that of the purchase, which nobody knows
        beforehand.

    Raises
    ------
    ArgumentError
        Prices or factors that make no sense.

    Examples
    --------
    >>> from rugs_lab.recordings.games.games import Games
    >>> games = Games.from_arrays(["a"], [1.0, 2.0, 2.1, 2.9, 3.3, 0.02], [0, 6], rug_ticks=[5])
    >>> entry_outcomes(games, 2, take=1.3)[["entry_tick", "exit_tick", "how"]].values.tolist()
    [[2, 4, 'take']]
    """
    only_games("entry_outcomes", games)
    if not 0 < low <= high:
        raise ArgumentError(f"an entry has prices 0 < low <= high; got {low!r} and {high!r}")
    if (take is not None and take <= 1) or (stop is not None and not 0 < stop < 1):
        raise ArgumentError(f"take is above 1 and stop from 0 to 1, or None; got {take!r} and {stop!r}")
    rows, ids = [], []
    limits = (low, high), take, stop, (from_tick, before_tick)
    for block in blocks(games):
        prices, seen, bounds = block.prices, block.watched, pairwise(block.offsets.tolist())
        each = zip(block.games.ids.tolist(), block.rug_ticks.tolist(), bounds, strict=True)
        for game_id, rug, (first, last) in each:
            row = _trade(prices[first:last], seen[first:last], rug, *limits)
            if row is not None:
                ids.append(game_id)
                rows.append(row)
    names = ["entry_tick", "entry_price", "exit_tick", "exit_price", "how", "profit_stakes", "best_x"]
    frame = pd.DataFrame(rows, columns=names, index=text_index(ids, "id"))
    whole = frame.astype({name: "float64" for name in names if name != "how"})
    return whole.astype(dtypes({"entry_tick": "int64", "exit_tick": "int64", "how": "str"}))


def after_peak(games: Games, level: float, ticks: int = 40) -> pd.DataFrame:
    """Return how often the game after a high one rugs within some ticks, beside the other games.

    The next game must be known to be the next: it begins no later than the cooldown and half a minute after
    the one before. Simulated games, which have no times and nothing to do with each other, are taken as they
    lie.

    Parameters
    ----------
    games
        In order of time, as `rugs_lab.load` gives them.
    level
        Peak from which on a game is high, a multiplier.
    ticks
        How soon the rug must come to count.

    Returns
    -------
    DataFrame
        Two rows: ``after`` (``a peak of 50x or more``, ``a lower peak``), ``n_games`` watched from tick 0,
        ``rugs`` within the ticks, ``share`` with its exact interval ``low``, ``high``, and ``baseline`` from
        the price process.
    """
    only_games("after_peak", games)
    columns = games.columns
    peak = columns.peak[:-1]
    follows = _follows(games)
    found = spells(games)
    rows = []
    names = (f"a peak of {level:g}x or more", "a lower peak")
    for name, which in zip(names, (peak >= level, peak < level), strict=True):
        chosen = np.flatnonzero(follows & which) + 1
        some = np.isin(found.game, chosen) & (found.entry == 0)
        part = type(found)(found.game[some], found.entry[some], found.exit[some], found.ended[some])
        rows.append((name, *within(part, 0, ticks), rug_within(ticks)))
    return pd.DataFrame(rows, columns=["after", "n_games", "rugs", "share", "low", "high", "baseline"])


def _follows(games: Games) -> NDArray[np.bool_]:
    """Return for each game but the last whether the next one is known to have come right after it."""
    made = np.char.startswith(np.asarray(games.columns.file).astype(str), "synthetic")
    return adjacent(games.columns.started_ns, games.rug_ticks) | (made[1:] & made[:-1])


def _trade(
    prices: NDArray[np.float64],
    seen: NDArray[np.bool_],
    rug: int,
    band: tuple[float, float],
    take: float | None,
    stop: float | None,
    when: tuple[int, int | None],
) -> tuple[object, ...] | None:
    """Return the row of one game, None without an entry that filled."""
    if not seen.any():
        return None
    begins = int(np.argmax(seen))
    gap = np.flatnonzero(~seen[begins:])
    end = begins + int(gap[0]) if len(gap) else len(seen)
    last = end - 1 if end - 1 != rug else end - 2
    allowed = np.arange(max(begins, when[0]), min(last + 1, last + 1 if when[1] is None else when[1]))
    fits = allowed[(prices[allowed] >= band[0]) & (prices[allowed] <= band[1])]
    if not len(fits) or fits[0] + 1 > last:
        return None
    entry = int(fits[0]) + 1
    paid = prices[entry]
    held = np.arange(entry, last + 1)
    factor = prices[held] / paid
    fires = factor >= (np.inf if take is None else take)
    fires |= factor <= (-np.inf if stop is None else stop)
    at = int(np.argmax(fires)) if fires.any() else -1
    rugged = end - 1 == rug
    if at >= 0 and held[at] + 1 <= last:
        sold, how = int(held[at]) + 1, "take" if factor[at] > 1 else "stop"
        price = float(prices[sold])
    elif rugged:
        sold, how, price = rug, "rug", float(prices[rug])
    else:
        sold, how, price = last, "unfinished", np.nan
    best = float(factor[1:].max()) if len(factor) > 1 else np.nan
    return entry, float(paid), sold, price, how, price / paid - 1, best
