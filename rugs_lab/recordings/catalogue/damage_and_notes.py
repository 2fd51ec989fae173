"""What accompanies the games of an archive: rows of damage and notes, a small Parquet file each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from rugs_lab.recordings.catalogue.parquet_schema import DAMAGE_SCHEMA
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.notes import Note, is_note
from rugs_lab.recordings.read import version_0_1
from rugs_lab.recordings.write.line_format import read_line, write_line


def write_notes(notes: Sequence[Note], path: Path) -> None:
    """Write notes, a line of a recording each, to a new file; it is not synced."""
    text = [write_line(note).decode() for note in notes]
    pq.write_table(pa.table({"line": pa.array(text, pa.string())}), path, compression="zstd")


def read_notes(path: Path) -> tuple[Note, ...]:
    """Read notes."""
    lines = pq.read_table(path, columns=["line"])["line"].to_pylist()
    return tuple(note for note in map(read_line, lines) if is_note(note))  # type: ignore[misc]


def write_damage(rows: Sequence[Damage], path: Path) -> None:
    """Write rows of damage to a new file; it is not synced."""
    columns = list(zip(*rows, strict=True)) or [()] * len(DAMAGE_SCHEMA.names)
    pq.write_table(pa.table(list(map(list, columns)), schema=DAMAGE_SCHEMA), path, compression="zstd")


def read_damage(path: Path) -> list[Damage]:
    """Read rows of damage."""
    table = pq.read_table(path, schema=DAMAGE_SCHEMA)
    if any(table[name].null_count for name in ("file", "kind", "done")):
        raise ValueError("there are nulls where there must be text")
    columns = table.to_pydict()
    rows = (Damage(*row) for row in zip(*columns.values(), strict=True))
    return [row._replace(kind=version_0_1.kind_of_today(row.kind)) for row in rows]
