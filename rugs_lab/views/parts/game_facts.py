"""`GameFactsPart`: a replayed game's analysis beside its replay, each figure with what would be expected."""

from collections.abc import Hashable
from typing import Any, Final

import numpy as np

from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.game.limits import BIG_MOVE_PROBABILITY, RUG_FACTOR
from rugs_lab.game.sidebet import rug_within
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.views.page.part_base import Part

BIG_MOVE: Final = 0.14
"""A change of price from here on, as a share, is a big move."""


class GameFactsPart(Part):
    """What is known of the recorded game that is replayed; when `blind`, only after it was played."""

    name = "game_facts"

    def __init__(self, feed: ReplayFeed, games: Games | None = None, *, blind: bool = False) -> None:
        self._feed = feed
        self._games = games
        self._blind = blind

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        return self._feed.position, self._shown()

    def status(self) -> dict[str, Any]:
        """Return the facts as rows of name, value, and what would be expected; none while they are hidden."""
        game = self._feed.source_game
        hidden = game is None or not self._shown()
        return {
            "game": None if game is None else game.id,
            "facts": [] if hidden or game is None else facts_of(game, self._games),
        }

    def _shown(self) -> bool:
        return not self._blind or self._feed.frontier() >= self._feed.last_tick


def facts_of(game: Game, games: Games | None = None) -> list[tuple[str, str, str]]:
    """Return name, value and expectation of the facts of one game; `games` to compare it with."""
    prices = game.prices[: game.rug_tick]
    known = prices[~np.isnan(prices)]
    rows = []
    if game.rug_tick is not None:
        longer = 100 * (1 - rug_within(game.rug_tick))
        rows.append(("length", f"{game.rug_tick} ticks", f"{longer:.3g} % of games are longer"))
    else:
        rows.append(("length", f"{len(game)} ticks", "its end was not recorded"))
    if len(known):
        peaks = games.frame["peak"].dropna() if games is not None and len(games) > 1 else None
        above = 0.0 if peaks is None else 100 * (peaks > game.peak).mean()
        higher = "" if peaks is None else f"{above:.3g} % of these {len(peaks)} games go higher"
        rows.append(("peak", f"{game.peak:.4g}x at tick {game.peak_tick}", higher))
        rows.append(("lowest before the rug", f"{known.min():.4g}x", ""))
    if np.isfinite(game.rug_price):
        holds = "yes" if game.rug_price == known.min(initial=np.inf) * RUG_FACTOR else "no"
        note = f"0.02 of the lowest: {holds}" if not game.missing else "0.02 of the lowest: ticks are missing"
        rows.append(("rug price", f"{game.rug_price:.4g}x", note))
    moves = np.abs(prices[1:] / prices[:-1] - 1)
    moves = moves[~np.isnan(moves)]
    if len(moves):
        big = int(np.count_nonzero(moves >= BIG_MOVE))
        share = f"{big} of {len(moves)} ticks ({100 * big / len(moves):.3g} %)"
        name = f"moves of {100 * BIG_MOVE:g} % or more"
        rows.append((name, share, f"{100 * BIG_MOVE_PROBABILITY:g} % of ticks"))
    rows.append(("recording", game.status, f"{game.missing} ticks missing"))
    if game.recorded_trades:
        rows.append(("trades seen", f"{len(game.recorded_trades)}", "5 to 13 % of all are broadcast"))
    return rows
