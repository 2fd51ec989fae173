"""What is changed in a strategy before it is compiled, so that it does exactly what it does uncompiled.

* What is not in `rugs_lab.trading.engine.allowed` is not compiled, and its line named.
* Whatever kind of decision it returns becomes two actions (`two`), so that all its returns have one type.
* Functions of the same author that it calls are compiled, too.
* ``o.prices[-20]`` before there are 20 of them is a hold (`rugs_lab.trading.strategy.strategy.reaches_back`).
* Sums, logarithms and the like become those of `rugs_lab.trading.engine.compiled_math`.
* Whole numbers are added, multiplied and made floats so that one that does not fit raises.

This works on numba's own representation of a function, before types are known (`_Exactly`, `_ReturnTwo`) and
after (`_Checked`). Importing this module loads numba.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, Final

import numba
from numba.core import ir as numba_ir
from numba.core import types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.errors import UnsupportedError
from numba.core.ir_utils import build_definitions, get_definition, guard
from numba.core.postproc import PostProcessor
from numba.core.typed_passes import NopythonTypeInference
from numba.core.untyped_passes import IRProcessing
from numba.extending import overload
from numba.typed import typedobjectutils

from rugs_lab.trading.account import actions
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.engine import allowed, whole_numbers
from rugs_lab.trading.engine.compiled_account import Whole
from rugs_lab.trading.engine.compiled_math import METHODS, STAND_INS, power

ir: Any = numba_ir  # numba has no types
_TRUTHS: Final = (types.Boolean, types.Integer, types.Float, types.NoneType)
_nonoptional: Any = typedobjectutils._nonoptional
_registered: Any = register_pass
_passes: Any = DefaultPassBuilder

_HISTORIES: Final = ("prices", "peaks", "lengths")
_STATEMENTS: Final = (ir.Assign, ir.Return, ir.Jump, ir.Branch, ir.Del, ir.SetItem, ir.StaticSetItem)
_RAISES: Final = (ir.Raise, ir.StaticRaise, ir.DynamicRaise)


def one(action: Any) -> Any:
    """Return an action, or None, as an action."""
    raise NotImplementedError


@overload(one, strict=False)
def _one(action: Any) -> Any:
    if isinstance(action, types.NoneType):
        return lambda action: Action(Whole(0), 0.0)
    if isinstance(action, types.Optional) and _is_action(action.type):
        return lambda action: Action(Whole(0), 0.0) if action is None else _nonoptional(action)
    return (lambda action: action) if _is_action(action) else None


def two(decision: Any) -> Any:
    """Return a decision as two actions, as `strategy.actions_of` defines them."""
    raise NotImplementedError


@overload(two, strict=False)
def _two(decision: Any) -> Any:
    if isinstance(decision, types.NoneType | types.Optional) or _is_action(decision):
        return lambda decision: (one(decision), Action(Whole(0), 0.0))
    if isinstance(decision, types.BaseTuple) and len(decision) == 2:
        return lambda decision: (one(decision[0]), one(decision[1]))
    return None


def _is_action(of: Any) -> bool:
    return isinstance(of, types.NamedTuple) and of.instance_class is Action


def compiled_strategy(function: Callable[..., Any]) -> Any:
    """Return a strategy's function as a numba function that returns two actions."""
    compile_it = numba.njit(nogil=True, boundscheck=True, forceinline=True, pipeline_class=_StrategyCompiler)
    return compile_it(function)


def is_own(value: Any) -> bool:
    """Whether a value is a plain function that the one who wrote the strategy wrote, too."""
    if not isinstance(value, FunctionType):
        return False
    home = value.__module__ or ""
    return home != actions.__name__ and home.split(".")[0] not in ("numba", "numpy", "math")


def _never(words: str, loc: Any) -> UnsupportedError:
    return UnsupportedError(  # type: ignore[no-untyped-call]
        f"line {loc.line} of {loc.filename}: {words} is not compiled", loc
    )


def _sign(function: Any) -> str:
    return allowed.SIGNS.get(function, getattr(function, "__name__", "an operation"))


class _Pass(FunctionPass):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]


