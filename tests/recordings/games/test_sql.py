"""SQL and queries over games: only the tables are reached, one statement at a time, with our own errors."""

import sys
import time

import numpy as np
import pandas as pd
import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir

GAMES = Games.from_arrays(
    ["a", "b", "c"], np.array([1.0, 2.0, 1.0, 1.0, 7.0]), [0, 2, 3, 5], rug_ticks=[1, -1, 1]
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text("word\nsecret\n")
    return path


REACHING = [
    "select * from '{}'",
    "select * from read_csv('{}')",
    "select * from read_text('{}')",
    "select * from glob('{}')",
    "copy games to '{}.copy'",
    "copy (select 1) to '{}.copy' (format parquet)",
    "attach '{}.db' as other",
    "export database '{}.copy'",
    "install httpfs",
    "load httpfs",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "set temp_directory = '{}.copy'",
    "pragma enable_profiling",
]


@pytest.mark.parametrize("query", REACHING)
def test_a_query_reaches_no_file_and_no_setting(query, file):
    before = file.read_bytes()
    with pytest.raises(ArgumentError, match="the query could not be run"):
        GAMES.sql(query.format(file))
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == before


def test_files_are_reached_where_that_is_said(file):
    assert GAMES.sql(f"select word from '{file}'", files=True)["word"].tolist() == ["secret"]
    joined = GAMES.sql(f"select id, word from games, '{file}' where id = 'a'", files=True)
    assert joined.to_dict("records") == [{"id": "a", "word": "secret"}]
    with pytest.raises(ArgumentError, match="could not be run"):
        GAMES.sql("set lock_configuration = false", files=True)


def test_variables_of_python_are_no_tables():
    frame = pd.DataFrame({"x": [1]})
    assert len(frame) == 1
    for name in ("frame", "query", "named"):
        with pytest.raises(ArgumentError, match="the tables are games, ticks"):
            GAMES.sql(f"select * from {name}")


@pytest.mark.parametrize(
    "query", ["select 1; select 2", "select 1; drop table games", "", ";", "-- nothing", "\n"]
)
def test_a_query_is_one_statement(query):
    with pytest.raises(ArgumentError, match=r"query must be one statement of SQL; got [02]"):
        GAMES.sql(query)


@pytest.mark.parametrize(
    "query", ["selec 1", "select nope from games", "select 1 /", "select '\ud800'", "select 'x"]
)
def test_errors_are_our_own(query):
    with pytest.raises(ArgumentError, match="files can be read with files=True"):
        GAMES.sql(query)


@pytest.mark.parametrize("query", [None, 7, b"select 1", ["select 1"]])
def test_a_query_is_text(query):
    with pytest.raises(ArgumentError, match="query must be a text of SQL"):
        GAMES.sql(query)


def test_a_trailing_semicolon_is_no_second_statement():
    assert GAMES.sql("with high as (from games) select count(*) as n from high;")["n"].tolist() == [3]


LEAST = 1.5


def test_a_query_sees_the_variables_of_its_caller():
    most = 3.0
    assert GAMES.query("peak < @most").ids.tolist() == ["a", "b", "c"]
    assert GAMES.query("peak * 2 < @LEAST").ids.tolist() == []
    most = 0.5  # noqa: F841
    assert len(GAMES.query("peak < @most")) == 0

    def inner(names):
        return GAMES.query("index in @names")

    assert inner(["b"]).ids.tolist() == ["b"]


@pytest.mark.parametrize("expression", ["peak >", "nope > 1", "peak", "@nope > 1", "", 7, "peak + 1"])
def test_a_query_that_cannot_be_says_so(expression):
    with pytest.raises(
        ArgumentError, match=r"(?s)the games could not be queried by .*; the columns are start, ticks"
    ):
        GAMES.query(expression)


def test_without_duckdb_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(
        ArgumentError, match=r"games\.sql needs duckdb, from the extra 'sql': pip install -e '\.\[sql\]'"
    ):
        GAMES.sql("select 1")


def test_ticks_are_those_of_the_frame():
    games = load(data_dir())[:40]
    there = games.sql("select * from ticks")
    here = games.ticks.astype({"game_id": there["game_id"].dtype, "source": there["source"].dtype})
    pd.testing.assert_frame_equal(there, here, check_index_type=False)
    assert games[:0].sql("select count(*) as n from ticks")["n"].tolist() == [0]


TICKS = [
    "select * from ticks",
    "select game_id, max(price) as peak, sum(price) as total from ticks group by game_id order by game_id",
    "select source, backfilled, count(*) as n from ticks group by all order by n",
    "select t.tick, count(price) as n from ticks t join games g on g.id = t.game_id where g.peak > 2 "
    "group by t.tick order by t.tick",
]


@pytest.fixture(params=["games", "it's a folder"])
def archive(request, tmp_path):
    """The path of an archive; its name is part of SQL."""
    (tmp_path / request.param).mkdir()
    return load(data_dir() / "sample").save(tmp_path / request.param / "games.parquet")


@pytest.mark.parametrize("query", TICKS)
def test_ticks_of_an_archive_are_those_that_were_read(archive, query):
    games = load(archive)
    found = games.sql(query)
    assert games._prices is None  # DuckDB read the file
    assert games.prices.size == len(games.sql("select * from ticks"))
    pd.testing.assert_frame_equal(found, games.sql(query))
    pd.testing.assert_frame_equal(found, load(archive)[np.arange(len(games))].sql(query))


def test_the_file_of_an_archive_is_read_and_no_other(archive, file):
    games = load(archive)
    with pytest.raises(ArgumentError, match="could not be run"):
        games.sql(f"select tick from ticks, '{file}'")


@pytest.mark.parametrize("words", ["explain analyze copy (select tick from ticks) to", "copy ticks to"])
def test_the_file_of_an_archive_is_not_written(archive, words):
    before = archive.read_bytes()
    name = str(archive.absolute()).replace("'", "''")
    with pytest.raises(ArgumentError, match="could not be run"):
        load(archive).sql(f"{words} '{name}' (format parquet)")
    assert archive.read_bytes() == before
    assert len(load(archive).sql("explain select * from ticks")) > 0


def test_a_file_that_was_replaced_is_not_taken_for_the_archive(archive):
    games = load(archive)
    whole = games.sql("select * from ticks")
    beside = games[:3].save(archive.with_name("other.parquet"))
    beside.replace(archive)
    pd.testing.assert_frame_equal(games.sql("select * from ticks"), whole)


def test_a_path_that_is_a_pattern_for_others_is_read_by_us(tmp_path):
    (tmp_path / "a[b]").mkdir()
    games = load(load(data_dir() / "sample").save(tmp_path / "a[b]" / "games.parquet"))
    assert len(games.sql("select * from ticks")) == len(games.prices)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process is set as POSIX does it")
def test_times_are_utc_wherever_it_runs(monkeypatch):
    games = load(data_dir() / "sample")
    starts = games.frame["start"].dropna().sort_values()
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        found = games.sql("select start, extract(hour from start) as hour from games order by start")
    finally:
        monkeypatch.undo()
        time.tzset()
    found = found.dropna()
    assert str(found["start"].dt.tz) == "UTC"
    assert found["start"].tolist() == starts.tolist()
    assert found["hour"].tolist() == starts.dt.hour.tolist()


def test_a_time_in_a_query_has_a_zone():
    games = load(data_dir() / "sample")
    later = games.query("start > '2026-01-01T13:00Z'")
    assert 0 < len(later) < len(games)
    assert (later.frame["start"] > pd.Timestamp("2026-01-01T13:00Z")).all()
    with pytest.raises(ArgumentError, match="a time is written with its zone"):
        games.query("start > '2026-01-01'")
