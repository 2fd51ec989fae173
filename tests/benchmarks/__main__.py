"""``python -m tests.benchmarks``: what is measured against what, its goal, and whether it is met.

Each figure is measured beside its peer in one run, at sizes that take some minutes together; the modules
measure each at any size. What only another program measures is listed with its name.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.benchmarks import archive, fair, growth, recordings, runs, sealing, unpaced, verification
from tests.benchmarks.goals import Row

WORKS: list[Callable[[], list[Row]]] = [
    fair.measure,
    recordings.measure,
    verification.measure,
    lambda: sealing.measure([50, 100], [2000, 8000]),
    lambda: archive.measure(20_000),
    lambda: [growth.widgets(), *growth.growth([1000, 10_000])],
    runs.measure,
    unpaced.measure,
]
ELSEWHERE = [
    ("1", "tick to pixel", "python tests/benchmarks/tick_to_pixel.py", "p50 <= 12, p95 <= 25 ms"),
    ("15", "install; start to a moving price", "needs an empty environment", "<= 3 s"),
]


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    print(f"{'row':>3}  {'work':<46} {'measured':<58} {'goal':<26}", flush=True)
    rows, begin = [], time.monotonic()
    for work in WORKS:
        try:
            found = work()
        except Exception as error:  # one that cannot be measured here does not cost the others
            found = [
                Row("-", work.__module__, f"not measured: {type(error).__name__}: {error}"[:120], "", None)
            ]
        print(*found, sep="\n", flush=True)
        rows += found
    for number, work_name, where, goal in ELSEWHERE:
        print(Row(number, work_name, f"not measured ({where})", goal, None))
    met, judged = sum(row.met is True for row in rows), sum(row.met is not None for row in rows)
    print(f"{met} of {judged} goals met; {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()
