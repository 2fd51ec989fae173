"""The parameter combinations of a sweep: all of a grid, or some drawn at random."""

from __future__ import annotations

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
    """Return the parameter combinations of a grid, each a mapping of names to values.

    Parameters
    ----------
    grid
        Name → values (any iterable), one value, or, with `samples`, a distribution of `scipy.stats`.
    samples
        None: every combination, the last name changing fastest. A number: that many different ones, drawn
        at random; all of them when there are no more.
    seed
        Of the drawing.

    Raises
    ------
    ArgumentError
        An empty list of values, a distribution without `samples`, too many combinations.
    """
    if samples is not None and (isinstance(samples, bool) or not isinstance(samples, int) or samples < 1):
        raise ArgumentError(f"samples must be a whole number from 1 on; got {samples!r}")
    axes = {name: _values(name, values) for name, values in grid.items()}
    drawn = [name for name, values in axes.items() if values is None]
    if samples is None:
        if drawn:
            raise ArgumentError(
                f"{', '.join(drawn)}: a distribution has no end of values; say samples=... to draw from it"
            )
        count = prod(len(values or ()) for values in axes.values())
        if count > MOST_COMBINATIONS:
            raise ArgumentError(
                f"the grid has {count:,} combinations, at most {MOST_COMBINATIONS:,} are played: draw some "
                "with samples=..."
            )
        return tuple(
            dict(zip(axes, combination, strict=True))
            for combination in product(*(values or () for values in axes.values()))
        )
    return _drawn(grid, axes, samples, np.random.default_rng(seed))


def _drawn(
    grid: Mapping[str, Any], axes: Mapping[str, Sequence[Any] | None], samples: int, rng: np.random.Generator
) -> tuple[dict[str, Any], ...]:
    lists = {name: values for name, values in axes.items() if values is not None}
    count = prod(len(values) for values in lists.values())
    if len(lists) == len(axes) and count <= samples:
        return combinations_of(grid)
    # Of a grid too large to number, or with a distribution, each name is drawn by itself.
    numbered = len(lists) == len(axes) and count < 2**62
    places = _different(count, samples, rng) if numbered else [0] * samples
    combinations = []
    for place in places:
        combination = {}
        for name in axes:
            values = lists.get(name)
            if values is None:
                combination[name] = _plain(grid[name].rvs(random_state=rng))
            elif not numbered:
                combination[name] = values[int(rng.integers(len(values)))]
            else:
                place, at = divmod(place, len(values))
                combination[name] = values[at]
        combinations.append(combination)
    return tuple(combinations)


def _different(count: int, samples: int, rng: np.random.Generator) -> list[int]:
    """Draw different numbers below `count`, which may be huge."""
    if count <= 2**20:
        return [int(place) for place in rng.choice(count, samples, replace=False)]
    found: dict[int, None] = {}
    while len(found) < samples:
        found[int(rng.integers(0, count))] = None
    return list(found)


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
