"""``rugs-lab check``: try each stage of the connection to a feed, and print what was found.

It connects as any feed does and sends no event; see `rugs_lab.feed.live.diagnosis`.
"""

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from rugs_lab.commands import argument_types
from rugs_lab.commands.feed_options import add_feed_arguments, chosen_feed
from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.feed.live.diagnosis import STAGES

FIRST_STATUS: Final = 3
"""Exit status for the first stage, ``name``; the next has one more, and so on."""


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    statuses = ", ".join(f"{FIRST_STATUS + place} {name}" for place, name in enumerate(STAGES))
    parser.description = (
        "Test each stage of the connection to the feed (name lookup, TCP, TLS, handshake, namespace, "
        "events), listen, disconnect, and print what was found. No event is ever sent to the game. The exit "
        f"status is 0 if all stages pass, else that of the first stage that fails: {statuses}; "
        "1 for an invalid address, header, proxy or path; 2 for a command line that cannot be parsed."
    )
    add_feed_arguments(parser, positional=True)
    parser.add_argument(
        "--seconds",
        type=argument_types.positive,
        default=15.0,
        help="how long to listen, in seconds (default: 15)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: Namespace) -> int:
    """Try and listen, print, and return 0, or the status of the first stage that was not passed."""
    with Interrupt() as interrupt, chosen_feed(options) as feed:
        if not options.json:
            print(f"Listening to {feed.source} for {options.seconds:g} s ...", flush=True)
        diagnosis = feed.diagnose(options.seconds, wait=interrupt.wait)
    print(json.dumps(diagnosis.as_dict(), indent=2) if options.json else diagnosis)
    if interrupt.wait(0):
        raise KeyboardInterrupt
    failed = diagnosis.failed
    if failed is None:
        return 0
    print(f"rugs-lab check: {failed.name}: {failed.words}", file=sys.stderr)
    return FIRST_STATUS + STAGES.index(failed.name)
