"""`Recorder`: lines to files in a folder, on a thread of its own, whatever the disk does.

`put` never waits. Lines are queued in memory, written one by one, and kept until they are synced: a file that
fails is abandoned at its last sync, and the lines after it go into a new one as soon as the disk works again.
More than `WAITING_BYTES` is not kept: the oldest lines are dropped and counted, and a ``gap`` line records
it. `Recorder.state` and `Recorder.reason` report failures of the disk; they are never raised.

A line is synced `rugs_lab.recordings.write.file_writer.SYNC_S` after it was written at the latest (plus the
disk's own time), at once when it was put with ``sync=True``. So a power cut costs at most five seconds, and
the death of the process at most the line being written.
"""

import atexit
import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Event, Thread, current_thread
from typing import Final

from rugs_lab.recordings.write.disk import DISK, Disk
from rugs_lab.recordings.write.file_writer import ROTATE_BYTES, FileWriter, checked_rotate, gap_entry
from rugs_lab.recordings.write.journal import TornLine, recover_folder
from rugs_lab.recordings.write.write_queue import QueuedLine, WriteQueue

WAITING_BYTES: Final = 64 * 2**20
"""Lines that wait for the disk are kept up to this size in all."""

SLOW_S: Final = 1.0
"""A disk that takes longer for one line is slow."""

_RETRY_FIRST_S: Final = 0.25
_RETRY_MOST_S: Final = 10.0
_END_S: Final = 10.0
_STARTS_KEPT: Final = 50
_IDLE: Final = float("-inf")
_log = logging.getLogger(__name__)


