"""The parameter combinations of a sweep: all of a grid, or some drawn at random."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

import numpy as np

from rugs_lab.errors import ArgumentError

MOST_COMBINATIONS = 1_000_000


def combinations_of(
    grid: Mapping[str, Any], samples: int | None = None, seed: int = 0
) -> tuple[dict[str, Any], ...]:
    """Return the combinations of a grid, the last name fastest, or `samples` of them drawn at random."""
    if samples is not None and (isinstance(samples, bool) or not isinstance(samples, int) or samples < 1):
        raise ArgumentError(f"samples must be an integer >= 1; got {samples!r}")
    axes = {name: _values(name, values) for name, values in grid.items()}
    drawn = [name for name, values in axes.items() if values is None]
    if samples is None:
        if drawn:
            raise ArgumentError(
                f"{', '.join(drawn)}: a distribution has infinitely many values; use samples=... to draw "
                "from it"
            )
        listed = [values or () for values in axes.values()]
        count = prod(map(len, listed))
        if count > MOST_COMBINATIONS:
            raise ArgumentError(
                f"the grid has {count:,} combinations; the limit is {MOST_COMBINATIONS:,}: use samples=..."
            )
        return tuple(dict(zip(axes, values, strict=True)) for values in product(*listed))
    return _drawn(grid, axes, samples, np.random.default_rng(seed))


def _drawn(
    grid: Mapping[str, Any], axes: Mapping[str, Sequence[Any] | None], samples: int, rng: np.random.Generator
) -> tuple[dict[str, Any], ...]:
    """Draw each name by itself; without a distribution until there are so many different combinations."""
    listed = None not in axes.values()
    if listed and prod(len(values or ()) for values in axes.values()) <= samples:
        return combinations_of(grid)

    def one(name: str, values: Sequence[Any] | None) -> Any:
        drawn = values[int(rng.integers(len(values)))] if values else grid[name].rvs(random_state=rng)
        return _plain(drawn)

    found: dict[str, dict[str, Any]] = {}
    while len(found) < samples:
        combination = {name: one(name, values) for name, values in axes.items()}
        found[repr(combination) if listed else str(len(found))] = combination
    return tuple(found.values())


def _values(name: str, values: Any) -> Sequence[Any] | None:
    """Return the values of one name; None for a distribution."""
    if hasattr(values, "rvs"):
        return None
    if isinstance(values, range) and values:
        return values
    if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
        return [values]
    found = [_plain(value) for value in values]
    if not found:
        raise ArgumentError(f"{name} needs one value or more; got an empty {type(values).__name__}")
    return found


def _plain(value: Any) -> Any:
    """Return a number of numpy's as one of Python's."""
    return value.item() if isinstance(value, np.generic) else value
