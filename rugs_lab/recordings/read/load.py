"""`load`: files of every known format → `Games`."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import PathLike
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.progress import progress, result_of
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import Source, start_of
from rugs_lab.recordings.games.game_stores import ArrayStore, offsets_of
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import ended_ns, month_of, play_order, texts, times
from rugs_lab.recordings.read.backfill import backfill_game
from rugs_lab.recordings.read.find_files import Paths, files_of, shown
from rugs_lab.recordings.read.formats.items import Content, Item
from rugs_lab.recordings.read.formats.known_formats import known_formats
from rugs_lab.recordings.read.formats.tables import (
    EXPECTED,
    Frame,
    Values,
    is_frame,
    is_values,
    read_frame,
    read_values,
)
from rugs_lab.recordings.read.game_parts import details_of
from rugs_lab.recordings.read.merge_parts import MergedParts
from rugs_lab.recordings.read.take_items import FileTaker
from rugs_lab.recordings.read.timestamps import NAIVE_ZONE
from rugs_lab.resources import data_dir

_AHEAD: Final = 4_000_000
_MISSING_TICKS: Final = 4_000_000
"""Ticks that all games may lack, and one more for each that is known: each takes its place in memory."""


def load(path: Paths | Frame | Values, *, naive_zone: str = NAIVE_ZONE) -> Games:
    """Load recorded games, from files of every known format (`rugs_lab.formats`) or from a DataFrame.

    A file is recognised by what is in it. The parts of one game are put together and ticks are ordered; late
    messages of a finished game and placeholder values of rows before a game are left out; missing prices are
    computed from the seed where it is known. Nothing is left out without a row in ``games.damage``,
    ``games.ticks`` has the source of every price, and a corrupt line never discards its game. What each
    game's ``status`` means: `Game.status`.

    Parameters
    ----------
    path
        A file, a folder (with the folders in it), a glob pattern, or several of these. Files of an archived
        folder are read from its archive (see `rugs_lab.seal`), whose prices stay in the file until they are
        needed. Or a DataFrame (pandas, polars, Arrow) with the columns ``game_id``, ``tick`` and ``price``,
        or a list of events, prices or finished games as JSON has them.
    naive_zone
        Zone of timestamps that name none: the older desktop program wrote its local time.

    Raises
    ------
    ArgumentError
        No such file or folder, no file in the folder, a zone that is not known; or nothing of a game in the
        one file or the DataFrame that was named: the message says what was seen. Among others such a file is
        a row of damage.

    Examples
    --------
    >>> from rugs_lab.resources import data_dir
    >>> games = load(data_dir() / "damaged")
    >>> sorted(games.damage["kind"].unique())[:3]
    ['after_rug', 'blank_line', 'comment']
    >>> import pandas as pd
    >>> load(pd.DataFrame({"game_id": ["a"] * 3, "tick": [0, 1, 2], "price": [1.0, 1.5, 1.2]}))["a"].peak
    1.5
    """
    merged = _merged(naive_zone)
    if is_frame(path):
        _take(merged, "frame", read_frame(path))
        return build_games(_not_other(merged, [], True))
    if is_values(path):
        _take(merged, "list", read_values(path))
        return build_games(_not_other(merged, [], True))
    lines, tables, damage = files_of(path)
    alone = isinstance(path, str | PathLike) and Path(path).expanduser().is_file()
    if not tables:
        read_files(lines, merged=merged)
        return build_games(_not_other(merged, damage, alone))
    from rugs_lab.recordings.catalogue.catalogue import read_catalogue
    from rugs_lab.recordings.catalogue.parquet import is_archive

    archives = [table for table in tables if is_archive(table)]
    catalogue = read_catalogue(archives, damage.append)
    if alone and damage and not catalogue.stores:
        raise ArgumentError(damage[0].done)
    lines = [file for file in lines if not catalogue.covers(file)]
    read_files([*lines, *(table for table in tables if table not in archives)], merged=merged)
    kept = catalogue.prepare(_not_other(merged, damage, alone))
    unread = merged.games or merged.damage.rows() or merged.notes
    return in_order(kept + build_games(merged) if unread else kept)


def sample() -> Games:
    """Return 236 games to try things on; needs no network.

    224 were made by the built-in server and written by the recorder, with trades, gaps, late starts, a god
    candle and a rug at tick 1. Twelve are real: their prices follow from the seeds that rugs.fun published.
    Damaged files to try `rugs_lab.load` on are in ``rugs_lab.resources.data_dir() / "damaged"``.

    Examples
    --------
    >>> games = sample()
    >>> len(games) > 200, games["20251215-a8311c871b0e4bea"].rug_tick
    (True, 116)
    """
    return load(data_dir() / "sample")


def read_files(
    files: Iterable[Path], base: Path | None = None, merged: MergedParts | None = None
) -> MergedParts:
    """Read files, named as they are or from `base`; what cannot be read is a row of damage."""
    merged = merged or _merged(NAIVE_ZONE)
    paths = list(files)
    for path, content in progress(_contents(paths), "loading", "files", len(paths)):
        name = shown(path if base is None else path.relative_to(base))
        if name.endswith(".torn"):
            done = "the torn last line of a recording, moved aside by the recorder: not used"
            merged.report(name, "torn_line", done)
        elif isinstance(content, OSError):
            merged.report(name, "unreadable", f"the file cannot be read ({content.strerror}): skipped")
        else:
            content.name = name
            _read(merged, content)
    return merged


def _merged(naive_zone: str) -> MergedParts:
    try:
        return MergedParts(ZoneInfo(naive_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise ArgumentError(
            f"naive_zone must be the name of a time zone such as 'Europe/Berlin'; got {naive_zone!r}"
        ) from error


def _read(merged: MergedParts, content: Content) -> None:
    """Read one file, and those that are packed in it."""
    if not content.head.strip() and not content.read().strip():
        merged.report(content.name, "empty_file", "nothing in it: skipped")
        return
    found = next((each for each in known_formats() if each.matches(content.head)), None)
    begins = f"it begins with {content.head[:40]!r}; "
    _take(merged, content.name, iter(()) if found is None else found.read(content), begins)


def _take(merged: MergedParts, name: str, items: Iterator[Item], begins: str = "") -> None:
    """Take what a reader yields; where nothing of a game is in it, one row of damage says what is."""
    taker = FileTaker(merged, name)
    try:
        for inner in taker.take(items):
            _read(merged, inner)
    except Exception as error:  # whatever a reader, of another package perhaps, may raise
        why = f"{type(error).__name__}: {str(error)[:160]}"
        taker.damage.add(Damage(name, None, "unreadable", None, f"its reader failed ({why})"))
    taker.close(f"{begins}{EXPECTED}: skipped")


def _not_other(merged: MergedParts, damage: list[Damage], alone: bool) -> MergedParts:
    """Add rows of damage; raise if all that was named is empty or of no known format."""
    for row in damage:
        merged.damage.add(row)
    rows = (row for row in merged.damage.rows() if row.kind in ("other_file", "empty_file"))
    if alone and not merged.games and (other := next(rows, None)) is not None:
        raise ArgumentError(f"{other.file} cannot be loaded: {other.done.removesuffix(': skipped')}")
    return merged


def _contents(paths: Sequence[Path]) -> Iterator[tuple[Path, Content | OSError]]:
    """Read small files on a thread of its own, about `_AHEAD` bytes ahead of the caller."""

    def some(place: int) -> tuple[list[tuple[Path, Content | OSError]], int]:
        read: list[tuple[Path, Content | OSError]] = []
        size = 0
        while place < len(paths) and size < _AHEAD:
            path, place = paths[place], place + 1
            try:
                content = Content(shown(path), path)
                if path.stat().st_size <= _AHEAD:
                    content.data = content.read()
                    size += len(content.data)
            except OSError as error:
                read.append((path, error))
            else:
                read.append((path, content))
        return read, place

    read, place = some(0)
    with ThreadPoolExecutor(1, "rugs_lab reading") as pool:
        while read:
            ahead = pool.submit(some, place)
            yield from read
            read, place = result_of(ahead)


def build_games(merged: MergedParts) -> Games:
    """Make games of all parts, in order of time."""
    parts = sorted(merged.games.values(), key=lambda each: month_of(each.id))
    backfilled, room = [], _MISSING_TICKS
    for each in parts:
        backfilled.append(backfill_game(each, merged.damage.add, room))
        missing = int(np.count_nonzero(backfilled[-1].sources == Source.MISSING))
        room += len(each.ticks) - missing
    order = play_order(times([each.first_ns for each in parts]), ended_ns(each.ended_ms for each in parts))
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
