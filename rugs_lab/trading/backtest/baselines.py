"""The baselines of a run: no trading, and a random strategy of equal exposure on the same games.

A strategy that beats the random one of equal exposure has found something in the prices; one that only takes
another amount of risk has not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from rugs_lab.estimates.estimate import Moments
from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.trading.backtest.run_stats import interval, key_figures
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.strategy.strategy_registry import strategies

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.strategy.strategy import Strategy


def random_like(results: GameResults, seed: int = 0) -> Strategy:
    """Return the random strategy that buys, holds and bets as often, as long and as much, on average.

    Parameters
    ----------
    results
        Of the strategy it is made after.
    seed
        Of its chance.
    """
    totals = {name: int(getattr(results, name).sum()) for name in ("buys", "bets", "spent", "staked")}
    ticks, held, with_bet = (
        int(getattr(results, name).sum()) for name in ("ticks", "ticks_held", "ticks_bet")
    )
    least, most = results.options.min_sol, results.options.max_sol

    def mean_sol(money: str, count: str) -> float:
        return float(np.clip(totals[money] / max(totals[count], 1) / 1e9, least, most))

    buys, bets = totals["buys"], totals["bets"]
    return strategies["random"].with_(
        enter=min(1.0, buys / max(ticks - held, buys, 1)),
        leave=min(1.0, max(0.0, buys / max(held, 1) - RUG_PROBABILITY)),
        bet=min(1.0, bets / max(ticks - with_bet, bets, 1)),
        size=mean_sol("spent", "buys"),
        stake=mean_sol("staked", "bets"),
        seed=seed,
    )


def random_results(results: GameResults, games: Games, seed: int = 0) -> GameResults:
    """Return the results of the random strategy of equal exposure over the same games, with the same cash."""
    options = replace(results.options, take=None, loss=None, max_games=None)
    return play(random_like(results, seed), games, options)


def baseline_figures(results: GameResults, games: Games) -> pd.Series[Any]:
    """Return the key figures of no trading and of the random strategy, and the difference to the latter.

    The difference is that of the same games, game by game.

    Parameters
    ----------
    results
        Of the strategy.
    games
        The games it was played over.
    """
    import pandas as pd

    random = random_results(results, games)
    difference = Moments.of(results.profit - random.profit).mean_sol()
    return pd.Series(
        {
            "no trading: profit per game [SOL]": 0.0,
            "no trading: return [%]": 0.0,
            **{f"random strategy: {label}": value for label, value in key_figures(random).items()},
            **interval("profit per game above the random strategy [SOL]", difference, error=True),
            "above the random strategy by 2 standard errors": difference.significant and difference.value > 0,
        },
        name="value",
        dtype=object,
    )
