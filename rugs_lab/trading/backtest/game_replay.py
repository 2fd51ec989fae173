"""`replayed`: one game of a run, tick by tick: what the strategy saw, what it decided, and the result."""

from __future__ import annotations

import time
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rugs_lab.game.money import sol
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.paper.decision_trace import Trace
from rugs_lab.trading.strategy.observation import HISTORY, Observation
from rugs_lab.trading.strategy.strategy import Strategy, Wrapper

if TYPE_CHECKING:
    import pandas as pd


class _Recorder(Wrapper):
    """A strategy's function that keeps what it was shown in the game that is played."""

    seen: list[tuple[Observation, float]]

    def begin_game(self, game_id: str) -> None:
        self.seen = []
        super().begin_game(game_id)

    def __call__(self, o: Observation, **parameters: Any) -> Any:
        began = time.perf_counter()
        decision = self.strategy.function(o, **parameters)
        self.seen.append((o, time.perf_counter() - began))
        return decision


def replayed(
    strategy: Strategy, games: Games, results: GameResults, place: int
) -> tuple[pd.DataFrame, list[Entry]]:
    """Return the decisions in the game at a place of a run, columns as `Trace.frame`, and its ledger.

    It is played again tick by tick, with the hundred games before it; from the beginning where that gives
    another profit than the run had.
    """
    for first in (max(0, place - HISTORY), 0):
        cash = results.start + (int(results.profit[:first].sum()) if results.options.carry else 0)
        recorder = _Recorder(strategy)
        recorded = copy(strategy)
        recorded.function = recorder
        options = replace(results.options, cash_sol=sol(cash), take=None, loss=None, max_games=None)
        again = play_ticks(recorded, games[first : place + 1], options)
        if again.profit[-1] == results.profit[place]:
            break
    account, game_id = again.accounts[-1], str(results.game_ids[place])
    trace = Trace()
    for o, seconds in recorder.seen:
        orders = [
            order for order in account.orders if order.game_id == game_id and order.decided_tick == o.tick
        ]
        trace.note(game_id, o, seconds, orders)
    return trace.frame, [entry for entry in account.entries if entry.game_id == game_id]
