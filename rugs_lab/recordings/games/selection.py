"""`Selection`: some rows of some stores, in an order; the sequence part of `Games`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.game_stores import ArchiveStore, Prices, Store, pick
from rugs_lab.recordings.games.games_frame import GameColumns
from rugs_lab.recordings.games.gaps_and_anomalies import Note

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.recordings.catalogue.parquet_schema import GameRows

Part = tuple[Store, "NDArray[np.int64] | None"]
"""Rows of one store; None: all of them."""


class Selection(Sequence[Game]):
    """Rows of stores as a sequence of games; selecting reads no prices."""

    def _set(
        self, parts: tuple[Part, ...], damage: Sequence[Damage] = (), notes: tuple[Note, ...] = ()
    ) -> None:
        self._parts = parts
        self._damage = damage
        self._notes = notes
        self._ends = np.cumsum(
            [len(store) if rows is None else len(rows) for store, rows in parts], dtype=np.int64
        )
        self._columns: GameColumns | None = None
        self._prices: Prices | None = None
        self._rugs: NDArray[np.int32] | None = None
        self._places: dict[str, int] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Pickle without what the stores can give again."""
        return {**self.__dict__, "_columns": None, "_prices": None, "_rugs": None, "_places": None}

    @property
    def parts(self) -> tuple[Part, ...]:
        """Stores, and which rows of each; None: all."""
        return self._parts

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def save(self: GameRows, path: str | PathLike[str]) -> Path:
        """Write these games to one Parquet file with all that is known of them, and return its path.

        ``rugs_lab.load(path)`` gives them back, and any Parquet reader reads the file. Gaps, anomalies,
        the server's statistics and damage stay with the recordings.

        Raises
        ------
        ArgumentError
            The name does not end in ``.parquet``, or a game is there twice.
        OSError
            The file cannot be written; one that was there before stays as it was.
        """
        from rugs_lab.recordings.catalogue.parquet import save_parquet

        whole = Path(path).expanduser()
        if whole.suffix != ".parquet":
            raise ArgumentError(f"games are saved as Parquet: name it games.parquet; got {whole.name!r}")
        for game_id, n in Counter[str](np.asarray(self.columns.ids).tolist()).most_common(1):
            if n > 1:
                raise ArgumentError(f"a file has each game once; {game_id} is {n} times among these")
        save_parquet(self, whole)
        return whole

    def __iter__(self) -> Iterator[Game]:
        for store, rows in self._parts:
            for row in range(len(store)) if rows is None else rows.tolist():
                yield store.game(row)

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Game):
            return any(item is game for game in self)
        return item in self._by_id()

    @overload
    def __getitem__(self, key: int | str) -> Game: ...

    @overload
    def __getitem__(self, key: slice | Sequence[Any] | NDArray[Any] | pd.Series[Any]) -> Self: ...

    def __getitem__(self, key: Any) -> Game | Self:
        """Return one game by position or id; several by a slice, a mask, positions or ids."""
        if isinstance(key, str):
            place = self._by_id().get(key)
            if place is None:
                raise ArgumentError(f"no game {key!r} among these {len(self)}; .frame lists their ids")
            return self._one(place)
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"there are {len(self)} games; got position {key}")
            return self._one(int(key) % len(self))
        if isinstance(key, slice):
            return self._select(np.arange(*key.indices(len(self))))
        return self._select(self._positions(key))

    @property
    def ids(self) -> NDArray[Any]:
        """Id of each game, an array of str."""
        parts = [store.ids(rows) for store, rows in self._parts]
        return np.concatenate(parts) if parts else np.empty(0, object)

    @property
    def parallel(self) -> bool:
        """Whether reading prices from several threads is faster."""
        return all(getattr(store, "parallel", False) for store, _ in self._parts)

    def _by_store(self) -> tuple[tuple[Part, ...], NDArray[np.int64] | None]:
        """Return the parts, those of one store joined: each is read once; and where each game then is."""
        stores = {id(store): store for store, _ in self._parts}
        if len(stores) == len(self._parts):
            return self._parts, None
        rows = np.concatenate([np.arange(len(each)) if some is None else some for each, some in self._parts])
        of = np.repeat([id(store) for store, _ in self._parts], np.diff(self._ends, prepend=0))
        places = {key: np.flatnonzero(of == key) for key in stores}
        parts = tuple((store, rows[places[key]]) for key, store in stores.items())
        return parts, np.argsort(np.concatenate([*places.values()]))

    def _one(self, place: int) -> Game:
        part = int(np.searchsorted(self._ends, place, side="right"))
        store, rows = self._parts[part]
        row = place - (int(self._ends[part - 1]) if part else 0)
        return store.game(row if rows is None else int(rows[row]))

    def _select(self, places: NDArray[np.int64]) -> Self:
        """Return the games at `places`; prices are not read."""
        part = np.searchsorted(self._ends, places, side="right")
        begins = np.concatenate(([0], self._ends[:-1])) if len(self._ends) else self._ends
        cuts = np.flatnonzero(np.diff(part)) + 1
        parts: list[Part] = []
        for some, of in zip(np.split(places, cuts), np.split(part, cuts), strict=True):
            if len(some):
                store, rows = self._parts[of[0]]
                inside = some - begins[of[0]]
                parts.append((store, inside if rows is None else rows[inside]))
        games = self.__new__(type(self))
        games._set(tuple(parts), self._damage, self._notes)
        if self._columns is not None:
            games._columns = self._columns.take(places)
        if self._rugs is not None:
            games._rugs = self._rugs[places]
        if self._prices is not None and len(places) and (np.diff(places) == 1).all():
            games._prices = pick(self._prices, places)  # a view
        return games

    def _positions(self, key: Any) -> NDArray[np.int64]:
        if hasattr(key, "columns") or not hasattr(key, "__len__"):
            raise ArgumentError(
                "games are selected by position, id, slice, mask, or a list of positions or ids; "
                f"got {type(key).__name__}"
            )
        if hasattr(key, "to_numpy"):
            is_mask = str(key.dtype) in ("bool", "boolean")
            key = self._in_order(key).fillna(False).to_numpy(bool) if is_mask else key.to_numpy()
        picked = np.asarray(key if len(key) else np.empty(0, np.int64))
        if picked.dtype == bool:
            if len(picked) != len(self):
                raise ArgumentError(f"mask must have one element per game, {len(self)}; got {len(picked)}")
            return np.flatnonzero(picked)
        if picked.dtype.kind in "iu":
            if len(picked) and not (-len(self) <= picked.min() and picked.max() < len(self)):
                raise IndexError(
                    f"there are {len(self)} games; got positions {picked.min()} to {picked.max()}"
                )
            return picked.astype(np.int64) % max(len(self), 1)
        places = self._by_id()
        unknown = [str(each) for each in picked if each not in places]
        if unknown:
            raise ArgumentError(f"no game {unknown[0]!r} among these {len(self)}; .frame lists their ids")
        return np.array([places[each] for each in picked], np.int64)

    def sample(self, n: int, seed: int | None = None) -> Self:
        """Return `n` games drawn at random without repetition, in order of time; same `seed`, same games."""
        if not 0 <= n <= len(self):
            raise ArgumentError(f"n must be 0 to {len(self)}, the number of games; got {n}")
        return self._select(np.sort(np.random.default_rng(seed).choice(len(self), n, replace=False)))

    def _in_order(self, mask: Any) -> Any:
        """Return a mask that is indexed by id in the order of these games, aligned as pandas does it."""
        if not hasattr(mask, "index") or mask.index.dtype.kind in "iu" or len(mask) != len(self):
            return mask
        if mask.index.tolist() == self.ids.tolist():
            return mask
        if not mask.index.is_unique or set(mask.index) != set(self.ids.tolist()):
            raise ArgumentError(
                "the index of mask has other games than these; make the mask from their own .frame"
            )
        return mask.loc[self.ids.tolist()]

    def _by_id(self) -> dict[str, int]:
        if self._places is None:
            self._places = {game_id: place for place, game_id in reversed([*enumerate(self.ids.tolist())])}
        return self._places

    def _archives(self) -> list[Path]:
        """Return the files whose rows are these games; none if others are, or if prices were read already."""
        found = [
            store.file()
            if isinstance(store, ArchiveStore)
            and (rows is None or np.array_equal(rows, np.arange(len(store))))
            else None
            for store, rows in self._by_store()[0]
        ]
        return [] if self._prices is not None or None in found else [path for path in found if path]

    def _frame_of(self, name: str, frame_of_values: Callable[[Iterable[Any]], pd.DataFrame]) -> pd.DataFrame:
        """Return the trades or bets of all games; those of an archive column by column."""
        import pandas as pd

        frames = [
            store.frame(name, rows)
            if isinstance(store, ArchiveStore)
            else frame_of_values(value for each in store.details(rows) for value in getattr(each, name))
            for store, rows in self._parts
        ]
        filled = [frame for frame in frames if len(frame)]
        return pd.concat(filled, ignore_index=True) if filled else frame_of_values(())