@_registered(mutates_CFG=False, analysis_only=False)
class _Exactly(_Pass):
    """Admit what is allowed, and replace what compiled code would do otherwise."""

    _name = "rugs_lab_exactly"

    def run_pass(self, state: Any) -> bool:
        found: dict[str, Any] = {}
        methods: dict[str, tuple[Any, Any]] = {}
        for _, block in sorted(state.func_ir.blocks.items()):
            body: list[Any] = []
            for statement in block.body:
                if isinstance(statement, ir.Assign):
                    before = statement.value
                    _exactly(statement, block.scope, body, found, methods)
                    known = state.func_ir._definitions[statement.target.name]
                    known[:] = [statement.value if each is before else each for each in known]
                elif not isinstance(statement, (*_STATEMENTS, *_RAISES)):
                    raise _never(allowed.STATEMENTS.get(type(statement).__name__, "a statement of it"), statement.loc)
                body.append(statement)
            block.body = body
        return True


def _exactly(
    statement: Any, scope: Any, body: list[Any], found: dict[str, Any], methods: dict[str, tuple[Any, Any]]
) -> None:
    """Change one assignment, and put what it needs into `body` before it."""
    value, name, loc = statement.value, statement.target.name, statement.loc
    if isinstance(value, ir.Var):
        found[name] = found.get(value.name)
        if value.name in methods:
            methods[name] = methods[value.name]
    elif isinstance(value, ir.Global | ir.FreeVar):
        found[name] = value.value
        value.value = _instead(value.value, value.name, loc)
    elif not isinstance(value, ir.Expr):
        return
    elif value.op not in allowed.EXPRESSIONS:
        raise _never(allowed.NAMES.get(value.op, value.op), loc)
    elif value.op == "getattr":
        owner = found.get(value.value.name)
        if isinstance(owner, ModuleType):
            found[name] = getattr(owner, value.attr, None)
            known = _instead(found[name], f"{owner.__name__.replace('numpy', 'np')}.{value.attr}", loc)
            if known is not found[name] or is_own(found[name]):
                statement.value = ir.Global(value.attr, known, loc)
        elif value.attr in METHODS:
            methods[name] = (value.value, METHODS[value.attr])
            statement.value = value.value  # what is called without being seen here is no function
        elif value.attr not in allowed.ATTRIBUTES:
            raise _never(f".{value.attr}", loc)
    elif value.op == "call":
        if value.vararg is not None or value.varkwarg is not None:
            raise _never("a call with * or **", loc)
        if value.func.name in methods:
            array, function = methods[value.func.name]
            value.args = [array, *value.args]
            value.func = _named(function, name, scope, body, loc)
    elif value.op in ("binop", "inplace_binop", "unary"):
        function = value.immutable_fn if value.op == "inplace_binop" else value.fn
        if function not in allowed.OPERATORS:
            raise _never(_sign(function), loc)
        if function is operator.pow:
            called = _named(power, name, scope, body, loc)
            statement.value = ir.Expr.call(called, (value.lhs, value.rhs), (), loc)


def _instead(value: Any, name: str, loc: Any) -> Any:
    """Return what takes the place of something named, which may be itself."""
    if is_own(value):
        return numba.njit(nogil=True, boundscheck=True, pipeline_class=_HelperCompiler)(value)
    if id(value) in STAND_INS:
        return STAND_INS[id(value)]
    if callable(value) and id(value) not in allowed.FUNCTIONS:
        raise _never(allowed.NAMES.get(name, name), loc)
    return value


def _named(function: Any, name: str, scope: Any, body: list[Any], loc: Any) -> Any:
    variable = ir.Var(scope, f"$exact.{name}.{len(body)}", loc)
    body.append(ir.Assign(ir.Global(function.__name__, function, loc), variable, loc))
    return variable


@_registered(mutates_CFG=True, analysis_only=False)
class _HoldAtFirst(_Pass):
    """Put ``if len(o.prices) < n: return None`` before each ``o.prices[-n]``."""

    _name = "rugs_lab_hold_at_first"

    def run_pass(self, state: Any) -> bool:
        func_ir = state.func_ir
        for block in [func_ir.blocks[label] for label in sorted(func_ir.blocks)]:
            place = 0
            while place < len(block.body):
                statement = block.body[place]
                place += 1
                if _reaches_back(func_ir, statement):
                    block, place = _split(func_ir.blocks, block, place - 1), 1
        func_ir._definitions = build_definitions(func_ir.blocks)
        PostProcessor(func_ir).run()  # type: ignore[no-untyped-call]
        return True


