"""Exact and statistical games per second, against Node with npm ``seedrandom`` doing the same work.

Times are of the CPU (user time of the process or thread), so that a busy machine does not decide; games per
second of wall time on all cores are printed beside them. Node is left out when it or the package is missing:
``npm install seedrandom`` in a folder, and ``NODE_PATH=folder/node_modules``.

Run: ``python -m tests.benchmarks.fair``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from tests.benchmarks.goals import Row

GAMES = 20_000
NODE_GAMES = 10_000
STATISTICAL_GAMES = 100_000
NUMBERS_A_TICK, BYTES_A_NUMBER = 5, 7 + 1 / 16

NODE = """
const seedrandom = require('seedrandom');
function game(key) {
  const prng = seedrandom(key);
  let price = 1, low = 1;
  const out = [1];
  for (let tick = 0; tick < 5000; tick++) {
    if (prng() < 0.005) { out.push(low * (1 - 0.98)); break; }
    if (prng() < 0.00001 && price <= 100) price *= 10;
    else {
      let change;
      if (prng() < 0.125) { const m = 0.15 + prng() * (0.25 - 0.15); change = prng() > 0.5 ? m : -m; }
      else {
        const d = -0.02 + prng() * (0.03 + 0.02), v = 0.005 * Math.min(10, Math.sqrt(price));
        change = d + v * (2 * prng() - 1);
      }
      price = price * (1 + change);
      if (price < 0) price = 0;
    }
    out.push(price);
    if (price < low) low = price;
  }
  return out;
}
const key = (n) => n.toString(16).padStart(64, '0') + '-20260101-' + n.toString(16).padStart(16, '0');
for (let n = 0; n < 500; n++) game(key(n));
const before = process.cpuUsage();
let ticks = 0, sum = 0;
for (let n = 0; n < GAMES; n++) {
  const prices = game(key(n));
  ticks += prices.length;
  sum += prices[prices.length - 1];
}
const used = process.cpuUsage(before);
console.log(GAMES / (used.user / 1e6), ticks, sum);
"""


def keys(count: int) -> tuple[list[str], list[str]]:
    """Return seeds and ids, the same as in the script for Node."""
    return [f"{n:064x}" for n in range(count)], [f"20260101-{n:016x}" for n in range(count)]


def node() -> tuple[float, int, float] | None:
    """Return games per CPU second, ticks and a checksum from Node; None without it."""
    try:
        done = subprocess.run(
            ["node", "-e", NODE.replace("GAMES", str(NODE_GAMES))], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    rate, ticks, checksum = done.stdout.split()
    return float(rate), int(ticks), float(checksum)


def rate(work: Callable[[], object], games: int, clock: Callable[[], float], repeats: int = 3) -> float:
    """Return the best of some runs, games per second of `clock`."""
    best = 0.0
    for _ in range(repeats):
        start = clock()
        work()
        best = max(best, games / (clock() - start))
    return best


def compile_s(cache: str) -> float:
    """Return the time of a first call in a fresh interpreter with a cache folder, s."""
    code = (
        "import time; start = time.perf_counter()\n"
        "from rugs_lab.recordings.games.seed_prices import play_games\n"
        "play_games(['0' * 64], ['20260101-0'])\n"
        "print(time.perf_counter() - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
    )
    return float(done.stdout)


def bare_loop_mb_s() -> float:
    """Return MB of key stream a CPU second of the bare loop over two generators: the limit of one core."""
    import numba
    import numpy as np

    from rugs_lab.game import compiled_process as kernel

    @numba.njit
    def loop(s0, s1, out0, out1, blocks):
        j0 = j1 = np.uint8(0)
        for _ in range(blocks):
            j0, j1 = kernel._block(s0, s1, j0, j1, out0, out1)
        return j0

    state = np.array([np.arange(256), np.arange(256)], np.uint32)
    out = np.zeros((2, kernel.BLOCK // 8), np.uint64)
    loop(*state, *out, 1)
    return rate(lambda: loop(*state, *out, 20_000), 2 * kernel.BLOCK * 20_000, time.process_time) / 1e6


def measure() -> list[Row]:
    """Compare exact games with the bare loop that makes their key streams, and with Node."""
    from rugs_lab.recordings.games.seed_prices import play_games

    seeds, ids = keys(GAMES)
    flat, _, _ = play_games(seeds, ids)
    ours = rate(lambda: play_games(seeds, ids), GAMES, time.process_time)
    stream_mb = ours * len(flat) / GAMES * NUMBERS_A_TICK * BYTES_A_NUMBER / 1e6
    limit = bare_loop_mb_s()
    theirs = node()
    against = "no Node here" if theirs is None else f"{2 * ours / theirs[0]:.1f} x Node on two cores"
    text = f"{ours:,.0f} games/s a core (CPU): {stream_mb / limit:.2f} of the bare loop; {against}"
    return [Row("2", "exact games", text, ">= 0.75 of the loop a core", stream_mb >= 0.75 * limit)]


def main() -> None:
    """Print the table."""
    from rugs_lab.game.provably_fair import replay_prices
    from rugs_lab.progress import in_threads
    from rugs_lab.recordings.games.seed_prices import CHUNK, play_games
    from rugs_lab.recordings.games.synthetic import synthetic

    with tempfile.TemporaryDirectory() as cache:
        first, cached = compile_s(cache), compile_s(cache)
    print(f"first call, compiling: {first:.1f} s; from the cache on disk: {cached:.1f} s (imports included)")
    theirs = node()
    seeds, ids = keys(NODE_GAMES)
    flat, offsets, _ = play_games(seeds, ids)
    if theirs is not None:
        same = (len(flat), float(sum(flat[offsets[1:] - 1].tolist())))
        assert same == theirs[1:], f"not the same games: {same} and {theirs[1:]}"
    base = theirs[0] if theirs else float("nan")
    seeds, ids = keys(GAMES)
    few = keys(300)
    chunks = [slice(at, at + CHUNK) for at in range(0, GAMES, CHUNK)]

    def play(chunk: slice) -> object:
        return play_games(seeds[chunk], ids[chunk])

    print(f"{'':34}{'games/s':>12}{'to Node':>10}")
    for name, value in (
        ("Node, seedrandom, one core (CPU)", base),
        ("Python, one core (CPU)", rate(lambda: [*map(replay_prices, *few)], 300, time.thread_time)),
        (
            "compiled, one core (CPU)",
            rate(lambda: play_games(seeds, ids), GAMES, time.process_time),
        ),
        (
            "compiled, two threads (wall)",
            rate(lambda: in_threads(play, chunks, 2, "playing", "chunks"), GAMES, time.perf_counter),
        ),
    ):
        print(f"{name:34}{value:12.0f}{value / base:9.1f}x")
    for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
        games = synthetic(STATISTICAL_GAMES, seed=1, method="statistical", threads=threads)
        ticks = len(games.prices)
        per_s = rate(
            lambda threads=threads: (
                synthetic(STATISTICAL_GAMES, seed=1, method="statistical", threads=threads).prices
            ),
            ticks,
            clock,
        )
        where = "one core (CPU)" if threads == 1 else "two threads (wall)"
        print(f"statistical, {where:20} {per_s / 1e6:8.1f} M ticks/s")


if __name__ == "__main__":
    main()
