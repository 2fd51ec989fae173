"""`play_sessions`: many sessions of games drawn with return, each with its own cash, by either engine."""

from __future__ import annotations

from dataclasses import replace
from inspect import isfunction
from typing import TYPE_CHECKING, Final

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

COMPILED, BY_TICK = 1000, 40
"""Sessions that are played, compiled and tick by tick."""
_AT_ONCE: Final = 50


def play_sessions(
    strategy: Strategy, games: Games, options: Options, length: int, seed: int = 0
) -> NDArray[np.int64]:
    """Play sessions of games drawn with return; the cash goes from game to game within each.

    Returns
    -------
    ndarray of int64, shape (sessions, length, len(FIELDS))
        Rows of `GameResults.values`; zeros after a session's end.
    """
    options, rng = replace(options, carry=True, max_games=None), np.random.default_rng(seed)
    if isfunction(strategy.function):
        from rugs_lab.trading.engine import compiled_engine as compiled
        from rugs_lab.trading.engine.compilable import NotCompilable

        try:
            if options.shorts is None:
                return _compiled(strategy, games, options, length, rng)
        except (NotCompilable, compiled.Fallback):
            pass
    rows = np.zeros((BY_TICK, length, len(FIELDS)), np.int64)
    for session in progress(range(BY_TICK), "playing sessions", "sessions"):
        drawn = games[np.sort(rng.integers(0, len(games), length)).tolist()]
        played = play_ticks(strategy, drawn[rng.permutation(length).tolist()], options).values
        rows[session, : len(played)] = played
    return rows


def _compiled(
    strategy: Strategy, games: Games, options: Options, length: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    from rugs_lab.trading.engine import compiled_account as account
    from rugs_lab.trading.engine import compiled_engine as compiled
    from rugs_lab.trading.engine.compilable import arguments_of

    kernel, settings = compiled.compile_strategy(strategy), compiled._settings(strategy, options)
    arguments = arguments_of(strategy.function, strategy.parameters)
    past = compiled._Past(np.empty(0), np.empty(0, np.int64))
    rows = np.zeros((COMPILED, length, len(FIELDS)), np.int64)
    for first in range(0, COMPILED, _AT_ONCE):
        drawn = batch_of(games[rng.integers(0, len(games), _AT_ONCE * length).tolist()], 0, _AT_ONCE * length)
        for session in range(_AT_ONCE):
            begin, end = session * length, (session + 1) * length
            offsets = drawn.offsets[begin : end + 1]
            flat = drawn.flat[offsets[0] : offsets[-1]]
            batch = Batch(0, flat, offsets - offsets[0], drawn.ends[begin:end], drawn.rug_prices[begin:end])
            state = np.zeros(account.STATE_SIZE, np.int64)
            state[account.CASH] = settings[account.START]
            played, out = compiled._run(kernel, arguments, batch, past, settings, state)
            rows[first + session, :played] = out[:played]
    return rows
