"""Usable values out of anything the wire may hold: each function returns the value, or None.

The bounds are far above what was ever measured and keep arithmetic and memory safe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import Annotated, Any, Final

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray
from typing_extensions import TypeIs

from rugs_lab.game.limits import MAX_TICKS, PRACTICE_COIN, SOL_COIN

MAX_ID_LENGTH: Final = 64
ID_PATTERN: Final = r"\A[!-~]+\Z"
"""What `is_game_id` requires of the characters, as a regular expression for decoders."""

MAX_TEXT: Final = 128
MAX_SHORT: Final = 256
"""Most characters of a seed, a hash or a version; a longer one is not usable."""

MAX_TICK: Final = 1_000_000
MAX_PRICE: Final = 1e15
MAX_AMOUNT: Final = 1e15
MAX_COUNT: Final = 2**31 - 1
MAX_TIME_MS: Final = 9_223_372_036_854
"""The latest time whose nanoseconds have 64 bits, ms since 1970."""

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH, pattern=ID_PATTERN)]
TickNumber = Annotated[int, Meta(ge=0, le=MAX_TICK)]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Price = Annotated[float, Meta(gt=0, le=MAX_PRICE)]
Amount = Annotated[float, Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
TimeMs = Annotated[int, Meta(ge=0, le=MAX_TIME_MS)]
Short = Annotated[str, Meta(max_length=MAX_SHORT)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]
"""The same bounds for typed decoders, of messages and of lines."""

Fields = Mapping[str, tuple[str, Callable[[object], Any]]]
"""Field → what the server calls it, and how it is read."""


def is_game_id(value: object) -> TypeIs[str]:
    """Return whether `value` can name a game: 1 to 64 printable ASCII characters without spaces.

    >>> is_game_id("20260101-0123456789abcdef"), is_game_id(""), is_game_id(7)
    (True, False, False)
    """
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_ID_LENGTH
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def as_id(value: object) -> str | None:
    """Return a game's id, else None."""
    return value if is_game_id(value) else None


def as_price(value: object) -> float | None:
    """Return a usable price (finite, above 0, a multiplier) as a float, else None.

    >>> as_price(1), as_price(0.5), as_price(True), as_price(float("nan")), as_price(-1)
    (1.0, 0.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 < value <= MAX_PRICE or not isfinite(value):
        return None
    return float(value)


def believable(prices: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether each price is usable, as `as_price` does; NaN is not."""
    return (prices > 0) & (prices <= MAX_PRICE)


def as_prices(value: object) -> tuple[float, ...] | None:
    """Return a whole list of usable prices from tick 0, else None.

    >>> as_prices([1, 1.5]), as_prices([1, None]), as_prices([])
    ((1.0, 1.5), None, None)
    """
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MAX_TICKS + 2:
        return None
    prices = tuple(as_price(item) for item in value)
    return None if None in prices else prices  # type: ignore[return-value]


def as_whole(value: object, most: int = MAX_COUNT) -> int | None:
    """Return a usable whole number from 0 to `most`, else None; 5.0 counts as 5.

    >>> as_whole(5), as_whole(5.0), as_whole(-1), as_whole(True), as_whole("5")
    (5, 5, None, None, None)
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        return None
    return value


as_tick: Final = partial(as_whole, most=MAX_TICK)
as_time_ms: Final = partial(as_whole, most=MAX_TIME_MS)


def as_amount(value: object) -> float | None:
    """Return a usable amount (finite, of either sign) as a float, else None.

    >>> as_amount(-0.5), as_amount(float("nan")), as_amount(10**400), as_amount("1")
    (-0.5, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MAX_AMOUNT:
        return None
    return float(value) if isfinite(value) else None


def as_text(value: object) -> str | None:
    r"""Return a text, cut to 128 characters and safe to encode, else None.

    >>> as_text("name"), as_text(None), as_text("\ud800")
    ('name', None, '?')
    """
    if not isinstance(value, str):
        return None
    return value[:MAX_TEXT].encode("utf-8", "replace").decode()


def read_fields(record: Mapping[str, Any], fields: Fields, practice: bool | None = False) -> dict[str, Any]:
    """Read the fields of a record; amounts in SOL only where it is of that currency, see `is_practice`."""
    return {
        name: None if practice is None and name.endswith("_sol") else read(record.get(key))
        for name, (key, read) in fields.items()
    }


def is_practice(*coins: object) -> bool | None:
    """Return whether the coins that a message names are play money; None: another currency than SOL.

    The server leaves the coin out, or null, where it is SOL.

    >>> is_practice("solana"), is_practice(None, "0xPractice"), is_practice("0xOther")
    (False, True, None)
    """
    named = [coin for coin in coins if coin is not None]
    if PRACTICE_COIN in named:
        return True
    return False if all(coin in ("solana", SOL_COIN) for coin in named) else None


def as_flag(value: object) -> bool | None:
    """Return a boolean, else None.

    >>> as_flag(False), as_flag(0)
    (False, None)
    """
    return value if isinstance(value, bool) else None
