"""`OwnLinesPart`: lines that the reader computes from the prices so far, drawn over the price path."""

from collections.abc import Callable, Hashable
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.errors import ArgumentError, raised
from rugs_lab.feed.core.feed import Feed
from rugs_lab.views.page.background_worker import Worker
from rugs_lab.views.page.part_base import Part, finite

Call = Callable[[NDArray[np.float64]], ArrayLike]

MOST_LINES: Final = 6


class OwnLinesPart(Part):
    """The lines of a view; what a function raises ends its line."""

    name = "own_lines"

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._calls: dict[str, Call] = {}
        self._troubles: dict[str, str] = {}
        self._drawn: tuple[str, dict[str, list[float | None]]] = ("", {})
        self._worker = Worker(self._compute, "lines")
        self._seen: Hashable = None
        self._changes = 0

    def draw(self, name: str, call: Call | None) -> None:
        """Draw a line from now on, in place of the one of that name; None: no longer."""
        if not isinstance(name, str) or not 0 < len(name) <= 40:
            raise ArgumentError(f"a line has a name of 1 to 40 characters; got {name!r:.60}")
        if call is not None and not callable(call):
            raise ArgumentError(f"line {name!r} needs a function of the prices so far; got {call!r:.60}")
        others = {each: known for each, known in self._calls.items() if each != name}
        if call is not None and len(others) == MOST_LINES:
            raise ArgumentError(f"at most {MOST_LINES} lines at once; view.line(name, None) removes one")
        self._calls = others if call is None else {**others, name: call}
        self._troubles.pop(name, None)
        self._changes += 1

    def version(self) -> Hashable:
        """Return what `status` depends on; what is new is computed meanwhile."""
        game = self._feed.book.running
        seen = game is None or (self._changes, game.id, len(game), self._feed.book.revision)
        if self._calls and seen != self._seen:
            self._worker.put(None)
        self._seen = seen
        return self._changes, self._worker.done

    def status(self) -> dict[str, Any]:
        """Return the lines in the running game: names, values by tick (null: none), what ended them."""
        game, values = self._drawn
        lines = [[name, values.get(name, []), self._troubles.get(name, "")] for name in self._calls]
        return {"game": game, "lines": lines}

    def _compute(self, _: None) -> None:
        game = self._feed.book.running
        if game is None:
            return
        values = dict(self._drawn[1]) if self._drawn[0] == game.id else {}
        for name, call in self._calls.items():
            if name in self._troubles:
                continue
            prices = game.prices.copy()  # its own, whatever it does to the flag
            prices.flags.writeable = False
            try:
                if (made := call(prices)) is None:
                    raise TypeError("returned None; NaN draws nothing")
                made = np.broadcast_to(np.asarray(made, np.float64), len(game))
                values[name] = [finite(float(f"{value:.6g}")) for value in made.tolist()]
            except BaseException as error:  # sys.exit(), too
                words = f"ended at tick {len(game) - 1}: {raised(error)}"
                if self._calls.get(name) is call:
                    self._troubles[name] = words[:200]
        self._drawn = (game.id, values)
