"""`labelled`: a Series of figures that shows all of its rows, where pandas would leave out the middle."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def labelled(figures: Mapping[str, Any] | pd.Series[Any]) -> pd.Series[Any]:
    """Return figures of any kind by their labels; dtype object, named ``value``.

    Examples
    --------
    >>> many = labelled({f"figure {n}": n for n in range(100)})
    >>> "figure 50" in repr(many)
    True
    """
    made: pd.Series[Any] = _series()(figures, name="value", dtype=object)
    return made


@cache
def _series() -> Any:
    import pandas as pd

    class Labelled(pd.Series):
        """What is made of it is an ordinary Series again."""

        @property
        def _constructor(self) -> type[pd.Series[Any]]:
            return pd.Series

        def __repr__(self) -> str:
            with pd.option_context("display.max_rows", None):
                return super().__repr__()

    return Labelled
