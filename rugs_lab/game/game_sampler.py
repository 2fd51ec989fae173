"""Games of the published distribution, fast: the same law as `price_process`, another generator.

SplitMix64 in counter form gives each game a stream of its own from the seed and the game's number, so what
comes out depends neither on chunks nor on threads. Length and god candle are drawn once per game by inversion
(both are geometric), and a tick then takes two numbers instead of five: given that a number fell on one side
of 12.5 %, its place on that side is again uniform. No game here can be verified by a seed.

Importing this module loads numba.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from rugs_lab.game.compiled_process import BIG_RANGE, DRIFT_RANGE, GAME_ROOM, compiled
from rugs_lab.game.limits import (
    BIG_MOVE_MIN,
    BIG_MOVE_PROBABILITY,
    DRIFT_MIN,
    GOD_CANDLE_FACTOR,
    GOD_CANDLE_MAX_PRICE,
    GOD_CANDLE_PROBABILITY,
    MAX_TICKS,
    RUG_FACTOR,
    RUG_PROBABILITY,
    START_PRICE,
    VOLATILITY,
)

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LOG_RUG: Final = float(np.log1p(-RUG_PROBABILITY))
_LOG_GOD: Final = float(np.log1p(-GOD_CANDLE_PROBABILITY))
_TO_UNIT: Final = 2.0**-53


@compiled
def mix(word: Any) -> Any:
    """Return the output of SplitMix64 for a counter."""
    word = np.uint64(word)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@compiled
def stream_of(seed: Any, game: int) -> Any:
    """Return where the stream of a game starts."""
    return mix(mix(np.uint64(seed)) + np.uint64(game) * _GOLDEN + np.uint64(1))


@compiled
def _unit(word: Any) -> float:
    return float(word >> np.uint64(11)) * _TO_UNIT


@compiled
def sample_games(seed: Any, first: int, games: int, version: int, out: Any, offsets: Any) -> int:
    """Play games `first` to ``first + games - 1`` of a seed; return how many there was room for.

    Parameters
    ----------
    seed
        uint64.
    first, games
        Numbers of the games.
    version
        1, 2 or 3.
    out
        float64, room for their prices, in order.
    offsets
        int64, shape (games + 1,): filled with where each game starts.
    """
    used = 0
    offsets[0] = 0
    for n in range(games):
        if used + GAME_ROOM > len(out):
            return n
        at = stream_of(seed, first + n)
        at += _GOLDEN
        rug_tick = int(np.log(1.0 - _unit(mix(at))) / _LOG_RUG) + 1
        at += _GOLDEN
        god_tick = int(np.log(1.0 - _unit(mix(at))) / _LOG_GOD) + 1
        price = low = START_PRICE
        out[used] = price
        ticks = min(rug_tick - 1, MAX_TICKS)
        for tick in range(1, ticks + 1):
            if tick == god_tick and version == 3 and price <= GOD_CANDLE_MAX_PRICE:
                price *= GOD_CANDLE_FACTOR
            else:
                at += _GOLDEN
                one = _unit(mix(at))
                at += _GOLDEN
                other = _unit(mix(at))
                if one < BIG_MOVE_PROBABILITY:
                    size = BIG_MOVE_MIN + one / BIG_MOVE_PROBABILITY * BIG_RANGE
                    change = size if other > 0.5 else -size
                else:
                    rest = (one - BIG_MOVE_PROBABILITY) / (1.0 - BIG_MOVE_PROBABILITY)
                    root = np.sqrt(price)
                    if version != 1:
                        root = min(10.0, root)
                    change = DRIFT_MIN + rest * DRIFT_RANGE + VOLATILITY * root * (2.0 * other - 1.0)
                price = max(price * (1.0 + change), 0.0)
            out[used + tick] = price
            low = min(low, price)
        used += ticks + 1
        if rug_tick <= MAX_TICKS:
            out[used] = low * RUG_FACTOR
            used += 1
        offsets[n + 1] = used
    return games
