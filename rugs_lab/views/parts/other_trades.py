"""`OtherTradesPart`: what other people were seen to trade in the running game, for marks on the chart.

Only 5 to 13 % of all trades are broadcast, up to eight ticks late; they are placed by
their tick. Practice trades are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rugs_lab.views.page.part_base import Part

if TYPE_CHECKING:
    from collections.abc import Hashable

    from rugs_lab.feed.core.feed import Feed

SHOWN: Final = 300
"""The newest so many of a game."""


class OtherTradesPart(Part):
    """The broadcast trades of the running game."""

    name = "other_trades"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        feed = self._feed
        return feed.health.trades, feed.tracker.game_id

    def status(self) -> dict[str, Any]:
        """Return the trades as lists: ticks, prices (multipliers), kinds."""
        game = self._feed.book.running
        trades = () if game is None else game.recorded_trades
        shown = [each for each in trades if each.practice is False and each.price is not None][-SHOWN:]
        return {
            "game": None if game is None else game.id,
            "ticks": [each.tick for each in shown],
            "prices": [each.price for each in shown],
            "kinds": [each.type for each in shown],
        }
