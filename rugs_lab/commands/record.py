"""``rugs-lab record``: write a feed to files, for weeks, without a screen.

One line a minute says how it stands. Ctrl-C and the signal TERM end it in order; killing it costs at most
the line being written (`rugs_lab.recordings.write.recorder`).
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.feed.live.live_feed import RUGS_FUN_URL, LiveFeed

if TYPE_CHECKING:
    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.recordings.write.recorder import Recorder

STATUS_S: Final = 60.0
"""Time between two status lines, s."""


def run(*, folder: str, url: str | None, demo: bool, raw: bool, rotate: str | int, hours: float) -> int:
    """Record until `hours` are over or Ctrl-C or TERM comes; return 0 if all of it stands in files, else 1.

    Parameters
    ----------
    folder
        Where; made when it is missing.
    url
        Address of the feed; None for the real site, `RUGS_FUN_URL`.
    demo
        Record a built-in server instead.
    raw
        Every event as it came, too.
    rotate
        ``"game"`` or a size in bytes, as for ``feed.record``.
    hours
        How long; may be infinite.

    Raises
    ------
    RugsLabError
        `url` is no address, or `rotate` is not of that form.
    """
    with Interrupt() as interrupt:
        feed = _feed(url, demo)
        try:
            feed.start()
            recorder = feed.record(folder, raw=raw, rotate=rotate)
            recording = feed.recording
            assert recorder is not None
            assert recording is not None
            print(f"Recording {feed.source} into {recorder.folder}; Ctrl-C ends it.", flush=True)
            for torn in recorder.torn:
                print(f"a torn last line of {torn.path.name} ({torn.size} bytes) was moved aside", flush=True)
            deadline_s = time.monotonic() + hours * 3600
            print(status(feed, recorder), flush=True)
            while (left_s := deadline_s - time.monotonic()) > 0:
                if interrupt.wait(min(STATUS_S, left_s)):
                    break
                print(status(feed, recorder), flush=True)
        finally:
            feed.stop()
            feed.record(None)
    print(f"stopped: {recorder.reason}", flush=True)
    if recorder.lost or recording.errors:
        print(
            f"rugs-lab record: {recorder.lost + recording.errors} lines could not be written.",
            file=sys.stderr,
        )
        return 1
    if not feed.health.messages:
        print(f"rugs-lab record: nothing came from {feed.source}: {feed.state.reason}.", file=sys.stderr)
        return 1
    return 0


def status(feed: Feed, recorder: Recorder) -> str:
    """Return one line: the time, the feed, the recorder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     feed = LiveFeed("http://127.0.0.1:9")
    ...     status(feed, feed.record(folder))[20:58]
    'stopped (not started yet), 0 frames, 0'
    """
    now = datetime.now(UTC)
    return (
        f"{now:%Y-%m-%d %H:%M:%S} {feed.state} ({feed.state.reason}), {feed.health.messages} frames, "
        f"{feed.book.finished_count} games; {recorder.state}: {recorder.recorded} lines, "
        f"{recorder.recorded_bytes / 1e6:.1f} MB, {recorder.waiting} waiting, {recorder.lost} lost, "
        f"{recorder.reason}"
    )


def _feed(url: str | None, demo: bool) -> LiveFeed:
    if not demo:
        return LiveFeed(RUGS_FUN_URL if url is None else url)
    from rugs_lab.feed.live.demo import DemoFeed
    from rugs_lab.feed.server.game_server import GameServer

    return DemoFeed(GameServer())
