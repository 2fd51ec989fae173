"""`TradeTapePart`: the tape of broadcast trades, as its page shows it; at most four times a second.

Trades come late (0 to 8 ticks), so they are at their tick and not in order of arrival, each with how late
it came. Practice trades are shown, marked, and counted apart.
"""

from collections.abc import Hashable
from typing import Any, Final

from rugs_lab.feed.core.feed import Feed
from rugs_lab.game.trade import Trade
from rugs_lab.views.page.part_base import Part, Throttle

SHOWN: Final = 40
"""The newest so many; ``feed.trades`` has 5,000."""

EVERY_S: Final = 0.25


class TradeTapePart(Part):
    """The newest broadcast trades of a feed."""

    name = "trade_tape"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._counts = Throttle(lambda: (feed.health.trades, feed.epoch), EVERY_S)

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return self._counts.now()

    def status(self) -> dict[str, Any]:
        """Return the rows, the newest tick first: game, tick, kind, SOL, price (x), who, practice, late."""
        rows: list[list[Any]] = []
        for each in _by_tick(list(self._feed.recent_trades)[-SHOWN:]):
            name = each.username if each.username is not None else each.player_id
            what = [each.game_id, each.tick, each.type, each.amount_sol, each.price]
            rows.append([*what, name, each.practice, each.late_ticks])
        health = self._feed.health
        return {"rows": rows, "trades": health.trades, "practice": health.practice_trades}


def _by_tick(heard: list[Trade]) -> list[Trade]:
    """Order trades by game (the one received last first) and tick; of one tick the newest arrival first."""
    last = {each.game_id: place for place, each in enumerate(heard)}
    newest_first = heard[::-1]
    return sorted(newest_first, key=lambda each: (-last[each.game_id], -each.tick))
