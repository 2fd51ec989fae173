"""Ctrl-C in every long call: how long after SIGINT the call has ended, by KeyboardInterrupt.

Each call is a process of its own that gets the signal some time after it began; `--games` is how many an
archive has, and lines are of a tenth of them. Run: ``python -m tests.benchmarks.interrupts``.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.archive import write
from tests.benchmarks.goals import Row
from tests.benchmarks.sealing import write_finished

MOST_S = 2
CALLS = {
    "synthetic frame": "rl.synthetic(3_000_000).frame",
    "load": "rl.load(lines)",
    "seal": "rl.seal(lines, to=lines + '.sealed')",
    "verify": "rl.synthetic(30_000).verify()",
    "backtest": "rl.backtest(rule, rl.synthetic(300_000, method='statistical'))",
    "backtest tick by tick": "rl.backtest(rule, games, engine='tick')",
    "sweep": "rl.sweep(rl.strategies['conservative'], games, take=[n / 100 for n in range(1, 400)])",
    "sweep in processes": "rl.sweep(slow, games, level=[n / 100 for n in range(1, 40)])",
    "report": "rl.backtest(rule, games).report(lines + '.html')",
    "summary": "rl.analysis.summary(games)",
    "sql": "games.sql('select count(*) from ticks a join ticks b on a.tick = b.tick')",
}
PROGRAM = """
import sys, time
import rugs_lab as rl
import rugs_lab.analysis, scipy.stats
archive, lines = sys.argv[1:]
games = rl.load(archive)
def rule(o, level=0.9):
    return rl.buy(0.01) if o.price < level and not o.units else rl.sell(1.0) if o.units else rl.hold()
def slow(o, level=0.9):
    str(o.tick).encode()  # which does not compile
    return rule(o, level)
print("begun", flush=True)
try:
    CALL
except KeyboardInterrupt:
    print("interrupted", flush=True)
else:
    print("done", flush=True)
"""


def interrupted(call: str, archive: Path, lines: Path, after_s: float) -> tuple[str, float, float]:
    """Return how a call ended, and s from the signal to that, and to the end of the process."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM.replace("CALL", call), str(archive), str(lines)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        begin = time.perf_counter()
        words = (line.split() for line in process.stdout)  # DuckDB's bar is before the word, if it is there
        ended = next((each[-1] for each in words if each and each[-1] in ("interrupted", "done")), "no word")
        call_s = time.perf_counter() - begin
        process.wait()
        return ended, call_s, time.perf_counter() - begin


def measure(games: int = 100_000, after_s: float = 3) -> list[Row]:
    """Interrupt each of the calls."""
    rows = []
    with TemporaryDirectory() as name:
        archive, lines = write(Path(name), games), Path(name) / "lines"
        lines.mkdir()
        for begin in range(0, games // 10, 1000):
            write_finished(lines / f"a{begin}.jsonl", range(begin, begin + 1000))
        for title, call in CALLS.items():
            ended, call_s, process_s = interrupted(call, archive, lines, after_s)
            text = f"{ended} after {call_s:.2f} s; the process ended after {process_s:.2f} s"
            met = None if ended == "done" else ended == "interrupted" and call_s <= MOST_S
            rows.append(Row("F3", f"Ctrl-C: {title}", text, f"<= {MOST_S} s", met))
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print the rows, each as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--games", type=int, default=100_000)
    parser.add_argument("--after", type=float, default=3)
    options = parser.parse_args()
    measure(options.games, options.after)


if __name__ == "__main__":
    main()
