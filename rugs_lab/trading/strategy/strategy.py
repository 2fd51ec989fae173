"""`Strategy`: a function of an observation that decides, with its parameters; made by `strategy`.

It returns one action, a tuple of two (one for the position and one side bet, filled in that order), or None,
which is hold.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from copy import copy, deepcopy
from difflib import get_close_matches
from inspect import Parameter, getsourcelines, isfunction, signature
from textwrap import dedent
from typing import Any, Final, Self, overload

import numpy as np

from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import Action, Decision, Kind, is_size
from rugs_lab.trading.strategy.observation import Observation

_WORDS = (
    "a strategy returns buy(), sell(), sidebet(), hold(), or a tuple of one for the position and a sidebet()"
)


class Strategy:
    """A function that decides, and the values of its parameters.

    Attributes
    ----------
    function
        Called with an `Observation` and the parameters by name.
    name
        Its name.
    parameters
        The values it is called with, in the order in which they are written.
    presale
        Whether it is called in presale (tick -1) too.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> @rl.strategy
    ... def dip(o, drop=0.85, take=1.3, size=0.01):
    ...     if o.tick >= 0 and not o.units and o.price < drop * o.prices.max():
    ...         return rl.buy(size)
    ...     return rl.sell() if o.units and o.price > take * o.average_cost else rl.hold()
    >>> dip
    <Strategy dip(drop=0.85, take=1.3, size=0.01)>
    >>> dip.with_(take=1.5).parameters
    {'drop': 0.85, 'take': 1.5, 'size': 0.01}
    """

    def __init__(
        self, function: Callable[..., Any], *, name: str | None = None, presale: bool = True
    ) -> None:
        if not callable(function):
            raise ArgumentError(f"a strategy is a function of an observation; got {type(function).__name__}")
        self.function = function
        self.presale = presale
        self.name = name or getattr(function, "__name__", None) or type(function).__name__
        self.__name__ = self.name
        self.__doc__ = getattr(function, "__doc__", None) or type(self).__doc__
        self._required, self.parameters = _parameters_of(function, self.name)
        if isfunction(function) and (problem := forgotten_return(function)):
            warnings.warn(f"strategy {self.name}, {problem}", RugsLabWarning, stacklevel=3)

    def __call__(self, o: Observation | None = None, **parameters: Any) -> Decision:
        """Return its decision; `parameters` replace its own for this call."""
        if o is None:
            raise ArgumentError(
                f"strategy {self.name} is called with an observation; the same strategy with other values "
                f"of its parameters is {self.name}.with_({listed(parameters) or '...'})"
            )
        decision: Decision = self.function(o, **(self._merged(parameters) if parameters else self.parameters))
        return decision

    def with_(self, **parameters: Any) -> Self:
        """Return the same strategy with other values of some parameters."""
        strategy: Self = object.__new__(type(self))
        strategy.__dict__.update(self.__dict__)
        strategy.parameters = self._merged(parameters)
        return strategy

    def ready(self) -> Self:
        """Return the strategy itself; `ArgumentError` where a parameter without a default has no value."""
        missing = [name for name in self._required if name not in self.parameters]
        if missing:
            raise ArgumentError(
                f"strategy {self.name} needs a value for {', '.join(missing)}: give it by name, or a default"
            )
        return self

    def fresh(self) -> Self:
        """Return the strategy for a run, so that no run sees another one.

        Copied are an object with state, and parameters that are arrays, lists and the like.
        """
        made = copy(self)
        try:
            if not isfunction(self.function):
                made.function = deepcopy(self.function)
            made.parameters = {
                name: deepcopy(value) if isinstance(value, _COPIED) else value
                for name, value in self.parameters.items()
            }
        except Exception as error:  # whatever a class may raise
            raise ArgumentError(
                f"every run plays a copy of strategy {self.name}, and it cannot be copied "
                f"({type(error).__name__}: {error}). Make what cannot be copied in begin_run(games), or give "
                "its class a __deepcopy__(self, memo) that returns self where runs may share it"
            ) from None
        return made

    def begin_run(self, games: Games) -> None:
        """Call ``begin_run(games)`` of an object with state, where it has one: a run begins."""
        self._call_hook("begin_run", games)

    def begin_game(self, game_id: str) -> None:
        """Call ``begin_game(game_id)`` of an object with state, where it has one: a game begins."""
        self._call_hook("begin_game", game_id)

    def _call_hook(self, name: str, what: Games | str) -> None:
        hook = getattr(self.function, name, None)
        if callable(hook):
            hook(what)

    def _merged(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        known = {**dict.fromkeys(self._required), **self.parameters}
        for name in parameters:
            if name not in known:
                others = f"its parameters: {', '.join(known) or 'none'}"
                hint = nearest(name, known, others)
                raise ArgumentError(f"strategy {self.name} has no parameter {name!r}: {hint}")
        merged = {**self.parameters, **parameters}
        return {name: merged[name] for name in known if name in merged}

    def __repr__(self) -> str:
        return f"<Strategy {self.name}({listed(self.parameters)})>"


class Wrapper:
    """A strategy inside an object that is played in its place, and passes on that runs and games begin."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self.presale = strategy.presale

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def begin_run(self, games: Games) -> None:
        """Pass on that a run begins, with a fresh copy of the strategy."""
        self.strategy = self.strategy.fresh()
        self.strategy.begin_run(games)

    def begin_game(self, game_id: str) -> None:
        """Pass on that a game begins."""
        self.strategy.begin_game(game_id)