class Recorder:
    r"""Writes lines to ``live_game_<UTC time>.jsonl`` files of a folder; every recorder makes its own files.

    Parameters
    ----------
    folder
        Where; made when it is missing. Torn last lines that killed recorders left in it are moved aside.
    header
        Returns the first line of a new file.
    rotate
        ``"game"``: a file for each game. A number of bytes, 4096 or more: the first game that starts when the
        file has that size begins a new one (and any line, at twice the size).
    owner
        Kept alive as long as the recorder's thread is.
    waiting_bytes
        Lines that wait are kept up to this size.
    clock, now_ns, disk, background
        For tests: monotonic s, UTC ns, the system; False: nothing is written until `step` is called.

    Attributes
    ----------
    recorded, recorded_bytes
        Lines that are in files, and their bytes.
    torn
        Torn last lines that were moved aside.
    longest_s
        The longest time that the disk took for one line, s.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     recorder = Recorder(folder)
    ...     recorder.put(b"{}\n")
    ...     recorder.close()
    ...     recorder.path.read_text(), recorder.recorded, recorder.lost, recorder.state
    ('{}\n', 1, 0, 'stopped')
    """

    def __init__(
        self,
        folder: str | Path,
        header: Callable[[], bytes] | None = None,
        *,
        rotate: str | int = ROTATE_BYTES,
        owner: object = None,
        waiting_bytes: int = WAITING_BYTES,
        clock: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
        disk: Disk = DISK,
        background: bool = True,
    ) -> None:
        self.folder = Path(folder).expanduser()
        self.recorded = self.recorded_bytes = 0
        self.torn: tuple[TornLine, ...] = ()
        self.longest_s = 0.0
        self._owner = owner
        self._background = background
        self._clock, self.now_ns, self._disk = clock, now_ns, disk
        self._starts: dict[str, bytes] = {}
        rotate = checked_rotate(rotate)
        self._writer = FileWriter(self.folder, header, rotate, self._starts, clock, now_ns, disk)
        self._changed = Condition()
        self._queue = WriteQueue(waiting_bytes)
        self._thread: Thread | None = None
        self._recovering, self._opening, self._resting, self._closed = True, False, False, False
        self._tried = Event()
        self._at_disk, self._given_up = 0, False
        self._reported_lost = 0
        self._failure: str | None = None
        self._attempts = 0
        self._retry_at = self._busy_since = _IDLE

    @property
    def path(self) -> Path | None:
        """The newest file; None before the first."""
        return self._writer.path

    @property
    def files(self) -> int:
        """Files begun."""
        return self._writer.files

    @property
    def lost(self) -> int:
        """Lines that were dropped: they could not be written, or the recorder was closed before."""
        return self._queue.lost

    @property
    def waiting(self) -> int:
        """Lines that wait to be written."""
        return len(self._queue)

    @property
    def state(self) -> str:
        """``recording``, ``waiting`` (for data), ``slow``, ``failing`` (and trying again) or ``stopped``."""
        if self._closed:
            return "stopped"
        if self._failure is not None:
            return "failing"
        if self._clock() - self._busy_since > SLOW_S and self._busy_since != _IDLE:
            return "slow"
        return "recording" if self._writer.is_open else "waiting"

    @property
    def reason(self) -> str:
        """The state as a sentence."""
        state, busy_s = self.state, min(self._clock() - self._busy_since, 1e9)
        lost = f"; {self.lost} lines lost" if self.lost else ""
        if state == "failing":
            return f"{self.folder} cannot be written ({self._failure}), trying again{lost}"
        if state == "slow":
            return f"the disk has been busy with one line for {busy_s:.0f} s, {self.waiting} more wait{lost}"
        if state == "recording":
            return f"writing {self.path}{lost}"
        why = f" ({self._failure})" if lost and self._failure is not None else ""
        return f"{self.recorded} lines in {self.files} files of {self.folder}{lost}{why}"

    def put(
        self, data: bytes, game_id: str | None = None, *, start: bool = False, sync: bool = False
    ) -> None:
        """Queue a line with its newline; returns at once, from any thread.

        `game_id`: the game it belongs to. `start`: it is that game's first line: repeated in every file that
        has lines of the game, and a new file may begin with it. `sync`: sync the file when it is written.
        """
        with self._changed:
            if self._closed:
                self._queue.lost += 1
                return
            if start and game_id is not None:
                self._starts[game_id] = data
                if len(self._starts) > _STARTS_KEPT:
                    del self._starts[next(iter(self._starts))]
            self._queue.add(QueuedLine(data, game_id, start, sync))
            self._wake()

    def open(self, timeout_s: float = 1.0) -> None:
        """Begin a file before any line comes, so that a failure is known when this returns."""
        with self._changed:
            self._opening = True
            self._wake()
        if self._background:
            self._tried.wait(timeout_s)

    def rest(self, timeout_s: float = _END_S) -> None:
        """Write and sync what waits, then close the file and end the thread, until the next `put`."""
        with self._changed:
            thread = self._thread
            self._resting = thread is not None
            self._changed.notify()
        if thread is not None and thread is not current_thread():
            thread.join(timeout_s)

    def close(self, timeout_s: float = _END_S) -> None:
        """`rest` for good; what is not written and synced by then is lost and counted. Idempotent."""
        with self._changed:
            self._closed = True
            self._retry_at = _IDLE
        self.rest(timeout_s)
        if not self._background:
            self.step()
            self._end()
        with self._changed:
            if self._thread is not None and self._thread is not current_thread() and not self._given_up:
                self._given_up = True
                self._queue.drop_all()
                self._queue.lost += self._at_disk + len(self._writer.unsynced)
                self._failure = self._failure or f"the disk was not done after {timeout_s:g} s"

    def step(self) -> float | None:
        """Write what waits and sync what is due; return after how many seconds to call again at the latest.

        None: at the next `put`. The recorder's thread does nothing else.
        """
        now_s = self._clock()
        if now_s < self._retry_at and not self._closed:
            return self._retry_at - now_s
        entry: QueuedLine | None = None
        writer = self._writer
        try:
            if self._recovering:
                self._timed(self._recover)
            if self._opening and not writer.is_open:
                self._timed(writer.begin)
            self._opening = False
            while (entry := self._next()) is not None:
                self._at_disk = entry.lines
                self._timed(writer.write, entry)
                self._at_disk = 0
                self.recorded += entry.lines
                self.recorded_bytes += entry.lines * len(entry.data)
                written, entry = entry, None
                if writer.is_due(written):
                    self._timed(writer.sync)
            if self._resting or self._closed:
                self._timed(writer.close)
            elif self._failure is not None or writer.sync_in() <= 0:
                self._timed(writer.sync)
        except Exception as error:
            return self._fail(error, entry)
        finally:
            self._tried.set()
        if self._failure is not None:
            _log.info("%s can be written again", self.folder)
        self._failure, self._attempts = None, 0
        wait_s = writer.sync_in()
        return None if wait_s == float("inf") else max(wait_s, 0.0)

    def _recover(self) -> None:
        if self.folder.is_dir():
            self.torn = tuple(recover_folder(self.folder, self._disk))
        self._recovering = False

    def _next(self) -> QueuedLine | None:
        with self._changed:
            lost = self._queue.lost
            if lost == self._reported_lost or not self._queue:
                return self._queue.take()
            self._reported_lost = lost
        return gap_entry(lost, self.now_ns())

    def _timed(self, work: Callable[..., object], *args: object) -> None:
        began_s = self._busy_since = self._clock()
        try:
            work(*args)
        finally:
            self._busy_since = _IDLE
            self.longest_s = max(self.longest_s, self._clock() - began_s)

    def _fail(self, error: Exception, entry: QueuedLine | None) -> float:
        """Queue again what was not synced, and schedule another attempt."""
        again = self._writer.abandon()
        for each in again:
            self.recorded -= each.lines
            self.recorded_bytes -= each.lines * len(each.data)
        if entry is not None:
            again.append(entry)
        pause_s: float = min(_RETRY_FIRST_S * 2.0**self._attempts, _RETRY_MOST_S)
        with self._changed:
            self._queue.put_back(again)
            self._failure = getattr(error, "strerror", None) or str(error) or type(error).__name__
            self._attempts += 1
            if self._attempts == 1:
                _log.info("%s cannot be written: %s", self.folder, self._failure)
            self._retry_at = self._clock() + pause_s
        return pause_s

    def _wake(self) -> None:
        self._resting = False
        if self._thread is None and self._background:
            self._tried.clear()
            self._thread = Thread(target=self._run, name="rugs_lab recorder", daemon=True)
            atexit.register(self.close)  # what waits is written when the interpreter ends
            self._thread.start()
        else:
            self._changed.notify()

    def _run(self) -> None:
        while True:
            requests = self._resting, self._closed
            wait_s = self.step()
            with self._changed:
                if requests != (self._resting, self._closed):
                    continue
                if self._end():
                    self._thread = None
                    atexit.unregister(self.close)
                    return
                if not self._queue or self._failure is not None:
                    self._changed.wait(wait_s)

    def _end(self) -> bool:
        """Return whether the thread may end; what a closed recorder could not write is lost."""
        if self._closed:
            self._queue.drop_all()
            return True
        return self._resting and not self._queue and self._failure is None

    def __repr__(self) -> str:
        return f"<Recorder {self.state}: {self.reason}>"
