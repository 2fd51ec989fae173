"""What was told of a game → the game: ordered by tick, checked, back-filled.

Every price is taken once, what was told first stands, and what is left out has a row of damage. With the rug
known nothing after it is taken. The rug price is checked against its rule, lowest price before it times 0.02
(written ``1 - 0.98``; PROTOCOL section 7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rugs_lab.game.limits import MOST_TICKS, RUG_FACTOR
from rugs_lab.game.parse_values import MAX_PRICE
from rugs_lab.game.price_process import VERSIONS
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rugs_lab.recordings.read.game_parts import Pile

_MISSING, _RECEIVED = int(Source.MISSING), int(Source.RECEIVED)


class Settled(NamedTuple):
    """Prices by tick, how each is known, and the rug."""

    prices: NDArray[np.float64]
    sources: NDArray[np.uint8]
    rug_tick: int | None


def settle(pile: Pile, report: Callable[[Damage], None]) -> Settled:
    """Make a game of what was told; every repair and everything left out goes to `report`."""
    rug_tick = _rug_tick(pile, report)
    straight = len(pile.ticks) and pile.ticks == list(range(len(pile.ticks)))
    if straight and not pile.backfilled and (rug_tick is None or rug_tick == len(pile.ticks) - 1):
        prices = np.array(pile.prices, np.float64)
        sources = np.ones(len(prices), np.uint8)  # all of them received
    else:
        prices, sources = _ordered(pile, rug_tick, report)
    if not (_believable(prices) | (sources == _MISSING)).all():
        prices, sources = _ordered(pile, rug_tick, report)
    if pile.history is not None:
        given, source = pile.history
        prices, sources, rug_tick = _backfill(
            pile, prices, sources, rug_tick, np.array(given), source, report
        )
    whole = rug_tick == len(prices) - 1 and not (sources == _MISSING).any()
    if not whole and pile.server_seed is not None:
        replayed = _replayed(pile, report)
        if replayed is not None:
            prices, sources, rug_tick = _backfill(
                pile, prices, sources, rug_tick, replayed, Source.SEED, report
            )
    for row in _checked(pile, prices, sources, rug_tick):
        report(row)
    return Settled(prices, sources, rug_tick)


def _rug_tick(pile: Pile, report: Callable[[Damage], None]) -> int | None:
    rug_tick = pile.told_rug
    if pile.rugs:
        rug_tick = pile.rugs[0][0]
        for tick, file, line in pile.rugs[1:]:
            if tick != rug_tick:
                report(
                    Damage(
                        file,
                        line,
                        "second_rug",
                        pile.id,
                        f"the game rugs at {tick}; its rug at {rug_tick} stands",
                    )
                )
    return rug_tick if rug_tick is None or rug_tick <= MOST_TICKS else None


def _ordered(
    pile: Pile, rug_tick: int | None, report: Callable[[Damage], None]
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Put prices in order of tick; leave out what is beyond belief, after the rug, or told before."""
    ticks = np.array([-1 if tick is None else tick for tick in pile.ticks], np.int64)
    told = np.array([np.nan if price is None else price for price in pile.prices], np.float64)
    way = np.full(len(ticks), _RECEIVED, np.uint8)
    if pile.backfilled:
        way[list(pile.backfilled)] = list(pile.backfilled.values())
    usable = (ticks >= 0) & (ticks <= MOST_TICKS) & _believable(told)
    for place in np.flatnonzero(~usable).tolist():
        done = f"tick {pile.ticks[place]}, price {pile.prices[place]!r}: dropped"
        report(Damage(_file(pile, place), pile.lines[place], "bad_value", pile.id, done))
    if rug_tick is not None:
        after = usable & (ticks > rug_tick)
        for file, count in Counter(_file(pile, place) for place in np.flatnonzero(after).tolist()).items():
            done = f"{count} prices told of ticks after the rug at {rug_tick}: dropped"
            report(Damage(file, None, "after_rug", pile.id, done))
        usable &= ~after
    places = np.flatnonzero(usable)
    which, first = np.unique(ticks[places], return_index=True)
    length = 1 + max(int(which[-1]) if len(which) else -1, -1 if rug_tick is None else rug_tick)
    prices, sources = np.full(length, np.nan), np.zeros(length, np.uint8)
    prices[which], sources[which] = told[places[first]], way[places[first]]
    again = np.delete(places, first)
    same = told[again] == prices[ticks[again]]
    for file, count in Counter(_file(pile, place) for place in again[same].tolist()).items():
        if file not in pile.own:
            done = f"{count} ticks told again, with the same price: taken once"
            report(Damage(file, None, "told_twice", pile.id, done))
    for place in again[~same].tolist():
        stands = float(prices[ticks[place]])
        done = f"tick {ticks[place]} told as {float(told[place])!r}; {stands!r}, told before, stands"
        report(Damage(_file(pile, place), pile.lines[place], "contradiction", pile.id, done))
    return prices, sources


