"""`VersusHumans`: each game of a paper account beside the people who played it.

People are those of the game's last leaderboard (`rugs_lab.recordings.assembly.final_leaderboards`), without
practice players. The board shows the ten that made most, so nothing is known of those who made less: a bot
that is level with its median is among the best, and one below its last row has a rank that is only known to
be at least the next one.

Two baselines: no trading, which makes 0, and random bots that buy, hold and bet as often, as long and as much
as the bot did in that very game.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean, median
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.game.money import BILLION
from rugs_lab.recordings.assembly.final_leaderboards import ROWS
from rugs_lab.trading.account.account_frames import Column, frame_of
from rugs_lab.trading.account.ledger import counts_of
from rugs_lab.trading.backtest.baselines import random_like
from rugs_lab.trading.engine.game_results import FIELDS, GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from rugs_lab.game.leaderboard import Standing
    from rugs_lab.trading.account.account import Account
    from rugs_lab.trading.account.ledger import Entry
    from rugs_lab.trading.paper.feed_account import FeedAccount

RANDOM_BOTS: Final = 10
"""Random bots per game; the mean of their profits counts."""


class RankedGame(NamedTuple):
    """One finished game. Profits in SOL.

    Attributes
    ----------
    game_id, rug_tick
        The game; `rug_tick` None where its end is not known, and what was open was refunded.
    from_tick
        The first tick that the bot saw.
    profit
        The bot's, lamports.
    rank
        Place that it would have had among the people on the board; None where there was no board.
    at_least
        Whether it made less than the last of a full board, so that the place is a lower bound.
    humans
        Profits of the people on the board, highest first.
    random
        Mean profit of the random bots; None where the game's prices are not known from the beginning.
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
    """The finished games of a `Paper`; each is looked at once its board can be known.

    Parameters
    ----------
    paper
        Read only.
    """

    def __init__(self, paper: FeedAccount) -> None:
        self._paper = paper
        self._known: dict[str, RankedGame] = {}
        self._playing = Lock()

    def games(self) -> list[RankedGame]:
        """Return the finished games of the session, oldest first.

        Random bots play each game when it is first asked for, which takes its time.
        """
        with self._playing:
            games, known = self._games()
            found = []
            for game_id, first_tick, entries in games:
                game = known.get(game_id)
                if game is None or game.rank is None:  # a board may come late
                    random = self._random(game_id, entries) if game is None else game.random
                    game = known[game_id] = self._ranked(game_id, first_tick, entries, random)
                found.append(game)
            if len(known) > len(found) and known is self._known:  # a new session
                self._known = {game.game_id: game for game in found}
            return found

    def games_so_far(self) -> tuple[list[RankedGame], bool]:
        """Return what `games` does without letting anything play, and whether that is all of it.

        Where the random bots have not played yet, `RankedGame.random` is None.
        """
        games, known = self._games()
        found, complete = [], True
        for game_id, first_tick, entries in games:
            game = known.get(game_id)
            complete = complete and game is not None
            if game is None or game.rank is None:
                game = self._ranked(game_id, first_tick, entries, None if game is None else game.random)
            found.append(game)
        return found, complete

    def _games(self) -> tuple[list[tuple[str, int, list[Entry]]], dict[str, RankedGame]]:
        """Return the finished games, and what is known of games of the same session."""
        return self._paper.between_ticks(lambda account: (_finished(account), self._known))

    @property
    def frame(self) -> pd.DataFrame:
        """One row per finished game, oldest first; index ``game_id``.

        ``rug_tick``; ``from_tick``, the first tick the bot saw; its ``profit_sol``; the ``rank`` it would
        have had (missing without a board), ``at_least`` that where it is only a lower bound; ``people`` on
        the board (real money only, at most ten: the best), and ``best_sol``, ``median_sol``, ``mean_sol`` and
        ``worst_sol`` of them; ``random_sol``, the mean of ten random bots that traded as much;
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

    def _random(self, game_id: str, entries: list[Entry]) -> float | None:
        """Return the mean profit of random bots over the same game, SOL."""
        game = self._paper.feed.book.get(game_id)
        if game is None or game.rug_tick is None or np.isnan(game.prices).any():
            return None
        if not entries:
            return 0.0
        from rugs_lab.recordings.games.games import Games

        account, games = self._paper.account, Games([game])
        start = max(account.start_sol, account.min_sol)
        options = Options(start, account.latency, account.min_sol, account.max_sol)
        like = _exposure(entries, game.rug_tick, options, game.id)
        made = [play_ticks(random_like(like, seed), games, options).profit[0] for seed in range(RANDOM_BOTS)]
        return fmean(made) / BILLION

    def forget(self) -> None:
        """Begin a new session, in which the same games may be played again; between two ticks."""
        self._known = {}


def standing_of(profit: int, board: Sequence[Standing]) -> tuple[int | None, bool, tuple[float, ...]]:
    """Return rank, whether it is only a lower bound, and the profits of the people, highest first.

    Parameters
    ----------
    profit
        Of the bot, lamports.
    board
        The last leaderboard of the game.
    """
    listed = [row.pnl_sol for row in board if row.pnl_sol is not None]
    if not listed:
        return None, False, ()
    people = sorted(
        (row.pnl_sol for row in board if row.pnl_sol is not None and row.practice is False), reverse=True
    )
    mine = profit / BILLION
    at_least = len(board) >= ROWS and mine < min(listed)
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


def _exposure(entries: list[Entry], ticks: int, options: Options, game_id: str) -> GameResults:
    """Return how much a ledger of one game traded, as the results of a run over it."""
    row: dict[str, Any] = {**dict.fromkeys(FIELDS, 0), **counts_of(entries)._asdict(), "ticks": ticks}
    opened: int | None = None  # tick since which a position or a short is open
    for entry in entries:
        if entry.held or entry.shorted:
            opened = entry.tick if opened is None else opened
        elif opened is not None:
            row["ticks_held"] += entry.tick - opened
            opened = None
        if entry.what != "sidebet" and not entry.nano_units:
            row["ticks_bet"] += entry.tick - entry.opened_tick
    values = np.array([[row[name] for name in FIELDS]], np.int64)
    return GameResults(np.array([game_id], object), values, options)
