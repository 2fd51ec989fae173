"""What a recording keeps of people: names and ids, hashes of them, or neither (``feed.record(names=)``)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from rugs_lab.errors import ArgumentError
from rugs_lab.game.leaderboard import PlayerBet, Standing
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.write.disk import DISK

NAMES: Final = ("keep", "hash", "drop")
SALT_FILE: Final = ".names_salt"
"""32 random bytes in the folder of a recording; who has them can find out whose name a hash is of."""

_Row = TypeVar("_Row", Trade, Standing, PlayerBet)


class PlayerNames:
    """Returns rows with the names and ids that are written; `keep`: one of `NAMES`.

    A hash is the same in all recordings of a folder, so that a player's rows still belong together; it is not
    that of the same name in another folder, nor that of an id that equals the name.
    """

    def __init__(self, keep: str, folder: Path) -> None:
        self.keep = checked_names(keep)
        self._salt = _salt(folder) if keep == "hash" else b""

    def rows(self, rows: Iterable[_Row]) -> tuple[_Row, ...]:
        """Return trades, rows of a leaderboard, or side bets, as they are written."""
        if self.keep == "keep":
            return tuple(rows)
        return tuple(self._row(row) for row in rows)

    def _row(self, row: _Row) -> _Row:
        player_id, username = self._hash(row.player_id, b"id"), self._hash(row.username, b"name")
        return msgspec.structs.replace(row, player_id=player_id, username=username)

    def _hash(self, text: str | None, kind: bytes) -> str | None:
        if text is None or self.keep == "drop":
            return None
        return blake2b(text.encode(), digest_size=12, key=self._salt, person=kind).hexdigest()


def checked_names(keep: str) -> str:
    """Return `keep`, which is one of `NAMES`."""
    if keep not in NAMES:
        raise ArgumentError(f"names must be 'keep', 'hash' or 'drop'; got {keep!r:.80}")
    return keep


def _salt(folder: Path) -> bytes:
    """Return the salt of a folder, which is made once, and is on the disk before any hash is."""
    path = folder / SALT_FILE
    try:
        DISK.make_folder(folder)
        file = DISK.open(path, make=True)
        try:
            while not (mine := DISK.lock(file)) and not DISK.size(file):
                time.sleep(0.01)  # another recorder makes it
            if mine and not DISK.size(file):
                path.chmod(0o600)
                DISK.write(file, os.urandom(32))
                DISK.sync(file)
                DISK.sync_folder(folder)
            salt = DISK.read(file, 32, 0)
        finally:
            DISK.close(file)
    except OSError as error:
        raise ArgumentError(f"names='hash' keeps a salt in {path}, which failed: {error.strerror}") from None
    if len(salt) != 32:
        raise ArgumentError(
            f"the salt in {path} should have 32 bytes; it has {len(salt)}. Delete it, for a new one"
        )
    return salt
