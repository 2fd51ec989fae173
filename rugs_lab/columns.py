"""Text in DataFrames: one dtype for pandas 2 (whose ``"str"`` makes missing text "None") and pandas 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def text_dtype() -> Any:
    """Return the dtype of text, missing as NaN: ``str`` of pandas 3, by that name since pandas 2.3."""
    import pandas as pd

    try:
        return pd.StringDtype("pyarrow", na_value=np.nan)
    except TypeError:  # pandas 2.2
        return pd.StringDtype("pyarrow_numpy")


def dtypes(names: Mapping[str, str]) -> dict[str, Any]:
    """Return dtypes by name of column for ``astype``, ``"str"`` as text."""
    text = text_dtype()
    return {column: text if name == "str" else name for column, name in names.items()}


def typed(values: Any, dtype: str = "str") -> Any:
    """Return a column of values, None where one is absent; ``"str"`` is text, which may be a `LazyText`."""
    import pandas as pd

    values = values.arrow() if hasattr(values, "arrow") else values
    return pd.array(values, dtype=text_dtype() if dtype == "str" else dtype)


def columns_of(rows: Sequence[Any], dtypes: Mapping[str, str]) -> dict[str, Any]:
    """Return a column for each name, of what the rows have under it."""
    return {name: typed([getattr(row, name) for row in rows], dtype) for name, dtype in dtypes.items()}


def text_index(values: Any, name: str) -> pd.Index[str]:
    """Return an index of text."""
    import pandas as pd

    index: pd.Index[str] = pd.Index(typed(values), name=name)
    return index
