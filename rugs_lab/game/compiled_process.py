"""Many games at once, compiled by numba: from their seeds, bit for bit, or sampled.

`play` takes the keys of games and gives the prices of `price_process`, bit for bit. ARC4 is bound by latency:
each byte waits for the byte before it. So a core plays two independent games side by side, a byte for each in
turn, and the waits of one are filled with the work of the other (more of them do not fit into the registers
and are slower). A tick always takes five numbers (four before v3), whichever way the price goes, so all lanes
do the same at the same time. The one exception, a god candle (1e-5 per tick), takes two: such a game is
played again by itself.

`sample_games` gives games of the same distribution, faster, from another generator; none of them can be
verified by a seed. SplitMix64 in counter form gives each game a stream of its own from the seed and the
game's number. Length and god candle are drawn once per game by inversion (both are geometric), and a tick
then takes two numbers instead of five: given that a number fell on one side of 12.5 %, its place on that side
is again uniform.

Importing this module loads numba; the functions are compiled when first called and cached on disk. They
release the interpreter's lock, so chunks of games can go to threads; what comes out depends neither on lanes
nor on chunks nor on threads.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.limits import (
    BIG_MOVE_MAX,
    BIG_MOVE_MIN,
    BIG_MOVE_PROBABILITY,
    DRIFT_MAX,
    DRIFT_MIN,
    GOD_CANDLE_FACTOR,
    GOD_CANDLE_MAX_PRICE,
    GOD_CANDLE_PROBABILITY,
    MAX_TICKS,
    RUG_FACTOR,
    RUG_PROBABILITY,
    START_PRICE,
    VOLATILITY,
)

_F = TypeVar("_F", bound=Callable[..., Any])

LANES: Final = 2
GAME_ROOM: Final = MAX_TICKS + 1
"""Prices of the longest game that the server allows."""

BIG_RANGE: Final = BIG_MOVE_MAX - BIG_MOVE_MIN
DRIFT_RANGE: Final = DRIFT_MAX - DRIFT_MIN
_NEEDED: Final = np.uint64(2**52)
_BITS_44: Final = np.uint64(2**44)
_BITS_45: Final = np.uint64(2**45)
_BITS_53: Final = np.uint64(2**53)
_BITS_54: Final = np.uint64(2**54)
_BITS_55: Final = np.uint64(2**55)
_POWERS: Final = 2.0 ** np.arange(64)
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LOG_RUG: Final = float(np.log1p(-RUG_PROBABILITY))
_LOG_GOD: Final = float(np.log1p(-GOD_CANDLE_PROBABILITY))
_TO_UNIT: Final = 2.0**-53


def compiled(function: _F, **options: Any) -> _F:
    """Compile without the interpreter's lock; keep the result on disk where a place can be written."""
    try:
        return cast("_F", numba.njit(nogil=True, cache=True, **options)(function))
    except RuntimeError:  # "cannot cache function": neither beside the module nor in the home
        return cast("_F", numba.njit(nogil=True, **options)(function))


@compiled
def _key(units: Any, s: Any) -> Any:
    """Key a generator with UTF-16 code units, as seedrandom does; return where it stands (j, with i = 0)."""
    mixed = np.zeros(256, np.uint8)
    length = 1
    smear = np.int64(0)
    for n in range(len(units)):
        slot = n & 255
        if n >= 256:
            smear ^= np.int64(mixed[slot]) * 19
        else:
            length = n + 1
        mixed[slot] = (smear + units[n]) & 255
    for n in range(256):
        s[n] = n
    j = np.uint8(0)
    at = 0
    for n in range(256):
        t = s[n]
        j = np.uint8(j + mixed[at] + t)
        s[n] = s[j]
        s[j] = t
        at += 1
        if at == length:
            at = 0
    i = j = np.uint8(0)
    for _ in range(256):
        i = np.uint8(i + 1)
        t = s[i]
        j = np.uint8(j + t)
        s[i] = s[j]
        s[j] = t
    return j


@compiled
def _step(s: Any, i: Any, j: Any, word: Any, last: Any) -> Any:
    """Take one more byte: `last` moves into `word`, the new byte is `last`."""
    i = np.uint8(i + 1)
    t = s[i]
    j = np.uint8(j + t)
    u = s[j]
    s[i] = u
    s[j] = t
    return i, j, (word << np.uint64(8)) | last, np.uint64(s[np.uint8(u + t)])


