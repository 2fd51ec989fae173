"""What a reader of a format is given, and the values that it yields, whatever the format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from rugs_lab.recordings.games.damage import Damage

Time = str | int | None
"""ISO text, nanoseconds since 1970 in UTC, or not known."""


class Event(NamedTuple):
    """An event as it was received; `naive_utc`: a time without a zone is in UTC."""

    line: int | None
    name: str
    args: tuple[Any, ...]
    time: Time = None
    naive_utc: bool = False


class FinishedGame(NamedTuple):
    """A game as a whole: its fields by the names in `field_names`."""

    line: int | None
    record: Mapping[str, Any]


class Price(NamedTuple):
    """One price, a multiplier; `rugged`: it is the rug; `source`: a `Source`."""

    line: int | None
    game_id: str
    tick: int
    price: float
    rugged: bool = False
    source: int = 1
    time: Time = None


class Records(NamedTuple):
    """Lines of a recording, all or the next ones; none, without numbers: the file is a table of this game.

    `lines`: the number of each; without them they are consecutive from `first`. `raw_only`: the file holds
    events as they were received and nothing made of them.
    """

    records: list[Any]
    lines: list[int] | None
    first: int = 1
    raw_only: bool = False


@dataclass
class Content:
    """A file, or one that is packed in it, whose `data` are in memory; `head` is its first 64 kB.

    `name` is what ``games.damage`` calls it; `left`, a list of one element, says how many bytes may still be
    unpacked of the file.
    """

    name: str
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    depth: int = 0
    left: list[int] = field(default_factory=lambda: [2**30])

    def __post_init__(self) -> None:
        with self.open() as file:
            self.head = file.read(65_536)

    def open(self) -> BinaryIO:
        """Open it for reading."""
        return self.path.open("rb") if self.path is not None else BytesIO(self.data or b"")

    def read(self) -> bytes:
        """Return all of it; what was read ahead of a file is not kept."""
        data = self.data
        if self.path is not None:
            self.data = None
        if data is None:
            with self.open() as file:
                return file.read()
        return data


Item = Event | FinishedGame | Price | Records | Damage | Content
"""A `Damage` (its file may be empty) is what cannot be used; a `Content` is a file in the file."""


@dataclass(frozen=True)
class Format:
    """A format of recordings.

    A package adds one by an entry point that names a `Format`::

        [project.entry-points."rugs_lab.formats"]
        my-format = "my_package.my_format:FORMAT"

    `name`, `holds`, `example`: What `rugs_lab.formats` shows.
    `matches`: Whether a file is of this format, by its first 64 kB.
    `read`: Its reader.

    Examples
    --------
    >>> def read(content):
    ...     for number, line in enumerate(content.read().decode().splitlines(), 1):
    ...         _, game_id, tick, price = line.split()
    ...         yield Price(number, game_id, int(tick), float(price))
    >>> mine = Format("mine", "prices", "RUG a 0 1.0", lambda head: head.startswith(b"RUG "), read)
    >>> next(mine.read(Content("file", data=b"RUG a 0 1.0"))).price
    1.0
    """

    name: str
    holds: str
    example: str
    matches: Callable[[bytes], bool]
    read: Callable[[Content], Iterator[Item]]
