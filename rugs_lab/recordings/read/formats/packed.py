"""Packed files: what comes out is a file again, of whatever format.

How much may come out of a file, and how deep, is bounded; what comes out before an error is used.
"""

import bz2
import gzip
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO, Any, Final

from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.read.formats.items import Content, Item

_DEEPEST: Final = 3
_ERRORS: Final = (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


def _zstd(file: IO[bytes]) -> Any:
    import pyarrow as pa  # which has it on every Python; the standard library only from 3.14 on

    return pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd")


_OPENERS: Final[dict[bytes, Callable[[IO[bytes]], Any]]] = {
    b"\x1f\x8b\x08": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
    b"\x28\xb5\x2f\xfd": _zstd,
}


def is_packed(head: bytes) -> bool:
    """Return whether a file is packed."""
    return head.startswith((b"PK\3\4", b"PK\5\6", *_OPENERS))


def read_packed(content: Content) -> Iterator[Item]:
    """Unpack a file, or the files of a zip archive one after the other."""
    with content.open() as file:
        for magic, opener in _OPENERS.items():
            if content.head.startswith(magic):
                yield from _unpacked(content, content.name, partial(opener, file))
                return
        try:
            archive = zipfile.ZipFile(file)
        except _ERRORS as error:
            yield _flaw(content.name, f"cannot be read as a zip archive ({str(error)[:160]}): skipped")
            return
        for member in archive.infolist():
            hidden = any(part.startswith((".", "__MACOSX")) for part in member.filename.split("/"))
            if not member.is_dir() and not hidden:
                yield from _unpacked(
                    content, f"{content.name}/{member.filename}", partial(archive.open, member)
                )


def _unpacked(content: Content, name: str, opened: Callable[[], Any]) -> Iterator[Item]:
    data, left = bytearray(), content.left
    try:
        if content.depth >= _DEEPEST:
            raise ValueError(f"packed more than {_DEEPEST} times")
        with opened() as stream:
            while piece := stream.read1(min(2**16, left[0] + 1)):  # an error later costs no piece before it
                if len(piece) > left[0]:
                    raise ValueError("the file unpacks to more than the limit of 1 GiB")
                data += piece
                left[0] -= len(piece)
    except _ERRORS as error:
        why = str(error)[:160] or type(error).__name__
        yield _flaw(name, f"cannot be unpacked beyond {len(data):,} bytes ({why}): used as far as it goes")
        if not data:
            return
    yield Content(name, data=bytes(data), depth=content.depth + 1, left=left)


def _flaw(name: str, done: str) -> Damage:
    return Damage(name, None, "unreadable", None, f"{name[-160:]} {done}")
