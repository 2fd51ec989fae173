"""`backtest`: a strategy over games, with confidence intervals and baselines."""

import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from inspect import signature
from typing import Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError, IdleStrategyWarning, SelectionWarning
from rugs_lab.game.money import BET_MAX_SOL, BET_MIN_SOL, sol
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.orders import Rejection
from rugs_lab.trading.backtest.hindsight import outcome_test
from rugs_lab.trading.backtest.looks import noted
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.engine.batches import GamesLike, as_games
from rugs_lab.trading.engine.play import play
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import Strategy, StrategyLike
from rugs_lab.trading.strategy.strategy_registry import as_strategy


def backtest(
    strategy: StrategyLike,
    games: GamesLike,
    cash: float = 1.0,
    *,
    target: float | None = None,
    max_loss: float | None = None,
    max_games: int | None = None,
    carry: bool = True,
    latency: int = 1,
    min_sol: float = BET_MIN_SOL,
    max_sol: float = BET_MAX_SOL,
    shorts: str | None = None,
    engine: str = "auto",
    threads: int | None = None,
    params: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Run:
    """Play a strategy over games; return the result with its uncertainty.

    Parameters
    ----------
    strategy
        A strategy, a function ``strategy(o, parameter=default)``, any object that can be called with an
        `Observation`, or the name of one of ``rugs_lab.strategies``.
    games
        `Games`, one `Game`, or several, in the order in which they are played.
    cash
        SOL at the beginning.
    target, max_loss, max_games
        Stop the session after the game in which its cash reached ``target`` times the starting cash (1.5:
        half as much again), or lost the share ``max_loss`` of it (0.3: thirty per cent), or after so many
        games.
    carry
        True: the cash goes from game to game. False: each game begins with `cash`.
    latency
        Ticks from a decision to its fill, at least 1.
    min_sol, max_sol
        Limits of a buy, a short and a stake, SOL.
    shorts
        None: shorts are rejected. ``"linear"``: they are played under an assumption that two observations
        contradict, tick by tick; see `rugs_lab.trading.account.account.Account`. A short counts as a
        position.
    engine
        ``"auto"``: compiled where the strategy can be. ``"tick"``: tick by tick. Both give exactly
        the same.
    threads
        Number of threads of the compiled engine, if games are independent; by default the number of cores.
    params
        Parameters of the strategy by name, for those that have the same name as an argument of this
        function.
    **parameters
        Parameters of the strategy: ``backtest(dip, games, take=1.5)``.

    Returns
    -------
    Run
        With ``stats``, ``trades``, ``equity``, ``games``, ``plot()``.

    Raises
    ------
    ArgumentError
        No such parameter, an option out of range, or an ambiguous name.

    Warns
    -----
    SelectionWarning
        The games' lengths or peaks are not those of the price process: they were selected by their outcome.
    IdleStrategyWarning
        The strategy never acted, or more than half of its orders were rejected.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> @rl.strategy
    ... def early(o, take=1.3, size=0.01):
    ...     if o.tick < 0:
    ...         return rl.buy(size)
    ...     return rl.sell() if o.units and o.price > take * o.average_cost else rl.hold()
    >>> run = backtest(early, rl.sample()[:200], cash=1.0, take=1.5)
    >>> len(run), run.parameters
    (200, {'take': 1.5, 'size': 0.01})
    """
    values, given = locals(), as_strategy(strategy)
    _no_name_means_two_things(given, values)
    made = given.with_(**{**parameters, **(params or {})}).ready()
    some = as_games(games)
    options = Options(cash, latency, min_sol, max_sol, carry, target, max_loss, max_games, shorts)
    warn_if_selected(some)
    results = play(made, some, options, engine=engine, threads=threads)
    looks = noted(some, "backtest", f"{made!r} {options!r}")
    run = Run(made, some[: len(results)] if len(results) < len(some) else some, results, looks)
    warn_if_idle(run)
    return run


_REPEATED: Final = (Rejection.BET_ALREADY_OPEN, Rejection.NO_POSITION)
"""Rejections that a strategy which repeats its wish at every tick meets all the time, at no cost."""


def warn_if_selected(games: Games) -> None:
    """Warn when games were selected by their outcome."""
    found = outcome_test(games)
    if found is not None and found.selected:
        warnings.warn(
            f"these games were selected by their outcome, so every figure has look-ahead bias: {found}. "
            "Use all games as recorded, or synthetic games",
            SelectionWarning,
            stacklevel=3,
        )


def warn_if_idle(run: Run) -> None:
    """Warn when a strategy never acted, or when most of its orders were rejected."""
    strategy, results = run.strategy, run.results
    rejected = int((results.rejected + results.expired).sum())
    filled = int(results.buys.sum() + results.bets.sum() + results.trades.sum())
    if not len(results) or (filled and rejected <= filled):
        return
    reason, some = _most_often(run) if rejected else (None, "")
    if filled and reason in _REPEATED:
        return
    if rejected:
        share = f"{rejected:,} of at most {rejected + filled:,}" if filled else f"all of its {rejected:,}"
        gone = "" if run.gone_after is None else f"; its cash ran out after game {run.gone_after:,}"
        why = f"{share} orders were rejected or expired, most often: {reason}{some}{gone}"
    else:
        why = "its conditions were never met"
    acted = "" if filled else " never acted"
    warnings.warn(
        f"strategy {strategy.name}{acted} in {len(results):,} games "
        f"({int(results.ticks.sum()):,} ticks): {why}",
        IdleStrategyWarning,
        stacklevel=3,
    )


def _most_often(run: Run) -> tuple[Rejection | None, str]:
    """Return why most orders were rejected; of a compiled run, and in which of its games that was seen."""
    accounts, results, some = run.results.accounts, run.results, ""
    if not accounts:
        count = min(len(run), 20)
        sums = np.concatenate([[0], np.cumsum(results.rejected + results.expired)])
        first = int(np.argmax(sums[count:] - sums[:-count]))
        cash = results.start + (int(results.profit[:first].sum()) if results.options.carry else 0)
        options = replace(results.options, cash_sol=sol(cash), take=None, loss=None, max_games=None)
        accounts = play_ticks(run.strategy, run.played[first : first + count], options).accounts
        some = f" (in games {first:,} to {first + count - 1:,})" if count < len(run) else ""
    reasons = Counter(order.reason for account in accounts for order in account.orders if order.reason)
    return (reasons.most_common(1)[0][0] if reasons else None), some


def _no_name_means_two_things(strategy: Strategy, given: Mapping[str, Any]) -> None:
    for name, option in signature(backtest).parameters.items():
        if name in strategy.parameters and given[name] != option.default:
            raise ArgumentError(
                f"{name!r} is both an option of backtest and a parameter of {strategy.name}; given by name "
                f"it is the option. Give the parameter with params={{{name!r}: ...}} and leave the option "
                "out, or rename the parameter"
            )
