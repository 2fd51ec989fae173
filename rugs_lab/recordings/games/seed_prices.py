"""Prices of games from their published seeds, and the one rule of verification.

`check_games` takes games as columns, one element each: `rugs_lab.verify` gives it thousands, `Game.verified`
one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.price_process import VERSIONS
from rugs_lab.game.provably_fair import replay_prices, seed_hash

CHUNK: Final = 4096
"""Games that are played in one piece."""

MEAN_PRICES: Final = 230
"""Prices of a game, as a first guess of the memory that is needed."""

ASSUMED: Final = "v3"
"""The version of every game that was ever measured."""

Played = tuple["NDArray[np.float64]", "NDArray[np.int64]", None]
Play = Callable[[Sequence[str], Sequence[str], str], Played]
"""From seeds, ids and version: the prices of games one after the other, and where each begins and ends."""


class Known(NamedTuple):
    """What is known of games; `prices` from `offsets`. Absent: NaN, -1 (`rug_tick`) or None (text)."""

    ids: Sequence[str]
    seeds: Sequence[str | None]
    hashes: Sequence[str | None]
    versions: Sequence[str | None]
    prices: NDArray[np.float64]
    offsets: NDArray[np.int64]
    rug_tick: NDArray[np.int32]
    missing: NDArray[np.int32]
    peak: NDArray[np.float64]
    rug_price: NDArray[np.float64]


def play_plainly(seeds: Sequence[str], ids: Sequence[str], version: str) -> Played:
    """Play games from their seeds without the compiled process."""
    prices = [replay_prices(seed, game, version) for seed, game in zip(seeds, ids, strict=True)]
    return np.concatenate(prices), np.cumsum([0, *map(len, prices)]), None


def play_games(server_seeds: Sequence[str], game_ids: Sequence[str], version: str = "v3") -> Played:
    """Compute every price of many games, bit for bit (`rugs_lab.replay_prices` for many), on one core."""
    from rugs_lab.game import compiled_process as kernel

    keys = [f"{seed}-{game}" for seed, game in zip(server_seeds, game_ids, strict=True)]
    number = VERSIONS.index(version) + 1
    text = "".join(keys)
    flat = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    wide = not text.isascii()
    widths = [len(key.encode("utf-16-le", "surrogatepass")) // 2 if wide else len(key) for key in keys]
    starts = np.cumsum([0, *widths])
    where = np.empty(len(keys), np.int64)
    lengths = np.empty(len(keys), np.int64)
    parts: list[NDArray[np.float64]] = []
    done = base = 0
    while done < len(keys):
        out = np.empty((len(keys) - done) * MEAN_PRICES + kernel.LANES * kernel.GAME_ROOM)
        after = kernel.play(flat, starts, number, out, where, lengths, done)
        where[done:after] += base
        used = int(lengths[done:after].sum())
        parts.append(out[:used])
        base += used
        done = after
    played = np.concatenate([np.empty(0), *parts]) if len(parts) != 1 else parts[0]
    offsets = np.cumsum([0, *lengths])
    return kernel.in_order(played, where, offsets), offsets, None


def check_games(known: Known, play: Play = play_plainly) -> dict[str, NDArray[Any]]:
    """Check games against their seeds; return the columns of `rugs_lab.verify` but the version.

    Flags are int8: 1, 0, or -1 for not known; ticks int32, -1 for not known. ``verified`` is 0 when anything
    known does not follow from the seed, 1 when every price up to the rug is known and nothing contradicts,
    -1 otherwise: without a seed, with an unknown version, or with a rug or a price missing. Of a game
    without a version prices that follow by `ASSUMED` prove it; others prove nothing.
    """
    prices, offsets, rug_tick, missing = known.prices, known.offsets, known.rug_tick, known.missing
    expected, starts, ticks, peak, last = _replay(known, play)
    lengths = np.diff(offsets)
    game = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    tick = (np.arange(len(prices)) - np.repeat(offsets[:-1], lengths)).astype(np.int32)
    number = ~np.isnan(prices)
    there = np.flatnonzero(tick <= ticks[game])
    differs = number.copy()
    differs[there] &= prices[there] != expected[(starts[game] + tick)[there]]
    seen = np.bincount(game[number], minlength=len(lengths)).astype(np.int32)
    played, ended = ticks >= 0, rug_tick >= 0
    comparable = played & (seen > 0)
    first = np.full(len(lengths), -1, np.int32)
    where = np.flatnonzero(differs)[::-1]
    first[game[where]] = tick[where]  # of several the last assigned, the earliest
    first[~comparable] = -1
    pairs = zip(known.seeds, known.hashes, strict=True)
    hashes = [-1 if None in (seed, given) else seed_hash(str(seed)) == given for seed, given in pairs]
    points = {
        "hash": np.array(hashes, np.int8),
        "prices": _flag(first < 0, comparable),
        "length": _flag(rug_tick == ticks, ended & played),
        "peak": _flag(known.peak == peak, comparable & ended & (missing == 0)),
        "rug_price": _flag(known.rug_price == last, comparable & ended & ~np.isnan(known.rug_price)),
    }
    contradicted = np.any([point == 0 for point in points.values()], axis=0)
    named = np.array([version is not None for version in known.versions], bool)
    accused = contradicted & (named | (points["hash"] == 0))
    proven = ~contradicted & (points["prices"] == 1) & ended & (missing == 0)
    return {
        "verified": _flag(proven, proven | accused),
        **points,
        "first_difference": first,
        "known_ticks": seen,
        "replayed_ticks": ticks,
    }


def _replay(known: Known, play: Play) -> tuple[NDArray[Any], ...]:
    """Return the prices that follow; where those of each game begin, last tick (-1: none), peak, last one."""
    count = len(known.ids)
    parts = [np.empty(0)]
    starts, ticks = np.zeros(count, np.int64), np.full(count, -1, np.int32)
    peak, last = np.full((2, count), np.nan)
    base = 0
    for version in VERSIONS:
        rows = [
            row
            for row, (seed, given) in enumerate(zip(known.seeds, known.versions, strict=True))
            if seed is not None and (given or ASSUMED) == version
        ]
        if not rows:
            continue
        prices, offsets, _ = play(
            [str(known.seeds[row]) for row in rows], [known.ids[row] for row in rows], version
        )
        ends = offsets[1:] - 1
        starts[rows], ticks[rows], last[rows] = base + offsets[:-1], np.diff(offsets) - 1, prices[ends]
        before = prices.copy()
        before[ends] = -np.inf
        peak[rows] = np.maximum.reduceat(before, offsets[:-1])
        parts.append(prices)
        base += len(prices)
    return np.concatenate(parts), starts, ticks, peak, last


def _flag(holds: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.where(known, holds, -1).astype(np.int8)
