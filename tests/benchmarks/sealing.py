"""Sealing: time and peak memory of a first seal by size, and of a few games that lie between older ones.

Each measurement is a process of its own; the peak is that of the process, imports included.

Run: ``python -m tests.benchmarks.sealing [--megabytes 50 100 200] [--games 2000 8000]``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.benchmarks.archive import resident_mb
from tests.benchmarks.goals import Row

PEAK_MB = 500
BETWEEN = 50
BETWEEN_S = 5


def write_session(path: Path, number: int, games: int) -> int:
    """Write the lines that a recorder would of `games` games, 1 trade to 10 ticks; return their bytes."""
    draws = Random(number)
    with path.open("w") as file:
        file.write('{"type":"session","format":"rugs_lab/1","revision":2}\n')
        for game in range(games):
            name = f"20260101-{number:08x}{game:08x}"
            day, hour, minute = 1 + number * games // 600 % 28, game // 60 % 24, game % 60
            at = f"2026-01-{day:02}T{hour:02}:{minute:02}:00.000000+00:00"
            begin = f'"timestamp":"{at}","game_id":"{name}"'
            file.write(f'{{"type":"game_start",{begin},"version":"v3"}}\n')
            length = 20 + int(draws.expovariate(0.005))
            for tick in range(length + 1):
                rugged, kind = ("true", "rug1a") if tick == length else ("false", "active")
                price = 0.02 if tick == length else 1 + draws.random()
                file.write(
                    f'{{"type":"tick",{begin},"tick":{tick},"price":{price!r},'
                    f'"phase":"ACTIVE","active":true,"rugged":{rugged},"trade_count":{tick},"kind":"{kind}"}}\n'
                )
                if tick % 10 == 5:
                    trade = f'"trade_type":"buy","tick":{tick},"price":1.5,"amount":0.1,"qty":0.05'
                    file.write(
                        f'{{"type":"trade",{begin},"id":"{name}-{tick}",{trade},"player_id":"did:{tick}"}}\n'
                    )
    return path.stat().st_size


def write_finished(path: Path, numbers: range) -> None:
    """Write finished games, a line each, at the times of their numbers."""
    draws = Random(numbers.start)
    with path.open("w") as file:
        for number in numbers:
            prices = [1.0, *(1 + draws.random() for _ in range(int(draws.expovariate(0.005)) + 1)), 0.02]
            game = {"id": f"20260101-{number:016x}", "prices": prices, "rugged": True}
            file.write(json.dumps({**game, "timestamp": 1_767_225_600_000 + number * 40_000}) + "\n")


def child(folder: str) -> None:
    """Seal a folder and print s and MB."""
    from rugs_lab.recordings.catalogue.seal import seal

    begin = time.perf_counter()
    games = seal(folder).games
    print(games, time.perf_counter() - begin, resident_mb(most=True))


def sealed(folder: Path) -> tuple[int, float, float]:
    """Seal a folder in a process of its own; return games, s and MB."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.sealing", "--child", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    games, seconds, peak = done.stdout.split()
    return int(games), float(seconds), float(peak)


def first_seals(megabytes: list[int]) -> list[tuple[float, float, float]]:
    """Return MB of lines, s and peak MB of a first seal of each size."""
    found = []
    for wanted in megabytes:
        with TemporaryDirectory() as name:
            size = number = 0
            while size < wanted * 1e6:
                size += write_session(Path(name) / f"live_game_20260101_{number:06}.jsonl", number, 100)
                number += 1
            _, seconds, peak = sealed(Path(name))
        found.append((size / 1e6, seconds, peak))
    return found


def between(older: int) -> tuple[float, float]:
    """Return s and peak MB of sealing 50 games that lie between so many older ones."""
    step = older // BETWEEN
    with TemporaryDirectory() as name:
        write_finished(Path(name) / "a.jsonl", range(0, 2 * older, 2))
        sealed(Path(name))
        for number in range(BETWEEN):
            write_finished(
                Path(name) / f"b{number}.jsonl", range(2 * number * step + 1, 2 * number * step + 2)
            )
        games, seconds, peak = sealed(Path(name))
        assert games == older + BETWEEN
    return seconds, peak


def measure(megabytes: list[int], games: list[int]) -> list[Row]:
    """Measure all sizes."""
    firsts = first_seals(megabytes)
    sizes = "; ".join(f"{size:.0f} MB: {seconds:.1f} s, {peak:.0f} MB" for size, seconds, peak in firsts)
    rows = [Row("5", "first seal, time and peak", sizes, f"<= {PEAK_MB} MB", firsts[-1][2] <= PEAK_MB)]
    found = [between(older) for older in games]
    text = "; ".join(
        f"{older:,}: {seconds:.1f} s, {peak:.0f} MB"
        for older, (seconds, peak) in zip(games, found, strict=True)
    )
    work = f"seal {BETWEEN} games between older ones"
    return [*rows, Row("5", work, text, f"<= {BETWEEN_S} s", found[-1][0] <= BETWEEN_S)]


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--games", type=int, nargs="+", default=[2000, 8000])
    parser.add_argument("--child")
    options = parser.parse_args()
    if options.child:
        child(options.child)
    else:
        print(*measure(options.megabytes, options.games), sep="\n")


if __name__ == "__main__":
    main()
