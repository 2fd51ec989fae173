"""Disks for tests: real files, but the disk can be full, broken, slow, or lose its power."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from rugs_lab.recordings.write.disk import Disk


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def ns(self) -> int:
        return 1_765_761_431_142_710_000 + int(self.now_s * 1e9)


class TestDisk(Disk):
    """A disk that forgets, at a power cut, what was not synced.

    `room`: bytes that may still be written; `fault`: what every operation of that name raises.
    """

    __test__ = False

    def __init__(self) -> None:
        self.room: int | None = None
        self.faults: dict[str, int] = {}
        self.writes: list[bytes] = []
        self.syncs = 0
        self._paths: dict[int, Path] = {}
        self._kept: dict[Path, int] = {}
        self._named: set[Path] = set()

    def _check(self, name: str) -> None:
        if name in self.faults:
            raise OSError(self.faults[name], os.strerror(self.faults[name]))

    def make_folder(self, folder: Path) -> None:
        self._check("make_folder")
        super().make_folder(folder)

    def create(self, path: Path) -> int:
        self._check("create")
        file = super().create(path)
        self._paths[file] = path
        self._kept[path] = 0
        return file

    def write(self, file: int, data: bytes) -> int:
        self._check("write")
        self.writes.append(data)
        if self.room is not None:
            data = data[: self.room]
            self.room -= len(data)
            if not data:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(file, data)

    def sync(self, file: int) -> None:
        self._check("sync")
        self.syncs += 1
        self._kept[self._paths[file]] = self.size(file)

    def sync_folder(self, folder: Path) -> None:
        self._check("sync_folder")
        self._named |= {path for path in self._kept if path.parent == folder}

    def cut_power(self) -> None:
        """Forget what was not synced: ends of files, and files whose name was not."""
        for path, size in self._kept.items():
            if path.exists():
                if path in self._named:
                    os.truncate(path, size)
                else:
                    path.unlink()
