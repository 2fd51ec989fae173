"""Which strategies can be compiled, what their machine code depends on, and why one cannot be.

Importing this module loads numba.
"""

import builtins
import dis
import re
from collections.abc import Callable, Hashable
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import numpy as np

from rugs_lab.trading.engine.compiled_strategy import compiled_strategy, is_own

LARGEST_ARRAY: Final = 1_000_000
"""Bytes of an array outside of the strategy that may be built into its machine code."""


_PLAIN: Final[tuple[Any, ...]] = (type(None), int, float, str)  # a class of these may show itself otherwise
_LOOKED_UP: Final = ("LOAD_GLOBAL", "LOAD_NAME")


class NotCompilable(Exception):  # noqa: N818 (it is a reason, and never reaches the user)
    """Why a strategy cannot be compiled, in words."""


def decide_of(function: Callable[..., Any]) -> Any:
    """Return a strategy's function as a numba function of the observation and its parameters by position."""
    code = function.__code__
    positional = code.replace(
        co_argcount=code.co_argcount + code.co_kwonlyargcount, co_kwonlyargcount=0, co_posonlyargcount=0
    )
    made = FunctionType(positional, function.__globals__, function.__name__, None, function.__closure__)
    return compiled_strategy(made)


def arguments_of(function: Callable[..., Any], parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Return the parameters in the order in which the compiled function takes them; arrays read-only.

    What writes into an array that it is given keeps state, and is so played tick by tick.
    """
    code = function.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    for name in names:
        value = parameters[name]
        if not _is_plain(value):
            what = f"{type(value).__name__} {value!r:.50}"
            raise NotCompilable(f"its parameter {name} is {what}, no number, text or tuple")
    return tuple(_read_only(parameters[name]) for name in names)


def _read_only(value: Any) -> Any:
    if type(value) is tuple:
        return tuple(map(_read_only, value))
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def _is_plain(value: Any) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return value is None or isinstance(value, float | str | np.int64 | np.bool_ | np.ndarray)


def fingerprint(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return what the machine code of a function depends on, as a value: its code, and what it names.

    A function that is defined again with the same text has the same fingerprint; one that reads a global
    value has another one when that was changed.
    """
    if not isinstance(function, FunctionType):
        raise NotCompilable(f"it is an object of {type(function).__name__}, not a function")
    return _print_of(function, {})


def _print_of(function: FunctionType, seen: dict[Any, int]) -> tuple[Any, ...]:
    if function in seen:
        return ("seen before", seen[function])
    seen[function] = len(seen)
    code = function.__code__
    if code.co_flags & (CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR):
        raise NotCompilable(f"{function.__name__} is a coroutine or a generator, not a plain function")
    names = _names_of(code)
    cells = function.__closure__ or ()
    around = vars(builtins) | function.__globals__
    outside = {name: around[name] for name in _globals_of(code) if name in around}
    try:
        outside |= {name: cell.cell_contents for name, cell in zip(code.co_freevars, cells, strict=True)}
    except ValueError:
        raise NotCompilable("it names a variable that has no value yet") from None
    return _code(code), tuple((name, _value(name, outside[name], names, seen)) for name in sorted(outside))


def _names_of(code: CodeType) -> set[str]:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    return set(code.co_names).union(*map(_names_of, inner))


def _globals_of(code: CodeType) -> set[str]:
    """Return the names that are looked up outside; an attribute of the same name is none of them."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    found = {each.argval for each in dis.get_instructions(code) if each.opname in _LOOKED_UP}
    return found.union(*map(_globals_of, inner))


def _code(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _code(each) if isinstance(each, CodeType) else (type(each).__name__, repr(each))
        for each in code.co_consts
    )
    counts = (code.co_argcount, code.co_kwonlyargcount)
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, counts


def _value(name: str, value: Any, names: set[str], seen: dict[Any, int]) -> Any:
    """Return what machine code holds of a value; of a module the attributes that bear one of the `names`."""
    if isinstance(value, np.generic):
        return value.dtype.str, value.tobytes()
    for plain in _PLAIN:
        if isinstance(value, plain):
            return type(value).__name__, plain.__repr__(value)
    if isinstance(value, tuple):
        return type(value), tuple(_value(name, each, names, seen) for each in value)
    if isinstance(value, FunctionType) and is_own(value):
        defaults = (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
        return _print_of(value, seen), _value(name, defaults, names, seen)
    if isinstance(value, np.ndarray):
        if value.nbytes > LARGEST_ARRAY:
            raise NotCompilable(f"the array {name} outside of it is larger than {LARGEST_ARRAY} bytes")
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, ModuleType):
        if (value, frozenset(names)) in seen:
            return value
        seen[value, frozenset(names)] = len(seen)
        found = ((each, getattr(value, each, None)) for each in sorted(names))
        return value, tuple(_attribute(each, of, names, seen) for each, of in found if of is not None)
    if callable(value) and isinstance(value, Hashable):
        return value
    raise NotCompilable(f"it reads {name}, a {type(value).__name__} outside of it that may change")


def _attribute(name: str, value: Any, names: set[str], seen: dict[Any, int]) -> Any:
    """Return the same of what a module holds; the name may be that of something else, which is compiled."""
    try:
        return name, _value(name, value, names, seen)
    except NotCompilable:
        if isinstance(value, np.ndarray | FunctionType):
            raise
        return name, type(value)


_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
_OWN: Final = re.compile(r"line (\d+) of (.*): (.* is not compiled)")
_CALLED: Final = re.compile(r"No implementation of function Function\(<(?:built-in )?function (\w+)")
_NOISE: Final = re.compile(r"Failed in|During: |File |- |There are|>>>")
_OBJECTS: Final = re.compile(r"[<(]|Literal")
_TWICE: Final = re.compile(r"Cannot unify .* for '([$\w]+)")


def words_of(error: BaseException, function: Callable[..., Any]) -> str:
    """Return line and reason of an error of numba, in one line, without numba's own words."""
    text = _ANSI.sub("", str(error))
    code = function.__code__
    if own := _OWN.search(text):
        place = "" if own[2] == code.co_filename else f" of {Path(own[2]).name}"
        return f"line {own[1]}{place}: {own[3]}"
    found = [int(one or other) for one, other in re.findall(r'", line (\d+)|\((\d+)\)$', text, re.MULTILINE)]
    last = max((line for _, _, line in code.co_lines() if line is not None), default=0)
    inside = [n for n in found if code.co_firstlineno <= n <= last]
    loc = getattr(getattr(error, "loc", None), "line", None)
    line = inside[-1] if inside else loc
    return f"line {line}: {_reason(text)}" if line is not None else _reason(text)


def _reason(text: str) -> str:
    called, twice = _CALLED.search(text), _TWICE.search(text)
    if called and called[1] == "two":
        return "what it returns is not a decision, or has a type that compiled code does not know"
    if called:
        return f"{called[1]}() of such values is not compiled"
    if twice:
        return f"{'one value' if twice[1].startswith('$') else twice[1]} has two types"
    words = next((line for line in map(str.strip, text.splitlines()) if line and not _NOISE.match(line)), "")
    words = words.split(". Raised from ")[0]
    return words if words and not _OBJECTS.search(words) else "the types in it are not those of compiled code"
