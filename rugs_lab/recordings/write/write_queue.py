"""`WriteQueue`: the lines that wait to be written, in order, up to a size."""

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

_OVERHEAD: Final = 200


class QueuedLine(NamedTuple):
    """A line that is to be written.

    `data`: its bytes, newline included. `game_id`: the game it belongs to. `start`: it is the game's first
    line. `sync`: the file is synced after it. `lines`: 1; 0 for a line of the recorder itself.
    """

    data: bytes
    game_id: str | None = None
    start: bool = False
    sync: bool = False
    lines: int = 1


class WriteQueue:
    """A bounded queue that drops its oldest lines; `lost` counts them. Not locked: its owner is."""

    def __init__(self, most_bytes: int) -> None:
        self.lost = 0
        self._most = most_bytes
        self._bytes = 0
        self._entries: deque[QueuedLine] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: QueuedLine) -> None:
        """Add a line at the end."""
        self._entries.append(entry)
        self._bytes += len(entry.data) + _OVERHEAD
        self._bound()

    def take(self) -> QueuedLine | None:
        """Take the first line; None when there is none."""
        if not self._entries:
            return None
        entry = self._entries.popleft()
        self._bytes -= len(entry.data) + _OVERHEAD
        return entry

    def put_back(self, entries: Iterable[QueuedLine]) -> None:
        """Put lines back to the front, in their order."""
        for entry in reversed(list(entries)):
            self._entries.appendleft(entry)
            self._bytes += len(entry.data) + _OVERHEAD
        self._bound()

    def drop_all(self) -> None:
        """Drop and count everything."""
        self._most = 0
        self._bound()

    def _bound(self) -> None:
        while self._bytes > self._most and (entry := self.take()) is not None:
            self.lost += entry.lines
