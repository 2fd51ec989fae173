"""`seal`: a folder of recordings → its archive, Parquet, one file a month.

While few games of a month are new, they are in a second file beside it, so that not all are written again.

A file of the archive is written beside the old one, read back, compared and synced before it replaces it;
the list of sealed files (``sealed.json``) comes last. Whatever kills a seal, each file is the old one or the
new one, a file of lines counts as sealed only when all of its games are, and the lines are still there.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.progress import progress
from rugs_lab.recordings.catalogue.catalogue import DAMAGE, MANIFEST, NOTES, Catalogue, read_catalogue
from rugs_lab.recordings.catalogue.light_columns import SUFFIX, fingerprint
from rugs_lab.recordings.catalogue.parquet import (
    ROW_GROUP,
    ParquetStore,
    tables_of,
    write_parquet,
)
from rugs_lab.recordings.catalogue.parquet_schema import DAMAGE_SCHEMA, plain
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import month_of
from rugs_lab.recordings.games.gaps_and_anomalies import Note, joined
from rugs_lab.recordings.read.find_files import files_of
from rugs_lab.recordings.read.load import build_games, in_order, read_files
from rugs_lab.recordings.write.disk import DISK
from rugs_lab.recordings.write.line_format import write_line

FOLDER: Final = "catalogue"
_MUCH_LARGER: Final = 20
"""A month is written again once one of so many games is new."""
_AT_ONCE: Final = 64_000_000
"""Bytes of lines that are sealed at once; their games take about as much memory."""


@dataclass(frozen=True)
class Seal:
    """The result of `seal`.

    `folder`: The archive.
    `files`: Files of lines that were archived now.
    `games`: Games in the archive.
    `source_bytes`, `bytes`: Size of all files of lines that are still there, and of the archive.
    `beside`: Parquet files elsewhere in the folder, which are left as they are.
    """

    folder: Path
    files: int
    games: int
    source_bytes: int
    bytes: int
    beside: int = 0

    def __repr__(self) -> str:
        ratio = f", {self.source_bytes / self.bytes:.1f} times smaller" if self.source_bytes else ""
        return (
            f"<Seal {self.folder}: {self.files} files archived, {self.games} games in "
            f"{self.bytes / 1e6:.2f} MB{ratio}{self.left}>"
        )

    @property
    def left(self) -> str:
        """What `beside` means, in words; empty without such files."""
        return f"; {self.beside} Parquet files beside them are left as they are" if self.beside else ""


def seal(folder: str | os.PathLike[str], to: str | os.PathLike[str] | None = None) -> Seal:
    """Archive the recordings of a folder as Parquet, ``catalogue/games_YYYY-MM.parquet``.

    The newest games of a month are in ``games_YYYY-MM_newer.parquet`` as long as they are few.

    The files of lines stay; once archived they may be moved away. It can be repeated, even while a recorder
    is writing: files that have grown are archived again.

    Games loaded from an archive are the same, in the same order, with two differences: files are named from
    `folder` (in ``games.frame`` and ``games.damage``, whose rows are in another order), and ``verified`` is
    known, because archiving checks every game against its seed.

    Parameters
    ----------
    folder
        Where the recordings are.
    to
        Where the archive goes, ``folder/catalogue`` if not given.

    Raises
    ------
    ArgumentError
        No such folder, or no recordings in it.
    RugsLabError
        Another seal is running, or what was written could not be read back.

    Examples
    --------
    >>> import shutil
    >>> from tempfile import TemporaryDirectory
    >>> from rugs_lab.recordings.read.load import load
    >>> from rugs_lab.resources import data_dir
    >>> with TemporaryDirectory() as folder:
    ...     _ = shutil.copytree(data_dir() / "damaged", folder, dirs_exist_ok=True)
    ...     before = load(folder)
    ...     games = seal(folder).games
    ...     games == len(before) and load(folder).frame["status"].equals(before.frame["status"])
    True
    """
    source = Path(folder).expanduser()
    target = source / FOLDER if to is None else Path(to).expanduser()
    if not source.is_dir():
        what = "a file, not a folder" if source.exists() else "no such folder"
        raise ArgumentError(f"{folder}: {what}. Give the folder that recordings were written to")
    target.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        for left in target.glob("*.tmp"):  # by a seal that was killed
            left.unlink()
        lines, tables, _ = files_of(source)
        beside = sum(table.parent.resolve() != target.resolve() for table in tables)
        catalogue = _archive(target)
        unsealed = [file for file in lines if not catalogue.covers(file)]
        sizes = np.cumsum([file.stat().st_size for file in unsealed])
        batches = groupby(zip(sizes.tolist(), unsealed, strict=True), lambda pair: pair[0] // _AT_ONCE)
        for files in progress([[file for _, file in batch] for _, batch in batches], "archiving", "batches"):
            catalogue = _seal_files(source, target, files, catalogue)
        stores = [ParquetStore(path) for path in sorted(target.glob("games_*.parquet"))]
        for store in stores:
            if store.as_written and store.light is None:
                _replace(store.path.with_suffix(SUFFIX), store.write_light)
        games = len({*chain.from_iterable(store.ids(None).tolist() for store in stores)})
    size = sum(path.stat().st_size for path in target.iterdir())
    return Seal(target, len(unsealed), games, sum(path.stat().st_size for path in lines), size, beside)


def _archive(target: Path) -> Catalogue:
    unread: list[Damage] = []
    catalogue = read_catalogue(sorted(target.glob("*.parquet")), unread.append)
    unread = [row for row in unread if Path(row.file).exists()]
    if unread:
        raise RugsLabError(f"{unread[0].done}. Move that file away: its lines are then sealed again")
    return catalogue


def _seal_files(source: Path, target: Path, files: list[Path], catalogue: Catalogue) -> Catalogue:
    """Seal some files of lines; return the archive with them."""
    prints = {file: fingerprint(file) for file in files}
    merged = read_files(files, base=source)
    kept = catalogue.prepare(merged, source)
    new = build_games(merged)
    del merged  # as large as its lines
    new.verify()
    _write_all(target, kept, new)
    sealed = catalogue.sealed | {file.resolve(): mark for file, mark in prints.items()}
    names = sorted(path.name for path in target.glob("games_*.parquet"))
    manifest = {
        "schema": 1,
        "base": _from(source.resolve(), target.resolve()),
        "tables": names,
        "files": {_from(file, target): mark for file, mark in sealed.items()},
        "marks": {name: fingerprint(target / name) for name in _of_their_own(target, names)},
    }
    _replace(target / MANIFEST, lambda path: path.write_bytes(json.dumps(manifest).encode()))
    return _archive(target)


def _of_their_own(target: Path, names: Sequence[str]) -> list[str]:
    """Return the files none of whose games is in another one, as a copy has them, or what a killed seal left.

    Only of them no copies are looked for when they are loaded.
    """
    ids = {name: ParquetStore(target / name).ids(None).tolist() for name in names}
    times = Counter(chain.from_iterable(ids.values()))
    return [name for name in names if all(times[game_id] == 1 for game_id in ids[name])]


def _from(path: Path, folder: Path) -> str:
    """Return a path from a folder, as every system reads it; in full where it is on another drive."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.as_posix()