@compiled
def _number(s: Any, i: Any, j: Any, word: Any, last: Any) -> Any:
    """Make a number in [0, 1) of seven bytes; one in sixteen needs more bytes to have 52 bits."""
    word <<= np.uint64(8)
    scale = 2.0**-56
    while word < _NEEDED:
        i, j, _, byte = _step(s, i, j, word, last)
        word = (word + last) << np.uint64(8)
        last = byte
        scale *= 2.0**-8
    excess = np.uint64(word >= _BITS_53) + np.uint64(word >= _BITS_54) + np.uint64(word >= _BITS_55)
    while word >> excess >= _BITS_53:
        excess += np.uint64(1)
    # As a signed number, which converts in one instruction.
    return np.float64(np.int64((word >> excess) + (last >> excess))) * (scale * _POWERS[excess]), i, j


@compiled
def _coarse(s: Any, i: Any, j: Any, word: Any, last: Any) -> Any:
    """Return a number on the same side of 0.005, 1e-5 and 0.125, without making it where that is clear.

    Seven bytes that begin with a byte of 32 or more are 0.125 or more, of 16 or more 0.0625 or more.
    """
    if word >= _BITS_45:
        return 1.0, i, j
    if word >= _BITS_44:
        return 0.1, i, j
    return _number(s, i, j, word, last)


@compiled
def _next_price(price: float, version: int, big: float, first: float, second: float) -> float:
    """Return the price after one tick that is neither the rug nor a god candle."""
    if big < BIG_MOVE_PROBABILITY:
        size = BIG_MOVE_MIN + first * BIG_RANGE
        change = size if second > 0.5 else -size
    else:
        root = np.sqrt(price)
        if version != 1:
            root = min(10.0, root)
        change = (DRIFT_MIN + first * DRIFT_RANGE) + VOLATILITY * root * (2 * second - 1)
    return max(price * (1 + change), 0.0)


@compiled
def _play_one(units: NDArray[np.uint16], version: int, out: NDArray[np.float64]) -> int:
    """Play one game from its key into `out` (`GAME_ROOM` prices or more); return how many prices it has."""
    s = np.empty(256, np.uint8)
    i, j = np.uint8(0), _key(units, s)
    draws = np.empty(5)
    price = low = START_PRICE
    out[0] = price
    count = 1
    while count <= MAX_TICKS:
        wanted = 5 if version == 3 else 4
        n = 0
        god = False
        while n < wanted:
            word = last = np.uint64(0)
            for _ in range(7):
                i, j, word, last = _step(s, i, j, word, last)
            draws[n], i, j = _number(s, i, j, word, last)
            if n == 0 and draws[0] < RUG_PROBABILITY:
                out[count] = low * RUG_FACTOR
                return count + 1
            if (
                n == 1
                and version == 3
                and draws[1] < GOD_CANDLE_PROBABILITY
                and price <= GOD_CANDLE_MAX_PRICE
            ):
                god = True
                break
            n += 1
        if god:
            price = price * GOD_CANDLE_FACTOR
        else:
            price = _next_price(price, version, draws[wanted - 3], draws[wanted - 2], draws[wanted - 1])
        out[count] = price
        count += 1
        low = min(low, price)
    return count


