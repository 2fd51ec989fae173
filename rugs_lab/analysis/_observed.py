"""Which ticks of which games were under observation, decided without looking at how the games went on.

A game that was joined in its middle is known to have lived till then: those ticks could not have had a rug,
and counting them would make the game look safer than it is (left truncation). A game whose end was missed
says nothing about the ticks after the last one seen (right censoring). A gap in between is both at once: had
the game ended in it, nobody would have come back to it.

So a tick is observed when its message came live (a price that the next message repeated included). The
snapshot of a join, and what seed or history gave afterwards of a game that was partly seen, are prices but no
observations of survival. A game of which nothing came live, known completely from history or seed, is
observed from tick 0 to its rug.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.games.games import Games

CHUNK: Final = 20_000
"""Games looked at at once: some 4 million ticks."""


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


@dataclass(frozen=True, slots=True, eq=False)
class FromStart:
    """Games watched from tick 0 up to the rug (`ended`) or the first gap."""

    game: NDArray[np.int64]
    exit: NDArray[np.int64]
    ended: NDArray[np.bool_]

    def __len__(self) -> int:
        """Games."""
        return len(self.game)


def watched(games: Games) -> NDArray[np.bool_]:
    """Return for each element of ``games.prices`` whether its tick was under observation."""
    sources, offsets = games.sources, games.offsets
    known = ~np.isnan(games.prices)
    live = known & ((sources == Source.RECEIVED) | (sources == Source.PARTIAL))
    some_live = np.repeat(per_game(np.logical_or, live, offsets, False), np.diff(offsets))
    # The last tick of a join's snapshot is the one at which the game was seen alive.
    snapshot = sources == Source.SNAPSHOT
    last_of_run = snapshot & ~np.append(snapshot[1:], False)
    afterwards = known & ((sources == Source.HISTORY) | (sources == Source.SEED))
    seen = np.where(some_live, live | (known & last_of_run), afterwards)
    before_end: NDArray[np.bool_] = seen & (ticks_of(offsets) <= _last_tick(games))
    return before_end


def spells(games: Games) -> Spells:
    """Return the stretches of two or more watched ticks of every game."""
    return _joined([_runs(part, watched(part), first) for first, part in chunks(games)])


def _runs(games: Games, seen: NDArray[np.bool_], first_game: int) -> Spells:
    """Return the runs of two or more ticks of a mask, as spells."""
    offsets = games.offsets
    tick = ticks_of(offsets)
    before = np.append(False, seen[:-1]) & (tick > 0)
    first = np.flatnonzero(seen & ~before)
    after = np.append(seen[1:] & (tick[1:] > 0), False)
    last = np.flatnonzero(seen & ~after)
    game = np.searchsorted(offsets, first, side="right") - 1
    entry, exit_ = tick[first], tick[last]
    ended = exit_ == games.rug_ticks[game]
    some = exit_ > entry
    return Spells(game[some] + first_game, entry[some], exit_[some], ended[some])


def _joined(parts: list[Spells]) -> Spells:
    names = ("game", "entry", "exit", "ended")
    return Spells(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def every_tick(games: Games) -> Spells:
    """Return each game from its first known tick to its last, gaps counted as watched.

    It is what figures of others usually count. Slightly too many ticks: a gap can only be followed by more
    of the game if the rug was not in it.
    """
    return _joined([_runs(part, _filled(part), first) for first, part in chunks(games)])


def _filled(games: Games) -> NDArray[np.bool_]:
    """Return which ticks lie between the first and the last known one of their game."""
    offsets = games.offsets
    known = ~np.isnan(games.prices) & (ticks_of(offsets) <= _last_tick(games))
    first = first_tick(known, offsets)
    last = last_tick(known, offsets)
    tick, game = ticks_of(offsets), games_of(offsets)
    between: NDArray[np.bool_] = (tick >= first[game]) & (tick <= last[game])
    return between


def from_start(games: Games) -> FromStart:
    """Return the games whose tick 0 was watched, up to the rug or the first gap.

    Whether tick 0 was watched is settled before the game has gone anywhere, so leaving the others out is
    neutral; leaving out those with a later gap would not be.
    """
    gaps = [first_tick(~watched(part), part.offsets) for _, part in chunks(games)]
    gap = np.concatenate(gaps)
    exit_ = np.where(gap < 0, games.columns.length, gap) - 1
    ended = (exit_ >= 0) & (exit_ == games.rug_ticks)
    some = np.flatnonzero(exit_ >= 0)
    return FromStart(some, exit_[some], ended[some])


def chunks(games: Games) -> Iterator[tuple[int, Games]]:
    """Yield the games in parts that are small enough to look at each tick, and where each part begins."""
    for first in range(0, max(len(games), 1), CHUNK):
        yield first, games[first : first + CHUNK] if len(games) > CHUNK else games


def ticks_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the tick of every element of the prices."""
    return np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))


def games_of(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the position of the game of every element of the prices."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))


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


def _last_tick(games: Games) -> NDArray[np.int64]:
    """Return for every element the last tick that its game can have: that of its rug, if it is known."""
    last = np.where(games.rug_ticks >= 0, games.rug_ticks, np.iinfo(np.int32).max).astype(np.int64)
    return np.repeat(last, np.diff(games.offsets))


def only_games(statistic: str, games: object) -> None:
    """Make sure that a statistic is given games."""
    if not isinstance(games, Games):
        raise ArgumentError(
            f"analysis.{statistic}(games) takes what rl.load(), rl.sample() or rl.synthetic() return, or "
            f"feed.games; got {type(games).__name__}"
        )
