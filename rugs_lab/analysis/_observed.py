"""Which ticks of which games were under observation, decided without looking at how the games went on.

A game that was joined in its middle is known to have lived till then: those ticks could not have had a rug,
and counting them would make the game look safer than it is (left truncation). A game whose end was missed
says nothing about the ticks after the last one seen (right censoring). A gap in between is both at once: had
the game ended in it, nobody would have come back to it.

So a tick is observed when its message came live (a price that the next message repeated included); the
snapshot of a join does not show survival. A game that seed or history gave completely is observed from
tick 0 to its rug, however much of it came live: it would have been given whatever its course. But the game
that was running when a recording began was found because it was long: it counts from its join, unless a game
before it was watched and no long pause lies in between.

Of a game whose rug is known the tick after an observed one is observed, too: rug or not, it is known now, so
recordings that never have the rug itself lose none. Where many rugs are missing nevertheless, a
`CensoringWarning` says so.

Ticks are looked at in blocks of games, so that memory does not grow with them. What was found of some games
is kept as long as they are: their prices are read once for several statistics (`looked`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError, CensoringWarning
from rugs_lab.game.limits import COOLDOWN_MS, MOST_TICKS, TICK_MS
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import NOT_A_TIME

CHUNK: Final = 4096
"""Games looked at at once: some 1.6 million ticks, in whole row groups of an archive."""

_Last = tuple[int, int, bool]
_NS: Final = 1_000_000
_PATIENCE_MS: Final = 30_000
"""How much longer than the cooldown the next game may take to begin."""
_NO_RUG: Final = np.iinfo(np.int32).max
_FEW_UNSEEN: Final = 4
_UNSEEN_SHARE: Final = 0.1
_FOUND: Final[WeakKeyDictionary[Games, dict[tuple[Any, ...], Any]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Stretches of ticks under observation; a game with a gap has several.

    At risk from the tick after `entry`, at which it was known to live; `ended`: the `exit` is the rug.
    """

    game: NDArray[np.int64]
    entry: NDArray[np.int64]
    exit: NDArray[np.int64]
    ended: NDArray[np.bool_]

    @property
    def ticks(self) -> int:
        """Ticks at risk."""
        return int((self.exit - self.entry).sum())

    @property
    def rugs(self) -> int:
        """Rugs among them."""
        return int(self.ended.sum())

    def some(self, games: NDArray[np.bool_]) -> Spells:
        """Return those of some games, as the spells of those games alone."""
        which, place = games[self.game], np.cumsum(games) - 1
        return Spells(place[self.game[which]], self.entry[which], self.exit[which], self.ended[which])


@dataclass(frozen=True, slots=True, eq=False)
class FromStart:
    """Games watched from tick 0 up to the rug (`ended`) or the first gap."""

    game: NDArray[np.int64]
    exit: NDArray[np.int64]
    ended: NDArray[np.bool_]

    def __len__(self) -> int:
        """Games."""
        return len(self.game)


class Steps(NamedTuple):
    """Returns (price over the price before, less one) between neighbouring watched ticks, to `tick`."""

    game: NDArray[np.int64]
    tick: NDArray[np.int64]
    change: NDArray[np.float64]
    rug: NDArray[np.bool_]


