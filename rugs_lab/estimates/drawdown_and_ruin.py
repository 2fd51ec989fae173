"""What may be lost on the way: losing streaks, drawdown, ruin."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.game.money import BET_MIN_SOL, lamports

SESSION_GAMES: Final = 100
"""Games of a session, of which the ruin probability speaks."""


def losing_streak(profits: NDArray[np.int64]) -> int:
    """Return the longest run of losses; games without profit or loss neither end nor lengthen it."""
    return _longest(np.asarray(profits)[np.asarray(profits) != 0] < 0)


def longest_drawdown(equity: NDArray[Any]) -> int:
    """Return the most games in a row after which equity lay below an earlier value."""
    return _longest(drawdown(equity) > 0)


def _longest(mask: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def drawdown(equity: NDArray[Any]) -> NDArray[Any]:
    """Return how far each value lies below the highest one before it, in the same unit, 0 or more."""
    if not len(equity):
        return equity.copy()
    below: NDArray[Any] = np.maximum.accumulate(equity) - equity
    return below


def ruined_sessions(profits: NDArray[np.int64], cash: int, games: int = SESSION_GAMES) -> tuple[int, int]:
    """Return how many full sessions of consecutive games lose the cash, and how many there are."""
    if games < 1:
        raise ArgumentError(f"a session has 1 game or more; got {games!r}")
    whole = len(profits) // games
    paths = np.cumsum(np.asarray(profits)[: whole * games].reshape(whole, games), axis=1)
    lowest = paths.min(axis=1, initial=0) + cash
    return int((lowest < lamports(BET_MIN_SOL)).sum()), whole
