"""How complete the recordings are: statuses, missing and back-filled ticks, kinds of damage."""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rugs_lab.analysis._observed import Block, found_in, only_games
from rugs_lab.estimates.estimate import share_interval
from rugs_lab.recordings.games.game import STATUSES, Source
from rugs_lab.recordings.games.games import Games

_GAMES: Final = "games by status"
_TICKS: Final = "ticks by source"
_DAMAGED: Final = "games with damage"
_LOOSE: Final = "damage of no game"


def sources_of(games: Block) -> tuple[NDArray[Any], ...]:
    """Return a row with how many ticks have each source."""
    return (np.bincount(games.games.sources, minlength=len(Source))[None],)


def quality(games: Games) -> pd.DataFrame:
    """Return how complete games are and what was wrong with their files.

    Returns
    -------
    DataFrame
        ``what`` (``games by status``, ``ticks by source``, ``games with damage``), ``kind``, ``unit`` (games,
        ticks or rows), ``count`` out of ``n``, ``share`` with its exact interval ``low``, ``high`` (of games
        only: ticks of one game are lost together) and ``baseline``, what undamaged recordings have. Rows of
        damage that belong to no game are ``damage of no game``, counted by row.

    Examples
    --------
    >>> from rugs_lab.recordings.games.games import Games
    >>> frame = quality(Games.from_arrays(["a"], [1.0, 0.02], [0, 2], rug_ticks=[1]))
    >>> frame.query("kind == 'complete'")[["count", "n", "share"]].iloc[0].tolist()
    [1.0, 1.0, 1.0]
    """
    only_games("quality", games)
    units = {_GAMES: "games", _TICKS: "ticks", _DAMAGED: "games", _LOOSE: "rows"}
    n = len(games)
    rows: list[tuple[str, str, int, int, float]] = []
    status = np.bincount(games.columns.status, minlength=len(STATUSES))
    for code in reversed(range(len(STATUSES))):
        ideal = 1.0 if STATUSES[code] == "complete" else 0.0
        rows.append((_GAMES, STATUSES[code], int(status[code]), n, ideal))
    sources = found_in(games, sources_of)[0].sum(axis=0)
    for source in Source:
        ideal = 1.0 if source is Source.RECEIVED else 0.0
        rows.append((_TICKS, source.name.lower(), int(sources[source]), int(sources.sum()), ideal))
    damage = games.damage
    of_games = damage[damage["game_id"].notna()].groupby("kind")["game_id"].nunique()
    for kind, count in of_games.sort_values(ascending=False, kind="stable").items():
        rows.append((_DAMAGED, str(kind), int(count), n, 0.0))
    loose = damage[damage["game_id"].isna()].groupby("kind").size()
    for kind, count in loose.sort_values(ascending=False, kind="stable").items():
        rows.append((_LOOSE, str(kind), int(count), int(loose.sum()), np.nan))
    frame = pd.DataFrame(rows, columns=["what", "kind", "count", "n", "baseline"])
    low, high = share_interval(frame["count"], frame["n"])
    per_game = frame["what"].isin([_GAMES, _DAMAGED]).to_numpy(bool)
    frame["unit"] = frame["what"].map(units)
    frame["share"] = frame["count"] / frame["n"].where(frame["n"] > 0)
    frame["low"], frame["high"] = (np.where(per_game, each, np.nan) for each in (low, high))
    return frame[["what", "unit", "kind", "count", "n", "share", "low", "high", "baseline"]]
