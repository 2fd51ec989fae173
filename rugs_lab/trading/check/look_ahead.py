"""Whether a strategy looks ahead, or looks games up: its decisions under other futures and other ids."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import Decision
from rugs_lab.trading.check.check_report import DETECTED, Finding
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import Strategy, Wrapper, actions_of
from rugs_lab.trading.strategy.strategy_registry import as_strategy

_AGAIN: Final = 3
"""How often a difference is looked at again: it is the future's if it comes every time."""

Decisions = tuple[list[tuple[str, int, str]], str]
"""Those of `NotedStrategy`, and what the strategy raised in the end."""


class NotedStrategy(Wrapper):
    """A strategy that notes its decisions (game, tick, words) and the ticks at which it gave orders."""

    def __init__(self, strategy: Strategy) -> None:
        super().__init__(strategy)
        self.decisions: list[tuple[str, int, str]] = []
        self.order_ticks: list[int] = []
        self._game = ""

    def begin_game(self, game_id: str) -> None:
        """Note and pass on that a game begins."""
        self._game = game_id
        super().begin_game(game_id)

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


class Probes:
    """Plays games with a change, and compares what was decided before it.

    `tried` counts the changes before which it decided at every tick; `failed` is what it raised elsewhere.
    """

    def __init__(self, strategy: Strategy, options: Options) -> None:
        self._strategy, self._options = strategy, options
        self.tried = self.games = 0
        self.failed = ""

    def difference(self, game: Game, others: Iterable[tuple[int, Game]]) -> tuple[int, int] | None:
        """Return the tick after which a game was changed, and that at which something else was decided."""
        whole, raised = self._decided(game)
        self.games += 1
        for cut, changed in others:
            before = [each for each in whole if each[0] <= cut]
            part, failed = self._decided(changed)
            after = [each for each in part if each[0] <= cut]
            if not before or (failed and len(after) < len(before)):
                self.failed = failed or raised or self.failed
                continue
            self.tried += 1
            if before != after and not raised:
                for _ in range(_AGAIN):
                    if self._decided(game)[0] != whole or self._decided(changed)[0] != part:
                        raise Remembers
                pairs = zip(before, after, strict=False)
                return cut, next((one[0] for one, other in pairs if one != other), cut)
        return None

    def _decided(self, game: Game) -> tuple[list[tuple[int, str]], str]:
        decisions, raised = decisions_of(self._strategy, Games([game]), self._options)
        return [each[1:] for each in decisions], raised


class Remembers(Exception):  # noqa: N818 (a finding; it never reaches the user)
    """A strategy decides otherwise when it is asked again: because of what it remembers, not the future."""


def look_ahead(strategy: Strategy, games: list[Game], options: Options, at_risk: float) -> Finding:
    """Replace what comes after a tick by other futures, and compare what was decided before."""
    others = (_other_futures(game, games[place - 1]) for place, game in enumerate(games))
    words = "what comes after tick {} changes what it decides at tick {}"
    probes = Probes(strategy, options)
    found = _compared("look-ahead", probes, zip(games, others, strict=True), words)
    return found or _passed("look-ahead", probes, "other futures", at_risk)


def by_id(strategy: Strategy, games: list[Game], options: Options, at_risk: float) -> Finding:
    """Give the games other ids, and compare what is decided: by these it may have memorised games."""
    renamed = (
        [(len(game.prices), Game(f"20200101-{place:016x}", game.prices, rug_tick=game.rug_tick))]
        for place, game in enumerate(games)
    )
    words = "with another id it decides differently at tick {1}: it recognises games by their id"
    probes = Probes(strategy, options)
    found = _compared("ids", probes, zip(games, renamed, strict=True), words)
    return found or _passed("ids", probes, "other ids", at_risk)


def _compared(
    name: str, probes: Probes, tried: Iterable[tuple[Game, Iterable[tuple[int, Game]]]], words: str
) -> Finding | None:
    """Return the finding of the first game whose decisions change; None where none do."""
    for game, others in tried:
        try:
            found = probes.difference(game, others)
        except Remembers:
            why = "not tried: the same game, played again, gives other decisions (state, see 'deterministic')"
            return Finding(name, None, probes.tried, why)
        if found is not None:
            return Finding(name, False, probes.tried, f"game {game.id}: {words.format(*found)}")
    return None


def _passed(name: str, probes: Probes, what: str, at_risk: float) -> Finding:
    if not probes.tried:
        why = f"each of them raises {probes.failed}" if probes.failed else "nothing is decided in these games"
        return Finding(name, None, 0, f"not tried: with {what} {why}")
    words = f"no decision changed with {probes.tried} {what} ({probes.games} games)"
    if probes.failed:
        words += f" (with others it raised {probes.failed})"
    share = 1 - 0.2 ** (1 / probes.games)
    power = f"a leak in {share:.1%} of the games, worth at most {share * at_risk:.2g} SOL a game, {DETECTED}"
    return Finding(name, True, probes.tried, words, power)


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
