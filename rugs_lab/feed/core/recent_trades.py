"""`RecentTrades`: the newest broadcast trades, each with how late it was received.

The server broadcasts a trade 0 to 8 ticks after its fill (PROTOCOL section 9). How late is counted in ticks,
against the newest tick known of its game at that time: there is no other clock that both share.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from rugs_lab.game.trade import Trade

KEPT: Final = 5_000


class RecentTrade(NamedTuple):
    """A trade as it was received.

    Attributes
    ----------
    trade
        What was broadcast.
    late_ticks
        Newest tick of its game at that time, minus its own tick; None when its game was not the running one.
    """

    trade: Trade
    late_ticks: int | None


class RecentTrades:
    """The newest 5,000, oldest first; safe to read while one thread adds."""

    def __init__(self) -> None:
        self._trades: deque[RecentTrade] = deque(maxlen=KEPT)

    def add(self, trade: Trade, late_ticks: int | None) -> None:
        """Note a trade."""
        self._trades.append(RecentTrade(trade, late_ticks))

    def newest(self, count: int = KEPT) -> list[RecentTrade]:
        """Return the newest so many in order of arrival."""
        return list(self._trades)[-count:]

    def forget(self, game_ids: Collection[str]) -> None:
        """Forget the trades of these games."""
        kept = [each for each in self._trades if each.trade.game_id not in game_ids]
        self._trades.clear()
        self._trades.extend(kept)
