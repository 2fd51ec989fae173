"""Why two sides made different money in the same game, as far as their ledgers show."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.backtest.run_stats import mean_of, unjudged
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.paper.paper_stats import results_of
from rugs_lab.trading.strategy.strategy import Strategy

SAME: Final = "same"
UNKNOWN: Final = "not known"
REPLAYED: Final = 20_000
"""Games of a compiled run that are played again for their ledger, to explain a difference."""

_SHOWN: Final = 3
_T = TypeVar("_T", "Entry", "Order")


class Side(NamedTuple):
    """One side of a comparison; `profits` are lamports by game id."""

    name: str
    strategy: Strategy | None
    results: GameResults
    run: Run | None
    stopped: str
    profits: dict[str, int]


class ReportedGame(NamedTuple):
    """What a side reports of one game; `ticks`: those that a paper account received, None for a run."""

    entries: list[Entry]
    orders: list[Order]
    ticks: list[int] | None


def side_of(given: Run | Paper) -> Side:
    """Return a run or a paper account as a side."""
    if isinstance(given, Run):
        return Side("backtest", given.strategy, given.results, given, "", _profits(given.results))
    if isinstance(given, Paper):
        results = given.between_ticks(results_of)
        return Side("paper", given.strategy, results, None, given.strategy_error, _profits(results))
    raise ArgumentError(
        "compare() takes a run of rl.backtest() or a paper account of feed.paper(); "
        f"got {type(given).__name__}"
    )


def difference_of(a: Side, b: Side, ids: Sequence[str], confidence: float = CONFIDENCE) -> Estimate:
    """Return the mean difference per game (`b` less `a`) over these games, SOL; as `mean_of` has it.

    Where the cash of one ran out it has no interval, as that one ended because it had lost.
    """
    profits = [np.array([side.profits[each] for each in ids], np.int64) for side in (a, b)]
    simulations = [side.run._simulated_if_quick for side in (a, b) if side.run]
    known = [each for each in simulations if each and each.games in (1, len(ids))]
    both = None
    if len(known) == 2 and known[0].games == known[1].games:
        count = min(len(each.profits) for each in known)
        both = known[1]._replace(profits=known[1].profits[:count] - known[0].profits[:count])
    found = mean_of(profits[1] - profits[0], [side.results for side in (a, b)], both, confidence)
    return unjudged(found) if _gone(a) or _gone(b) else found


def _gone(side: Side) -> int | None:
    return side.run.gone_after if side.run else None


def notes_of(a: Side, b: Side) -> list[str]:
    """Return what differs between the sides as a whole: strategy, parameters, options."""
    strategies = [side.strategy.name if side.strategy else "by hand" for side in (a, b)]
    values = [dict(side.strategy.parameters) if side.strategy else {} for side in (a, b)]
    for name in ("cash_sol", "latency", "min_sol", "max_sol", "carry", "shorts"):
        for side, found in zip((a, b), values, strict=True):
            found[name] = getattr(side.results.options, name)
    notes = [f"strategy: {strategies[0]} / {strategies[1]}"] if strategies[0] != strategies[1] else []
    for name in dict.fromkeys([*values[0], *values[1]]):
        pair = [repr(found.get(name, "none")) for found in values]
        if pair[0] != pair[1]:
            notes.append(f"{name}: {pair[0]} / {pair[1]}")
    notes += [f"{side.name}: the cash ran out after game {gone}" for side in (a, b) if (gone := _gone(side))]
    return notes + [
        f"{side.name}: the strategy is paused or stopped: {side.stopped}" for side in (a, b) if side.stopped
    ]


def reasons_of(a: Side, b: Side, ids: Sequence[str]) -> list[str]:
    """Return for each game ``same``, why its profits differ, or ``not known``."""
    differing = {each for each in ids if each in a.profits and each in b.profits}
    differing = {each for each in differing if a.profits[each] != b.profits[each]}
    games = _reported(a, differing), _reported(b, differing)
    as_whole = "; ".join(notes_of(a, b))
    reasons = []
    for each in ids:
        if each not in a.profits or each not in b.profits:
            missing = b if each in a.profits else a
            reasons.append(f"not played by {missing.name}: {_why_not(missing, each)}")
        elif each not in differing:
            reasons.append(SAME)
        else:
            one, two = games[0].get(each), games[1].get(each)
            found = _explained(one, two, (a.name, b.name)) if one and two else []
            words = "; ".join(found[:_SHOWN])
            reasons.append(f"{words} ({as_whole})" if words and as_whole else words or as_whole or UNKNOWN)
    return reasons


def _profits(results: GameResults) -> dict[str, int]:
    return dict(zip(map(str, results.game_ids), results.profit.tolist(), strict=True))


def _why_not(side: Side, game_id: str) -> str:
    if side.run is not None:
        stopped = side.results.stopped
        return f"its session had ended ({stopped})" if stopped else "not among its games"
    game = next((each for each in side.results.accounts[0].games if each.game_id == game_id), None)
    if game is None:
        return "it was not following the feed then"
    if game.end is None:
        return "it still ran"
    return "its strategy had been paused or stopped" if game.end > game.begin else "it received no tick of it"


def _reported(side: Side, wanted: set[str]) -> dict[str, ReportedGame]:
    if not wanted:
        return {}
    reported: dict[str, ReportedGame] = {}
    for account in _accounts(side, wanted):
        here = wanted & {game.game_id for game in account.games}
        entries, orders = _by_game(account.entries, here), _by_game(account.orders, here)
        spans = {game.game_id: slice(game.begin, game.end) for game in account.games}
        for game_id in here:
            ticks = account.ticks[spans[game_id]].tolist() if side.run is None else None
            reported[game_id] = ReportedGame(entries[game_id], orders[game_id], ticks)
    return reported


def _accounts(side: Side, wanted: set[str]) -> Sequence[Account]:
    run = side.run
    if run is None or side.results.accounts:
        return side.results.accounts
    last = max(place for place, each in enumerate(map(str, side.results.game_ids)) if each in wanted)
    return run._again(last + 1).accounts if last < REPLAYED else ()


def _by_game(items: Iterable[_T], wanted: set[str]) -> dict[str, list[_T]]:
    found: dict[str, list[_T]] = {game_id: [] for game_id in wanted}
    for item in items:
        if item.game_id is not None and item.game_id in found:
            found[item.game_id].append(item)
    return found


def _explained(a: ReportedGame, b: ReportedGame, names: tuple[str, str]) -> list[str]:
    found: list[str] = []
    for game, name in zip((a, b), names, strict=True):
        if game.ticks:
            missing = np.setdiff1d(np.arange(game.ticks[0], game.ticks[-1]), game.ticks)
            if game.ticks[0] > 0:
                found.append(f"{name} joined at tick {game.ticks[0]}")
            if len(missing):
                found.append(f"{name} did not receive {len(missing)} ticks, the first at {missing[0]}")
        if any(entry.what == "void" for entry in game.entries):
            found.append(f"{name}: refunded at cost, as the end of the game was not known")
    # That an order ended with its game says nothing about its money.
    rejected = [
        {
            (order.decided_tick, Kind(order.action.kind).name.lower(), str(order.reason))
            for order in game.orders
            if order.reason not in (None, Rejection.GAME_ENDED)
        }
        for game in (a, b)
    ]
    events = _fills(a.entries, b.entries, names)
    for mine, others, name in zip(rejected, rejected[::-1], names, strict=True):
        for tick, action, reason in mine - others:
            events.append((tick, f"{name}: {action} decided at tick {tick} rejected: {reason}"))
    return found + [words for _, words in sorted(events)]


def _fills(a: list[Entry], b: list[Entry], names: tuple[str, str]) -> list[tuple[int, str]]:
    """Return the first fill or settlement in which two ledgers of a game differ."""
    for mine, other in zip(a, b, strict=False):
        at = min(mine.tick, other.tick)
        if mine.what != other.what:
            words = f"{names[0]}: {mine.what} at tick {mine.tick}; {names[1]}: {other.what} at {other.tick}"
        elif (mine.tick, mine.price) != (other.tick, other.price):
            words = (
                f"{mine.what} at tick {mine.tick}, {mine.price:.4g}x / tick {other.tick}, {other.price:.4g}x"
            )
        elif mine.cash_change != other.cash_change:
            amounts = f"{mine.cash_change / 1e9:+.6g} / {other.cash_change / 1e9:+.6g} SOL"
            words = f"{mine.what} at tick {mine.tick}: {amounts}"
        else:
            continue
        return [(at, words)]
    if len(a) != len(b):
        longer, name = (a, names[0]) if len(a) > len(b) else (b, names[1])
        more = longer[min(len(a), len(b))]
        return [(more.tick, f"only {name}: {more.what} at tick {more.tick}")]
    return []
