"""Pieces of arrays for compiled strategies, without a count of who uses them, and numpy's own loops.

An array in machine code counts its users, and each observation would count three arrays up and down again, on
every tick, where the compiler cannot prove that this is needless. A strategy gives nothing back but numbers,
and the engine holds the whole arrays while it runs; so the pieces need no count.

numpy has several versions of a function such as ``np.log`` and takes the one for the processor; they differ
in the last bit. Its loop is in the ufunc, whose layout is part of numpy's public C interface.

numpy adds in eight lanes and halves, compiled code one number after the other: sums, spreads and quantiles
are numpy's here, too. Importing this module loads numba.
"""

import ctypes
from collections.abc import Callable
from typing import Any, Final

import numba.core.typing
import numba.np.arrayobj
import numpy as np
from numba.core import cgutils as numba_cgutils
from numba.core import types
from numba.extending import intrinsic

cgutils: Any = numba_cgutils  # numba has no types
arrays: Any = numba.np.arrayobj
signature: Any = numba.core.typing.signature  # type: ignore[attr-defined]

_BLOCK: Final = 128

_compiled = numba.njit(nogil=True, boundscheck=True)


def _borrow(typing: Any, array: Any, begin: Any, end: Any) -> Any:
    """Return elements `begin` to ``end - 1`` (which must exist) of a one-dimensional array, read-only."""
    return _piece(array, readonly=True)


def _lend(typing: Any, array: Any, begin: Any, end: Any) -> Any:
    """Return the same, to be written to."""
    return _piece(array, readonly=False)


def _piece(array: Any, *, readonly: bool) -> Any:
    if not isinstance(array, types.Array) or array.ndim != 1 or array.layout != "C":
        return None
    piece = types.Array(array.dtype, 1, "C", readonly=readonly)

    def build(context: Any, builder: Any, made_as: Any, values: Any) -> Any:
        whole = arrays.make_array(array)(context, builder, values[0])
        first, last = (
            context.cast(builder, value, kind, types.intp)
            for value, kind in zip(values[1:], made_as.args[1:], strict=True)
        )
        made = arrays.make_array(piece)(context, builder)
        size = context.get_constant(types.intp, array.dtype.bitwidth // 8)
        arrays.populate_array(
            made,
            data=builder.gep(whole.data, [first]),
            shape=cgutils.pack_array(builder, [builder.sub(last, first)]),
            strides=cgutils.pack_array(builder, [size]),
            itemsize=size,
            meminfo=None,
        )
        return made._getvalue()

    return signature(piece, array, types.intp, types.intp), build


borrow: Any = intrinsic(_borrow)
lend: Any = intrinsic(_lend)

_Address = ctypes.c_void_p


class _Ufunc(ctypes.Structure):
    """The beginning of ``PyUFuncObject``."""

    _fields_ = [
        ("head", ctypes.c_byte * object.__basicsize__),
        ("counts", ctypes.c_int * 4),
        ("functions", ctypes.POINTER(_Address)),
        ("data", ctypes.POINTER(_Address)),
        ("count", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("types", ctypes.POINTER(ctypes.c_char)),
    ]


_Loop: Any = ctypes.CFUNCTYPE(None, _Address, _Address, _Address, _Address)


def loop_of(ufunc: np.ufunc) -> Callable[[Any, Any], None] | None:
    """Return a numba function ``apply(given, made)`` that fills the second of two float64 arrays, or None."""
    if "d->d" not in ufunc.types:
        return None
    fields = _Ufunc.from_address(id(ufunc))
    place = ufunc.types.index("d->d")
    if fields.name != ufunc.__name__.encode() or fields.count != ufunc.ntypes:
        return None
    loop: Any = _Loop(fields.functions[place])
    data = fields.data[place] or 0
    given = np.array([0.0123, 0.3, 1.0, 2.5, 7.7])
    made = np.empty(5)
    columns = (_Address * 2)(given.ctypes.data, made.ctypes.data)
    loop(columns, (ctypes.c_ssize_t * 1)(5), (ctypes.c_ssize_t * 2)(8, 8), data)
    if not np.array_equal(made, ufunc(given)):
        return None

    @numba.njit(nogil=True)
    def apply(given: Any, made: Any) -> None:
        where = np.empty(2, np.intp)
        where[0], where[1] = given.ctypes.data, made.ctypes.data
        steps = np.empty(2, np.intp)
        steps[0], steps[1] = given.strides[0], made.strides[0]
        size = np.empty(1, np.intp)
        size[0] = len(given)
        loop(where.ctypes.data, size.ctypes.data, steps.ctypes.data, data)

    return apply


@_compiled
def _block_sum(a: Any, begin: int, n: int) -> Any:
    """Add at most `_BLOCK` numbers in eight lanes."""
    if n < 8:
        total = -0.0
        for i in range(begin, begin + n):
            total += a[i]
        return total
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


@_compiled
def pairwise(a: Any, n: int) -> Any:
    """Add the first n as numpy does (``pairwise_sum`` in its ``loops_utils``).

    By a stack of the halves that wait: the code of a function that calls itself cannot be kept (`kept_code`).
    """
    if n <= _BLOCK:
        return _block_sum(a, 0, n)
    left, waiting = np.empty(64, a.dtype), np.zeros(64, np.int64)
    begin, depth = 0, 0
    while True:
        while n > _BLOCK:
            half = n // 2
            half -= half % 8
            waiting[depth] = n - half
            n = half
            depth += 1
        total = _block_sum(a, begin, n)
        begin += n
        while depth and not waiting[depth - 1]:
            depth -= 1
            total = left[depth] + total
        if not depth:
            return total
        left[depth - 1] = total
        n, waiting[depth - 1] = waiting[depth - 1], 0


@_compiled
def deviations(a: Any, ddof: int) -> Any:
    """Return the variance."""
    if len(a) == 0:
        return np.nan
    mean = (0.0 + pairwise(a, len(a))) / len(a)
    squares = np.empty(len(a))
    for i in range(len(a)):
        difference = a[i] - mean
        squares[i] = difference * difference
    return (0.0 + pairwise(squares, len(a))) / max(len(a) - ddof, 0)


@_compiled
def quantile(a: Any, q: float) -> Any:
    """Interpolate as numpy's ``_lerp`` does."""
    if not 0 <= q <= 1 or len(a) == 0:
        raise ValueError("a quantile between 0 and 1 of at least one number")
    ordered = np.sort(a)
    if np.isnan(ordered[-1]):
        return np.nan
    place = (len(a) - 1) * q
    below = int(np.floor(place))
    part = place - below
    low, high = ordered[below], ordered[min(below + 1, len(a) - 1)]
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


@_compiled
def middle(a: Any) -> Any:
    """Return the median."""
    if len(a) == 0:
        return np.nan
    ordered = np.sort(a)
    half = len(a) // 2
    if np.isnan(ordered[-1]):
        return np.nan
    return ordered[half] if len(a) % 2 else (ordered[half - 1] + ordered[half]) / 2.0
