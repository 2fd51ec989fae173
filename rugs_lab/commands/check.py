"""``rugs-lab check``: listen to a feed for a while and print what came.

It connects as any feed does (`rugs_lab.feed.live.live_feed`), sends nothing, counts, and disconnects. The
counts come from the feed's own subscriptions and its `Health`, so what the table says is what a notebook
would have received.
"""

from __future__ import annotations

import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rugs_lab.commands import argument_types
from rugs_lab.commands.feed_options import add_feed_arguments, feed_address
from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.feed.core.health import GAPS_KEPT
from rugs_lab.feed.live.live_feed import LiveFeed

if TYPE_CHECKING:
    from rugs_lab.game.signal import GameSignal
    from rugs_lab.recordings.assembly.game_assembly import Tick

_NAMES_SHOWN = 12


@dataclass
class Received:
    """What a feed received while it was listened to.

    Attributes
    ----------
    phases
        Messages by phase.
    ticks, backfilled
        Prices of running games, and how many of them did not come in their own message.
    seconds
        Time from the first message to the last, s.
    lost
        Connections lost while listening; the one that was closed at the end is not among them.
    closing_s
        Time that disconnecting took, s.
    clean
        Whether nothing of the connection was left after disconnecting.
    interrupted
        Whether Ctrl-C ended the listening.
    why
        State of the feed at the end of listening, in words.
    """

    phases: Counter[str] = field(default_factory=Counter)
    ticks: int = 0
    backfilled: int = 0
    seconds: float = 0.0
    lost: int = 0
    closing_s: float = 0.0
    clean: bool = False
    interrupted: bool = False
    why: str = ""
    _first_ns: int | None = None

    def signal(self, signal: GameSignal) -> None:
        """Note one accepted message."""
        self.phases[str(signal.phase)] += 1
        if signal.received_ns is not None:
            self._first_ns = signal.received_ns if self._first_ns is None else self._first_ns
            self.seconds = (signal.received_ns - self._first_ns) / 1e9

    def tick(self, tick: Tick) -> None:
        """Note one price."""
        self.ticks += 1
        self.backfilled += tick.backfilled


def add_arguments(parser: ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Connect to the feed, listen, disconnect, and print what came. Nothing is ever sent to the game. The "
        "exit status is 0 when messages came and the connection was closed cleanly, else 1."
    )
    add_feed_arguments(parser)
    parser.add_argument(
        "--seconds",
        type=argument_types.positive,
        default=15.0,
        help="how long to listen, in seconds (default: 15)",
    )


def run(options: Namespace) -> int:
    """Listen, print the table, and return 0 if messages came and the connection was closed cleanly, else 1.

    Raises
    ------
    ArgumentError
        ``options.url`` is not an address.
    KeyboardInterrupt
        Interrupted; the table of what came until then has been printed.
    """
    with Interrupt() as interrupt, feed_address(options) as address:
        feed = LiveFeed(address)
        received = listen(feed, options.seconds, interrupt)
    if feed.health.connections:
        for label, value, unit in _table(feed, received):
            print(f"{label:<36}{value:>12}  {unit}".rstrip())
    if received.interrupted:
        raise KeyboardInterrupt
    problem = _problem(feed, received, options.seconds)
    if problem:
        print(f"rugs-lab check: {problem}", file=sys.stderr)
        return 1
    return 0


def listen(feed: LiveFeed, seconds: float, interrupt: Interrupt) -> Received:
    """Start `feed`, say so, listen for `seconds` or until interrupted, stop it, and return what came."""
    received = Received()
    feed.on("signal", received.signal)
    feed.on("tick", received.tick)
    feed.start()
    print(f"Listening to {feed.source} for {seconds:g} s ...", flush=True)
    received.interrupted = interrupt.wait(seconds)
    received.why = feed.state.reason.removesuffix("; trying again")
    received.lost = feed.health.disconnections
    began = time.monotonic()
    feed.stop()
    received.closing_s = time.monotonic() - began
    left = [thread for thread in threading.enumerate() if thread.name == "rugs_lab feed"]
    received.clean = feed.state == "stopped" and not feed.running and not left
    return received


def _table(feed: LiveFeed, received: Received) -> Iterator[tuple[str, str, str]]:
    """Rows of label, value and unit."""
    health = feed.health
    gaps_ms = health.gaps_ms
    of = "" if health.messages <= GAPS_KEPT else f" (last {GAPS_KEPT} messages)"
    yield "messages", str(health.messages), "messages"
    if received.seconds:
        yield "rate", f"{(health.messages - 1) / received.seconds:.1f}", "messages/s"
    if len(gaps_ms):
        median, p95 = np.percentile(gaps_ms, [50, 95])
        yield f"time between messages, median{of}", f"{median:.0f}", "ms"
        yield f"time between messages, p95{of}", f"{p95:.0f}", "ms"
        yield "time between messages, max", f"{health.start.longest_gap_ms:.0f}", "ms"
    for phase, count in received.phases.most_common():
        yield f"phase {phase}", str(count), "messages"
    yield "ticks", str(received.ticks), f"prices, {received.backfilled} of them back-filled"
    yield "trades", str(health.trades), "events"
    yield "noise (other events)", str(health.noise.total()), "events"
    yield from _most(health.noise, "events")
    yield "rejected", str(health.rejected.total()), "messages"
    yield from _most(health.rejected, "messages")
    yield "connections", str(health.connections), f"made, {received.lost} of them lost"
    yield "disconnected", f"{received.closing_s:.2f}", "s, cleanly" if received.clean else "s, NOT cleanly"


def _most(counts: Counter[str], unit: str) -> Iterator[tuple[str, str, str]]:
    """The most frequent names; they come from the wire, so nothing in them may steer the terminal."""
    for name, count in counts.most_common(_NAMES_SHOWN):
        shown = "".join(letter if letter.isprintable() else "?" for letter in name)
        yield f"  {shown}", str(count), unit
    if len(counts) > _NAMES_SHOWN:
        others = len(counts) - _NAMES_SHOWN
        yield f"  ({others} other names)", str(sum(sorted(counts.values())[:others])), unit


def _problem(feed: LiveFeed, received: Received, seconds: float) -> str | None:
    """One sentence that says why the check failed; None if it did not."""
    health = feed.health
    if health.messages == 0 and health.connections == 0:
        return f"no connection to {feed.source} within {seconds:g} s: {received.why}."
    if health.messages == 0:
        others = health.noise.total() + health.trades + health.rejected.total()
        return (
            f"connected to {feed.source}, but none of {others} messages received in {seconds:g} s was the "
            "state of a game."
        )
    if not received.clean:
        return f"messages came, but the connection was not closed within {received.closing_s:.1f} s."
    return None
