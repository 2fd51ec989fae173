"""`check`: whether a strategy looks ahead, and whether it gives the same everywhere.

What is tried, each on its own line of the report:

``look-ahead``     the future of games is replaced after a tick by others (an early rug, a long rise,
                   nothing at all): what the strategy decided until then must not change
``prices held``    the strategy must not carry the prices of the games with it
``foresight``      side bets must not win, and rugs must not be avoided, far more often than chance allows
``deterministic``  played again, it decides the same; a strategy that remembers earlier runs does not
``engines``        compiled and tick by tick give the same for every game
``replay``         paper money on a replay of the games has the ledger of the backtest
``live``           if wanted: so has paper money on a live feed over a real socket
"""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isfunction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.game.limits import RUG_FACTOR, RUG_PROBABILITY
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.check.check_report import Finding, Report
from rugs_lab.trading.check.replay_and_live import on_live_feed, on_replay
from rugs_lab.trading.check.retained_data import held_prices
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.strategy.strategy_registry import as_strategy

if TYPE_CHECKING:
    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.strategy.observation import Observation

TRIED: Final = 24
"""Games whose future is replaced."""

REPLAYED: Final = 24
"""Games that are replayed."""

PLAYED: Final = 300
"""Games that are played by each engine."""

CHANCE: Final = 1e-6
"""Probability below which a result is not taken for chance."""


def check(
    strategy: Any, games: Games, options: Options | None = None, *, live: bool = False, **parameters: Any
) -> Report:
    """Try whether a strategy looks ahead, and whether it gives the same everywhere.

    Parameters
    ----------
    strategy
        A `Strategy`, a function, or an object that can be called.
    games
        To try it on; of many games some are taken.
    options
        Cash, latency, limits.
    live
        Try it on a live feed too: on the built-in server, over a socket, for some seconds.
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
    if not len(games):
        raise ArgumentError("a strategy is checked on games; got none")
    made = as_strategy(strategy, **parameters).ready()
    chosen = Options() if options is None else options
    some = games if len(games) <= PLAYED else games[:PLAYED]
    tried = list(some[_spread(len(some), TRIED)])
    first = _decisions(made, some, chosen)  # before it has seen anything
    results = play_ticks(made, some, chosen)
    findings = [
        _look_ahead(made, tried, chosen),
        _held(made, list(some)),
        _foresight(results),
        _deterministic(first, _decisions(made, some, chosen)),
        _engines(made, some, chosen, results),
        on_replay(made, some[_spread(len(some), REPLAYED)], chosen),
    ]
    if live:
        findings.append(on_live_feed(made, list(some), chosen))
    return Report(repr(made).removeprefix("<Strategy ").removesuffix(">"), tuple(findings))


class _Watched:
    """A strategy that notes what it decided."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.presale = strategy.presale
        self.noted: list[tuple[int, str]] = []
        self.begin_run, self.begin_game = strategy.begin_run, strategy.begin_game

    def __call__(self, o: Observation) -> Any:
        decision = self.strategy(o)
        self.noted.append((o.tick, repr(decision)))
        return decision


_Decisions = tuple[list[tuple[int, str]], str]


def _decisions(strategy: Strategy, games: Games, options: Options) -> _Decisions:
    """Return what it decided, and what it raised in the end."""
    watched = _Watched(strategy)
    try:
        play_ticks(as_strategy(watched), games, options)
    except Exception as error:
        return watched.noted, f"{type(error).__name__}: {error}"
    return watched.noted, ""


