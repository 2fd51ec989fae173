"""What is changed in a strategy before it is compiled, so that it does exactly what it does uncompiled.

* What is not in `rugs_lab.trading.engine.allowed` is not compiled, and its line named.
* Whatever kind of decision it returns becomes two actions (`two`), so that all its returns have one type.
* Functions of the same author that it calls are compiled, too.
* ``o.prices[-20]`` before there are 20 of them is a hold (`rugs_lab.trading.strategy.strategy.reaches_back`).
* Sums, logarithms and the like become those of `rugs_lab.trading.engine.compiled_math`.

This works on numba's own representation of a function, before types are known (`_Exactly`, `_ReturnTwo`) and
after (`Checked`). Importing this module loads numba.
"""

import operator
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, Final

import numba
from numba.core import ir as numba_ir
from numba.core import ir_utils as numba_ir_utils
from numba.core import types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.postproc import PostProcessor
from numba.core.typed_passes import NopythonTypeInference
from numba.core.untyped_passes import IRProcessing
from numba.extending import overload
from numba.typed import typedobjectutils

from rugs_lab.trading.account import actions
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.engine import allowed
from rugs_lab.trading.engine.allowed import Checked, Pass, never, sign
from rugs_lab.trading.engine.compiled_account import Whole
from rugs_lab.trading.engine.compiled_math import ACCUMULATED, METHODS, STAND_INS, list_item, power

ir: Any = numba_ir  # numba has no types
ir_utils: Any = numba_ir_utils
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


@_registered(mutates_CFG=False, analysis_only=False)
class _Exactly(Pass):
    """Admit what is allowed, and replace what compiled code would do otherwise."""

    _name = "rugs_lab_exactly"

    def run_pass(self, state: Any) -> bool:
        found: dict[str, Any] = {}
        methods: dict[str, tuple[Any, Any]] = {}
        for _, block in sorted(state.func_ir.blocks.items()):
            body: list[Any] = []
            if _raises_plainly(block):
                continue
            for statement in block.body:
                if isinstance(statement, ir.Assign):
                    _exactly(statement, block.scope, body, found, methods)
                elif not isinstance(statement, (*_STATEMENTS, *_RAISES)):
                    raise never(
                        allowed.STATEMENTS.get(type(statement).__name__, "a statement of it"), statement.loc
                    )
                body.append(statement)
            block.body = body
        state.func_ir._definitions = ir_utils.build_definitions(state.func_ir.blocks)
        return True


def _raises_plainly(block: Any) -> bool:
    """Leave only the ``raise`` that ends a block: the tick-by-tick engine raises it, with its words."""
    last = block.body[-1]
    if not isinstance(last, ir.Raise) or last.exception is None:
        return False
    error = ir.Var(block.scope, f"$error.{last.loc.line}.{last.loc.col}", last.loc)
    plain = ir.Global("RuntimeError", RuntimeError, last.loc)
    block.body = [ir.Assign(plain, error, last.loc), ir.Raise(error, last.loc)]
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
    elif value.op == "build_list" and value.items:  # of numbers; nothing that may be done with it changes it
        called, items = _named(list_item, name, scope, body, loc), []
        for place, item in enumerate(value.items):
            items.append(ir.Var(scope, f"$item.{name}.{place}", loc))
            body.append(ir.Assign(ir.Expr.call(called, (item,), (), loc), items[-1], loc))
        statement.value = ir.Expr.build_tuple(items, loc)
    elif value.op not in allowed.EXPRESSIONS:
        raise never(allowed.NAMES.get(value.op, value.op), loc)
    elif value.op == "getattr":
        owner = found.get(value.value.name)
        if isinstance(owner, ModuleType):
            found[name] = getattr(owner, value.attr, None)
            known = _instead(found[name], f"{owner.__name__.replace('numpy', 'np')}.{value.attr}", loc)
            if known is not found[name] or is_own(found[name]):
                statement.value = ir.Global(value.attr, known, loc)
        elif value.attr == "accumulate" and id(owner) in ACCUMULATED:
            statement.value = ir.Global(value.attr, ACCUMULATED[id(owner)], loc)
        elif value.attr in METHODS:
            methods[name] = (value.value, METHODS[value.attr])
            statement.value = value.value  # what is called without being seen here is no function
        elif value.attr not in allowed.ATTRIBUTES:
            raise never(f".{value.attr}", loc)
    elif value.op == "call":
        if value.vararg is not None or value.varkwarg is not None:
            raise never("a call with * or **", loc)
        if value.func.name in methods:
            array, function = methods[value.func.name]
            value.args = [array, *value.args]
            value.func = _named(function, name, scope, body, loc)
    elif value.op in ("binop", "inplace_binop", "unary"):
        function = value.immutable_fn if value.op == "inplace_binop" else value.fn
        if function not in allowed.OPERATORS:
            raise never(sign(function), loc)
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
        raise never(allowed.NAMES.get(name, name), loc)
    return value


def _named(function: Any, name: str, scope: Any, body: list[Any], loc: Any) -> Any:
    variable = ir.Var(scope, f"$exact.{name}.{len(body)}", loc)
    body.append(ir.Assign(ir.Global(function.__name__, function, loc), variable, loc))
    return variable


@_registered(mutates_CFG=True, analysis_only=False)
class _HoldAtFirst(Pass):
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
        func_ir._definitions = ir_utils.build_definitions(func_ir.blocks)
        PostProcessor(func_ir).run()  # type: ignore[no-untyped-call]
        return True


def _reaches_back(func_ir: Any, statement: Any) -> bool:
    value = getattr(statement, "value", None)
    if not isinstance(value, ir.Expr) or value.op != "getitem":
        return False
    owner = ir_utils.guard(ir_utils.get_definition, func_ir, value.value)
    if not isinstance(owner, ir.Expr) or owner.op != "getattr" or owner.attr not in _HISTORIES:
        return False
    o = ir_utils.guard(ir_utils.get_definition, func_ir, owner.value)
    at = ir_utils.guard(ir_utils.get_definition, func_ir, value.index)
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
class _ReturnTwo(Pass):
    """Make every ``return x`` of a strategy a ``return two(x)``."""

    _name = "rugs_lab_return_two"

    def run_pass(self, state: Any) -> bool:
        for label, block in state.func_ir.blocks.items():
            last = block.body[-1]
            if isinstance(last, ir.Return):
                block.body.pop()
                function = _named(two, f"two.{label}", block.scope, block.body, last.loc)
                made = ir.Var(block.scope, f"$two.{label}", last.loc)
                call = ir.Expr.call(function, (last.value,), (), last.loc)
                block.body += [ir.Assign(call, made, last.loc), ir.Return(made, last.loc)]
        return True


class _HelperCompiler(CompilerBase):
    _changes: tuple[type, ...] = (_Exactly,)

    def define_pipelines(self) -> list[Any]:
        passes = _passes.define_nopython_pipeline(self.state)
        for change in self._changes:
            passes.add_pass_after(change, IRProcessing)
        passes.add_pass_after(Checked, NopythonTypeInference)
        passes.finalize()
        return [passes]


class _StrategyCompiler(_HelperCompiler):
    _changes = (_ReturnTwo, _Exactly, _HoldAtFirst)  # the last one first
