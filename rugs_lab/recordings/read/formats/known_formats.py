"""`formats`: every format there is, our own and those of other packages."""

from __future__ import annotations

import warnings
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from rugs_lab.errors import RugsLabWarning
from rugs_lab.recordings.read.formats.items import Format
from rugs_lab.recordings.read.formats.json_text import is_text, read_text
from rugs_lab.recordings.read.formats.packed import is_packed, read_packed
from rugs_lab.recordings.read.formats.tables import header_of, read_csv, read_parquet, read_sqlite

if TYPE_CHECKING:
    import pandas as pd

_TEXT = """\
recording | lines of this package | {"type": "tick", "game_id": "a", "tick": 0, "price": 1.0, "active": true}
original recording | lines of the older desktop program | {"type": "tick", "game_id": "a", "phase": "PRESALE"}
published games | seeds | {"type": "published", "game_id": "a", "server_seed": "...", "server_seed_hash": ""}
events | events as received | {"ts": "2026-01-01T00:00:00Z", "event": "gameStateUpdate", "data": {...}}
arguments | the same | {"event": "gameStateUpdate", "args": [{"__trace": true}, {...}]}
typed events | the same | {"event_type": "gameStateUpdate", "timestamp_ms": 1767225600000, "data": {}}
event document | the same | {"events": [{"event": "gameStateUpdate", "data": {...}}]}
messages | data of gameStateUpdate | {"gameId": "a", "active": true, "rugged": false, "tickCount": 0}
Socket.IO frames | frames of a WebSocket, one on a line | 42["gameStateUpdate",{...}]
HAR | a browser's network log | {"log": {"entries": [{"_webSocketMessages": [{"time": 0, "data": "42[]"}]}]}}
game history | entries of gameHistory | [{"id": "a", "prices": [1, ...], "provablyFair": {...}}]
finished games | games as GameServer(games=) takes them | [{"id": "a", "serverSeed": "...", "prices": [1]}]
game.json | a game, texts | {"meta": {"game_id": "a", "server_seed": "..."}, "prices": ["1.0", null]}
price lines | prices | {"game_id": "a", "tick": 0, "price": 1.0}"""

_SPLIT = [line.split(" | ") for line in _TEXT.splitlines()]
_BINARY = (
    *(
        Format(name, "any of these, packed", f"capture.jsonl{end}", is_packed, read_packed)
        for name, end in (
            ("gzip", ".gz"),
            ("bzip2", ".bz2"),
            ("xz", ".xz"),
            ("Zstandard", ".zst"),
            ("zip", ".zip"),
        )
    ),
    Format(
        "SQLite",
        "tables of prices, events or games",
        "create table events(event_type, timestamp_ms, data)",
        lambda head: head.startswith(b"SQLite format 3\0"),
        read_sqlite,
    ),
    Format(
        "Parquet",
        "prices, events or games, one a row",
        "columns ts, event_name, raw_json",
        lambda head: head.startswith(b"PAR1"),
        read_parquet,
    ),
)
_LAST = (
    Format(
        "CSV",
        "prices, events or games, one a row",
        "game_id,tick,price",
        lambda head: header_of(head) is not None,
        read_csv,
    ),
    *(Format(name, holds, like, is_text, read_text) for name, holds, like in _SPLIT),
)
_FRAME = ("DataFrame", "pandas, polars, Arrow: prices, events or games", "rl.load(frame)", "rugs_lab")


@lru_cache(maxsize=1)
def known_formats() -> tuple[Format, ...]:
    """Return every format in the order in which they are tried: those of other packages before text."""
    others = []
    for point in entry_points(group="rugs_lab.formats"):
        try:
            found = point.load()
            others.append(Format(found.name, found.holds, found.example, found.matches, found.read))
        except Exception as error:  # whatever another package's import may raise
            why = f"format {point.name!r} of entry point {point.value}: {type(error).__name__}: {error}"
            warnings.warn(why, RugsLabWarning, stacklevel=2)
    return (*_BINARY, *others, *_LAST)


def formats() -> pd.DataFrame:
    """Return the formats that `rugs_lab.load` reads, one a row, each with an example.

    Files are recognised by what is in them, not by their names. Another package adds a format by an entry
    point, see `rugs_lab.recordings.read.formats.items.Format`.

    Examples
    --------
    >>> formats().loc["Socket.IO frames", "example"]
    '42["gameStateUpdate",{...}]'
    """
    import pandas as pd

    rows = [
        (each.name, each.holds, each.example, each.read.__module__.split(".")[0]) for each in known_formats()
    ]
    return pd.DataFrame([*rows, _FRAME], columns=["format", "holds", "example", "package"]).set_index(
        "format"
    )
