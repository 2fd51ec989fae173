"""A live view without a page: a hub turned by hand, a clock, and what was sent."""

from __future__ import annotations

import time

from rugs_lab.views.cells.live_view import LiveView
from tests.support.scripted_feed import ScriptedFeed

DEADLINE_S = 10.0


def until(condition):
    """Await what another thread does."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


class HandHub:
    """A hub that a test turns by hand."""

    def __init__(self):
        self.views = ()
        self.wakes = 0

    def add(self, view):
        self.views += (view,)

    def remove(self, view):
        self.views = tuple(other for other in self.views if other is not view)

    def wake(self):
        self.wakes += 1

    def news(self):
        """Have it told of something new; it is turned by hand anyway."""


class Desk:
    """A view, its hub, its clock, and what it sent."""

    def __init__(self, feed=None, **options):
        self.now = 100.0
        self.hub = HandHub()
        self.feed = feed or ScriptedFeed(maxlen=500).start()
        self.view = LiveView(
            self.feed, hub=self.hub, clock=lambda: self.now, now_ns=lambda: int(self.now * 1e9), **options
        )
        self.sent = []
        self.view.send = lambda content, buffers=None: self.sent.append((content, buffers))

    def turn(self, seconds=0.05):
        """Let the hub go round once; return the kinds of messages sent."""
        self.now += seconds
        before = len(self.sent)
        if self.view.wanted(self.now):
            self.view.refresh(self.now)
        return [content["kind"] for content, _ in self.sent[before:]]

    def hear(self, kind, **more):
        self.view._received(self.view, {"kind": kind, "seq": self.view._stream.numbers.newest, **more}, [])

    @property
    def status(self):
        """What the page was told of the feed last."""
        return next(content["status"] for content, _ in reversed(self.sent) if content.get("status"))
