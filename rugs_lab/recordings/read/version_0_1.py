"""Words of version 0.1, read as those of today; nothing is written with them any more.

Every reader of recordings uses this module: of lines (`read_records`, `line_format.read_line`), of the
archive (`catalogue.parquet`) and of its rows of damage.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA: Final = "1"
"""Version of the Parquet files that it wrote."""

COLUMNS: Final = {"source": "known_by", "file": "source", "sources": "origins"}
"""Column of today → how it was called in those files."""

_KINDS: Final = {
    "healed_by_seed": "backfilled_by_seed",
    "healed_by_history": "backfilled_by_history",
    "made_up": "placeholder_values",
    "told_twice": "duplicate_ticks",
    "discarded": "aborted",
    "late_frame": "late_message",
    "wrong_record": "wrong_summary",
    "note": "comment",
}
_STATUS = b'"status":"repaired"'
_KEY: Final = b'"healed":'
RAW: Final = b'{"type":"raw"'


def lines_of_today(data: bytes) -> bytes:
    """Return lines, one or many, with the keys of today; raw lines among them are not to be used."""
    return data.replace(_KEY, b'"backfilled":') if _KEY in data else data


def line_of_today(data: bytes) -> bytes:
    """Return one line in the words of today; a raw line, whose event is another's, as it is.

    A recorder only saw games that were back-filled at their end, none that was repaired.
    """
    if data.startswith(RAW):
        return data
    return lines_of_today(data).replace(_STATUS, b'"status":"backfilled"')


def kind_of_today(kind: str) -> str:
    """Return what a kind of damage is called today."""
    return _KINDS.get(kind, kind)


def games_of_today(table: pa.Table, corrected: Collection[str]) -> pa.Table:
    """Return rows of its archive, the columns already under the names of today, as they are written today.

    `corrected`: ids of the games that were corrected, by its rows of damage: it did not mark them, and called
    every complete game repaired that was back-filled.
    """
    import pyarrow as pa

    marks = [game_id in corrected for game_id in table["id"].to_pylist()]
    statuses = table["status"].cast(pa.string()).to_pylist()
    for row, status in enumerate(statuses):
        if status in ("complete", "repaired"):
            whole = "complete" if status == "complete" else "backfilled"
            statuses[row] = "repaired" if marks[row] else whole
    place = table.column_names.index("status")
    table = table.set_column(place, "status", pa.array(statuses, pa.string()).dictionary_encode())
    return table.append_column("corrected", pa.array(marks, pa.bool_()))
