"""Games for the engines, some thousand at a time, so that a million synthetic ones need not be held."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games

GamesLike = Games | Game | Iterable[Game]

BATCH: Final = 4096
"""Games of a batch: a chunk of synthetic ones, a row group of a catalogue."""


class Batch(NamedTuple):
    """Some consecutive games, read-only; game ``first + i`` has ``flat[offsets[i]:offsets[i + 1]]``.

    `flat` and `rug_prices` are float64, NaN where not known; `offsets` and `ends` (the rug tick, or the
    number of ticks where it is not known) int64.
    """

    first: int
    flat: NDArray[np.float64]
    offsets: NDArray[np.int64]
    ends: NDArray[np.int64]
    rug_prices: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ends)


def spans(count: int, size: int = BATCH) -> list[tuple[int, int]]:
    """Return begin and end of each batch."""
    return [(begin, min(begin + size, count)) for begin in range(0, count, size)]


def batch_of(games: Games, begin: int, end: int) -> Batch:
    """Return the games at positions `begin` to ``end - 1``; only their prices are touched."""
    some = games if (begin, end) == (0, len(games)) else games[begin:end]
    flat, offsets = read_only(some.prices), read_only(some.offsets)
    rug_ticks = some.rug_ticks.astype(np.int64)
    lengths = np.diff(offsets)
    known = (rug_ticks >= 0) & (rug_ticks < lengths)
    rug_prices = np.full(len(lengths), np.nan)
    rug_prices[known] = flat[offsets[:-1][known] + rug_ticks[known]]
    rug_prices[~(rug_prices > 0)] = np.nan
    ends = np.where(rug_ticks >= 0, np.minimum(rug_ticks, lengths), lengths)
    return Batch(begin, flat, offsets, ends, rug_prices)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array that nothing writes to any more, marked so."""
    view = array.view()
    view.flags.writeable = False
    return view


def batches(games: Games, count: int, size: int = BATCH) -> Iterator[Batch]:
    """Yield the first `count` games, batch by batch."""
    for begin, end in spans(count, size):
        yield batch_of(games, begin, end)


def as_games(games: GamesLike) -> Games:
    """Return games as `Games`."""
    if isinstance(games, Games):
        return games
    if isinstance(games, Game):
        return Games([games])
    found = list(games) if isinstance(games, Iterable) and not isinstance(games, str) else [games]
    strange = [each for each in found if not isinstance(each, Game)]
    if strange:
        raise ArgumentError(
            "games are what load(), sample() or synthetic() return, or Game values; "
            f"got {type(strange[0]).__name__}"
        )
    return Games(found)
