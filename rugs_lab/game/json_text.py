"""JSON text → values, tolerantly.

What the fast decoder refuses (``NaN``, half surrogate pairs, very large numbers) is read by the standard
library instead, so nothing that Python can read is lost.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from rugs_lab.errors import PayloadError

_LONGEST_WHOLE: Final = 400
_decode = msgspec.json.Decoder().decode


def read_json(text: str | bytes | msgspec.Raw) -> Any:
    """Read one JSON value.

    Raises
    ------
    PayloadError
        Not JSON, or nested more deeply than Python can read.

    Examples
    --------
    >>> read_json("[1, NaN, 1e999]"), read_json("9" * 5000)
    ([1, nan, inf], inf)
    """
    try:
        return _decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text if isinstance(text, str | bytes) else bytes(text), parse_int=_whole)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"JSON is expected; it could not be read ({error}): it is refused") from None


def _whole(digits: str) -> int | float:
    """Read a whole number; one of more digits than Python reads (and any float holds) is infinite."""
    return int(digits) if len(digits) <= _LONGEST_WHOLE else float(digits)
