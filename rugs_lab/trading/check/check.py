"""`check`: whether a strategy looks ahead, and whether it gives the same everywhere.

What is tried, each on its own line of the report, with what it could have seen:

``look-ahead``     the future of games is replaced after a tick by others (an early rug, a long rise,
                   nothing at all): what the strategy decided until then must not change
``ids``            the same games under other ids: it must decide the same
``answers``        of a model: NaN and infinity are no answers
``retained data``  the strategy must not contain the prices of the games before it has seen them; one that
                   holds more than 50 bytes of text is not judged
``foresight``      side bets must not win, rugs must not be avoided, and moves after its orders must not be
                   better, far more often than chance allows
``synthetic``      the same on synthetic games that nobody has seen
``ledger``         each line of its ledger, computed once more from the prices of the games
``deterministic``  played again, it decides the same; a strategy that remembers earlier runs (state) does not
``engines``        compiled and tick by tick give the same for every game
``replay``         paper money on a replay of the games has the ledger of the backtest
``live``           if wanted: so has paper money on a live feed over a real socket
"""

from copy import copy
from inspect import isfunction
from typing import Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.synthetic import synthetic
from rugs_lab.trading.check.check_report import Finding, Report
from rugs_lab.trading.check.foresight import foresight
from rugs_lab.trading.check.ledger_check import ledger
from rugs_lab.trading.check.look_ahead import Decisions, by_id, decisions_of, look_ahead
from rugs_lab.trading.check.replay_and_live import on_live_feed, on_replay
from rugs_lab.trading.check.retained_data import retained_prices, retained_text
from rugs_lab.trading.engine.batches import GamesLike, as_games
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.signals import Signals
from rugs_lab.trading.strategy.strategy import Strategy, StrategyLike
from rugs_lab.trading.strategy.strategy_registry import as_strategy

TRIED: Final = 24
"""Games whose future is replaced."""

REPLAYED: Final = 24
"""Games that are replayed."""

PLAYED: Final = 400
"""Games that are played by each engine."""

UNSEEN: Final = 200
"""Synthetic games that are played besides."""


def check(
    strategy: StrategyLike,
    games: GamesLike | None = None,
    options: Options | None = None,
    *,
    live: bool = False,
    **parameters: Any,
) -> Report:
    """Test a strategy for look-ahead bias, and for identical results in both engines and in a replay.

    Parameters
    ----------
    strategy
        A `Strategy`, a function, or an object that can be called.
    games
        Games for the test; at most the first 400 are used. None: synthetic games. More games detect smaller
        leaks; each line states the smallest.
    options
        Cash, latency, limits.
    live
        Also test it on a live feed: on the built-in server, over a socket, for some seconds.
    **parameters
        Values of the strategy's parameters.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> def patient(o, size=0.01):
    ...     return rl.sidebet(size) if o.tick == 100 else None
    >>> check(patient, rl.sample()).ok
    True
    """
    given = synthetic(PLAYED) if games is None else as_games(games)
    if not len(given):
        raise ArgumentError("a strategy is checked on games; got none")
    made = as_strategy(strategy, **parameters).ready()
    chosen = Options() if options is None else options
    some = given if len(given) <= PLAYED else given[:PLAYED]
    signals, beforehand = None, False
    if isinstance(made.function, Signals):
        signals, beforehand = made.function.bound_to(given), made.function.beforehand
        if beforehand:
            made = copy(made)
            made.function = signals
    tried = list(some[_spread(len(some), TRIED)])
    held = retained_prices(made, list(some))
    first = decisions_of(made, some, chosen)  # before it has seen anything
    results = play_ticks(made, some, chosen)
    at_risk = float((results.spent + results.staked).mean()) / 1e9 if len(results) else 0.0
    undecided = getattr(made.function, "undecided", None)
    probes = [] if beforehand else [probe(made, tried, chosen, at_risk) for probe in (look_ahead, by_id)]
    findings = [
        *(probes or [_BEFOREHAND]),
        *_answers(undecided, int(results.ticks.sum())),
        _retained(made, list(some), held),
        foresight(results, some, signals=signals),
        _unseen(made, chosen),
        ledger(results, some),
        _deterministic(first, decisions_of(made, some, chosen)),
        _engines(made, some, chosen, results),
        on_replay(made, some[_spread(len(some), REPLAYED)], chosen),
    ]
    if live:
        findings.append(on_live_feed(made, list(some), chosen))
    return Report(repr(made).removeprefix("<Strategy ").removesuffix(">"), tuple(findings))


_BEFOREHAND: Final = Finding(
    "look-ahead",
    None,
    0,
    "not tried: the columns of the signals were computed beforehand; as functions of games.ticks they are "
    "computed again for every other future",
)


def _unseen(strategy: Strategy, options: Options) -> Finding:
    games = synthetic(UNSEEN, seed=UNSEEN)
    try:
        return foresight(play_ticks(strategy, games, options), games, "synthetic")
    except Exception as error:  # whatever a strategy may raise
        return Finding("synthetic", None, 0, f"not tried: it raises {type(error).__name__}: {error}")


def _answers(undecided: int | None, n: int) -> list[Finding]:
    if undecided is None:
        return []
    words = f"its model answered with NaN or infinity at {undecided:,} of {n:,} ticks, and held there"
    return [Finding("answers", not undecided, n, words if undecided else "its model answered with numbers")]


def _retained(strategy: Strategy, games: list[Game], before: str) -> Finding:
    """Judge what it held `before` it was played; what it holds since then it may only have collected."""
    ok, words = None, "no prices of these games found in it"
    if before:
        ok, words = False, f"it can look these games up: {before}"
    elif where := retained_prices(strategy, games):
        words = f"not judged: since it was played {where}, collected from what it was shown or loaded then"
    elif text := retained_text(strategy):
        words += f"; not judged: it holds {text:,} bytes of text, in which look-ups cannot be seen"
    else:
        ok = True
    return Finding("retained data", ok, len(games), words)


def _deterministic(first: Decisions, second: Decisions) -> Finding:
    n = len(first[0])
    if first == second:
        return Finding("deterministic", True, n, f"{n} decisions, identical in a second run")
    pairs = enumerate(zip(first[0], second[0], strict=False))
    at = next((place for place, (one, two) in pairs if one != two), n) + 1
    words = f"it keeps state between runs: a second run decides differently, first at decision {at} of {n}"
    return Finding("deterministic", False, n, words)


def _engines(strategy: Strategy, games: Games, options: Options, expected: GameResults) -> Finding:
    if not isfunction(strategy.function):
        return Finding("engines", None, 0, "an object with state is only played tick by tick")
    from rugs_lab.trading.engine.compilable import NotCompilable
    from rugs_lab.trading.engine.compiled_engine import Fallback, play_compiled

    try:
        found = play_compiled(strategy, games, options)
    except NotCompilable as reason:
        return Finding("engines", None, 0, f"only played tick by tick: {reason}")
    except Fallback:
        return Finding("engines", None, 0, "these games are only played tick by tick")
    count = min(len(found), len(expected))
    other = np.flatnonzero((found.values[:count] != expected.values[:count]).any(axis=1))
    if len(other) or len(found) != len(expected):
        game = expected.game_ids[min(int([*other, count][0]), len(expected) - 1)]
        return Finding("engines", False, count, f"the compiled engine gives another result for game {game}")
    return Finding("engines", True, count, f"compiled and tick by tick agree on all figures of {count} games")


def _spread(count: int, most: int) -> list[int]:
    """Return at most `most` positions, evenly spread."""
    return sorted({int(place) for place in np.linspace(0, count - 1, min(count, most))})
