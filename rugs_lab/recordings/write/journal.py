"""`Journal`: one file that only grows, by whole lines, and has one writer.

Opening a file recovers it: what follows its last newline was being written when a former writer died, and is
moved aside into ``<name>.torn``. A writer holds a lock on its file as long as it lives; the system frees it,
also when the process is killed.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from rugs_lab.errors import RugsLabError
from rugs_lab.recordings.write.disk import DISK, Disk

NAME: Final = "live_game_"
PATTERN: Final = "live_game_*.jsonl"
TORN: Final = ".torn"

_BLOCK: Final = 64 * 1024
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TornLine(NamedTuple):
    """A torn last line that was moved aside.

    `path`: the file it was found in; it is now at the end of ``<path>.torn``. `size`: its length, bytes.
    """

    path: Path
    size: int


class Journal:
    """A file open for appending whole lines; made by `create` or `append`.

    `path`: the file. `size`: its size, bytes. `torn`: the torn last line that `append` moved aside, if there
    was one.
    """

    def __init__(self, path: Path, file: int, disk: Disk, size: int, torn: TornLine | None = None) -> None:
        self.path = path
        self.size = size
        self.torn = torn
        self._file = file
        self._disk = disk
        self._synced = size

    @classmethod
    def create(cls, folder: Path, now_ns: int, disk: Disk = DISK) -> Journal:
        """Create ``live_game_<UTC time>.jsonl`` in a folder, which is made where missing."""
        disk.make_folder(folder)
        at = _EPOCH + timedelta(microseconds=now_ns // 1000)
        while True:
            path = folder / f"{NAME}{at:%Y%m%d_%H%M%S_%f}.jsonl"
            try:
                file = disk.create(path)
                break
            except FileExistsError:
                at += timedelta(microseconds=1)
        try:
            disk.lock(file)
            disk.sync_folder(folder)
        except BaseException:
            disk.close(file)
            disk.remove(path)
            raise
        return cls(path, file, disk, 0)

    @classmethod
    def append(cls, path: Path, disk: Disk = DISK) -> Journal:
        """Open an existing file for appending; a torn last line is moved aside first."""
        file = disk.open(path)
        try:
            if not disk.lock(file):
                raise RugsLabError(
                    f"{path} is being written by another recorder, and a recording has one writer. Record "
                    "into the folder instead: each recorder makes a file of its own there."
                )
            torn = _recover(path, file, disk)
            return cls(path, file, disk, disk.size(file), torn)
        except BaseException:
            disk.close(file)
            raise

    def write(self, line: bytes) -> None:
        """Append one line, its newline included, by one system call."""
        written = self._disk.write(self._file, line)
        if written != len(line):
            self.size += max(written, 0)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.size += written

    def sync(self) -> None:
        """Return when all of it is on the disk, under its name."""
        if not self._disk.leads_to(self.path, self._file):
            raise FileNotFoundError(errno.ENOENT, "the file, or its folder, was removed or moved away")
        self._disk.sync(self._file)
        self._synced = self.size

    def close(self) -> None:
        """Close it without a sync."""
        self._disk.close(self._file)

    def abandon(self) -> bool:
        """Cut off what was not synced, which is written to another file, and close; never raises.

        A file in which nothing was synced is removed; return whether it was.
        """
        removed = False
        try:
            self._disk.truncate(self._file, self._synced)
            if not self._synced and self._disk.leads_to(self.path, self._file):
                self._disk.remove(self.path)
                removed = True
        except OSError:
            pass
        with suppress(OSError):
            self.close()
        return removed


def recover_folder(folder: Path, disk: Disk = DISK) -> list[TornLine]:
    """Move aside the torn last lines of all recordings in a folder that no recorder is writing.

    What is not a regular file, or cannot be read or recovered, is left as it is.
    """
    found = []
    for path in sorted(folder.glob(PATTERN)):
        try:
            file = disk.look(path)
            try:
                size = disk.size(file)
                is_torn = size > 0 and disk.read(file, 1, size - 1) != b"\n"
            finally:
                disk.close(file)
            if is_torn:
                journal = Journal.append(path, disk)
                journal.close()
                if journal.torn is not None:
                    found.append(journal.torn)
        except (OSError, RugsLabError):
            continue
    return found


def _recover(path: Path, file: int, disk: Disk) -> TornLine | None:
    """Move what follows the last newline to the end of ``<path>.torn``; cut it once all of it is there."""
    size = disk.size(file)
    end = _end_of_last_line(file, size, disk)
    if end == size:
        return None
    aside = disk.open(path.with_name(path.name + TORN), make=True)
    before = disk.size(aside)
    try:
        for offset in range(end, size, _BLOCK):
            _write_all(aside, disk.read(file, min(_BLOCK, size - offset), offset), disk)
        _write_all(aside, b"\n", disk)
        disk.sync(aside)
        if disk.size(aside) - before != size - end + 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
    except BaseException:
        with suppress(OSError):
            disk.truncate(aside, before)
        raise
    finally:
        disk.close(aside)
    disk.truncate(file, end)
    disk.sync(file)
    return TornLine(path, size - end)


def _write_all(file: int, data: bytes, disk: Disk) -> None:
    while data:
        written = disk.write(file, data)
        if written <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        data = data[written:]


def _end_of_last_line(file: int, size: int, disk: Disk) -> int:
    stop = size
    while stop:
        start = max(stop - _BLOCK, 0)
        newline = disk.read(file, stop - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        stop = start
    return 0
