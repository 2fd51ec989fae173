"""Pieces of arrays for compiled strategies, without a count of who uses them.

An array in machine code counts its users, and each observation would count three arrays up and down again, on
every tick, where the compiler cannot prove that this is needless. A strategy gives nothing back but numbers,
and the engine holds the whole arrays while it runs; so the pieces need no count. Importing this module loads
numba.
"""

from __future__ import annotations

from typing import Any

import numba.core.typing
import numba.np.arrayobj
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
