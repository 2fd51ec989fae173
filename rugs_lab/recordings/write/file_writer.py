"""`FileWriter`: lines into the files of a folder: when a file begins, is synced, is abandoned.

It runs in one thread, raises what the disk raises, and keeps every line until it is synced;
`rugs_lab.recordings.write.recorder` handles failures.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.write.disk import Disk
from rugs_lab.recordings.write.journal import Journal
from rugs_lab.recordings.write.line_format import stamp, write_line
from rugs_lab.recordings.write.line_types import GapLine
from rugs_lab.recordings.write.write_queue import QueuedLine

SYNC_S: Final = 4.0
"""Age of the oldest line that is not synced at which it is."""

SYNC_BYTES: Final = 8 * 2**20
"""Size of the lines that are not synced at which they are."""

ROTATE_BYTES: Final = 64 * 2**20
"""Size of a file at which the next game begins a new one: some hours of play."""

LEAST_ROTATE: Final = 4096


class FileWriter:
    """Writes queued lines; see `rugs_lab.recordings.write.recorder.Recorder` for the arguments.

    `starts`: first lines of games, by id: repeated in every file that has lines of the game. `path`: the
    newest file, or None. `files`: files begun. `unsynced`: lines that were written, and may not be on the
    disk yet.
    """

    def __init__(
        self,
        folder: Path,
        header: Callable[[], bytes] | None,
        rotate: str | int,
        starts: Mapping[str, bytes],
        clock: Callable[[], float],
        now_ns: Callable[[], int],
        disk: Disk,
    ) -> None:
        self.starts = starts
        self.path: Path | None = None
        self.files = 0
        self._folder, self._header, self._rotate = folder, header, rotate
        self._clock, self._now_ns, self._disk = clock, now_ns, disk
        self._journal: Journal | None = None
        self._games: set[str] = set()
        self._lines = 0
        self.unsynced: list[QueuedLine] = []
        self._unsynced_bytes = 0
        self._unsynced_since = 0.0

    @property
    def is_open(self) -> bool:
        """Whether a file is open."""
        return self._journal is not None

    def begin(self) -> Journal:
        """Begin a file."""
        journal = self._journal = Journal.create(self._folder, self._now_ns(), self._disk)
        self.path = journal.path
        self.files += 1
        self._games.clear()
        self._lines = 0
        if self._header is not None:
            journal.write(self._header())
        return journal

    def write(self, entry: QueuedLine) -> None:
        """Write one line, into a new file where the last one is full."""
        if self._journal is not None and self._is_full(self._journal, entry):
            self.close()
        journal = self._journal or self.begin()
        game_id = entry.game_id
        if game_id is not None and game_id not in self._games:
            start = None if entry.start else self.starts.get(game_id)
            if start is not None:
                journal.write(start)
            self._games.add(game_id)
        journal.write(entry.data)
        if not self.unsynced:
            self._unsynced_since = self._clock()
        self.unsynced.append(entry)
        self._unsynced_bytes += len(entry.data)
        self._lines += entry.lines

    def is_due(self, entry: QueuedLine) -> bool:
        """Return whether to sync now that `entry` was written."""
        return entry.sync or self._unsynced_bytes > SYNC_BYTES or self.sync_in() <= 0

    def sync_in(self) -> float:
        """Return the seconds until a sync is due; infinite when everything is synced."""
        if not self.unsynced:
            return float("inf")
        return self._unsynced_since + SYNC_S - self._clock()

    def sync(self) -> None:
        """Sync the file; its lines are no longer kept then."""
        if self._journal is not None and self.unsynced:
            self._journal.sync()
            self.unsynced.clear()
            self._unsynced_bytes = 0

    def close(self) -> None:
        """Sync and close the file; one that holds no line is removed."""
        self.sync()
        journal, self._journal = self._journal, None
        if journal is not None and self._lines:
            journal.close()
        elif journal is not None:
            self.files -= journal.abandon()

    def abandon(self) -> list[QueuedLine]:
        """Abandon the file at its last sync; return the lines that must be written to another one."""
        journal, self._journal = self._journal, None
        if journal is not None:
            self.files -= journal.abandon()
        again, self.unsynced, self._unsynced_bytes = self.unsynced, [], 0
        return again

    def _is_full(self, journal: Journal, entry: QueuedLine) -> bool:
        if isinstance(self._rotate, str):
            return entry.start and bool(self._games)
        return journal.size >= self._rotate * (1 if entry.start else 2)


def gap_entry(lost: int, now_ns: int) -> QueuedLine:
    """Return the line that records a loss: `lost` lines in all could not be written."""
    reason = "lines that could not be written, in all"
    gap = GapLine(**stamp(now_ns), lines=lost, reason=reason, state="recording")
    return QueuedLine(write_line(gap), lines=0)


def checked_rotate(rotate: object) -> str | int:
    """Return `rotate` when it is ``"game"`` or a number of bytes, 4096 or more."""
    whole = isinstance(rotate, int) and not isinstance(rotate, bool) and rotate >= LEAST_ROTATE
    if rotate == "game" or whole:
        return rotate  # type: ignore[return-value]
    raise ArgumentError(
        f'rotate must be "game" or a size in bytes, {LEAST_ROTATE} or more; got {rotate!r:.80}'
    )
