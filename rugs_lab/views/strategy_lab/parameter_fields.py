"""Fields of the strategy widget's form: made from the parameters of a strategy, and those of a session."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import floor, inf, isfinite, log10
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.views.page.notebook_place import NOWHERE, Place

STEPS: Final = 200
"""A slider has at least about so many places, where its unit allows."""

Range = tuple[float, ...] | list[str] | float | str | bool
"""Of a field: its slider as ``(low, high)`` or ``(low, high, step)``, texts to choose from, or a value."""

Kind = Literal["float", "int", "bool", "choice", "text", "fixed"]


@dataclass(frozen=True, slots=True)
class ParameterField:
    """One parameter: what it is, its value at the beginning, the range of its slider.

    `kind` is ``float`` or ``int`` (a slider and a number field), ``bool``, ``choice`` (of `choices`),
    ``text``, or ``fixed``: shown, and not set in the page. A value may lie outside of the slider's range.
    """

    name: str
    kind: Kind
    value: Any
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    choices: tuple[str, ...] = ()

    def checked(self, value: Any) -> Any:
        """Return a value as the strategy gets it: of the kind of the parameter."""
        number = isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)
        if self.kind == "float" and number and isfinite(value):
            return float(value)
        if self.kind == "int" and number and float(value).is_integer():
            return int(value)
        if self.kind == "bool" and isinstance(value, bool | np.bool_):
            return bool(value)
        if self.kind == "text" and isinstance(value, str):
            return value
        if self.kind == "choice" and value in self.choices:
            return value
        if self.kind == "fixed":
            return value
        wanted = {"float": "a number", "int": "a whole number", "bool": "True or False", "text": "a text"}
        expected = wanted.get(self.kind, f"one of {', '.join(map(repr, self.choices))}")
        raise ArgumentError(f"{self.name} is {expected}; got {value!r}")

    def as_json(self) -> dict[str, Any]:
        """Return what the page makes a field of, as JSON holds it."""
        shown = {"value": repr(self.value)[:200]} if self.kind == "fixed" else {}
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**named, **shown, "choices": list(self.choices)}


def fields_of(strategy: Strategy, given: Mapping[str, Any] | None = None) -> tuple[ParameterField, ...]:
    """Return the fields for a strategy's parameters, in their order.

    `given` is what `Range` says, by name; without it a number's slider goes from about a quarter of the
    default to four times that.
    """
    ranges = dict(given or {})
    firsts = {name: next(iter(r), None) if isinstance(r, tuple | list) else r for name, r in ranges.items()}
    known = strategy.with_(**firsts).parameters
    defaults = {**known, **strategy.parameters}
    words = _words_of(strategy.function)
    strategy.with_(**defaults).ready()
    return tuple(_field(name, defaults[name], ranges.get(name), words.get(name, ())) for name in defaults)


def _words_of(function: Any) -> dict[str, tuple[str, ...]]:
    """Return the words that each parameter annotated as a Literal may be."""
    try:
        hints = get_type_hints(function if hasattr(function, "__code__") else type(function).__call__)
    except Exception:  # an annotation may name what is not there
        return {}
    found = {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal}
    return {name: words for name, words in found.items() if all(isinstance(word, str) for word in words)}


def _field(name: str, value: Any, given: Any, words: tuple[str, ...]) -> ParameterField:
    if isinstance(given, list):
        if not given or not all(isinstance(each, str) for each in given):
            raise ArgumentError(f"{name}: a list gives texts to choose from; got {given!r}")
        return ParameterField(name, "choice", value if value in given else given[0], choices=tuple(given))
    if given is not None and not isinstance(given, tuple):
        value = given
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str):
        return ParameterField(name, "choice" if value in words else "text", value, choices=words)
    if isinstance(value, bool):
        return ParameterField(name, "bool", value)
    if not isinstance(value, int | float) or not isfinite(value):
        return ParameterField(name, "fixed", value)
    if isinstance(given, tuple):
        return _ranged(name, value, given)
    whole = isinstance(value, int)
    near, far = sorted((value / 4, value * 4)) if value else (0.0, 10.0 if whole else 1.0)
    step = _nice((far - near) / STEPS, whole)
    low = value - floor((value - near) / step + 1e-9) * step
    high = value + floor((far - value) / step + 1e-9) * step
    return ParameterField(name, "int" if whole else "float", value, _clean(low), _clean(high), step)


def _ranged(name: str, value: float, given: tuple[Any, ...]) -> ParameterField:
    numbers = all(isinstance(each, int | float) and not isinstance(each, bool) for each in given)
    ordered = len(given) in (2, 3) and numbers and -inf < given[0] < given[1] < inf
    if not ordered or (len(given) == 3 and not 0 < given[2] <= given[1] - given[0]):
        raise ArgumentError(f"{name}: a range is (low, high) or (low, high, step); got {given!r}")
    whole = isinstance(value, int) and all(isinstance(each, int) for each in given)
    step = given[2] if len(given) == 3 else _nice((given[1] - given[0]) / STEPS, whole)
    inside = min(max(value, given[0]), given[1])
    return ParameterField(
        name, "int" if whole else "float", inside if whole else float(inside), given[0], given[1], step
    )


def _nice(size: float, whole: bool) -> float:
    """Return 1, 2 or 5 times a power of ten, not above `size`; 1 at least where it must be whole."""
    power = floor(log10(size))
    first = next(each for each in (5, 2, 1) if each * 10.0**power <= size * (1 + 1e-9))
    step = float(f"{first}e{power}")
    return max(1, int(step)) if whole else step


def _clean(value: float) -> float:
    """Return a value without the noise of the last bits."""
    return value if isinstance(value, int) else float(f"{value:.12g}")


class SessionField(NamedTuple):
    """A field of the session: which option it sets, its label, and what it is for."""

    option: str
    label: str
    why: str


SESSION: Final = {
    "cash": SessionField("cash_sol", "cash", "SOL at the beginning"),
    "target": SessionField(
        "take", "target", "end the session at so many times the starting cash (1.5); empty: never"
    ),
    "max_loss": SessionField(
        "loss", "loss", "end it when so much of the cash is lost, as a share of it (0.3); empty: never"
    ),
    "max_games": SessionField("max_games", "games", "end it after so many games; empty: after all"),
}
"""Fields of the session by the name that `rugs_lab.lab` calls them by."""


@dataclass(frozen=True, slots=True)
class LabOptions:
    """What a strategy widget is made for; `feed` is what "run on live" trades on, None: made when needed."""

    strategy: Strategy
    games: Games
    fields: tuple[ParameterField, ...]
    session: Options
    feed: Feed | None = None
    place: Place = NOWHERE


def session_values(options: Options) -> dict[str, float | None]:
    """Return the values of the session's fields."""
    return {name: getattr(options, field.option) for name, field in SESSION.items()}


def with_session(options: Options, values: Mapping[str, Any]) -> Options:
    """Return options with some fields of the session changed."""
    strange = [each for each in values if each not in SESSION]
    if strange:
        raise ArgumentError(f"a session has {', '.join(SESSION)}; got {strange[0]!r}")
    games = values.get("max_games")
    whole = {"max_games": int(games)} if isinstance(games, float) and games.is_integer() else {}
    return replace(options, **{SESSION[name].option: value for name, value in {**values, **whole}.items()})
