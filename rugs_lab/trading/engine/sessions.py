"""`play_sessions`: a strategy in many sessions, each with its own cash; `gone_after`: ruin."""

from dataclasses import replace
from inspect import isfunction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.money import lamports
from rugs_lab.progress import progress
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.batches import Batch, batch_of, spans
from rugs_lab.trading.engine.game_results import FIELDS
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import Strategy

SESSIONS, BY_TICK = 1000, 20
"""Sessions that are played, compiled and tick by tick."""
_AT_ONCE: Final = 20
_PLAYED_ON: Final = 200
"""At most so many games without an order are played on, to see whether cash would have filled one."""


def play_sessions(
    strategy: Strategy, games: Games, options: Options, length: int, sessions: int = SESSIONS
) -> tuple[NDArray[np.int64], int]:
    """Play sessions of so many games, with one cash each; return their rows, and how many end in ruin.

    Their games are one after the other in `games` if those are enough, else drawn from them with return.
    """
    options = replace(options, carry=True, max_games=None)
    kernel = _kernel(strategy, options)
    rows = np.zeros((BY_TICK if kernel is None else sessions, length, len(FIELDS)), np.int64)
    ruined, rng = 0, np.random.default_rng(0)
    for first in progress(range(0, len(rows), _AT_ONCE), f"playing {_AT_ONCE} sessions each", "rounds"):
        count = _AT_ONCE * length
        enough = len(games) >= sessions * length
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
            ruined += gone_after(strategy, some[here], options, rows[first + session]) is not None
    return rows, ruined


def gone_after(strategy: Strategy, games: Games, options: Options, values: NDArray[np.int64]) -> int | None:
    """Return after how many games the cash ran out; None: it did not. `values` as in `GameResults`.

    It is after the last game in which an order was filled, if none is filled any more for want of cash:
    because less is left than the least bet, or than the smallest order that was ever filled; or because the
    games without an order are more than ever were in a row, and one of them would have one if the strategy
    had its starting cash again, or enough for the largest order. So it does not matter whether its stakes
    vary, or whether its orders are rejected or it gives none; what stops for another reason is not ruined.
    """
    profit, buys, bets, spent, staked = (
        values[:, FIELDS.index(name)] for name in ("profit", "buys", "bets", "spent", "staked")
    )
    filled, least = np.flatnonzero(buys + bets), lamports(options.min_sol)
    end = int(filled[-1]) + 1 if len(filled) else 0
    if end:
        least = max(least, int(((spent + staked)[filled] / (buys + bets)[filled]).min()))
    cash = lamports(options.cash_sol) + np.cumsum(profit)
    poor = np.flatnonzero(cash[max(end - 1, 0) :] < least)
    if len(poor):
        return max(end - 1, 0) + int(poor[0]) + 1
    unfilled = int(np.diff(filled, prepend=-1).max(initial=1)) - 1
    if not end or len(values) - end <= unfilled:
        return None
    richer = (lamports(options.cash_sol), lamports(options.max_sol))
    some = games[: min(len(values), end + _PLAYED_ON)]
    return end if any(_fills(strategy, some, options, end, each) for each in richer) else None


def _fills(strategy: Strategy, games: Games, options: Options, end: int, cash: int) -> bool:
    """Whether an order is filled after `end` games, if there are at least so many lamports by then."""
    options = replace(options, carry=True, take=None, loss=None, max_games=None)
    kernel = _kernel(strategy, options)
    if kernel is None:
        rows = play_ticks(strategy, games, options, richer=(end, cash)).values[end:]
    else:
        rows = kernel(*(batch_of(games, *span) for span in (*spans(end), (end, len(games)))), cash=cash)
    return bool(rows[:, [FIELDS.index("buys"), FIELDS.index("bets")]].any())


def _kernel(strategy: Strategy, options: Options) -> Any:
    """Return what plays a session by machine code; None where it cannot."""
    from rugs_lab.trading.engine import compiled_account as account
    from rugs_lab.trading.engine import compiled_engine as compiled
    from rugs_lab.trading.engine.compilable import NotCompilable, arguments_of

    if not isfunction(strategy.function) or options.shorts is not None:
        return None
    try:
        kernel, settings = compiled.compile_strategy(strategy), compiled._settings(strategy, options)
    except (NotCompilable, compiled.Fallback):
        return None
    arguments = arguments_of(strategy.function, strategy.parameters)

    def play(*batches: Batch, cash: int = 0) -> NDArray[np.int64]:
        """Return the rows of the last of the batches, before which there is at least so much cash."""
        past = compiled._Past(np.empty(0), np.empty(0, np.int64))
        state = compiled.state_of(settings)
        for place, batch in enumerate(batches, 1):
            if place == len(batches):
                state[account.CASH] = max(state[account.CASH], cash)
            played, out = compiled._run(kernel, arguments, batch, past, settings, state)
            past = compiled._joined(past, compiled._own(batch))
        return out[:played]

    return play
