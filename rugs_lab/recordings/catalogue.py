"""The catalogue of a folder of recordings, for reading: its games as Parquet, one file a month.

`rugs_lab.recordings.seal` writes it. Lines that were sealed are not read again, and prices stay in the file
until they are asked for. A file of lines that has grown since it was sealed is read, and wins over the
catalogue.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import numpy as np
import pyarrow as pa

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.damage import Damage
from rugs_lab.recordings.games import Games
from rugs_lab.recordings.parquet import ParquetStore, read_damage

if TYPE_CHECKING:
    from rugs_lab.recordings.gathering import Gathering

MANIFEST: Final = "sealed.json"
DAMAGE: Final = "damage.parquet"
_TAIL: Final = 4096


@dataclass
class Catalogue:
    """The catalogues that were found among the files to load.

    Attributes
    ----------
    stores
        One for each Parquet file that can be read.
    sealed
        Path of a sealed file of lines → size and checksum of its end when it was sealed.
    damage
        Rows of damage that were sealed with the games.
    """

    stores: list[ParquetStore] = field(default_factory=list)
    sealed: dict[Path, tuple[int, int]] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)

    def covers(self, file: Path) -> bool:
        """Tell whether all of a file of lines is in the catalogue."""
        known = self.sealed.get(file.resolve())
        try:
            return known is not None and known == fingerprint(file)
        except OSError:
            return False

    @property
    def games(self) -> Games:
        """All games in it."""
        return Games.from_stores(*self.stores, damage=self.damage)

    def prepare(self, gathering: Gathering) -> Games:
        """Return the games that were not gathered anew.

        Of the others, what the lines do not tell any more is handed to `gathering`.
        """
        games = self.games
        anew = [place for place, game_id in enumerate(games.ids.tolist()) if game_id in gathering.piles]
        for place in anew:
            game = games[place]
            pile = gathering.piles[game.id]
            told = {Path(name).name for name in pile.source.split(", ")}
            if not {Path(name).name for name in (game.source or "").split(", ")} <= told:
                gathering.add_game(game.source or str(self.stores[0].path), game, first=True)
        files = {Path(name).name for pile in gathering.piles.values() for _, name in pile.chunks}
        kept = np.delete(np.arange(len(games)), anew)
        damage = [
            row
            for row in self.damage
            if row.game_id not in gathering.piles
            and not files & {Path(name).name for name in row.file.split(", ")}
        ]
        return Games.from_stores(*self.stores, damage=damage)[kept]


def read_catalogue(tables: Iterable[Path], report: Any) -> Catalogue:
    """Open the Parquet files; one that cannot be read is a row of damage, and its lines count as unsealed."""
    found = Catalogue()
    by_folder: dict[Path, list[Path]] = {}
    for table in tables:
        if table.name != DAMAGE:
            by_folder.setdefault(table.parent, []).append(table)
    for folder, inside in by_folder.items():
        opened = set()
        for table in inside:
            try:
                found.stores.append(ParquetStore(table))
                opened.add(table.name)
            except ArgumentError as error:
                report(Damage(str(table), None, "unreadable", None, str(error)))
        tables_told, files_told = _manifest(folder)
        if tables_told <= opened:
            for name, mark in files_told.items():
                found.sealed[(folder / name).resolve()] = mark
        if (folder / DAMAGE).is_file():
            try:
                found.damage += read_damage(folder / DAMAGE)
            except (pa.ArrowException, OSError, KeyError, TypeError) as error:
                done = f"what was known of the damage cannot be read: {str(error)[:200]}"
                report(Damage(str(folder / DAMAGE), None, "unreadable", None, done))
    return found


class _Manifest(msgspec.Struct):
    """What the last seal of a folder holds: its tables; size and checksum of the end of each sealed file."""

    schema: Literal[1]
    tables: set[str] = msgspec.field(default_factory=set)
    files: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)


def _manifest(folder: Path) -> tuple[set[str], dict[str, tuple[int, int]]]:
    """Return what the last seal told; nothing where it cannot be read, and then all files are read again."""
    try:
        told = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=_Manifest)
    except (OSError, ValueError):
        return set(), {}
    return told.tables, told.files


def fingerprint(file: Path) -> tuple[int, int]:
    """Return size and checksum of the end: enough for a file that only grows."""
    with file.open("rb") as lines:
        size = lines.seek(0, os.SEEK_END)
        lines.seek(max(size - _TAIL, 0))
        return size, zlib.crc32(lines.read(_TAIL))
