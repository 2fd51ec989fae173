"""`LeaderboardPart`: the leaderboard of a feed, as its page shows it; at most twice a second."""

from collections.abc import Hashable
from typing import Any, Final

from rugs_lab.feed.core.feed import Feed
from rugs_lab.views.page.part_base import Part, Throttle, finite

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
        rows = []
        for each in self._standings.now() or ():
            name = each.username if each.username is not None else each.player_id
            cost = each.average_cost if each.units else None
            money = map(finite, (each.pnl_sol, each.pnl_percent, each.units, cost))
            rows.append([each.position, name, *money, each.has_sidebet, each.practice])
        return {"rows": rows}
