"""A few games that a month gets later are put beside its file: what loads is as if sealed at once."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.recordings.catalogue import seal as sealing
from rugs_lab.recordings.catalogue.light_columns import SUFFIX

START_MS = 1_767_225_600_000
BASE, NEWER = "games_2026-01.parquet", "games_2026-01_newer.parquet"


def write(path, numbers, seed=1):
    """Write finished games, each at the time of its number."""
    rng = np.random.default_rng(seed)
    lines = []
    for number in numbers:
        prices = [1.0, *rng.uniform(0.5, 2, 5).round(3).tolist(), 0.01]
        game = {"id": f"20260101-{number:016x}", "prices": prices, "rugged": True}
        lines.append(json.dumps({**game, "timestamp": START_MS + number * 40_000}))
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def folder(tmp_path):
    """Return a folder of which 100 games are sealed."""
    write(tmp_path / "old.jsonl", range(0, 200, 2))
    rl.seal(tmp_path)
    return tmp_path


def tables(folder):
    return sorted(path.name for path in (folder / "catalogue").glob("games_*.parquet"))


def as_sealed_at_once(folder, other):
    """Check that an archive has the games of another that is made of the same lines."""
    other.mkdir()
    for path in folder.glob("*.jsonl"):
        (other / path.name).write_bytes(path.read_bytes())
    rl.seal(other)
    found, wanted = rl.load(folder / "catalogue"), rl.load(other / "catalogue")
    pd.testing.assert_frame_equal(found.frame, wanted.frame)
    np.testing.assert_array_equal(found.prices, wanted.prices)
    assert found.details == wanted.details
    assert not len(found.damage)
    return found


@pytest.mark.parametrize("numbers", [(201,), (3, 77, 150 + 1), (-1, 301)])
def test_few_are_beside_and_the_file_of_the_month_is_not_written_again(folder, tmp_path, numbers):
    before = (folder / "catalogue" / BASE).stat()
    write(folder / "new.jsonl", numbers)
    assert rl.seal(folder).games == 100 + len(numbers)
    assert tables(folder) == [BASE, NEWER]
    assert (folder / "catalogue" / BASE).stat().st_ino == before.st_ino
    as_sealed_at_once(folder, tmp_path / "other")


def test_they_are_put_into_it_once_they_are_more(folder, tmp_path):
    for number in range(8):
        write(folder / f"new{number}.jsonl", [2 * number + 1])
        rl.seal(folder)
        assert tables(folder) == ([BASE] if number == 5 else [BASE, NEWER])
        assert len(rl.load(folder / "catalogue")) == 101 + number
    assert len(list((folder / "catalogue").glob(f"*{SUFFIX}"))) == 2
    as_sealed_at_once(folder, tmp_path / "other")


def test_a_game_of_the_month_that_gets_more_is_in_its_file(folder, tmp_path):
    write(folder / "new.jsonl", [5])
    rl.seal(folder)
    with (folder / "old.jsonl").open("a") as file:
        file.write(f'{{"type":"history","game_id":"20260101-{8:016x}","server_seed":"{"ab" * 32}"}}\n')
    rl.seal(folder)
    assert tables(folder) == [BASE]
    assert rl.load(folder / "catalogue")[f"20260101-{8:016x}"].server_seed == "ab" * 32
    as_sealed_at_once(folder, tmp_path / "other")


@pytest.mark.parametrize("owner", ["_replace", "unlink"])
@pytest.mark.parametrize("nth", range(1, 6))
@pytest.mark.parametrize("more", [1, 30])
def test_an_end_at_any_step_loses_nothing_and_counts_nothing_twice(folder, tmp_path, owner, nth, more):
    write(folder / "new.jsonl", [5, 7])
    rl.seal(folder)
    write(folder / "newer.jsonl", range(301, 301 + more))
    calls = []

    def failing(work):
        def counted(*arguments, **options):
            calls.append(arguments)
            if len(calls) == nth:
                raise OSError(28, "No space left on device")
            return work(*arguments, **options)

        return counted

    with pytest.MonkeyPatch.context() as patch:
        place, name = (sealing, "_replace") if owner == "_replace" else (Path, "unlink")
        patch.setattr(place, name, failing(getattr(place, name)))
        try:
            rl.seal(folder)
        except OSError:
            assert len(calls) == nth
    games = rl.load(folder)
    assert len(games) == len({*games.ids}) == 102 + more
    rl.seal(folder)
    as_sealed_at_once(folder, tmp_path / "other")


def test_sql_reads_both_files(folder):
    write(folder / "new.jsonl", [5])
    rl.seal(folder)
    games = rl.load(folder / "catalogue")
    assert [path.name for path in games._archives()] == [BASE, NEWER]
    query = (
        "select game_id, count(*) as ticks, max(price) as peak from ticks group by game_id order by game_id"
    )
    found = games.sql(query)
    assert found["game_id"].tolist() == sorted(games.ids)
    assert found["peak"].tolist() == games.frame.loc[found["game_id"], "peak"].tolist()


def killed_between_month_and_newer(folder):
    """Leave the month written with all games, and the second file as it was: a seal was killed between."""
    write(folder / "new.jsonl", [5, 7])
    rl.seal(folder)
    write(folder / "more.jsonl", range(301, 331))
    with pytest.MonkeyPatch.context() as patch:

        def killed(path, **options):
            if path.name == NEWER:
                raise KeyboardInterrupt
            return unlink(path, **options)

        unlink = Path.unlink
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            rl.seal(folder)
    assert tables(folder) == [BASE, NEWER]


@pytest.mark.parametrize("lines_stay", [True, False])
@pytest.mark.parametrize("at_once", [1, 64_000_000])
def test_after_a_killed_seal_files_of_another_month_come_first(folder, monkeypatch, at_once, lines_stay):
    killed_between_month_and_newer(folder)
    game = {"id": "20260301-0123456789abcdef", "prices": [1.0, 1.5, 0.01], "rugged": True}
    (folder / "a.jsonl").write_text(json.dumps({**game, "timestamp": START_MS + 60 * 86_400_000}) + "\n")
    if not lines_stay:
        for name in ("old", "new", "more"):
            (folder / f"{name}.jsonl").unlink()
    monkeypatch.setattr(sealing, "_AT_ONCE", at_once)
    for _ in range(2):
        assert rl.seal(folder).games == 133
        for place in (folder, folder / "catalogue"):
            games = rl.load(place)
            assert len(games) == len({*games.ids}) == 133
            assert games.sql("select count(*) as n from games")["n"].tolist() == [133]


@pytest.mark.parametrize(
    "name", ["games_best.parquet", "games_2026-02.parquet", "games_2026-01_copy.parquet"]
)
def test_a_file_that_is_no_months_is_not_taken_for_one(name, folder):
    games = rl.load(folder)
    games.query("peak > 1.9").save(folder / "catalogue" / name)
    for number in (3, 401):
        write(folder / f"new{number}.jsonl", [number])
        rl.seal(folder)
        again = rl.load(folder)
        assert len(again) == len({*again.ids})
    assert rl.seal(folder).games == len(again) == 102
