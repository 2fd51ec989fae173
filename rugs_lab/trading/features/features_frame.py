"""`feature_frame`: the features at every tick of games, and the outcome; for training a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rugs_lab.columns import text_index
from rugs_lab.trading.engine.batches import batches
from rugs_lab.trading.features.feature_vector import PATH, RECENT

if TYPE_CHECKING:
    import pandas as pd

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

    # The arrays grow in place: nothing but the result and one batch of games is ever held.
    rows, codes = np.empty((0, len(PATH)), np.float32), np.empty(0, np.int32)
    ticks, wins, unknown = np.empty(0, np.int32), np.empty(0, bool), np.empty(0, bool)
    levels, places = np.unique(np.asarray(games.ids, object), return_inverse=True)
    n = 0
    for batch in batches(games, len(games)):
        room = n + int(batch.ends.sum())
        for each in (codes, ticks, wins, unknown):
            each.resize(room, refcheck=False)
        rows.resize((room, len(PATH)), refcheck=False)
        end = n + watch(batch, rows[n:], codes[n:], ticks[n:], wins[n:], np.zeros(RECENT, np.int64))
        unknown[n:end] = np.isnan(batch.rug_prices)[codes[n:end]]
        codes[n:end] = places[batch.first + codes[n:end]]
        n = end
    kinds = [text_index(levels, "game_id"), pd.RangeIndex(ticks[:n].max(initial=0) + 1)]
    index = pd.MultiIndex(kinds, [codes[:n], ticks[:n]], names=["game_id", "tick"])  # type: ignore
    frame = pd.DataFrame(rows[:n], columns=list(PATH), index=index, copy=False)
    frame["rug_within_40"] = pd.arrays.BooleanArray(wins[:n], unknown[:n])
    return frame
