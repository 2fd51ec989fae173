"""What may be lost on the way: losing streaks, drawdown, ruin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import UNKNOWN, Estimate, share
from rugs_lab.game.money import BET_MIN_SOL, lamports

if TYPE_CHECKING:
    from numpy.typing import NDArray

SESSION_GAMES: Final = 100
"""Games of a session, of which the ruin probability speaks."""


def losing_streak(profits: NDArray[np.int64]) -> int:
    """Return the longest run of losses; games without profit or loss neither end nor lengthen it."""
    lost = np.asarray(profits)[np.asarray(profits) != 0] < 0
    if not lost.any():
        return 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max())


def drawdown(equity: NDArray[Any]) -> NDArray[Any]:
    """Return how far each value lies below the highest one before it, in the same unit, 0 or more."""
    if not len(equity):
        return equity.copy()
    below: NDArray[Any] = np.maximum.accumulate(equity) - equity
    return below


def ruin(
    profits: NDArray[np.int64],
    cash: int,
    *,
    games: int = SESSION_GAMES,
    sessions: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Return the share of sessions that lose the cash, by the bootstrap: sessions of games drawn with return.

    A session begins with `cash` and is lost once less than the least bet (0.001 SOL) is left. The interval
    is that of the drawing; that the profits themselves are a sample is not in it.

    Parameters
    ----------
    profits
        int64, lamports, one per game.
    cash
        Lamports.
    games
        Games of a session.
    sessions
        How many are drawn.
    seed
        Of the drawing.
    """
    count = len(profits)
    if not count:
        return UNKNOWN
    if not np.any(profits):
        return share(0, sessions)
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(0, sessions, 1000):
        drawn = np.asarray(profits)[rng.integers(0, count, (min(1000, sessions), games))]
        hits += int((np.cumsum(drawn, axis=1).min(axis=1) + cash < lamports(BET_MIN_SOL)).sum())
    return share(hits, -(-sessions // 1000) * min(1000, sessions))


def ruined_sessions(profits: NDArray[np.int64], cash: int, games: int = SESSION_GAMES) -> tuple[int, int]:
    """Return how many sessions of consecutive games lose the cash, and how many sessions there are.

    Games that fill no session at the end count for none.
    """
    if games < 1:
        raise ArgumentError(f"a session has 1 game or more; got {games!r}")
    whole = len(profits) // games
    paths = np.cumsum(np.asarray(profits)[: whole * games].reshape(whole, games), axis=1)
    lowest = paths.min(axis=1, initial=0) + cash
    return int((lowest < lamports(BET_MIN_SOL)).sum()), whole
