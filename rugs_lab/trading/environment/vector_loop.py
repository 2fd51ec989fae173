"""The loop of the vectorised environment: many games side by side, a tick of each per step, in machine code.

Importing this module loads numba.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.compiled_process import compiled
from rugs_lab.game.limits import START_PRICE
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.engine import compiled_account as machine
from rugs_lab.trading.engine.compiled_account import Whole
from rugs_lab.trading.engine.compiled_arrays import borrow, lend
from rugs_lab.trading.engine.game_results import FIELDS
from rugs_lab.trading.features import feature_vector as features
from rugs_lab.trading.features.feature_vector import FEATURES, LONG, MIDDLE, RECENT, SHORT

GAME, TICK, DONE, EQUITY, BEGUN, PLAYED, KNOWN, REJECTED, NEXT = range(9)
META_SIZE: Final = 9
"""Per environment: game, tick, whether it starts again with the next step, equity, cash at the beginning of
the game, games of the session, games before, orders rejected in the last step, next game (-1: not chosen)."""

BAD_ACTION: Final = 100


class Fleet(NamedTuple):
    """What every environment remembers, each in a row; `meta` as above, `peaks` of this game and the last."""

    state: NDArray[np.int64]
    meta: NDArray[np.int64]
    peaks: NDArray[np.float64]
    recent: NDArray[np.int64]
    queue: NDArray[np.int64]
    sizes: NDArray[np.float64]
    rows: NDArray[np.int64]


class Rules(NamedTuple):
    """What holds for all: kinds and sizes of what each action orders, settings, games of an episode."""

    kinds: NDArray[np.int64]
    amounts: NDArray[np.float64]
    settings: NDArray[np.int64]
    session: int


_STATE, _META, _SIZE = machine.STATE_SIZE, META_SIZE, len(FEATURES)
_fill = compiled(features.fill)
_REJECTED: Final = FIELDS.index("rejected")


@compiled
def _look(
    out: Any, flat: Any, start: int, tick: int, price: float, path: Any, state: Any, about: Any, recent: Any
) -> None:
    """Write the features of one environment."""
    low = high = price
    for place in range(start + max(0, tick - LONG + 1), start + tick + 1):
        other = flat[place]
        low = other if other < low else low
        high = other if other > high else high
    before_1 = flat[start + tick - SHORT] if tick >= SHORT else np.nan
    before_5 = flat[start + tick - MIDDLE] if tick >= MIDDLE else np.nan
    before_20 = flat[start + tick - LONG] if tick >= LONG else np.nan
    peak = path[0] if path[0] == path[0] else price
    units, stake = state[machine.UNITS], state[machine.STAKE]
    average, held, left = 0.0, Whole(0), Whole(0)
    if units != 0:
        average = state[machine.COST] / units
        held = tick - state[machine.OPENED]
    if stake != 0:
        left = state[machine.BET_START] + SIDEBET_TICKS - tick
    last_peak = path[1] if path[1] == path[1] else 0.0
    length = mean = 0.0
    known = about[KNOWN]
    if known > 0:
        count = min(known, RECENT)
        total = Whole(0)
        for place in range(count):
            total += recent[place]
        length = float(recent[(known - 1) % RECENT])
        mean = float(total) / count
    value = (units / 1e9) * price
    account = (state[machine.CASH] / 1e9, about[EQUITY] / 1e9, value, stake / 1e9, average, held, left)
    games = (last_peak, length, mean, state[machine.WINS], state[machine.LOSSES])
    _fill(out, tick, price, (before_1, before_5, before_20, low, high, peak), account, games)


@compiled
def _open_game(state: Any, meta: Any, peaks: Any, fresh: bool, settings: Any) -> None:
    if fresh:
        state[:] = 0
        state[machine.CASH] = settings[machine.START]
        meta[PLAYED] = 0
    meta[GAME] = meta[NEXT]
    meta[NEXT] = meta[TICK] = -1
    meta[DONE] = 0
    meta[EQUITY] = state[machine.CASH]
    meta[BEGUN] = state[machine.CASH]
    peaks[0] = np.nan


@compiled
def begin(places: Any, forget: bool, games: Any, fleet: Any, settings: Any, out: Any) -> None:
    """Begin an episode in the environments at `places`; `forget`: without memory of games before."""
    for e in places:
        if forget:
            fleet.meta[e, KNOWN] = 0
            fleet.peaks[e, 1] = np.nan
        state, about, path = fleet.state[e], fleet.meta[e], fleet.peaks[e]
        _open_game(state, about, path, True, settings)
        start = games.offsets[about[GAME]]
        _look(out[e], games.flat, start, -1, START_PRICE, path, state, about, fleet.recent[e])


@compiled
def step_all(
    first: int,
    last: int,
    actions: Any,
    games: Any,
    fleet: Any,
    rules: Any,
    out: Any,
    rewards: Any,
    terminated: Any,
    truncated: Any,
) -> int:
    """Take one step in environments `first` to ``last - 1``; return 0, or 1 + the one that could not."""
    flat, offsets, ends, rug_prices = games.flat, games.offsets, games.ends, games.rug_prices
    queue, sizes, rows, settings = fleet.queue, fleet.sizes, fleet.rows, rules.settings
    kinds, amounts = rules.kinds, rules.amounts
    all_states, all_meta, all_peaks = fleet.state.reshape(-1), fleet.meta.reshape(-1), fleet.peaks.reshape(-1)
    recent, all_recent, all_out = fleet.recent, fleet.recent.reshape(-1), out.reshape(-1)
    for e in range(first, last):
        mine = lend(all_states, e * _STATE, (e + 1) * _STATE)
        about = lend(all_meta, e * _META, (e + 1) * _META)
        path = lend(all_peaks, e * 2, (e + 1) * 2)
        rewards[e] = 0.0
        terminated[e] = truncated[e] = False
        about[REJECTED] = 0
        tick, price = about[TICK], START_PRICE
        if about[DONE] != 0:
            _open_game(mine, about, path, True, settings)
            tick = Whole(-1)
        else:
            chosen = actions[e]
            if not 0 <= chosen < len(kinds):
                mine[machine.STATUS] = BAD_ACTION
                return e + 1
            due = Whole(0) if tick < 0 else tick + settings[machine.LATENCY]
            for n in range(2):
                if kinds[chosen, n] != machine.HOLD:
                    about[REJECTED] += machine.submit(
                        mine, queue[e], sizes[e], kinds[chosen, n], amounts[chosen, n], due, settings
                    )
            game = about[GAME]
            start, end = offsets[game], ends[game]
            tick += 1
            while tick < end and flat[start + tick] != flat[start + tick]:
                tick += 1
            if tick < end:
                price = flat[start + tick]
                if mine[machine.STAKE] != 0 and tick >= mine[machine.BET_START] + SIDEBET_TICKS:
                    machine.lose_bet(mine)
                if mine[machine.PENDING] != 0:
                    row = rows[e]
                    counted = row[_REJECTED]
                    machine.fill_due(mine, queue[e], sizes[e], tick, price, row)
                    about[REJECTED] += row[_REJECTED] - counted
                about[TICK] = tick
                if not price <= path[0]:
                    path[0] = price
                equity = mine[machine.CASH] + mine[machine.STAKE]
                if mine[machine.UNITS] != 0:
                    equity += machine.rounded(mine[machine.UNITS] * price, mine)
                rewards[e] = (equity - about[EQUITY]) / 1e9
                about[EQUITY] = equity
            else:
                rugged = rug_prices[game] == rug_prices[game]
                mine[machine.PENDING] = 0
                path[1] = path[0]
                recent[e, about[KNOWN] % RECENT] = end if rugged else max(about[TICK], Whole(0))
                about[KNOWN] += 1
                if rugged:
                    tick, price = end, rug_prices[game]
                    machine.settle(mine, end, price, rows[e])
                else:
                    tick = about[TICK]
                    if tick >= 0:
                        price = flat[start + tick]
                    machine.refund(mine)
                equity = mine[machine.CASH]
                rewards[e] = (equity - about[EQUITY]) / 1e9
                profit = equity - about[BEGUN]
                if profit > 0:
                    mine[machine.WINS] += 1
                    mine[machine.LOSSES] = 0
                elif profit < 0:
                    mine[machine.LOSSES] += 1
                    mine[machine.WINS] = 0
                about[EQUITY] = equity
                about[PLAYED] += 1
                if about[PLAYED] >= rules.session:
                    about[DONE] = 1
                    terminated[e] = rugged and rules.session == 1
                    truncated[e] = not terminated[e]
                else:
                    _open_game(mine, about, path, False, settings)
                    tick, price = Whole(-1), START_PRICE
            if mine[machine.STATUS] != 0:
                return e + 1
        seen = lend(all_out, e * _SIZE, (e + 1) * _SIZE)
        lengths = borrow(all_recent, e * RECENT, (e + 1) * RECENT)
        _look(seen, flat, offsets[about[GAME]], tick, price, path, mine, about, lengths)
    return 0


@compiled
def watch(games: Any, rows: Any, places: Any, ticks: Any, wins: Any, recent: Any) -> int:
    """Write a row for each known tick of a batch at which a bet could be placed; return how many.

    `rows` has the features `PATH`; beside them place in the batch, tick, and whether the bet would win.
    """
    out, n = np.zeros(_SIZE, np.float32), 0
    state, about, path = np.zeros(_STATE, np.int64), np.zeros(_META, np.int64), np.full(2, np.nan)
    for game in range(len(games.ends)):
        start, end, rugged = games.offsets[game], games.ends[game], games.rug_prices[game] > 0
        path[0] = np.nan
        for tick in range(end):
            price = games.flat[start + tick]
            if price == price and (not rugged or tick + 1 < end):
                path[0] = price if not price <= path[0] else path[0]
                _look(out, games.flat, start, tick, price, path, state, about, recent)
                rows[n], places[n], ticks[n] = out[: len(rows[n])], game, tick
                wins[n] = rugged and end <= tick + 1 + SIDEBET_TICKS
                n += 1
    return n
