"""The published price process, once: every price of a game from a stream of uniform random numbers.

With the server's own generator it gives a real game bit for bit (`rugs_lab.game.provably_fair`); with any
other it gives a game of the same distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Final, Literal

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import (
    BIG_MOVE_MAX,
    BIG_MOVE_MIN,
    BIG_MOVE_PROBABILITY,
    DRIFT_MAX,
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

Version = Literal["v1", "v2", "v3"]
VERSIONS: tuple[Version, ...] = ("v1", "v2", "v3")
_SMALL_MOVE: Final = (1 - BIG_MOVE_PROBABILITY) * (DRIFT_MIN + DRIFT_MAX) / 2
"""Mean change of a tick that is neither the rug nor a god candle; big moves go up and down alike."""


def price_path(draw: Callable[[], float], version: str = "v3") -> list[float]:
    """Play one game with the random numbers of `draw`.

    `draw`: Gives a uniform random number in [0, 1) at each call. The order of the draws is the server's.
    `version`: ``"v3"`` (god candles; every game since 2025), ``"v2"`` (none) or ``"v1"`` (volatility
        unbounded).
    """
    if version not in VERSIONS:
        raise ArgumentError(f"version must be one of {', '.join(VERSIONS)}; got {version!r}")
    god_candles = version == "v3"
    bounded = version != "v1"
    price = lowest = START_PRICE
    prices = [price]
    for _ in range(MAX_TICKS):
        if draw() < RUG_PROBABILITY:
            prices.append(lowest * RUG_FACTOR)
            break
        if god_candles and draw() < GOD_CANDLE_PROBABILITY and price <= GOD_CANDLE_MAX_PRICE:
            price = price * GOD_CANDLE_FACTOR
        else:
            if draw() < BIG_MOVE_PROBABILITY:
                size = BIG_MOVE_MIN + draw() * (BIG_MOVE_MAX - BIG_MOVE_MIN)
                change = size if draw() > 0.5 else -size
            else:
                drift = DRIFT_MIN + draw() * (DRIFT_MAX - DRIFT_MIN)
                volatility = VOLATILITY * (min(10.0, sqrt(price)) if bounded else sqrt(price))
                change = drift + volatility * (2 * draw() - 1)
            price = max(price * (1 + change), 0.0)
        prices.append(price)
        lowest = min(lowest, price)
    return prices


def expected_price(price: float, lowest: float) -> float:
    """Return the expected price one tick ahead (v3), the rug included; `lowest` is the lowest so far.

    It is below `price` at every price, so the expected profit of any strategy is the sum of these steps over
    the units that it held, whatever it decides by.
    """
    god = GOD_CANDLE_PROBABILITY if price <= GOD_CANDLE_MAX_PRICE else 0.0
    on = price * (god * GOD_CANDLE_FACTOR + (1 - god) * (1 + _SMALL_MOVE))
    return (1 - RUG_PROBABILITY) * on + RUG_PROBABILITY * RUG_FACTOR * lowest
