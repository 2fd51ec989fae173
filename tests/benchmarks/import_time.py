"""Time of ``import rugs_lab``: fresh processes with and without it, in turn.

Run: ``python -m tests.benchmarks.import_time [repeats]``. Exit status 1 when the import takes 0.5 s or more.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

MOST_S = 0.5
PROGRAMS = {
    "bare interpreter": "pass",
    "import rugs_lab": "import rugs_lab",
    "import rugs_lab.cli": "import rugs_lab.cli",
    "import pandas": "import pandas",
}


def main() -> int:
    """Print the median wall time of each, and what it adds to the bare interpreter."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(repeats + 1):
        for name, program in PROGRAMS.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            seconds[name].append(time.perf_counter() - begin)
    # The first round reads files that are not in memory yet.
    bare = statistics.median(seconds["bare interpreter"][1:])
    print(f"median of {repeats} fresh processes each, in turn; 'cold': the very first")
    added = {}
    for name, taken in seconds.items():
        median = statistics.median(taken[1:])
        added[name] = median - bare
        print(f"{name:22}{median:8.3f} s   adds {added[name]:7.3f} s   cold {taken[0]:7.3f} s")
    good = added["import rugs_lab"] < MOST_S
    print(f"import rugs_lab adds {'less' if good else 'NOT less'} than {MOST_S} s")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
