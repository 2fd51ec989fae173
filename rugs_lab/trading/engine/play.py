"""`play`: a strategy over games, by whichever engine can; both give the same, exactly.

The tick-by-tick engine (`rugs_lab.trading.engine.tick_engine`) is the definition and keeps an account with
its whole ledger. The compiled one (`rugs_lab.trading.engine.compiled_engine`) is some hundred times as fast
and keeps figures per game only.
"""

from __future__ import annotations

import warnings
from functools import partial
from inspect import isfunction
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError, CompileWarning
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy_registry import as_strategy

if TYPE_CHECKING:
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.strategy.strategy import Strategy, StrategyLike

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
    """Play a strategy over games.

    Parameters
    ----------
    strategy
        A `Strategy`, a function, or an object that can be called.
    games
        In the order in which they are played.
    options
        Cash, latency, limits, stop conditions; see `Options`.
    engine
        ``"tick"``, or ``"auto"``: compiled where the strategy can be. A function that cannot be gives one
        `CompileWarning` that names line, reason and cost, and is played tick by tick; so is one that counts
        beyond 64 bits, and without a warning an object with state. See `GameResults.engine`.
    threads
        How many chunks of games are played at once where games are independent; the number of cores by
        default. What comes out does not depend on it.
    **parameters
        Values of the strategy's parameters for this run.
    """
    if engine not in ENGINES:
        raise ArgumentError(f"engine must be one of {', '.join(ENGINES)}; got {engine!r}")
    made = as_strategy(strategy, **parameters).ready()
    chosen = Options() if options is None else options
    if engine != "tick" and isfunction(made.function):
        from rugs_lab.trading.engine.compilable import NotCompilable
        from rugs_lab.trading.engine.compiled_engine import Fallback, play_compiled

        try:
            return play_compiled(made, games, chosen, threads)
        except (NotCompilable, Fallback) as reason:
            if str(reason) and (made.name, str(reason)) not in _warned:
                _warned.add((made.name, str(reason)))
                return play_ticks(made, games, chosen, timed=partial(_warn, made, str(reason)))
    return play_ticks(made, games, chosen)


COMPILED_S: Final = 100e-9
"""About what a compiled strategy takes for a tick, in seconds."""

_warned: set[tuple[str, str]] = set()


def _warn(strategy: Strategy, reason: str, tick_s: float) -> None:
    """Warn that a strategy is not compiled, and what that costs; `tick_s`: seconds that a tick took."""
    warnings.warn(
        f"strategy {strategy.name} is played tick by tick, about {tick_s / COMPILED_S:.2g} x slower than "
        f"compiled, because of {reason}",
        CompileWarning,
        stacklevel=5,
    )
