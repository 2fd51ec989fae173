"""A game that is in several Parquet files is loaded once, as it is from files of lines."""

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