def _reaches_back(func_ir: Any, statement: Any) -> bool:
    value = getattr(statement, "value", None)
    if not isinstance(value, ir.Expr) or value.op != "getitem":
        return False
    owner = guard(get_definition, func_ir, value.value)
    if not isinstance(owner, ir.Expr) or owner.op != "getattr" or owner.attr not in _HISTORIES:
        return False
    o = guard(get_definition, func_ir, owner.value)
    at = guard(get_definition, func_ir, value.index)
    negative = isinstance(at, ir.Const) and isinstance(at.value, int) and at.value < 0
    negative = negative or (isinstance(at, ir.Expr) and at.op == "unary" and at.fn is operator.neg)
    return negative and isinstance(o, ir.Arg) and o.index == 0


def _split(blocks: dict[int, Any], block: Any, place: int) -> Any:
    """End a block before an element that may not be there yet; return the block of what follows."""
    statement, scope = block.body[place], block.scope
    loc, item = statement.loc, statement.value
    hold, rest = ir.Block(scope, loc), ir.Block(scope, loc)
    rest.body, block.body = block.body[place:], block.body[:place]
    here = max(blocks) + 1
    blocks[here], blocks[here + 1] = hold, rest

    def put(into: Any, name: str, value: Any) -> Any:
        variable = ir.Var(scope, f"$short.{name}.{here}", loc)
        into.body.append(ir.Assign(value, variable, loc))
        return variable

    length = ir.Expr.call(put(block, "len", ir.Global("len", len, loc)), (item.value,), (), loc)
    total = ir.Expr.binop(operator.add, item.index, put(block, "length", length), loc)
    zero = put(block, "zero", ir.Const(0, loc))
    short = put(block, "short", ir.Expr.binop(operator.lt, put(block, "total", total), zero, loc))
    truth = ir.Expr.call(put(block, "bool", ir.Global("bool", bool, loc)), (short,), (), loc)
    block.body.append(ir.Branch(put(block, "truth", truth), here, here + 1, loc))
    hold.body.append(ir.Return(put(hold, "none", ir.Const(None, loc)), loc))
    return rest


@_registered(mutates_CFG=False, analysis_only=False)
class _ReturnTwo(_Pass):
    """Make every ``return x`` of a strategy a ``return two(x)``."""

    _name = "rugs_lab_return_two"

    def run_pass(self, state: Any) -> bool:
        for label, block in state.func_ir.blocks.items():
            last = block.body[-1]
            if isinstance(last, ir.Return):
                function = ir.Var(block.scope, f"$two_function.{label}", last.loc)
                made = ir.Var(block.scope, f"$two.{label}", last.loc)
                call = ir.Expr.call(function, (last.value,), (), last.loc)
                block.body[-1:] = [
                    ir.Assign(ir.Global("two", two, last.loc), function, last.loc),
                    ir.Assign(call, made, last.loc),
                    ir.Return(made, last.loc),
                ]
        return True


