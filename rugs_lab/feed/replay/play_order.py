"""`PlayOrder`: which position of a playlist follows which."""

from collections.abc import Sequence

import numpy as np


class PlayOrder:
    """The order in which `count` games are played: as it is, or shuffled by `seed` (None: a fresh one)."""

    def __init__(self, count: int, seed: int | None = None) -> None:
        self._count = count
        self._rng = np.random.default_rng(seed)
        self.shuffled = False
        self._positions: Sequence[int] = range(count)
        self._places: Sequence[int] = range(count)

    @property
    def first(self) -> int:
        """The position that is played first."""
        return self._positions[0]

    def shuffle(self, first: int | None = None) -> None:
        """Take a new permutation, with a certain position first where one is given."""
        positions = self._rng.permutation(self._count)
        if first is not None:
            place = int(np.flatnonzero(positions == first)[0])
            positions[place], positions[0] = positions[0], positions[place]
        places = np.empty_like(positions)
        places[positions] = np.arange(self._count)
        self._positions, self._places = positions.tolist(), places.tolist()
        self.shuffled = True

    def straighten(self) -> None:
        """Play in the order of the playlist."""
        self._positions = self._places = range(self._count)
        self.shuffled = False

    def left(self, position: int) -> int:
        """Return how many positions there are from this one to the end."""
        return self._count - self._places[position]

    def neighbour(self, position: int, by: int, *, loop: bool) -> int | None:
        """Return the position `by` places further on (back where negative); None beyond the ends."""
        place = self._places[position] + by
        if not loop and not 0 <= place < self._count:
            return None
        return self._positions[place % self._count]
