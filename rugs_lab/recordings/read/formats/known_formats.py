"""`formats`: every format there is, our own and those of other packages."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from rugs_lab.errors import RugsLabWarning
from rugs_lab.recordings.read.formats.items import Content, Format, Item
from rugs_lab.recordings.read.formats.json_text import is_text, read_text
from rugs_lab.recordings.read.formats.packed import is_packed, read_packed
from rugs_lab.recordings.read.formats.tables import header_of, read_csv, read_parquet, read_sqlite

if TYPE_CHECKING:
    import pandas as pd

_TABLE = """\
packed  | gzip     | any other format, compressed | capture.jsonl.gz
packed  | bzip2    | any other format, compressed | capture.jsonl.bz2
packed  | xz       | any other format, compressed | capture.jsonl.xz
packed  | Zstandard | any other format, compressed | capture.jsonl.zst
packed  | zip      | any other format, compressed | recordings.zip
sqlite  | SQLite   | tables of prices, events or games | create table events(event_type, timestamp_ms, data)
parquet | Parquet  | prices, events or games, one a row | columns ts, event_name, raw_json
csv  | CSV | prices, events or games, one a row | game_id,tick,price
text | recording | recording lines of this package | {"type": "tick", "game_id": "a", "tick": 0, ...}
text | older recording | lines of the older desktop program | {"type": "tick", "phase": "PRESALE", ...}
text | published games | seeds | {"type": "published", "game_id": "a", "server_seed": "...", ...}
text | events | events as received | {"ts": "2026-01-01T00:00:00Z", "event": "gameStateUpdate", "data": {...}}
text | arguments | events as received | {"event": "gameStateUpdate", "args": [{"__trace": true}, {...}]}
text | typed events | events as received | {"event_type": "gameStateUpdate", "timestamp_ms": 1e12, "data": {}}
text | event document | events as received | {"events": [{"event": "gameStateUpdate", "data": {...}}]}
text | messages | data of gameStateUpdate | {"gameId": "a", "active": true, "tickCount": 0, "price": 1.0}
text | Socket.IO frames | frames of a WebSocket, one on a line | 42["gameStateUpdate",{...}]
text | HAR | a browser's network log | {"log": {"entries": [{"_webSocketMessages": [{"data": "42[...]"}]}]}}
text | game history | entries of gameHistory | [{"id": "a", "prices": [1, ...], "provablyFair": {...}}]
text | finished games | games in the form of GameServer(games=) | [{"id": "a", "prices": [1], ...}]
text | game.json | one game | {"meta": {"game_id": "a", "server_seed": "..."}, "prices": ["1.0", null]}
text | price lines | prices | {"game_id": "a", "tick": 0, "price": 1.0}"""
_READERS: dict[str, tuple[Callable[[bytes], bool], Callable[[Content], Iterator[Item]]]] = {
    "packed": (is_packed, read_packed),
    "sqlite": (lambda head: head.startswith(b"SQLite format 3\0"), read_sqlite),
    "parquet": (lambda head: head.startswith(b"PAR1"), read_parquet),
    "csv": (lambda head: header_of(head) is not None, read_csv),
    "text": (is_text, read_text),
}
_FRAME = ("DataFrame", "pandas, polars, Arrow: prices, events or games", "rl.load(frame)", "rugs_lab")


@lru_cache(maxsize=1)
def known_formats() -> tuple[Format, ...]:
    """Return every format in the order in which they are tried: those of other packages before text."""
    ours, others = list[Format](), list[Format]()
    for line in _TABLE.splitlines():
        reader, name, holds, example = (word.strip() for word in line.split(" | "))
        ours.append(Format(name, holds, example, *_READERS[reader]))
    for point in entry_points(group="rugs_lab.formats"):
        try:
            found = point.load()
            others.append(Format(found.name, found.holds, found.example, found.matches, found.read))
        except Exception as error:  # whatever another package's import may raise
            why = f"format {point.name!r} of entry point {point.value}: {type(error).__name__}: {error}"
            warnings.warn(why, RugsLabWarning, stacklevel=2)
    binary = [each for each in ours if each.read not in (read_csv, read_text)]
    return (*binary, *others, *ours[len(binary) :])


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
