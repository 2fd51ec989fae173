"""`GhostsPart`: how many earlier games are drawn behind the running one, and their paths."""

from collections.abc import Hashable
from typing import Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.views.page.part_base import Part, path_of

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
