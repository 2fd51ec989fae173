"""``python -m tests.support.soak``: hours of play on a bad network, watched for loss and growth.

A game server of its own process plays games that are known beforehand, as fast as the feed takes them. The
feed reaches it through a proxy that spoils the connection (`tests.support.fault_proxy`). Every game is
compared with the one that was played. Time runs much faster than in life, and so do the feed's pauses between
attempts to connect.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

from rugs_lab.commands import argument_types
from rugs_lab.errors import RugsLabError
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.live.reconnection import ReconnectionPolicy
from rugs_lab.feed.server.simulation.rounds import Round, draw_round
from rugs_lab.game.limits import COOLDOWN_MS, TICK_MS
from rugs_lab.recordings.games.game import Game
from tests.support import toxics
from tests.support.fault_proxy import FaultProxy

GROWTH_MB: Final = 40.0
GROWTH_KB_PER_GAME: Final = 60.0
"""What the process may grow after the first row: in all, and for each game that it keeps."""

_CALM_S: Final = (0.3, 2.0)
_ROWS: Final = 12
_HEAD: Final = (
    f"{'min':>5} {'played h':>8} {'messages':>9} {'games':>6} {'away':>5} {'backfilled':>10} {'lost':>5} "
    f"{'wrong':>5} {'RSS MB':>7} {'threads':>7} {'files':>5} {'faults':>6} {'reconnects':>10}"
)


class WatchedFeed(LiveFeed):
    """A live feed that notes, for each new connection, the game before it and the game after it.

    Attributes
    ----------
    away
        Pairs of game ids: what lies between them, both included, may have been missed.
    """

    _policy = ReconnectionPolicy(first_pause_s=0.05, longest_pause_s=0.3, connect_s=3.0)

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.away: list[tuple[str | None, str]] = []
        self._before: str | None = None

    def connection_made(self, *, recovering: bool = False) -> None:
        """Note what came last."""
        self._before = None if self.signal is None else self.signal.gameId
        super().connection_made(recovering=recovering)

    def take_text(self, text: str, received_ns: int | None = None) -> None:
        """Take it, and note what came first."""
        super().take_text(text, received_ns)
        if self.signal is not None and self.health.connection.messages == 1:
            self.away.append((self._before, self.signal.gameId))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the games that are over compare with what was played.

    Attributes
    ----------
    games
        Games that were played while the feed listened, from beginning to end.
    away
        Games of which a part was played while it did not: such parts may be missing.
    backfilled
        Ticks of those that are known all the same.
    lost
        Ticks that were played while it listened, and that it did not get in their own frame.
    wrong
        Prices that differ from those played, in any game.
    """

    games: int = 0
    away: int = 0
    backfilled: int = 0
    lost: int = 0
    wrong: int = 0


