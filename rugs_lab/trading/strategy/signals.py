"""`signals`: a strategy made of two boolean columns; one says when to enter, the other when to leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy, deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Action, buy, hold, sell
from rugs_lab.trading.strategy.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.strategy.observation import Observation

    Column = pd.Series[bool] | pd.DataFrame | Mapping[str, ArrayLike] | ArrayLike
    Booleans = Column | Callable[[pd.DataFrame], Column]

_FORMS = (
    "a boolean column with a row for each of games.ticks; one whose index has the levels game_id and tick; a "
    "frame with the columns game_id, tick and one that is boolean; a mapping of game id to booleans; or a "
    "function of games.ticks that returns one of these"
)


def signals(entries: Booleans, exits: Booleans, size: float = 0.01) -> Strategy:
    """Return a strategy that buys where `entries` is true, and sells everything where `exits` is.

    What is true on tick t is decided on tick t and filled at the price of tick t + 1: columns need not
    be shifted. It buys only without a position and sells only with one.

    Parameters
    ----------
    entries, exits
        Booleans for each game and tick, in one of these forms: a column with a row for each of
        ``games.ticks``, for the games that it will be played on; a column whose index has the levels
        ``game_id`` and ``tick``; a frame with the columns ``game_id``, ``tick`` and a boolean one; a mapping
        of game id to booleans, index = tick. What is not there is false. Or a function that is given
        ``games.ticks`` of the games that are played and returns one of these: then the same strategy plays
        any games, and `rugs_lab.trading.check.check.check` can test whether its columns look ahead.
    size
        SOL to spend; a parameter of the strategy.

    Raises
    ------
    ArgumentError
        None of these forms.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from rugs_lab.trading.engine.play import play
    >>> games = rl.sample()[:20]
    >>> ticks = games.ticks
    >>> strategy = signals(ticks["price"] < 0.8, ticks["price"] > 1.2, size=0.1)
    >>> strategy, len(play(strategy, games).account.trades) > 0
    (<Strategy signals(size=0.1)>, True)
    """
    return Strategy(Signals(_Column(entries), _Column(exits)), name="signals", presale=False).with_(size=size)


class Signals:
    """What `signals` returns a strategy of: its columns, and which game is played."""

    def __init__(self, entries: _Column, exits: _Column) -> None:
        self._entries, self._exits = entries, exits
        self._now: tuple[NDArray[np.bool_], NDArray[np.bool_]] = (_NEVER, _NEVER)

    def __deepcopy__(self, memo: object) -> Signals:
        made = copy(self)
        made._entries, made._exits = copy(self._entries), copy(self._exits)
        return made

    @property
    def beforehand(self) -> bool:
        """Whether its columns were computed before it was made a strategy."""
        return self._entries.made_by is None or self._exits.made_by is None

    def of(self, game_id: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return both columns of a game, index = tick."""
        return self._entries.of(game_id), self._exits.of(game_id)

    def bound_to(self, games: Games) -> Signals:
        """Return the same for any of these games."""
        made = deepcopy(self)
        made.begin_run(games)
        made._entries.flat = made._exits.flat = None
        return made

    def begin_run(self, games: Games) -> None:
        """Cut, or compute, the columns of the games of a run."""
        self._entries.meet(games)
        self._exits.meet(games)

    def begin_game(self, game_id: str) -> None:
        """Take the columns of a game."""
        self._now = self.of(game_id)

    def __call__(self, o: Observation, size: float = 0.01) -> Action:
        """Return what its columns say."""
        wanted = self._now[1 if o.units else 0]
        if o.tick >= len(wanted) or not wanted[o.tick]:
            return hold()
        return sell() if o.units else buy(size)


_NEVER = np.zeros(0, bool)


class _Column:
    """Booleans by game and tick."""

    def __init__(self, values: Any) -> None:
        self._games: dict[str, NDArray[np.bool_]] = {}
        self.flat: NDArray[np.bool_] | None = None
        self.made_by = values if callable(values) else None
        if self.made_by is None:
            self._take(values)

    def _take(self, values: Any) -> None:
        if isinstance(values, Mapping):
            self._games = {str(game): _booleans(each) for game, each in values.items()}
        elif hasattr(values, "columns"):
            names = [name for name in values.columns if name not in ("game_id", "tick")]
            if len(names) != 1 or not {"game_id", "tick"} <= set(values.columns):
                raise ArgumentError(f"signals are {_FORMS}; got a frame with {list(values.columns)}")
            self._sort(values["game_id"], values["tick"], values[names[0]])
        elif getattr(getattr(values, "index", None), "nlevels", 1) == 2:
            index = values.index
            if set(index.names) != {"game_id", "tick"}:
                raise ArgumentError(f"signals are {_FORMS}; got the levels {index.names}")
            self._sort(index.get_level_values("game_id"), index.get_level_values("tick"), values)
        else:
            self.flat = _booleans(values)

    def meet(self, games: Games) -> None:
        """Cut a column without ids into those of the games that are played now."""
        if self.made_by is not None and len(games):
            self._take(self.made_by(games.ticks))
        if self.flat is None and self.made_by is None:
            return
        if not len(games):
            raise ArgumentError(
                "signals without game ids are for games that are known beforehand, which those of a live "
                "feed or a raw event log are not: give them an index of game_id and tick"
            )
        if self.flat is None:
            return
        offsets = games.offsets
        if len(self.flat) != offsets[-1]:
            raise ArgumentError(
                f"signals have {len(self.flat)} rows, the ticks of these games {offsets[-1]}: make them "
                "from games.ticks of the same games, or give them an index of game_id and tick"
            )
        cut = zip(games.ids.tolist(), np.split(self.flat, offsets[1:-1]), strict=True)
        self._games = {str(game): each for game, each in cut}

    def of(self, game_id: str) -> NDArray[np.bool_]:
        """Return the booleans of a game, index = tick."""
        return self._games.get(game_id, _NEVER)

    def _sort(self, ids: Any, ticks: Any, values: Any) -> None:
        ids, ticks, flags = np.asarray(ids, object), np.asarray(ticks, np.int64), _booleans(values)
        order = np.argsort(ids.astype(str), kind="stable")
        ids, ticks, flags = ids[order], ticks[order], flags[order]
        for part in np.split(np.arange(len(ids)), np.flatnonzero(ids[1:] != ids[:-1]) + 1):
            if len(part):
                column = np.zeros(int(ticks[part].max()) + 1, bool)
                column[ticks[part]] = flags[part]
                self._games[str(ids[part[0]])] = column


def _booleans(values: Any) -> NDArray[np.bool_]:
    if str(getattr(values, "dtype", "")) == "boolean":
        values = values.fillna(False).astype(bool)
    array = np.asarray(values)
    if array.dtype == object and all(isinstance(each, bool | np.bool_) for each in array.tolist()):
        array = array.astype(bool)
    if array.ndim != 1 or array.dtype != bool:
        raise ArgumentError(f"signals are {_FORMS}; got {type(values).__name__} of {array.dtype}")
    return array
