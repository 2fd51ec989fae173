"""`sample`: games that come with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir

if TYPE_CHECKING:
    from rugs_lab.recordings.games.games import Games


def sample() -> Games:
    """Return 236 games to try things on; needs no network.

    224 were made by the built-in server and written by the recorder, with trades, gaps, late starts, a god
    candle and a rug at tick 1. Twelve are real: their prices follow from the seeds that rugs.fun published.
    Damaged files to try `rugs_lab.load` on are in ``rugs_lab.resources.data_dir() / "damaged"``.

    Examples
    --------
    >>> games = sample()
    >>> len(games) > 200, games["20251215-a8311c871b0e4bea"].rug_tick
    (True, 116)
    """
    return load(data_dir() / "sample")
