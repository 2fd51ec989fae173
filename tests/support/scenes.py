"""Feeds in states worth a picture, with plausible times between messages; `take_screenshots` shows them."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

NAMES = ("midgame", "rug", "presale", "disconnected")
LENGTHS = (143, 61, 318, 24, 209, 97, 12, 174)
MIDGAME = 187


def scene(make_feed: Any, name: str) -> Any:
    """Return a feed in the state `name`; its last frame came just now, or it goes on."""
    rehearsal = Clock(0)
    play(make_feed(seed=21).start(), name, rehearsal)
    feed = play(make_feed(seed=21).start(), name, Clock(time.time_ns() - rehearsal.now_ns))
    feed.now_ns = None
    if name == "midgame":
        feed.pump(4)
    return feed


def play(feed: Any, name: str, clock: Clock) -> Any:
    """Play some games and then the beginning of one."""
    feed.now_ns = clock
    for length in LENGTHS:
        clock.mean_ms = 100
        for remaining_ms in range(2_000, 0, -100):
            feed.cooldown(remaining_ms)
        clock.mean_ms = 250
        for number in range(length):
            feed.tick(heard=number % 41 != 40)
        feed.rug()
        if name != "rug" or length != LENGTHS[-1]:
            feed.begin()
    clock.mean_ms = 100
    if name == "presale":
        for remaining_ms in range(15_000, 6_300, -100):
            feed.cooldown(remaining_ms)
    elif name != "rug":
        for remaining_ms in range(3_000, 0, -100):
            feed.cooldown(remaining_ms)
        clock.mean_ms = 250
        for number in range(MIDGAME):
            feed.tick(heard=number not in (60, 61, 118))
    if name == "disconnected":
        feed.lose("the connection was lost (transport error); trying again")
    return feed


class Clock:
    """Time that passes with each frame: mostly even, with late frames and bursts as on the real feed."""

    def __init__(self, began_ns: int) -> None:
        self.now_ns = began_ns
        self.mean_ms = 250.0
        self._rng = np.random.default_rng(5)

    def __call__(self) -> int:
        even = self._rng.random() < 0.93
        factor = self._rng.normal(1, 0.06) if even else self._rng.uniform(0.05, 2.4)
        self.now_ns += int(max(factor * self.mean_ms, 1.0) * 1e6)
        return self.now_ns
