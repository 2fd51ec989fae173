"""Whole numbers of compiled strategies: what does not fit 64 bits, or is changed as a float, raises.

Importing this module loads numba.
"""

import operator
from typing import Any, Final

import numba
import numpy as np
from numba.core import types as numba_types
from numba.core import typing as numba_typing
from numba.extending import intrinsic

_EXACT: Final = 2**53
_compiled = numba.njit(nogil=True, boundscheck=True)
types: Any = numba_types  # numba has no types
_signature: Any = numba_typing.signature  # type: ignore[attr-defined]


def _overflowing(name: str) -> Any:
    """Return an operation of the processor that says whether it overflowed."""

    def _operation(typing: Any, x: Any, y: Any) -> Any:
        def build(context: Any, builder: Any, made_as: Any, values: Any) -> Any:
            pair = getattr(builder, f"s{name}_with_overflow")(*values)
            result, wrong = builder.extract_value(pair, 0), builder.extract_value(pair, 1)
            return context.make_tuple(builder, made_as.return_type, (result, wrong))

        pair = types.Tuple([types.int64, types.boolean])
        return _signature(pair, types.int64, types.int64), build

    return intrinsic(_operation)


def _checked(name: str) -> Any:
    """Return an operation that raises where the processor says that it overflowed."""
    operation = _overflowing(name)

    @_compiled
    def checked(x: Any, y: Any) -> Any:
        result, wrong = operation(np.int64(x), np.int64(y))
        if wrong:
            raise OverflowError("a whole number beyond 64 bits")
        return result

    return checked


add, sub, mul = map(_checked, ("add", "sub", "mul"))


@_compiled
def negative(x: Any) -> Any:
    """Return ``-x``."""
    return sub(0, x)


@_compiled
def exact(x: Any) -> Any:
    """Return `x`, which a float64 holds."""
    if not -_EXACT <= x <= _EXACT:
        raise OverflowError("a whole number beyond 53 bits as a float")
    return x


@_compiled
def truediv(x: Any, y: Any) -> Any:
    """Return ``x / y``."""
    return exact(np.int64(x)) / exact(np.int64(y))


@_compiled
def floordiv(x: Any, y: Any) -> Any:
    """Return ``x // y``."""
    return negative(np.int64(x)) if y == -1 else np.int64(x) // np.int64(y)


@_compiled
def mod(x: Any, y: Any) -> Any:
    """Return ``x % y``."""
    return np.int64(0) if y == -1 else np.int64(x) % np.int64(y)


@_compiled
def lshift(x: Any, y: Any) -> Any:
    """Return ``x << y``."""
    if not 0 <= y < 63:
        raise OverflowError("a shift beyond 64 bits")
    return mul(x, np.int64(1) << np.int64(y))


@_compiled
def rshift(x: Any, y: Any) -> Any:
    """Return ``x >> y``."""
    if not 0 <= y < 63:
        raise OverflowError("a shift beyond 64 bits")
    return np.int64(x) >> np.int64(y)


CHECKED: Final = {
    operator.add: add,
    operator.sub: sub,
    operator.mul: mul,
    operator.truediv: truediv,
    operator.floordiv: floordiv,
    operator.mod: mod,
    operator.lshift: lshift,
    operator.rshift: rshift,
}
"""Operator between whole numbers → what takes its place."""
