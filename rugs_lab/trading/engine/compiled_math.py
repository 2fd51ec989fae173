"""Arithmetic of compiled strategies, to the last bit that of numpy and Python, or an exception.

Compiled code adds in another order, lets whole numbers wrap, asks other libraries for a logarithm, and has
other exceptions; so what stands here takes the place of those operations. Where it cannot be the same it
raises, and the games are played tick by tick. Importing this module loads numba.
"""

import ctypes
import ctypes.util
import math
import sys
from collections.abc import Callable
from typing import Any, Final

import numba
import numpy as np
from numba.core import types
from numba.extending import overload

from rugs_lab.trading.engine.compiled_arrays import deviations, loop_of, middle, pairwise, quantile
from rugs_lab.trading.engine.whole_numbers import negative

_compiled = numba.njit(nogil=True, boundscheck=True)


def _library() -> Any:
    """Return the C library whose functions Python uses; None where it is not found."""
    name = ctypes.util.find_library("m") or ("ucrtbase" if sys.platform == "win32" else None)
    try:
        return ctypes.CDLL(name)
    except (OSError, TypeError):
        return None


def _c_function(
    name: str, count: int, examples: list[tuple[float, ...]], python: Callable[..., float]
) -> Any:
    """Return a function of that library; None where it is missing or does not do what Python does."""
    function = getattr(_library(), name, None)
    if function is None:
        return None
    function.argtypes, function.restype = [ctypes.c_double] * count, ctypes.c_double
    return function if all(function(*each) == python(*each) for each in examples) else None


_EXAMPLES: Final = [0.0123, 0.3, 0.77, 1.0, 1.3, 2.5, 7.7, 40.1, 123.4]
_c_pow: Any = _c_function("pow", 2, [(x, y) for x in _EXAMPLES for y in (-2.5, 0.5, 3.0)], pow)


@_compiled
def _whole(x: float) -> Any:
    """Return a whole number that is held by a float."""
    if not abs(x) < 9.2e18:
        raise OverflowError("a whole number beyond 64 bits, or none")
    return np.int64(x)


@_compiled
def _rounded(x: float, digits: int) -> Any:
    """Round to decimals where Python, which is exact, and numpy, which multiplies, do the same."""
    scale = 10.0**digits
    scaled = x * scale
    if not (0 <= digits <= 15 and abs(scaled) < 2.0**51):
        raise OverflowError("more digits than a float holds")
    nearest = np.rint(scaled)
    if abs(scaled - nearest) == 0.5:  # which of the two is nearer was lost in the product
        raise OverflowError("a decimal half way between two")
    return nearest / scale


def _is_floats(of: Any) -> bool:
    return isinstance(of, types.Array) and of.ndim == 1 and of.dtype == types.float64


def _is_whole(of: Any) -> bool:
    return (
        isinstance(of, types.Array) and of.ndim == 1 and isinstance(of.dtype, types.Integer | types.Boolean)
    )


def _is_number(of: Any) -> bool:
    return isinstance(of, types.Integer | types.Float)


STAND_INS: Final[dict[int, Any]] = {}
"""``id`` of a function of numpy, ``math`` or Python → what takes its place."""

METHODS: Final[dict[str, Any]] = {}
"""Name of a method of an array → what takes its place."""


def _instead_of(*originals: Any, method: str = "") -> Callable[[Any], Any]:
    """Register the overload of a function that takes the place of others."""

    def register(make: Any) -> Any:
        def stand_in(*_: Any, **__: Any) -> Any:
            raise NotImplementedError

        named = originals[0] if originals else make
        stand_in.__name__ = stand_in.__qualname__ = named.__name__
        overload(stand_in, strict=False)(make)
        STAND_INS.update({id(each): stand_in for each in originals})
        if method:
            METHODS[method] = stand_in
        return stand_in

    return register


@_instead_of(np.sum, method="sum")
def _total(a: Any) -> Any:
    if _is_floats(a):
        return lambda a: 0.0 + pairwise(a, len(a))
    return (lambda a: a.sum()) if _is_whole(a) else None


@_instead_of(np.mean, method="mean")
def _mean(a: Any) -> Any:
    if _is_floats(a):
        return lambda a: (0.0 + pairwise(a, len(a))) / len(a) if len(a) else np.nan
    return (lambda a: float(a.sum()) / len(a) if len(a) else np.nan) if _is_whole(a) else None


@_instead_of(np.var, method="var")
def _var(a: Any, ddof: int = 0) -> Any:
    return (lambda a, ddof=0: deviations(a, ddof)) if _is_floats(a) else None


@_instead_of(np.std, method="std")
def _std(a: Any, ddof: int = 0) -> Any:
    return (lambda a, ddof=0: np.sqrt(deviations(a, ddof))) if _is_floats(a) else None


@_compiled
def _floats(a: Any) -> Any:
    """Return whole numbers as floats."""
    for each in a:
        if abs(each) > 2**53:
            raise OverflowError("a whole number beyond 2^53 beside a float")
    return a * 1.0


def _to_floats(of: Any) -> Any:
    """Return what makes an array one of floats; None where numpy does something else."""
    if _is_floats(of):
        return _compiled(lambda a: a)
    return _floats if _is_whole(of) and of.dtype != types.boolean else None