@compiled
def play(
    units: NDArray[np.uint16],
    starts: NDArray[np.int64],
    version: int,
    out: NDArray[np.float64],
    where: NDArray[np.int64],
    lengths: NDArray[np.int64],
    first: int,
) -> int:
    """Play games from their keys until the room is used up; return the index of the first one not played.

    `units`: uint16, UTF-16 code units of all keys, one after the other.
    `starts`: int64, shape (games + 1,): where each key starts.
    `version`: 1, 2 or 3.
    `out`: float64, room for the prices; games come in the order in which they end.
    `where`, `lengths`: int64, shape (games,): where in `out` each game starts, and how many prices it has.
    `first`: Index of the first game to play.
    """
    games = len(starts) - 1
    state = np.zeros((LANES, 256), np.uint8)
    for lane in range(LANES):  # an idle lane must draw like the others, or no number would ever be found
        state[lane] = np.arange(256).astype(np.uint8)
    s0, s1 = state[0], state[1]
    at = np.zeros((LANES, 2), np.uint8)
    prices = np.empty((LANES, GAME_ROOM + 1))
    draws = np.empty((5, LANES))
    game = np.full(LANES, -1, np.int64)
    count = np.zeros(LANES, np.int64)
    low = np.ones(LANES)
    wanted = 5 if version == 3 else 4
    upcoming = first
    used = playing = 0
    i0 = i1 = j0 = j1 = np.uint8(0)
    fill = True
    while True:
        if fill:
            at[0, 0], at[1, 0], at[0, 1], at[1, 1] = i0, i1, j0, j1
            for lane in range(LANES):
                room = used + (playing + 1) * GAME_ROOM
                if game[lane] < 0 and upcoming < games and room <= len(out):
                    at[lane, 0] = 0
                    at[lane, 1] = _key(units[starts[upcoming] : starts[upcoming + 1]], state[lane])
                    game[lane] = upcoming
                    prices[lane, 0] = low[lane] = START_PRICE
                    count[lane] = 1
                    upcoming += 1
                    playing += 1
            i0, i1, j0, j1 = at[0, 0], at[1, 0], at[0, 1], at[1, 1]
            fill = False
            if playing == 0:
                return upcoming
        for n in range(wanted):
            w0 = w1 = l0 = l1 = np.uint64(0)
            for _ in range(7):
                i0, j0, w0, l0 = _step(s0, i0, j0, w0, l0)
                i1, j1, w1, l1 = _step(s1, i1, j1, w1, l1)
            if n < wanted - 2:
                draws[n, 0], i0, j0 = _coarse(s0, i0, j0, w0, l0)
                draws[n, 1], i1, j1 = _coarse(s1, i1, j1, w1, l1)
            else:
                draws[n, 0], i0, j0 = _number(s0, i0, j0, w0, l0)
                draws[n, 1], i1, j1 = _number(s1, i1, j1, w1, l1)
        for lane in range(LANES):
            if game[lane] < 0:
                continue
            price = prices[lane, count[lane] - 1]
            ended = False
            if draws[0, lane] < RUG_PROBABILITY:
                prices[lane, count[lane]] = low[lane] * RUG_FACTOR
                count[lane] += 1
                ended = True
            elif version == 3 and draws[1, lane] < GOD_CANDLE_PROBABILITY and price <= GOD_CANDLE_MAX_PRICE:
                key = units[starts[game[lane]] : starts[game[lane] + 1]]
                count[lane] = _play_one(key, version, prices[lane])
                ended = True
            else:
                new = _next_price(
                    price, version, draws[wanted - 3, lane], draws[wanted - 2, lane], draws[wanted - 1, lane]
                )
                prices[lane, count[lane]] = new
                low[lane] = min(low[lane], new)
                count[lane] += 1
                ended = count[lane] > MAX_TICKS
            if ended:
                where[game[lane]] = used
                lengths[game[lane]] = count[lane]
                out[used : used + count[lane]] = prices[lane, : count[lane]]
                used += count[lane]
                playing -= 1
                game[lane] = -1
                fill = True


@compiled
def _mix(word: Any) -> Any:
    """Return the output of SplitMix64 for a counter."""
    word = np.uint64(word)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


@compiled
def _stream_of(seed: Any, game: int) -> Any:
    """Return where the stream of a game starts."""
    return _mix(_mix(np.uint64(seed)) + np.uint64(game) * _GOLDEN + np.uint64(1))


@compiled
def _unit(word: Any) -> float:
    return float(word >> np.uint64(11)) * _TO_UNIT


@compiled
def sample_games(
    seed: np.uint64,
    first: int,
    games: int,
    version: int,
    out: NDArray[np.float64],
    offsets: NDArray[np.int64],
) -> int:
    """Play games `first` to ``first + games - 1`` of a seed; return how many there was room for.

    `seed`: uint64.
    `first`, `games`: Numbers of the games.
    `version`: 1, 2 or 3.
    `out`: float64, room for their prices, in order.
    `offsets`: int64, shape (games + 1,): filled with where each game starts.
    """
    used = 0
    offsets[0] = 0
    for n in range(games):
        if used + GAME_ROOM > len(out):
            return n
        at = _stream_of(seed, first + n)
        at += _GOLDEN
        rug_tick = int(np.log(1.0 - _unit(_mix(at))) / _LOG_RUG) + 1
        at += _GOLDEN
        god_tick = int(np.log(1.0 - _unit(_mix(at))) / _LOG_GOD) + 1
        price = low = START_PRICE
        out[used] = price
        ticks = min(rug_tick - 1, MAX_TICKS)
        for tick in range(1, ticks + 1):
            if tick == god_tick and version == 3 and price <= GOD_CANDLE_MAX_PRICE:
                price *= GOD_CANDLE_FACTOR
            else:
                at += _GOLDEN
                one = _unit(_mix(at))
                at += _GOLDEN
                other = _unit(_mix(at))
                if one < BIG_MOVE_PROBABILITY:
                    price = _next_price(price, version, 0.0, one / BIG_MOVE_PROBABILITY, other)
                else:
                    rest = (one - BIG_MOVE_PROBABILITY) / (1.0 - BIG_MOVE_PROBABILITY)
                    price = _next_price(price, version, 1.0, rest, other)
            out[used + tick] = price
            low = min(low, price)
        used += ticks + 1
        if rug_tick <= MAX_TICKS:
            out[used] = low * RUG_FACTOR
            used += 1
        offsets[n + 1] = used
    return games
