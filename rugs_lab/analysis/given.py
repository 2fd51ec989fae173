"""`only_games`: the check that every statistic makes of what it is given."""

from __future__ import annotations

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games import Games


def only_games(statistic: str, games: object) -> None:
    """Make sure that a statistic is given games.

    Raises
    ------
    ArgumentError
        It is given something else.
    """
    if not isinstance(games, Games):
        raise ArgumentError(
            f"analysis.{statistic}(games) takes what rl.load(), rl.sample() or rl.synthetic() return, or "
            f"feed.games; got {type(games).__name__}"
        )
