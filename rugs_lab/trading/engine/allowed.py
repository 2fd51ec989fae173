"""What may be compiled: everything else is played tick by tick.

Each entry gives, compiled, what it gives in Python and numpy, to the last bit, over gaps, NaN, extremes and
long games, or raises (and the games are then played tick by tick); ``tests/trading/engine`` has a test of
each. What is exact in numba stands here by its name; what is not, in `rugs_lab.trading.engine.compiled_math`.
`Checked` looks at a strategy when its types are known: that they are allowed, and that whole numbers fit,
which `rugs_lab.trading.engine.whole_numbers` counts so that one that does not raises. It works on numba's own
representation of a function. Importing this module loads numba.
"""

import math
import operator
from typing import Any, Final

import numpy as np
from numba.core import ir as numba_ir
from numba.core import types as numba_types
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.errors import UnsupportedError

from rugs_lab.trading.account import actions
from rugs_lab.trading.engine import whole_numbers
from rugs_lab.trading.engine.compiled_math import METHODS, STAND_INS
from rugs_lab.trading.strategy.observation import Observation

ir: Any = numba_ir  # numba has no types
types: Any = numba_types
_registered: Any = register_pass

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
"""Names that are allowed after a dot, behind anything but a module."""

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
    "build_list": "a list that is empty at first",
    "build_map": "a dict",
    "build_set": "a set",
    "make_function": "a generator, comprehension, lambda or function inside it",
    "mark_try_block": "try",
    "formatvalue": "text that is composed",
    "build_string": "text that is composed",
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

_TRUTHS: Final = (types.Boolean, types.Integer, types.Float, types.NoneType)


def never(words: str, loc: Any) -> UnsupportedError:
    """Return the error for what is not compiled, with its line."""
    return UnsupportedError(f"line {loc.line} of {loc.filename}: {words} is not compiled", loc)


def sign(function: Any) -> str:
    """Return an operator as it is written."""
    return SIGNS.get(function, getattr(function, "__name__", "an operation"))


