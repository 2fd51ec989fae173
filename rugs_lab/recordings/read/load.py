"""`load`: files of every known format → `Games`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from os import PathLike, fspath
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.progress import progress
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import start_of
from rugs_lab.recordings.games.game_stores import ArrayStore, offsets_of
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import ended_ns, play_order, texts, times
from rugs_lab.recordings.read.backfill import backfill_game
from rugs_lab.recordings.read.captures import is_capture, is_raw, take_capture
from rugs_lab.recordings.read.game_parts import details_of
from rugs_lab.recordings.read.merge_parts import MergedParts
from rugs_lab.recordings.read.read_records import read_records
from rugs_lab.recordings.read.timestamps import NAIVE_ZONE
from rugs_lab.recordings.write.line_types import RawLine

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]
_AHEAD = 4_000_000
_PARQUET = ".parquet"
_LINES = (".jsonl", ".ndjson", ".json")


def load(path: Paths, *, naive_zone: str = NAIVE_ZONE) -> Games:
    """Load recorded games: JSON lines of this package and of the original program, raw captures, Parquet.

    The parts of one game are put together and ticks are ordered; late messages of a finished game and
    placeholder values of rows before a game are left out; missing prices are computed from the seed where it
    is known. Nothing is left out without a row in ``games.damage``, ``games.ticks`` has the source of every
    price, and a corrupt line never discards its game. What each game's ``status`` means: `Game.status`.

    Parameters
    ----------
    path
        A file, a folder (with the folders in it), a glob pattern, or several of these. Files of a sealed
        folder are read from its archive (see `rugs_lab.seal`), whose prices stay in the file until they are
        needed.
    naive_zone
        Zone of timestamps that name none: the original wrote its local time.

    Raises
    ------
    ArgumentError
        No such file or folder, or nothing in it that could be loaded.

    Examples
    --------
    >>> from rugs_lab.resources import data_dir
    >>> games = load(data_dir() / "damaged")
    >>> sorted(games.damage["kind"].unique())[:3]
    ['after_rug', 'blank_line', 'comment']
    """
    lines, tables = files_of(path)
    if not tables:
        return build_games(read_files(lines, naive_zone))
    from rugs_lab.recordings.catalogue.catalogue import read_catalogue

    unread: list[Damage] = []
    catalogue = read_catalogue(tables, unread.append)
    merged = read_files([file for file in lines if not catalogue.covers(file)], naive_zone)
    for row in unread:
        merged.damage.add(row)
    kept = catalogue.prepare(merged)
    return in_order(kept + build_games(merged) if merged.games or unread or merged.notes else kept)


def read_files(files: Iterable[Path], naive_zone: str = NAIVE_ZONE, base: Path | None = None) -> MergedParts:
    """Read files of JSON lines, named as they are or from `base`; what cannot be read is a row of damage."""
    merged = MergedParts(ZoneInfo(naive_zone))
    paths = list(files)
    for path, data in progress(_contents(paths), "loading", "files", len(paths)):
        name = str(path if base is None else path.relative_to(base))
        if name.endswith(".torn"):
            done = "the torn last line of a recording, moved aside by the recorder: not used"
            merged.report(name, "torn_line", done)
            continue
        if isinstance(data, OSError):
            merged.report(name, "unreadable", f"the file cannot be read ({data.strerror}): skipped")
        elif not data or data.isspace():
            merged.report(name, "empty_file", "nothing in it: skipped")
        elif is_capture(data):
            take_capture(merged, name, data)
        else:
            records, numbers, damage = read_records(data, name)
            for row in damage:
                merged.damage.add(row)
            complete = bool(records) and getattr(records[0], "revision", 1) > 1
            alone = is_raw(records) and not complete
            if not alone:
                merged.take(name, records, numbers)
                merged.close()
            if RawLine in map(type, records):
                take_capture(merged, name, data, beside=not alone, complete=complete)
    return merged


def _contents(paths: Sequence[Path]) -> Iterator[tuple[Path, bytes | OSError]]:
    """Read files on a thread of its own, about `_AHEAD` bytes ahead of the caller."""

    def some(place: int) -> tuple[list[tuple[Path, bytes | OSError]], int]:
        read: list[tuple[Path, bytes | OSError]] = []
        size = 0
        while place < len(paths) and size < _AHEAD:
            path, place = paths[place], place + 1
            try:
                data = path.read_bytes()
            except OSError as error:
                read.append((path, error))
            else:
                read.append((path, data))
                size += len(data)
        return read, place

    read, place = some(0)
    with ThreadPoolExecutor(1, "rugs_lab reading") as pool:
        while read:
            ahead = pool.submit(some, place)
            yield from read
            read, place = ahead.result()


def build_games(merged: MergedParts) -> Games:
    """Make games of all parts, in order of time."""
    parts = list(merged.games.values())
    backfilled = [backfill_game(each, merged.damage.add) for each in parts]
    order = play_order(times([each.first_ns for each in parts]), times([ended_ns(each) for each in parts]))
    parts, backfilled = [parts[place] for place in order], [backfilled[place] for place in order]
    started = [
        start_of(each.started_ns, each.presale_ns, each.ended_ms, game.rug_tick)
        for each, game in zip(parts, backfilled, strict=True)
    ]
    store = ArrayStore(
        texts([each.id for each in parts]),
        np.concatenate([each.prices for each in backfilled]) if backfilled else np.empty(0),
        offsets_of([len(each.prices) for each in backfilled]),
        np.array([-1 if each.rug_tick is None else each.rug_tick for each in backfilled], np.int32),
        np.concatenate([each.sources for each in backfilled]) if backfilled else None,
        texts([each.server_seed for each in parts]),
        texts([each.server_seed_hash for each in parts]),
        texts([each.version for each in parts]),
        times(started),
        texts([each.file for each in parts]),
        [details_of(each) for each in parts],
        corrected=np.array([each.corrected or each.id in merged.damage.corrected for each in parts], bool),
    )
    return Games.from_stores(store, damage=merged.damage.rows(), notes=tuple(merged.notes))


def in_order(games: Games) -> Games:
    """Return games in the order in which they were played."""
    order = play_order(games.columns.first_ns, games.columns.ended_ns)
    return games if (np.diff(order) > 0).all() else games[order]


def files_of(path: Paths) -> tuple[list[Path], list[Path]]:
    """Return the files of JSON lines and the Parquet files that `path` names."""
    given = [path] if not isinstance(path, Iterable) or isinstance(path, str) else list(path)
    if not given or not all(isinstance(each, str | PathLike) for each in given):
        raise ArgumentError(
            f"path must be a file, a folder, a glob pattern, or a list of these; got {path!r:.200}"
        )
    found: dict[Path, None] = {}
    for each in given:
        found.update(dict.fromkeys(_of(fspath(each))))
    return [file for file in found if file.suffix != _PARQUET], [
        file for file in found if file.suffix == _PARQUET
    ]


def _of(name: str) -> list[Path]:
    if not name:
        raise ArgumentError("path must be a file, folder or pattern; got an empty name ('.' is this folder)")
    name = os.path.expanduser(name)
    path = Path(name)
    if path.is_dir():
        inside = sorted(
            file
            for file in path.rglob("*")
            if file.suffix in (*_LINES[:2], _PARQUET, ".torn")
            and not file.name.startswith(".")
            and file.is_file()
        )
        if inside:
            return inside
        raise ArgumentError(
            f"no recordings in {name}: it should hold files that end in .jsonl, .ndjson or .parquet"
        )
    if path.is_file():
        return [path]
    matches = sorted(Path(match) for match in glob(name, recursive=True))
    files = [file for match in matches for file in ([match] if match.is_file() else _of(str(match)))]
    if files:
        return files
    raise ArgumentError(
        f"no such file or folder: {name}. Give a file, a folder, or a glob pattern such as 'data/*.jsonl'"
    )