class Block:
    """Some consecutive games and their ticks.

    `first`: which of all games the first one is. `before`: `last` of the block before.
    """

    def __init__(self, games: Games, first: int = 0, before: _Last = (NOT_A_TIME, -1, False)) -> None:
        self.games, self.first = games, first
        self.prices, self.offsets, self.rug_ticks = games.prices, games.offsets, games.rug_ticks
        self._before = before

    @cached_property
    def tick(self) -> NDArray[np.int64]:
        """The tick of every price."""
        return ticks_of(self.offsets)

    @cached_property
    def game(self) -> NDArray[np.int64]:
        """The position in the block of the game of every price."""
        return np.repeat(np.arange(len(self.games)), np.diff(self.offsets))

    @cached_property
    def watched(self) -> NDArray[np.bool_]:
        """Whether the tick of each price was under observation."""
        sources, offsets, lengths = self.games.sources, self.offsets, np.diff(self.offsets)
        known = ~np.isnan(self.prices)
        # The last tick of a join's snapshot is the one at which the game was seen alive.
        snapshot = sources == Source.SNAPSHOT
        last_of_run = snapshot & ~np.append(snapshot[1:], False)
        afterwards = known & ((sources == Source.HISTORY) | (sources == Source.SEED))
        seen = np.where(np.repeat(self._some_live, lengths), self._live | (known & last_of_run), afterwards)
        seen |= known & (self.tick == self.rug) & (self.tick > 0) & np.append(False, seen[:-1])
        whole = per_game(np.logical_and, known | (self.tick > self.rug), offsets, False).astype(bool)
        whole &= (self.rug_ticks >= 0) & (self.rug_ticks < lengths)
        given = per_game(np.logical_or, afterwards, offsets, False).astype(bool)
        given |= self.games.columns.ended_ns != NOT_A_TIME
        begin = np.where(self._connected, 0, first_tick(seen, offsets))
        seen |= np.repeat(whole & given, lengths) & (self.tick >= np.repeat(begin, lengths))
        before_end: NDArray[np.bool_] = seen & (self.tick <= self.rug)
        return before_end

    @cached_property
    def _live(self) -> NDArray[np.bool_]:
        sources = self.games.sources
        live: NDArray[np.bool_] = (sources == Source.RECEIVED) | (sources == Source.PARTIAL)
        return live & ~np.isnan(self.prices)

    @cached_property
    def _some_live(self) -> NDArray[np.bool_]:
        """Whether something of each game came live."""
        return per_game(np.logical_or, self._live, self.offsets, False).astype(bool)

    @cached_property
    def _connected(self) -> NDArray[np.bool_]:
        """Whether each game follows an earlier one that came live, with no long pause in between."""
        started, rug, live = self._before
        times, rugs = np.append(started, self.games.columns.started_ns), np.append(rug, self.rug_ticks)
        follows = adjacent(times, rugs, unknown=True)
        connected = np.zeros(len(follows), bool)
        for place in range(len(follows)):
            connected[place] = live = bool(follows[place]) and live
            live |= bool(self._some_live[place])
        return connected

    @property
    def last(self) -> _Last:
        """Start and rug tick of the last game, and whether it or one that is connected with it came live."""
        if not len(self.games):
            return self._before
        live = bool(self._connected[-1] or self._some_live[-1])
        return int(self.games.columns.started_ns[-1]), int(self.rug_ticks[-1]), live

    @cached_property
    def reported(self) -> NDArray[np.bool_]:
        """Whether a price is known in a game whose rug is: from wherever, as the one after it would be."""
        reported: NDArray[np.bool_] = ~np.isnan(self.prices) & (self.tick <= self.rug) & (self.rug < _NO_RUG)
        return reported

    @cached_property
    def steps(self) -> Steps:
        """Every return of the games, in order."""
        prices, seen = self.prices, self.watched
        at = np.flatnonzero(seen & np.append(False, seen[:-1]) & (self.tick > 0))
        game, tick = self.game[at], self.tick[at]
        with np.errstate(all="ignore"):
            change = prices[at] / prices[at - 1] - 1
        return Steps(game, tick, change, tick == self.rug_ticks[game])

    @cached_property
    def before_rug(self) -> NDArray[np.float64]:
        """The prices, with those from the rug on left out (NaN)."""
        return np.where(self.tick < self.rug, self.prices, np.nan)

    @cached_property
    def rug(self) -> NDArray[np.int64]:
        """For every price the last tick that its game can have: that of its rug, if it is known."""
        last = np.where(self.rug_ticks >= 0, self.rug_ticks, _NO_RUG).astype(np.int64)
        return np.repeat(last, np.diff(self.offsets))


