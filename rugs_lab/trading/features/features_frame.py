"""`feature_frame`: the features at every tick of games, and the outcome; for training a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rugs_lab.columns import text_index
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.engine.batches import batches
from rugs_lab.trading.features.feature_vector import PATH

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.recordings.games.games import Games


def feature_frame(games: Games) -> pd.DataFrame:
    """Return the features of somebody who only watches, a row per known tick before the rug.

    Columns: the names of `PATH` (float32), then ``rug_within_40`` (boolean; missing where the rug is not
    known): whether a side bet decided at this tick, which is placed at the next one, would win. Index:
    ``game_id`` and ``tick``. The last tick before a rug is left out: a bet decided there is never placed.
    Split such rows by game, never by row: rows of one game know each other's future.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> frame = feature_frame(rl.sample()[:50])
    >>> frame.shape[1], frame["rug_within_40"].dtype
    (9, BooleanDtype)
    """
    import pandas as pd

    from rugs_lab.trading.environment.vector_loop import watch

    game_ids = games.ids
    ids: list[NDArray[Any]] = [np.empty(0, object)]
    ticks: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    rows: list[NDArray[np.float32]] = [np.empty((0, len(PATH)), np.float32)]
    wins: list[bool | None] = []
    for batch in batches(games, len(games)):
        for n in range(len(batch)):
            end, rugged = int(batch.ends[n]), bool(batch.rug_prices[n] == batch.rug_prices[n])
            prices = batch.flat[batch.offsets[n] : batch.offsets[n] + end]
            known = np.flatnonzero(prices == prices)
            if rugged:
                known = known[known + 1 < end]
            ids.append(np.full(len(known), str(game_ids[batch.first + n]), object))
            ticks.append(known)
            rows.append(watch(prices)[known])
            wins += (end <= known + 1 + SIDEBET_TICKS).tolist() if rugged else [None] * len(known)
    index = pd.MultiIndex.from_arrays(
        [text_index(np.concatenate(ids), "game_id"), np.concatenate(ticks)], names=["game_id", "tick"]
    )
    frame = pd.DataFrame(np.concatenate(rows), columns=list(PATH), index=index)
    frame["rug_within_40"] = pd.array(wins, dtype="boolean")
    return frame
