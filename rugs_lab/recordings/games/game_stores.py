"""Where games are kept: `Store` is the interface that `Games` uses.

`GameStore` has `Game` values (those of a feed), `ArrayStore` one flat array of prices for all games. The
store of an archive (`rugs_lab.recordings.catalogue.parquet`) leaves the prices in the file. Stores never
change; `Games` is a selection of their rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, runtime_checkable

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import READ_LATER, Game, Source
from rugs_lab.recordings.games.games_frame import (
    NOT_A_TIME,
    GameColumns,
    ended_ns,
    summarise,
    texts,
    times,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.game.leaderboard import PlayerBet, Standing
    from rugs_lab.game.trade import Trade
    from rugs_lab.recordings.games.message_rows import Messages


class Prices(NamedTuple):
    """Prices of some games, one after the other: multipliers, NaN = unknown; game ``i`` from ``offsets[i]``.

    `sources`: a `Source` for each price; None: received where it is a number.
    """

    flat: NDArray[np.float64]
    offsets: NDArray[np.int64]
    sources: NDArray[np.uint8] | None


class Details(NamedTuple):
    """What is known of one game beside its prices; see `Game`."""

    trades: tuple[Trade, ...] = ()
    bets: tuple[PlayerBet, ...] = ()
    board: tuple[Standing, ...] = ()
    messages: Messages = b""
    ended_ms: int | None = None
    first_ns: int | None = None

    @classmethod
    def of(cls, game: Game) -> Details:
        """Return those of a game."""
        return cls(*[getattr(game, name) for name in _OF_GAME])

    def for_game(self) -> dict[str, Any]:
        """Return the same as keyword arguments of `Game`."""
        return dict(zip(_OF_GAME, self, strict=True))


_OF_GAME: Final = (*READ_LATER, "ended_ms", "first_ns")

_PER_GAME: Final = "rug_ticks server_seeds server_seed_hashes versions started_ns files extras"


class Store(Protocol):
    """Rows of games, numbered from 0. `rows` None means all of them."""

    def __len__(self) -> int:
        """Games."""

    def ids(self, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        """Return the ids, an array of str."""

    def columns(self, rows: NDArray[np.int64] | None) -> GameColumns:
        """Return the columns without prices."""

    def prices(self, rows: NDArray[np.int64] | None) -> Prices:
        """Return the prices; without a copy where the store can."""

    def rugs(self, rows: NDArray[np.int64] | None) -> NDArray[np.int32]:
        """Return the tick of each rug, -1 where it is not known; no more work than `prices`."""

    def details(self, rows: NDArray[np.int64] | None, *, messages: bool = False) -> Sequence[Details]:
        """Return what is known beside prices, one element per game."""

    def game(self, row: int) -> Game:
        """Return one game as a value."""


@runtime_checkable
class ArchiveStore(Store, Protocol):
    """A store that has its trades and bets as columns."""

    def file(self) -> Path | None:
        """Return the Parquet file of its rows, if every program reads it as they are."""

    def frame(self, name: str, rows: NDArray[np.int64] | None) -> pd.DataFrame:
        """Return the ``"trades"`` or ``"bets"`` of these games, a row each."""


@dataclass(eq=False)
class ArrayStore:
    """Games as one flat array of prices with offsets, and a column for whatever else is known.

    Columns that are None are absent for all games. Nothing is copied: the caller must not write to the arrays
    any more. Returned arrays are read-only.
    """

    names: NDArray[Any]
    flat: NDArray[np.float64]
    offsets: NDArray[np.int64]
    rug_ticks: NDArray[np.int32]
    sources: NDArray[np.uint8] | None = None
    server_seeds: NDArray[Any] | None = None
    server_seed_hashes: NDArray[Any] | None = None
    versions: NDArray[Any] | None = None
    started_ns: NDArray[np.int64] | None = None
    files: NDArray[Any] | None = None
    extras: Sequence[Details] | None = None
    corrected: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        _check(self)
        self.flat, self.offsets = _read_only(self.flat), _read_only(self.offsets)
        self.sources = None if self.sources is None else _read_only(self.sources)
        self._columns: GameColumns | None = None
        self._verified = np.full(len(self), -1, np.int8)

    def __len__(self) -> int:
        return len(self.names)

    def ids(self, rows: NDArray[np.int64] | None) -> NDArray[Any]:
        """Return the ids."""
        return self.names if rows is None else self.names[rows]

    def columns(self, rows: NDArray[np.int64] | None) -> GameColumns:
        """Compute the columns that follow from the prices, once."""
        if self._columns is None:
            count = len(self)
            none, none_known = np.full(count, None, object), np.full(count, NOT_A_TIME)
            started = none_known if self.started_ns is None else self.started_ns
            self._columns = GameColumns(
                ids=self.names,
                rug_tick=self.rug_ticks,
                trades=np.zeros(count, np.int32)
                if self.extras is None
                else np.array([len(each.trades) for each in self.extras], np.int32),
                started_ns=started,
                first_ns=none_known
                if self.extras is None
                else times([each.first_ns for each in self.extras]),
                ended_ns=none_known
                if self.extras is None
                else ended_ns(each.ended_ms for each in self.extras),
                verified=self._verified,
                server_seed=none if self.server_seeds is None else self.server_seeds,
                server_seed_hash=none if self.server_seed_hashes is None else self.server_seed_hashes,
                version=none if self.versions is None else self.versions,
                file=none if self.files is None else self.files,
                **summarise(
                    self.flat,
                    self.offsets,
                    self.sources,
                    self.rug_ticks,
                    np.zeros(count, bool) if self.corrected is None else self.corrected,
                ),
            )
        return self._columns if rows is None else self._columns.take(rows)

    def prices(self, rows: NDArray[np.int64] | None) -> Prices:
        """Return the arrays, or views of them for consecutive games; copies for others."""
        if rows is None:
            return Prices(self.flat, self.offsets, self.sources)
        return pick(Prices(self.flat, self.offsets, self.sources), rows)

    def rugs(self, rows: NDArray[np.int64] | None) -> NDArray[np.int32]:
        """Return the column."""
        return self.rug_ticks if rows is None else self.rug_ticks[rows]

    def details(self, rows: NDArray[np.int64] | None, *, messages: bool = False) -> Sequence[Details]:
        """Return trades and bets."""
        some = range(len(self)) if rows is None else rows
        return [Details() if self.extras is None else self.extras[row] for row in some]

    def game(self, row: int) -> Game:
        """Return a game whose prices are a view of the flat array."""
        span = slice(self.offsets[row], self.offsets[row + 1])
        extra = Details() if self.extras is None else self.extras[row]
        started = NOT_A_TIME if self.started_ns is None else int(self.started_ns[row])
        return Game(
            str(self.names[row]),
            self.flat[span],
            None if self.sources is None else self.sources[span],  # type: ignore[arg-type]
            None if self.rug_ticks[row] < 0 else int(self.rug_ticks[row]),
            _at(self.server_seeds, row),
            _at(self.server_seed_hashes, row),
            _at(self.versions, row),
            started_ns=None if started == NOT_A_TIME else started,
            file=_at(self.files, row),
            corrected=self.corrected is not None and bool(self.corrected[row]),
            **extra.for_game(),
        )


class GameStore(ArrayStore):
    """Games that are values."""

    def __init__(self, games: Sequence[Game]) -> None:
        self._games = tuple(games)
        some = [*games, _NO_GAME]  # so that there is something to join
        super().__init__(
            texts([game.id for game in games]),
            np.concatenate([game.prices for game in some]),
            offsets_of([len(game) for game in games]),
            np.array([-1 if game.rug_tick is None else game.rug_tick for game in games], np.int32),
            np.concatenate([game.sources for game in some]),
            texts([game.server_seed for game in games]),
            texts([game.server_seed_hash for game in games]),
            texts([game.version for game in games]),
            started_ns=times([game.started_ns for game in games]),
            files=texts([game.file for game in games]),
            extras=[Details.of(game) for game in games],
            corrected=np.array([game.corrected for game in games], bool),
        )
        known = [game.verified_already for game in games]
        self._verified = np.array([-1 if verdict is None else verdict for verdict in known], np.int8)

    def game(self, row: int) -> Game:
        """Return the game."""
        return self._games[row]


_NO_GAME: Final = Game("", np.empty(0))


def offsets_of(lengths: Sequence[int] | NDArray[Any]) -> NDArray[np.int64]:
    """Return where each game begins, and where the last one ends."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def pick(prices: Prices, rows: NDArray[np.int64]) -> Prices:
    """Return the prices of some games, in the order of `rows`; a view when they are consecutive."""
    flat, offsets, sources = prices
    if len(rows) and (np.diff(rows) == 1).all():
        first, last = offsets[rows[0]], offsets[rows[-1] + 1]
        inside = offsets[rows[0] : rows[-1] + 2] - first
        return Prices(flat[first:last], inside, None if sources is None else sources[first:last])
    lengths = (offsets[1:] - offsets[:-1])[rows]
    chosen = offsets_of(lengths)
    at = np.arange(chosen[-1]) + np.repeat(offsets[:-1][rows] - chosen[:-1], lengths)
    return Prices(flat[at], chosen, None if sources is None else sources[at])


