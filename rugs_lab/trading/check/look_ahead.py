"""Whether a strategy looks ahead: decisions under other futures, and bets that win too often for chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.game.limits import RUG_FACTOR, RUG_PROBABILITY
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.check.check_report import Finding
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import actions_of
from rugs_lab.trading.strategy.strategy_registry import as_strategy

if TYPE_CHECKING:
    from rugs_lab.trading.account.actions import Decision
    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.engine.session_options import Options
    from rugs_lab.trading.strategy.observation import Observation
    from rugs_lab.trading.strategy.strategy import Strategy

CHANCE: Final = 1e-6
"""Probability below which a result is not taken for chance."""

Decisions = tuple[list[tuple[str, int, str]], str]
"""Those of `NotedStrategy`, and what the strategy raised in the end."""


class NotedStrategy:
    """A strategy that notes what it decided.

    Attributes
    ----------
    decisions
        Game, tick and decision, in words, of each.
    order_ticks
        The tick at which each order was decided.
    """

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.presale = strategy.presale
        self.begin_run = strategy.begin_run
        self.decisions: list[tuple[str, int, str]] = []
        self.order_ticks: list[int] = []
        self._game = ""

    def begin_game(self, game_id: str) -> None:
        """Note and pass on that a game begins."""
        self._game = game_id
        self.strategy.begin_game(game_id)

    def __call__(self, o: Observation) -> Decision:
        """Return its decision."""
        decision = self.strategy(o)
        self.decisions.append((self._game, o.tick, repr(decision)))
        self.order_ticks += [o.tick] * len(actions_of(decision))
        return decision


def decisions_of(strategy: Strategy, games: Games, options: Options) -> Decisions:
    """Return what it decided, and what it raised in the end."""
    noted = NotedStrategy(strategy)
    try:
        play_ticks(as_strategy(noted), games, options)
    except Exception as error:
        return noted.decisions, f"{type(error).__name__}: {error}"
    return noted.decisions, ""


def look_ahead(strategy: Strategy, games: list[Game], options: Options) -> Finding:
    """Replace what comes after a tick by other futures, and compare what was decided before."""
    tried = 0
    for place, game in enumerate(games):
        whole, raised = decisions_of(strategy, Games([game]), options)
        for cut, changed in _other_futures(game, games[place - 1]):
            part, failed = decisions_of(strategy, Games([changed]), options)
            if failed and not raised:
                return Finding(
                    "look-ahead", None, tried, f"not tried: with another future it raises {failed}"
                )
            before = [each for each in whole if each[1] <= cut]
            after = [each for each in part if each[1] <= cut]
            tried += 1
            if before != after:
                first = next((one[1] for one, other in zip(before, after, strict=False) if one != other), cut)
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


def foresight(results: GameResults) -> Finding:
    """Compare side bets won and rugs met with what chance gives."""
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
