"""Pieces of arrays for compiled strategies, without a count of who uses them, and numpy's own loops.

An array in machine code counts its users, and each observation would count three arrays up and down again, on
every tick, where the compiler cannot prove that this is needless. A strategy gives nothing back but numbers,
and the engine holds the whole arrays while it runs; so the pieces need no count.

numpy has several versions of a function such as ``np.log`` and takes the one for the processor; they differ
in the last bit. Its loop is in the ufunc, whose layout is part of numpy's public C interface. Importing
this module loads numba.
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numba.core.typing
import numba.np.arrayobj
import numpy as np
from numba.core import cgutils as numba_cgutils
from numba.core import types
from numba.extending import intrinsic

cgutils: Any = numba_cgutils  # numba has no types
arrays: Any = numba.np.arrayobj
signature: Any = numba.core.typing.signature  # type: ignore[attr-defined]


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
