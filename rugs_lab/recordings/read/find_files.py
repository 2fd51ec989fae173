"""What a path names → files to read, and a row of damage for what cannot be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from glob import glob
from os import PathLike, fspath
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, Final, NamedTuple

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.damage import Damage

Paths = str | PathLike[str] | Iterable[str | PathLike[str]]

_PARQUET: Final = ".parquet"
_NOT_OURS: Final = ("sealed.json", ".tmp", "-wal", "-shm", "-journal")
"""Ends of names of files that belong to others: an archive's list, a database's newest rows."""


class Files(NamedTuple):
    """What was found.

    Attributes
    ----------
    lines
        Files of any format but Parquet.
    tables
        Parquet files.
    damage
        A row for everything that is no file, or cannot be opened.
    """

    lines: list[Path]
    tables: list[Path]
    damage: list[Damage]


def files_of(path: Paths) -> Files:
    """Return the files that `path` names."""
    given: list[Any] = [path] if not isinstance(path, Iterable) or isinstance(path, str) else list(path)
    if not given or not all(isinstance(each, str | PathLike) for each in given):
        raise ArgumentError(
            "path must be a file, a folder, a glob pattern, a list of these, or a DataFrame; "
            f"got {path!r:.200}"
        )
    found: dict[Path, None] = {}
    damage: list[Damage] = []
    for each in given:
        found.update(dict.fromkeys(_of(os.path.expanduser(fspath(each)), damage)))
    tables = [file for file in found if file.suffix == _PARQUET]
    return Files([file for file in found if file.suffix != _PARQUET], tables, damage)


def _of(name: str, damage: list[Damage]) -> list[Path]:
    if not name:
        raise ArgumentError("path must be a file, folder or pattern; got an empty name ('.' is this folder)")
    if "\0" in name:
        raise ArgumentError(f"path has a zero byte in it: {name!r:.200}")
    path = Path(name)
    kind = _kind(path)
    if kind == "folder":
        inside = list(_inside(path, damage))
        if inside or any(Path(row.file).is_relative_to(path) for row in damage):
            return inside
        raise ArgumentError(
            f"no recordings in {name}: there are no files in it. rugs_lab.formats() lists formats"
        )
    if kind == "file":
        return [path]
    if kind != "nothing":
        raise ArgumentError(f"{name} cannot be loaded: {kind}")
    matches = [Path(match) for match in sorted(glob(name, recursive=True))]
    if not matches:
        raise ArgumentError(
            f"no such file or folder: {name}. Give a file, a folder, or a glob pattern such as 'data/*.jsonl'"
        )
    return [file for match in matches for file in _matched(match, damage)]


def _matched(path: Path, damage: list[Damage]) -> Iterator[Path]:
    kind = _kind(path)
    if kind == "folder":
        yield from _inside(path, damage)
    elif kind == "file":
        yield path
    else:
        damage.append(_unreadable(path, kind))


def _inside(folder: Path, damage: list[Damage]) -> Iterator[Path]:
    """Return the files in a folder and the folders in it, each folder once, hidden ones not."""
    found: list[Path] = []
    waiting, entered = [folder], set[tuple[int, int]]()
    while waiting:
        here = waiting.pop()
        try:
            status = here.stat()
            if (status.st_dev, status.st_ino) in entered:
                continue
            entered.add((status.st_dev, status.st_ino))
            names = os.listdir(here)
        except OSError as error:
            damage.append(_unreadable(here, error.strerror or str(error)))
            continue
        for name in names:
            path = here / name
            if name.startswith(".") or name.endswith(_NOT_OURS):
                continue
            kind = _kind(path)
            if kind == "folder":
                waiting.append(path)
            elif kind == "file":
                found.append(path)
            else:
                damage.append(_unreadable(path, kind))
    yield from sorted(found)


def _kind(path: Path) -> str:
    """Return "file", "folder" or "nothing"; for anything else what it is, in words."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "a link to nothing" if path.is_symlink() else "nothing"
    except NotADirectoryError:
        return "nothing"
    except OSError as error:
        return error.strerror or str(error)
    if S_ISDIR(mode):
        return "folder"
    return "file" if S_ISREG(mode) else "no regular file"


def _unreadable(path: Path, why: str) -> Damage:
    return Damage(str(path), None, "unreadable", None, f"it cannot be read ({why}): skipped")
