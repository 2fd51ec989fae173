"""SQL over games: DuckDB, of the extra ``sql``, reads the DataFrames in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rugs_lab.errors import ArgumentError
from rugs_lab.progress import result_of
from rugs_lab.resources import of_extra

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def run_query(
    query: str,
    tables: Mapping[str, Callable[[], pd.DataFrame | pa.Table]],
    views: Mapping[str, tuple[str, str]],
    *,
    archives: Sequence[Path] = (),
    files: bool = False,
) -> pd.DataFrame:
    """Run one `query` over those of the `tables` that it names, and return its result.

    `views`: table → the name under which what is made for it is known, and the SQL that makes it of that; or
    of the rows of `archives`, Parquet files, where there are any and the query cannot write to them.
    Without `files` it reaches nothing but the tables: no file, no network, no extension, no setting.
    """
    duckdb = of_extra("duckdb", "sql", "games.sql")

    if not isinstance(query, str):
        raise ArgumentError(f"query must be a text of SQL; got {type(query).__name__}")
    named = [name for name in tables if re.search(rf"\b{name}\b", query, re.IGNORECASE)]
    options: dict[str, Any] = {"python_enable_replacements": False}
    try:
        with duckdb.connect(":memory:", config=options) as connection:
            statements = connection.extract_statements(query)
            if len(statements) != 1:
                raise ArgumentError(f"query must be one statement of SQL; got {len(statements)}")
            kinds = duckdb.StatementType
            if not files and statements[0].type not in (kinds.SELECT, kinds.EXPLAIN):
                raise TypeError("without files=True only SELECT and EXPLAIN are run")
            texts = ("'" + str(path).replace("'", "''") + "'" for path in archives)
            paths = f"[{', '.join(texts)}]" if statements[0].type == kinds.SELECT else "[]"
            connection.execute(f"set allowed_paths = {paths}")
            for name in named:
                other, view = views.get(name, (name, ""))
                if view and paths != "[]":
                    connection.execute(f"create view {other} as from read_parquet({paths})")
                else:
                    connection.register(other, tables[name]())
                connection.execute(view)
            if not files:
                connection.execute("set enable_external_access = false")
            connection.execute("set TimeZone = 'UTC'")  # not the machine's
            connection.execute("set lock_configuration = true")
            with ThreadPoolExecutor(1, "rugs_lab sql") as pool:  # this thread waits, so that Ctrl-C gets here
                found = pool.submit(copy_context().run, lambda: connection.execute(statements[0]).df())
                try:
                    result: pd.DataFrame = result_of(found)
                except KeyboardInterrupt:
                    connection.interrupt()
                    raise
            return result
    except (duckdb.Error, TypeError, UnicodeError) as error:
        hint = "" if files else "; files can be read with files=True"
        raise ArgumentError(
            f"the query could not be run ({error}); the tables are {', '.join(tables)}, "
            f"with the columns of .frame, .ticks and so on{hint}"
        ) from error
