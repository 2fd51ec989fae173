"""The account as a row of whole numbers, for the compiled engine: the same rules, the same rounding.

Each function is the compiled form of a method of `rugs_lab.trading.account.account.Account`, which is the
definition; tests hold the two together. Amounts that leave what 64 bits hold exactly set `STATUS`, and the
games are then played by the definition instead. Importing this module loads numba.
"""

from functools import partial
from typing import Any, Final

import numpy as np
from numba.core import types
from numba.extending import overload

from rugs_lab.game.compiled_process import compiled
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, SIDEBET_TICKS
from rugs_lab.trading.account import actions
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.engine.game_results import EXACT, FIELDS

CASH, UNITS, COST, OPENED, STAKE, BET_START, PENDING, STATUS = range(8)
WINS, LOSSES, BET_WINS, BET_LOSSES = range(8, 12)
STATE_SIZE: Final = 12

START, LEAST, MOST, LATENCY, PRESALE, CARRY, TAKE_AT, LOSS_AT = range(8)
SETTINGS_SIZE: Final = 8

TOO_MUCH, BAD_PRICE, BAD_DECISION, TAKEN, LOST = range(1, 6)

HOLD, BUY, SELL, SIDEBET = (int(actions.Kind[name]) for name in ("HOLD", "BUY", "SELL", "SIDEBET"))
LAST_KIND: Final = max(int(kind) for kind in actions.Kind)
_BUYS, _SPENT, _SOLD, _SETTLED = map(FIELDS.index, ("buys", "spent", "sold", "settled"))
_TRADES, _TRADES_WON, _REJECTED = map(FIELDS.index, ("trades", "trades_won", "rejected"))
_BETS, _BETS_WON, _STAKED = map(FIELDS.index, ("bets", "bets_won", "staked"))
_LIMIT: Final = float(EXACT)
_HALF_EXACT: Final = 2.0**51
_NO_FRACTION: Final = 1.5 * 2.0**52

Whole: Any = np.int64
"""What makes a whole number in machine code; to type checkers it is any."""

_compiled = partial(compiled, boundscheck=True)


def _is_size(of: Any) -> bool:
    """Tell whether values of a type can be a size; a boolean cannot (`actions.is_size`)."""
    return of == 1.0 or isinstance(of, types.Integer | types.Float | types.Omitted)


@overload(actions.hold, strict=False)
def _hold() -> Any:
    return lambda: Action(Whole(0), 0.0)


def _sized(function: Any, kind: int) -> None:
    @overload(function, strict=False)
    def _made(size: Any) -> Any:
        return (lambda size: Action(Whole(kind), float(size))) if _is_size(size) else None


def _of_fraction(function: Any, kind: int) -> None:
    @overload(function, strict=False)
    def _made(fraction: Any = 1.0) -> Any:
        return (lambda fraction=1.0: Action(Whole(kind), float(fraction))) if _is_size(fraction) else None


_sized(actions.buy, 1)
_of_fraction(actions.sell, 2)
_sized(actions.sidebet, 3)
_sized(actions.short, 4)
_of_fraction(actions.cover, 5)


@_compiled
def peaks_of(flat: Any, offsets: Any, ends: Any, rug_prices: Any, peaks: Any, lengths: Any) -> None:
    """Fill in the highest known price before the end, and the rug tick or last known tick, of each game."""
    for game in range(len(ends)):
        peak = np.nan
        last = 0
        for tick in range(ends[game]):
            price = flat[offsets[game] + tick]
            if price == price:
                last = tick
                if price > peak or peak != peak:
                    peak = price
        peaks[game] = peak
        lengths[game] = ends[game] if rug_prices[game] == rug_prices[game] else last


@_compiled
def rounded(amount: float, state: Any) -> Any:
    """Return a whole number, half to even, as Python's ``round`` does."""
    if abs(amount) < _HALF_EXACT:  # adding so much leaves no place for fractions: quicker than np.rint
        return Whole((amount + _NO_FRACTION) - _NO_FRACTION)
    if not abs(amount) < _LIMIT:
        state[STATUS] = TOO_MUCH
        return 0
    return Whole(np.rint(amount))


