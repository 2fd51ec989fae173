"""The baseline of a run: what its risk costs any strategy, and random strategies of equal risk.

Risk costs: what is held for a tick loses a little of its value on average, and every side bet 9.16 % of its
stake, whatever one decides by (`expected_of`). That is the mean of all random strategies with the same
positions at risk, exactly; profit above it has a mean of zero unless the strategy has found something. How
far luck carries some of them on the same games is seen by playing them (`equal_risk`): they buy, hold and bet
by chance, as often and as long as the strategy, and are scaled to its SOL x ticks at risk and its stakes.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.strategy.strategy_registry import strategies

SEEDS: Final = 20
"""Random strategies; fewer where games are very many, at least `FEWEST`."""
FEWEST: Final = 5
MOST_GAMES: Final = 2_000_000
_PIECE: Final = 50_000
_BET_COST: Final = SIDEBET_PAYOUT * rug_within() - 1
_CASH_SOL: Final = 1e6


def random_like(results: GameResults, seed: int = 0) -> Strategy:
    """Return the random strategy that buys, holds and bets as often, as long and as much, on average."""
    total = {
        name: int(getattr(results, name).sum())
        for name in ("buys", "bets", "spent", "staked", "ticks", "ticks_held", "ticks_bet")
    }
    least, most = results.options.min_sol, results.options.max_sol

    def mean_sol(money: str, count: str) -> float:
        return float(np.clip(total[money] / max(total[count], 1) / 1e9, least, most))

    buys, bets, held = total["buys"], total["bets"], total["ticks_held"]
    return strategies["random"].with_(
        enter=min(1.0, buys / max(total["ticks"] - held, buys, 1)),
        leave=min(1.0, max(0.0, buys / max(held, 1) - RUG_PROBABILITY)),
        bet=min(1.0, bets / max(total["ticks"] - total["ticks_bet"], bets, 1)),
        size=mean_sol("spent", "buys"),
        stake=mean_sol("staked", "bets"),
        seed=seed,
    )


def expected_of(results: GameResults) -> NDArray[np.float64]:
    """Return what the price process expects of each game's positions and side bets, lamports."""
    expected: NDArray[np.float64] = results.expected + _BET_COST * np.where(
        results.voided == 0, results.staked, 0
    )
    return expected


class EqualRisk(NamedTuple):
    """Random strategies of equal risk, lamports: mean profit in each game, and profit per game of each."""

    profit: NDArray[np.float64]
    means: NDArray[np.float64]


def equal_risk(results: GameResults, games: Games, seeds: int | None = None) -> EqualRisk:
    """Play random strategies of equal risk over the games of a run."""
    from rugs_lab.trading.sweep.sweep_tasks import made

    count = len(games)
    seeds = seeds or int(np.clip(MOST_GAMES // max(count, 1), FEWEST, SEEDS))
    given = results.options
    options = Options(_CASH_SOL, given.latency, given.min_sol, given.max_sol, carry=False)
    likes = [random_like(results, seed) for seed in range(seeds)]
    held, bet = np.zeros((2, count))  # of each game, all seeds together
    totals, at_risk, staked = np.zeros((seeds, 2)), 0, 0
    for begin in range(0, count, _PIECE):
        here = slice(begin, min(begin + _PIECE, count))
        piece = made(games, here.start, here.stop)
        for seed, random in enumerate(likes):
            found = play(random, piece, options)
            position = found.sold + found.settled
            held[here] += position
            bet[here] += found.profit - position
            totals[seed] += position.sum(), (found.profit - position).sum()
            at_risk += int(found.at_risk.sum())
            staked += int(found.staked.sum())
    own = (int(results.at_risk.sum()), at_risk), (int(results.staked.sum()), staked)
    scale = np.array([seeds * ours / theirs if theirs else 0.0 for ours, theirs in own])
    profit = (scale[0] * held + scale[1] * bet) / seeds
    return EqualRisk(profit, totals @ scale / max(count, 1))
