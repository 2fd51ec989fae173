"""`Games.save`: a selection of games as one Parquet file, and back."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError
from rugs_lab.resources import data_dir

TABLES = ["frame", "ticks", "trades", "sidebets", "messages", "leaderboards"]


@pytest.mark.parametrize(
    "games",
    [
        lambda: rl.sample().query("peak > 2"),
        lambda: rl.load(data_dir() / "damaged"),
        lambda: rl.synthetic(600, seed=1)[::-1],
        lambda: rl.sample()[:0],
        lambda: rl.sample()[:3] + rl.synthetic(2, seed=3),
    ],
    ids=["query", "damaged", "synthetic", "none", "joined"],
)
def test_what_is_saved_is_loaded(tmp_path, games):
    games = games()
    path = games.save(tmp_path / "games.parquet")
    again = rl.load(path)
    assert not len(again.damage)
    again = again[games.ids.tolist()] if len(games) else again
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(again, table), getattr(games, table), obj=table)
    assert len(pq.read_table(path)) == len(games)
    assert [each.name for each in tmp_path.iterdir()] == ["games.parquet"]


def test_programs_that_know_nothing_of_it_read_the_file(tmp_path):
    games = rl.sample()
    path = str(games.save(tmp_path / "games.parquet"))
    frame = games.frame
    polars = pytest.importorskip("polars").read_parquet(path)
    assert polars["id"].to_list() == frame.index.tolist()
    assert polars["prices"].list.drop_nulls().list.max().to_list() == [
        max(game.prices[game.prices == game.prices].tolist(), default=None) for game in games
    ]
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(f"select id, len(prices), len(trades), sidebets from '{path}'").fetchall()
    assert [row[:3] for row in rows] == [(game.id, len(game), len(game.recorded_trades)) for game in games]
    assert [len(row[3]) for row in rows] == [len(game.recorded_bets) for game in games]


def test_games_of_a_feed_are_saved(tmp_path):
    with rl.demo(speed=50, seed=3) as feed:
        feed.wait(games=11, timeout=60)
        games = feed.games
    again = rl.load(games.save(tmp_path / "games.parquet"))
    assert set(again.ids) == set(games.ids)
    assert again[games.ids[0]].prices.tolist() == games[0].prices.tolist()


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    games = rl.sample()[:5]
    path = games.save(tmp_path / "games.parquet")
    before = path.read_bytes()

    def broken(*_args, **_options):
        raise OSError("no space left")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", broken)
    with pytest.raises(OSError, match="no space left"):
        rl.sample().save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["games.parquet"]


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(ArgumentError, match=r"games\.csv"):
        rl.sample().save(tmp_path / "games.csv")
