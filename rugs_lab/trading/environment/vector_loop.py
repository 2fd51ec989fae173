"""The loop of the vectorised environment: many games side by side, a tick of each per step, in machine code.

The ledger is that of `rugs_lab.trading.engine.compiled_account`, the features are those of
`rugs_lab.trading.features.feature_vector`; so an environment here comes out as one that is stepped by itself,
exactly, bit for bit. Importing this module loads numba.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.game.compiled_process import compiled
from rugs_lab.game.limits import START_PRICE
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.engine import compiled_account as machine
from rugs_lab.trading.engine.compiled_account import Whole
from rugs_lab.trading.engine.compiled_arrays import borrow, lend
from rugs_lab.trading.engine.game_results import FIELDS
from rugs_lab.trading.features import feature_vector as features
from rugs_lab.trading.features.feature_vector import FEATURES, LONG, MIDDLE, PATH, RECENT, SHORT

if TYPE_CHECKING:
    from numpy.typing import NDArray

TURN, TICK, DONE, EQUITY, BEGUN, PLAYED, KNOWN, REJECTED = range(8)
META_SIZE: Final = 8
"""Per environment: place in the order of games, tick, whether it starts again with the next step, equity,
cash at the beginning of the game, games of the session, games before, orders rejected in the last step."""

BAD_ACTION: Final = 100

_WINDOW: Final = SIDEBET_TICKS
_STATE, _META, _SIZE = machine.STATE_SIZE, META_SIZE, len(FEATURES)
_START_PRICE: Final = START_PRICE
_SHORT, _MIDDLE, _LONG, _RECENT = SHORT, MIDDLE, LONG, RECENT
_compiled = compiled
_fill = compiled(features.fill)
_rounded, _submit, _fill_due = machine.rounded, machine.submit, machine.fill_due
_REJECTED: Final = FIELDS.index("rejected")
_lose_bet, _settle, _refund = machine.lose_bet, machine.settle, machine.refund


@_compiled
def _look(
    out: Any,
    flat: Any,
    start: int,
    tick: int,
    price: float,
    peak: float,
    state: Any,
    equity: int,
    last_peak: float,
    recent: Any,
    known: int,
) -> None:
    """Write the features of one environment."""
    low = high = price
    for place in range(start + max(0, tick - _LONG + 1), start + tick + 1):
        other = flat[place]
        low = other if other < low else low
        high = other if other > high else high
    before = (
        flat[start + tick - _SHORT] if tick >= _SHORT else np.nan,
        flat[start + tick - _MIDDLE] if tick >= _MIDDLE else np.nan,
        flat[start + tick - _LONG] if tick >= _LONG else np.nan,
    )
    units, stake = state[machine.UNITS], state[machine.STAKE]
    average, entry, left = 0.0, Whole(-1), Whole(0)
    if units != 0:
        average = state[machine.COST] / units
        entry = state[machine.OPENED]
    if stake != 0:
        left = state[machine.BET_START] + _WINDOW - tick
    length = mean = 0.0
    if known > 0:
        count = min(known, _RECENT)
        total = Whole(0)
        for place in range(count):
            total += recent[place]
        length = float(recent[(known - 1) % _RECENT])
        mean = float(total) / count
    _fill(
        out,
        tick,
        price,
        before,
        low,
        high,
        peak if peak == peak else price,
        state[machine.CASH] / 1e9,
        equity / 1e9,
        (units / 1e9) * price,
        average,
        entry,
        left,
        stake / 1e9,
        last_peak if last_peak == last_peak else 0.0,
        length,
        mean,
        state[machine.WINS],
        state[machine.LOSSES],
    )


@_compiled
def _open_game(state: Any, meta: Any, peaks: Any, turn: int, fresh: bool, settings: Any) -> None:
    if fresh:
        state[:] = 0
        state[machine.CASH] = settings[machine.START]
        meta[PLAYED] = 0
    meta[TURN] = turn
    meta[TICK] = -1
    meta[DONE] = 0
    meta[EQUITY] = state[machine.CASH]
    meta[BEGUN] = state[machine.CASH]
    peaks[0] = np.nan


@_compiled
def begin_all(
    flat: Any,
    offsets: Any,
    order: Any,
    state: Any,
    meta: Any,
    peaks: Any,
    recent: Any,
    settings: Any,
    out: Any,
) -> None:
    """Begin every environment at its first game, without memory of any before."""
    for e in range(len(meta)):
        meta[e, KNOWN] = 0
        peaks[e, 1] = np.nan
        _open_game(state[e], meta[e], peaks[e], e % len(order), True, settings)
        start = offsets[order[meta[e, TURN]]]
        _look(out[e], flat, start, -1, _START_PRICE, np.nan, state[e], meta[e, EQUITY], np.nan, recent[e], 0)


@_compiled
def step_all(
    first: int,
    last: int,
    actions: Any,
    kinds: Any,
    amounts: Any,
    flat: Any,
    offsets: Any,
    ends: Any,
    rug_prices: Any,
    order: Any,
    state: Any,
    meta: Any,
    peaks: Any,
    recent: Any,
    queue: Any,
    sizes: Any,
    rows: Any,
    settings: Any,
    session: int,
    out: Any,
    rewards: Any,
    terminated: Any,
    truncated: Any,
) -> int:
    """Take one step in environments `first` to ``last - 1``; return 0, or 1 + the one that could not."""
    stride, count = len(meta), len(order)
    all_states, all_meta, all_peaks = state.reshape(-1), meta.reshape(-1), peaks.reshape(-1)
    all_recent, all_out = recent.reshape(-1), out.reshape(-1)
    for e in range(first, last):
        mine = lend(all_states, e * _STATE, (e + 1) * _STATE)
        about = lend(all_meta, e * _META, (e + 1) * _META)
        path = lend(all_peaks, e * 2, (e + 1) * 2)
        rewards[e] = 0.0
        terminated[e] = truncated[e] = False
        about[REJECTED] = 0
        tick, price = about[TICK], _START_PRICE
        if about[DONE] != 0:
            _open_game(mine, about, path, (about[TURN] + stride) % count, True, settings)
            tick = Whole(-1)
        else:
            chosen = actions[e]
            if not 0 <= chosen < len(kinds):
                mine[machine.STATUS] = BAD_ACTION
                return e + 1
            due = Whole(0) if tick < 0 else tick + settings[machine.LATENCY]
            for n in range(2):
                if kinds[chosen, n] != machine.HOLD:
                    about[REJECTED] += _submit(
                        mine, queue[e], sizes[e], kinds[chosen, n], amounts[chosen, n], due, settings
                    )
            game = order[about[TURN]]
            start, end = offsets[game], ends[game]
            tick += 1
            while tick < end and flat[start + tick] != flat[start + tick]:
                tick += 1
            if tick < end:
                price = flat[start + tick]
                if mine[machine.STAKE] != 0 and tick >= mine[machine.BET_START] + _WINDOW:
                    _lose_bet(mine)
                if mine[machine.PENDING] != 0:
                    row = rows[e]
                    counted = row[_REJECTED]
                    _fill_due(mine, queue[e], sizes[e], tick, price, row)
                    about[REJECTED] += row[_REJECTED] - counted
                about[TICK] = tick
                if not price <= path[0]:
                    path[0] = price
                equity = mine[machine.CASH] + mine[machine.STAKE]
                if mine[machine.UNITS] != 0:
                    equity += _rounded(mine[machine.UNITS] * price, mine)
                rewards[e] = (equity - about[EQUITY]) / 1e9
                about[EQUITY] = equity
            else:
                rugged = rug_prices[game] == rug_prices[game]
                mine[machine.PENDING] = 0
                path[1] = path[0]
                recent[e, about[KNOWN] % _RECENT] = end if rugged else max(about[TICK], Whole(0))
                about[KNOWN] += 1
                if rugged:
                    tick, price = end, rug_prices[game]
                    _settle(mine, end, price, rows[e])
                else:
                    tick = about[TICK]
                    if tick >= 0:
                        price = flat[start + tick]
                    _refund(mine)
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
                if about[PLAYED] >= session:
                    about[DONE] = 1
                    terminated[e] = rugged and session == 1
                    truncated[e] = not terminated[e]
                else:
                    _open_game(mine, about, path, (about[TURN] + stride) % count, False, settings)
                    tick, price = Whole(-1), _START_PRICE
            if mine[machine.STATUS] != 0:
                return e + 1
        _look(
            lend(all_out, e * _SIZE, (e + 1) * _SIZE),
            flat,
            offsets[order[about[TURN]]],
            tick,
            price,
            path[0],
            mine,
            about[EQUITY],
            path[1],
            borrow(all_recent, e * _RECENT, (e + 1) * _RECENT),
            about[KNOWN],
        )
    return 0


@_compiled
def _watch(prices: Any, out: Any, state: Any, recent: Any) -> None:
    peak = np.nan
    for tick in range(len(prices)):
        price = prices[tick]
        if price == price:
            peak = price if not price <= peak else peak
            _look(out[tick], prices, 0, tick, price, peak, state, 0, np.nan, recent, 0)


def watch(prices: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the features `PATH` at each tick of one game; values at a missing tick are meaningless."""
    out = np.zeros((len(prices), len(FEATURES)), np.float32)
    _watch(prices, out, np.zeros(machine.STATE_SIZE, np.int64), np.zeros(RECENT, np.int64))
    return out[:, : len(PATH)]