@dataclass
class Soak:
    """The parts of a run, and what it has counted."""

    played: list[Round]
    feed: WatchedFeed
    proxy: FaultProxy
    faults: int = 0
    rows: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.place = {game.id: n for n, game in enumerate(self.played)}
        times_ms = [COOLDOWN_MS + TICK_MS * game.rug_tick for game in self.played]
        self._hours = np.concatenate([[0.0], np.cumsum(times_ms) / 3.6e6])

    @property
    def current(self) -> int:
        """Place of the game that runs now; 0 before any. After the last one the server names one more."""
        signal = self.feed.signal
        return 0 if signal is None else self.place.get(signal.gameId, len(self.played) - 1)

    @property
    def hours(self) -> float:
        """Time on the server's clock that the feed has come to, hours."""
        return float(self._hours[self.current])

    def judge(self) -> Verdict:
        """Compare every game that is over."""
        over = self.current  # before the games are read: the feed goes on meanwhile
        kept = {game.id: game for game in self.feed.games}
        away: set[int] = set()
        for before, after in tuple(self.feed.away):
            last = self.place.get(after, 0)
            away.update(range(self.place.get(before or after, last), last + 1))
        counts = {"games": 0, "away": 0, "backfilled": 0, "lost": 0, "wrong": 0}
        for n, game in enumerate(self.played[:over]):
            known = kept.get(game.id)
            right, backfilled, wrong = (0, 0, 0) if known is None else compare(known, game)
            counts["wrong"] += wrong
            counts["away" if n in away else "games"] += 1
            if n in away:
                counts["backfilled"] += backfilled
            else:
                counts["lost"] += game.rug_tick + 1 - right
        return Verdict(**counts)

    def row(self, began_s: float) -> str:
        """Measure, and return a line of the table."""
        verdict, health, minutes = self.judge(), self.feed.health, (time.monotonic() - began_s) / 60
        resident = resident_mb()
        self.rows.append((verdict.games + verdict.away, resident))
        return (
            f"{minutes:5.1f} {self.hours:8.2f} {health.messages:9d} {verdict.games:6d} "
            f"{verdict.away:5d} {verdict.backfilled:10d} {verdict.lost:5d} {verdict.wrong:5d} "
            f"{resident:7.1f} {threading.active_count():7d} {open_files():5d} {self.faults:6d} "
            f"{health.connections - 1:10d}"
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Read the arguments, run, and return the exit status: 1 when a tick was lost or something grew."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.soak",
        description="Run a feed against a game server of its own through a proxy that spoils the connection, "
        "compare every game with the one that was played, and watch memory, threads and files. The exit "
        "status is 1 when a tick was lost or something grew.",
    )
    parser.add_argument(
        "--hours-of-play",
        dest="hours",
        type=argument_types.positive,
        default=24.0,
        help="time on the server's clock (default: 24)",
    )
    parser.add_argument(
        "--speed", type=argument_types.speed, default=inf, help="a number or max (default: max)"
    )
    parser.add_argument(
        "--minutes", type=argument_types.positive, help="end after so many minutes of real time at the latest"
    )
    parser.add_argument("--seed", type=int, default=1, help="of games and faults (default: 1)")
    try:
        return run(**vars(parser.parse_args(argv)))
    except RugsLabError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1


def run(*, hours: float, speed: float, minutes: float | None, seed: int) -> int:
    """Run, print the table, and return 0 if nothing was lost and nothing grew beyond its bound, else 1.

    Parameters
    ----------
    hours
        Of play, on the server's clock.
    speed
        Of the server; `inf` is as fast as the feed takes it.
    minutes
        Real time after which it ends at the latest; None: no such bound.
    seed
        Of games and faults.

    Raises
    ------
    RugsLabError
        The server does not start.
    """
    rng = Random(f"soak-{seed}")
    limit_s = inf if minutes is None else minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        server = _Server(Path(folder), speed)
        played = draw(rng, hours)
        before = (threading.active_count(), open_files())
        server.start(played)
        try:
            with FaultProxy(server.url, seed=seed) as proxy, WatchedFeed(proxy.url) as feed:
                soak = Soak(played, feed, proxy)
                print(_HEAD)
                _spoil(soak, server, rng, hours, limit_s)
        finally:
            server.stop()
        left = (threading.active_count() - before[0], open_files() - before[1])
    problems = list(_problems(soak, left))
    for problem in problems:
        print(f"soak: {problem}", file=sys.stderr)
    if not problems:
        print("nothing lost, nothing grew")
    return 1 if problems else 0


def draw(rng: Random, hours: float) -> list[Round]:
    """Draw games for so many hours of play, and some more."""
    games: list[Round] = []
    left_ms = hours * 3.6e6
    while left_ms > 0 or len(games) < 50:
        games.append(draw_round(rng, "20260101"))
        left_ms -= COOLDOWN_MS + TICK_MS * games[-1].rug_tick
    return games


def compare(known: Game, played: Round) -> tuple[int, int, int]:
    """Return how many ticks of a game came in their own frame, were back-filled, and are wrong."""
    truth = np.full(max(len(known), len(played.prices)), np.nan)
    truth[: len(played.prices)] = played.prices
    there = ~np.isnan(known.prices)
    same = known.prices == truth[: len(known)]
    return (
        int((same & ~known.backfilled).sum()),
        int((same & known.backfilled).sum()),
        int((there & ~same).sum()),
    )


