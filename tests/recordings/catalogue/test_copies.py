"""A game that is in several Parquet files is loaded once, as it is from files of lines."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.resources import data_dir

GAME = "20260101-0123456789abcdef"
PRICES = [1.0, 1.2, 0.9, 1.1, 1.3, 1.25, 1.4, 1.1, 0.9 * 0.02]


@pytest.fixture
def recordings(tmp_path):
    """Return a folder of recordings with its archive."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    sample = rl.load(data_dir() / "sample")[:40]
    sample.save(folder / "first.parquet")
    (folder / "published.jsonl").write_bytes((data_dir() / "sample" / "published.jsonl").read_bytes())
    rl.seal(folder)
    return folder


def test_a_selection_saved_beside_its_recordings_is_not_counted_again(recordings):
    games = rl.load(recordings)
    assert len(games) == 52
    assert games.damage["kind"].value_counts().get("split", 0) == 0
    chosen = games.query("peak > 3")
    chosen.save(recordings / "chosen.parquet")
    again = rl.load(recordings)
    assert again.ids.tolist() == games.ids.tolist()
    assert again.frame.equals(games.frame)
    assert np.array_equal(again.prices, games.prices, equal_nan=True)
    assert again.damage.equals(games.damage)
    sealed = rl.seal(recordings)
    assert (sealed.beside, sealed.games) == (2, 12)
    assert "; 2 Parquet files beside them are left as they are" in repr(sealed)


@pytest.mark.parametrize("name", ["a", "z"])
def test_games_without_a_time_keep_their_order_beside_a_selection_of_them(name, tmp_path):
    rl.synthetic(300, seed=3).save(tmp_path / "month.parquet")
    games = rl.load(tmp_path)
    games.query("peak > 3").save(tmp_path / f"{name}.parquet")
    again = rl.load(tmp_path)
    assert again.ids.tolist() == games.ids.tolist()
    assert np.array_equal(again.prices, games.prices)


def test_a_file_named_twice_over_by_links_and_copies_counts_once(recordings, tmp_path):
    copy = tmp_path / "copy.parquet"
    copy.write_bytes((recordings / "first.parquet").read_bytes())
    assert len(rl.load([recordings / "first.parquet", copy, recordings / "catalogue"])) == 52


@pytest.mark.parametrize("second", [range(3, 9), range(9), range(4, 6)])
@pytest.mark.parametrize("price", [1.1, 1.15])
def test_parts_of_a_game_are_put_together_as_those_of_lines_are(second, price, tmp_path):
    others = [*PRICES]
    others[3] = price
    lines, tables = tmp_path / "lines", tmp_path / "tables"
    lines.mkdir()
    tables.mkdir()
    for name, ticks, prices in (("a", range(5), PRICES), ("b", second, others)):
        rows = {"game_id": GAME, "tick": list(ticks), "price": [prices[tick] for tick in ticks]}
        pd.DataFrame(rows).to_csv(lines / f"{name}.csv", index=False)
        rl.load(lines / f"{name}.csv").save(tables / f"{name}.parquet")
    wanted, found = rl.load(lines), rl.load(tables)
    assert found.ids.tolist() == [GAME]
    assert np.array_equal(found[0].prices, wanted[0].prices, equal_nan=True)
    kinds = {"split", "contradiction", "gap", "late_start"}
    assert {*found.damage["kind"]} & kinds == {*wanted.damage["kind"]} & kinds


def test_a_game_that_is_there_twice_is_not_saved(recordings, tmp_path):
    games = rl.load(recordings)
    with pytest.raises(ArgumentError, match=f"a file has each game once; {games.ids[3]} is 2 times among"):
        (games + games[3:4]).save(tmp_path / "games.parquet")
    assert not list(tmp_path.glob("games*"))


def test_a_parquet_file_that_cannot_be_used_is_an_error_where_it_is_all_that_was_named(recordings):
    broken = recordings / "first.parquet"
    data = broken.read_bytes()
    broken.write_bytes(data[: len(data) // 2] + data[len(data) // 2 + 9 :])
    with pytest.raises(ArgumentError, match=r"first\.parquet"):
        rl.load(broken)
    assert len(rl.load(recordings)) == 12


def recorded(folder, name, ticks, trades):
    """Write a recording of some ticks and of equal trades without an id."""
    lines = [{"type": "session", "format": "rugs_lab/1", "revision": 2}]
    for tick in ticks:
        stamp = f"2026-01-01T00:00:{tick:02d}+00:00"
        rug = tick == len(PRICES) - 1
        flags = {"phase": "RUG" if rug else "ACTIVE", "kind": "rug1a" if rug else "active"}
        common = {"timestamp": stamp, "game_id": GAME, "tick": tick, "price": PRICES[tick]}
        lines.append({"type": "tick", **common, "active": True, "rugged": rug, **flags})
        trade = {"type": "trade", "trade_type": "buy", **common, "amount_sol": 0.1, "player_id": "p"}
        lines += [trade] * (trades if tick == 3 else 0)
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.mark.parametrize("way", ["two files", "lines and a selection", "grown", "two selections"])
def test_equal_trades_without_an_id_are_as_many_as_a_file_has(way, tmp_path):
    folder = tmp_path / "lines"
    recorded(folder, "a", range(5) if way == "grown" else range(9), 2)
    once = rl.load(folder)
    assert len(once.trades) == 2
    if way == "two files":
        recorded(folder, "b", range(2, 9), 2)
    elif way == "lines and a selection":
        once.save(tmp_path / "saved.parquet")
        recorded(folder, "b", range(2, 9), 2)
    elif way == "grown":
        rl.seal(folder)
        recorded(folder, "b", range(3, 9), 1)
    else:
        once.save(tmp_path / "saved.parquet")
        recorded(folder, "c", range(2, 9), 1)
        rl.load(folder / "c.jsonl").save(tmp_path / "other.parquet")
        (folder / "a.jsonl").unlink()
    games = rl.load(tmp_path)
    assert (len(games), len(games.trades), games[0].status) == (1, 2, "complete")
    if way == "grown":
        rl.seal(folder)
        assert len(rl.load(folder / "catalogue").trades) == 2


def test_the_damage_of_an_archive_and_its_copy_counts_once(tmp_path):
    folder = tmp_path / "recordings"
    shutil.copytree(data_dir() / "damaged", folder)
    rl.seal(folder)
    before = rl.load(folder)
    shutil.copytree(folder / "catalogue", tmp_path / "copies" / "catalogue")
    both = rl.load(tmp_path)
    assert both.ids.tolist() == before.ids.tolist()
    assert both.damage["kind"].value_counts().equals(before.damage["kind"].value_counts())


def test_a_file_that_is_cut_after_it_was_loaded_is_named(recordings):
    path = recordings / "first.parquet"
    games = rl.load(path)
    with path.open("r+b") as file:
        file.truncate(2_000)
    with pytest.raises(ArgumentError, match=r"first\.parquet cannot be read as Parquet: "):
        _ = games.prices
