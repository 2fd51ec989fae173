"""Makes ``data/``: run ``python -m tests.support.sample_data``. The same files every time.

The games of ``data/sample`` are played by the simulation behind the built-in server, taken by a feed, written
by its recorder and sealed. ``data/lines`` is one recording as it is written, ``data/damaged`` holds files in
the format of the original program with every kind of damage that its archive has.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.simulation.rounds import Round, draw_round
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.resources import data_dir
from tests.support.original import NAIVE, game_lines, interleaved, line, tick

GAMES = 180
DAY = "20260101"
EPOCH_NS = 1_767_268_800_000_000_000  # 2026-01-01T12:00:00Z

Drop = Callable[[str, int | None], bool]


def rounds(seed: int, count: int) -> list[Round]:
    """Draw games, a god candle and a rug at tick 1 among them."""
    draws = Random(seed)
    games = [draw_round(draws, DAY) for _ in range(count)]
    wanted = [lambda game: game.jump is not None, lambda game: game.rug_tick == 1]
    for place, wish in zip((count // 3, count // 2), wanted, strict=True):
        games[place] = next(game for game in iter(lambda: draw_round(draws, DAY), None) if wish(game))
    return games


def play(games: list[Round], begin_ns: int, seed: int) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
    """Yield the events of these games with the times at which they come."""
    world = SimulatedServer(seed=seed, games=games)
    at_ns = begin_ns
    for delay_ms, event, args in world:
        at_ns += delay_ms * 1_000_000
        yield at_ns, event, args


def record(
    folder: Path, begin_ns: int, events: Iterator[tuple[int, str, tuple[Any, ...]]], drop: Drop
) -> None:
    """Have a feed take the events, but for those that `drop` names, and record them from `begin_ns` on."""
    feed = LiveFeed("http://127.0.0.1:9")
    recorder = feed.record(folder)
    assert recorder is not None
    last_ns = [begin_ns]
    recorder.now_ns = lambda: last_ns[0]
    recorder._writer._now_ns = recorder.now_ns
    recorder.open(60.0)  # the file's name is its time: not one that depends on the recorder's thread
    for at_ns, event, args in events:
        last_ns[0] = at_ns
        payload = args[-1]
        tick = payload.get("tickCount") if event == "gameStateUpdate" and payload.get("active") else None
        if not drop(payload.get("gameId", "") if isinstance(payload, dict) else "", tick):
            feed.take(event, args, at_ns)
        if recorder.waiting > 20_000:
            recorder.rest()
    feed.record(None)
    assert recorder.lost == 0


def until_rug(events: Iterator[tuple[int, str, tuple[Any, ...]]], game_id: str) -> Iterator[Any]:
    """Yield events until the rug frame of a game: what reveals its seed does not come any more."""
    for event in events:
        yield event
        payload = event[2][-1]
        if isinstance(payload, dict) and payload.get("gameId") == game_id and payload.get("rugged"):
            return


def make_sample(folder: Path) -> None:
    """A long session, with ticks lost and back-filled, and three that end before that could happen."""
    games = rounds(2026, GAMES)
    unlucky = {game.id: Random(game.id).randrange(3, max(game.rug_tick - 12, 4)) for game in games[5::20]}

    def lossy(game_id: str, tick: int | None) -> bool:
        begin = unlucky.get(game_id)
        return tick is not None and begin is not None and begin <= tick < begin + 9

    record(folder, EPOCH_NS, play(games, EPOCH_NS, 1), lossy)
    for number in range(3):
        some = [game for game in rounds(3000 + number, 12) if game.rug_tick > 60][:2]
        begin_ns = EPOCH_NS + (6 + number) * 3_600_000_000_000
        first = 30 if number == 0 else 0
        gap = range(0) if number == 0 else range(20, 20 + 15 * number)
        name = some[0].id

        def partly(
            game_id: str, tick: int | None, name: str = name, first: int = first, gap: range = gap
        ) -> bool:
            return game_id != name or (tick is not None and (tick < first or tick in gap))

        record(folder, begin_ns, until_rug(play(some, begin_ns, 2 + number), name), partly)


def make_lines(folder: Path) -> None:
    """One short game as the recorder writes it, up to the frame that reveals its seed."""
    game = next(game for game in rounds(77, 40) if 20 < game.rug_tick < 40)
    record(folder, EPOCH_NS, play([game], EPOCH_NS, 9), lambda game_id, tick: False)


def make_damaged(folder: Path) -> None:
    """Files as the original wrote them, and as accidents left them."""
    draws = Random(5)
    rnd = [draw_round(draws, "20251030") for _ in range(200)]
    some = iter([game for game in rnd if 12 < game.rug_tick < 40])
    folder.mkdir(parents=True)

    def put(name: str, lines: list[bytes]) -> None:
        (folder / name).write_bytes(b"".join(lines))

    def next_game() -> tuple[str, list[float]]:
        game = next(some)
        return game.id, list(game.prices)

    game_id, prices = next_game()
    put("game_20251030_120000.jsonl", game_lines(game_id, prices, end={}))
    game_id, prices = next_game()
    put(
        "game_20251030_120100_late_start.jsonl", game_lines(game_id, prices, first=5, countdown=False, end={})
    )
    game_id, prices = next_game()
    put("game_20251030_120200_no_end.jsonl", game_lines(game_id, prices)[:-3])
    game_id, prices = next_game()
    whole = game_lines(game_id, prices, end={"status": "incomplete", "incomplete_reason": "disconnect"})
    put("game_20251030_120300_part1.jsonl", [*whole[:18], whole[-1]])
    put("game_20251030_120304_part2.jsonl", [whole[0], *whole[20:-1]])
    game_id, prices = next_game()
    lines = game_lines(game_id, prices, end={})
    mixed = [*lines[:13], interleaved(*lines[13:16]), interleaved(*lines[16:18], cut=90), *lines[18:]]
    put("game_20251030_120400_interleaved.jsonl", mixed)
    game_id, prices = next_game()
    lines = game_lines(game_id, prices, end={})
    notes = [
        lines[0],
        b"## a note of the operator\n",
        *lines[1:9],
        b"\n",
        *lines[9:-1],
        lines[-1][40:],
        lines[-1],
    ]
    put("game_20251030_120500_notes.jsonl", notes)
    game_id, prices = next_game()
    put("game_20251030_120600_torn.jsonl", [*(lines := game_lines(game_id, prices))[:-3], lines[-3][:77]])
    game_id, prices = next_game()
    put("game_20251030_120700_pregame.jsonl", game_lines(game_id, prices)[:6])
    game_id, prices = next_game()
    lines = game_lines(game_id, prices, end={})
    more = [tick(game_id, NAIVE, len(prices) + n, 0.01 + n / 1000, "ACTIVE_GAMEPLAY") for n in range(4)]
    wrong = tick(game_id, NAIVE, 3, prices[3] * 2, "ACTIVE_GAMEPLAY")
    put("game_20251030_120800_goes_on.jsonl", [*lines[:-1], *more, wrong, lines[-1]])
    session = [line(type="session_start", timestamp=NAIVE.isoformat(), session_id="s", max_games=2)]
    for _ in range(2):
        game_id, prices = next_game()
        session += game_lines(game_id, prices)[1:]
        session.append(line(type="game_complete", timestamp=NAIVE.isoformat(), game_id=game_id, final_tick=9))
    put("session_20251030_121000.jsonl", session)


def main() -> None:
    """Make everything anew; ``published.jsonl``, what was published of twelve real games, stays."""
    folder = data_dir()
    published = (folder / "sample" / "published.jsonl").read_bytes()
    with TemporaryDirectory() as recorded, TemporaryDirectory() as made:
        new = Path(made)
        make_sample(Path(recorded))
        print(seal(recorded, to=new / "sample"))
        for leftover in (".lock", "sealed.json"):
            (new / "sample" / leftover).unlink()
        (new / "sample" / "published.jsonl").write_bytes(published)
        make_lines(new / "lines")
        make_damaged(new / "damaged")
        for name in ("sample", "lines", "damaged"):
            shutil.rmtree(folder / name)
            shutil.copytree(new / name, folder / name)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"{size / 1e6:.2f} MB in {folder}")


if __name__ == "__main__":
    main()
