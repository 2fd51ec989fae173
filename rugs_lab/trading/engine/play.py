"""`play`: a strategy over games, by whichever engine can; both give the same, exactly."""

import warnings
from functools import partial
from inspect import isfunction
from typing import Any, Final

from rugs_lab.errors import ArgumentError, CompileWarning
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import Strategy, StrategyLike
from rugs_lab.trading.strategy.strategy_registry import as_strategy

ENGINES: Final = ("auto", "tick")


def play(
    strategy: StrategyLike,
    games: Games,
    options: Options | None = None,
    *,
    engine: str = "auto",
    threads: int | None = None,
    **parameters: Any,
) -> GameResults:
    """Play a strategy over games, compiled where it can be, with ``engine="tick"`` tick by tick.

    A function that cannot be compiled, or counts beyond 64 bits, is played tick by tick, with one
    `CompileWarning` that names line, reason and cost. `threads`: chunks of games played at once where games
    are independent, by default one per core; what comes out does not depend on it.
    """
    if engine not in ENGINES:
        raise ArgumentError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}")
    made = as_strategy(strategy, **parameters).ready()
    chosen = Options() if options is None else options
    timed = None
    if engine != "tick" and isfunction(made.function):
        from rugs_lab.trading.engine.compilable import NotCompilable
        from rugs_lab.trading.engine.compiled_engine import Fallback, play_compiled

        try:
            return play_compiled(made, games, chosen, threads)
        except (NotCompilable, Fallback) as reason:
            if str(reason) and (made.name, str(reason)) not in _warned:
                _warned.add((made.name, str(reason)))
                timed = partial(_warn, made, str(reason))
    return play_ticks(made, games, chosen, timed=timed)  # outside of "except": what it raises has no context


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


COMPILED_S: Final = 100e-9
"""About what a compiled strategy takes for a tick, in seconds."""

_warned: set[tuple[str, str]] = set()


def _warn(strategy: Strategy, reason: str, tick_s: float) -> None:
    """Warn that a strategy is not compiled, and what that costs; `tick_s`: seconds that a tick took."""
    warnings.warn(
        f"strategy {strategy.name} is played tick by tick, about {tick_s / COMPILED_S:,.0f} x slower than "
        f"compiled, because of {reason}",
        CompileWarning,
        stacklevel=5,
    )
