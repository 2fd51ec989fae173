"""Sums, means, deviations and powers of compiled strategies, to the last bit those of numpy and Python.

Compiled code would add the numbers of an array one after the other, where numpy adds them in eight lanes and
halves; it would make a product of ``x ** 3``, where Python asks the C library. The last bit would then
differ, and once in a while a decision. What is not exact in either form is not compiled (`UNSUPPORTED`).
Importing this module loads numba.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any, Final

import numba
import numpy as np
from numba.core import types
from numba.extending import overload

UNSUPPORTED: Final = frozenset(
    {
        "arccos",
        "arccosh",
        "arcsin",
        "arcsinh",
        "arctan",
        "arctan2",
        "arctanh",
        "average",
        "cbrt",
        "convolve",
        "corrcoef",
        "correlate",
        "cos",
        "cosh",
        "cov",
        "dot",
        "exp",
        "exp2",
        "expm1",
        "hypot",
        "interp",
        "log",
        "log10",
        "log1p",
        "log2",
        "nanmean",
        "nanpercentile",
        "nanprod",
        "nanquantile",
        "nanstd",
        "nansum",
        "nanvar",
        "percentile",
        "polyfit",
        "power",
        "prod",
        "quantile",
        "sin",
        "sinh",
        "tan",
        "tanh",
        "trapezoid",
        "vdot",
    }
)
"""Functions of numpy whose last bit depends on how they are compiled."""

_BLOCK: Final = 128
_libc: Any = ctypes.CDLL(ctypes.util.find_library("m"))
_c_pow: Any = _libc.pow
_c_pow.argtypes, _c_pow.restype = [ctypes.c_double, ctypes.c_double], ctypes.c_double

_compiled = numba.njit(nogil=True, boundscheck=True)


@_compiled
def _pairwise(a: Any, begin: int, n: int) -> Any:
    """Add as numpy does (``pairwise_sum`` in its ``loops_utils``)."""
    if n < 8:
        total = -0.0
        for i in range(begin, begin + n):
            total += a[i]
        return total
    if n <= _BLOCK:
        r0, r1, r2, r3 = a[begin], a[begin + 1], a[begin + 2], a[begin + 3]
        r4, r5, r6, r7 = a[begin + 4], a[begin + 5], a[begin + 6], a[begin + 7]
        whole = n - n % 8
        for i in range(begin + 8, begin + whole, 8):
            r0 += a[i]
            r1 += a[i + 1]
            r2 += a[i + 2]
            r3 += a[i + 3]
            r4 += a[i + 4]
            r5 += a[i + 5]
            r6 += a[i + 6]
            r7 += a[i + 7]
        total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
        for i in range(begin + whole, begin + n):
            total += a[i]
        return total
    half = n // 2
    half -= half % 8
    return _pairwise(a, begin, half) + _pairwise(a, begin + half, n - half)


@_compiled
def _deviations(a: Any, ddof: int) -> Any:
    if len(a) == 0:
        return np.nan
    mean = (0.0 + _pairwise(a, 0, len(a))) / len(a)
    squares = np.empty(len(a))
    for i in range(len(a)):
        difference = a[i] - mean
        squares[i] = difference * difference
    return (0.0 + _pairwise(squares, 0, len(a))) / max(len(a) - ddof, 0)


def _is_floats(of: Any) -> bool:
    return isinstance(of, types.Array) and of.ndim == 1 and of.dtype == types.float64


def _is_whole(of: Any) -> bool:
    return (
        isinstance(of, types.Array) and of.ndim == 1 and isinstance(of.dtype, types.Integer | types.Boolean)
    )


def total(a: Any) -> Any:
    """Stand for ``sum``."""
    raise NotImplementedError


@overload(total, strict=False)
def _total(a: Any) -> Any:
    if _is_floats(a):
        return lambda a: 0.0 + _pairwise(a, 0, len(a))
    if _is_whole(a):
        return lambda a: a.sum()
    return None


def mean(a: Any) -> Any:
    """Stand for ``mean``."""
    raise NotImplementedError


@overload(mean, strict=False)
def _mean(a: Any) -> Any:
    if _is_floats(a):
        return lambda a: (0.0 + _pairwise(a, 0, len(a))) / len(a) if len(a) else np.nan
    if _is_whole(a):
        return lambda a: float(a.sum()) / len(a) if len(a) else np.nan
    return None


def var(a: Any, ddof: int = 0) -> Any:
    """Stand for ``var``."""
    raise NotImplementedError


@overload(var, strict=False)
def _var(a: Any, ddof: int = 0) -> Any:
    return (lambda a, ddof=0: _deviations(a, ddof)) if _is_floats(a) else None


def std(a: Any, ddof: int = 0) -> Any:
    """Stand for ``std``."""
    raise NotImplementedError


@overload(std, strict=False)
def _std(a: Any, ddof: int = 0) -> Any:
    return (lambda a, ddof=0: np.sqrt(_deviations(a, ddof))) if _is_floats(a) else None


def power(x: Any, y: Any) -> Any:
    """Stand for ``x ** y`` of numbers."""
    raise NotImplementedError


@overload(power, strict=False)
def _power(x: Any, y: Any) -> Any:
    numbers = types.Integer | types.Float | types.Boolean
    if not isinstance(x, numbers) or not isinstance(y, numbers):
        return None
    if isinstance(x, types.Float) or isinstance(y, types.Float):

        def of_floats(x: Any, y: Any) -> Any:
            result = _c_pow(float(x), float(y))
            if not np.isfinite(result):
                raise OverflowError("a power that is no number")
            return result

        return of_floats

    def of_whole(x: Any, y: Any) -> Any:
        if y < 0:
            raise OverflowError("a negative power of a whole number")
        result = np.int64(1)
        for _ in range(y):
            if abs(result) > 2**62 // max(abs(x), 1):
                raise OverflowError("a power beyond 64 bits")
            result *= x
        return result

    return of_whole


METHODS: Final[dict[str, Any]] = {"sum": total, "mean": mean, "var": var, "std": std}
"""Name of a method, or numpy function -> what stands for it in compiled strategies."""
