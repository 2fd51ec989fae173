"""What a strategy retains: whether the prices of games are among it.

A strategy that holds the prices of the games it is tried on can look up their future whatever it is shown.
This searches what its function can reach: closure, globals that it names, defaults, attributes, parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

    from numpy.typing import NDArray

_DEEPEST: Final = 6
_MOST: Final = 100_000
_ENOUGH: Final = 8
"""Prices of one game in a row of numbers that cannot be there by chance."""


def retained_prices(strategy: Strategy, games: Sequence[Game]) -> str:
    """Return where a strategy holds prices of these games, in words; empty when nowhere."""
    known = [_telling(game) for game in games]
    ids = {game.id for game in games}
    for name, value in _reachable(strategy.function, strategy.name, 0, set()):
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
    for name, value in strategy.parameters.items():
        if isinstance(value, Game | Games):
            return f"the parameter {name} is {type(value).__name__}"
    return ""


def _telling(game: Game) -> NDArray[np.float64]:
    """Return prices of a game that are hardly those of another one."""
    prices = game.prices[: game.rug_tick]
    prices = np.unique(prices[~np.isnan(prices) & (prices != 1.0)])
    return prices[:: max(1, len(prices) // 64)]


def _reachable(value: Any, name: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield arrays of numbers and games that can be reached from a value, each with the way to it."""
    if depth > _DEEPEST or id(value) in seen or len(seen) > _MOST:
        return
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
        members = list(value)
        if members and all(isinstance(member, float | int) for member in members):
            yield name, np.array(members, np.float64)
        else:
            yield from _each(dict(enumerate(members)), name, depth, seen)
    elif isinstance(value, Mapping):
        numbers = [each for each in value.values() if isinstance(each, float)]
        if numbers:
            yield name, np.array(numbers)
        yield from _each(value, name, depth, seen)
    elif isinstance(value, FunctionType):
        yield from _each(_outside(value), name, depth, seen)
    elif isinstance(value, MethodType):
        yield from _each({"self": value.__self__, "function": value.__func__}, name, depth, seen)
    elif isinstance(value, partial):
        yield from _each(
            {"function": value.func, "arguments": (value.args, value.keywords)}, name, depth, seen
        )
    elif isinstance(value, Strategy):
        yield from _reachable(value.function, name, depth + 1, seen)
    elif type(value).__module__ not in ("builtins", "numpy"):
        inside = dict(getattr(value, "__dict__", {}))
        call = getattr(type(value), "__call__", None)  # noqa: B004
        if isinstance(call, FunctionType):
            inside["__call__"] = call
        yield from _each(inside, name, depth, seen)


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
    found.update(enumerate(function.__defaults__ or ()))  # type: ignore[arg-type]
    found.update(function.__kwdefaults__ or {})
    found.update(function.__dict__)
    return found


def _names(code: CodeType) -> set[str]:
    inner = [each for each in code.co_consts if hasattr(each, "co_names")]
    return set(code.co_names).union(*map(_names, inner))
