"""The one rule by which a game is verified: what follows from its seed, and what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.game.price_process import VERSIONS
from rugs_lab.game.provably_fair import replay_prices, seed_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rugs_lab.recordings.games.game import Game

ASSUMED: Final = "v3"
"""The version of every game that was ever measured (PROTOCOL section 13)."""


def checked(
    game: Game, seed: str | None, version: str | None, replayed: NDArray[np.float64] | None = None
) -> dict[str, Any]:
    """Check a game against a seed; return the columns of `rugs_lab.verify`, absent ones left out.

    ``verified`` is False when anything known does not follow from the seed, True when every price up to the
    rug is known and nothing contradicts, None (not known) otherwise: without a seed, with an unknown
    version, or with a rug or a price missing. Of a game without a version prices that follow by `ASSUMED`
    prove it; others prove nothing. `replayed`: the prices that follow, where they are computed already.
    """
    known = np.flatnonzero(~np.isnan(game.prices))
    row: dict[str, Any] = {"verified": None, "known_ticks": len(known)}
    if seed is None:
        return row
    if game.server_seed_hash is not None:
        row["hash"] = seed_hash(seed) == game.server_seed_hash
    if replayed is None and (version or ASSUMED) in VERSIONS:
        replayed = replay_prices(seed, game.id, version or ASSUMED)
    if replayed is not None:
        row["replayed_ticks"] = len(replayed) - 1
        if len(known):
            row |= _compared(game, replayed, known)
        if game.rug_tick is not None:
            row["length"] = game.rug_tick == len(replayed) - 1
    points = [row.get(name) for name in ("hash", "prices", "length", "peak", "rug_price")]
    if False in points:
        row["verified"] = None if version is None and row.get("hash") is not False else False
    elif row.get("prices") and game.rug_tick is not None and not game.missing:
        row["verified"] = True
    return row


def _compared(game: Game, replayed: NDArray[np.float64], known: NDArray[np.int64]) -> dict[str, Any]:
    inside = known[known < len(replayed)]
    differs = inside[game.prices[inside] != replayed[inside]]
    first = [*differs[:1], *known[known >= len(replayed)][:1]]
    row: dict[str, Any] = {"prices": not first}
    if first:
        row["first_difference"] = int(first[0])
    if game.rug_tick is not None:
        row["rug_price"] = bool(game.rug_price == replayed[-1]) if game.rug_price == game.rug_price else None
        if not game.missing:
            row["peak"] = game.peak == float(replayed[:-1].max())
    return row
