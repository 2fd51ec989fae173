"""An archive: one game out of many, what a kept game keeps, opening, trades and SQL beside their peers.

Run: ``python -m tests.benchmarks.archive [--games 100000]``. By size: `tests.benchmarks.growth`.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rugs_lab.recordings.catalogue.catalogue import MANIFEST
from rugs_lab.recordings.catalogue.light_columns import LIGHT, SUFFIX, fingerprint
from rugs_lab.recordings.catalogue.parquet import ParquetStore, write_parquet
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.recordings.read.load import load
from tests.benchmarks.goals import Row, turns

CHOSEN = 200


def write(folder: Path, count: int) -> Path:
    """Write an archive of `count` games, with starts and seeds."""
    made = synthetic(count, seed=1, method="statistical")
    columns = made.columns
    games = Games.from_arrays(
        columns.ids,
        made.prices,
        made.offsets,
        rug_ticks=columns.rug_tick,
        server_seeds=[f"{n:064x}" for n in range(count)],
        versions=["v3"] * count,
        started_ns=1_767_225_600_000_000_000 + np.arange(count) * 40_000_000_000,
    )
    path = folder / "games_2026-01.parquet"
    write_parquet(games, path)
    manifest = {"schema": 1, "tables": [path.name], "marks": {path.name: fingerprint(path)}}
    (folder / MANIFEST).write_text(json.dumps(manifest))  # else every value is checked
    ParquetStore(path).write_light(path.with_suffix(SUFFIX))
    return path


def resident_mb(most: bool = False) -> float:
    """Return the memory of this process, or the most it ever had, MB."""
    return (
        int(re.search(rf"Vm{'HWM' if most else 'RSS'}:\s+(\d+)", Path("/proc/self/status").read_text())[1])
        / 1e3
    )


def one_game(count: int = 100_000) -> list[Row]:
    """Take games at random out of `count` against reading the bytes of a row group."""
    with TemporaryDirectory() as name:
        path = write(Path(name), count)
        games = load(path)
        games.frame.size  # noqa: B018
        rng = np.random.default_rng(1)
        chosen = rng.integers(0, count, CHOSEN).tolist()
        games[0]
        before, taken, kept = resident_mb(), [], []
        for place in chosen:
            begin = time.perf_counter()
            kept.append(games[place])
            taken.append(time.perf_counter() - begin)
        own = sum(game.prices.nbytes + game.sources.nbytes for game in kept) / CHOSEN / 1e3
        alive = (resident_mb() - before) * 1e3 / CHOSEN
    ms = float(np.median(taken)) * 1e3
    own_text = f"{alive:.0f} kB alive a kept game, {own:.1f} of its own"
    return [
        Row("7", f"one game out of {count:,}", f"{ms:.1f} ms (median of {CHOSEN})", "<= 2 ms", ms <= 2),
        Row("7", "a kept game", own_text, "its own bytes", all(game.prices.base is None for game in kept)),
    ]


def with_duckdb(count: int = 20_000) -> list[Row]:
    """Compare trades and SQL over ticks with DuckDB on the same file."""
    import duckdb

    with TemporaryDirectory() as name:
        path = write(Path(name), count)
        query = "select game_id, max(price) as peak from ticks group by game_id"
        theirs = f"select id, list_max(prices) as peak from '{path}'"
        sql, duckdb_sql = turns(lambda: load(path).sql(query), lambda: duckdb.sql(theirs).df())
        flat = f"select id, unnest(trades, recursive := true) from '{path}'"
        trades, duckdb_trades = turns(lambda: load(path).trades, lambda: duckdb.sql(flat).df())
    text = "{:.3f} s, DuckDB {:.3f} s: {:.1f} x"
    found = (sql, duckdb_sql, sql / duckdb_sql), (trades, duckdb_trades, trades / duckdb_trades)
    return [
        Row("6", f"all trades of {count:,} games", text.format(*found[1]), "<= 2 x DuckDB", found[1][2] <= 2),
        Row(
            "8",
            f"SQL over ticks of {count:,} games",
            text.format(*found[0]),
            "<= 0.4 s at 100,000",
            sql <= 0.4,
        ),
    ]


def opening(count: int = 100_000) -> list[Row]:
    """Compare opening and a query with pyarrow and pandas on the same file."""
    import pyarrow.parquet as pq

    with TemporaryDirectory() as name:
        path = write(Path(name), count)
        light = [*LIGHT]
        ours, theirs = turns(
            lambda: load(path).query("peak > 5").rug_ticks.sum(),
            lambda: pq.read_table(path, columns=light).to_pandas().query("peak > 5")["rug_tick"].sum(),
        )
    text = f"{ours:.3f} s, pyarrow and pandas {theirs:.3f} s: {ours / theirs:.2f} x"
    return [Row("9", f"open and query {count:,} games", text, "<= 0.5 s at 1,000,000", ours <= 0.5)]


def measure(count: int = 100_000) -> list[Row]:
    """Measure all of it."""
    return [*with_duckdb(), *one_game(count), *opening(count)]


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100_000)
    print(*measure(parser.parse_args().games), sep="\n")


if __name__ == "__main__":
    main()
