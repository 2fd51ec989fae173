"""The archive of a folder of recordings, for reading: its games as Parquet, one file a month.

`rugs_lab.recordings.catalogue.seal` writes it. Lines that were sealed are not read again, and prices stay in
the file until they are needed. A file of lines that has grown since it was sealed is read again, and
counts before the archive.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, TypeVar

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rugs_lab.errors import ArgumentError, PayloadError
from rugs_lab.recordings.catalogue.light_columns import fingerprint
from rugs_lab.recordings.catalogue.parquet import ParquetStore, tables_of
from rugs_lab.recordings.catalogue.parquet_schema import DAMAGE_SCHEMA, plain
from rugs_lab.recordings.games.damage import FOLLOWS, Damage, corrected_ids
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.gaps_and_anomalies import Note, is_note, joined
from rugs_lab.recordings.read import version_0_1
from rugs_lab.recordings.read.merge_parts import MergedParts
from rugs_lab.recordings.write.line_format import read_line

MANIFEST: Final = "sealed.json"
DAMAGE: Final = "damage.parquet"
NOTES: Final = "notes.parquet"
_ALTERED: Final = "it is not as it was written: files, times, seeds, trades and bets may be others"
_Read = TypeVar("_Read")


@dataclass
class Catalogue:
    """The archives that were found among the files to load.

    `sealed`: path of a sealed file of lines → its `fingerprint` then. `store_bases`, `damage_bases`: for each
    of `stores`, and each row of `damage`: the folder that its files of lines are named from. `distinct`:
    whether no game is in two of the stores, as one seal leaves them.
    """

    stores: list[ParquetStore] = field(default_factory=list)
    sealed: dict[Path, tuple[int, int]] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)
    store_bases: list[Path] = field(default_factory=list)
    damage_bases: list[Path] = field(default_factory=list)
    notes: tuple[Note, ...] = ()
    distinct: bool = True

    def covers(self, file: Path) -> bool:
        """Return whether all of a file of lines is in the archive."""
        sealed = self.sealed.get(file.resolve())
        try:
            return sealed is not None and sealed == fingerprint(file)
        except OSError:
            return False

    @property
    def games(self) -> Games:
        """All games in it."""
        return Games.from_stores(*self.stores, damage=self.damage, notes=self.notes)

    def prepare(self, merged: MergedParts, base: Path | None = None) -> Games:
        """Return the games of which no line was read; `base` is the folder that files of `merged` are from.

        The others go to `merged`, if files that were sealed with them were not read; so do games of which two
        stores have different rows. Where the rows are the same, one is used.
        """
        here = (base or Path()).resolve()
        games, parts = self.games, merged.games
        same, different = ([], set()) if self.distinct else self._copies(games)
        if not (parts or same or different):
            return games
        files = {
            game_id: {(here / file).resolve() for _, file in each.chunks} for game_id, each in parts.items()
        }
        read = set().union(*files.values())
        read |= {(here / row.file).resolve() for row in merged.damage.rows()}
        bases = [
            folder
            for store, folder in zip(self.stores, self.store_bases, strict=True)
            for _ in range(len(store))
        ]
        different |= parts.keys()
        again = [place for place, game_id in enumerate(games.ids.tolist()) if game_id in different]
        for place in sorted({*again}.difference(same), reverse=True):  # each goes before the others
            game = games[place]
            name = game.file or str(self.stores[0].path)
            named = self._files(name, bases[place])
            if not named.keys() <= files.get(game.id, set()):
                merged.add_game(name, game, first=[*named.values()])
        kept = np.delete(np.arange(len(games)), [*again, *same])
        damage = [
            row
            for row, folder in zip(self.damage, self.damage_bases, strict=True)
            if not (row.game_id in parts and row.kind in FOLLOWS)
            and read.isdisjoint(self._files(row.file, folder))
        ]
        for row in damage:
            if row.game_id in parts:
                merged.damage.add(row)
        damage = [row for row in damage if row.game_id not in parts]
        return Games.from_stores(*self.stores, damage=damage, notes=self.notes)[kept]

    def _copies(self, games: Games) -> tuple[list[int], set[str]]:
        """Return the places of games that another place has the same, and ids of those that differ.

        Left out is the copy in a store that has nothing else, as a selection: the others give the order.
        """
        first: dict[str, int] = {}
        ids = games.ids.tolist()
        times, ends = Counter(ids), np.cumsum([0, *map(len, self.stores)]).tolist()
        spans = [range(*pair) for pair in pairwise(ends)]
        spans.sort(key=lambda span: all(times[ids[place]] > 1 for place in span))
        places = [place for span in spans for place in span]
        later = sorted(place for place in places if first.setdefault(ids[place], place) != place)
        equal = list[bool]()
        earlier = games[[first[ids[place]] for place in later]]
        for pair in zip(tables_of(earlier), tables_of(games[later]), strict=True):
            one, other = (plain(table).drop_columns(["file", "verified", "sum"]) for table in pair)
            whole = one.equals(other)
            equal += [whole or one.slice(row, 1).equals(other.slice(row, 1)) for row in range(len(one))]
        same = [place for place, is_same in zip(later, equal, strict=True) if is_same]
        return same, {ids[place] for place, is_same in zip(later, equal, strict=True) if not is_same}

    def _files(self, file_names: str, base: Path) -> dict[Path, str]:
        """Return the files that `Game.file` names; names of sealed files may contain a comma."""
        names, found = file_names.split(", "), dict[Path, str]()
        while names:
            for length in range(len(names), 0, -1):
                name = ", ".join(names[:length])
                file = (base / name).resolve()
                if length == 1 or file in self.sealed:
                    break
            found[file] = name
            del names[:length]
        return found


def read_catalogue(tables: Iterable[Path], report: Callable[[Damage], None]) -> Catalogue:
    """Open the Parquet files; one that cannot be read is a row of damage, and its lines count as unsealed."""
    by_folder: dict[Path, list[Path]] = {}
    for table in tables:
        if table.name not in (DAMAGE, NOTES):
            by_folder.setdefault(table.parent, []).append(table)
    found = Catalogue(distinct=len(by_folder) < 2)
    for folder, inside in by_folder.items():
        opened = set()
        manifest = _manifest(folder)
        base = (folder / manifest.base).resolve()
        rows = _beside(folder / DAMAGE, read_damage, report) or []
        corrected = frozenset(corrected_ids(rows))
        rows = _not_yet(rows, found.damage)
        found.notes = joined(found.notes, _beside(folder / NOTES, read_notes, report) or ())
        found.damage += rows
        found.damage_bases += [base] * len(rows)
        for table in inside:
            try:
                store = ParquetStore(table, corrected)
                if manifest.marks.get(table.name) != fingerprint(table):
                    found.distinct = False
                    if not store.check():
                        report(Damage(str(table), None, "altered", None, _ALTERED))
                found.stores.append(store)
                found.store_bases.append(base)
                opened.add(table.name)
            except ArgumentError as error:
                report(Damage(str(table), None, "unreadable", None, str(error)))
        gone = bool(manifest.files) and not (folder / DAMAGE).exists()
        if gone:
            done = "it is gone: what was wrong with the sealed games is known only where their lines are left"
            report(Damage(str(folder / DAMAGE), None, "unreadable", None, done))
        if manifest.tables <= opened and not gone:
            for name, mark in manifest.files.items():
                found.sealed[(folder / name).resolve()] = mark
    return found


def _not_yet(rows: list[Damage], before: list[Damage]) -> list[Damage]:
    """Return the rows of an archive that others, of which it may be a copy, do not have."""
    known = {*before}
    if known.issuperset(rows):
        return []
    return [row for row in rows if row.game_id is None or row not in known]


def _beside(path: Path, read: Callable[[Path], _Read], report: Callable[[Damage], None]) -> _Read | None:
    """Read what accompanies the games, if it is there."""
    try:
        return read(path) if path.is_file() else None
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError, PayloadError) as error:
        report(Damage(str(path), None, "unreadable", None, f"it cannot be read: {str(error)[:200]}"))
        return None


def read_notes(path: Path) -> tuple[Note, ...]:
    """Read notes."""
    lines = pq.read_table(path, columns=["line"])["line"].to_pylist()
    return tuple(note for note in map(read_line, lines) if is_note(note))  # type: ignore[misc]


def read_damage(path: Path) -> list[Damage]:
    """Read rows of damage."""
    table = pq.read_table(path, schema=DAMAGE_SCHEMA)
    if any(table[name].null_count for name in ("file", "kind", "done")):
        raise ValueError("there are nulls where there must be text")
    columns = table.to_pydict()
    rows = (Damage(*row) for row in zip(*columns.values(), strict=True))
    return [row._replace(kind=version_0_1.kind_of_today(row.kind)) for row in rows]


class _Manifest(msgspec.Struct):
    """What the last seal wrote; `base`: where names of files start, `marks`: `fingerprint` of its tables."""

    schema: Literal[1]
    base: str = os.pardir
    tables: set[str] = msgspec.field(default_factory=set)
    files: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    marks: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)


def _manifest(folder: Path) -> _Manifest:
    """Return the manifest; an empty one where it cannot be read, and then all files are read again."""
    path = folder / MANIFEST
    try:  # a pipe of that name would block
        return msgspec.json.decode(path.read_bytes() if path.is_file() else b"", type=_Manifest)
    except (OSError, ValueError):
        return _Manifest(1)