StrategyLike = Strategy | Callable[..., object] | str
"""A strategy, a function or another callable object, or the name of one of ``rugs_lab.strategies``."""


@overload
def strategy(function: Callable[..., object], /) -> Strategy: ...


@overload
def strategy(
    *, presale: bool = True, name: str | None = None
) -> Callable[[Callable[..., object]], Strategy]: ...


def strategy(
    function: Callable[..., object] | None = None, /, *, presale: bool = True, name: str | None = None
) -> Strategy | Callable[[Callable[..., object]], Strategy]:
    """Make a strategy of a function ``strategy(o, parameter=default, ...)``; used as a decorator.

    Parameters
    ----------
    function
        Takes an `Observation`; its further arguments are the strategy's parameters.
    presale
        Whether the strategy is called in presale too, where ``o.tick`` is -1 and ``o.prices`` holds 1.0.
    name
        By default the function's.

    Examples
    --------
    >>> from rugs_lab.trading.account.actions import sidebet, hold
    >>> @strategy(presale=False)
    ... def late(o, after=200, size=0.01):
    ...     return sidebet(size) if o.tick >= after and not o.bet_open else hold()
    >>> late
    <Strategy late(after=200, size=0.01)>
    """
    if function is None:
        return lambda made: Strategy(made, name=name, presale=presale)
    return Strategy(function, name=name, presale=presale)


_COPIED: Final = (np.ndarray, list, dict, set, tuple)
_OUTSIDE: Final = re.compile(r"index (-\d+) is out of bounds for axis 0 with size (\d+)")


def reaches_back(error: IndexError, o: Observation) -> bool:
    """Tell whether a strategy looked for a price, or a game, that is not there yet: it then holds."""
    found = _OUTSIDE.fullmatch(str(error))
    return found is not None and int(found[2]) in (len(o.prices), len(o.peaks))


def listed(parameters: Mapping[str, Any]) -> str:
    """Return names and values as they are written in a call."""
    return ", ".join(f"{name}={value!r}" for name, value in parameters.items())


def nearest(name: str, known: Iterable[str], others: str) -> str:
    """Return which of the known names is nearly the one that was given, or what to say of the `others`."""
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else others


def actions_of(decision: object) -> tuple[Action, ...]:
    """Return what is to be done of a decision, without holds."""
    if isinstance(decision, Action):
        if decision[0] == Kind.HOLD:
            return ()
        if decision[0] in _KINDS:
            if not is_size(decision[1]):
                raise ArgumentError(f"the size of an order is a number; got {decision!r}")
            return (decision,)
    elif decision is None:
        return ()
    elif isinstance(decision, tuple) and len(decision) == 2:
        found = tuple(action for each in decision for action in _one(each))
        if len(found) == 2 and (found[0].kind == Kind.SIDEBET) == (found[1].kind == Kind.SIDEBET):
            raise ArgumentError(f"{_WORDS}; got two of a kind: {found!r}")
        return found
    raise ArgumentError(f"{_WORDS}; got {decision!r}")


_KINDS = frozenset(kind.value for kind in Kind)


def _one(action: object) -> tuple[Action, ...]:
    if not isinstance(action, Action) and action is not None:
        raise ArgumentError(f"{_WORDS}; got {action!r}")
    return actions_of(action)


def _parameters_of(function: Callable[..., Any], name: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the names of parameters without a default, and all others with theirs."""
    try:
        found = list(signature(function).parameters.values())
    except (TypeError, ValueError):  # a callable written in C may have no signature
        return (), {}
    if not found or found[0].kind not in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
        raise ArgumentError(f"strategy {name} must take an observation: def {name}(o, ...)")
    defaults = {each.name: each.default for each in found[1:]}
    for each in found[1:]:
        if each.kind not in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY):
            raise ArgumentError(
                f"strategy {name} must have named parameters only, no *args or **kwargs; got {each}"
            )
    required = tuple(each for each, default in defaults.items() if default is Parameter.empty)
    return required, {each: default for each, default in defaults.items() if each not in required}


_ORDERS: Final = ("buy", "sell", "sidebet", "short", "cover")


def forgotten_return(function: Callable[..., object]) -> str:
    """Return where a strategy makes an order and throws it away, in words; empty when nowhere."""
    try:
        lines, first = getsourcelines(function)
        tree = ast.parse(dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func)
            if called.removeprefix("rl.").removeprefix("rugs_lab.") in _ORDERS:
                where = f"line {first + node.lineno - 1}: {called}(...)"
                return f"{where} creates an order but does not return it; write return {called}(...)"
    return ""
