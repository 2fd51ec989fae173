"""`Disk`: every system call that writing a recording needs.

Tests replace it by a disk that fails, or loses what was not synced.
"""

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Final

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_SAFE: Final = sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"))
_FLAGS: Final = os.O_RDWR | os.O_APPEND | _SAFE
_LOCKED_BYTE: Final = 2**31 - 1


class Disk:
    """The system's files, as far as a journal needs them."""

    def make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, where missing."""
        folder.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> int:
        """Create a file for appending; FileExistsError when there is one."""
        return os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)

    def open(self, path: Path, *, make: bool = False) -> int:
        """Open a regular file for appending; OSError for anything else, a symbolic link too."""
        return _regular(path, os.open(path, _FLAGS | (os.O_CREAT if make else 0), 0o666))

    def look(self, path: Path) -> int:
        """Open a regular file for reading."""
        return _regular(path, os.open(path, os.O_RDONLY | _SAFE))

    def lock(self, file: int) -> bool:
        """Lock a file for this writer; False when another writer has locked it."""
        try:
            if sys.platform == "win32":
                os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
                msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                return False
            if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP):
                raise
        return True

    def write(self, file: int, data: bytes) -> int:
        """Append; return how many bytes were written."""
        return os.write(file, data)

    def read(self, file: int, size: int, offset: int) -> bytes:
        """Read from a place."""
        os.lseek(file, offset, os.SEEK_SET)
        return os.read(file, size)

    def size(self, file: int) -> int:
        """Return the size of an open file, bytes."""
        return os.fstat(file).st_size

    def sync(self, file: int) -> None:
        """Return when what was written is on the disk."""
        os.fsync(file)

    def sync_folder(self, folder: Path) -> None:
        """Return when the names in a folder are on the disk (where the system supports it)."""
        if sys.platform != "win32":
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def leads_to(self, path: Path, file: int) -> bool:
        """Return whether a path still names an open file."""
        try:
            return os.path.samestat(os.stat(path), os.fstat(file))
        except OSError:
            return False

    def truncate(self, file: int, size: int) -> None:
        """Cut a file."""
        os.ftruncate(file, size)

    def close(self, file: int) -> None:
        """Close a file, and free its lock."""
        os.close(file)

    def remove(self, path: Path) -> None:
        """Remove a file."""
        os.unlink(path)


def _regular(path: Path, file: int) -> int:
    """Return an open file if it is a regular one; else close it, and raise OSError."""
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return file


DISK: Final = Disk()
