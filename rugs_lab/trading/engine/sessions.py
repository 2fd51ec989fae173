"""`play_sessions`: a strategy in many sessions, each with its own cash, by whichever engine can."""

from __future__ import annotations

from dataclasses import replace
from inspect import isfunction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.progress import progress
from rugs_lab.trading.engine.batches import Batch, batch_of
from rugs_lab.trading.engine.game_results import FIELDS
from rugs_lab.trading.engine.tick_engine import play_ticks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.engine.session_options import Options
    from rugs_lab.trading.strategy.strategy import Strategy

SESSIONS, BY_TICK = 1000, 20
"""Sessions that are played, compiled and tick by tick."""
_AT_ONCE: Final = 20


def play_sessions(strategy: Strategy, games: Games, options: Options, length: int) -> NDArray[np.int64]:
    """Play sessions of so many games; the cash goes from game to game within each.

    Their games are one after the other in `games` if those are enough, else drawn from them with return.
    """
    options = replace(options, carry=True, max_games=None)
    kernel = _kernel(strategy, options)
    rows = np.zeros((BY_TICK if kernel is None else SESSIONS, length, len(FIELDS)), np.int64)
    rng = np.random.default_rng(0)
    for first in progress(range(0, len(rows), _AT_ONCE), "playing sessions", f"{_AT_ONCE} sessions"):
        count = _AT_ONCE * length
        enough = len(games) >= SESSIONS * length
        at = np.arange(count) + first * length if enough else rng.integers(0, len(games), count)
        some = games[at.tolist()]
        batch = batch_of(some, 0, count)
        for session in range(_AT_ONCE):
            here = slice(session * length, (session + 1) * length)
            if kernel is None:
                played = play_ticks(strategy, some[here], options).values
            else:
                offsets = batch.offsets[here.start : here.stop + 1]
                flat, ends = batch.flat[offsets[0] : offsets[-1]], batch.ends[here]
                played = kernel(Batch(0, flat, offsets - offsets[0], ends, batch.rug_prices[here]))
            rows[first + session, : len(played)] = played
    return rows


def _kernel(strategy: Strategy, options: Options) -> Any:
    """Return what plays a session by machine code; None where it cannot."""
    from rugs_lab.trading.engine import compiled_engine as compiled
    from rugs_lab.trading.engine.compilable import NotCompilable, arguments_of

    if not isfunction(strategy.function) or options.shorts is not None:
        return None
    try:
        kernel, settings = compiled.compile_strategy(strategy), compiled._settings(strategy, options)
    except (NotCompilable, compiled.Fallback):
        return None
    arguments = arguments_of(strategy.function, strategy.parameters)
    past = compiled._Past(np.empty(0), np.empty(0, np.int64))

    def play(batch: Batch) -> NDArray[np.int64]:
        played, out = compiled._run(kernel, arguments, batch, past, settings, compiled.state_of(settings))
        return out[:played]

    return play
