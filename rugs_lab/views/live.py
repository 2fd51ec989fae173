"""The live cell: an anywidget whose page draws with BokehJS, and which the hub feeds.

One `LiveView` is one reader of one feed. The page says hello, pings, and sends commands; the handler only
takes notes under a lock, because it may run on any thread, and the hub answers. What may take seconds,
starting and stopping the feed or its recording, happens on threads of their own (`Switch`).
"""

from __future__ import annotations

import threading
import time
from inspect import getdoc
from typing import TYPE_CHECKING, Final

from anywidget import AnyWidget

from rugs_lab.errors import FeedError
from rugs_lab.views import assets
from rugs_lab.views.busy import shell
from rugs_lab.views.figures import PRICE_HEIGHT
from rugs_lab.views.hub import Hub
from rugs_lab.views.hub import hub as kernel_hub
from rugs_lab.views.parts import Commands
from rugs_lab.views.stream import Stream
from rugs_lab.views.switch import Switch
from rugs_lab.views.tape import RECORD_TO, checked_folder, tape_of
from rugs_lab.views.trade import TradePart

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from os import PathLike

    import pandas as pd

    from rugs_lab.feed.base import Feed
    from rugs_lab.strategy.paper import Paper
    from rugs_lab.views.parts import Part
    from rugs_lab.views.stream import Message

EXPIRE_S: Final = 30.0
"""A page that was not heard for this long, the kernel being free to hear it, has gone."""

MAX_LAG: Final = 400
"""Messages a page may be behind (20 s) before it is left alone until it answers, and then gets a snapshot."""

GRACE_S: Final = 10.0
"""Time for the pages to be heard again after a busy cell, in seconds."""

UNASKED_S: Final = (0.5, 2.0, 6.0)
"""When BokehJS is sent to a page that cannot ask for it because the kernel is busy, in seconds."""


