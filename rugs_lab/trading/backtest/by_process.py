"""What the published price process makes of a strategy: how its profit is distributed, ruin, bankroll.

The process is known exactly, so a strategy can be played on as many games of it as one likes. That says what
some dozen games of its own cannot: how far their mean may lie from the true one when gains are rare, and how
a bankroll fares under the strategy's own staking. Games that were selected by their outcome are not of the
process; sessions are then drawn from them instead.
"""

from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.estimates.estimate import Estimate, share
from rugs_lab.game.money import BILLION, lamports
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.backtest.baselines import expected_of
from rugs_lab.trading.backtest.hindsight import SEED, SIMULATED, outcome_test, simulated_games
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.sessions import SESSIONS, play_sessions
from rugs_lab.trading.strategy.strategy import Strategy

MOST_PLAYED: Final = 400_000
"""Games of all sessions that are played for an interval, or a hundred sessions."""
ALIKE: Final = 2.0
"""Stakes per game may differ by this factor between the run and the simulated games, and are scaled."""


class Simulated(NamedTuple):
    """A strategy on simulated games, or in sessions of so many `games`: profit in or per game, lamports.

    `excess` is the profit above what its risk costs. Each game begins with the same cash, and they are at the
    stakes of a run; in a session of as many games as the run cash and streaks carry over.
    """

    profits: NDArray[Any]
    excess: NDArray[Any]
    games: int = 1

    @property
    def words(self) -> str:
        """What an interval is made by."""
        return "by the price process" if self.games == 1 else "by sessions of as many simulated games"


def simulated(strategy: Strategy, results: GameResults) -> Simulated | None:
    """Play a strategy on simulated games; None where it does not act on them as it did.

    That is so for signals looked up by game, and where the stakes have grown or shrunk with the cash.
    """
    if not len(results):
        return None
    games = simulated_games()
    if results.engine != "compiled":  # tick by tick, some must do
        games = games[: SIMULATED // 20]
    try:
        alone = replace(results.options, carry=False, take=None, loss=None, max_games=None)
        found = play(strategy, games, alone)
    except Exception:  # it may need games of its own: look-ups by id, columns of signals
        return None
    count, options = len(results), replace(results.options, take=None, loss=None, max_games=None)
    if options.carry and _carries_over(strategy, games, found, options, count):
        sessions = max(100, min(SESSIONS, MOST_PLAYED // count)) // 20 * 20
        if results.engine != "compiled" or count > len(games):
            return None
        rows, _ = play_sessions(strategy, games, options, count, sessions)
        found = GameResults(np.empty(0), rows.reshape(-1, rows.shape[-1]), options)
        each = (found.profit, found.profit - expected_of(found))
        profits, excess = (some.reshape(-1, count).mean(axis=1) for some in each)
        return Simulated(profits, excess, count)
    own, theirs = (float((each.spent + each.staked).mean()) for each in (results, found))
    near = 5 * float(np.std(found.spent + found.staked)) / len(results) ** 0.5  # by chance, of few games
    if not theirs or not theirs / ALIKE - near <= own <= theirs * ALIKE + near:
        return None
    scale = own / theirs if abs(own - theirs) > near else 1.0
    return Simulated(scale * found.profit, scale * (found.profit - expected_of(found)))


def _carries_over(
    strategy: Strategy, games: Games, alone: GameResults, options: Options, length: int
) -> bool:
    """Whether stakes in sessions of so many games are others than in games that begin with the same cash."""
    stakes = alone.spent + alone.staked
    for first in range(0, min(len(games), max(length, 500)), length):
        found = play(strategy, games[first : first + length], options)
        if (found.spent + found.staked != stakes[first : first + length]).any():
            return True
    return False


class Bankroll(NamedTuple):
    """Sessions under a strategy's own staking: cash before the first game and after each, SOL, one row each.

    `ruin` is the share in which the cash ran out (`gone_after`); `source` says where their games come from.
    """

    cash_sol: NDArray[np.float64]
    ruin: Estimate
    source: str


def bankroll(strategy: Strategy, games: Games, options: Options, *, by_process: bool = True) -> Bankroll:
    """Play sessions of a hundred games with a strategy: of the process, or drawn from these games."""
    from rugs_lab.recordings.games.synthetic import synthetic

    test = outcome_test(games)
    selected = test is not None and (test.selected or not by_process)
    fresh = synthetic(SESSIONS * SESSION_GAMES, seed=SEED + 1, method="statistical")
    base, source = (games, "drawn from these games") if selected else (fresh, "of simulated games")
    values, ruined = play_sessions(strategy, base, options, SESSION_GAMES)
    start = lamports(options.cash_sol)
    cash = start + np.cumsum(values[:, :, 0], axis=1)
    paths = np.concatenate([np.full((len(cash), 1), start), cash], axis=1) / BILLION
    return Bankroll(paths, share(ruined, len(values)), f"{len(values):,} sessions {source}")
