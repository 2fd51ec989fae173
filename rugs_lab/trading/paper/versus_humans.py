"""`VersusHumans`: each game of a paper account beside the people who played it.

People are those of the game's last leaderboard (`rugs_lab.recordings.assembly.final_leaderboards`), without
practice players. The board shows the ten that made most, so nothing is known of those who made less: a bot
that is level with its median is among the best, and one below its last row has a rank that is only known to
be at least the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from rugs_lab.game.leaderboard import Standing
from rugs_lab.game.money import BILLION
from rugs_lab.recordings.assembly.final_leaderboards import ROWS
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.account_frames import Column, frame_of
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.backtest.baselines import EqualRisk, equal_risk
from rugs_lab.trading.paper.feed_account import FeedAccount
from rugs_lab.trading.paper.paper_stats import results_of

if TYPE_CHECKING:
    import pandas as pd

RANDOM_BOTS: Final = 10
"""Random strategies; the mean of their profits counts."""


class RankedGame(NamedTuple):
    """One finished game; `profit` in lamports, the other profits in SOL.

    `rug_tick` is None where the end is not known, and what was open was refunded; `from_tick` is the first
    that the bot saw; `rank` is the place it would have had among the people on the board (`humans`, highest
    first), None without a board, a lower bound if `at_least`: it made less than the last of a full one.
    `random` is the mean of random strategies of equal risk, None where the prices are not known.
    """

    game_id: str
    rug_tick: int | None
    from_tick: int
    profit: int
    rank: int | None
    at_least: bool
    humans: tuple[float, ...]
    random: float | None


class VersusHumans:
    """The finished games of a `Paper`; each is looked at once its board can be known."""

    def __init__(self, paper: FeedAccount) -> None:
        self._paper = paper
        self._known: dict[str, RankedGame] = {}
        self._random: dict[str, float] = {}
        self._playing = Lock()

    def games(self) -> list[RankedGame]:
        """Return the finished games of the session, oldest first.

        Random strategies play them when a game has been finished since the last time, which takes its time.
        """
        with self._playing:
            found, complete, known = self._games()
            if not complete:
                ids, random = random_of(self._paper)
                self._random = dict(zip(ids, (random.profit / BILLION).tolist(), strict=True))
            found = [game._replace(random=self._random.get(game.game_id)) for game in found]
            known.update((game.game_id, game) for game in found)
            if len(known) > len(found) and known is self._known:  # a new session
                self._known = {game.game_id: game for game in found}
            return found

    def games_so_far(self) -> tuple[list[RankedGame], bool]:
        """Return what `games` does without letting anything play, and whether that is all of it.

        Where the random bots have not played yet, `RankedGame.random` is None.
        """
        return self._games()[:2]

    def _games(self) -> tuple[list[RankedGame], bool, dict[str, RankedGame]]:
        """Return the finished games, whether all were known, and what was known in the same session."""
        games, known = self._paper.between_ticks(lambda account: (_finished(account), self._known))
        found = [known.get(game_id) for game_id, _, _ in games]
        ranked = [
            self._ranked(*each, game and game.random) if game is None or game.rank is None else game
            for each, game in zip(games, found, strict=True)  # a board may come late
        ]
        return ranked, None not in found, known

    @property
    def frame(self) -> pd.DataFrame:
        """One row per finished game, oldest first; index ``game_id``.

        ``rug_tick``; ``from_tick``, the first tick the bot saw; its ``profit_sol``; the ``rank`` it would
        have had (missing without a board), ``at_least`` that where it is only a lower bound; ``people`` on
        the board (real money only, at most ten: the best), and ``best_sol``, ``median_sol``, ``mean_sol`` and
        ``worst_sol`` of them; ``random_sol``, the mean of ten random strategies of equal risk;
        ``nothing_sol``, 0.0.
        """
        return frame_of(self.games(), _COLUMNS).set_index("game_id")

    def _ranked(
        self, game_id: str, first_tick: int, entries: list[Entry], random: float | None
    ) -> RankedGame:
        feed = self._paper.feed
        game = feed.book.get(game_id)
        profit = sum(entry.cash_change for entry in entries)
        rank, at_least, humans = standing_of(profit, feed.boards.of(game_id))
        rug_tick = None if game is None else game.rug_tick
        return RankedGame(game_id, rug_tick, first_tick, profit, rank, at_least, humans, random)

    def forget(self) -> None:
        """Begin a new session, in which the same games may be played again; between two ticks."""
        self._known, self._random = {}, {}


def standing_of(profit: int, board: Sequence[Standing]) -> tuple[int | None, bool, tuple[float, ...]]:
    """Return rank, whether it is only a lower bound, and people's profits, highest first; lamports."""
    known = [(row.pnl_sol, row.practice) for row in board if row.pnl_sol is not None]
    if not known:
        return None, False, ()
    people = sorted((pnl for pnl, practice in known if practice is False), reverse=True)
    mine = profit / BILLION
    at_least = len(board) >= ROWS and mine < min(pnl for pnl, _ in known)
    return 1 + sum(each > mine for each in people), at_least, tuple(people)


_COLUMNS: Final[Mapping[str, Column[RankedGame]]] = {
    "game_id": ("str", lambda game: game.game_id),
    "rug_tick": ("Int64", lambda game: game.rug_tick),
    "from_tick": ("int64", lambda game: game.from_tick),
    "profit_sol": ("float64", lambda game: game.profit / BILLION),
    "rank": ("Int64", lambda game: game.rank),
    "at_least": ("boolean", lambda game: None if game.rank is None else game.at_least),
    "people": ("int64", lambda game: len(game.humans)),
    "best_sol": ("float64", lambda game: max(game.humans, default=None)),
    "median_sol": ("float64", lambda game: median(game.humans) if game.humans else None),
    "mean_sol": ("float64", lambda game: fmean(game.humans) if game.humans else None),
    "worst_sol": ("float64", lambda game: min(game.humans, default=None)),
    "random_sol": ("float64", lambda game: game.random),
    "nothing_sol": ("float64", lambda game: 0.0),
}


def _finished(account: Account) -> list[tuple[str, int, list[Entry]]]:
    """Return the games that the account is done with: id, first tick seen, ledger."""
    ledgers: dict[str, list[Entry]] = {}
    for entry in account.entries:
        ledgers.setdefault(entry.game_id, []).append(entry)
    return [
        (game.game_id, account.ticks[game.begin], ledgers.get(game.game_id, [])) for game in account.finished
    ]


def random_of(paper: FeedAccount) -> tuple[list[str], EqualRisk]:
    """Return the finished games whose prices are known, and random strategies of equal risk over them."""
    from rugs_lab.recordings.games.games import Games

    results = paper.between_ticks(results_of)
    found = [paper.feed.book.get(str(game_id)) for game_id in results.game_ids]
    known = {
        place: game
        for place, game in enumerate(found)
        if game is not None and game.rug_tick is not None and not np.isnan(game.prices).any()
    }
    kept = list(known)
    some = replace(results, game_ids=results.game_ids[kept], values=results.values[kept])
    games = list(known.values())
    return [game.id for game in games], equal_risk(some, Games(games), RANDOM_BOTS)
