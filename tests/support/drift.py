"""What the published process makes of a price on average: the exact expectation one tick ahead.

It is below the price at every price, so whoever holds loses on average, and no rule that decides by the
prices so far changes that: its expected profit is the sum of these steps over the ticks it holds.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.game.limits import (
    BIG_MOVE_PROBABILITY,
    DRIFT_MAX,
    DRIFT_MIN,
    GOD_CANDLE_FACTOR,
    GOD_CANDLE_MAX_PRICE,
    GOD_CANDLE_PROBABILITY,
    RUG_FACTOR,
    RUG_PROBABILITY,
)

SMALL_MOVE: Final = (1 - BIG_MOVE_PROBABILITY) * (DRIFT_MIN + DRIFT_MAX) / 2
"""Mean change of a tick that is neither the rug nor a god candle; big moves go up and down alike."""


def expected_price(price: ArrayLike, lowest: ArrayLike) -> NDArray[np.float64]:
    """Return the expected price one tick ahead, the rug included (v3).

    Parameters
    ----------
    price
        Price now, a multiplier above 0.
    lowest
        Lowest price of the game so far, this one included.

    Notes
    -----
    Source: PROTOCOL section 7. The chance 0 of a price that stays at 0 is left out.

    Examples
    --------
    >>> expected_price([1.0, 10.0, 200.0], [1.0, 1.0, 1.0]).round(6).tolist()
    [0.999543, 9.994526, 199.870725]
    """
    now, low = np.asarray(price, np.float64), np.asarray(lowest, np.float64)
    god = np.where(now <= GOD_CANDLE_MAX_PRICE, GOD_CANDLE_PROBABILITY, 0.0)
    on = now * (god * GOD_CANDLE_FACTOR + (1 - god) * (1 + SMALL_MOVE))
    expected: NDArray[np.float64] = (1 - RUG_PROBABILITY) * on + RUG_PROBABILITY * RUG_FACTOR * low
    return expected
