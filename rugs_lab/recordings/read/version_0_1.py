"""Words of version 0.1, read as those of today; nothing is written with them any more.

Every reader of recordings uses this module: of lines (`read_records`, `line_format.read_line`), of the
archive (`catalogue.parquet`) and of its rows of damage.
"""

from __future__ import annotations

from typing import Final

SCHEMA: Final = "1"
"""Version of the Parquet files that it wrote."""

COLUMNS: Final = {"source": "known_by", "file": "source", "sources": "origins"}
"""Column of today → how it was called in those files."""

_KINDS: Final = {
    "healed_by_seed": "backfilled_by_seed",
    "healed_by_history": "backfilled_by_history",
}
_KEY, _RAW = b'"healed":', b'{"type":"raw"'


def lines_of_today(data: bytes) -> bytes:
    """Return lines, one or many, with the keys of today; raw lines among them are not to be used.

    >>> lines_of_today(b'{"type":"tick","game_id":"g1","tick":4,"price":1.5,"healed":"partial"}')
    b'{"type":"tick","game_id":"g1","tick":4,"price":1.5,"backfilled":"partial"}'
    """
    return data.replace(_KEY, b'"backfilled":') if _KEY in data else data


def line_of_today(data: bytes) -> bytes:
    """Return one line with the keys of today; a raw line, whose event is another's, as it is."""
    return data if data.startswith(_RAW) else lines_of_today(data)


def kind_of_today(kind: str) -> str:
    """Return what a kind of damage is called today.

    >>> kind_of_today("healed_by_seed"), kind_of_today("gap")
    ('backfilled_by_seed', 'gap')
    """
    return _KINDS.get(kind, kind)