def _look_ahead(strategy: Strategy, games: list[Game], options: Options) -> Finding:
    tried = 0
    for place, game in enumerate(games):
        whole, raised = _decisions(strategy, Games([game]), options)
        for cut, changed in _other_futures(game, games[place - 1]):
            part, failed = _decisions(strategy, Games([changed]), options)
            if failed and not raised:
                return Finding(
                    "look-ahead", None, tried, f"not tried: with another future it raises {failed}"
                )
            before = [each for each in whole if each[0] <= cut]
            after = [each for each in part if each[0] <= cut]
            tried += 1
            if before != after:
                first = next((one[0] for one, other in zip(before, after, strict=False) if one != other), cut)
                words = f"game {game.id}: what comes after tick {cut} changes what it decides at tick {first}"
                return Finding("look-ahead", False, tried, words)
    words = f"{tried} other futures of {len(games)} games changed no decision before them"
    return Finding("look-ahead", True, tried, words)


def _other_futures(game: Game, other: Game) -> Iterator[tuple[int, Game]]:
    """Yield ticks, and the game with another future after each."""
    end = len(game.prices) if game.rug_tick is None else game.rug_tick
    known = np.flatnonzero(~np.isnan(game.prices[:end]))
    if not len(known):
        return
    for cut in sorted({int(known[len(known) // 5]), int(known[len(known) // 2]), int(known[-1])}):
        past = game.prices[: cut + 1]
        low = float(np.nanmin(past))
        bare = Game(game.id, past)
        rise = past[-1] * 1.01 ** np.arange(1, 120)
        path = other.prices[: other.rug_tick]
        path = path[~np.isnan(path)]
        futures = [np.empty(0), rise]
        if len(path):
            futures.append(past[-1] * path / path[0])
        for future in futures:
            rug_price = future.min(initial=low) * RUG_FACTOR
            prices = np.concatenate([past, future, [rug_price]])
            yield cut, Game(game.id, prices, rug_tick=len(prices) - 1)
        yield cut, bare


def _held(strategy: Strategy, games: list[Game]) -> Finding:
    where = held_prices(strategy, games)
    words = f"it can look these games up: {where}" if where else "none found that it could look up"
    return Finding("prices held", not where, len(games), words)


def _foresight(results: GameResults) -> Finding:
    from scipy.stats import binomtest

    whole = results.values[results.voided == 0]
    if not len(whole):
        return Finding("foresight", None, 0, "no game whose end is known")
    bets, won = int(results.bets[results.voided == 0].sum()), int(results.bets_won.sum())
    held = int(results.ticks_held[results.voided == 0].sum())
    entries = (entry for account in results.accounts for entry in account.entries)
    rugs = sum(entry.what in ("rug", "short rug") for entry in entries)
    chance = rug_within()
    lucky = binomtest(won, bets, chance, "greater").pvalue if bets else 1.0
    spared = binomtest(min(rugs, held), held, RUG_PROBABILITY, "less").pvalue if held else 1.0
    words = (
        f"{won} of {bets} side bets won (chance: {chance:.2%}), {rugs} rugs in {held} ticks with a position "
        f"(chance: {RUG_PROBABILITY:.1%} each)"
    )
    if min(lucky, spared) < CHANCE:
        words += f"; by chance that happens once in {1 / max(min(lucky, spared), 1e-300):.0e} times"
    return Finding("foresight", bool(min(lucky, spared) >= CHANCE), bets + held, words)


def _deterministic(first: _Decisions, second: _Decisions) -> Finding:
    n = len(first[0])
    if first == second:
        return Finding("deterministic", True, n, f"{n} decisions, the same when asked again")
    pairs = enumerate(zip(first[0], second[0], strict=False))
    at = next((place for place, (one, two) in pairs if one != two), n)
    words = f"played again it decides otherwise, first at its decision {at + 1} of {n}"
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
        place = int(other[0]) if len(other) else count
        words = f"compiled, game {expected.game_ids[min(place, len(expected) - 1)]} comes out otherwise"
        return Finding("engines", False, count, words)
    return Finding("engines", True, count, f"compiled and tick by tick agree on all figures of {count} games")


def _spread(count: int, most: int) -> list[int]:
    """Return at most `most` positions, evenly spread."""
    return sorted({int(place) for place in np.linspace(0, count - 1, min(count, most))})