def resident_mb() -> float:
    """Memory of this process that is in RAM, MB; NaN where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return float("nan")
    import resource

    return pages * resource.getpagesize() / 1e6


def open_files() -> int:
    """Open files and sockets of this process; 0 where the system does not tell."""
    try:
        return len(list(Path("/proc/self/fd").iterdir()))
    except OSError:
        return 0


def _spoil(soak: Soak, server: _Server, rng: Random, hours: float, limit_s: float) -> None:
    """Do one bad thing after the other until the time is up."""
    began_s = time.monotonic()
    every_s = 30.0 if limit_s == inf else max(limit_s / _ROWS, 1.0)
    soak.feed.wait(messages=100, timeout=60)
    rows_due_s = began_s
    while True:
        now_s = time.monotonic()
        if now_s >= rows_due_s:
            print(soak.row(began_s), flush=True)
            rows_due_s = now_s + every_s
        over = now_s - began_s >= limit_s or soak.current >= len(soak.played) - 1 or soak.hours >= hours
        if over:
            break
        time.sleep(rng.uniform(*_CALM_S))
        _fault(soak, server, rng)
        soak.faults += 1
        soak.proxy.remove()
    print(soak.row(began_s), flush=True)


def _fault(soak: Soak, server: _Server, rng: Random) -> None:
    proxy = soak.proxy
    match rng.randrange(10):
        case 0:
            proxy.add(toxics.Latency(latency_ms=rng.uniform(0, 50), jitter_ms=50))
        case 1:
            proxy.add(toxics.Bandwidth(rate_kb=rng.uniform(100, 3000)))
        case 2:
            proxy.add(toxics.Slicer(size=rng.randint(1, 500), variation=100))
        case 3:
            proxy.add(toxics.LimitData(limit_bytes=rng.randrange(500_000)))
        case 4:
            proxy.add(toxics.ResetPeer(after_bytes=rng.randrange(500_000)))
        case 5:
            proxy.add(toxics.SlowClose(delay_ms=300))
            proxy.cut()
        case 6:
            proxy.add(toxics.Timeout())
            time.sleep(rng.uniform(0, 0.3))
            proxy.cut()
        case 7:
            proxy.down()
            time.sleep(rng.uniform(0, 0.5))
            proxy.up()
        case 8 if rng.random() < 0.3:
            server.stop()
            server.start(soak.played[soak.current + 1 :] or soak.played[-1:])
        case _:
            proxy.cut()
    time.sleep(rng.uniform(0, 0.5))


def _problems(soak: Soak, left: tuple[int, int]) -> Iterator[str]:
    verdict, feed = soak.judge(), soak.feed
    if verdict.lost:
        yield f"{verdict.lost} ticks were lost while the feed was connected."
    if verdict.wrong:
        yield f"{verdict.wrong} prices differ from those that were played."
    if not verdict.games:
        yield "no game was played from beginning to end while the feed was connected."
    if rejected := feed.health.rejected.total():
        yield f"{rejected} messages were rejected, the first: {next(iter(feed.health.rejected))}"
    games, first = soak.rows[len(soak.rows) > 2]
    games_last, last = soak.rows[-1]
    allowed = GROWTH_MB + GROWTH_KB_PER_GAME * (games_last - games) / 1000
    if last - first > allowed:
        yield f"memory grew by {last - first:.0f} MB; {allowed:.0f} MB are allowed for what it keeps."
    if left[0] > 0 or left[1] > 0:
        yield f"{left[0]} threads and {left[1]} files are left over."


class _Server:
    """``rugs-lab serve`` in a process of its own, always at the same port."""

    def __init__(self, folder: Path, speed: float) -> None:
        self._file = folder / "games.jsonl"
        self._speed = "max" if speed == inf else f"{speed:g}"
        self._process: subprocess.Popen[str] | None = None
        self.url = "http://127.0.0.1:0"

    def start(self, games: list[Round]) -> None:
        """Start, and return when it listens."""
        lines = [json.dumps(_published(game)) for game in games]
        self._file.write_text("\n".join(lines), "utf-8")
        port = self.url.rsplit(":", 1)[1]
        options = ["--port", port, "--speed", self._speed, "--games", str(self._file)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rugs_lab", "serve", *options], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        if not said.startswith("Serving games on "):
            self.stop()
            raise RugsLabError(f"the game server of the soak did not start; it said {said!r}")
        self.url = said.split()[3]

    def stop(self) -> None:
        """Stop, and wait for its end."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate()
            self._process = None


def _published(game: Round) -> dict[str, Any]:
    return {
        "id": game.id,
        "prices": game.prices,
        "serverSeed": game.server_seed,
        "serverSeedHash": game.server_seed_hash,
        "version": game.version,
    }


if __name__ == "__main__":
    raise SystemExit(main())
