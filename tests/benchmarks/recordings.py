"""Games at rest against the clock: loading lines, opening Parquet, size on disk; everything as a ratio.

Lines → ``Games`` (merged, ordered, checked) against ``orjson.loads`` line by line, DuckDB ``read_json`` and
polars ``read_ndjson``, which only parse. The two latter read clean copies, for they stop at a broken line.
Parquet: the table of 50,000 games without prices, and all their prices as one array against reading the bytes
of the file.

Run: ``python -m tests.benchmarks.recordings [--reference FOLDER] [--games 1000]``.
"""

from __future__ import annotations

import argparse
import time
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import orjson
import polars

from rugs_lab.feed.server.simulation.rounds import draw_round
from rugs_lab.recordings.catalogue.parquet import ParquetStore, write_parquet
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.games.game_stores import offsets_of
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.read.load import load
from tests.benchmarks.goals import Row, turns
from tests.conftest import REFERENCE
from tests.support.original import NAIVE, game_lines, tick

REPEATS = 7
CATALOGUE = 50_000


def make_folder(folder: Path, count: int) -> None:
    """Write `count` games as the original did, about 75 kB each: 150 rows before the game, then its ticks."""
    draws = Random(1)
    for number in range(count):
        game = draw_round(draws, "20251030")
        begin = NAIVE + timedelta(minutes=number)
        start, *lines = game_lines(game.id, game.prices, begin=begin, countdown=False, end={})
        before = []
        for timer in range(15000, 0, -100):
            at = begin + timedelta(milliseconds=15000 - timer)
            phase = "PRESALE" if timer <= 10000 else "UNKNOWN"
            before.append(tick(game.id, at, 0, 1.0, phase, cooldown_timer=timer, trade_count=0))
        (folder / f"game_{number:06}.jsonl").write_bytes(b"".join([start, *before, *lines]))


def clean_copy(source: Path, folder: Path) -> None:
    """Copy the lines that are whole."""
    for path in sorted(source.glob("*.jsonl")):
        kept = []
        for line in path.read_bytes().splitlines():
            try:
                orjson.loads(line)
            except orjson.JSONDecodeError:
                continue
            kept.append(line + b"\n")
        (folder / path.name).write_bytes(b"".join(kept))


def line_by_line(folder: Path) -> None:
    """Decode every line, and no more."""
    for path in folder.glob("*.jsonl"):
        for line in path.read_bytes().splitlines():
            orjson.loads(line)


def with_duckdb(folder: Path) -> None:
    """Read all lines into a table."""
    types = {"type": "VARCHAR", "game_id": "VARCHAR", "tick": "BIGINT", "price": "DOUBLE"}
    types |= {"active": "BOOLEAN", "rugged": "BOOLEAN"}
    with duckdb.connect() as connection:
        connection.execute(
            f"create table t as select * from read_json('{folder}/*.jsonl', "
            f"format='newline_delimited', columns={types})"
        )


def with_polars(folder: Path) -> None:
    """Read all lines into a frame."""
    schema = {
        "type": polars.String,
        "game_id": polars.String,
        "tick": polars.Int64,
        "price": polars.Float64,
        "active": polars.Boolean,
        "rugged": polars.Boolean,
    }
    for path in folder.glob("*.jsonl"):
        polars.read_ndjson(path, schema=schema)


def compare_lines(name: str, folder: Path, clean: Path) -> None:
    """Print how long lines take, ours and theirs."""
    size_mb = sum(path.stat().st_size for path in folder.glob("*.jsonl")) / 1e6
    works = [lambda: load(folder), lambda: load(clean)]
    works += [lambda: line_by_line(clean), lambda: with_duckdb(clean), lambda: with_polars(clean)]
    names = ["rl.load", "rl.load, clean copies", "orjson line by line", "DuckDB read_json", "polars"]
    taken = turns(*works, repeats=REPEATS)
    files = len(list(folder.glob("*.jsonl")))
    print(f"\n{name}: {files} files, {size_mb:.1f} MB, {len(load(folder))} games")
    for each, seconds in zip(names, taken, strict=True):
        rates = f"{seconds * 1e3:9.1f} ms{size_mb / seconds:9.0f} MB/s"
        print(f"  {each:24}{rates}{seconds / taken[1]:9.2f} x ours")