class Pass(FunctionPass):
    """A step of the compiler."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]


@_registered(mutates_CFG=False, analysis_only=False)
class Checked(Pass):
    """Admit types that are allowed, and check whole numbers; types are known here."""

    _name = "rugs_lab_checked"

    def run_pass(self, state: Any) -> bool:
        """Check one function."""
        made = _Maker(state)
        for block in state.func_ir.blocks.values():
            body: list[Any] = []
            for statement in block.body:
                if isinstance(statement, ir.Assign):
                    of = state.typemap[statement.target.name]
                    if not is_allowed(of):
                        raise never(f"a value that is {words_of(of)}", statement.loc)
                    made.check(statement, block.scope, body)
                elif isinstance(statement, ir.SetItem | ir.StaticSetItem):
                    made.set_item(statement)
                body.append(statement)
            block.body = body
        for label, statements in made.at_ends.items():
            state.func_ir.blocks[label].body[-1:-1] = statements
        return True


class _Maker:
    """Changes typed statements."""

    def __init__(self, state: Any) -> None:
        self._types, self._calls, self._typing = state.typemap, state.calltypes, state.typingctx
        self.at_ends: dict[int, list[Any]] = {}
        """Label of a block → what is put before its end."""
        self._count = 0

    def set_item(self, statement: Any) -> None:
        array, value = self._types[statement.target.name], self._types[statement.value.name]
        if not isinstance(array, types.Array) or value != array.dtype:
            raise never("putting another type into an array", statement.loc)

    def check(self, statement: Any, scope: Any, body: list[Any]) -> None:
        value, loc = statement.value, statement.loc
        to_float = isinstance(self._types[statement.target.name], types.Float)
        if isinstance(value, ir.Var):
            if to_float:
                statement.value = self._exact(value, scope, body, loc)
        elif not isinstance(value, ir.Expr):
            return
        elif value.op == "phi":
            self._phi(statement, scope, to_float)
        elif value.op == "cast" and to_float:
            value.value = self._exact(value.value, scope, body, loc)
        elif value.op in ("binop", "inplace_binop"):
            self._binary(statement, scope, body)
        elif value.op == "unary":
            self._unary(statement, scope, body)
        elif value.op in ("getitem", "static_getitem"):
            self._item(value, loc)
        elif value.op == "call":
            self._call(value, scope, body, loc)

    def _of(self, variable: Any) -> Any:
        return self._types[variable.name]

    def _phi(self, statement: Any, scope: Any, to_float: bool) -> None:
        value, loc = statement.value, statement.loc
        target = self._of(statement.target)
        for place, (var, label) in enumerate(zip(value.incoming_values, value.incoming_blocks, strict=True)):
            if var is ir.UNDEFINED:
                raise never(f"{statement.target.unversioned_name}, which may have no value,", loc)
            if isinstance(self._of(var), types.Boolean) and not isinstance(target, types.Boolean):
                raise never(f"{statement.target.unversioned_name}, a truth value or a number,", loc)
            if to_float:
                end = self.at_ends.setdefault(label, [])
                value.incoming_values[place] = self._exact(var, scope, end, loc)

    def _binary(self, statement: Any, scope: Any, body: list[Any]) -> None:
        value, loc = statement.value, statement.loc
        function = value.immutable_fn if value.op == "inplace_binop" else value.fn
        left, right = self._of(value.lhs), self._of(value.rhs)
        if isinstance(left, types.Array) or isinstance(right, types.Array):
            if value.op == "inplace_binop" or function not in ON_ARRAYS:
                raise never(f"{sign(function)} on an array", loc)
            return
        if function in (operator.is_, operator.is_not):
            if not isinstance(left, types.NoneType) and not isinstance(right, types.NoneType):
                raise never("'is' between values", loc)
            return
        truths = isinstance(left, types.Boolean), isinstance(right, types.Boolean)
        if all(truths) and function not in ON_TRUTH_VALUES:
            raise never("arithmetic of truth values", loc)
        left_whole, right_whole = (isinstance(of, types.Integer | types.Boolean) for of in (left, right))
        wholes = left_whole, right_whole
        if all(wholes) and not all(truths) and function in whole_numbers.CHECKED:
            checked = whole_numbers.CHECKED[function]
            statement.value = self._made(checked, (value.lhs, value.rhs), scope, body, loc)
        elif wholes != (False, False) and not all(wholes) and function in COMPARISONS:
            value.lhs, value.rhs = (self._exact(each, scope, body, loc) for each in (value.lhs, value.rhs))
        text = isinstance(left, types.UnicodeType) and function not in COMPARISONS
        if text or isinstance(left, types.BaseTuple):
            raise never(f"{sign(function)} of texts, lists or tuples", loc)

    def _unary(self, statement: Any, scope: Any, body: list[Any]) -> None:
        value, of, loc = statement.value, self._of(statement.value.value), statement.loc
        if isinstance(of, types.Boolean) and value.fn is not operator.not_:
            raise never("arithmetic of truth values", loc)
        if isinstance(of, types.Array) and (value.fn not in ON_ARRAYS or of.dtype == types.int64):
            raise never(f"{sign(value.fn)} on an array", loc)
        if isinstance(of, types.Integer) and value.fn is operator.neg:
            statement.value = self._made(whole_numbers.negative, (value.value,), scope, body, loc)

    def _item(self, value: Any, loc: Any) -> None:
        owner = self._of(value.value)
        at = types.intp if value.op == "static_getitem" and value.index_var is None else None
        if at is None:
            at = self._of(value.index if value.op == "getitem" else value.index_var)
        many = isinstance(at, types.SliceType) or (isinstance(at, types.Array) and at.dtype != types.float64)
        fits = isinstance(at, types.Integer) or (isinstance(owner, types.Array) and many)
        if not isinstance(owner, types.Array | types.BaseTuple) or not fits:
            raise never("such a position in an array, tuple or text", loc)

    def _call(self, value: Any, scope: Any, body: list[Any], loc: Any) -> None:
        called = self._types[value.func.name]
        original = getattr(called, "typing_key", None)
        given = [self._of(each) for each in value.args]
        if original is bool and not isinstance(given[0], _TRUTHS):
            raise never("an array, tuple or text as a condition", loc)
        if original is float and not isinstance(given[0], types.Number | types.Boolean):
            raise never("float() of anything but a number", loc)
        if original is slice and not all(isinstance(each, types.Integer | types.NoneType) for each in given):
            raise never("a slice with other bounds than whole numbers", loc)
        if original in (max, min) and any(isinstance(each, types.Float) for each in given):
            value.args = [self._exact(each, scope, body, loc) for each in value.args]
        if original in (max, min) and any(isinstance(each, types.Boolean) for each in given):
            raise never(f"{original.__name__}() of truth values", loc)

    def _exact(self, variable: Any, scope: Any, body: list[Any], loc: Any) -> Any:
        """Return a variable that is a float64 when it is converted, or raises."""
        of = self._of(variable)
        if isinstance(of, types.IntegerLiteral) and abs(of.literal_value) > 2**53:
            raise never("a whole number beyond 2^53 beside a float", loc)
        if not isinstance(of, types.Integer) or isinstance(of, types.IntegerLiteral):
            return variable
        call = self._made(whole_numbers.exact, (variable,), scope, body, loc)
        self._count += 1
        checked = ir.Var(scope, f"$checked.{variable.name}.{self._count}.{id(body)}", loc)
        self._types[checked.name] = types.int64
        body.append(ir.Assign(call, checked, loc))
        return checked

    def _made(self, function: Any, arguments: tuple[Any, ...], scope: Any, body: list[Any], loc: Any) -> Any:
        """Return a typed call, whose function is put into `body` before it."""
        of = self._typing.resolve_value_type(function)
        self._count += 1
        name = ir.Var(scope, f"$check.{self._count}.{id(body)}", loc)
        self._types[name.name] = of
        body.append(ir.Assign(ir.Global(function.__name__, function, loc), name, loc))
        call = ir.Expr.call(name, arguments, (), loc)
        self._calls[call] = of.get_call_type(
            self._typing, tuple(types.unliteral(self._of(each)) for each in arguments), {}
        )
        return call
