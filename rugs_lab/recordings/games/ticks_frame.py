"""Prices of many games → one long DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rugs_lab.columns import text_index
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.games.game_stores import Prices, sources_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def ticks_frame(ids: NDArray[Any], prices: Prices) -> pd.DataFrame:
    """Return one row per tick: ``game_id`` (categorical), ``tick``, ``price``, ``source``, ``backfilled``."""
    import pandas as pd

    import rugs_lab.recordings.games.pandas_accessor  # noqa: F401

    names = [source.name.lower() for source in Source]
    lengths = np.diff(prices.offsets)
    codes, categories = pd.factorize(np.asarray(ids, object))
    sources = sources_of(prices)
    game = np.repeat(codes, lengths)
    tick = np.arange(len(prices.flat)) - np.repeat(prices.offsets[:-1], lengths)
    return pd.DataFrame(
        {
            "game_id": pd.Categorical.from_codes(game, categories=text_index(categories, "game_id")),
            "tick": tick.astype(np.int32),
            "price": prices.flat,
            "source": pd.Categorical.from_codes(sources.view(np.int8), dtype=pd.CategoricalDtype(names)),
            "backfilled": sources > Source.RECEIVED,
        },
        copy=False,
    )