@_compiled
def submit(state: Any, queue: Any, sizes: Any, kind: int, size: float, due: int, settings: Any) -> int:
    """Give an order; return 1 if it is rejected (`Account.submit`)."""
    if not np.isfinite(size):
        return 1
    waiting = state[PENDING]
    amount = Whole(0)
    if kind == SELL:
        if not (size > 0 and size <= 1):
            return 1
        if state[UNITS] == 0:
            coming = False
            for n in range(waiting):
                coming = coming or queue[n, 0] == BUY
            if not coming:
                return 1
    elif kind in (BUY, SIDEBET):
        promised = Whole(0)
        for n in range(waiting):
            promised += queue[n, 2]
        if kind == SIDEBET:
            if state[STAKE] != 0 and due < state[BET_START] + SIDEBET_TICKS:
                return 1
            for n in range(waiting):
                if queue[n, 0] == SIDEBET:
                    return 1
        wanted = np.rint(size * 1e9)
        if wanted < settings[LEAST] or wanted > settings[MOST]:
            return 1
        amount = Whole(wanted)
        if amount > state[CASH] - promised:
            return 1
    else:
        return 1
    queue[waiting, 0] = kind
    queue[waiting, 1] = due
    queue[waiting, 2] = amount
    sizes[waiting] = size
    state[PENDING] = waiting + 1
    return 0


@_compiled
def note(log: Any, game: int, tick: int, kind: int, size: float) -> None:
    """Count an order in ``log[0, 0]``, and note it where there is room."""
    log[0, 0] += 1
    place = Whole(log[0, 0])
    if place < len(log):
        log[place, 0], log[place, 1], log[place, 2], log[place, 3] = game, tick, kind, size


@_compiled
def fill_due(state: Any, queue: Any, sizes: Any, tick: int, price: float, row: Any) -> None:
    """Fill what is due (`Account.tick`)."""
    waiting = state[PENDING]
    kept = 0
    for n in range(waiting):
        kind, due, amount, size = queue[n, 0], queue[n, 1], queue[n, 2], sizes[n]
        if due > tick:
            queue[kept, 0] = kind
            queue[kept, 1] = due
            queue[kept, 2] = amount
            sizes[kept] = size
            kept += 1
        elif kind == BUY:
            bought = rounded(np.floor(amount / price), state)
            if bought == 0:
                row[_REJECTED] += 1
                continue
            if state[UNITS] == 0:
                state[OPENED] = tick
            state[UNITS] += bought
            state[COST] += amount
            state[CASH] -= amount
            row[_BUYS] += 1
            row[_SPENT] += amount
            if state[UNITS] > EXACT:
                state[STATUS] = TOO_MUCH
        elif kind == SELL:
            units, cost = state[UNITS], state[COST]
            sold = units if size >= 1.0 else rounded(units * size, state)
            if units == 0 or sold == 0:
                row[_REJECTED] += 1
                continue
            part = cost if sold == units else rounded(cost * size, state)
            close(state, sold, part, rounded(sold * price, state), row, _SOLD)
        elif state[STAKE] != 0:
            row[_REJECTED] += 1
        else:
            state[STAKE] = amount
            state[BET_START] = tick
            state[CASH] -= amount
            row[_BETS] += 1
            row[_STAKED] += amount
    state[PENDING] = kept


@_compiled
def close(state: Any, sold: int, cost: int, proceeds: int, row: Any, kind: int) -> None:
    """Take units out of the position and their proceeds into cash (`Holdings._close`)."""
    state[UNITS] -= sold
    state[COST] -= cost
    state[CASH] += proceeds
    row[_TRADES] += 1
    row[kind] += proceeds - cost
    if proceeds > cost:
        row[_TRADES_WON] += 1
    if state[CASH] > EXACT:
        state[STATUS] = TOO_MUCH


@_compiled
def lose_bet(state: Any) -> None:
    """Settle a bet whose window has passed."""
    state[STAKE] = 0
    state[BET_WINS] = 0
    state[BET_LOSSES] += 1


@_compiled
def settle(state: Any, tick: int, price: float, row: Any) -> None:
    """Take the rug: settle the bet and the position (`Account.rug`)."""
    if state[STAKE] != 0:
        if tick <= state[BET_START] + SIDEBET_TICKS:
            state[CASH] += SIDEBET_PAYOUT * state[STAKE]
            state[STAKE] = 0
            state[BET_LOSSES] = 0
            state[BET_WINS] += 1
            row[_BETS_WON] += 1
        else:
            lose_bet(state)
    if state[UNITS] != 0:
        close(state, state[UNITS], state[COST], rounded(state[UNITS] * price, state), row, _SETTLED)


@_compiled
def refund(state: Any) -> None:
    """End a game whose rug is not known: what is open is refunded at cost (`Account.void`)."""
    state[CASH] += state[STAKE] + state[COST]
    state[STAKE] = 0
    state[UNITS] = 0
    state[COST] = 0
