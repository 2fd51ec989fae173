"""SQL over games: DuckDB reads the DataFrames in place. Needs the package ``duckdb``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rugs_lab.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd


def run_query(query: str, tables: Mapping[str, Callable[[], pd.DataFrame]]) -> pd.DataFrame:
    """Run `query` over those of the `tables` that it names, and return its result."""
    import duckdb

    named = [name for name in tables if re.search(rf"\b{name}\b", query, re.IGNORECASE)]
    with duckdb.connect(":memory:") as connection:
        for name in named:
            connection.register(name, tables[name]())
        try:
            result: pd.DataFrame = connection.sql(query).df()
            return result
        except duckdb.Error as error:
            raise ArgumentError(
                f"the query could not be run ({error}); the tables are {', '.join(tables)}, "
                "with the columns of .frame, .ticks and so on"
            ) from error
