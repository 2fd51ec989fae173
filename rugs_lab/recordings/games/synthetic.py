"""`synthetic`: any number of games of the published price process, made when they are needed.

Game number ``i`` of a seed depends on the seed and on ``i`` alone: neither on how many games are asked for,
nor on chunks, nor on threads. Two ways: ``exact`` plays the server's own generator from a fresh server seed,
so every game can be verified; ``statistical`` draws from the same price process with a faster generator.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import MAX_TICKS
from rugs_lab.game.price_process import VERSIONS
from rugs_lab.progress import Made, T, in_threads
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.game_stores import ArrayStore, Details, Prices, join, offsets_of
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import GameColumns
from rugs_lab.recordings.games.seed_prices import CHUNK, MEAN_PRICES, play_games

METHODS: Final = ("exact", "statistical")
_DAY: Final = "20000101"
_KEPT_CHUNKS: Final = 4


def synthetic(
    n: int, seed: int | None = None, *, method: str = "exact", version: str = "v3", threads: int | None = None
) -> Games:
    """Generate `n` games of the published price process lazily, from fresh server seeds.

    Parameters
    ----------
    n
        Games.
    seed
        A whole number from 0 to 2**64 - 1 makes them reproducible; None: fresh ones.
    method
        ``"exact"``: every game is played from a server seed of its own with the server's generator and can
        be verified. ``"statistical"``: the same distribution with a faster generator; nothing to verify.
    version
        ``"v3"``, ``"v2"`` or ``"v1"``.
    threads
        How many chunks are made at once; the number of cores by default. The games do not depend on it.

    Returns
    -------
    Games
        Dated 2000-01-01, long before the game existed. Their `file` says which method made them.

    Raises
    ------
    ArgumentError
        A number or name that is not allowed.

    Examples
    --------
    >>> games = synthetic(1000, seed=7)
    >>> len(games), games[0].verified, games[0].file
    (1000, True, 'synthetic exact, seed 7')
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ArgumentError(f"n must be an integer >= 0; got {n!r}")
    if seed is None:
        seed = secrets.randbits(64)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**64:
        raise ArgumentError(f"seed must be a whole number from 0 to 2**64 - 1; got {seed!r}")
    if method not in METHODS:
        raise ArgumentError(f"method must be one of {', '.join(METHODS)}; got {method!r}")
    if version not in VERSIONS:
        raise ArgumentError(f"version must be one of {', '.join(VERSIONS)}; got {version!r}")
    return Games.from_stores(SyntheticStore(n, seed, method, version, threads or os.cpu_count() or 1))


