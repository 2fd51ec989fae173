"""What the published price process makes of a strategy: how its profit is distributed, ruin, bankroll.

The process is known exactly, so a strategy can be played on as many games of it as one likes. That says what
some dozen games of its own cannot: how far their mean may lie from the true one when gains are rare, and how
a bankroll fares under the strategy's own staking. Games that were selected by their outcome are not of the
process; sessions are then drawn from them instead.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from inspect import isfunction
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from rugs_lab.errors import RugsLabError
from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate, mean_like, share
from rugs_lab.game.money import BILLION, lamports
from rugs_lab.trading.backtest.baselines import expected_of
from rugs_lab.trading.backtest.hindsight import outcome_test
from rugs_lab.trading.engine.game_results import FIELDS, GameResults
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.sessions import play_sessions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.engine.session_options import Options
    from rugs_lab.trading.strategy.strategy import Strategy

SIMULATED: Final = 20_000
"""Games on which a strategy is played that compiles; one that does not is played on a tenth."""
ALIKE: Final = 2.0
"""Stakes per game may differ by this factor between the run and the simulated games, and are scaled."""
_SEED: Final = 20_261_130


@lru_cache(1)
def simulated_games() -> Games:
    """Return games of the process, in memory, the same each time."""
    from rugs_lab.recordings.games.synthetic import synthetic
    from rugs_lab.trading.sweep.sweep_tasks import made

    return made(synthetic(SIMULATED, seed=_SEED, method="statistical"), 0, SIMULATED)


class Simulated(NamedTuple):
    """A strategy on simulated games, each begun with the same cash; `scale`: stakes of a run to these."""

    results: GameResults
    games: Games
    scale: float

    def mean_sol(self, results: GameResults) -> Estimate:
        """Return the profit per game, SOL, with the interval that the process gives."""
        return mean_like(results.profit, self.results.profit, self.scale).scaled(1 / BILLION)

    def excess_sol(self, results: GameResults, confidence: float = CONFIDENCE) -> Estimate:
        """Return the profit per game above what its risk costs, SOL, in the same way."""
        own, others = (each.profit - expected_of(each) for each in (results, self.results))
        return mean_like(own, others, self.scale, confidence).scaled(1 / BILLION)


def simulated(strategy: Strategy, results: GameResults) -> Simulated | None:
    """Play a strategy on simulated games; None where it does not act on them as it did.

    That is so for signals looked up by game, and where the stakes have grown or shrunk with the cash.
    """
    if not len(results):
        return None
    games = simulated_games() if isfunction(strategy.function) and results.engine == "compiled" else None
    games = simulated_games()[: SIMULATED // 10] if games is None else games
    try:
        found = play(strategy, games, _alone(results.options))
    except (RugsLabError, LookupError):
        return None
    own, theirs = (float((each.spent + each.staked).mean()) for each in (results, found))
    near = 5 * float(np.std(found.spent + found.staked)) / len(results) ** 0.5  # by chance, of few games
    if not theirs or not theirs / ALIKE - near <= own <= theirs * ALIKE + near:
        return None
    scale = own / theirs if abs(own - theirs) > near else 1.0
    return Simulated(found, games, scale)


def _alone(options: Options) -> Options:
    return replace(options, carry=False, take=None, loss=None, max_games=None)


def gone_after(values: NDArray[np.int64], cash: NDArray[np.int64], least: int) -> int | None:
    """Return after how many games the money was gone; None: it was not.

    It is when less is left than the least bet, or than the smallest order that was ever filled, and nothing
    is filled any more.

    Parameters
    ----------
    values
        Rows of `GameResults.values`.
    cash
        After each game, lamports.
    least
        Least bet, lamports.
    """
    buys, bets, spent, staked = (
        values[:, FIELDS.index(name)] for name in ("buys", "bets", "spent", "staked")
    )
    filled = np.flatnonzero(buys + bets)
    end = int(filled[-1]) + 1 if len(filled) else 0
    if end:
        least = max(least, int(((spent + staked)[filled] / (buys + bets)[filled]).min()))
    poor = np.flatnonzero(cash[max(end - 1, 0) :] < least)
    return max(end - 1, 0) + int(poor[0]) + 1 if len(poor) else None


class Bankroll(NamedTuple):
    """Sessions under a strategy's own staking.

    Attributes
    ----------
    cash_sol
        float64, shape (sessions, `SESSION_GAMES` + 1): before the first game and after each.
    ruin
        Share of sessions in which the money was gone.
    source
        Where their games come from.
    """

    cash_sol: NDArray[np.float64]
    ruin: Estimate
    source: str


def bankroll(strategy: Strategy, games: Games, options: Options) -> Bankroll:
    """Play sessions of a hundred games with a strategy."""
    test = outcome_test(games)
    selected = test is not None and test.selected
    base, source = (games, "drawn from these games") if selected else (simulated_games(), "simulated games")
    values = play_sessions(strategy, base, options, SESSION_GAMES)
    start, least = lamports(options.cash_sol), lamports(options.min_sol)
    cash = start + np.cumsum(values[:, :, 0], axis=1)
    ruined = sum(gone_after(one, after, least) is not None for one, after in zip(values, cash, strict=True))
    paths = np.concatenate([np.full((len(cash), 1), start), cash], axis=1) / BILLION
    return Bankroll(paths, share(ruined, len(values)), f"{len(values):,} sessions of {source}")
