"""`ReplayControlsPart`: the controls of a replay, as its page shows and uses them."""

from collections.abc import Hashable
from math import inf
from typing import Any

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.views.page.part_base import Part, Seen

REPLAY_PARTS = ("chart", "controls", "games", "trade", "facts", "health")
"""What a replay may show below its header."""

_MODES = ("autoplay", "loop", "shuffle")


class ReplayControlsPart(Part):
    """Play, pause, seek, speed and choice of game; when `blind`, a game's end is hidden until played."""

    name = "replay_controls"
    lasting = frozenset({"set"})
    bound = frozenset({"seek", "hold"})

    def __init__(self, feed: ReplayFeed, *, blind: bool = False) -> None:
        self._feed = feed
        self._blind = blind
        self.actions = {
            "set": self._set,
            "seek": self._seek,
            "hold": self._hold,
            "next": feed.next,
            "previous": feed.previous,
            "select": lambda position: feed.select(position),
        }

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        feed = self._feed
        return feed.version, feed.tick, feed.frontier()

    def status(self) -> dict[str, Any]:
        """Return what the page shows; ``speed`` None is as fast as it goes, ``last`` None is hidden."""
        feed = self._feed
        frontier, last = feed.frontier(), feed.last_tick
        return {
            "playing": feed.playing,
            "speed": None if feed.speed == inf else feed.speed,
            "tick": feed.tick,
            "last": last if not self._blind or frontier >= last else None,
            "frontier": frontier,
            "position": feed.position,
            "count": feed.count,
            "ended": feed.ended,
            **{name: bool(getattr(feed, name)) for name in _MODES},
        }

    def _set(self, **settings: Any) -> None:
        for name, value in settings.items():
            if name == "speed":
                self._feed.speed = inf if value is None else value
            elif name in ("playing", *_MODES) and isinstance(value, bool):
                setattr(self._feed, name, value)
            else:
                raise ArgumentError(f"a replay has no setting {name}={value!r:.40}")

    def _seek(self, tick: int, seen: Seen) -> None:
        game = self._feed.book.running
        seen.check(None if game is None else game.id)
        self._feed.seek(tick)

    def _hold(self, tick: int, seen: Seen) -> None:
        seen.check()
        self._feed.pause()
        self._seek(tick, seen)
