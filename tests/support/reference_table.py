"""What the README of the reference recordings says of them, and what the loader finds, side by side.

Run: ``python -m tests.support.reference_table [FOLDER]``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.read.load import load
from tests.conftest import REFERENCE


class Row(NamedTuple):
    """One statement of the README: what it is about, what it says, what was found."""

    what: str
    said: Any
    found: Any


def rows(games: Games) -> Iterator[Row]:
    """Yield every statement; `said` is as the README has it, but for games that salvage completes."""
    damage = games.damage
    stems = damage["file"].map(lambda names: [Path(name).stem for name in names.split(", ")])

    def files(*kinds: str) -> list[str]:
        return sorted({stem for some in stems[damage["kind"].isin(kinds)] for stem in some})

    def one(stem: str) -> Any:
        return next(game for game in games if stem in (game.file or ""))

    yield Row("games", 60, len(games))
    inside = [game.id for game in games if "session_" in (game.file or "")]
    yield Row("several games in one file: session_20251029_174640", 2, len(inside))
    said = ["game_20251030_175850_7a824b3c", "game_20251108_134538_69044f3c"]
    yield Row("no game_end", said, files("no_end"))
    yield Row(
        "status incomplete, discarded: files of",
        ["6c404176", "a1b34201"],
        sorted({stem.rsplit("_")[-1] for stem in files("incomplete", "aborted")}),
    )
    first = {
        stem: int(np.flatnonzero(one(stem).sources)[0])
        for stem in ("1029_210304", "1031_090831", "1102_150918", "1103_091421")
    }
    yield Row(
        "started in mid-game: first tick",
        {"1029_210304": 59, "1031_090831": 1, "1102_150918": 112, "1103_091421": 955},
        first,
    )
    split = sorted({game_id[-8:] for game_id in damage.loc[damage["kind"] == "split", "game_id"]})
    said = ["16d84269", "30434754", "3eb24083", "592349bd", "6c404176", "7a824b3c", "94f146ee", "a1b34201"]
    twice = damage.loc[damage["kind"] == "duplicate_ticks", "game_id"].str[-8:].tolist()
    yield Row("one game in several files (reconnect)", said, sorted(set(split) - set(twice)))
    twin = [Path(name).stem for name in (one("150418").file or "").split(", ")]
    yield Row("one game recorded twice at once", ["game_20251031_150302", "game_20251031_150418"], twin)
    yield Row(
        "no rug (of two, the rug of 151222 stands in a broken line)",
        ["game_20251030_160201_28b647ff"],
        files("no_rug"),
    )
    rug = one("151222")
    yield Row(
        "rug of 151222, by the rug-price rule",
        (144, True),
        (rug.rug_tick, bool(rug.rug_price == rug.prices[:-1].min() * (1 - 0.98))),
    )
    said = ["game_20251029_212512", "game_20251031_100400_f1974c06", "game_20251108_134538_69044f3c"]
    yield Row(
        "only pregame rows (of four, 150533 has its ticks in broken lines)", said, files("pregame_only")
    )
    salvaged = one("150533")
    yield Row(
        "150533, put together from broken lines", ("repaired", 31), (salvaged.status, salvaged.rug_tick)
    )
    said = [
        "20251030_121110_da674ded",
        "20251031_150533",
        "20251031_151222",
        "20251031_152108",
        "20251031_152706",
        "20251102_142748",
        "20251102_152250",
    ]
    corrupt = files("interleaved", "fragment", "comment", "blank_line", "torn_line", "unknown_record")
    yield Row("corrupt lines", [f"game_{name}" for name in said], corrupt)
    expected = ["repaired"] * 7
    expected[0] = expected[4] = "complete"  # a note, a fragment: no line of the game itself
    yield Row("games of those seven files, all complete", expected, [one(name).status for name in said])
    yield Row(
        "two game_start", ["game_20251103_072632", "game_20251108_120852_da3445cb"], files("second_start")
    )
    yield Row("two game_end", ["game_20251031_152706"], files("second_end"))
    ones = sorted(Path(game.file or "").stem for game in games if game.rug_tick == 1)
    yield Row("rug at tick 1", ["game_20251030_103259_0653435e", "game_20251102_191533"], ones)
    god = one("150453").prices
    yield Row("god candle (x10 at tick 18 to 19)", 10.0, float(god[19] / god[18]))
    goes_on = one("6c404176")
    second = damage.loc[damage["kind"] == "second_rug", "done"].str.extract(r"rug at (\d+)")[0].tolist()
    yield Row("game that goes on after its rug", (427, ["807"]), (goes_on.rug_tick, second))
    lost = one("c033419b")
    yield Row(
        "last tick before the rug missing",
        (21, [20]),
        (lost.rug_tick, np.flatnonzero(np.isnan(lost.prices)).tolist()),
    )
    kept = [game for game in games if game.status in ("complete", "repaired")]
    rule = sum(game.rug_price == game.prices[:-1].min() * (1 - 0.98) for game in kept)
    yield Row("rug price = lowest x (1 - 0.98), complete games", len(kept), rule)


def main() -> int:
    """Print the table; 1 when something differs."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE / "recordings"
    games = load(folder)
    wrong = 0
    print("statement | README | loader | same\n---|---|---|---")
    for what, said, found in rows(games):
        wrong += said != found
        print(f"{what} | {said} | {found} | {'yes' if said == found else 'NO'}")
    print("\nstatus:", games.frame["status"].value_counts().to_dict())
    print("damage:", games.damage["kind"].value_counts().to_dict())
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
