"""What a strategy retains: whether the prices of games are among it.

This searches what its function can reach: constants, closure, globals that it names, defaults, attributes,
parameters. Text is only counted: what it says, and whether something is looked up by it, is not known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.strategy.strategy import Strategy

_DEEPEST: Final = 6
_MOST: Final = 100_000
_SHORT: Final = 50
"""Bytes of text that a strategy may hold: names and messages."""
_ENOUGH: Final = 8
"""Prices of one game in a row of numbers that cannot be there by chance."""


def retained_prices(strategy: Strategy, games: Sequence[Game]) -> str:
    """Return where a strategy holds prices of these games, in words; empty when nowhere."""
    known = [_telling(game) for game in games]
    ids = {game.id for game in games}
    for name, value in _held(strategy):
        if isinstance(value, Games):
            if ids.intersection(value.ids.tolist()):
                return f"{name} is Games that hold them"
        elif isinstance(value, Game):
            if value.id in ids:
                return f"{name} is one of them"
        elif isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
            numbers = np.unique(value)
            for prices in known:
                if len(prices) and np.isin(prices, numbers).sum() >= min(_ENOUGH, len(prices)):
                    return f"{name} holds their prices"
    return ""


def retained_text(strategy: Strategy) -> int:
    """Return how many bytes of text a strategy holds, in texts of more than `_SHORT` altogether; else 0."""
    texts = {value for _, value in _held(strategy) if isinstance(value, str | bytes)}
    size = sum(len(each.encode() if isinstance(each, str) else each) for each in texts)
    return size if size > _SHORT else 0


def _held(strategy: Strategy) -> Iterator[tuple[str, Any]]:
    seen: set[int] = set()
    yield from _reachable(strategy.function, strategy.name, 0, seen)
    yield from _each(strategy.parameters, "the parameter", 0, seen)


def _telling(game: Game) -> NDArray[np.float64]:
    """Return prices of a game that are hardly those of another one."""
    prices = game.prices[: game.rug_tick]
    prices = np.unique(prices[~np.isnan(prices) & (prices != 1.0)])
    return prices[:: max(1, len(prices) // 64)]


def _reachable(value: Any, name: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield arrays of numbers, texts and games that can be reached from a value, each with the way to it."""
    if depth > _DEEPEST or id(value) in seen or len(seen) > _MOST:
        return
    if isinstance(value, str | bytes):
        yield name, value
    if value is None or isinstance(value, str | bytes | int | float | bool | ModuleType | type):
        return
    seen.add(id(value))
    if isinstance(value, Games | Game):
        yield name, value
    elif isinstance(value, np.ndarray):
        if value.dtype.kind == "O":
            yield from _each(dict(enumerate(value.ravel().tolist())), name, depth, seen)
        else:
            yield name, value
    elif hasattr(value, "to_numpy"):
        columns = value.items() if hasattr(value, "columns") else [("values", value)]
        for column, series in columns:
            yield from _reachable(series.to_numpy(), f"{name}.{column}", depth + 1, seen)
    elif isinstance(value, list | tuple | set | frozenset):
        yield name, _floats(value)
        yield from _each(dict(enumerate(value)), name, depth, seen)
    elif isinstance(value, Mapping):
        for part in (value.keys(), value.values()):
            yield name, _floats(part)
            yield from _each(dict(enumerate(part)), name, depth, seen)
    elif isinstance(value, FunctionType):
        if not depth or not (value.__module__ or "").startswith("rugs_lab."):
            yield from _each(_outside(value), name, depth, seen)
    elif isinstance(value, MethodType):
        yield from _each({"self": value.__self__, "function": value.__func__}, name, depth, seen)
    elif isinstance(value, partial):
        parts = {"function": value.func, "arguments": (value.args, value.keywords)}
        yield from _each(parts, name, depth, seen)
    elif isinstance(value, Strategy):
        yield from _reachable(value.function, name, depth + 1, seen)
    elif type(value).__module__ not in ("builtins", "numpy"):
        inside = dict(getattr(value, "__dict__", {}))
        call = getattr(type(value), "__call__", None)  # noqa: B004
        if isinstance(call, FunctionType):
            inside["__call__"] = call
        yield from _each(inside, name, depth, seen)


def _floats(values: Iterable[Any]) -> NDArray[np.float64]:
    return np.array([each for each in values if isinstance(each, float)], np.float64)


def _each(inside: Mapping[Any, Any], name: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Any]]:
    for key, value in list(inside.items()):
        yield from _reachable(value, f"{name}.{key}", depth + 1, seen)


def _outside(function: FunctionType) -> dict[str, Any]:
    """Return what a function sees of the world around it."""
    found = {n: function.__globals__[n] for n in _names(function.__code__) if n in function.__globals__}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    constants = tuple(each for each in _constants(function.__code__) if each != function.__doc__)
    found |= {"defaults": function.__defaults__, "constants": constants}
    return found | (function.__kwdefaults__ or {}) | function.__dict__


def _names(code: CodeType) -> set[str]:
    return set(code.co_names).union(*(_names(each) for each in code.co_consts if isinstance(each, CodeType)))


def _constants(code: CodeType) -> Iterator[Any]:
    for each in code.co_consts:
        yield from _constants(each) if isinstance(each, CodeType) else (each,)
