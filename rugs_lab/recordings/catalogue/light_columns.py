"""The columns of an archive without prices and trades, kept once more beside it: opening it reads no more.

The footer of an archive has an entry for each column of each row group, which takes longer to read than the
columns. The file is Parquet in large row groups, with a checksum of every page, and has the `fingerprint` of
the archive that it was made of: beside any other it is not used.
"""

from __future__ import annotations

import os
import sys
import zlib
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from rugs_lab.recordings.catalogue.parquet_schema import COLUMNS

SUFFIX: Final = ".columns"
LIGHT: Final = frozenset(COLUMNS) - {"sum"}
_MARK: Final = b"rugs_lab.archive"
_TAIL: Final = 4096
FOOTER: Final = 65_536
"""The end of a Parquet file, with its checksums."""


def fingerprint(file: Path, tail: int = _TAIL) -> tuple[int, int]:
    """Return size and checksum of the last `tail` bytes: enough for a file that only grows."""
    with file.open("rb") as lines:
        size = lines.seek(0, os.SEEK_END)
        lines.seek(max(size - tail, 0))
        return size, zlib.crc32(lines.read(tail))


def opened(path: Path) -> pa.NativeFile:
    """Open a file; a copy in memory on Windows, where nothing replaces a file that is open."""
    return pa.BufferReader(path.read_bytes()) if sys.platform == "win32" else pa.OSFile(str(path))


def write_light(archive: Path, mark: tuple[int, int], path: Path) -> None:
    """Write the columns of an archive, of which `mark` is the fingerprint; the file is not synced."""
    table = pq.read_table(archive, columns=[*LIGHT], memory_map=False)
    table = table.replace_schema_metadata({_MARK: repr(mark)})
    dictionaries = ["status", "version", "file"]
    pq.write_table(table, path, compression="lz4", use_dictionary=dictionaries, write_page_checksum=True)


def light_columns(archive: Path, mark: tuple[int, int]) -> pq.ParquetFile | None:
    """Return the columns of the archive of this fingerprint, if they were kept."""
    path = archive.with_suffix(SUFFIX)
    try:
        if not path.is_file():
            return None
        file = pq.ParquetFile(opened(path), page_checksum_verification=True)
        return file if (file.schema_arrow.metadata or {}).get(_MARK) == repr(mark).encode() else None
    except (pa.ArrowException, OSError, KeyError, ValueError):
        return None
