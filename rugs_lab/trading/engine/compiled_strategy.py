"""What is changed in a strategy before it is compiled, so that it does exactly what it does uncompiled.

* Whatever kind of decision it returns becomes two actions (`two`), so that all its returns have one type.
* Functions of the same author that it calls are compiled, too.
* Sums, means, deviations and powers become those of `rugs_lab.trading.engine.compiled_math`; what cannot be
  made exact is not compiled, and its line named.

This works on numba's own representation of a function, before types are known. Importing this module loads
numba.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any, Final

import numba
import numpy as np
from numba.core import ir as numba_ir
from numba.core import types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.errors import UnsupportedError
from numba.core.untyped_passes import IRProcessing
from numba.extending import overload
from numba.typed import typedobjectutils

from rugs_lab.trading.account import actions
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.engine.compiled_account import Whole
from rugs_lab.trading.engine.compiled_math import METHODS, UNSUPPORTED, power

ir: Any = numba_ir  # numba has no types
_nonoptional: Any = typedobjectutils._nonoptional
_registered: Any = register_pass
_passes: Any = DefaultPassBuilder

_STAND_INS: Final = {id(getattr(np, name)): function for name, function in METHODS.items()}
_NOT_EXACT: Final = {
    **{id(getattr(np, name, None)): f"np.{name}" for name in sorted(UNSUPPORTED)},
    id(sum): "sum()",
    id(pow): "pow()",
    id(math.pow): "math.pow",
}
_INSTEAD: Final = {"sum()": "np.sum", "pow()": "x ** y", "math.pow": "x ** y"}


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
class _Exactly(FunctionPass):
    """Replace what compiled code would round otherwise."""

    _name = "rugs_lab_exactly"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

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
                body.append(statement)
            block.body = body
        return True


def _exactly(
    statement: Any, scope: Any, body: list[Any], found: dict[str, Any], methods: dict[str, tuple[Any, Any]]
) -> None:
    """Change one assignment, and put what it needs into `body` before it."""
    value, name, loc = statement.value, statement.target.name, statement.loc
    if isinstance(value, ir.Global | ir.FreeVar):
        found[name] = value.value
        if is_own(value.value):
            value.value = _helper(value.value)
        elif id(value.value) in _STAND_INS:
            value.value = _STAND_INS[id(value.value)]
        _check_supported(value.value, loc)
    elif not isinstance(value, ir.Expr):
        return
    elif value.op == "getattr":
        owner = found.get(value.value.name)
        if owner is not None:
            found[name] = getattr(owner, value.attr, None)
            _check_supported(found[name], loc)
        if owner is np and value.attr in METHODS:
            statement.value = ir.Global(value.attr, METHODS[value.attr], loc)
        elif owner is None and value.attr in METHODS:
            methods[name] = (value.value, METHODS[value.attr])
        elif owner is None and value.attr in ("prod", "dot"):
            raise UnsupportedError(f".{value.attr}() rounds otherwise when it is compiled", loc)
    elif value.op == "call":
        if found.get(value.func.name) is round and len(value.args) > 1:
            raise UnsupportedError("round() to decimals rounds otherwise when it is compiled", loc)
        if value.func.name in methods:
            array, function = methods[value.func.name]
            value.args = [array, *value.args]
            value.func = _named(function, name, scope, body, loc)
    elif value.op in ("binop", "inplace_binop") and value.fn in (operator.pow, operator.ipow):
        function = _named(power, name, scope, body, loc)
        statement.value = ir.Expr.call(function, (value.lhs, value.rhs), (), loc)
    elif value.op in ("binop", "inplace_binop") and value.fn in (operator.matmul, operator.imatmul):
        raise UnsupportedError("@ rounds otherwise when it is compiled", loc)


def _named(function: Any, name: str, scope: Any, body: list[Any], loc: Any) -> Any:
    variable = ir.Var(scope, f"$exact.{name}.{len(body)}", loc)
    body.append(ir.Assign(ir.Global(function.__name__, function, loc), variable, loc))
    return variable


def _check_supported(value: Any, loc: Any) -> None:
    name = _NOT_EXACT.get(id(value)) if value is not None else None
    if name is not None:
        instead = _INSTEAD.get(name, f"math.{name[3:]}" if hasattr(math, name[3:]) else "")
        hint = f"; {instead} does not" if instead else ""
        raise UnsupportedError(f"{name} may round otherwise when it is compiled{hint}", loc)


def _helper(function: FunctionType) -> Any:
    return numba.njit(nogil=True, boundscheck=True, pipeline_class=_HelperCompiler)(function)


@_registered(mutates_CFG=False, analysis_only=False)
class _ReturnTwo(FunctionPass):
    """Make every ``return x`` of a strategy a ``return two(x)``."""

    _name = "rugs_lab_return_two"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

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


class _HelperCompiler(CompilerBase):
    _changes: tuple[type, ...] = (_Exactly,)

    def define_pipelines(self) -> list[Any]:
        passes = _passes.define_nopython_pipeline(self.state)
        for change in self._changes:
            passes.add_pass_after(change, IRProcessing)
        passes.finalize()
        return [passes]


class _StrategyCompiler(_HelperCompiler):
    _changes = (_ReturnTwo, _Exactly)
