"""The loop of the compiled engine: games, ticks, the strategy, as `tick_engine` has it.

Importing this module loads numba.
"""

from typing import Any, Final

import numba
import numpy as np

from rugs_lab.game.limits import START_PRICE
from rugs_lab.game.price_process import expected_price
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.engine import compiled_account as machine
from rugs_lab.trading.engine.compiled_account import Whole
from rugs_lab.trading.engine.compiled_arrays import borrow
from rugs_lab.trading.engine.game_results import EXACT, FIELDS
from rugs_lab.trading.strategy.observation import HISTORY, Observation

_PROFIT, _TICKS, _HELD, _BET = map(FIELDS.index, ("profit", "ticks", "ticks_held", "ticks_bet"))
_LOWEST, _HIGHEST, _DRAWDOWN = map(FIELDS.index, ("lowest", "highest", "drawdown"))
_REJECTED, _EXPIRED, _VOIDED = map(FIELDS.index, ("rejected", "expired", "voided"))
_AT_RISK, _EXPECTED = map(FIELDS.index, ("at_risk", "expected"))
_expected_price: Any = numba.njit(expected_price)
_LIMIT: Final = float(EXACT)


def kernel_of(decide: Any) -> Any:
    """Return the loop for a compiled strategy (`decide_of`), a numba function.

    Its arguments are the strategy's parameters, the columns of a `Batch`, peaks and lengths of earlier games
    with room for those of these, the state and settings of `compiled_account`, `out` for the rows of
    `GameResults.values`, and `log` for the orders given, as far as they fit: rows of game, tick, kind and
    size, after a first one that begins with their number. It returns how many games it has played, and leaves
    in ``state[machine.STATUS]`` why it stopped before the last.
    """

    @numba.njit(nogil=True, boundscheck=True)
    def play_games(
        parameters: Any,
        flat: Any,
        offsets: Any,
        ends: Any,
        rug_prices: Any,
        peaks: Any,
        lengths: Any,
        state: Any,
        settings: Any,
        queue: Any,
        sizes: Any,
        out: Any,
        log: Any,
    ) -> int:
        before = len(peaks) - len(ends)
        presale = np.array([START_PRICE])
        latency = settings[machine.LATENCY]
        for game in range(len(ends)):
            row = out[game]
            if settings[machine.CARRY] == 0:
                state[:] = 0
                state[machine.CASH] = settings[machine.START]
            known = before + game
            old_peaks = borrow(peaks, max(0, known - HISTORY), known)
            old_lengths = borrow(lengths, max(0, known - HISTORY), known)
            begun = state[machine.CASH]
            highest = lowest = begun
            drawdown = Whole(0)
            asked = held = with_bet = rejected = Whole(0)
            start, end = offsets[game], ends[game]
            peak, last = 0.0, Whole(0)
            low_price, at_risk, expected = START_PRICE, 0.0, 0.0
            prices = flat[start : start + end]
            for tick in range(Whole(-settings[machine.PRESALE]), end):
                price = START_PRICE
                if tick >= 0:
                    price = prices[tick]
                    if price != price:
                        continue
                    if not 0.0 < price < np.inf:
                        state[machine.STATUS] = machine.BAD_PRICE
                        return game
                    if state[machine.STAKE] != 0 and tick >= state[machine.BET_START] + SIDEBET_TICKS:
                        machine.lose_bet(state)
                    if state[machine.PENDING] != 0:
                        machine.fill_due(state, queue, sizes, tick, price, row)
                    asked += 1
                    peak = max(peak, price)
                    low_price = min(low_price, price)
                    last = tick
                cash, units, stake = state[machine.CASH], state[machine.UNITS], state[machine.STAKE]
                value = unrealised = Whole(0)
                average = 0.0
                entry = Whole(-1)
                if units != 0:
                    value = machine.rounded(units * price, state)
                    unrealised = value - state[machine.COST]
                    average = state[machine.COST] / units
                    entry = state[machine.OPENED]
                    held += 1
                    at_risk += value
                    expected += units * (_expected_price(price, low_price) - price)
                equity = cash + value + stake
                highest = max(highest, equity)
                lowest = min(lowest, equity)
                drawdown = max(drawdown, highest - equity)
                left = Whole(0)
                if stake != 0:
                    left = state[machine.BET_START] + SIDEBET_TICKS - tick
                    with_bet += 1
                first, second = decide(
                    Observation(
                        tick,
                        price,
                        borrow(flat, start, start + tick + 1) if tick >= 0 else borrow(presale, 0, 1),
                        cash / 1e9,
                        equity / 1e9,
                        units / 1e9,
                        average,
                        entry,
                        unrealised / 1e9,
                        stake != 0,
                        left,
                        stake / 1e9,
                        old_peaks,
                        old_lengths,
                        state[machine.WINS],
                        state[machine.LOSSES],
                        state[machine.BET_WINS],
                        state[machine.BET_LOSSES],
                        0.0,
                        0.0,
                        0.0,
                    ),
                    *parameters,
                )
                if first.kind != machine.HOLD or second.kind != machine.HOLD:
                    two = first.kind != machine.HOLD and second.kind != machine.HOLD
                    if (
                        not 0 <= first.kind <= machine.LAST_KIND
                        or not 0 <= second.kind <= machine.LAST_KIND
                        or (two and (first.kind == machine.SIDEBET) == (second.kind == machine.SIDEBET))
                    ):
                        state[machine.STATUS] = machine.BAD_DECISION
                        return game
                    due = Whole(0) if tick < 0 else tick + latency
                    for action in (first, second):
                        if action.kind != machine.HOLD:
                            rejected += machine.submit(
                                state, queue, sizes, action.kind, action.size, due, settings
                            )
                            machine.note(log, game, tick, action.kind, action.size)
            peaks[known] = peak if asked != 0 else np.nan
            lengths[known] = last
            if rug_prices[game] == rug_prices[game]:
                lengths[known] = end
                machine.settle(state, end, rug_prices[game], row)
            else:
                machine.refund(state)
                row[_VOIDED] = 1
            row[_REJECTED] += rejected
            row[_EXPIRED] = state[machine.PENDING]
            state[machine.PENDING] = 0
            if state[machine.STATUS] != 0:
                return game
            equity = state[machine.CASH]
            highest = max(highest, equity)
            profit = equity - begun
            row[_PROFIT] = profit
            row[_TICKS] = asked
            row[_HELD] = held
            row[_BET] = with_bet
            row[_LOWEST] = min(lowest, equity) - begun
            row[_HIGHEST] = highest - begun
            row[_AT_RISK] = Whole(np.rint(min(at_risk, _LIMIT)))
            if row[_VOIDED] == 0:
                row[_EXPECTED] = Whole(np.rint(max(-_LIMIT, min(expected, _LIMIT))))
            row[_DRAWDOWN] = max(drawdown, highest - equity)
            if profit > 0:
                state[machine.WINS] += 1
                state[machine.LOSSES] = 0
            elif profit < 0:
                state[machine.LOSSES] += 1
                state[machine.WINS] = 0
            if equity >= settings[machine.TAKE_AT]:
                state[machine.STATUS] = machine.TAKEN
                return game + 1
            if equity <= settings[machine.LOSS_AT]:
                state[machine.STATUS] = machine.LOST
                return game + 1
        return len(ends)

    return play_games
