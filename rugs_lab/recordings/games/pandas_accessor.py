"""The pandas accessor ``df.rugs``: returns, drawdown and candles of prices by tick.

It works on the DataFrame of one game (``game.frame``), on that of many (``games.ticks``), on ``feed.frame``,
and on any DataFrame with a column ``price`` and, as column or index, ``tick``; with a column ``game_id`` each
game is taken by itself. ``import rugs_lab.recordings.games.pandas_accessor`` registers it, as every DataFrame
of this package does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rugs_lab.errors import ArgumentError


@pd.api.extensions.register_dataframe_accessor("rugs")
class RugsAccessor:
    """Prices by tick, seen as returns, drawdown or candles.

    Parameters
    ----------
    frame
        A DataFrame with ``price``, ``tick`` (column or index) and, for several games, ``game_id``.

    Raises
    ------
    AttributeError
        It has no prices.

    Examples
    --------
    >>> frame = pd.DataFrame({"price": [1.0, 1.5, 1.2, 0.6]})
    >>> frame.rugs.returns.round(3).tolist()
    [nan, 0.5, -0.2, -0.5]
    >>> frame.rugs.drawdown.round(3).tolist()
    [0.0, 0.0, -0.2, -0.6]
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        if "price" not in frame.columns:
            raise AttributeError(
                ".rugs needs a column price (and tick, game_id); this DataFrame has "
                + (", ".join(map(str, frame.columns))[:200] or "none")
            )
        self._frame = frame

    @property
    def returns(self) -> pd.Series[Any]:
        """Price over the price one tick before, less one; NaN where either is unknown."""
        prices = self._prices if self._groups is None else self._groups
        returns: pd.Series[Any] = prices.pct_change(fill_method=None)
        return returns

    @property
    def drawdown(self) -> pd.Series[Any]:
        """Price over the highest known so far, less one: 0 at a peak, else negative; NaN where unknown."""
        peak = self._prices.cummax() if self._groups is None else self._groups.cummax()
        return self._prices / peak - 1

    def candles(self, n: int = 5) -> pd.DataFrame:
        """Put `n` ticks into one candle.

        Parameters
        ----------
        n
            Ticks in a candle; the first one begins at tick 0.

        Returns
        -------
        DataFrame
            Index ``tick``, the first of each candle (with ``game_id`` before it for several games); columns
            ``open``, ``high``, ``low``, ``close`` (multipliers) and ``ticks``, how many known prices are in
            it. A candle without any is left out.

        Raises
        ------
        ArgumentError
            `n` is not an integer >= 1.

        Examples
        --------
        >>> pd.DataFrame({"price": [1.0, 1.5, 1.2, 0.6]}).rugs.candles(2).to_numpy().tolist()
        [[1.0, 1.5, 1.0, 1.5, 2.0], [1.2, 1.2, 0.6, 0.6, 2.0]]
        """
        if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 1:
            raise ArgumentError(f"n must be an integer >= 1, the ticks of a candle; got {n!r}")
        known = self._prices.notna().to_numpy()
        keys = {"tick": (self._ticks // n * n)[known]}
        if "game_id" in self._frame:
            keys = {"game_id": self._frame["game_id"].to_numpy()[known], **keys}
        rows = pd.DataFrame({**keys, "price": self._prices.to_numpy()[known]})
        grouped = rows.groupby(list(keys), sort=False, observed=True)["price"]
        candles: Any = grouped.agg(open="first", high="max", low="min", close="last", ticks="count")
        return pd.DataFrame(candles)

    @property
    def _prices(self) -> pd.Series[Any]:
        return self._frame["price"].astype("float64")

    @property
    def _ticks(self) -> Any:
        column = self._frame["tick"] if "tick" in self._frame else self._frame.index.to_series()
        return column.astype("Int64").fillna(-1).to_numpy(np.int64)

    @property
    def _groups(self) -> Any:
        if "game_id" not in self._frame:
            return None
        return self._prices.groupby(self._frame["game_id"], sort=False, observed=True)
