"""What the published price process makes of a strategy: how its profit is distributed, ruin, bankroll.

The process is known exactly, so a strategy can be played on as many games of it as one likes. That says what
some dozen games of its own cannot: how far their mean may lie from the true one when gains are rare, and how
a bankroll fares under the strategy's own staking. Games that were selected by their outcome are not of the
process; sessions are then drawn from them instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.estimates.estimate import Estimate, share
from rugs_lab.game.money import BILLION, lamports
from rugs_lab.trading.backtest.baselines import expected_of
from rugs_lab.trading.backtest.hindsight import SEED, SIMULATED, outcome_test, simulated_games
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.sessions import SESSIONS, play_sessions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.engine.session_options import Options
    from rugs_lab.trading.strategy.strategy import Strategy

ALIKE: Final = 2.0
"""Stakes per game may differ by this factor between the run and the simulated games, and are scaled."""


class Simulated(NamedTuple):
    """A strategy on simulated games, each begun with the same cash, in lamports at the stakes of a run.

    `excess` is the profit above what its risk costs.
    """

    profits: NDArray[Any]
    excess: NDArray[Any]


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
        found = play(strategy, games, _alone(results.options))
    except Exception:  # it may need games of its own: look-ups by id, columns of signals
        return None
    own, theirs = (float((each.spent + each.staked).mean()) for each in (results, found))
    near = 5 * float(np.std(found.spent + found.staked)) / len(results) ** 0.5  # by chance, of few games
    if not theirs or not theirs / ALIKE - near <= own <= theirs * ALIKE + near:
        return None
    scale = own / theirs if abs(own - theirs) > near else 1.0
    return Simulated(scale * found.profit, scale * (found.profit - expected_of(found)))


def _alone(options: Options) -> Options:
    return replace(options, carry=False, take=None, loss=None, max_games=None)


class Bankroll(NamedTuple):
    """Sessions under a strategy's own staking: cash before the first game and after each, SOL, one row each.

    `ruin` is the share in which the money was gone (`gone_after`); `source` says where their games come from.
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
