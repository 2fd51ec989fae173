"""What a replay plays, game by game: recorded games, or a raw capture (`rugs_lab.feed.segments`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from typing import Any, Protocol

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.scene import Scene
from rugs_lab.feed.segments import Segments
from rugs_lab.feed.simulation.rounds import read_games
from rugs_lab.feed.staging import playable, stage
from rugs_lab.recordings.game import Game
from rugs_lab.recordings.games import Games


class Playlist(Protocol):
    """Scenes by position, from 0."""

    skipped: tuple[Any, ...]

    @property
    def source(self) -> str:
        """What is played, for people."""
        ...

    def __len__(self) -> int:
        """Scenes."""
        ...

    def find(self, game_id: str) -> int | None:
        """Return the position of a game, or None."""
        ...

    def joined(self, before: int, after: int) -> bool:
        """Tell whether the scene at `after` continues the one at `before`: nothing lies between them."""
        ...

    def scene(self, position: int) -> Scene:
        """Return one scene."""
        ...


class GameList:
    """Recorded games, taken one at a time.

    Attributes
    ----------
    skipped
        Games of which no tick is known; they are left out.
    """

    def __init__(self, games: Sequence[Game], skipped: Iterable[Game] = ()) -> None:
        self._games = games
        self.skipped = tuple(skipped)

    @property
    def source(self) -> str:
        """The game's id, or how many there are."""
        return self._games[0].id if len(self) == 1 else f"{len(self):,} games"

    def __len__(self) -> int:
        return len(self._games)

    def find(self, game_id: str) -> int | None:
        """Return the position of a game, or None."""
        ids = self._games.ids.tolist() if isinstance(self._games, Games) else [g.id for g in self._games]
        return ids.index(game_id) if game_id in ids else None

    def joined(self, before: int, after: int) -> bool:
        """Tell that games are played each by itself."""
        return False

    def scene(self, position: int) -> Scene:
        """Stage one game."""
        return stage(self._games[position])


def playlist_of(games: Any) -> Playlist:
    """Return the playlist of whatever can be replayed; see `rugs_lab.feed.replay.ReplayFeed`.

    Raises
    ------
    ArgumentError
        Nothing of it can be played.
    CaptureError
        A path that is no capture.
    """
    if isinstance(games, str | PathLike):
        return Segments(fspath(games))
    if isinstance(games, Game):
        games = [games]
    if isinstance(games, Games):
        without = games.without_ticks
        found = GameList(games)
        if len(without):
            found = GameList(games[np.setdiff1d(np.arange(len(games)), without)], games[without])
    else:
        read = [_game(place, game) for place, game in enumerate(_iterable(games))]
        found = GameList([g for g in read if playable(g)], [g for g in read if not playable(g)])
    if not len(found):
        what = f"{len(found.skipped)} games, none with a tick that is known" if found.skipped else "no game"
        raise ArgumentError(f"nothing to replay: give at least one game with a known price; got {what}")
    return found


def _iterable(games: Any) -> Iterable[Any]:
    if isinstance(games, Iterable) and not isinstance(games, bytes | dict):
        return games
    raise ArgumentError(
        "what is replayed is a game, games, price arrays, or the path of a raw capture; "
        f"got {type(games).__name__}"
    )


def _game(place: int, given: Any) -> Game:
    """Return a game, or what a price array or a published line says of one."""
    if isinstance(given, Game):
        return given
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
