"""`verify`: check finished games against their published seeds, point by point."""

from __future__ import annotations

import os
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.columns import text_index, typed
from rugs_lab.errors import ArgumentError
from rugs_lab.progress import in_threads
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.game_stores import GameStore, Store
from rugs_lab.recordings.games.seed_prices import CHUNK, Known, check_games, play_games, play_plainly
from rugs_lab.recordings.games.selection import Selection

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

COLUMNS: Final = {
    "version": "str",
    "verified": "boolean",
    "hash": "boolean",
    "prices": "boolean",
    "first_difference": "Int32",
    "length": "boolean",
    "peak": "boolean",
    "rug_price": "boolean",
    "known_ticks": "Int32",
    "replayed_ticks": "Int32",
}
_COMPILED_FROM: Final = 200


def verify(
    games: Game | Iterable[Game] | None = None,
    *,
    server_seed: str | None = None,
    game_id: str | None = None,
    version: str | None = "v3",
) -> pd.DataFrame:
    """Check games against their seeds: published hash, every price, length, peak, rug price.

    Parameters
    ----------
    games
        A game, or several (`Games`, a list). Each is checked with its own seed.
    server_seed
        A seed for one game that came without it.
    game_id
        With `server_seed` and without `games`: the row has only what follows from the seed.
    version
        With `server_seed`: for a game that came without its version.

    Returns
    -------
    DataFrame
        One row per game, index ``id``; True, False or missing (not known). ``verified``: the result, the
        same as `Game.verified`: True only when every price up to the rug is known and all of it follows from
        the seed, False when anything known does not. ``hash``: the seed matches its published hash.
        ``prices``: every known price follows from the seed, bit for bit; ``first_difference`` is the first
        tick that does not. ``length``: the rug came at the tick that follows. ``peak``, ``rug_price``: the
        same values follow. ``known_ticks``, ``replayed_ticks``: ticks with a known price; rug tick that
        follows.

    Raises
    ------
    ArgumentError
        Neither games nor seed and id; a seed for several games.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> game = rl.synthetic(1, seed=7)[0]
    >>> bool(verify(game)["verified"].all())
    True
    >>> tampered = game.prices.copy()
    >>> tampered[10] += 0.01
    >>> row = verify(Game(game.id, tampered, rug_tick=game.rug_tick), server_seed=game.server_seed).iloc[0]
    >>> bool(row["verified"]), int(row["first_difference"])
    (False, 10)
    """
    import pandas as pd

    stores = _stores(games, server_seed, game_id)
    play = play_games if sum(len(rows) for _, rows in stores) >= _COMPILED_FROM else play_plainly
    reading = Lock()

    def check(part: tuple[Store, NDArray[np.int64]]) -> tuple[NDArray[Any], dict[str, NDArray[Any]]]:
        store, rows = part
        with reading:
            columns, prices = store.columns(rows), store.prices(rows)
            ids, seeds, hashes, versions = (
                np.asarray(getattr(columns, name)).tolist()
                for name in ("ids", "server_seed", "server_seed_hash", "version")
            )
        if server_seed is not None:
            seeds, versions = [server_seed], [versions[0] or version]
        facts = (prices.flat, prices.offsets, columns.rug_tick, columns.missing, columns.peak)
        known = Known(ids, seeds, hashes, versions, *facts, columns.rug_price)
        found = check_games(known, play)
        return np.asarray(columns.ids), {"version": np.array(versions, object), **found}

    parts = [
        (store, rows[at : at + CHUNK]) for store, rows in stores for at in range(0, len(rows) or 1, CHUNK)
    ]
    done = in_threads(check, parts, os.cpu_count() or 1, "verifying", f"x {CHUNK:,} games")
    joined = {name: np.concatenate([columns[name] for _, columns in done]) for name in COLUMNS}
    return pd.DataFrame(
        {name: _column(joined[name], dtype) for name, dtype in COLUMNS.items()},
        index=text_index(np.concatenate([ids for ids, _ in done]), "id"),
    )


def _stores(
    games: Game | Iterable[Game] | None, seed: str | None, game_id: str | None
) -> list[tuple[Store, NDArray[np.int64]]]:
    if games is None:
        if seed is None or game_id is None:
            raise ArgumentError("verify needs games, or server_seed= and game_id=")
        games = Game(game_id, np.empty(0))
    if isinstance(games, Game):
        games = [games]
    elif not isinstance(games, Iterable) or isinstance(games, str) or hasattr(games, "iloc"):
        raise ArgumentError(f"games must be a Game or several of them; got {type(games).__name__}")
    elif seed is not None:
        raise ArgumentError("server_seed= goes with one game; several games are checked with their own seeds")
    parts = (games._parts if isinstance(games, Selection) else ()) or ((GameStore(tuple(games)), None),)
    return [(store, np.arange(len(store)) if rows is None else rows) for store, rows in parts]


def _column(values: NDArray[Any], dtype: str) -> Any:
    import pandas as pd

    if dtype == "boolean":
        return pd.arrays.BooleanArray(values > 0, values < 0)
    return typed(values) if dtype == "str" else pd.arrays.IntegerArray(values, values < 0)
