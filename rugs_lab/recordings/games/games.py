"""`Games`: a sequence of games that is also a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.damage import Damage, damage_frame
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.game_stores import (
    ArrayStore,
    Details,
    GameStore,
    Prices,
    Store,
    join,
    pick,
    sources_of,
)
from rugs_lab.recordings.games.games_frame import GameColumns, frame_of, texts
from rugs_lab.recordings.games.gaps_and_anomalies import (
    Note,
    anomalies_frame,
    gaps_frame,
    joined,
    stats_frame,
    without_ended,
)
from rugs_lab.recordings.games.html import PATHS, ROWS, html_of
from rugs_lab.recordings.games.message_rows import messages_frame
from rugs_lab.recordings.games.selection import Selection
from rugs_lab.recordings.games.sql import run_query
from rugs_lab.recordings.games.ticks_frame import TICKS_VIEW, tick_lists, ticks_frame
from rugs_lab.recordings.games.trades_frame import bets_frame, leaderboards_frame, trades_frame
from rugs_lab.recordings.games.verification import verify

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from rugs_lab.analysis.plots import Plots

_MANY = 200_000
"""Of more games the statuses are not counted for the notebook: synthetic ones would all be made for it."""

_INTERNAL: Final = "columns damage_rows damaged details from_stores notes parallel parts without_ticks"


class Games(Selection):
    """Games in order of time; get one by position or by id, select some by a mask or a query.

    It is a sequence of `Game` values and at the same time a set of columns: `frame` has a row per game,
    `prices` and `offsets` are the prices of all games in one array. Neither copies data; prices of games in
    an archive are read when they are needed.

    Examples
    --------
    >>> import numpy as np
    >>> prices = np.array([1.0, 0.02, 1.0, 1.5, 0.02])
    >>> games = Games.from_arrays(["a", "b"], prices, [0, 2, 5], rug_ticks=[1, 2])
    >>> len(games), games["a"].rug_tick, games[0].rug_price
    (2, 1, 0.02)
    >>> games.query("peak > 1.2").ids.tolist()
    ['b']
    >>> games[[True, False]].prices
    array([1.  , 0.02])
    """

    def __init__(self, games: Iterable[Game] = ()) -> None:
        self._set(((GameStore(tuple(games)), None),))

    @classmethod
    def from_stores(
        cls, *stores: Store, damage: Iterable[Damage] = (), notes: tuple[Note, ...] = ()
    ) -> Games:
        """Return all games of some stores, one store after the other."""
        games = cls.__new__(cls)
        games._set(tuple((store, None) for store in stores), tuple(damage), notes)
        return games

    @classmethod
    def from_arrays(
        cls,
        ids: Sequence[str] | NDArray[Any],
        prices: ArrayLike,
        offsets: ArrayLike,
        *,
        rug_ticks: ArrayLike | None = None,
        sources: ArrayLike | None = None,
        server_seeds: Sequence[str | None] | None = None,
        server_seed_hashes: Sequence[str | None] | None = None,
        versions: Sequence[str | None] | None = None,
        started_ns: ArrayLike | None = None,
        files: Sequence[str | None] | None = None,
        details: Sequence[Details] | None = None,
    ) -> Games:
        """Return games from the prices of all of them in one array, which is not copied.

        Parameters
        ----------
        ids
            One per game.
        prices
            float64, multipliers; NaN = unknown.
        offsets
            int64, one more than games: game ``i`` has ``prices[offsets[i]:offsets[i + 1]]``, index = tick.
        rug_ticks
            Tick of each game's rug, -1 while not known; None: not known of any. The rug price is part of
            `prices`.
        sources
            uint8, a `Source` for each price; None: received wherever it is a number.
        server_seeds, server_seed_hashes, versions, files
            One text, or None, per game.
        started_ns
            Time of the first tick, nanoseconds since 1970 in UTC.
        details
            Trades and side bets of each game.

        Raises
        ------
        ArgumentError
            Arrays that do not belong together.
        """
        count = len(ids)

        def text(values: Any) -> NDArray[Any] | None:
            return None if values is None else values if isinstance(values, np.ndarray) else texts(values)

        store = ArrayStore(
            np.asarray(ids, dtype=object),
            np.ascontiguousarray(prices, np.float64),
            np.ascontiguousarray(offsets, np.int64),
            np.full(count, -1, np.int32) if rug_ticks is None else np.asarray(rug_ticks, np.int32),
            None if sources is None else np.ascontiguousarray(sources, np.uint8),
            text(server_seeds),
            text(server_seed_hashes),
            text(versions),
            None if started_ns is None else np.asarray(started_ns, np.int64),
            files=text(files),
            extras=details,
        )
        return cls.from_stores(store)

    def __deepcopy__(self, memo: object) -> Games:
        """Return the games themselves, which cannot change; gymnasium copies arguments of environments."""
        return self

    def __add__(self, other: object) -> Games:
        """Return the games of both, those of `other` last; a game that is in both is there twice."""
        if not isinstance(other, Games):
            return NotImplemented
        games = Games.__new__(Games)
        parts, damage = self._parts + other._parts, (*self._damage, *other._damage)
        games._set(parts, damage, joined(self._notes, other._notes))
        if self._columns is not None or other._columns is not None:
            games._columns = GameColumns.join([self.columns, other.columns])
        return games

    def query(self, expression: str) -> Games:
        """Return the games for which an expression over the columns of `frame` holds: ``"peak > 10"``.

        ``@name`` is a variable of the caller, as in pandas: ``"peak > @least"``. A time is written with its
        zone: ``"start > '2026-01-02T00:00Z'"``. An expression can run arbitrary code: never use one from an
        untrusted source.

        Raises
        ------
        ArgumentError
            The expression cannot be evaluated, or does not give one boolean per game.
        """
        import pandas as pd

        try:
            frame = frame_of(self.columns, expression).assign(position=np.arange(len(self)))
            mask: Any = frame.eval(expression, level=1)
            if pd.Series(mask).dtype not in ("bool", "boolean"):
                raise TypeError("it does not give booleans")
            held = frame.loc[mask, "position"].to_numpy(np.int64)
        except Exception as error:  # pandas raises whatever the expression does
            raise ArgumentError(
                f"the games could not be queried by {expression!r:.200} ({type(error).__name__}: {error}); "
                "a time is written with its zone: \"start > '2026-01-02T00:00Z'\"; @name is a variable; "
                f"the columns are {', '.join(map(str, self.frame))}"
            ) from error
        return self._select(held)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per game, index ``id``.

        Columns: ``start`` (UTC, see `Game.started_ns`), ``ticks`` (rug tick, or last tick
        known), ``peak`` (multiplier), ``peak_tick``, ``rug_tick``, ``rug_price`` (multiplier), ``status``
        (see `Game.status`), ``source``, ``missing`` (ticks), ``trades`` (broadcast ones received),
        ``seed_known``, ``version`` (of the price process), ``verified`` (missing until `verify` has been
        called), ``file`` (or files), ``server_seed``. Unknown values are missing.
        """
        return frame_of(self.columns)

    @property
    def columns(self) -> GameColumns:
        """The columns of `frame` as numpy arrays, without pandas."""
        if self._columns is None:
            parts = [store.columns(rows) for store, rows in self._parts or ((GameStore(()), None),)]
            self._columns = GameColumns.join(parts)
        return self._columns

    @property
    def prices(self) -> NDArray[np.float64]:
        """Prices of all games one after the other; float64, read-only; see `offsets`."""
        return self._flat().flat

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each game begins in `prices`, and where the last one ends; int64, one more than games."""
        return self._flat().offsets

    @property
    def sources(self) -> NDArray[np.uint8]:
        """The source of each element of `prices`; uint8, a `Source` each."""
        return sources_of(self._flat())

    @property
    def without_ticks(self) -> NDArray[np.int64]:
        """Positions of the games of which no tick is known; synthetic games need not be made for it."""
        if all(getattr(store, "every_game_has_ticks", False) for store, _ in self._parts):
            return np.empty(0, np.int64)
        columns = self.columns
        return np.flatnonzero(columns.missing >= np.maximum(columns.length, columns.rug_tick + 1))

    @property
    def rug_ticks(self) -> NDArray[np.int32]:
        """Tick of each game's rug; -1 while not known."""
        if self._columns is not None:
            return self._columns.rug_tick
        if self._rugs is None:
            parts = [store.rugs(rows) for store, rows in self._parts]
            self._rugs = np.concatenate(parts) if parts else np.empty(0, np.int32)
        return self._rugs

    @property
    def details(self) -> list[Details]:
        """What is known of each game beside its prices, as values."""
        return self._details(messages=True)

    def _details(self, *, messages: bool = False) -> list[Details]:
        """Return `details`, with the messages of an archive only if wanted."""
        parts, order = self._by_store()
        found = [each for store, rows in parts for each in store.details(rows, messages=messages)]
        return found if order is None else [found[place] for place in order]

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return `frame`, with the ids as a column, as an Arrow stream: ``pa.table(games)``."""
        return self.frame.reset_index().__arrow_c_stream__(requested_schema)

    @property
    def plot(self) -> Plots:
        """Figures of the games' statistics: ``games.plot.hazard()``, ``.peaks()``, ``.paths(50)``, ..."""
        plots: Plots = import_module("rugs_lab.analysis.plots").Plots(self)
        return plots

    @property
    def ticks(self) -> pd.DataFrame:
        """One row per tick: ``game_id``, ``tick``, ``price`` (NaN = unknown), ``source``, ``backfilled``."""
        return ticks_frame(self.ids, self._flat())

    @property
    def trades(self) -> pd.DataFrame:
        """The broadcast trades of all games (5 to 13 % of all trades); see `trades_frame`."""
        return self._frame_of("trades", trades_frame)

    @property
    def sidebets(self) -> pd.DataFrame:
        """The side bets of all games; see `rugs_lab.recordings.games.trades_frame`."""
        return self._frame_of("bets", bets_frame)

    @property
    def messages(self) -> pd.DataFrame:
        """Every message of the games as it was received, in order of arrival; columns as ``feed.frame``.

        Empty for games of a feed (``feed.frame`` has the newest) and of formats without messages.
        """
        return messages_frame(self.ids.tolist(), [each.messages for each in self.details])

    @property
    def leaderboards(self) -> pd.DataFrame:
        """The last leaderboard of each game; columns as ``feed.leaderboard``, and ``game_id``."""
        return leaderboards_frame(self.ids, [each.board for each in self._details()])

    @property
    def gaps(self) -> pd.DataFrame:
        """What the recorder missed of these games: ticks, and connections; see `gaps_frame`."""
        return gaps_frame(self.notes, self.__getitem__)

    @property
    def anomalies(self) -> pd.DataFrame:
        """Values that contradicted known ones while they were received; see `anomalies_frame`."""
        return anomalies_frame(self.notes)

    @property
    def stats(self) -> pd.DataFrame:
        """The server's own statistics whenever one changed, of all files together; see `stats_frame`."""
        return stats_frame(self._notes)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What `gaps`, `anomalies` and `stats` show, as lines of a recording."""
        ids = self._by_id() if self._notes else {}
        notes = without_ended(self._notes)
        return tuple(note for note in notes if getattr(note, "game_id", None) in (None, *ids))

    @property
    def damage(self) -> pd.DataFrame:
        """What was wrong with the files: ``file``, ``line``, ``kind``, ``game_id``, ``done`` (about it).

        Rows of these games, and rows that belong to no game.
        """
        return damage_frame(self.damage_rows)

    @property
    def damage_rows(self) -> list[Damage]:
        """The rows of `damage` as values."""
        ids = self._by_id() if self._damage else {}
        return [row for row in self._damage if row.game_id is None or row.game_id in ids]

    @property
    def damaged(self) -> int:
        """Rows of damage, of these games or of any others that were loaded with them."""
        return len(self._damage)

    def sql(self, query: str, *, files: bool = False) -> pd.DataFrame:
        """Run an SQL query (DuckDB) over ``games``, ``ticks``, ``trades``, ``sidebets`` and ``damage``.

        Each is as the DataFrame of that name (``games``: `frame` with its index as a column); only those that
        the query names are made. It is one statement, and reaches no file and no network unless `files`.
        It needs DuckDB, which the extra ``sql`` installs.

        Raises
        ------
        ArgumentError
            The query is not one statement, or cannot be run; there is no DuckDB.

        Examples
        --------
        >>> Games.from_arrays(["a"], [1.0, 2.0, 0.02], [0, 3], rug_ticks=[2]).sql(
        ...     "select game_id, max(price) as peak from ticks group by game_id").to_dict("records")
        [{'game_id': 'a', 'peak': 2.0}]
        """
        tables = {
            "games": lambda: self.frame.reset_index(),
            "ticks": lambda: tick_lists(self.ids, self._flat()),
            "trades": lambda: self.trades,
            "sidebets": lambda: self.sidebets,
            "damage": lambda: self.damage,
        }
        views = {"ticks": ("tick_lists", TICKS_VIEW)}
        return run_query(query, tables, views, archives=self._archives(), files=files)

    def verify(self) -> pd.Series[Any]:
        """Check every game against its seed (about 30 µs each) and return the results, by id.

        The rule is that of `Game.verified`. `frame` shows it from then on.
        """
        verdicts = verify(self)["verified"].astype("Int8").fillna(-1).to_numpy().astype(np.int8)
        self._columns = replace(self.columns, verified=verdicts)
        return self.frame["verified"]

    def __dir__(self) -> list[str]:
        return sorted(set(super().__dir__()).difference(_INTERNAL.split()))

    def __repr__(self) -> str:
        return f"<Games: {len(self)}>"

    def _repr_html_(self) -> str:
        if not len(self):
            return f"<p>{escape(repr(self))}</p>"
        statuses = self.columns.status if len(self) <= _MANY else None
        return html_of(len(self), statuses, self.damaged, self[-PATHS:], self[-ROWS:].frame)

    def _flat(self) -> Prices:
        if self._prices is None:
            parts, order = self._by_store()
            prices = join([store.prices(rows) for store, rows in parts])
            self._prices = prices if order is None else pick(prices, order)
            self._prices.flat.flags.writeable = False
        return self._prices
