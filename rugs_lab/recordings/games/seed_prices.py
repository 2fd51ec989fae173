"""Prices of many games from their published seeds, with the compiled price process."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.game.price_process import VERSIONS
from rugs_lab.progress import in_threads
from rugs_lab.recordings.games.game_stores import Prices, join, offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK: Final = 4096
"""Games that are played in one piece."""

MEAN_PRICES: Final = 230
"""Prices of a game, as a first guess of the memory that is needed."""


def replay_games(
    server_seeds: Sequence[str], game_ids: Sequence[str], version: str = "v3", threads: int | None = None
) -> Prices:
    """Compute every price of many games from their seeds, bit for bit (`rugs_lab.replay_prices` for many).

    `version` is that of all of them; `threads`: how many chunks are played at once, by default one per core.
    """
    if len(server_seeds) != len(game_ids):
        raise ArgumentError(f"as many seeds as ids are needed; got {len(server_seeds)} and {len(game_ids)}")
    if version not in VERSIONS:
        raise ArgumentError(f"version must be one of {', '.join(VERSIONS)}; got {version!r}")
    keys = [f"{seed}-{game}" for seed, game in zip(server_seeds, game_ids, strict=True)]
    chunks = [keys[at : at + CHUNK] for at in range(0, len(keys), CHUNK)]
    number = VERSIONS.index(version) + 1
    cores = threads or os.cpu_count() or 1
    return join(in_threads(lambda chunk: play_keys(chunk, number), chunks, cores, "playing games", "chunks"))


def play_keys(keys: Sequence[str], version: int) -> Prices:
    """Play games from their keys, in order."""
    from rugs_lab.game import compiled_process as kernel

    units = [np.frombuffer(key.encode("utf-16-le", "surrogatepass"), np.uint16) for key in keys]
    flat = np.concatenate(units) if units else np.empty(0, np.uint16)
    starts = offsets_of([len(each) for each in units])
    where = np.empty(len(keys), np.int64)
    lengths = np.empty(len(keys), np.int64)
    parts: list[NDArray[np.float64]] = []
    done = base = 0
    while done < len(keys):
        out = np.empty((len(keys) - done) * MEAN_PRICES + kernel.LANES * kernel.GAME_ROOM)
        after = kernel.play(flat, starts, version, out, where, lengths, done)
        where[done:after] += base
        used = int(lengths[done:after].sum())
        parts.append(out[:used])
        base += used
        done = after
    played = np.concatenate(parts) if len(parts) != 1 else parts[0]
    offsets = offsets_of(lengths)
    # Games come in the order in which they ended; put them into theirs.
    at = np.arange(offsets[-1]) + np.repeat(where - offsets[:-1], lengths)
    return Prices(played[at], offsets, None)
