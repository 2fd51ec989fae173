"""`AlertsPart`: the alerts of a feed, each with what met it last; the page may remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rugs_lab.views.page.part_base import Part

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.recordings.assembly.game_assembly import Tick


class AlertsPart(Part):
    """What `Feed.alert` made."""

    name = "alerts"
    lasting = frozenset({"remove"})

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.actions = {"remove": self.remove}

    def remove(self, alert: int) -> None:
        """Remove one, by its number."""
        for each in self._feed.alerts:
            if each.number == alert:
                each.remove()

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return tuple((each.number, each.met) for each in self._feed.alerts)

    def status(self) -> dict[str, Any]:
        """Return each alert: number, words, in how many games it was met, what met it last; empty: none."""
        return {
            "alerts": [[each.number, str(each), each.met, _words(each.last)] for each in self._feed.alerts]
        }


def _words(tick: Tick | None) -> str:
    return "" if tick is None else f"{tick.price:.4g}x at tick {tick.tick}"
