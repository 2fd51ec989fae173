"""What a replay plays, game by game: recorded games, or a raw event log (`capture_events`)."""

from collections.abc import Iterable, Sequence
from numbers import Real
from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.capture_events import CaptureGames
from rugs_lab.feed.replay.game_events import playable, timeline_of
from rugs_lab.feed.replay.timeline import Timeline
from rugs_lab.feed.server.simulation.rounds import read_games
from rugs_lab.game.limits import MAX_TICKS
from rugs_lab.game.parse_values import believable, is_game_id
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine, StatsLine


class GameList:
    """Recorded games, taken one at a time; `skipped`: those without a known tick or a usable id."""

    def __init__(self, games: Sequence[Game], skipped: Iterable[Game] = ()) -> None:
        self._games = games
        self.skipped = tuple(skipped)
        self._notes: dict[str, list[GapLine | AnomalyLine]] = {}
        for note in games.notes if isinstance(games, Games) else ():
            if not isinstance(note, StatsLine) and note.game_id is not None:
                self._notes.setdefault(note.game_id, []).append(note)

    @property
    def source(self) -> str:
        """The game's id, or how many there are."""
        return self._games[0].id if len(self) == 1 else f"{len(self):,} games"

    @property
    def games(self) -> Games:
        """All of them."""
        return self._games if isinstance(self._games, Games) else Games(self._games)

    def __len__(self) -> int:
        return len(self._games)

    def find(self, game_id: str) -> int | None:
        """Return the position of a game, or None."""
        ids = self._games.ids.tolist() if isinstance(self._games, Games) else [g.id for g in self._games]
        return ids.index(game_id) if game_id in ids else None

    def joined(self, before: int, after: int) -> bool:
        """Return that games are played each by itself."""
        return False

    def timeline(self, position: int) -> Timeline:
        """Stage one game."""
        game = self._games[position]
        return timeline_of(game, self._notes.get(game.id, ()))


Playlist: TypeAlias = GameList | CaptureGames
"""Timelines by position, from 0."""


def playlist_of(games: Game | Iterable[object] | ArrayLike | str | PathLike[str]) -> Playlist:
    """Return the playlist of whatever can be replayed; see `rugs_lab.feed.replay.replay_feed.ReplayFeed`."""
    if isinstance(games, str | PathLike):
        if Path(games).is_dir():
            raise ArgumentError(
                f"{games} is a folder, and a raw event log is a file: "
                f"for recorded games give rl.load({fspath(games)!r})"
            )
        return CaptureGames(fspath(games))
    if hasattr(games, "columns") and hasattr(games, "iloc"):
        raise ArgumentError(
            "a DataFrame is not a game: rl.load(path) gives games; give a column of prices as "
            "frame['price'].to_numpy()"
        )
    if isinstance(games, Game) or is_prices(games):
        games = [games]
    if isinstance(games, Games):
        unnamed = [place for place, each in enumerate(games.ids.tolist()) if not is_game_id(each)]
        without = np.union1d(games.without_ticks, np.array(unnamed, np.int64))
        found = GameList(games)
        if len(without):
            found = GameList(games[np.setdiff1d(np.arange(len(games)), without)], games[without])
    else:
        read = [_game(place, game) for place, game in enumerate(_iterable(games))]
        found = GameList([g for g in read if playable(g)], [g for g in read if not playable(g)])
    if not len(found):
        skipped = f"{len(found.skipped)} games, none with a tick that is known and an id of printable ASCII"
        what = skipped if found.skipped else "no game"
        raise ArgumentError(f"nothing to replay: give at least one game with a known price; got {what}")
    return found


def is_prices(values: object) -> bool:
    """Return whether something is the prices of one game: a row of numbers, missing ones None or NaN."""
    if isinstance(values, list | tuple):
        return bool(values) and all(price is None or isinstance(price, Real) for price in values)
    return getattr(values, "ndim", None) == 1 and np.issubdtype(np.asarray(values).dtype, np.number)


def _iterable(games: object) -> Iterable[object]:
    if isinstance(games, Iterable) and not isinstance(games, bytes | dict):
        return games
    raise ArgumentError(
        "what is replayed is a game, games, price arrays, or the path of a raw event log; "
        f"got {type(games).__name__}"
    )


def _game(place: int, given: object) -> Game:
    """Return a game, or the one that a price array or a published line gives."""
    if isinstance(given, Game):
        return given
    if is_prices(given):
        return _game_of(place, np.array(given, dtype=np.float64))
    (read,) = read_games([given])
    seeded = read.server_seed is not None
    return Game(
        read.id or f"game-{place}",
        np.array(read.prices),
        rug_tick=len(read.prices) - 1,
        server_seed=read.server_seed,
        server_seed_hash=read.server_seed_hash,
        version=read.version if seeded else None,
    )


def _game_of(place: int, prices: NDArray[np.float64]) -> Game:
    if not 2 <= len(prices) <= MAX_TICKS + 2:
        raise ArgumentError(
            f"game {place} must have 2 to {MAX_TICKS + 2} prices, from tick 0 to the rug price; "
            f"got {len(prices)}"
        )
    wrong = np.flatnonzero(~believable(prices) & ~np.isnan(prices))
    if len(wrong):
        tick = int(wrong[0])
        raise ArgumentError(
            f"game {place} has no price above 0 at tick {tick}: got {prices[tick]!r}; NaN is a missing one"
        )
    return Game(f"game-{place}", prices, rug_tick=len(prices) - 1)
