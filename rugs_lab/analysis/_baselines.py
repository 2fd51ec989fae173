"""Baselines: what the published price process gives for each statistic.

Closed form where there is one (`survival_at`, `DRIFT`). What depends on the path of the price has none; there
the baseline is the same statistic of simulated games. Peaks: of 500,000 games, made once per process. The
rest: of four million, in ``path_baselines.json``, which ``python -m tests.support.path_baselines`` makes; for
other options than the default ones, of 30,000. Such a baseline has an error of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rugs_lab.analysis._observed import CHUNK
from rugs_lab.game import limits
from rugs_lab.game.sidebet import SIDEBET_PAYOUT
from rugs_lab.recordings.games.games import Games

SEED: Final = 20_250_911
GAMES_MANY: Final = 500_000
GAMES_PATHS: Final = 30_000
KEPT: Final = Path(__file__).with_name("path_baselines.json")

DRIFT: Final = (1 - limits.BIG_MOVE_PROBABILITY) * (limits.DRIFT_MIN + limits.DRIFT_MAX) / 2
"""Mean return per tick without rug and god candle; big moves and noise are even."""

_GOD: Final = limits.GOD_CANDLE_PROBABILITY
DRIFT_WITH_GOD_CANDLES: Final = _GOD * (limits.GOD_CANDLE_FACTOR - 1) + (1 - _GOD) * DRIFT
"""Mean return per tick without the rug, at prices up to 100."""


def survival_at(ticks: ArrayLike) -> NDArray[np.float64]:
    """Return the chance that a game lives past each tick."""
    alive: NDArray[np.float64] = (1 - limits.RUG_PROBABILITY) ** np.asarray(ticks, float)
    return alive


def profit_stakes(share: float) -> float:
    """Return what a side bet brings on average, in stakes, when this share of them wins."""
    return SIDEBET_PAYOUT * share - 1


@lru_cache(2)
def simulated(count: int) -> Games:
    """Return so many simulated games."""
    from rugs_lab.recordings.games.synthetic import synthetic

    return synthetic(count, seed=SEED, method="statistical")


@lru_cache(1)
def simulated_peaks() -> NDArray[np.float64]:
    """Return the peaks of `GAMES_MANY` simulated games, some of them made at a time."""
    games, step = simulated(GAMES_MANY), 16 * CHUNK
    return np.concatenate([games[at : at + step].columns.peak for at in range(0, len(games), step)])


@lru_cache(64)
def of_paths(statistic: Callable[..., pd.DataFrame], **options: Any) -> pd.Series[Any]:
    """Return the column ``value`` of a table of estimates of the simulated paths, by ``measure``."""
    kept = json.loads(KEPT.read_text("utf-8")).get(key_of(statistic, options))
    if kept is not None:
        return pd.Series(kept)
    found: pd.Series[Any] = statistic(simulated(GAMES_PATHS), **options).set_index("measure")["value"]
    return found


def key_of(statistic: Callable[..., pd.DataFrame], options: dict[str, Any]) -> str:
    """Return the name of a statistic with these options in `KEPT`."""
    return f"{statistic.__name__.strip('_')} {options}"
