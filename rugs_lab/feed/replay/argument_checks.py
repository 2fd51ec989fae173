"""What callers may give a replay: whole numbers, switches and times, each checked once."""

from math import inf
from operator import index
from threading import TIMEOUT_MAX
from typing import SupportsIndex

import numpy as np

from rugs_lab.errors import ArgumentError


def whole(value: object) -> int | None:
    """Return a whole number, numpy's too; None for anything else."""
    return None if isinstance(value, bool) or not isinstance(value, SupportsIndex) else index(value)


def switch(name: str, value: object) -> bool:
    """Return a truth value, if it is one."""
    if not isinstance(value, bool | np.bool_):
        raise ArgumentError(f"{name} must be True or False; got {value!r:.80}")
    return bool(value)


def seconds(timeout: object) -> float:
    """Return a time to wait, seconds >= 0; None is as long as it takes."""
    if timeout is None:
        return TIMEOUT_MAX
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 <= timeout <= inf:
        raise ArgumentError(f"timeout must be a number of seconds >= 0, or None; got {timeout!r:.80}")
    return min(float(timeout), TIMEOUT_MAX)


def seed_of(seed: object) -> int | None:
    """Return the seed of a random order: an integer >= 0, or None."""
    if seed is None:
        return None
    number = whole(seed)
    if number is None or number < 0:
        raise ArgumentError(f"seed must be an integer >= 0, or None; got {seed!r:.80}")
    return number
