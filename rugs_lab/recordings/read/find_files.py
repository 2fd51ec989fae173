"""What a path names → files to read, and a row of damage for what cannot be."""

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
_NOT_OURS: Final = ("sealed.json", "looks.log", ".columns", ".tmp", "-wal", "-shm", "-journal")
"""Ends of names of files that belong to others: an archive's lists, a database's newest rows."""


class Files(NamedTuple):
    """Files of any format but Parquet, Parquet files, and a row for everything that cannot be opened."""

    lines: list[Path]
    tables: list[Path]
    damage: list[Damage]


def shown(path: Path) -> str:
    """Return a path as text that UTF-8 can hold; other bytes of a name are written as numbers."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def files_of(path: Paths) -> Files:
    """Return the files that `path` names."""
    given: list[Any] = [path] if not isinstance(path, Iterable) or isinstance(path, str) else list(path)
    if not given or not all(isinstance(each, str | PathLike) for each in given):
        raise ArgumentError(
            "path must be a file, a folder, a glob pattern, a list of these, a DataFrame, or games; "
            f"got {path!r:.200}"
        )
    damage: list[Damage] = []
    found = dict.fromkeys(file for each in given for file in _of(os.path.expanduser(fspath(each)), damage))
    tables = [file for file in found if file.suffix == ".parquet"]
    return Files([file for file in found if file.suffix != ".parquet"], tables, damage)


def _of(name: str, damage: list[Damage]) -> list[Path]:
    if not name or "\0" in name:
        raise ArgumentError(f"path must be a file, folder or pattern ('.' is this folder); got {name!r:.200}")
    kind = _kind(Path(name))
    if kind in ("file", "folder"):
        before = len(damage)
        files = list(_inside([Path(name)], damage))
        if files or len(damage) > before:
            return files
        raise ArgumentError(f"no recordings in {name}: it has no files. rugs_lab.formats() lists what loads")
    if kind != "nothing":
        raise ArgumentError(f"{name} cannot be loaded: {kind}")
    matches = [Path(match) for match in sorted(glob(name, recursive=True))]
    if not matches:
        raise ArgumentError(
            f"no such file or folder: {name}. Give a file, a folder, or a glob pattern such as 'data/*.jsonl'"
        )
    return [file for match in matches for file in _inside([match], damage)]


def _inside(waiting: list[Path], damage: list[Damage]) -> Iterator[Path]:
    """Return the files, and those in the folders, each folder once; hidden ones only where they are named."""
    found: list[Path] = []
    entered: set[tuple[int, int]] = set()
    while waiting:
        path = waiting.pop()
        kind = _kind(path)
        if kind == "file":
            found.append(path)
        elif kind == "folder":
            try:
                status = path.stat()
                if (status.st_dev, status.st_ino) not in entered:
                    entered.add((status.st_dev, status.st_ino))
                    names = os.listdir(path)
                    waiting += [
                        path / name for name in names if name[0] != "." and not name.endswith(_NOT_OURS)
                    ]
            except OSError as error:
                kind = error.strerror or str(error)
        if kind not in ("file", "folder"):
            damage.append(
                Damage(shown(path), None, "unreadable", None, f"it cannot be read ({kind}): skipped")
            )
    yield from sorted(found)


def _kind(path: Path) -> str:
    """Return "file", "folder" or "nothing"; for anything else what it is, in words."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "a link to nothing" if path.is_symlink() else "nothing"
    except OSError as error:
        return error.strerror or str(error)
    return "folder" if S_ISDIR(mode) else "file" if S_ISREG(mode) else "no regular file"