def compare_parquet(folder: Path) -> None:
    """Print how long the table and the prices of a large catalogue take."""
    rng = np.random.default_rng(1)
    length = rng.geometric(0.005, CATALOGUE) + 1
    offsets = offsets_of(length)
    flat = np.exp(rng.normal(0, 0.5, offsets[-1]))
    ids = [f"20260101-{number:016x}" for number in range(CATALOGUE)]
    seeds = [f"{number:064x}" for number in rng.integers(0, 2**63, CATALOGUE)]
    path = folder / "games_2026-01.parquet"
    known = {"server_seeds": seeds, "versions": ["v3"] * CATALOGUE}
    games = Games.from_arrays(ids, flat, offsets, rug_ticks=length - 1, **known)
    write_parquet(games, path)
    opening, frame, prices, raw = turns(
        lambda: load(path).columns,
        lambda: load(path).frame,
        lambda: ParquetStore(path).prices(None),
        path.read_bytes,
        repeats=REPEATS,
    )
    size_mb = path.stat().st_size / 1e6
    print(f"\nParquet, {CATALOGUE:,} games, {offsets[-1]:,} prices, {size_mb:.1f} MB")
    print(f"  load and all columns but text {opening * 1e3:8.1f} ms   (goal: below 20)")
    print(f"  load and games.frame          {frame * 1e3:8.1f} ms")
    against = f"{prices / raw:.2f} x reading the bytes ({raw * 1e3:.1f} ms)"
    print(f"  all prices as one array       {prices * 1e3:8.1f} ms   {against}")


def compare_size(name: str, source: Path) -> None:
    """Print what a game takes on disk."""
    with TemporaryDirectory() as name_of_folder:
        done = seal(source, to=name_of_folder)
    lines, sealed = done.source_bytes / done.games, done.bytes / done.games
    ratio = f"{lines / sealed:.1f} times smaller"
    print(f"  {name:24}{lines:10,.0f} bytes a game in lines, {sealed:8,.0f} sealed: {ratio}")


def measure(count: int = 300) -> list[Row]:
    """Compare loading a folder of lines with decoding them, in one run."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        make_folder(folder, count)
        works = (lambda: load(folder), lambda: line_by_line(folder))
        ours, orjson_s, duckdb_s, polars_s = turns(
            *works, lambda: with_duckdb(folder), lambda: with_polars(folder)
        )
        cpu, orjson_cpu = turns(*works, clock=time.process_time)
    measured = (
        f"{ours / orjson_s:.2f} x orjson's loop ({cpu / orjson_cpu:.2f} in CPU), "
        f"{ours / duckdb_s:.1f} x DuckDB, {ours / polars_s:.1f} x polars"
    )
    return [Row("3", f"load {count:,} files of lines", measured, "<= 0.5 x orjson", ours <= 0.5 * orjson_s)]


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, default=REFERENCE / "recordings")
    parser.add_argument("--games", type=int, default=1000)
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder, made, clean = Path(name), Path(name) / "made", Path(name) / "clean"
        made.mkdir()
        clean.mkdir()
        make_folder(made, options.games)
        if options.reference.is_dir():
            clean_copy(options.reference, clean)
            compare_lines("reference recordings", options.reference, clean)
        compare_lines("generated folder", made, made)
        compare_parquet(folder)
        print("\nsize on disk")
        if options.reference.is_dir():
            compare_size("reference recordings", options.reference)
        compare_size("generated folder", made)


if __name__ == "__main__":
    main()
