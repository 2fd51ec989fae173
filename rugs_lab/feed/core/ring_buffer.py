"""The bounded buffer: the newest rows, in columns, with one lock and any number of readers.

The ring is the only owner of what was received. A reader keeps a cursor (how many rows it has seen) and asks
for what was added since (`Ring.since`); nobody queues rows a second time.
"""

from collections import deque
from threading import RLock

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.game.signal import GameSignal, Update
from rugs_lab.recordings.games.message_rows import ROW, Rows, row_of

MOST_ROWS = 10_000_000


class Ring:
    """Holds the newest `maxlen` accepted messages, 1 to 10,000,000; a row takes 41 bytes.

    `cursor`: rows ever appended; what a new reader starts from.
    """

    def __init__(self, maxlen: int = 5000) -> None:
        if isinstance(maxlen, bool) or not isinstance(maxlen, int) or not 1 <= maxlen <= MOST_ROWS:
            raise ArgumentError(
                f"maxlen must be a whole number of rows from 1 to {MOST_ROWS:,}; got {maxlen!r}"
            )
        self.maxlen = maxlen
        self._rows = np.zeros(maxlen, ROW)
        self.cursor = 0
        self._floor = 0
        self._ids: deque[str] = deque()
        self._first_code = 0
        self._code_of: dict[str, int] = {}
        self._lock = RLock()  # a signal handler may read what its own thread is reading

    def __len__(self) -> int:
        return min(self.cursor - self._floor, self.maxlen)

    def append(self, signal: GameSignal, update: Update) -> None:
        """Append one accepted message, overwriting the oldest when full."""
        with self._lock:
            row = row_of(signal, update.players, self._code(signal.gameId))
            self._rows[self.cursor % self.maxlen] = row
            self.cursor += 1

    def since(self, cursor: int) -> Rows:
        """Return a copy of the rows from number `cursor`, as many of them as are still there."""
        with self._lock:
            stop = self.cursor
            start = min(max(cursor, stop - self.maxlen, self._floor), stop)
            first, last = start % self.maxlen, stop % self.maxlen
            if stop - start == 0:
                rows = self._rows[:0].copy()
            elif first < last:
                rows = self._rows[first:last].copy()
            else:
                rows = np.concatenate([self._rows[first:], self._rows[:last]])
            ids, first_code = tuple(self._ids), self._first_code
        columns = {name: np.ascontiguousarray(rows[name]) for name in ROW.names or ()}
        columns["game"] -= first_code
        return Rows(start, stop, columns, ids)

    def clear(self) -> None:
        """Forget the rows; numbers continue, so a reader's cursor stays good."""
        with self._lock:
            self._floor = self.cursor
            self._first_code += len(self._ids)
            self._ids.clear()
            self._code_of.clear()
            self._rows["game"] = self._first_code

    def _code(self, game_id: str) -> int:
        code = self._code_of.get(game_id)
        if code is None:
            if self.cursor >= self.maxlen:
                self._forget_games(int(self._rows["game"].min()))
            code = self._code_of[game_id] = self._first_code + len(self._ids)
            self._ids.append(game_id)
        return code

    def _forget_games(self, oldest: int) -> None:
        while self._first_code < oldest:
            del self._code_of[self._ids.popleft()]
            self._first_code += 1
