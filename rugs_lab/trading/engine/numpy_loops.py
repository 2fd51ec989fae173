"""numpy's own loops for compiled strategies: ``np.log`` comes out as numpy has it, whatever the processor.

numpy has several versions of such a function and takes the one for the processor; they differ in the last
bit. Its loop stands in the ufunc, whose layout is part of numpy's public C interface. Importing this module
loads numba.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

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
    """Return a numba function ``apply(given, made)`` of float64 arrays of one length, the second to be filled.

    None where numpy's loop is not found.
    """
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
