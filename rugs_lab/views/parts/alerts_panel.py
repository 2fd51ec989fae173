"""`AlertsPart`: the alerts of a feed, each with what met it last; the page may remove them."""

from collections.abc import Hashable
from typing import Any

from rugs_lab.feed.core.feed import Feed
from rugs_lab.views.page.part_base import Part


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
        rows = []
        for each in self._feed.alerts:
            last = "" if each.last is None else f"{each.last.price:.4g}x at tick {each.last.tick}"
            rows.append([each.number, str(each), each.met, last])
        return {"alerts": rows}
