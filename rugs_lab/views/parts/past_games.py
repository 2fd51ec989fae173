"""Past games of a feed: shown instead of the running one or over it (`PastGamesPart`), or behind it."""

from collections.abc import Hashable
from typing import Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.views.page.part_base import Part, finite, path_of

LISTED: Final = 200
"""Past games in the list, the newest first."""

MOST_COMPARED: Final = 6
"""Games drawn over the chart at once; with one more the oldest of them goes."""


class PastGamesPart(Part):
    """Which past games a page shows."""

    name = "past_games"
    lasting = frozenset({"show", "compare"})

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._shown: str | None = None
        self._compared: tuple[str, ...] = ()
        self._changes = 0
        self.actions = {"show": self.show, "compare": self.compare}

    def show(self, game: str | None = None) -> None:
        """Show a past game instead of the running one; None: the running one again."""
        self._shown = None if game is None else str(game)
        self._changes += 1

    def compare(self, game: str, on: bool = True) -> None:
        """Draw a past game over the chart, or no longer."""
        others = tuple(each for each in self._compared if each != game)
        self._compared = (*others, str(game))[-MOST_COMPARED:] if on else others
        self._changes += 1

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        book = self._feed.book
        backfilled = book.backfilled if self._shown or self._compared else 0
        return book.finished_count, self._changes, backfilled

    def status(self) -> dict[str, Any]:
        """Return the list of past games and the paths asked for: prices multipliers, null = missing."""
        games = self._feed.games[-LISTED:]
        return {
            "games": [
                [game.id, finite(game.peak), game.rug_tick if game.rug_tick is not None else len(game) - 1]
                for game in reversed(games)
            ],
            "shown": self._path(self._shown),
            "compared": [path for path in map(self._path, self._compared) if path is not None],
        }

    def _path(self, game_id: str | None) -> dict[str, Any] | None:
        game = None if game_id is None else self._feed.book.get(game_id)
        return None if game is None else path_of(game)


CHOICES: Final = (0, 1, 3, 5)


class GhostsPart(Part):
    """The last finished games of a feed, as the page draws them in grey.

    Every page has the newest of them anyway; paths are sent only when more are wanted.
    """

    name = "ghosts"
    lasting = frozenset({"show"})

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._count = 1
        self.actions = {"show": self.show}

    def show(self, count: int) -> None:
        """Draw so many earlier games."""
        if isinstance(count, bool) or count not in CHOICES:
            raise ArgumentError(f"earlier games to draw: one of {CHOICES}; got {count!r:.40}")
        self._count = count

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        book = self._feed.book
        return self._count, (book.finished_count, book.backfilled) if self._count > 1 else None

    def status(self) -> dict[str, Any]:
        """Return the choice, and the paths, the newest game first: prices multipliers, null = missing."""
        wanted = self._count if self._count > 1 else 0
        games = [game for game in reversed(self._feed.games[-2 * wanted :]) if len(game)] if wanted else []
        return {
            "count": self._count,
            "choices": list(CHOICES),
            "games": [path_of(game) for game in games[:wanted]],
        }