class Look:
    """What is found in so many games by `what`: a function of a block that returns arrays, and its options.

    It must not refer to the games: it is kept as long as they are.
    """

    def __init__(self, games: int, *what: Any) -> None:
        self.games, self.what = games, what
        self._parts: list[tuple[NDArray[Any], ...]] = []

    def add(self, block: Block) -> None:
        """Look at the next block."""
        function, *options = self.what
        self._parts.append(function(block, *options))

    @cached_property
    def found(self) -> tuple[NDArray[Any], ...]:
        """The arrays of all blocks, joined."""
        joined, self._parts = tuple(map(np.concatenate, zip(*self._parts, strict=True))), []
        return joined


def looked(games: Games, *wanted: tuple[Any, ...]) -> list[Any]:
    """Return looks at all games, each `wanted` as its class, function and options; new ones in one pass."""
    known = _FOUND.setdefault(games, {})
    new = {each: each[0](len(games), *each[1:]) for each in wanted if each not in known}
    for block in blocks(games) if new else ():
        for look in new.values():
            look.add(block)
    known.update(new)
    return [known[each] for each in wanted]


def found_in(games: Games, *what: Any) -> tuple[NDArray[Any], ...]:
    """Return the arrays that a function of a block and options gives, of all games."""
    return looked(games, (Look, *what))[0].found  # type: ignore[no-any-return]


def stretches(games: Block) -> tuple[NDArray[Any], ...]:
    """Return the stretches of two or more watched ticks: the columns of `Spells`."""
    return _runs(games, games.watched, games.reported)


def between(games: Block) -> tuple[NDArray[Any], ...]:
    """Return the stretches from the first known tick to the last: the columns of `Spells`."""
    known = ~np.isnan(games.prices) & (games.tick <= games.rug)
    first, last = first_tick(known, games.offsets), last_tick(known, games.offsets)
    return _runs(games, (games.tick >= first[games.game]) & (games.tick <= last[games.game]))


def gap(games: Block) -> tuple[NDArray[Any], ...]:
    """Return the first tick of each game that was neither watched nor reported, -1 where there is none."""
    first = first_tick(~games.watched, games.offsets)
    some = np.flatnonzero(first > 0)
    first[some] += games.reported[games.offsets[:-1][some] + first[some]]
    return (first,)


def spells(games: Games) -> Spells:
    """Return the stretches of two or more watched ticks of every game.

    Warns once, with a `CensoringWarning`, where many watched games have no rug among them.
    """
    known = _FOUND.setdefault(games, {})
    found = Spells(*found_in(games, stretches))
    watched = len(np.unique(found.game))
    unseen = watched - found.rugs
    if unseen > max(_FEW_UNSEEN, _UNSEEN_SHARE * watched) and (spells,) not in known:
        known[spells,] = None
        warnings.warn(
            f"the rug of {unseen:,} of {watched:,} watched games was not seen: they count up to the last "
            "tick that was. If it is missing for a reason that has to do with the rug (see games.damage), "
            "the hazard is estimated too low, survival and durations too high",
            CensoringWarning,
            stacklevel=3,
        )
    return found


def _runs(
    games: Block, seen: NDArray[np.bool_], reported: NDArray[np.bool_] | None = None
) -> tuple[NDArray[Any], ...]:
    """Return runs of two or more ticks of a mask, each with one more if reported, as columns of spells."""
    offsets, tick = games.offsets, games.tick
    before = np.append(False, seen[:-1]) & (tick > 0)
    first = np.flatnonzero(seen & ~before)
    after = np.append(seen[1:] & (tick[1:] > 0), False)
    last = np.flatnonzero(seen & ~after)
    game = np.searchsorted(offsets, first, side="right") - 1
    entry, exit_ = tick[first], tick[last]
    if reported is not None:
        exit_ = exit_ + np.append(reported[1:] & (tick[1:] > 0), False)[last]
    ended = exit_ == games.rug_ticks[game]
    some = exit_ > entry
    return game[some] + games.first, entry[some], exit_[some], ended[some]


def every_tick(games: Games) -> Spells:
    """Return each game from its first known tick to its last, gaps counted as watched.

    It is what figures of others usually count. Slightly too many ticks: a gap can only be followed by more
    of the game if the rug was not in it.
    """
    return Spells(*found_in(games, between))


