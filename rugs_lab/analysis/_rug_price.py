"""The rule that gives the rug price: the lowest price before it, times 1 - 0.98, to the last bit."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._observed import Block, found_in, only_games, per_game
from rugs_lab.columns import text_index
from rugs_lab.estimates.estimate import share
from rugs_lab.estimates.intervals import EstimateRow, table
from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.recordings.games.games import Games


def lowest_before(games: Block) -> tuple[NDArray[Any], ...]:
    """Return the lowest known price before the rug of each game, and how many of them are not known."""
    before = games.tick < np.repeat(games.rug_ticks, np.diff(games.offsets))
    known = before & ~np.isnan(games.prices)
    lowest = per_game(np.minimum, np.where(known, games.prices, np.inf), games.offsets, np.inf)
    return lowest, per_game(np.add, (before & ~known).astype(np.int64), games.offsets, 0)


def rug_prices(games: Games) -> pd.DataFrame:
    """Return the rug of each game beside what the rule gives, for games whose rug price is known.

    Returns
    -------
    DataFrame
        Index ``id``; ``rug_tick``, ``lowest`` (of the known prices before the rug, a multiplier),
        ``rug_price``, ``by_rule``, ``agrees`` (the same double), ``missing`` (ticks before the rug without a
        price: with one missing, the lowest may be too).

    Examples
    --------
    >>> from rugs_lab.recordings.games.games import Games
    >>> games = Games.from_arrays(["a"], [1.0, 0.5, 0.010000000000000009], [0, 3], rug_ticks=[2])
    >>> rug_prices(games)["agrees"].tolist()
    [True]
    """
    only_games("rug_prices", games)
    columns, (lowest, missing) = games.columns, found_in(games, lowest_before)
    frame = pd.DataFrame(
        {
            "rug_tick": columns.rug_tick,
            "lowest": lowest,
            "rug_price": columns.rug_price,
            "by_rule": lowest * RUG_FACTOR,
            "agrees": lowest * RUG_FACTOR == columns.rug_price,
            "missing": missing,
        },
        index=text_index(columns.ids, "id"),
    )
    known_rugs: pd.DataFrame = frame[np.isfinite(columns.rug_price) & np.isfinite(lowest)]
    return known_rugs


def rug_price_rule(games: Games) -> pd.DataFrame:
    """Return the share of games whose rug price follows the rule bit for bit.

    Returns
    -------
    DataFrame
        Two estimates: games with every price before the rug known (baseline 1), and games with some missing
        (no baseline: the lowest price may be among the missing).
    """
    only_games("rug_price_rule", games)
    frame = rug_prices(games)
    rows = []
    for name, some, baseline in (
        ("rug price = lowest price x (1 - 0.98), every tick known", frame[frame["missing"] == 0], 1.0),
        ("the same, ticks missing", frame[frame["missing"] > 0], np.nan),
    ):
        agree = share(int(some["agrees"].sum()), len(some))
        rows.append(EstimateRow.of(name, agree, baseline, "share of games, bit for bit", "games"))
    return table(rows)


def rug_price_exceptions(games: Games) -> pd.DataFrame:
    """Return the rows of `rug_prices` that do not agree."""
    only_games("rug_price_exceptions", games)
    frame = rug_prices(games)
    exceptions: pd.DataFrame = frame[~frame["agrees"]]
    return exceptions
