"""`RecordButton`: begins and ends the recording of a feed, which all its views show and outlive."""

from os import PathLike
from pathlib import Path
from typing import Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.write.recorder import Recorder
from rugs_lab.views.page.background_worker import Switch

RECORD_TO: Final = "recordings"
"""Folder of the record button, in the kernel's working directory."""


class RecordButton:
    """Begins (to `folder`) and ends the recording of a feed with its `switch`; has the recording's state."""

    def __init__(self, feed: Feed, folder: Path, names: str) -> None:
        self._feed = feed
        self._folder, self._names = folder, names
        self._newest: Recorder | None = None
        self._trouble = ""
        self.switch = Switch(self._carry_out)

    def status(self) -> dict[str, Any]:
        """Return what the page shows of the newest recording, also of an ended one.

        ``state`` is that of the recorder while it records, else ``ended``, ``failed`` (``reason`` says why)
        or ``off`` when there was none.
        """
        recorder = self._seen()
        state = "off" if recorder is None else recorder.state
        on = recorder is not None and recorder is self._feed.recorder and state != "stopped"
        reason = "" if recorder is None else recorder.reason
        if on:
            self._trouble = ""
        elif recorder is not None:
            state = "ended"
        if self._trouble:
            state, reason = "failed", self._trouble
        path = None if recorder is None else recorder.path
        return {
            "on": on,
            "state": state,
            "reason": reason,
            "lines": 0 if recorder is None else recorder.recorded,
            "lost": 0 if recorder is None else recorder.lost,
            "folder": str(recorder.folder if on and recorder is not None else self._folder),
            "path": None if path is None else str(path),
        }

    def _seen(self) -> Recorder | None:
        self._newest = self._feed.recorder or self._newest
        return self._newest

    def _carry_out(self, on: bool) -> None:
        self._trouble = ""
        self._seen()
        try:
            recorder = self._feed.recorder
            if on and recorder is not None and recorder.state != "stopped":
                return
            if recorder is not None:
                self._feed.record(None)
            if on:
                self._feed.record(self._folder, names=self._names)
        except Exception as error:
            self._trouble = f"{type(error).__name__}: {error}"


def checked_folder(record_to: str | PathLike[str]) -> Path:
    """Return `record_to` as it stands from now on, whatever the working directory becomes."""
    try:
        folder = Path(record_to).expanduser()
    except (TypeError, RuntimeError) as error:
        raise ArgumentError(
            f"record_to must be the path of a folder for recordings, such as {RECORD_TO!r}; "
            f"got {record_to!r:.80} ({error})"
        ) from None
    try:
        return folder.absolute()
    except OSError:  # the working directory is gone; the recorder raises if it is to write there
        return folder
