"""Prices of many games → one long DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.columns import text_index
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.games.game_stores import Prices, sources_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

_NAMES: Final = [source.name.lower() for source in Source]
TICKS_VIEW: Final = f"""create view ticks as
select game_id, tick::integer as tick, price, {_NAMES}[source + 1] as source, source > 1 as backfilled
from (select id as game_id, unnest(range(len(prices))) as tick, unnest(prices) as price,
    unnest(sources) as source from tick_lists)"""
"""SQL that makes a row per tick of `tick_lists` while it is read."""


def tick_lists(ids: NDArray[Any], prices: Prices) -> pa.Table:
    """Return one row per game: ``id``, and the lists of ``prices`` (null = unknown) and ``sources``."""
    import pyarrow as pa

    offsets = prices.offsets.astype(np.int64)
    lists = [pa.array(prices.flat, from_pandas=True), pa.array(sources_of(prices))]
    columns = [pa.LargeListArray.from_arrays(offsets, each) for each in lists]
    return pa.table([pa.array(ids, pa.string()), *columns], ["id", "prices", "sources"])


def ticks_frame(ids: NDArray[Any], prices: Prices) -> pd.DataFrame:
    """Return one row per tick: ``game_id`` (categorical), ``tick``, ``price``, ``source``, ``backfilled``."""
    import pandas as pd

    import rugs_lab.recordings.games.pandas_accessor  # noqa: F401

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
            "source": pd.Categorical.from_codes(sources.view(np.int8), dtype=pd.CategoricalDtype(_NAMES)),
            "backfilled": sources > Source.RECEIVED,
        },
        copy=False,
    )
