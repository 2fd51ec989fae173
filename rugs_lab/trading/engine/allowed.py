"""What may be compiled: everything else is played tick by tick.

Each entry gives, compiled, what it gives in Python and numpy, to the last bit, over gaps, NaN, extremes and
long games, or raises (and the games are then played tick by tick); ``tests/trading/engine`` has a test of
each. What is exact in numba stands here by its name; what is not, in `rugs_lab.trading.engine.compiled_math`.
Importing this module loads numba.
"""

from __future__ import annotations

import math
import operator
from typing import Any, Final

import numpy as np
from numba.core import types as numba_types

from rugs_lab.trading.account import actions
from rugs_lab.trading.engine.compiled_math import METHODS, STAND_INS
from rugs_lab.trading.strategy.observation import Observation

types: Any = numba_types  # numba has no types

BUILTINS: Final = (bool, enumerate, float, len, max, min, range, slice, zip)
MATH: Final = (math.copysign, math.fabs, math.isfinite, math.isinf, math.isnan)
_NUMPY: Final = (
    "abs all amax amin any argmax argmin ceil concatenate count_nonzero cumsum diff flatnonzero float64 "
    "floor full isfinite isinf isnan logical_and logical_not logical_or max maximum min minimum nanmax "
    "nanmin ones rint sign sort sqrt trunc where zeros"
)
NUMPY: Final = tuple(getattr(np, name) for name in _NUMPY.split())
ACTIONS: Final = (actions.buy, actions.cover, actions.hold, actions.sell, actions.short, actions.sidebet)

FUNCTIONS: Final = frozenset(map(id, (*BUILTINS, *MATH, *NUMPY, *ACTIONS))) | STAND_INS.keys()
"""``id`` of each function that may be called."""

ATTRIBUTES: Final = frozenset(
    {*Observation._fields, *METHODS, "all", "any", "argmax", "argmin", "copy", "max", "min", "size"}
)
"""Names that may stand after a dot, behind anything but a module."""

OPERATORS: Final = frozenset(
    {
        *(operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod),
        *(operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne),
        *(operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift, operator.pow),
        *(operator.neg, operator.pos, operator.not_, operator.invert, operator.is_, operator.is_not),
    }
)
ON_ARRAYS: Final = frozenset(
    {
        *(operator.add, operator.sub, operator.mul, operator.truediv, operator.neg),
        *(operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne),
        *(operator.and_, operator.or_, operator.invert),
    }
)
COMPARISONS: Final = frozenset({operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne})
ON_TRUTH_VALUES: Final = COMPARISONS | {operator.and_, operator.or_, operator.xor, operator.not_}
"""Between two truth values: numpy's and Python's have another arithmetic."""

_EXPRESSIONS: Final = (
    "binop inplace_binop unary call getattr getitem static_getitem build_tuple getiter iternext exhaust_iter "
    "pair_first pair_second cast phi null"
)
EXPRESSIONS: Final = frozenset(_EXPRESSIONS.split())
NAMES: Final = {
    "build_list": "a list",
    "build_map": "a dict",
    "build_set": "a set",
    "make_function": "a generator, comprehension, lambda or function inside it",
    "mark_try_block": "try",
    "formatvalue": "text that is made up",
    "build_string": "text that is made up",
    "typed_getitem": "a position of unknown type",
}
"""What is not compiled, in words."""

STATEMENTS: Final = {"Print": "print", "EnterWith": "with", "PopBlock": "try or with", "DelItem": "del"}
_SIGNS: Final = {
    "add": "+", "mul": "*", "floordiv": "//", "mod": "%", "pow": "**", "xor": "^", "lshift": "<<",
    "rshift": ">>", "matmul": "@", "contains": "in", "neg": "-", "invert": "~", "is_": "is",
}  # fmt: skip
SIGNS: Final = {getattr(operator, name): written for name, written in _SIGNS.items()}

_ELEMENTS: Final = (types.float64, types.int64, types.boolean)


def is_allowed(of: Any) -> bool:
    """Tell whether values of a type of numba are compiled: numbers of 64 bits and what holds them."""
    if isinstance(of, types.Integer):
        return bool(of.bitwidth == 64 and of.signed)
    if isinstance(of, types.Float):
        return bool(of == types.float64)
    if isinstance(of, types.Array):
        return bool(of.ndim == 1 and of.dtype in _ELEMENTS)
    if isinstance(of, types.BaseTuple):
        return all(map(is_allowed, of))
    if isinstance(of, types.Optional):
        return is_allowed(of.type)
    if isinstance(of, types.SimpleIteratorType):
        return is_allowed(of.yield_type)
    return isinstance(of, _TYPES)


def words_of(of: Any) -> str:
    """Return a type that is not compiled, as its user calls it."""
    if isinstance(of, types.Array):
        return f"an array of {of.dtype} with {of.ndim} dimensions"
    return str(of) if isinstance(of, types.Number) else type(of).__name__


_TYPES: Final = (
    types.Boolean,
    types.NoneType,
    types.UnicodeType,
    types.StringLiteral,
    types.SliceType,
    types.RangeType,
    types.EnumerateType,
    types.ZipType,
    types.Pair,
    types.Callable,
    types.Module,
    types.Omitted,
)
