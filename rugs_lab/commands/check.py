"""``rugs-lab check``: listen to a feed for a while and print what came.

It connects as any feed does (`rugs_lab.feed.live.live_feed`), sends nothing, counts, and disconnects. The
counts come from the feed's own subscriptions and its `Health`, so what the table says is what a notebook
would have received.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rugs_lab.commands.interrupt import Interrupt
from rugs_lab.feed.core.health import GAPS_KEPT
from rugs_lab.feed.live.live_feed import RUGS_FUN_URL, LiveFeed

if TYPE_CHECKING:
    from rugs_lab.game.signal import GameSignal
    from rugs_lab.recordings.assembly.game_assembly import Tick

_NAMES_SHOWN = 12


@dataclass
class Heard:
    """What came while a feed was listened to.

    Attributes
    ----------
    phases
        Frames by phase.
    ticks, backfilled
        Prices of running games, and how many of them did not come in their own frame.
    seconds
        Time from the first frame to the last, s.
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
        """Note one accepted frame."""
        self.phases[str(signal.phase)] += 1
        if signal.received_ns is not None:
            self._first_ns = signal.received_ns if self._first_ns is None else self._first_ns
            self.seconds = (signal.received_ns - self._first_ns) / 1e9

    def tick(self, tick: Tick) -> None:
        """Note one price."""
        self.ticks += 1
        self.backfilled += tick.backfilled


def run(*, url: str | None, demo: bool, seconds: float) -> int:
    """Listen, print the table, and return 0 if frames came and the connection was closed cleanly, else 1.

    Parameters
    ----------
    url
        Address of the feed; None for the real site, `RUGS_FUN_URL`.
    demo
        Listen to a built-in server instead of `url`.
    seconds
        How long to listen.

    Raises
    ------
    ArgumentError
        `url` is not an address.
    KeyboardInterrupt
        Interrupted; the table of what came until then has been printed.
    """
    with Interrupt() as interrupt, _address(url, demo) as address:
        feed = LiveFeed(address)
        heard = listen(feed, seconds, interrupt)
    if feed.health.connections:
        for label, value, unit in _table(feed, heard):
            print(f"{label:<36}{value:>12}  {unit}".rstrip())
    if heard.interrupted:
        raise KeyboardInterrupt
    problem = _problem(feed, heard, seconds)
    if problem:
        print(f"rugs-lab check: {problem}", file=sys.stderr)
        return 1
    return 0


def listen(feed: LiveFeed, seconds: float, interrupt: Interrupt) -> Heard:
    """Start `feed`, say so, listen for `seconds` or until interrupted, stop it, and return what came."""
    heard = Heard()
    feed.on("signal", heard.signal)
    feed.on("tick", heard.tick)
    feed.start()
    print(f"Listening to {feed.source} for {seconds:g} s ...", flush=True)
    heard.interrupted = interrupt.wait(seconds)
    heard.why = feed.state.reason.removesuffix("; trying again")
    heard.lost = feed.health.disconnections
    began = time.monotonic()
    feed.stop()
    heard.closing_s = time.monotonic() - began
    left = [thread for thread in threading.enumerate() if thread.name == "rugs_lab feed"]
    heard.clean = feed.state == "stopped" and not feed.running and not left
    return heard


@contextmanager
def _address(url: str | None, demo: bool) -> Iterator[str]:
    if not demo:
        yield RUGS_FUN_URL if url is None else url
        return
    from rugs_lab.feed.server.game_server import GameServer

    with GameServer() as server:
        yield server.url


def _table(feed: LiveFeed, heard: Heard) -> Iterator[tuple[str, str, str]]:
    """Rows of label, value and unit."""
    health = feed.health
    gaps_ms = health.gaps_ms
    of = "" if health.messages <= GAPS_KEPT else f" (last {GAPS_KEPT} messages)"
    yield "messages", str(health.messages), "messages"
    if heard.seconds:
        yield "rate", f"{(health.messages - 1) / heard.seconds:.1f}", "messages/s"
    if len(gaps_ms):
        median, p95 = np.percentile(gaps_ms, [50, 95])
        yield f"time between messages, median{of}", f"{median:.0f}", "ms"
        yield f"time between messages, p95{of}", f"{p95:.0f}", "ms"
        yield "time between messages, max", f"{health.start.longest_gap_ms:.0f}", "ms"
    for phase, count in heard.phases.most_common():
        yield f"phase {phase}", str(count), "frames"
    yield "ticks", str(heard.ticks), f"prices, {heard.backfilled} of them back-filled"
    yield "trades", str(health.trades), "events"
    yield "noise (other events)", str(health.noise.total()), "events"
    yield from _most(health.noise, "events")
    yield "rejected", str(health.rejected.total()), "messages"
    yield from _most(health.rejected, "messages")
    yield "connections", str(health.connections), f"made, {heard.lost} of them lost"
    yield "disconnected", f"{heard.closing_s:.2f}", "s, cleanly" if heard.clean else "s, NOT cleanly"


def _most(counts: Counter[str], unit: str) -> Iterator[tuple[str, str, str]]:
    """The most frequent names; they come from the wire, so nothing in them may steer the terminal."""
    for name, count in counts.most_common(_NAMES_SHOWN):
        shown = "".join(letter if letter.isprintable() else "?" for letter in name)
        yield f"  {shown}", str(count), unit
    if len(counts) > _NAMES_SHOWN:
        others = len(counts) - _NAMES_SHOWN
        yield f"  ({others} other names)", str(sum(sorted(counts.values())[:others])), unit


def _problem(feed: LiveFeed, heard: Heard, seconds: float) -> str | None:
    """One sentence that says why the check failed; None if it did not."""
    health = feed.health
    if health.messages == 0 and health.connections == 0:
        return f"no connection to {feed.source} within {seconds:g} s: {heard.why}."
    if health.messages == 0:
        others = health.noise.total() + health.trades + health.rejected.total()
        return (
            f"connected to {feed.source}, but among {others} messages in {seconds:g} s was no usable frame."
        )
    if not heard.clean:
        return f"frames came, but the connection was not closed within {heard.closing_s:.1f} s."
    return None
