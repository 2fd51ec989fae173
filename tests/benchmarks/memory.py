"""``python -m tests.benchmarks.memory``: peak memory of `load` and of a feed with a hostile server.

Each case runs in a process of its own. Shown are the input, the peak above that of the imports, and how many
times the input that is; of `load` at most 6 times the file and 200 MB, of a feed at most 500 MB.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

CASES = ("one game", "one tick again", "tick 9,999", "one byte a line", "trades", "many games", "feed")


def write(case: str, path: Path, lines: int) -> None:
    """Write a file of so many lines."""
    own = '"type":"tick","timestamp":"2026-01-01T00:00:00.000000+00:00","phase":"ACTIVE","trade_count":7'
    on = '"active":true,"rugged":false,"kind":"active"'
    game = '"game_id":"20260101-a","tick":1'
    texts = {
        "one game": lambda n: f'{{{own},{on},"price":1.5,"game_id":"20260101-a","tick":{n}}}\n',
        "one tick again": lambda n: f'{{"type":"tick",{game},"price":1,"active":true}}\n',
        "tick 9,999": lambda n: (
            f'{{"type":"tick","game_id":"20260101-{n:07x}","tick":9999,"price":1,"active":true}}\n'
        ),
        "one byte a line": lambda n: "x\n",
        "trades": lambda n: f'{{"type":"trade",{game},"trade_type":"buy","id":"{n:07x}"}}\n',
        "many games": lambda n: (
            f'{{{own},{on},"price":1.5,"game_id":"20260101-{n // 100:07x}","tick":{n % 100}}}\n'
        ),
    }
    with path.open("w") as file:
        file.write('{"type":"session","format":"rugs_lab/1","revision":2}\n')
        file.writelines(texts[case](n) for n in range(lines))


def child(case: str, path: str) -> None:
    """Load a file, or play the hostile server, and print the peak above the imports, bytes."""
    import rugs_lab as rl
    from rugs_lab.feed.live.live_feed import LiveFeed
    from rugs_lab.recordings.read import load  # noqa: F401

    rl.load("data/lines" if Path("data/lines").is_dir() else path if case != "feed" else [])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if case == "feed":
        sent = hostile(LiveFeed("http://127.0.0.1:9"))
    else:
        sent = Path(path).stat().st_size
        rl.load(path)
    print(sent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before)


def hostile(feed) -> int:
    """Send what fills a feed most: far ticks of new games, bets, trades, events for sleeping subscribers."""
    import json
    from threading import Event

    gate = Event()
    for name in ("signal", "event", "game", "trade"):
        feed.on(name, lambda *_: gate.wait(600))
    sent = 0
    for n in range(4_000):
        game = f"20260101-{n:07x}"
        bets = [
            {"type": "payout", "playerId": f"{k}-{'p' * 100}", "startTick": k, "endTick": k}
            for k in range(200)
        ]
        history = [{"id": f"{game}-{k}", "globalSidebets": bets} for k in range(10)]
        payload = {"gameId": game, "active": True, "rugged": False, "tickCount": 9_999, "price": 1.0}
        payload |= {"gameHistory": history} if n % 10 == 0 else {}
        trade = {"gameId": game, "type": "buy", "tickIndex": 1, "id": "i" * 120, "playerId": "p" * 120}
        for name, data in (
            ("gameStateUpdate", payload),
            ("junk", [[]] * 20_000),
            *[("standard/newTrade", trade)] * 20,
        ):
            text = json.dumps([name, data], separators=(",", ":"))
            sent += len(text)
            feed.take_text(text, n)
    return sent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--case", choices=CASES)
    parser.add_argument("--child", nargs=2, metavar=("CASE", "FILE"))
    options = parser.parse_args()
    if options.child:
        child(*options.child)
        return 0
    print(f"{'case':<16} {'input MB':>9} {'peak MB':>9} {'times':>6}")
    with TemporaryDirectory() as folder:
        for case in (options.case,) if options.case else CASES:
            path = Path(folder) / "live_game_1.jsonl"
            if case != "feed":
                write(case, path, 29_000 if case == "tick 9,999" else options.lines)
            command = [sys.executable, "-W", "ignore", "-m", __spec__.name, "--child", case, str(path)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(case, done.stderr[-600:])
                continue
            sent, peak = map(int, done.stdout.split()[-2:])
            print(f"{case:<16} {sent / 1e6:>9.1f} {peak / 1e6:>9.1f} {peak / max(sent, 1):>6.1f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