class SyntheticStore:
    """A `rugs_lab.recordings.games.game_stores.Store` whose games are made chunk by chunk when needed."""

    every_game_has_ticks: Final = True
    parallel = True

    def __init__(self, count: int, seed: int, method: str, version: str, threads: int) -> None:
        self._count = count
        self._seed = seed
        self._method = method
        self._version = version
        self._threads = threads
        self._columns: GameColumns | None = None
        self.chunk = lru_cache(_KEPT_CHUNKS)(self._make)

    def __len__(self) -> int:
        return self._count

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the parameters, not the games."""
        return SyntheticStore, (self._count, self._seed, self._method, self._version, self._threads)

    def ids(self, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        """Return the ids."""
        return _ids(self._seed, self._method, self._rows(rows))

    def columns(self, rows: NDArray[np.int64] | None) -> GameColumns:
        """Make these games; the columns of all games are kept."""
        if self._columns is None and rows is not None:
            some = self._in_threads(self._some_columns, _by_chunk(rows))
            return GameColumns.join(some or [self._columns_of(0).take(rows)])
        if self._columns is None:
            chunks = range(max(1, -(-self._count // CHUNK)))
            self._columns = GameColumns.join(self._in_threads(self._columns_of, chunks))
        return self._columns if rows is None else self._columns.take(rows)

    def prices(self, rows: NDArray[np.int64] | None) -> Prices:
        """Make the prices of these games; they take 1.6 kB a game."""
        wanted = self._rows(rows)
        if not len(wanted):
            return Prices(np.empty(0), offsets_of([]), None)
        return join(self._in_threads(self._some, _by_chunk(wanted)))

    def rugs(self, rows: NDArray[np.int64] | None) -> NDArray[np.int32]:
        """Make these games, unless their chunk is one of the last few."""
        if rows is None and self._columns is not None:
            return self._columns.rug_tick
        parts = [self.chunk(int(some[0]) // CHUNK).rugs(some % CHUNK) for some in _by_chunk(self._rows(rows))]
        return np.concatenate(parts) if parts else np.empty(0, np.int32)

    def details(self, rows: NDArray[np.int64] | None, *, messages: bool = False) -> Sequence[Details]:
        """Return nothing for each game: there are no trades."""
        return [Details()] * len(self._rows(rows))

    def game(self, row: int) -> Game:
        """Return one game as a value."""
        return self.chunk(row // CHUNK).game(row % CHUNK)

    def _in_threads(self, make: Callable[[T], Made], chunks: Iterable[T]) -> list[Made]:
        return in_threads(make, chunks, self._threads, "making games", "chunks")

    def _rows(self, rows: NDArray[np.int64] | None) -> NDArray[np.int64]:
        return np.arange(self._count) if rows is None else rows

    def _columns_of(self, number: int) -> GameColumns:
        return self._make(number).columns(None)

    def _some_columns(self, rows: NDArray[np.int64]) -> GameColumns:
        return self._columns_of(int(rows[0]) // CHUNK).take(rows % CHUNK)

    def _some(self, rows: NDArray[np.int64]) -> Prices:
        return self.chunk(int(rows[0]) // CHUNK).prices(rows % CHUNK)

    def _make(self, number: int) -> ArrayStore:
        first = number * CHUNK
        rows = np.arange(first, min(first + CHUNK, self._count))
        ids = _ids(self._seed, self._method, rows)
        version = VERSIONS.index(self._version) + 1
        seeds = None
        if self._method == "exact":
            seeds = _hex(_words(self._seed, rows, 2, 4), "")
            prices = Prices(*play_games(seeds.tolist(), ids.tolist(), self._version))
        else:
            prices = _sample(self._seed, first, len(rows), version)
        lengths = np.diff(prices.offsets)
        file = np.full(len(rows), f"synthetic {self._method}, seed {self._seed}", object)
        return ArrayStore(
            ids,
            prices.flat,
            prices.offsets,
            np.where(lengths <= MAX_TICKS, lengths - 1, -1).astype(np.int32),
            server_seeds=seeds,
            versions=np.full(len(rows), self._version, object),
            files=file,
        )


def _by_chunk(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    if len(rows):
        yield from np.split(rows, np.flatnonzero(np.diff(rows // CHUNK)) + 1)


def _sample(seed: int, first: int, games: int, version: int) -> Prices:
    from rugs_lab.game import compiled_process as kernel

    parts: list[Prices] = []
    done = 0
    while done < games or not parts:
        out = np.empty((games - done) * MEAN_PRICES + kernel.GAME_ROOM)
        offsets = np.zeros(games - done + 1, np.int64)
        made = kernel.sample_games(np.uint64(seed), first + done, games - done, version, out, offsets)
        parts.append(Prices(out[: offsets[made]], offsets[: made + 1], None))
        done += made
    return join(parts)


def _words(seed: int, rows: NDArray[np.int64], salt: int, count: int) -> NDArray[np.uint64]:
    """Return `count` random words for each row, which depend on seed, salt and row alone."""
    golden, wide = np.uint64(0x9E3779B97F4A7C15), (1 << 64) - 1
    with np.errstate(over="ignore"):
        start = _mix(np.array([(seed + salt * 0xD1342543DE82EF95) & wide], np.uint64))[0]
        base = _mix(start + rows.astype(np.uint64) * golden)
        return _mix(base[:, None] + np.arange(1, count + 1, dtype=np.uint64)[None, :] * golden)


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _ids(seed: int, method: str, rows: NDArray[np.int64]) -> NDArray[Any]:
    return _hex(_words(seed, rows, 1 if method == "exact" else 3, 1), f"{_DAY}-")


def _hex(words: NDArray[np.uint64], prefix: str) -> NDArray[Any]:
    width = 16 * words.shape[1]
    text = words.astype(">u8").tobytes().hex()
    made = np.empty(len(words), object)
    made[:] = [prefix + text[at : at + width] for at in range(0, len(text), width)]
    return made
