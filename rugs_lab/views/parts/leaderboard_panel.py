"""`LeaderboardPart`: the leaderboard of a feed, as its page shows it; at most twice a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rugs_lab.views.page.part_base import Part, finite
from rugs_lab.views.page.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rugs_lab.feed.core.feed import Feed

EVERY_S: Final = 0.5


class LeaderboardPart(Part):
    """The newest leaderboard, which lags one tick behind the price."""

    name = "leaderboard"

    def __init__(self, feed: Feed) -> None:
        self._standings = Throttle(lambda: feed.standings, EVERY_S)

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return self._standings.now()

    def status(self) -> dict[str, Any]:
        """Return the rows: place, name, profit (SOL), profit (%), units, average cost (x), bet, practice."""
        return {
            "rows": [
                [
                    each.position,
                    each.username if each.username is not None else each.player_id,
                    finite(each.pnl_sol),
                    finite(each.pnl_percent),
                    finite(each.units),
                    finite(each.average_cost) if each.units else None,
                    each.has_sidebet,
                    each.practice,
                ]
                for each in self._standings.now() or ()
            ]
        }
