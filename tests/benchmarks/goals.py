"""One line of the table of `python -m tests.benchmarks`: what was measured, and whether the goal was met."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement. `number`: of the table; `met`: None where there is no goal to compare with."""

    number: str
    work: str
    measured: str
    goal: str
    met: bool | None

    def __str__(self) -> str:
        verdict = {True: "met", False: "not met", None: ""}[self.met]
        return f"{self.number:>3}  {self.work:<46} {self.measured:<58} {self.goal:<26} {verdict}"


def turns(*works: Callable[[], object], repeats: int = 3, clock: Callable[[], float] = time.perf_counter):
    """Return the least time of each, taking turns, s of `clock`: a busy machine is busy for all of them."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, taken in zip(works, times, strict=True):
            begin = clock()
            work()
            taken.append(clock() - begin)
    return [min(taken) for taken in times]
