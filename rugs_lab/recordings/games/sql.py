"""SQL over games: DuckDB reads the frames in place. Needs the package ``duckdb``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rugs_lab.errors import ArgumentError

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.recordings.games.games import Games


def ask(games: Games, query: str) -> pd.DataFrame:
    """Run `query` over the tables that it names, and return its result."""
    import duckdb

    tables = {
        "games": lambda: games.frame.reset_index(),
        "ticks": lambda: games.ticks,
        "trades": lambda: games.trades,
        "sidebets": lambda: games.sidebets,
        "damage": lambda: games.damage,
    }
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
