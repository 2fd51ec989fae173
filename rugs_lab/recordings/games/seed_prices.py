"""Prices of many games from their published seeds, with the compiled price process."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.game.price_process import VERSIONS
from rugs_lab.recordings.games.game_stores import Prices, offsets_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK: Final = 4096
"""Games that are played in one piece."""

MEAN_PRICES: Final = 230
"""Prices of a game, as a first guess of the memory that is needed."""


def play_games(server_seeds: Sequence[str], game_ids: Sequence[str], version: str = "v3") -> Prices:
    """Compute every price of many games, bit for bit (`rugs_lab.replay_prices` for many), on one core."""
    from rugs_lab.game import compiled_process as kernel

    keys = [f"{seed}-{game}" for seed, game in zip(server_seeds, game_ids, strict=True)]
    number = VERSIONS.index(version) + 1
    units = [np.frombuffer(key.encode("utf-16-le", "surrogatepass"), np.uint16) for key in keys]
    flat = np.concatenate(units) if units else np.empty(0, np.uint16)
    starts = offsets_of([len(each) for each in units])
    where = np.empty(len(keys), np.int64)
    lengths = np.empty(len(keys), np.int64)
    parts: list[NDArray[np.float64]] = []
    done = base = 0
    while done < len(keys):
        out = np.empty((len(keys) - done) * MEAN_PRICES + kernel.LANES * kernel.GAME_ROOM)
        after = kernel.play(flat, starts, number, out, where, lengths, done)
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