class LiveView(AnyWidget):
    """The live cell of one feed; displays itself. Made by `rugs_lab.watch`.

    Parameters
    ----------
    feed
        Read only: its ring, book, games, state and metrics; started, stopped and recorded when the reader
        asks. One that cannot be recorded has no record button.
    height
        Height of the price chart in CSS pixels.
    record_to
        Folder of the record button; relative to the working directory as it is now.
    parts
        What the page shows beside the feed, and may ask for.
    recordable
        Whether there is a record button.
    owns_feed
        Whether closing the view stops the feed.
    cell, run, name
        Where it was made and what it is called; `rugs_lab.watch` uses them to find its predecessor.
    hub, clock, now_ns
        For tests.
    """

    def __init__(
        self,
        feed: Feed,
        *,
        height: int = PRICE_HEIGHT,
        record_to: str | PathLike[str] = RECORD_TO,
        parts: Sequence[Part] = (),
        recordable: bool = True,
        owns_feed: bool = False,
        cell: str | None = None,
        run: str | None = None,
        name: str | None = None,
        hub: Hub = kernel_hub,
        clock: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.feed = feed
        self.name, self.cell, self.run = name, cell, run
        self.height = height
        self.record_to = checked_folder(record_to)
        self.error: Exception | None = None
        self._owns_feed = owns_feed
        self._hub = hub
        self._clock = clock
        self._lock = threading.Lock()
        self._tape = tape_of(feed, self.record_to) if recordable else None
        self._parts = tuple(parts)
        self._commands = Commands(self._parts)
        self._stream = Stream(feed, now_ns, self._tape, (*self._parts, self._commands))
        self._switch = Switch(lambda live: feed.start() if live else feed.stop())
        self._viewer = Viewer(clock())
        self._requests: list[str] = ["setup"]
        self._pong: int | None = None
        self._closed = False
        self._esm = assets.script()
        self._css = assets.style()
        super().__init__()
        type(self).__doc__ = getdoc(type(self))  # it is of a class without one now, made for its traits
        self.on_msg(self._heard)
        shell.watch()
        hub.add(self)

    @property
    def frame(self) -> pd.DataFrame:
        """The data behind the picture: ``feed.frame``."""
        return self.feed.frame

    @property
    def paper(self) -> Paper:
        """The feed's paper account that is traded by hand here, made when it is first asked for.

        Its frames: ``ledger``, ``trades``, ``equity``, ``orders``, ``demonstrations``.
        """
        for part in self._parts:
            if isinstance(part, TradePart):
                return part.paper
        raise FeedError("this view has no trading panel: make it with rl.watch(feed) or rl.replay(games)")

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Remove the view from the hub and from the page, and free its comm; again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._hub.remove(self)
        self.on_msg(self._heard, remove=True)
        super().close()
        if self._owns_feed:
            self._switch.set(False)

    def wanted(self, now_s: float) -> bool:
        """Say whether a page is looking (called by the hub)."""
        with self._lock:
            return not self._closed and self._viewer.present(now_s, shell.busy_since, shell.idle_since)

    def refresh(self, now_s: float) -> None:
        """Send what is new (called by the hub)."""
        with self._lock:
            requests, self._requests = self._requests, []
            more = self._answers()
            if self._viewer.mute(now_s, shell.busy_since) and "setup" not in requests:
                requests.append("bokeh")
            behind = self._viewer.behind(now_s, self._stream.seq, shell.busy_since, shell.idle_since)
        if "setup" in requests:
            self.send(assets.setup(self.feed.maxlen, self.height, [part.name for part in self._parts]))
        if "bokeh" in requests:
            self.send({"kind": "bokeh"}, [assets.bokeh_script()])
        if "snapshot" in requests:
            self._stream.restart()
        if behind and not more:
            self._stream.restart()
            return
        made = self._stream.next(now_s, **more)
        if made is not None and not self._closed:
            self.send(made[0], [made[1]])

    def _answers(self) -> Message:
        """Return what the page waits for: its ping's number, and the last commands carried out."""
        switches = {"done": self._switch}
        if self._tape is not None:
            switches["record_done"] = self._tape.switch
        news = [switch.news() for switch in switches.values()]
        if any(news):
            self._stream.look_again()  # the new state goes with the word that the command was carried out
        answers: Message = {}
        if self._pong is not None:
            answers["pong"] = self._pong
            self._pong = None
        if answers or any(news):
            answers |= {name: switch.told for name, switch in switches.items()}
        return answers

    def failed(self, error: Exception) -> None:
        """Say in the page that the view stopped (called by the hub)."""
        self.error = error
        if not self._closed:
            self.send({"kind": "failed", "reason": f"{type(error).__name__}: {error}"})

    def _heard(self, _widget: object, content: Message, _buffers: object) -> None:
        """Take a note of what the page says; any thread."""
        kind = content.get("kind")
        with self._lock:
            returned = self._viewer.hear(self._clock(), content.get("seq"))
            if kind == "bye":
                self._viewer.leave()
            elif kind == "hello":
                self._requests += ["setup", "snapshot"]
            elif kind == "bokeh" or kind == "snapshot":
                self._requests.append(kind)
            elif kind == "ping":
                self._pong = _whole(content.get("id"))
                if returned:
                    self._requests.append("snapshot")
            elif kind == "live" and isinstance(content.get("live"), bool):
                self._switch.set(content["live"], _whole(content.get("id")) or 0)
            elif kind == "record" and isinstance(content.get("on"), bool) and self._tape is not None:
                self._tape.switch.set(content["on"], _whole(content.get("id")) or 0)
            elif kind == "do":
                self._commands.put(content.get("name"), content.get("args"), _whole(content.get("id")) or 0)
        self._hub.wake()

    def __repr__(self) -> str:
        name = f"{self.name!r}, " if self.name else ""
        state = self.feed.state
        words = f"{state} ({state.reason})" if state.reason else str(state)
        return f"<LiveView {name}{'closed' if self._closed else words}, {self.feed.ring.cursor} frames>"


class Viewer:
    """What is known of the pages that look at a view. Not locked: the view's lock is.

    A page is presumed from the beginning, so that a cell that goes on running after showing the view gets its
    picture at once. While the shell is busy no page can be heard, so none is given up then.
    """

    def __init__(self, now_s: float) -> None:
        self.since = now_s
        self.heard = False
        self._last_s: float | None = now_s
        self._acknowledged = 0
        self._unasked = list(UNASKED_S)

    def present(self, now_s: float, busy_since: float | None, idle_since: float) -> bool:
        """Say whether somebody is looking."""
        if self._last_s is None:
            return False
        return busy_since is not None or now_s - max(self._last_s, idle_since) <= EXPIRE_S

    def hear(self, now_s: float, seq: object) -> bool:
        """Take note of a sign of life; return True if the page had been given up."""
        returned = self._last_s is None or now_s - self._last_s > EXPIRE_S
        self.heard = True
        self._last_s = now_s
        number = _whole(seq)
        if number is not None:
            self._acknowledged = number
        return returned

    def mute(self, now_s: float, busy_since: float | None) -> bool:
        """Say, three times in all, that it could not yet ask for anything because the shell is busy."""
        if self.heard or busy_since is None or not self._unasked or now_s - self.since < self._unasked[0]:
            return False
        del self._unasked[0]
        return True

    def leave(self) -> None:
        """The last page said good-bye."""
        self._last_s = None

    def behind(self, now_s: float, seq: int, busy_since: float | None, idle_since: float) -> bool:
        """Say whether too much is under way to it; a busy shell cannot hear how much has arrived."""
        if not self.heard or busy_since is not None or now_s - idle_since < GRACE_S:
            return False
        return seq - self._acknowledged > MAX_LAG


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
