"""`verify`: check finished games against their published seeds, point by point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.columns import text_index, typed
from rugs_lab.errors import ArgumentError
from rugs_lab.game.price_process import VERSIONS
from rugs_lab.game.provably_fair import replay_prices
from rugs_lab.recordings.games.game import ASSUMED, Game, checked

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
_BATCH: Final = 2048
_COMPILED_FROM: Final = 200


def verify(
    games: Game | Iterable[Game] | None = None,
    *,
    server_seed: str | None = None,
    game_id: str | None = None,
    version: str = "v3",
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

    some = _games(games, server_seed, game_id)
    rows = list(_rows(some, server_seed, version))
    return pd.DataFrame(
        {name: typed([row.get(name) for _, row in rows], dtype) for name, dtype in COLUMNS.items()},
        index=text_index([game for game, _ in rows], "id"),
    )


def _games(games: Game | Iterable[Game] | None, seed: str | None, game_id: str | None) -> Iterable[Game]:
    if games is None:
        if seed is None or game_id is None:
            raise ArgumentError("verify needs games, or server_seed= and game_id=")
        return [Game(game_id, np.empty(0))]
    if isinstance(games, Game):
        return [games]
    if not isinstance(games, Iterable) or isinstance(games, str) or hasattr(games, "iloc"):
        raise ArgumentError(f"games must be a Game or several of them; got {type(games).__name__}")
    if seed is not None:
        raise ArgumentError("server_seed= goes with one game; several games are checked with their own seeds")
    return games


def _rows(games: Iterable[Game], seed: str | None, version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    from rugs_lab.progress import progress

    batch: list[Game] = []
    for game in progress(games, "verifying", "games"):
        batch.append(game)
        if len(batch) == _BATCH:
            yield from _batch_rows(batch, seed, version)
            batch = []
    yield from _batch_rows(batch, seed, version)


def _batch_rows(games: list[Game], seed: str | None, version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    seeds = [seed or game.server_seed for game in games]
    versions = [game.version or (version if seed is not None else None) for game in games]
    replayed: dict[int, NDArray[np.float64]] = {}
    for each in VERSIONS:
        which = [n for n, given in enumerate(seeds) if given is not None and (versions[n] or ASSUMED) == each]
        prices = _replay([str(seeds[n]) for n in which], [games[n].id for n in which], each)
        replayed.update(zip(which, prices, strict=True))
    for n, game in enumerate(games):
        row = checked(game, seeds[n], versions[n], replayed.get(n))
        yield game.id, {"version": versions[n], **row}


def _replay(seeds: list[str], ids: list[str], version: str) -> Iterable[NDArray[np.float64]]:
    if len(ids) < _COMPILED_FROM:
        return [replay_prices(seed, game, version) for seed, game in zip(seeds, ids, strict=True)]
    from rugs_lab.recordings.games.seed_prices import replay_games

    prices = replay_games(seeds, ids, version)
    return np.split(prices.flat, prices.offsets[1:-1])