def join(parts: Sequence[Prices]) -> Prices:
    """Return the prices of all `parts`, one after the other."""
    if len(parts) == 1:
        return parts[0]
    offsets = (
        offsets_of(np.concatenate([np.diff(part.offsets) for part in parts])) if parts else offsets_of([])
    )
    flat = np.concatenate([part.flat for part in parts]) if parts else np.empty(0)
    if all(part.sources is None for part in parts):
        return Prices(flat, offsets, None)
    return Prices(flat, offsets, np.concatenate([sources_of(part) for part in parts]))


def sources_of(prices: Prices) -> NDArray[np.uint8]:
    """Return the source of each price."""
    if prices.sources is not None:
        return prices.sources
    return np.where(np.isnan(prices.flat), Source.MISSING, Source.RECEIVED).astype(np.uint8)


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _at(values: NDArray[Any] | None, row: int) -> str | None:
    value = None if values is None else values[row]
    return None if value is None else str(value)


def _check(store: ArrayStore) -> None:
    count, offsets = len(store.names), store.offsets
    if (
        len(offsets) != count + 1
        or offsets[0] != 0
        or offsets[-1] != len(store.flat)
        or (np.diff(offsets) < 0).any()
    ):
        raise ArgumentError(
            f"offsets must be {count + 1} growing positions for {count} games, from 0 to the number of "
            f"prices ({len(store.flat)}); got {len(offsets)} of them, from {offsets[:1]} to {offsets[-1:]}"
        )
    for name in _PER_GAME.split():
        values = getattr(store, name)
        if values is not None and len(values) != count:
            raise ArgumentError(f"{name} must have one element per game, {count}; got {len(values)}")
    if store.sources is not None and len(store.sources) != len(store.flat):
        raise ArgumentError(
            f"sources must have one element per price, {len(store.flat)}; got {len(store.sources)}"
        )
