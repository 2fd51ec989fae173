"""Whether a strategy acts as if it knew what comes: side bets won, rugs met, and the moves around its orders.

Whatever is known of the past, a side bet wins with a probability of 18.17 %, a tick is the rug with one of
0.5 %, and where a move lies in its distribution (which depends on the price alone) is uniform between 0 and
1. So these three are exact for every honest strategy. A leak has to show in one of them to be worth anything,
and how large one would have to be is said with the finding.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game import limits
from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.game.money import BILLION
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.backtest.hindsight import outcome_test
from rugs_lab.trading.check.check_report import DETECTED, Finding
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.strategy.signals import Signals

CHANCE: Final = 1e-6
"""Probability below which a result is not taken for chance."""

_HORIZONS: Final = (1, 5, 20)
"""Ticks after a decision whose moves it may have known."""

_SPREAD: Final = 1 / sqrt(12)
"""Standard deviation of a uniform number."""

_PARTS: Final = (1.0, 0.5, 0.2, 0.05)
"""Shares of what there is that are put into each position."""

_WORDS: Final = {
    "bets": "its side bets",
    "rugs": "the rugs it sells before",
    "moves": "the moves it trades, spread evenly over its buys (more, where few of them have it)",
}


def place_of_moves(prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where each move lies in its distribution, 0 to 1; that into tick t at index t, NaN at gaps."""
    places = np.full(len(prices), np.nan)
    before = prices[:-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = prices[1:] / before - 1
        noise = limits.VOLATILITY * np.minimum(10.0, np.sqrt(before))
        width = limits.DRIFT_MAX - limits.DRIFT_MIN
        high, low = (_area(change + side * noise - limits.DRIFT_MIN, width) for side in (1, -1))
        small = np.where(noise > 0, (high - low) / (2 * noise * width), np.nan)
    least, most, big = limits.BIG_MOVE_MIN, limits.BIG_MOVE_MAX, limits.BIG_MOVE_PROBABILITY
    down, up = (np.clip((change - start) / (most - least), 0, 1) for start in (-most, least))
    places[1:] = (1 - big) * small + big / 2 * (down + up)
    return places


def _area(x: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Integrate a ramp that rises from 0 at 0 to `width` at `width` and stays there."""
    inside = np.clip(x, 0, width)
    return inside * inside / 2 + width * np.maximum(x - width, 0)


def foresight(
    results: GameResults, games: Games, name: str = "foresight", signals: Signals | None = None
) -> Finding:
    """Compare side bets won, rugs met and moves traded with what chance gives; of `signals` their columns."""
    from scipy.stats import binom, norm

    whole = results.voided == 0
    if not whole.any():
        return Finding(name, None, 0, "no game whose end is known")
    count = int(whole.sum())
    bets, won = int(results.bets[whole].sum()), int(results.bets_won[whole].sum())
    held = int(results.ticks_held[whole].sum())
    rugs = sum(e.what in ("rug", "short rug") for account in results.accounts for e in account.entries)
    scores, moves, reason = _moves(results.accounts, games[: len(results)], signals)
    score = max(scores, default=0.0)
    unlucky = {
        "bets": float(binom.sf(won - 1, bets, rug_within())) if bets else 1.0,
        "rugs": float(binom.cdf(min(rugs, held), held, RUG_PROBABILITY)) if held else 1.0,
        "moves": min(1.0, max(len(scores), 1) * float(norm.sf(score))),
        "growth": 1.0 if reason else _luck_of_growth(results, games),
    }
    said = [
        f"{won} of {bets} side bets won (chance: {rug_within():.2%}), {rugs} rugs in {held} ticks with a "
        f"position (chance: {RUG_PROBABILITY:.1%} each)",
        reason
        or f"of {len(scores)} scores of the moves after its {moves} buys and sells, and while it holds, the "
        f"best is {score:+.1f} standard errors (p = {unlucky['moves']:.2g}, corrected for so many)",
    ]
    worst = min(unlucky.values())
    if worst < CHANCE:
        said.append(f"the probability of this by chance is 1 in {1 / max(worst, 1e-300):.0e}")
    stakes = float(results.staked[whole].sum()) / BILLION / max(bets, 1)
    buys = max(int(results.buys[whole].sum()), 1)
    position = float(results.spent[whole].sum()) / BILLION / buys
    growth = np.exp(min(_least_moves(held) / buys, 50.0)) - 1  # of each position, whose moves compound
    least = {
        "bets": _least_bets(bets) * stakes * SIDEBET_PAYOUT / count,
        "rugs": _least_rugs(held) * position / count,
        "moves": np.inf if reason or growth > BILLION else growth * buys * position / count,
    }
    said.append(f"the check fails if the probability by chance is below 1 in {1 / CHANCE:,.0f}")
    power = ", or ".join(
        f"{each:.2g} SOL a game in {_WORDS[what]}" for what, each in least.items() if 0 < each < np.inf
    )
    power = f"a leak worth {power}, {DETECTED}" if power else "with these games no leak could be detected"
    return Finding(name, worst >= CHANCE, bets + held, "; ".join(said), power)


def _moves(
    accounts: Sequence[Account], games: Games, signals: Signals | None
) -> tuple[list[float], int, str]:
    """Return scores of the moves after its orders and while it holds, the number of orders, or why not."""
    prices = {game.id: game.prices[: game.rug_tick] for game in games}
    places = {name: place_of_moves(path) for name, path in prices.items()}
    every = np.concatenate([np.empty(0), *places.values()])
    every = every[~np.isnan(every)]
    if len(every) < 30 or abs((every - 0.5).sum()) > 5 * _SPREAD * sqrt(len(every)):
        return [], 0, "their moves are not tried: they are not those of the published price process"
    held, buys, sells = ({name: np.zeros(len(path)) for name, path in prices.items()} for _ in range(3))
    orders = 0
    sides_of = {Kind.BUY: buys, Kind.COVER: buys, Kind.SELL: sells, Kind.SHORT: sells}
    for order in (order for account in accounts for order in account.orders):
        side, after = sides_of.get(Kind(order.action.kind)), order.decided_tick + 1
        if side is not None and order.game_id in side and after < len(side[order.game_id]):
            side[order.game_id][after] += 1
            orders += 1
    if signals is not None:
        for name, path in prices.items():
            for side, column in zip((buys, sells), signals.of(name), strict=True):
                n = len(path) - 1
                side[name][1:] = np.resize(column, n) if len(column) >= n else 0.0
    for game_id, ticks in _owned(accounts):
        here = held[game_id]
        here[[tick + 1 for tick in ticks.tolist() if tick + 1 < len(here)]] = 1.0
    scores = [_score(held, places, 1)]
    both = {name: buys[name] - sells[name] for name in prices}
    sides = ((1, buys), (-1, sells), (1, both))
    scores += [sign * _score(side, places, n) for sign, side in sides for n in _HORIZONS]
    return scores, orders, ""


def _luck_of_growth(results: GameResults, games: Games) -> float:
    """Return a bound of the chance that its positions, one after the other, grow so much.

    Every expected price is below the price, so what is put into one position after the other reaches x times
    itself with a chance of at most 1/x (Ville's inequality), however few positions that takes.
    """
    test = outcome_test(games)
    if test is None or test.selected:
        return 1.0
    factors = [np.empty(0)]
    for game_id, ticks in _owned(results.accounts):
        game = games[game_id]
        if game.rug_tick is not None:
            known = np.flatnonzero(game.prices[: game.rug_tick] > 0)
            path = np.append(game.prices[known], game.rug_price)
            factors.append((path[1:] / path[:-1])[np.isin(known, ticks)])
    moves = np.concatenate(factors) - 1
    grown = [min(float(np.log1p(part * moves).sum()), 700.0) for part in _PARTS]
    return min(1.0, 1 / float(np.exp(grown).mean()))


def _owned(accounts: Sequence[Account]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield the games in which there was a position, and at which ticks."""
    for account in accounts:
        frame = account.equity
        owned = frame[frame["position_sol"] > 0]
        for game_id, ticks in owned.groupby("game_id", observed=True)["tick"]:
            yield str(game_id), ticks.to_numpy()


def _score(
    decided: dict[str, NDArray[np.float64]], places: dict[str, NDArray[np.float64]], horizon: int
) -> float:
    """Return how far the moves in the ticks after decisions are above the middle, in standard errors."""
    kernel, some = np.ones(horizon), [each for each in decided.values() if len(each)]
    weight = np.concatenate([np.convolve(each, kernel)[: len(each)] for each in some])
    place = np.concatenate(list(places.values()))
    known = ~np.isnan(place) & (weight != 0)
    spread = _SPREAD * sqrt(float((weight[known] ** 2).sum()))
    return float((weight[known] * (place[known] - 0.5)).sum()) / spread if spread else 0.0


def _least_bets(n: int) -> float:
    """Return how many more bets than by chance a leak has to win to be caught; infinite where none is."""
    from scipy.stats import binom

    least = int(binom.isf(CHANCE, n, rug_within())) + 1 if n else n + 1
    if least > n:
        return np.inf
    rates = np.linspace(rug_within(), 1, 2_000)
    return float(n * (rates[np.argmax(binom.sf(least - 1, n, rates) >= 0.8)] - rug_within()))


def _least_rugs(n: int) -> float:
    """Return how many rugs a leak has to avoid to be caught."""
    from scipy.stats import binom

    if not n or binom.cdf(0, n, RUG_PROBABILITY) >= CHANCE:
        return np.inf
    most = int(binom.ppf(CHANCE, n, RUG_PROBABILITY)) - 1
    rates = np.linspace(RUG_PROBABILITY, 0, 2_000)
    return float(n * (RUG_PROBABILITY - rates[np.argmax(binom.cdf(max(most, 0), n, rates) >= 0.8)]))


def _least_moves(n: int) -> float:
    """Return the gain, in shares of a position, by which the moves of so many ticks have to be better."""
    from scipy.stats import norm

    if n < 30:
        return np.inf
    spread = 0.07  # of a move, as a share of the price: a seventh of them are 15 to 25 %
    return float((norm.isf(CHANCE / (1 + 3 * len(_HORIZONS))) + norm.ppf(0.8)) * spread * sqrt(n))
