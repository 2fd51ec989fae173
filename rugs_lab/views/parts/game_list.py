"""`GameListPart`: the list of a replay's games, sorted here, shown to the page some at a time."""

import time
from collections.abc import Callable, Hashable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.recordings.games.games import Games
from rugs_lab.views.page.part_base import Part, finite

ROWS: Final = 50
"""Games shown at once."""

MOST_LISTED: Final = 50_000
"""More games than that are not listed: their lengths would all have to be computed first."""

STAY_S: Final = 10.0
"""As long as the reader's page stays after they turned it or sorted, whatever game begins, seconds."""

COLUMNS: Final = ("position", "id", "ticks", "peak", "status")


class GameListPart(Part):
    """The playlist by number, id, length, peak or damage.

    When another game begins, the page that it is on is shown, unless the reader has just chosen one.
    """

    name = "game_list"
    lasting = frozenset({"sort", "turn", "show"})

    def __init__(
        self, feed: ReplayFeed, games: Games, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._feed = feed
        self._games = games
        self._by, self._descending = "position", False
        self._offset = 0
        self._changes = 0
        self._order: NDArray[np.int64] = np.arange(len(games))
        self._clock = clock
        self._stays_until_s = -np.inf
        self._position = -1
        self.actions = {"sort": self.sort, "turn": self.turn, "show": self.show}

    def sort(self, by: str, descending: bool = False) -> None:
        """Sort by one of `COLUMNS`; absent values come last."""
        if by not in COLUMNS:
            raise ArgumentError(f"games are sorted by one of {', '.join(COLUMNS)}; got {by!r:.40}")
        if by == "position":
            order = np.arange(len(self._games))[:: -1 if descending else 1]
        else:
            column = self._games.frame[by if by != "id" else "status"].reset_index()[by]
            sorted_ = column.sort_values(ascending=not descending, kind="stable", na_position="last")
            order = sorted_.index.to_numpy(np.int64)
        self._order, self._by, self._descending = order, by, bool(descending)
        self._go_to(0)

    def turn(self, pages: int) -> None:
        """Show the games some pages further on."""
        last = max(len(self._games) - 1, 0) // ROWS * ROWS
        self._go_to(min(max(self._offset + int(pages) * ROWS, 0), last))

    def show(self) -> None:
        """Show the page with the game that is played."""
        self._go_to(self._here, stay_s=-np.inf)

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        self._follow()
        return self._changes

    def _go_to(self, offset: int, stay_s: float = STAY_S) -> None:
        """Show a page that the reader chose."""
        self._offset = offset
        self._stays_until_s = self._clock() + stay_s
        self._changes += 1

    @property
    def _here(self) -> int:
        """The offset of the page with the game that is played."""
        return int(np.argmax(self._order == self._feed.position)) // ROWS * ROWS

    def _follow(self) -> None:
        """Go to the page of a game that was begun."""
        position = self._feed.position
        if position == self._position:
            return
        self._position = position
        self._changes += 1
        if self._clock() >= self._stays_until_s:
            self._offset = self._here

    def status(self) -> dict[str, Any]:
        """Return the games shown: position, id, length in ticks, peak (a multiplier), status.

        ``here`` is the offset of the page with the game that is played.
        """
        self._follow()
        rows = []
        for position in self._order[self._offset : self._offset + ROWS].tolist():
            game = self._games[position]
            ticks = game.rug_tick if game.rug_tick is not None else max(len(game) - 1, 0)
            rows.append([position, game.id, ticks, finite(game.peak), game.status])
        return {
            "rows": rows,
            "offset": self._offset,
            "here": self._here,
            "total": len(self._games),
            "size": ROWS,
            "by": self._by,
            "descending": self._descending,
        }