@_instead_of(np.median)
def _median(a: Any) -> Any:
    floats = _to_floats(a)
    return (lambda a: middle(floats(a))) if floats else None


@_instead_of(np.quantile)
def _np_quantile(a: Any, q: Any) -> Any:
    floats = _to_floats(a)
    return (lambda a, q: quantile(floats(a), float(q))) if floats and _is_number(q) else None


@_instead_of(np.percentile)
def _np_percentile(a: Any, q: Any) -> Any:
    floats = _to_floats(a)
    return (lambda a, q: quantile(floats(a), q / 100)) if floats and _is_number(q) else None


@_instead_of(sum)
def _one_by_one(a: Any) -> Any:
    def total(a: Any) -> Any:
        found = 0.0
        for each in a:
            found += each
        return found

    return total if _is_floats(a) else None


def _running(choose: Any) -> Any:
    def running(a: Any) -> Any:
        made = a.copy()
        for i in range(1, len(a)):
            made[i] = choose(made[i - 1], made[i])
        return made

    @_instead_of()
    def accumulate(a: Any) -> Any:
        return running if _is_floats(a) else None

    return accumulate


ACCUMULATED: Final = {id(each): _running(each) for each in (np.maximum, np.minimum)}
"""``id`` of a function of numpy → what takes the place of its ``accumulate``."""


@_instead_of(any)
def _any(a: Any) -> Any:
    return (lambda a: a.any()) if isinstance(a, types.Array) and a.dtype == types.boolean else None


@_instead_of(all)
def _all(a: Any) -> Any:
    return (lambda a: a.all()) if isinstance(a, types.Array) and a.dtype == types.boolean else None


@_instead_of(int, math.trunc, np.int64)
def _int(x: Any) -> Any:
    if isinstance(x, types.Integer | types.Boolean):
        return lambda x: np.int64(x)
    return (lambda x: _whole(x)) if isinstance(x, types.Float) else None


@_instead_of(abs)
def _abs(x: Any) -> Any:
    if isinstance(x, types.Integer):
        return lambda x: negative(x) if x < 0 else x
    return (lambda x: np.abs(x)) if isinstance(x, types.Float) or _is_floats(x) else None


@_instead_of(math.floor)
def _floor(x: Any) -> Any:
    if isinstance(x, types.Integer):
        return lambda x: x
    return (lambda x: _whole(np.floor(x))) if isinstance(x, types.Float) else None


@_instead_of(math.ceil)
def _ceil(x: Any) -> Any:
    if isinstance(x, types.Integer):
        return lambda x: x
    return (lambda x: _whole(np.ceil(x))) if isinstance(x, types.Float) else None


@_instead_of(round)
def _round(x: Any, digits: Any = None) -> Any:
    if isinstance(x, types.Integer):
        return (lambda x, digits=None: x) if isinstance(digits, types.NoneType | types.Omitted) else None
    if not isinstance(x, types.Float):
        return None
    if isinstance(digits, types.Integer):
        return lambda x, digits=None: _rounded(x, digits)
    return lambda x, digits=None: _whole(np.rint(x))


@_instead_of()
def list_item(x: Any) -> Any:
    """Stand for an item of a list, which holds numbers."""
    return (lambda x: x) if _is_number(x) else None


@_instead_of(math.pow)
def power(x: Any, y: Any) -> Any:
    """Stand for ``x ** y`` of numbers."""
    if not all(isinstance(each, types.Integer | types.Float | types.Boolean) for each in (x, y)):
        return None
    if isinstance(x, types.Float) or isinstance(y, types.Float):
        if _c_pow is None:
            return None

        def of_floats(x: Any, y: Any) -> Any:
            result = _c_pow(float(x), float(y))
            if not np.isfinite(result) and x == x and y == y:
                raise OverflowError("a power that is not a number")
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


_C_MATH: Final = ("exp", "log", "log2", "log10", "log1p", "sqrt", "sin", "cos", "tan", "atan", "tanh")
_LOOPS: Final = (*sorted(set(_C_MATH) - {"sqrt", "atan"}), "exp2", "expm1", "arctan")


def _of_c(name: str) -> None:
    """Let a function of ``math`` be compiled: that of the C library, with Python's exceptions."""
    original = getattr(math, name)
    called = _c_function(name, 1, [(x,) for x in _EXAMPLES], original)

    def of_number(x: Any) -> Any:
        if called is None or not _is_number(x):
            return None

        def checked(x: Any) -> Any:
            result = called(float(x))
            if (result != result and x == x) or (np.isinf(result) and np.isfinite(x)):
                raise ValueError("math domain or range error")
            return result

        return checked

    _instead_of(original)(of_number)


def _of_numpy(name: str) -> None:
    """Let a function of numpy be compiled: numpy's own loop is called."""
    apply = loop_of(getattr(np, name))

    def of_numbers(x: Any) -> Any:
        if apply is None:
            return None
        if _is_floats(x):

            def each(x: Any) -> Any:
                made = np.empty(len(x))
                apply(x, made)
                return made

            return each
        if not _is_number(x):
            return None

        def one(x: Any) -> Any:
            given, made = np.empty(1), np.empty(1)
            given[0] = x
            apply(given, made)
            return made[0]

        return one

    _instead_of(getattr(np, name))(of_numbers)


for _name in _C_MATH:
    _of_c(_name)
for _name in _LOOPS:
    _of_numpy(_name)
