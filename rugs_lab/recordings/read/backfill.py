"""The parts of a game → the game: ordered by tick, checked, back-filled.

Every tick gets one price, the first one in the files; what is left out has a row of damage. Once the rug is
known nothing after it is taken. The rug price is checked against its rule, lowest price before it times 0.02
(written ``1 - 0.98``; see docs/the_game.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.limits import MOST_TICKS, RUG_FACTOR
from rugs_lab.game.parse_values import believable
from rugs_lab.game.price_process import VERSIONS
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.recordings.games.damage import MOST_ROWS, Damage
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.read.game_parts import GameParts

_MISSING, _RECEIVED = int(Source.MISSING), int(Source.RECEIVED)


class BackfilledGame(NamedTuple):
    """Prices by tick, the source of each, and the rug."""

    prices: NDArray[np.float64]
    sources: NDArray[np.uint8]
    rug_tick: int | None

    @property
    def complete(self) -> bool:
        """Whether the rug and every price up to it are known."""
        return self.rug_tick == len(self.prices) - 1 and not (self.sources == _MISSING).any()


def backfill_game(
    parts: GameParts, report: Callable[[Damage], None], room: int = MOST_TICKS
) -> BackfilledGame:
    """Make a game of its parts; every repair and everything left out goes to `report`.

    `room`: ticks that it may lack at most; beyond its first gap a game that lacks more is cut off.
    """
    game = _in_order(parts, _rug_tick(parts, report), report, room)
    if parts.may_end_by_price and game.rug_tick is None and _ends_with_rug(game):
        game = game._replace(rug_tick=len(game.prices) - 1)
    if parts.history is not None:
        game = _backfill(parts, game, *parts.history, report)
    if not game.complete and parts.server_seed is not None:
        computed = _computed(parts)
        if computed is not None:
            game = _backfill(parts, game, computed, Source.SEED, report)
    for row in (*_checked(parts, game), *_contradicted(parts, game)):
        report(row)
    return game


def _rug_tick(parts: GameParts, report: Callable[[Damage], None]) -> int | None:
    rug_tick = parts.reported_rug
    if parts.rugs:
        rug_tick = parts.rugs[0][0]
        for tick, file, line in parts.rugs[1:]:
            if tick != rug_tick:
                done = f"a second rug at {tick}: ignored, the first at {rug_tick} is kept"
                report(Damage(file, line, "second_rug", parts.id, done))
    return rug_tick if rug_tick is None or rug_tick <= MOST_TICKS else None


def _in_order(
    parts: GameParts, rug_tick: int | None, report: Callable[[Damage], None], room: int
) -> BackfilledGame:
    ticks, sources = np.array(parts.ticks), np.frombuffer(bytes(parts.sources), np.uint8)
    straight = len(ticks) and np.array_equal(ticks, np.arange(len(ticks)))
    if straight and (sources == _RECEIVED).all() and (rug_tick is None or rug_tick == len(ticks) - 1):
        prices = np.array(parts.prices)
        if believable(prices).all():
            return BackfilledGame(prices, sources, rug_tick)
    return _put_in_order(parts, rug_tick, report, room)


def _put_in_order(
    parts: GameParts, rug_tick: int | None, report: Callable[[Damage], None], room: int
) -> BackfilledGame:
    """Order prices by tick; leave out impossible ones, ticks after the rug, all but the first of a tick."""
    ticks, reported = np.array(parts.ticks), np.array(parts.prices)
    price_sources = np.frombuffer(bytes(parts.sources), np.uint8)
    usable = (ticks >= 0) & (ticks <= MOST_TICKS) & believable(reported)
    for place in _first(parts, ~usable, "bad_value", report):
        done = f"tick {parts.ticks[place]}, price {parts.prices[place]!r}: dropped"
        report(Damage(_file(parts, place), parts.lines[place], "bad_value", parts.id, done))
    if rug_tick is not None:
        after = usable & (ticks > rug_tick)
        for file, count in _per_file(parts, after):
            done = f"{count} prices of ticks after the rug at {rug_tick}: dropped"
            report(Damage(file, None, "after_rug", parts.id, done))
        usable &= ~after
    places = np.flatnonzero(usable)
    which, first = np.unique(ticks[places], return_index=True)
    length = 1 + max(int(which[-1]) if len(which) else -1, -1 if rug_tick is None else rug_tick)
    if length - len(which) > room:
        kept = int(np.count_nonzero(which == np.arange(len(which))))
        done = f"{len(which) - kept} ticks beyond {length - len(which)} that are missing: too many, dropped"
        report(Damage(parts.file, None, "bad_value", parts.id, done))
        places = places[ticks[places] < kept]
        which, first = np.unique(ticks[places], return_index=True)
        length, rug_tick = kept, None if rug_tick is None or rug_tick >= kept else rug_tick
    prices, sources = np.full(length, np.nan), np.zeros(length, np.uint8)
    prices[which], sources[which] = reported[places[first]], price_sources[places[first]]
    again = np.zeros(len(ticks), bool)
    again[np.delete(places, first)] = True
    same = again.copy()
    same[again] = reported[again] == prices[ticks[again]]
    for file, count in _per_file(parts, same):
        if file not in parts.own_format:
            done = f"{count} duplicate ticks with the same price: used once"
            report(Damage(file, None, "duplicate_ticks", parts.id, done))
    for place in _first(parts, again & ~same, "contradiction", report):
        earlier, wrong = float(prices[ticks[place]]), float(reported[place])
        done = f"price {wrong!r} of tick {ticks[place]}: dropped, the earlier {earlier!r} is kept"
        report(Damage(_file(parts, place), parts.lines[place], "contradiction", parts.id, done))
    return BackfilledGame(prices, sources, rug_tick)


def _backfill(
    parts: GameParts,
    game: BackfilledGame,
    given: NDArray[np.float64],
    source: Source,
    report: Callable[[Damage], None],
) -> BackfilledGame:
    """Fill a game with all its prices, if no known price contradicts them."""
    prices, sources, rug_tick = game
    known = np.flatnonzero(sources[: len(given)])
    name = source.name.lower()
    if len(prices) > len(given) or rug_tick not in (None, len(given) - 1):
        why = f"it has {len(given)} prices, the game at least {len(prices)}"
    elif not np.array_equal(prices[known], given[known]):
        wrong = known[prices[known] != given[known]][0]
        why = f"its price of tick {wrong} is {given[wrong]}, the known one {prices[wrong]}"
    else:
        missing = np.delete(np.arange(len(given)), known)
        filled = np.full(len(given), source, np.uint8)
        filled[known] = sources[known]
        if len(known) and len(missing):
            done = f"{len(missing)} missing ticks ({spans(missing)}) filled from the {name}"
            report(Damage(parts.file, None, f"backfilled_by_{name}", parts.id, done))
        return BackfilledGame(given, filled, len(given) - 1)
    done = f"the {name} is that of another game ({why}): not used"
    report(Damage(parts.file, None, f"wrong_{name}", parts.id, done))
    return game


def _ends_with_rug(game: BackfilledGame) -> bool:
    """Return whether all prices are known and the last, as no other does, falls to a rug price."""
    prices = game.prices
    if len(prices) < 2 or (game.sources == _MISSING).any():
        return False
    return bool(RUG_FACTOR / 2 < prices[-1] / prices[:-1].min() < 2 * RUG_FACTOR)


def _computed(parts: GameParts) -> NDArray[np.float64] | None:
    seed, version = parts.server_seed, parts.version
    uncertain = parts.server_seed_hash is None and len(parts.ticks)
    if seed is None or version not in VERSIONS or uncertain or not _belongs(parts):
        return None
    return replay_prices(seed, parts.id, version)


def _belongs(parts: GameParts) -> bool:
    """Return whether the seed is that of the published hash, as far as both are known."""
    seed, commitment = parts.server_seed, parts.server_seed_hash
    return seed is None or commitment is None or seed_hash(seed) == commitment


def _checked(parts: GameParts, game: BackfilledGame) -> Iterator[Damage]:
    """What is still wrong with the game."""
    prices, sources, rug_tick = game

    def row(kind: str, done: str, file: str = "") -> Damage:
        return Damage(file or parts.file, None, kind, parts.id, done)

    if not _belongs(parts):
        yield row("wrong_seed", "the seed does not belong to its hash: not used")
    first, *others = dict.fromkeys(file for _, file in parts.chunks)
    for file in others:
        yield row("split", f"part of a game that begins in {Path(first).name}: put together", file)
    if not len(prices):
        yield row("pregame_only", "no tick of the game is recorded: kept without prices")
        return
    missing = np.flatnonzero(sources == _MISSING)
    late = int(np.flatnonzero(sources)[0]) if sources.any() else len(sources)
    if late:
        yield row("late_start", f"ticks {spans(np.arange(late))} are not recorded: left missing")
    if len(missing) > late:
        gaps = missing[late:]
        yield row("gap", f"ticks {spans(gaps)} ({len(gaps)}) are not recorded: left missing")
    if rug_tick is None:
        yield row("no_rug", f"the rug is not recorded, the last tick is {len(prices) - 1}: kept")
    elif rug_tick and sources[rug_tick] == _RECEIVED:
        rug_price, lowest = float(prices[rug_tick]), float(np.fmin.reduce(prices[:rug_tick]))
        if abs(rug_price / (lowest * RUG_FACTOR) - 1) > 1e-12:
            why = "a lower one is missing" if len(missing) else "although no tick is missing"
            done = f"rug price {rug_price!r}, but the lowest before is {lowest!r}, {why}: kept"
            yield row("rug_price", done)


def _contradicted(parts: GameParts, game: BackfilledGame) -> Iterator[Damage]:
    """What lines say about the finished game that the game is not."""
    prices, _, rug_tick = game
    rug_price = prices[rug_tick] if rug_tick is not None and rug_tick < len(prices) else np.nan
    before = prices[:rug_tick] if game.complete else prices[:0]
    is_so = {
        "rug_tick": rug_tick,
        "peak": float(before.max()) if len(before) else None,
        "rug_price": None if np.isnan(rug_price) else float(rug_price),
        "seed": parts.server_seed,
        "hash": parts.server_seed_hash,
    }
    names = {"seed": "server seed", "hash": "hash of the seed"}
    for (name, value), (file, line) in parts.claims.items():
        known = is_so[name]
        if known is not None and value != known:
            what = names.get(name, name.replace("_", " "))
            done = f"{what} {value!r}: not used, {known!r} is kept"
            yield Damage(file, line, "contradiction", parts.id, done)


def spans(ticks: NDArray[np.int64]) -> str:
    """Return ticks as text: at most five runs of them."""
    runs = np.split(ticks, np.flatnonzero(np.diff(ticks) > 1) + 1)
    words = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[:5]]
    return ", ".join([*words, "..."] if len(runs) > 5 else words)


def _file(parts: GameParts, place: int) -> str:
    return next(file for begin, file in reversed(parts.chunks) if begin <= place)


def _per_file(parts: GameParts, mask: NDArray[np.bool_]) -> list[tuple[str, int]]:
    begins = [begin for begin, _ in parts.chunks]
    counts = np.bincount(np.searchsorted(begins, np.flatnonzero(mask), side="right") - 1, minlength=0)
    found: Counter[str] = Counter()
    for (_, file), count in zip(parts.chunks, counts.tolist(), strict=False):
        found[file] += count
    return [(file, count) for file, count in found.items() if count]


def _first(
    parts: GameParts, mask: NDArray[np.bool_], kind: str, report: Callable[[Damage], None]
) -> list[int]:
    """Return the first places in a mask, which get a row each; report how many more there are."""
    places = np.flatnonzero(mask)
    if len(places) > MOST_ROWS:
        done = f"{len(places) - MOST_ROWS:,} more values of this game: dropped"
        report(Damage(parts.file, None, kind, parts.id, done))
    return [int(place) for place in places[:MOST_ROWS]]