def from_start(games: Games) -> FromStart:
    """Return the games whose tick 0 was watched, up to the rug or the first gap.

    Whether tick 0 was watched is settled before the game has gone anywhere, so leaving the others out is
    neutral; leaving out those with a later gap would not be.
    """
    looked(games, (Look, gap), (Look, stretches))
    spells(games)  # which warns
    (first,) = found_in(games, gap)
    exit_ = np.where(first < 0, games.columns.length, first) - 1
    ended = (exit_ >= 0) & (exit_ == games.rug_ticks)
    some = np.flatnonzero(exit_ >= 0)
    return FromStart(some, exit_[some], ended[some])


def chunks(games: Games) -> Iterator[tuple[int, Games]]:
    """Yield the games of each block, and which of all games the first of them is."""
    for first in range(0, max(len(games), 1), CHUNK):
        yield first, games[first : first + CHUNK] if len(games) > CHUNK else games


def blocks(games: Games) -> Iterator[Block]:
    """Yield the games of one block after the other."""
    last: _Last = (NOT_A_TIME, -1, False)
    for first, part in chunks(games):
        block = Block(part, first, last)
        yield block
        last = block.last
        del block, part  # before the next one is read


def adjacent(
    started_ns: NDArray[np.int64], rug_ticks: NDArray[np.integer[Any]], unknown: bool = False
) -> NDArray[np.bool_]:
    """Return for each game but the first whether it began right after the one before, by the times of both.

    `unknown`: what is returned where a time or the rug is not known, unless the pause is too long anyhow.
    """
    timed = (started_ns[1:] != NOT_A_TIME) & (started_ns[:-1] != NOT_A_TIME)
    ended = rug_ticks[:-1] >= 0
    length_ms = np.where(ended, rug_ticks[:-1], MOST_TICKS).astype(np.int64) * TICK_MS
    pause_ms = np.where(timed, started_ns[1:] - started_ns[:-1], 0) / _NS - length_ms
    close = (pause_ms < COOLDOWN_MS + _PATIENCE_MS) & ((pause_ms > 0) | ~ended)
    return np.where(timed & ended, close, unknown & (close | ~timed))


def ticks_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the tick of every element of the prices."""
    return np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))


def first_tick(mask: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first tick of each game at which `mask` holds, -1 where it never does."""
    hits = np.flatnonzero(mask)
    at = np.searchsorted(hits, offsets[:-1])
    found = hits[np.minimum(at, max(len(hits) - 1, 0))] if len(hits) else np.full(len(at), -1)
    inside = (at < len(hits)) & (found >= offsets[:-1]) & (found < offsets[1:])
    return np.where(inside, found - offsets[:-1], -1)


def last_tick(mask: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last tick of each game at which `mask` holds, -1 where it never does."""
    hits = np.flatnonzero(mask)
    at = np.searchsorted(hits, offsets[1:]) - 1
    found = hits[np.maximum(at, 0)] if len(hits) else np.full(len(at), -1)
    inside = (at >= 0) & (found >= offsets[:-1])
    return np.where(inside, found - offsets[:-1], -1)


def per_game(
    ufunc: np.ufunc, values: NDArray[np.generic], offsets: NDArray[np.int64], empty: float | bool
) -> NDArray[np.generic]:
    """Reduce the elements of each game with a ufunc; `empty` for games without any."""
    some = np.flatnonzero(np.diff(offsets))
    out = np.full(len(offsets) - 1, empty, values.dtype)
    if len(some):
        out[some] = ufunc.reduceat(values, offsets[:-1][some])
    return out


def only_games(statistic: str, games: object) -> None:
    """Make sure that a statistic is given games."""
    if not isinstance(games, Games):
        raise ArgumentError(
            f"analysis.{statistic}(games) takes what rl.load(), rl.sample() or rl.synthetic() return, or "
            f"feed.games; got {type(games).__name__}"
        )
