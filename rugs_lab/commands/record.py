"""``rugs-lab record``: write a feed to files, headless, for weeks.

One line a minute has the state. Ctrl-C and the signal TERM end it in order; killing it costs at most
the line being written (`rugs_lab.recordings.write.recorder`).
"""

import os
import sys
import time
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from math import inf
from typing import Final

from rugs_lab.commands import argument_types
from rugs_lab.commands.feed_options import add_feed_arguments, chosen_feed
from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.write.recorder import Recorder

STATUS_S: Final = 60.0
"""Time between two status lines, s."""

END_S: Final = 20.0
"""Time that the disk has for the lines that wait in the end, s."""


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Write everything that a feed receives to files in a folder, until Ctrl-C, and print the state once "
        "a minute. After a network or disk failure it keeps trying. The exit status is 1 when nothing "
        "was received or something could not be written."
    )
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        default=os.environ.get("RUGS_LAB_FOLDER", "recordings"),
        help="default: RUGS_LAB_FOLDER, or recordings",
    )
    add_feed_arguments(parser)
    parser.add_argument(
        "--raw", action="store_true", help="write every event as received, too: `serve --capture` plays it"
    )
    parser.add_argument(
        "--names",
        choices=["keep", "hash", "drop"],
        default="keep",
        help="of the players: write them, hashes of them, or neither (default: keep)",
    )
    parser.add_argument(
        "--rotate",
        metavar="game|SIZE",
        type=argument_types.rotation,
        default="64MB",
        help="a new file for each game, or at a size such as 64MB (default: 64MB)",
    )
    parser.add_argument(
        "--hours",
        type=argument_types.positive,
        default=inf,
        help="stop after this many hours (default: never)",
    )


def run(options: Namespace) -> int:
    """Record until ``options.hours`` are over or Ctrl-C or TERM comes; 0 if all was written, else 1."""
    with Interrupt() as interrupt, chosen_feed(options) as feed:
        try:
            feed.start()
            recorder = feed.record(
                options.folder, raw=options.raw, rotate=options.rotate, names=options.names
            )
            recording = feed.recording
            assert recorder is not None
            assert recording is not None
            print(f"Recording {feed.source} into {recorder.folder}; Ctrl-C ends it.", flush=True)
            for torn in recorder.torn:
                print(f"a torn last line of {torn.path.name} ({torn.size} bytes) was moved aside", flush=True)
            deadline_s = time.monotonic() + options.hours * 3600
            print(status(feed, recorder), flush=True)
            while (left_s := deadline_s - time.monotonic()) > 0:
                if interrupt.wait(min(STATUS_S, left_s)):
                    break
                print(status(feed, recorder), flush=True)
        finally:
            reason = feed.state.reason
            feed.stop()
            if (recorder := feed.recorder) is not None:
                if recorder.waiting:
                    print(f"stopping: {recorder.waiting} lines are still to be written", flush=True)
                recorder.close(END_S)
            feed.record(None)
    assert recorder is not None
    print(f"stopped: {recorder.reason}", flush=True)
    if recorder.lost or recording.errors:
        print(
            f"rugs-lab record: {recorder.lost + recording.errors} lines could not be written.",
            file=sys.stderr,
        )
        return 1
    if not feed.health.messages:
        print(f"rugs-lab record: nothing came from {feed.source}: {reason}.", file=sys.stderr)
        return 1
    return 0


def status(feed: Feed, recorder: Recorder) -> str:
    """Return one line: the time, the feed, the recorder."""
    now = datetime.now(UTC)
    return (
        f"{now:%Y-%m-%d %H:%M:%S} {feed.state} ({feed.state.reason}), {feed.health.messages} messages, "
        f"{feed.book.finished_count} games; {recorder.state}: {recorder.recorded} lines, "
        f"{recorder.recorded_bytes / 1e6:.1f} MB, {recorder.waiting} waiting, {recorder.lost} lost, "
        f"{recorder.reason}"
    )
