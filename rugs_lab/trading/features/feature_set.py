"""`Features`: numbers that a model is shown, made of an `Observation`, with a name and a version."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, overload

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.strategy.observation import Observation, Observer

Maker = Callable[[Observation], Mapping[str, float]]

RESERVED_NAME: Final = "rugs_lab"
"""The name of the built-in features, whose function returns the row itself."""

_RESERVED: Final = ("game_id", "seen_tick", "rug_within_40", "action", "amount_sol", "player_id")
"""Other columns of the frames with features."""


@dataclass(frozen=True, slots=True)
class Features:
    """Named numbers made of an `Observation`, called with it; see `features`.

    `version` grows whenever one of them means something else. `function` returns a number for each of
    `columns`, by name, in this order.
    """

    name: str
    version: int
    columns: tuple[str, ...]
    function: Callable[[Observation], object]

    def __call__(self, o: Observation) -> NDArray[np.float32]:
        """Return the numbers, float32 of shape (columns,)."""
        made = self.function(o)
        if self.name == RESERVED_NAME:
            return made  # type: ignore[return-value]
        if isinstance(made, Mapping) and tuple(made) == self.columns:
            with suppress(TypeError, ValueError):
                row = np.array(list(made.values()), np.float32)
                if row.ndim == 1:
                    return row
        raise ArgumentError(
            f"features {self.name!r} are {', '.join(self.columns)}, the same at every tick: their function "
            f"returns a dict, name to number; at tick {o.tick} it returned {made!r:.200}"
        )

    def __repr__(self) -> str:
        return f"<Features {self.name!r}, version {self.version}: {', '.join(self.columns)}>"


def check_defined(given: object) -> None:
    """Raise where a function is given that `features` did not define."""
    if callable(given) and not isinstance(given, Features):
        raise ArgumentError(f"{given!r:.80} defines no features yet: write @rl.features above the function")


@overload
def features(function: Maker, /, *, version: int = 1, name: str | None = None) -> Features: ...


@overload
def features(*, version: int = 1, name: str | None = None) -> Callable[[Maker], Features]: ...


def features(
    function: Maker | None = None, /, *, version: int = 1, name: str | None = None
) -> Features | Callable[[Maker], Features]:
    """Define what a model is shown, once for training, environment, strategy and file; used as a decorator.

    The same value is given as ``features=`` to `rugs_lab.models.feature_frame`, ``Rugs-v0``,
    `rugs_lab.models.save` and `rugs_lab.models.load`. A file names it and its version, keeps examples of its
    numbers, and is loaded with the same ones only.

    Parameters
    ----------
    function
        Takes an `Observation` and returns a dict, name to number, with the same names at every tick, in
        presale, too, where ``o.tick`` is -1 and ``o.prices`` holds 1.0.
    version
        A whole number, to be raised whenever the function changes.
    name
        By default the function's.

    Raises
    ------
    ArgumentError
        It makes no dict of numbers in a presale, or a name is reserved.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> @rl.features(version=2)
    ... def pace(o):
    ...     return {"rise": o.price / o.prices[-10:][0] - 1, "age": o.tick / 200}
    >>> pace
    <Features 'pace', version 2: rise, age>
    >>> rl.models.feature_frame(rl.sample()[:1], pace).columns.tolist()
    ['rise', 'age', 'rug_within_40']
    """
    if function is None:
        return lambda made: features(made, version=version, name=name)
    name = name or str(getattr(function, "__name__", "features"))
    problem = f"features {name!r}: the function takes an observation and returns a dict, name to number"
    try:
        made = function(Observer(Account()).observation())
        row = np.array(list(made.values()), np.float32)
    except Exception as error:  # of any function
        raise ArgumentError(f"{problem}; in presale {type(error).__name__}: {error}") from error
    if row.ndim != 1 or not row.size or isinstance(version, bool) or not isinstance(version, int):
        raise ArgumentError(f"{problem}, and a version is a whole number; got {made!r:.100}, {version!r}")
    if name == RESERVED_NAME:
        raise ArgumentError(f"{name!r} is the name of the built-in features: name yours, features(name=...)")
    if wrong := [key for key in made if not isinstance(key, str) or key in _RESERVED]:
        raise ArgumentError(f"{problem}; names are texts, and not {', '.join(_RESERVED)}; got {wrong}")
    return Features(name, version, tuple(made), function)
