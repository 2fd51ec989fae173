"""A strategy and games that are played while somebody may want something else: progress, and a way out."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from inspect import isfunction
from typing import Any, Final

from rugs_lab.progress import reporting
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import Strategy

Report = Callable[[int, int], None]

EACH: Final = 64
"""Decisions between two looks whether to continue."""


class Interrupted(BaseException):
    """What is played is no longer wanted. No `Exception`, so that no strategy keeps it from its way."""


def play_interruptible(
    strategy: Strategy, games: Games, options: Options, report: Report, compiled: bool
) -> tuple[GameResults, str]:
    """Play as `rugs_lab.trading.engine.play.play` does; return the results, and why not compiled.

    ``report(done, total)`` is called now and then; what it raises ends the play.
    """
    reason = ""
    if compiled:
        from rugs_lab.trading.engine.compilable import NotCompilable
        from rugs_lab.trading.engine.compiled_engine import Fallback, play_compiled

        try:
            with reporting(lambda done, total: report(len(games) * done // max(total or 1, 1), len(games))):
                return play_compiled(strategy, games, options), ""
        except NotCompilable as why:
            reason = str(why)
        except Fallback:
            reason = "amounts beyond 64 bits, or it raised or decided something that is not an action"
    interruptible = copy(strategy)
    interruptible.function = _Interruptible(strategy, len(games), report)
    return play_ticks(interruptible, games, options), reason


def why_not_compiled(strategy: Strategy) -> str:
    """Return why a strategy cannot be compiled; empty when it can. Compiles it, which takes seconds."""
    if not isfunction(strategy.function):
        return "it is an object, not a function"
    from rugs_lab.trading.engine.compilable import NotCompilable
    from rugs_lab.trading.engine.compiled_engine import compile_strategy

    try:
        compile_strategy(strategy)
    except NotCompilable as reason:
        return str(reason)
    return ""


class _Interruptible:
    """A strategy's function, with a look now and then whether to continue."""

    def __init__(self, strategy: Strategy, count: int, report: Report) -> None:
        self._strategy, self._count, self._report = strategy.fresh(), count, report
        self._function = self._strategy.function
        self._games = self._asked = 0

    def __deepcopy__(self, memo: object) -> _Interruptible:
        return self

    def begin_run(self, games: Any) -> None:
        self._strategy.begin_run(games)

    def begin_game(self, game_id: str) -> None:
        self._report(self._games, self._count)
        self._games += 1
        self._strategy.begin_game(game_id)

    def __call__(self, o: Observation, **parameters: Any) -> Any:
        self._asked += 1
        if self._asked % EACH == 0:
            self._report(self._games, self._count)
        return self._function(o, **parameters)