@_registered(mutates_CFG=False, analysis_only=False)
class _Checked(_Pass):
    """Admit types that are allowed, and check whole numbers; types are known by now."""

    _name = "rugs_lab_checked"

    def run_pass(self, state: Any) -> bool:
        made = _Maker(state)
        for label, block in state.func_ir.blocks.items():
            body: list[Any] = []
            for statement in block.body:
                if isinstance(statement, ir.Assign):
                    made.admit(statement.target.name, statement.loc)
                    made.check(statement, block.scope, body, label)
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

    def admit(self, name: str, loc: Any) -> None:
        of = self._types[name]
        if not allowed.is_allowed(of):
            raise _never(f"a value that is {allowed.words_of(of)}", loc)

    def set_item(self, statement: Any) -> None:
        array, value = self._types[statement.target.name], self._types[statement.value.name]
        if not isinstance(array, types.Array) or value != array.dtype:
            raise _never("putting another type into an array", statement.loc)

    def check(self, statement: Any, scope: Any, body: list[Any], label: int) -> None:
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
                raise _never(f"{statement.target.unversioned_name}, which may have no value,", loc)
            if isinstance(self._of(var), types.Boolean) and not isinstance(target, types.Boolean):
                raise _never(f"{statement.target.unversioned_name}, a truth value or a number,", loc)
            if to_float:
                value.incoming_values[place] = self._exact(var, scope, self.at_ends.setdefault(label, []), loc)

    def _binary(self, statement: Any, scope: Any, body: list[Any]) -> None:
        value, loc = statement.value, statement.loc
        function = value.immutable_fn if value.op == "inplace_binop" else value.fn
        left, right = self._of(value.lhs), self._of(value.rhs)
        if isinstance(left, types.Array) or isinstance(right, types.Array):
            if value.op == "inplace_binop" or function not in allowed.ON_ARRAYS:
                raise _never(f"{_sign(function)} on an array", loc)
            return
        if function in (operator.is_, operator.is_not):
            if not isinstance(left, types.NoneType) and not isinstance(right, types.NoneType):
                raise _never("'is' between values", loc)
            return
        truths = isinstance(left, types.Boolean), isinstance(right, types.Boolean)
        if all(truths) and function not in allowed.ON_TRUTH_VALUES:
            raise _never("arithmetic of truth values", loc)
        wholes = isinstance(left, types.Integer | types.Boolean), isinstance(right, types.Integer | types.Boolean)
        if all(wholes) and not all(truths) and function in whole_numbers.CHECKED:
            checked = whole_numbers.CHECKED[function]
            statement.value = self._made(checked, (value.lhs, value.rhs), scope, body, loc)
        elif wholes != (False, False) and not all(wholes) and function in allowed.COMPARISONS:
            value.lhs, value.rhs = (self._exact(each, scope, body, loc) for each in (value.lhs, value.rhs))
        elif isinstance(left, types.BaseTuple | types.UnicodeType) and function not in allowed.COMPARISONS:
            raise _never(f"{_sign(function)} of texts or tuples", loc)

    def _unary(self, statement: Any, scope: Any, body: list[Any]) -> None:
        value, of, loc = statement.value, self._of(statement.value.value), statement.loc
        if isinstance(of, types.Boolean) and value.fn is not operator.not_:
            raise _never("arithmetic of truth values", loc)
        if isinstance(of, types.Array) and (value.fn not in allowed.ON_ARRAYS or of.dtype == types.int64):
            raise _never(f"{_sign(value.fn)} on an array", loc)
        if isinstance(of, types.Integer) and value.fn is operator.neg:
            statement.value = self._made(whole_numbers.negative, (value.value,), scope, body, loc)

    def _item(self, value: Any, loc: Any) -> None:
        owner = self._of(value.value)
        at = types.intp if value.op == "static_getitem" and value.index_var is None else None
        if at is None:
            at = self._of(value.index if value.op == "getitem" else value.index_var)
        fits = isinstance(at, types.Integer) or (
            isinstance(owner, types.Array)
            and (isinstance(at, types.SliceType) or (isinstance(at, types.Array) and at.dtype != types.float64))
        )
        if not isinstance(owner, types.Array | types.BaseTuple) or not fits:
            raise _never("such a position in an array, tuple or text", loc)

    def _call(self, value: Any, scope: Any, body: list[Any], loc: Any) -> None:
        called = self._types[value.func.name]
        original = getattr(called, "typing_key", None)
        given = [self._of(each) for each in value.args]
        if original is bool and not isinstance(given[0], _TRUTHS):
            raise _never("an array, tuple or text as a condition", loc)
        if original is float and not isinstance(given[0], types.Number | types.Boolean):
            raise _never("float() of anything but a number", loc)
        if original is slice and not all(isinstance(each, types.Integer | types.NoneType) for each in given):
            raise _never("a slice with other bounds than whole numbers", loc)
        if original in (max, min) and any(isinstance(each, types.Float) for each in given):
            value.args = [self._exact(each, scope, body, loc) for each in value.args]
        if original in (max, min) and any(isinstance(each, types.Boolean) for each in given):
            raise _never(f"{original.__name__}() of truth values", loc)

    def _exact(self, variable: Any, scope: Any, body: list[Any], loc: Any) -> Any:
        """Return a variable that is a float64 when it is converted, or raises."""
        of = self._of(variable)
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


class _HelperCompiler(CompilerBase):
    _changes: tuple[type, ...] = (_Exactly,)

    def define_pipelines(self) -> list[Any]:
        passes = _passes.define_nopython_pipeline(self.state)
        for change in self._changes:
            passes.add_pass_after(change, IRProcessing)
        passes.add_pass_after(_Checked, NopythonTypeInference)
        passes.finalize()
        return [passes]


class _StrategyCompiler(_HelperCompiler):
    _changes = (_ReturnTwo, _Exactly, _HoldAtFirst)  # the last one first
