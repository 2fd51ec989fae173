"""`BotsPart`: the bots that trade paper money on a feed, beside the people who play: a table and a figure."""

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final

from rugs_lab.feed.core.feed import Feed
from rugs_lab.game.money import BILLION
from rugs_lab.trading.paper.bots_table import names_of, per_game
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.paper.versus_humans import RankedGame
from rugs_lab.views.page.background_worker import Worker
from rugs_lab.views.page.part_base import Part, Throttle, finite
from rugs_lab.views.parts.strategy_panel import figures_of, parameters_of

SHOWN_GAMES: Final = 20
"""The newest finished games in the figure and the table; the frame has all of them."""

SHOWN_STEPS: Final = 8
"""The newest decisions of each bot that gave an order."""

MOST_BOTS: Final = 6

EVERY_S: Final = 0.5
"""Games without a final leaderboard yet are compared again each time, so not with every tick."""


class BotsPart(Part):
    """The bots of a feed (``feed.papers``)."""

    name = "bots"

    def __init__(self, feed: Feed, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._feed = feed
        self._moves = Throttle(self._look, EVERY_S, clock)
        self._random = Worker(self._play, "random bots")
        self._played: list[tuple[Paper, float | None]] = []

    def version(self) -> Hashable:
        """Return what `status` depends on; it moves at most so often as `EVERY_S` says."""
        return self._moves.now(), self._random.done

    def status(self) -> dict[str, Any]:
        """Return the bots, and the newest games of each: money in SOL, null = not known.

        The random bots of a game that is new play on a thread of their own; until then theirs is null, and
        their mean is that of the games before.
        """
        papers = self._feed.papers[:MOST_BOTS]
        at_once = [paper.ranking.games_so_far() for paper in papers]
        if not all(complete for _, complete in at_once):
            self._random.put(papers)
        duels = [games for games, _ in at_once]
        means = {id(paper): mean for paper, mean in self._played}
        bots = [
            _bot(name, paper, games, _mean(games) if complete else means.get(id(paper)))
            for name, paper, (games, complete) in zip(names_of(papers), papers, at_once, strict=True)
        ]
        return {"bots": bots, "games": _games(duels), "more": len(self._feed.papers) - len(papers)}

    def _play(self, papers: Sequence[Paper]) -> None:
        """Have the random bots play what they have not played yet; takes its time."""
        self._played = [(paper, _mean(paper.ranking.games())) for paper in papers]

    def _look(self) -> Hashable:
        papers = self._feed.papers
        moves = tuple((id(each), each.version, each.decisions.decisions) for each in papers)
        return moves, len(self._feed.boards)


def _mean(duels: list[RankedGame]) -> float | None:
    random = [each.random for each in duels if each.random is not None]
    return sum(random) / len(random) if random else None


def _bot(name: str, paper: Paper, duels: list[RankedGame], random: float | None) -> dict[str, Any]:
    profit = per_game(duels)
    strategy = paper.strategy
    return {
        "name": name,
        "parameters": "" if strategy is None else parameters_of(strategy),
        "state": paper.strategy_state,
        "error": paper.strategy_error,
        "decisions": paper.decisions.decisions,
        **paper.between_ticks(figures_of),
        "games": len(duels),
        "mean": finite(profit.value),
        "low": finite(profit.low),
        "high": finite(profit.high),
        "random": random,
        "steps": [
            [step.game_id, step.seen.tick, step.seen.price, step.decision, step.result]
            for step in paper.steps.newest(SHOWN_STEPS, acted=True)
        ],
    }


def _games(duels: list[list[RankedGame]]) -> list[dict[str, Any]]:
    """Return the newest games, newest first, with what each bot made; null for one that was not there.

    A bot that was stopped counts from an older one.
    """
    found: dict[str, dict[str, Any]] = {}
    ages: dict[str, int] = {}
    for place, games in enumerate(duels):
        for age, duel in enumerate(games[: -SHOWN_GAMES - 1 : -1]):
            shown = {"game": duel.game_id, "rug": duel.rug_tick, "people": list(duel.humans)}
            game = found.setdefault(duel.game_id, {**shown, "bots": [None] * len(duels)})
            game["bots"][place] = [duel.profit / BILLION, duel.rank, duel.at_least, duel.random]
            ages[duel.game_id] = max(age, ages.get(duel.game_id, age))
    return [found[game_id] for game_id in sorted(ages, key=ages.__getitem__)[:SHOWN_GAMES]]