def _backfill(
    pile: Pile,
    prices: NDArray[np.float64],
    sources: NDArray[np.uint8],
    rug_tick: int | None,
    given: NDArray[np.float64],
    source: Source,
    report: Callable[[Damage], None],
) -> tuple[NDArray[np.float64], NDArray[np.uint8], int | None]:
    """Fill a game by all its prices, if none that is known contradicts them."""
    known = np.flatnonzero(sources[: len(given)])
    name = source.name.lower()
    if len(prices) > len(given) or rug_tick not in (None, len(given) - 1):
        fault = f"of a game of {len(prices)} ticks or more it gives {len(given)}"
    elif not np.array_equal(prices[known], given[known]):
        wrong = known[prices[known] != given[known]][0]
        fault = f"it says {given[wrong]} of tick {wrong}, which was received as {prices[wrong]}"
    else:
        missing = np.delete(np.arange(len(given)), known)
        filled, ways = given.astype(np.float64), np.full(len(given), source, np.uint8)
        ways[known] = sources[known]
        if len(known) and len(missing):
            done = f"{len(missing)} missing ticks ({spans(missing)}) filled from the {name}"
            report(Damage(pile.file, None, f"backfilled_by_{name}", pile.id, done))
        return filled, ways, len(given) - 1
    report(
        Damage(
            pile.file,
            None,
            f"wrong_{name}",
            pile.id,
            f"the {name} is that of another game ({fault}): not used",
        )
    )
    return prices, sources, rug_tick


def _replayed(pile: Pile, report: Callable[[Damage], None]) -> NDArray[np.float64] | None:
    seed, promised, version = pile.server_seed, pile.server_seed_hash, pile.version
    if seed is None or version not in VERSIONS or promised is None:
        return None
    if seed_hash(seed) != promised:
        report(
            Damage(pile.file, None, "wrong_seed", pile.id, "the seed does not belong to its hash: not used")
        )
        return None
    return replay_prices(seed, pile.id, version)


def _checked(
    pile: Pile, prices: NDArray[np.float64], sources: NDArray[np.uint8], rug_tick: int | None
) -> Iterator[Damage]:
    """What is still wrong with the game."""

    def row(kind: str, done: str, file: str = "") -> Damage:
        return Damage(file or pile.file, None, kind, pile.id, done)

    first, *parts = dict.fromkeys(file for _, file in pile.chunks)
    for file in parts:
        yield row("split", f"part of a game that begins in {Path(first).name}: put together", file)
    if not len(prices):
        yield row("pregame_only", "no tick of the game is recorded: kept without prices")
        return
    missing = np.flatnonzero(sources == _MISSING)
    late = int(np.flatnonzero(sources)[0]) if sources.any() else len(sources)
    if late:
        yield row("late_start", f"ticks {spans(np.arange(late))} are not recorded: left unknown")
    if len(missing) > late:
        gaps = missing[late:]
        yield row("gap", f"ticks {spans(gaps)} ({len(gaps)}) are not recorded: left unknown")
    if rug_tick is None:
        yield row("no_rug", f"the rug is not recorded, the last tick is {len(prices) - 1}: kept")
    elif rug_tick and sources[rug_tick] == _RECEIVED:
        told, lowest = float(prices[rug_tick]), float(np.fmin.reduce(prices[:rug_tick]))
        if told != lowest * RUG_FACTOR:
            why = "a lower one is missing" if len(missing) else "although no tick is missing"
            yield row("rug_price", f"rug price {told!r}, but the lowest before is {lowest!r}, {why}: kept")


def spans(ticks: NDArray[np.int64]) -> str:
    """Say which ticks: at most five runs of them.

    >>> spans(np.array([3, 4, 5, 9]))
    '3-5, 9'
    """
    runs = np.split(ticks, np.flatnonzero(np.diff(ticks) > 1) + 1)
    words = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs[:5]]
    return ", ".join([*words, "..."] if len(runs) > 5 else words)


def _believable(prices: NDArray[np.float64]) -> NDArray[np.bool_]:
    return (prices > 0) & (prices <= MAX_PRICE)


def _file(pile: Pile, place: int) -> str:
    return next(file for begin, file in reversed(pile.chunks) if begin <= place)
