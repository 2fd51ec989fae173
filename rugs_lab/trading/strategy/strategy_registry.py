"""``rugs_lab.strategies``: every strategy there is by name, the built-in ones and those of other packages.

A package adds strategies with entry points of the group ``rugs_lab.strategies``, each naming a `Strategy`, a
function or any other callable object::

    [project.entry-points."rugs_lab.strategies"]
    my-strategy = "my_package.strategies:my_strategy"
"""

import warnings
from collections.abc import Iterator, Mapping
from html import escape
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.trading.strategy.strategy import Strategy, StrategyLike, listed, nearest

GROUP: Final = "rugs_lab.strategies"
BUILT_IN: Final = {
    "conservative": "conservative",
    "aggressive": "aggressive",
    "sidebet": "sidebet_mix",
    "foundational": "foundational",
    "hold_to_target": "hold_to_target",
    "martingale": "martingale",
    "random": "at_random",
}
"""Name → module in `rugs_lab.trading.strategies`, which defines a strategy of the module's name."""


class Registry(Mapping[str, Strategy]):
    """Strategies by name; each is imported when it is first asked for.

    An entry point that cannot be loaded is reported by a warning once and is in `broken`; a name that is
    taken already is reported the same way, and the strategy that was there first stays.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, Strategy] = {}
        self._found: dict[str, EntryPoint] | None = None
        self.broken: dict[str, str] = {}
        """Name of an entry point → why there is no strategy of it."""

    def __getitem__(self, name: str) -> Strategy:
        """Return a strategy."""
        if name not in self._loaded:
            self._load(name)
        strategy = self._loaded.get(name)
        if strategy is not None:
            return strategy
        if name in self.broken:
            raise ArgumentError(f"strategy {name!r} cannot be loaded: {self.broken[name]}")
        hint = nearest(str(name), self, f"there are {', '.join(self)}")
        raise ArgumentError(f"no strategy {name!r}: {hint}")

    def __getattr__(self, name: str) -> Strategy:
        """Return a strategy by its name as an attribute."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except ArgumentError as problem:
            raise AttributeError(str(problem)) from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __iter__(self) -> Iterator[str]:
        for name in [*BUILT_IN, *self._others()]:
            if name not in self._loaded:
                self._load(name)
            if name in self._loaded:
                yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        broken = f"; broken: {', '.join(self.broken)}" if self.broken else ""
        return f"<Strategies {', '.join(self)}{broken}>"

    def _repr_html_(self) -> str:
        rows = ""
        for name, each in self.items():
            about = (each.__doc__ or "").strip().partition("\n")[0]
            cells = map(escape, (name, about, listed(each.parameters)))
            rows += f"<tr>{''.join(map('<td>{}</td>'.format, cells))}</tr>"
        broken = "".join(f"<p>{escape(name)}: {escape(why)}</p>" for name, why in self.broken.items())
        return (
            "<table><thead><tr><th>strategy</th><th>what it does</th><th>parameters</th></tr></thead>"
            f"<tbody>{rows}</tbody></table>{broken}"
        )

    def _others(self) -> dict[str, EntryPoint]:
        if self._found is None:
            self._found = {}
            for point in entry_points(group=GROUP):
                if point.name in BUILT_IN or point.name in self._found:
                    self._report(point.name, f"{point.value}: the name is taken, the first strategy stays")
                else:
                    self._found[point.name] = point
        return self._found

    def _load(self, name: str) -> None:
        if name in BUILT_IN:
            module = import_module(f"rugs_lab.trading.strategies.{BUILT_IN[name]}")
            self._loaded[name] = getattr(module, BUILT_IN[name])
            return
        point = self._others().get(name)
        if point is None or name in self.broken:
            return
        try:
            self._loaded[name] = as_strategy(point.load())
        except Exception as error:  # whatever another package's import may raise
            self._report(name, f"{point.value}: {type(error).__name__}: {error}")

    def _report(self, name: str, why: str) -> None:
        self.broken[name] = why
        warnings.warn(f"strategy {name!r} of entry point {why}", RugsLabWarning, stacklevel=4)


strategies: Final = Registry()
"""Every strategy by name."""


def as_strategy(strategy: StrategyLike, **parameters: Any) -> Strategy:
    """Return a strategy, a function, or any other callable object (with state, or a model) as a `Strategy`.

    A text is the name of one of ``rugs_lab.strategies``.

    An object may have ``begin_run(games)``, called when a run begins, and ``begin_game(game_id)``, called
    when a game does. Its attribute ``presale`` (True where it has none) says whether it is called in presale.
    """
    if isinstance(strategy, str):
        made: Strategy = strategies[strategy]
    elif isinstance(strategy, Strategy):
        made = strategy
    elif callable(strategy):
        made = Strategy(strategy, presale=bool(getattr(strategy, "presale", True)))
    else:
        held = isinstance(getattr(strategy, "strategy", None), Strategy)
        hint = ". It has one: give its .strategy" if held else ""
        raise ArgumentError(
            "a strategy is a function, an object that can be called, or a name in rugs_lab.strategies; "
            f"got {strategy!r:.100}{hint}"
        )
    return made.with_(**parameters) if parameters else made
