"""Many games at once, compiled by numba: from their seeds, bit for bit, or sampled.

`play` takes the keys of games and gives the prices of `price_process`, bit for bit. ARC4 is bound by latency:
each byte waits for the byte before it. So the key streams of two games are made side by side, a block of each
at a time, and the waits of one are filled with the work of the other; then each game is played as far as its
block goes. Three or four streams at once are slower, and so are two games played tick by tick in turn.

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

from rugs_lab.game import limits

_F = TypeVar("_F", bound=Callable[..., Any])

LANES: Final = 2
BLOCK: Final = 1024
"""Bytes of key stream that are made at once: a multiple of 256, so that each begins with i = 0."""
CARRY: Final = 128
"""Bytes that a tick is sure to find: five numbers of seven, and what one in sixteen of them needs more."""
GAME_ROOM: Final = limits.MAX_TICKS + 1
"""Prices of the longest game that the server allows."""

BIG_RANGE: Final = limits.BIG_MOVE_MAX - limits.BIG_MOVE_MIN
DRIFT_RANGE: Final = limits.DRIFT_MAX - limits.DRIFT_MIN
_NEEDED: Final = np.uint64(2**52)
_ONE: Final = np.uint64(2**56)
_SIXTEEN: Final = np.uint64(2**60)
"""Eight bytes of which the first is 1, or 16."""
_RUG_64: Final = np.uint64(int(limits.RUG_PROBABILITY * 2**64))
_GOD_64: Final = np.uint64(int(limits.GOD_CANDLE_PROBABILITY * 2**64))
_BIG_64: Final = np.uint64(int(limits.BIG_MOVE_PROBABILITY * 2**64))
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LOG_RUG: Final = float(np.log1p(-limits.RUG_PROBABILITY))
_LOG_GOD: Final = float(np.log1p(-limits.GOD_CANDLE_PROBABILITY))
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
def _block(s0: Any, s1: Any, j0: Any, j1: Any, out0: Any, out1: Any) -> Any:
    """Write the next `BLOCK` bytes of two generators, eight to a word, the first one highest.

    i is 0 before and after.
    """
    i = np.uint8(0)
    for n in range(BLOCK // 8):
        word0 = word1 = np.uint64(0)
        for _ in range(8):
            i = np.uint8(i + 1)
            t0, t1 = s0[i], s1[i]
            j0, j1 = np.uint8(j0 + t0), np.uint8(j1 + t1)
            u0, u1 = s0[j0], s1[j1]
            s0[i], s1[i] = u0, u1
            s0[j0], s1[j1] = t0, t1
            word0 = word0 << np.uint64(8) | np.uint64(s0[np.uint8(u0 + t0)])
            word1 = word1 << np.uint64(8) | np.uint64(s1[np.uint8(u1 + t1)])
        out0[n], out1[n] = word0, word1
    return j0, j1


@compiled
def _word(stream: Any, at: Any) -> Any:
    """Return the eight bytes from byte `at`, the first one highest.

    `at` is uint64: no index can be negative, which makes it three times as fast.
    """
    place, bits = at >> np.uint64(3), (at & np.uint64(7)) << np.uint64(3)
    return stream[place] << bits | stream[place + np.uint64(1)] >> np.uint64(1) >> (np.uint64(63) - bits)


@compiled
def _number(stream: Any, at: Any) -> Any:
    """Make a number in [0, 1) of seven bytes, one in sixteen of more so that it has 52 bits.

    Of those bits the highest 53 count. With a first byte of 16 or more they are among seven bytes, of 1 or
    more among eight.
    """
    word = _word(stream, at)
    if word < _ONE:
        return _small_number(stream, at, word)
    at += np.uint64(8) if word < _SIXTEEN else np.uint64(7)
    # As a signed number, which converts in one instruction; the bit that goes is none of the 53.
    return np.float64(np.int64(_highest_53(word) >> np.uint64(1))) * 2.0**-63, at


@compiled
def _highest_53(word: Any) -> Any:
    """Return the highest 53 bits of a word, from its first 1, all others 0."""
    beyond = word >> np.uint64(53)
    beyond |= beyond >> np.uint64(1)
    beyond |= beyond >> np.uint64(2)
    beyond |= beyond >> np.uint64(4)
    beyond |= beyond >> np.uint64(8)
    return word & ~beyond


@compiled
def _small_number(stream: Any, at: Any, word: Any) -> Any:
    """Make a number that begins with a byte of 0."""
    at += np.uint64(8)
    scale = 2.0**-64
    while word < _NEEDED and at < np.uint64(CARRY + BLOCK):
        word = word << np.uint64(8) | _word(stream, at) >> np.uint64(56)
        at += np.uint64(1)
        scale *= 2.0**-8
    return np.float64(np.int64(_highest_53(word))) * scale, at


@compiled
def _is_below(stream: Any, at: Any, limit: float, limit_64: Any) -> Any:
    """Tell whether the next number is below `limit`, and return where it ends, without making it.

    `limit_64`: uint64, the limit times 2**64; not looked at for a number that begins with a byte of 0.
    """
    word = _word(stream, at)
    if word < _ONE:
        number, at = _small_number(stream, at, word)
        return number < limit, at
    return word < limit_64, at + (np.uint64(8) if word < _SIXTEEN else np.uint64(7))


@compiled
def _next_price(price: float, version: int, big: bool, first: float, second: float) -> float:
    """Return the price after one tick that is neither the rug nor a god candle."""
    if big:
        size = limits.BIG_MOVE_MIN + first * BIG_RANGE
        change = size if second > 0.5 else -size
    else:
        root = np.sqrt(price)
        if version != 1:
            root = min(10.0, root)
        change = (limits.DRIFT_MIN + first * DRIFT_RANGE) + limits.VOLATILITY * root * (2 * second - 1)
    return max(price * (1 + change), 0.0)


@compiled
def _go_on(stream: Any, at: Any, version: int, prices: Any, count: int, low: float) -> Any:
    """Play a game as far as its key stream goes; return where that is, prices, lowest one, and its end."""
    price = prices[count - 1]
    while count <= limits.MAX_TICKS:
        if at > np.uint64(BLOCK):  # fewer than `CARRY` bytes are left
            return at, count, low, False
        rug, at = _is_below(stream, at, limits.RUG_PROBABILITY, _RUG_64)
        if rug:
            prices[count] = low * limits.RUG_FACTOR
            return at, count + 1, low, True
        god = False
        if version == 3:
            god, at = _is_below(stream, at, limits.GOD_CANDLE_PROBABILITY, _GOD_64)
        if god and price <= limits.GOD_CANDLE_MAX_PRICE:
            price *= limits.GOD_CANDLE_FACTOR
        else:
            big, at = _is_below(stream, at, limits.BIG_MOVE_PROBABILITY, _BIG_64)
            one, at = _number(stream, at)
            other, at = _number(stream, at)
            price = _next_price(price, version, big, one, other)
        prices[count] = price
        count += 1
        low = min(low, price)
    return at, count, low, True


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
    state = np.empty((LANES, 256), np.uint32)  # a fifth faster than bytes
    state[:] = np.arange(256)  # an idle lane makes bytes that nobody reads
    stream = np.zeros((LANES, (CARRY + BLOCK) // 8 + 2), np.uint64)
    j = np.zeros(LANES, np.uint8)
    prices = np.empty((LANES, GAME_ROOM + 1))
    game = np.full(LANES, -1, np.int64)
    at = np.full(LANES, CARRY, np.int64)
    count = np.zeros(LANES, np.int64)
    low = np.ones(LANES)
    upcoming = first
    used = playing = 0
    while True:
        for lane in range(LANES):
            room = used + (playing + 1) * GAME_ROOM
            if game[lane] < 0 and upcoming < games and room <= len(out):
                j[lane] = _key(units[starts[upcoming] : starts[upcoming + 1]], state[lane])
                game[lane] = upcoming
                at[lane] = CARRY
                prices[lane, 0] = low[lane] = limits.START_PRICE
                count[lane] = 1
                upcoming += 1
                playing += 1
        if playing == 0:
            return upcoming
        j[0], j[1] = _block(state[0], state[1], j[0], j[1], stream[0, CARRY // 8 :], stream[1, CARRY // 8 :])
        for lane in range(LANES):
            if game[lane] < 0:
                continue
            read, count[lane], low[lane], ended = _go_on(
                stream[lane], np.uint64(at[lane]), version, prices[lane], count[lane], low[lane]
            )
            at[lane] = read - np.uint64(BLOCK)  # what is not read goes before the next block
            for n in range(CARRY // 8):
                stream[lane, n] = stream[lane, BLOCK // 8 + n]
            if ended:
                where[game[lane]] = used
                lengths[game[lane]] = count[lane]
                out[used : used + count[lane]] = prices[lane, : count[lane]]
                used += count[lane]
                playing -= 1
                game[lane] = -1


@compiled
def in_order(out: NDArray[np.float64], where: NDArray[np.int64], offsets: NDArray[np.int64]) -> Any:
    """Return games, which `play` has put `where` they ended, one after the other, each at its offset."""
    ordered = np.empty(offsets[-1])
    for n in range(len(where)):
        begin, end = offsets[n], offsets[n + 1]
        ordered[begin:end] = out[where[n] : where[n] + end - begin]
    return ordered


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
        price = low = limits.START_PRICE
        out[used] = price
        ticks = min(rug_tick - 1, limits.MAX_TICKS)
        for tick in range(1, ticks + 1):
            if tick == god_tick and version == 3 and price <= limits.GOD_CANDLE_MAX_PRICE:
                price *= limits.GOD_CANDLE_FACTOR
            else:
                at += _GOLDEN
                one = _unit(_mix(at))
                at += _GOLDEN
                other = _unit(_mix(at))
                if one < limits.BIG_MOVE_PROBABILITY:
                    price = _next_price(price, version, True, one / limits.BIG_MOVE_PROBABILITY, other)
                else:
                    rest = (one - limits.BIG_MOVE_PROBABILITY) / (1.0 - limits.BIG_MOVE_PROBABILITY)
                    price = _next_price(price, version, False, rest, other)
            out[used + tick] = price
            low = min(low, price)
        used += ticks + 1
        if rug_tick <= limits.MAX_TICKS:
            out[used] = low * limits.RUG_FACTOR
            used += 1
        offsets[n + 1] = used
    return games
