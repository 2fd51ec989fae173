"""The unit of work of a sweep: some combinations over some consecutive games, wherever it runs.

What comes back are sums of whole numbers, so joining them in any order gives the same to the last bit. Games
of a piece are made once and stay in the cache of a core while all combinations are played over them; the
hundred games before it are played too and thrown away, so that a strategy sees the same earlier games
whatever the chunk.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from rugs_lab.errors import CompileWarning
from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES, ruined_sessions
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate, Moments, mean_sol_of, serial
from rugs_lab.progress import reporting
from rugs_lab.recordings.games.game_stores import ArchiveStore
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import SyntheticStore
from rugs_lab.trading.engine.batches import BATCH
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.observation import HISTORY
from rugs_lab.trading.strategy.strategy import Strategy

PIECE: Final = (BATCH - HISTORY) // SESSION_GAMES * SESSION_GAMES
"""Games played at once: with those before them no more than a batch of the engine."""


class Sums(NamedTuple):
    """What is kept of a combination: whole numbers that add up. Money in lamports.

    `profits` are of each game; `blocks` are the sums of so many consecutive ones (`Task.block`): by them the
    combinations of a sweep, which share their games, are compared. `serial` says how far stakes
    depend on the games before, over all sessions of a hundred games, in millionths of a standard error.
    """

    profits: Moments = Moments()
    serial: int = 0
    acted: int = 0
    won: int = 0
    bets: int = 0
    bets_won: int = 0
    trades: int = 0
    ticks: int = 0
    ticks_held: int = 0
    rejected: int = 0
    expired: int = 0
    sessions: int = 0
    ruined: int = 0
    blocks: tuple[int, ...] = ()

    def plus(self, other: Sums) -> Sums:
        """Return the sums of both, `other` of later games."""
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))  # type: ignore[operator]

    @property
    def games(self) -> int:
        """How many."""
        return self.profits.n

    def mean_sol(self, confidence: float = CONFIDENCE) -> Estimate:
        """Return the profit per game, SOL, by the rule of `rugs_lab.trading.backtest.run_stats.mean_of`."""
        dependent = abs(self.serial) > 4e6 * (self.games // SESSION_GAMES) ** 0.5
        return mean_sol_of(self.profits, confidence, dependent=dependent)


@dataclass(frozen=True, slots=True)
class Task:
    """Some combinations over some games, of which the first `before` do not count.

    `options` have ``carry`` False; `block`, the games of a block, divides a hundred. `stopped`: something
    is in it once nobody waits for the result any more.
    """

    strategy: Strategy
    combinations: Sequence[dict[str, Any]]
    games: Games
    before: int
    options: Options
    block: int = SESSION_GAMES
    stopped: Sequence[bool] = ()


def run_task(task: Task) -> list[Sums]:
    """Play a task; return the sums of each of its combinations."""
    sums = [Sums()] * len(task.combinations)
    count = len(task.games)
    for begin in range(task.before, count, PIECE):
        end = min(begin + PIECE, count)
        first = max(0, begin - HISTORY)
        piece = made(task.games, first, end)
        for place, combination in enumerate(task.combinations):
            if task.stopped:
                return sums
            results = play(task.strategy, piece, task.options, threads=1, **combination)
            sums[place] = sums[place].plus(sums_of(results, begin - first, task.block))
    return sums


def run_bytes(payload: bytes) -> list[Sums]:
    """Play a task that came from another process, or one whose strategy keeps a state of its own."""
    import cloudpickle

    with warnings.catch_warnings(), reporting(lambda *_: None):  # the bar is where the sweep began
        warnings.simplefilter("ignore", CompileWarning)  # reported already where the sweep began
        return run_task(cloudpickle.loads(payload))


def packed(task: Task) -> bytes:
    """Return a task as bytes, the strategy with its code, for any other process."""
    import cloudpickle

    return bytes(cloudpickle.dumps(task))


def sums_of(results: GameResults, before: int = 0, block: int = SESSION_GAMES) -> Sums:
    """Return the sums of an outcome without its first games."""
    values = {name: getattr(results, name)[before:] for name in ("profit", "buys", "bets", "bets_won")}
    profit, acted = values["profit"], values["buys"] + values["bets"] > 0
    stakes = (results.spent + results.staked)[before:]
    ruined, sessions = ruined_sessions(profit, results.start)
    settled, summed = results.voided[before:] == 0, ("trades", "ticks", "ticks_held", "rejected", "expired")
    total = {name: int(getattr(results, name)[before:].sum()) for name in summed}
    starts = np.arange(0, len(profit), block)
    return Sums(
        profits=Moments.of(profit),
        serial=sum(np.rint(1e6 * serial(stakes, SESSION_GAMES)).astype(np.int64).tolist()),
        acted=int(acted.sum()),
        won=int((profit > 0).sum()),
        bets=int(values["bets"][settled].sum()),
        bets_won=int(values["bets_won"][settled].sum()),
        sessions=sessions,
        ruined=ruined,
        blocks=tuple(np.add.reduceat(profit, starts).tolist()) if len(profit) else (),
        **total,
    )


def made(games: Games, begin: int, end: int) -> Games:
    """Return some games with their prices in memory, and nothing else."""
    some = games[begin:end]
    arrays = np.asarray(some.prices), np.asarray(some.offsets)
    return Games.from_arrays(some.ids, *arrays, rug_ticks=some.rug_ticks)


def light(games: Games, begin: int, end: int, *, shared: bool) -> Games:
    """Return some games as they travel best: recipe, path of an archive (if not `shared`), or arrays."""
    some, kinds = games[begin:end], SyntheticStore if shared else SyntheticStore | ArchiveStore
    if not all(isinstance(store, kinds) for store, _ in some._parts):
        return made(games, begin, end)
    some._damage, some._notes = (), ()
    return some