def _write_all(target: Path, kept: Games, new: Games) -> None:
    """Write every month that has new games, and all rows of damage."""
    old_months, new_months = (np.array([*map(month_of, games.ids)], object) for games in (kept, new))
    for month in sorted(set(new_months.tolist())):
        added, old = new[new_months == month], kept[old_months == month]
        path, newer = (target / f"games_{month}{end}.parquet" for end in ("", "_newer"))
        beside = _not_in(path, old)
        if beside is not None and (len(beside) + len(added)) * _MUCH_LARGER <= len(old):
            _write(newer, in_order(old[beside] + added), added)
        else:
            _write(path, in_order(old + added), added)
            for left in (newer, newer.with_suffix(SUFFIX)):
                left.unlink(missing_ok=True)
    damage, notes = [*kept.damage_rows, *new.damage_rows], joined(kept.notes, new.notes)
    _replace(target / DAMAGE, partial(write_damage, damage))
    _replace(target / NOTES, partial(write_notes, notes))


def _not_in(path: Path, games: Games) -> NDArray[np.int64] | None:
    """Return the places of the games that a file does not have; None if it has others, or is older."""
    stores = [store for store, some in games.parts for _ in range(len(store) if some is None else len(some))]
    inside = np.array([isinstance(store, ParquetStore) and store.path == path for store in stores], bool)
    store = stores[int(np.argmax(inside))] if inside.any() else None
    whole = isinstance(store, ParquetStore) and store.as_written and len(store) == np.count_nonzero(inside)
    return np.flatnonzero(~inside) if whole else None


def _write(path: Path, games: Games, added: Games) -> None:
    """Write a file, and read it back."""

    def write(beside: Path) -> None:
        write_parquet(games, beside)
        _compare(games, added, beside)

    _replace(path, write)


def write_notes(notes: Sequence[Note], path: Path) -> None:
    """Write notes, a line of a recording each, to a new file; it is not synced."""
    text = [write_line(note).decode() for note in notes]
    pq.write_table(pa.table({"line": pa.array(text, pa.string())}), path, compression="zstd")


def write_damage(rows: Sequence[Damage], path: Path) -> None:
    """Write rows of damage to a new file; it is not synced."""
    columns = list(zip(*rows, strict=True)) or [()] * len(DAMAGE_SCHEMA.names)
    pq.write_table(pa.table(list(map(list, columns)), schema=DAMAGE_SCHEMA), path, compression="zstd")


def _compare(games: Games, added: Games, path: Path) -> None:
    """Raise unless what was read back is what was to be written; of the `added` games each value, too."""
    back, begin, same = ParquetStore(path), 0, True
    for table in tables_of(games):
        rows = np.arange(begin, begin + len(table))
        begin += len(table)
        same = same and begin <= len(back) and plain(back.table(rows)).equals(plain(table))
    found = Games.from_stores(back)
    once = len({*found.ids.tolist()}) == len(back)
    same = same and once and begin == len(back) and games.frame.equals(found.frame)
    pieces = (added[at : at + ROW_GROUP] for at in range(0, len(added), ROW_GROUP))
    if not same or not all(_same(piece, found[piece.ids.tolist()]) for piece in pieces):
        raise RugsLabError(
            f"{path} does not contain what was written to it: archiving is aborted, nothing was changed"
        )


def _same(games: Games, back: Games) -> bool:
    return (
        np.array_equal(games.offsets, back.offsets)
        and np.array_equal(games.prices, back.prices, equal_nan=True)
        and np.array_equal(games.sources, back.sources)
        and games.details == back.details
    )


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    beside = path.with_suffix(".tmp")
    try:
        write(beside)
        _sync(beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Sync a file, or the names in a folder (where the system supports it)."""
    if path.is_dir():
        DISK.sync_folder(path)
        return
    handle = DISK.open(path)
    try:
        DISK.sync(handle)
    finally:
        DISK.close(handle)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    handle = DISK.open(target / ".lock", make=True)
    try:
        if not DISK.lock(handle):
            raise RugsLabError(f"{target} is being archived by another process: wait until it has ended")
        yield
    finally:
        os.close(handle)
