"""Simulated games as a recorder with a bad connection has them: joined late, with holes, left early."""

from __future__ import annotations

import numpy as np

from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic


def broken(count, seed, *, cut=0.003, back=0.02):
    """Cut the connection at each tick with chance `cut`; it is back at each later one with chance `back`.

    What happens while it is cut is not seen, the rug included; the connection may be cut when a game starts.
    """
    rng = np.random.default_rng(seed)
    games = []
    connected = True
    for game in synthetic(count, seed=seed, method="statistical"):
        prices = game.prices.copy()
        for tick in range(len(prices)):
            connected = rng.random() >= cut if connected else rng.random() < back
            if not connected:
                prices[tick] = np.nan
        if np.isnan(prices).all():
            continue
        rug_tick = game.rug_tick
        if np.isnan(prices[-1]):
            rug_tick = None
            prices = prices[: np.flatnonzero(~np.isnan(prices))[-1] + 1]
        games.append(Game(game.id, prices, rug_tick=rug_tick))
    return Games(games)


def covers(frame, measure=None):
    """Whether the interval of the first row (or the one called `measure`) holds the baseline."""
    row = frame.iloc[0] if measure is None else frame.set_index("measure").loc[measure]
    return bool(row["low"] <= row["baseline"] <= row["high"])


HAZARD = RUG_PROBABILITY
