"""Files of other recorders: each gives the games that a feed has of the same events, or says what it is."""

import gzip
import io
import json
import os
import socket
import sqlite3
import zipfile
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, RugsLabWarning
from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.read.formats import items, known_formats
from rugs_lab.recordings.read.load import load
from tests.support import other_recorders as others
from tests.support.original import NAIVE, game_lines, tick

ID = "20260101-0123456789abcdef"
ANOTHER = "20260101-fedcba9876543210"
PRICES = [1.0, 1.2, 0.9, 1.1, 1.3, 0.9 * (1 - 0.98)]


@pytest.fixture(scope="module")
def feed():
    feed = Feed()
    for (name, args), at in zip(others.EVENTS, others.TIMES, strict=True):
        feed.take(name, tuple(args), others.ms(at) * 1_000_000)
    return feed


def kinds(games):
    return games.damage["kind"].tolist()


@pytest.mark.parametrize("name", others.EVENT_FILES)
def test_events_give_the_games_of_a_feed(name, feed, tmp_path):
    games = load(others.write(tmp_path, name))
    assert sorted(games.ids) == sorted({*feed.games.ids, feed.game.id})
    for game in (*feed.games, feed.game):
        assert games[game.id].prices.tolist() == game.prices.tolist()
        assert games[game.id].sources.tolist() == game.sources.tolist()
        assert games[game.id].server_seed == game.server_seed
        assert games[game.id].recorded_bets == game.recorded_bets
        if not name.startswith("payloads"):
            assert len(games[game.id].recorded_trades) == len(game.recorded_trades)
    assert kinds(games) == ["no_rug"]


@pytest.mark.parametrize(
    "name", ["capture.jsonl", "typed.jsonl", "devtools.har", "events.db", "events.parquet"]
)
def test_events_keep_their_times(name, tmp_path):
    games = load(others.write(tmp_path, name))
    starts = load(others.write(tmp_path, "timed_frames.log")).frame["start"].dropna()
    assert len(starts) >= 2
    difference = games.frame["start"].dropna() - starts
    assert difference.abs().max() <= pd.Timedelta("1us")


@pytest.mark.parametrize("name", others.GAME_FILES)
def test_games_and_prices_load_whole(name, tmp_path):
    games = load(others.write(tmp_path, name))
    assert sorted(games.ids) == sorted(game["id"] for game in others.FINISHED)
    for game in others.FINISHED:
        assert games[game["id"]].prices.tolist() == game["prices"]
        assert games[game["id"]].rug_tick == len(game["prices"]) - 1
    assert kinds(games) == []
    seeded = not name.startswith(("prices", "pandas"))
    assert games.verify().fillna(False).tolist() == [seeded] * 10


def test_a_game_with_its_prices_as_texts(tmp_path):
    games = load(others.write(tmp_path, "one.game.json"))
    (game,) = games
    assert game.prices.tolist() == others.FINISHED[0]["prices"]
    assert (game.status, kinds(games)) == ("complete", [])


def test_a_game_with_gaps_and_its_seed_is_filled(tmp_path):
    entry = others.FINISHED[0]
    prices = [None if n in (3, 4) else str(price) for n, price in enumerate(entry["prices"])]
    fair = entry["provablyFair"]
    meta = {
        "game_id": entry["id"],
        "server_seed": fair["serverSeed"],
        "server_seed_hash": fair["serverSeedHash"],
    }
    (tmp_path / "a.game.json").write_text(json.dumps({"meta": meta, "prices": prices[:-2]}))
    (game,) = load(tmp_path)
    assert game.prices.tolist() == entry["prices"]
    assert (game.source, game.verified) == ("seed", True)


def test_every_format_is_listed_with_an_example():
    table = rl.formats()
    assert {"HAR", "SQLite", "Parquet", "CSV", "DataFrame", "zip", "Zstandard"} <= set(table.index)
    assert table["example"].str.len().gt(0).all()
    assert set(table["package"]) == {"rugs_lab"}


FRAMES = {
    "pandas": lambda frame: frame,
    "pandas with an index": lambda frame: frame.set_index(["game_id", "tick"]),
    "polars": lambda frame: pytest.importorskip("polars").from_pandas(frame),
    "Arrow": pa.Table.from_pandas,
    "duckdb": lambda frame: pytest.importorskip("duckdb").sql("select * from frame").to_arrow_table(),
    "other names": lambda frame: frame.rename(
        columns={"game_id": "Game", "tick": "tickCount", "price": "PRICE"}
    ),
    "numbers as texts": lambda frame: frame.astype(str),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_of_any_library_loads(kind):
    games = load(FRAMES[kind](others.frame()))
    assert games.prices.tolist() == [price for game in games.ids for price in prices_of(game)]
    assert games.frame["status"].tolist() == ["complete"] * 10


def prices_of(game_id):
    return next(game["prices"] for game in others.FINISHED if game["id"] == game_id)


def test_a_frame_by_the_interchange_protocol_alone():
    class Frame:
        def __init__(self, frame):
            self._frame = frame

        def __dataframe__(self, **options):
            return self._frame.__dataframe__(**options)

    assert len(load(Frame(pa.Table.from_pandas(others.frame())))) == 10


def test_ticks_of_games_load_back_with_their_sources():
    games = rl.sample()[:40]
    back = load(games.ticks)
    for game in games:
        if len(game):
            np.testing.assert_array_equal(back[game.id].prices, game.prices)
            np.testing.assert_array_equal(back[game.id].sources, game.sources)


def test_the_rug_is_where_the_frame_says_or_where_the_price_is_the_rug_price():
    frame = pd.DataFrame({"game": [ID] * 3, "tick": [0, 1, 2], "price": [1.0, 1.5, 0.5]})
    assert load(frame)[ID].rug_tick is None
    assert load(frame.assign(rugged=[False, False, True]))[ID].rug_tick == 2
    assert load(frame.assign(price=[1.0, 1.5, 1 - 0.98]))[ID].rug_tick == 2


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"id": ["a"], "ticks": [3]}),
        pd.DataFrame({"spiel": ["a"], "zug": [1], "preis": [1.0]}),
        pd.DataFrame({"game_id": ["a"], "tick": [1], "price": [1.0], "amount": [2.0]}),
        pd.DataFrame(),
    ],
)
def test_a_frame_of_something_else_says_its_columns(frame):
    with pytest.raises(
        ArgumentError, match=r"a DataFrame with the columns .*; game_id, tick and price are expected"
    ):
        load(frame)


@pytest.mark.parametrize("kind", ["csv", "parquet", "db", "frame"])
def test_a_table_without_rows_is_an_error_and_in_a_folder_a_row_of_damage(kind, tmp_path):
    frame = pd.DataFrame({"game_id": [ID], "tick": [0], "price": [1.0]})[:0]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "db":
        database = sqlite3.connect(path)
        frame.to_sql("prices", database)
        database.close()
    with pytest.raises(ArgumentError, match=r"cannot be loaded: a table without rows$"):
        load(frame if kind == "frame" else path)
    if kind != "frame":
        assert kinds(load(tmp_path)) == ["empty_file"]


@pytest.mark.parametrize("name", ["empty.csv", "empty.jsonl.gz", "blank.jsonl"])
def test_an_empty_file_is_an_error_and_in_a_folder_a_row_of_damage(name, tmp_path):
    data = b"" if name.startswith("empty") else b"\n \n"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    with pytest.raises(ArgumentError, match=f"{name} cannot be loaded: nothing in it$"):
        load(tmp_path / name)
    assert kinds(load(tmp_path)) == ["empty_file"]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        '{"game_id":{"0":"a"},"tick":{"0":0},"price":{"0":1.0}}',  # as pandas writes a frame by columns
        '{"20260101-ab": [1.0, 1.1]}',
        "[]",
        "{}",
    ],
)
def test_a_file_of_something_else_says_what_is_expected(text, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(text)
    with pytest.raises(
        ArgumentError, match=r"it begins with b.*; game_id, tick and price are expected"
    ) as got:
        load(path)
    assert "skipped" not in str(got.value)
    assert load(tmp_path).damage["done"].iloc[0].endswith(": skipped")


def test_a_recording_that_has_just_begun_is_no_error(tmp_path):
    line = '{"type":"session","timestamp":"2026-01-01T12:00:09+00:00","format":"rugs_lab/1","url":"http://h"}'
    (tmp_path / "live_game_1.jsonl").write_text(f"{line}\n")
    assert len(load(tmp_path / "live_game_1.jsonl")) == 0


@pytest.mark.parametrize("value", [pa.array([1, 2]), pd.Series([1.0])])
def test_what_is_no_table_is_an_error(value):
    if hasattr(value, "__arrow_c_stream__"):
        with pytest.raises(ArgumentError, match="frame cannot be loaded: Arrow cannot read it"):
            load(value)
    else:
        with pytest.raises(ArgumentError, match="path must be a file"):
            load(value)


def test_rows_that_cannot_be_are_reported():
    frame = pd.DataFrame(
        {"game_id": [ID, ID, None, ID, ID], "tick": [0, 1, 2, -3, 2], "price": [1, 2, 3, 4, -5.0]}
    )
    games = load(frame)
    assert games[ID].prices.tolist() == [1.0, 2.0]
    assert [row.line for row in games.damage_rows if row.kind == "bad_value"] == [3, 4, 5]


_LONGEST = max(others.captured().split(b"\n"), key=len)
BEFORE = {
    "byte order mark": b"\xef\xbb\xbf",
    "note": b"## recorded on my laptop\n",
    "torn line": _LONGEST[:700] + b"\n",
    "torn line, no break": _LONGEST[:700],
    "zeros": b"\0" * 4096,
    "zeros and a break": b"\0" * 4096 + b"\n",
    "empty lines": b"\r\n \n",
}


@pytest.mark.parametrize("before", BEFORE)
def test_a_capture_is_recognised_whatever_it_begins_with(before, feed, tmp_path):
    (tmp_path / "a.jsonl").write_bytes(BEFORE[before] + others.captured())
    games = load(tmp_path / "a.jsonl")
    assert sorted(games.ids) == sorted({*feed.games.ids, feed.game.id})
    for game in feed.games:
        assert games[game.id].prices.tolist() == game.prices.tolist()
    assert len(kinds(games)) <= 3
    assert before == "byte order mark" or len(kinds(games)) > 1


@pytest.mark.parametrize("key", ["seq", "data", "event", "ts"])
def test_a_capture_is_recognised_whatever_key_is_first(key, tmp_path, feed):
    values = [json.loads(line) | {"seq": n} for n, line in enumerate(others.captured().splitlines())]
    (tmp_path / "a.jsonl").write_bytes(others.lines({key: each[key], **each} for each in values))
    assert sorted(load(tmp_path).ids) == sorted({*feed.games.ids, feed.game.id})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_as_windows_writes_it(encoding, end, tmp_path):
    text = b"".join(game_lines(ID, PRICES)).decode().replace("\n", end)
    (tmp_path / "a.jsonl").write_text(text, encoding, newline="")
    games = load(tmp_path)
    assert games[ID].prices.tolist() == PRICES
    (tmp_path / "a.jsonl").write_text(others.csv_text().decode(), encoding, newline="")
    assert len(load(tmp_path)) == 10


def test_a_recording_after_zeros_loses_nothing(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"\0" * 512 + b"".join(game_lines(ID, PRICES, end={})))
    games = load(tmp_path)
    assert games[ID].prices.tolist() == PRICES
    assert games.damage.query("line == 1")["done"].tolist() == ["zeros beside a line: skipped"]


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("name", ["events.json", "array.json", "devtools.har", "history.json"])
def test_a_document_that_breaks_off_is_read_up_to_there(name, cut, tmp_path):
    path = others.write(tmp_path, name)
    whole = load(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    games = load(path)
    assert 0 < len(games) <= len(whole)
    assert {"torn_line", "interleaved"} & set(kinds(games))
    path.write_bytes(b"# exported today\n" + data)
    assert len(load(path)) == len(whole)


def test_a_packed_file_that_breaks_off_is_read_up_to_there(tmp_path):
    for name in ("capture.jsonl.gz", "capture.jsonl.bz2", "capture.jsonl.xz", "capture.jsonl.zst"):
        path = others.write(tmp_path, name)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        games = load(path)
        assert len(games) >= 10, name
        assert "cannot be unpacked beyond" in games.damage.query("kind == 'unreadable'")["done"].iloc[0]


def test_what_comes_out_of_a_packed_file_is_bounded(tmp_path, monkeypatch):
    bomb = gzip.compress(b"\0" * 50_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(5):
            archive.writestr(f"{n}.gz", bomb)
        archive.writestr("a.jsonl", b"".join(game_lines(ID, PRICES)))
    (tmp_path / "bomb.zip").write_bytes(file.getvalue())
    left = items.Content.__dataclass_fields__["left"]
    assert left.default_factory() == [2**30]
    read = []
    original = items.Content.__init__

    def small(self, *args, **options):
        original(self, *args, **{"left": [60_000_000], **options})
        read.append(len(self.data or b""))

    monkeypatch.setattr(items.Content, "__init__", small)
    games = load(tmp_path)
    assert sum(size for size in read if size > len(bomb)) <= 60_000_000
    assert games.damage["done"].str.contains("the file unpacks to more than the limit of 1 GiB").any()


def test_packed_in_packed_in_packed(tmp_path):
    data = b"".join(game_lines(ID, PRICES))
    for depth in range(1, 6):
        data = gzip.compress(data)
        (tmp_path / "a.gz").write_bytes(data)
        assert len(load(tmp_path)) == (depth <= 3)


def test_a_database_in_use_is_read_with_its_newest_rows_and_not_touched(tmp_path, feed):
    path = tmp_path / "events.db"
    others.sqlite_events(path, wal=True)
    user = sqlite3.connect(path)
    user.execute("pragma wal_autocheckpoint = 0")
    user.execute("create table prices(game text, tick int, price real)")
    user.executemany("insert into prices values(?, ?, ?)", [(ID, n, price) for n, price in enumerate(PRICES)])
    user.commit()
    before = {each.name: (each.stat().st_size, each.stat().st_mtime_ns) for each in tmp_path.iterdir()}
    games = load(tmp_path)
    assert games[ID].prices.tolist() == PRICES
    assert len(games) == len({*feed.games.ids, feed.game.id}) + 1
    assert {
        each.name: (each.stat().st_size, each.stat().st_mtime_ns) for each in tmp_path.iterdir()
    } == before
    user.close()


def test_files_by_other_writers(tmp_path):
    pl, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    frame = others.frame()
    pl.from_pandas(frame).write_parquet(tmp_path / "polars.parquet")
    assert len(load(tmp_path / "polars.parquet")) == 10
    pl.from_pandas(frame).write_csv(tmp_path / "polars.csv", separator="\t")
    assert load(tmp_path / "polars.csv").frame["status"].tolist() == ["complete"] * 10
    duckdb.sql("select * from frame").write_parquet(str(tmp_path / "duckdb.parquet"))
    assert len(load(tmp_path / "duckdb.parquet")) == 10
    duckdb.sql("select * from frame").write_csv(str(tmp_path / "duckdb.csv"))
    assert len(load(tmp_path / "duckdb.csv")) == 10
    lists = frame.groupby("game_id", sort=False).agg(list).reset_index()
    pl.from_pandas(lists[["game_id", "price"]]).rename({"price": "prices"}).write_parquet(
        tmp_path / "l.parquet"
    )
    assert load(tmp_path / "l.parquet").frame["status"].tolist() == ["complete"] * 10
    frame.to_json(tmp_path / "records.json", orient="records", double_precision=15)
    assert len(load(tmp_path / "records.json")) == 10
    frame.to_csv(tmp_path / "a.csv.gz")
    assert len(load(tmp_path / "a.csv.gz")) == 10


OTHER = {
    "picture.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
    "notes.txt": b"# Notes\n\nNothing of a game.\n",
    "package.json": b'{"name": "a", "version": "1.0"}',
    "clicks.jsonl": b'{"event": "click", "data": {"x": 1}}\n' * 3,
    "numbers.json": b"[1, 2, 3]",
    "weather.csv": b"day,rain\n1,2\n",
    "zeros.jsonl": b"\0" * 100,
    "a.zip": b"PK\5\6" + b"\0" * 18,
}


@pytest.mark.parametrize("name", OTHER)
def test_a_file_of_something_else(name, tmp_path):
    """Named, it is an error that says what was seen; in a folder, and packed or not, one row of damage."""
    (tmp_path / name).write_bytes(OTHER[name])
    with pytest.raises(ArgumentError, match="cannot be loaded: it begins with b"):
        load(tmp_path / name)
    (tmp_path / "game.jsonl").write_bytes(b"".join(game_lines(ID, PRICES, countdown=False, end={})))
    for path in (tmp_path, str(tmp_path / "*"), sorted(tmp_path.iterdir())):
        games = load(path)
        assert games[ID].prices.tolist() == PRICES
        rows = games.damage[games.damage["file"].str.endswith(name)]
        assert rows["kind"].tolist() == ["other_file"]


def test_tables_of_something_else_say_what_they_have(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.execute("create table rain(day int, mm real)")
    database.close()
    with pytest.raises(
        ArgumentError, match=r"an SQLite database with the tables rain\(day, mm\); game_id, tick"
    ):
        load(tmp_path / "a.db")
    pq.write_table(pa.table({"day": [1], "mm": [2.0]}), tmp_path / "a.parquet")
    with pytest.raises(ArgumentError, match="Parquet with the columns day, mm; game_id, tick and price"):
        load(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"PAR1" + b"\1" * 50)
    assert sorted(kinds(load(tmp_path))) == ["other_file", "other_file", "unreadable"]


@pytest.mark.skipif(os.name == "nt", reason="links and sockets as POSIX has them")
def test_what_is_no_file_costs_only_itself(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"".join(game_lines(ID, PRICES, countdown=False, end={})))
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.jsonl").symlink_to(tmp_path / "self.jsonl")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "live_game_1.jsonl")
    listening = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(tmp_path)
    listening.bind("socket.jsonl")
    os.chdir(here)
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0)
    for path in (tmp_path, str(tmp_path / "*"), str(tmp_path / "*.jsonl")):
        games = load(path)
        assert games.ids.tolist() == [ID]
        rows = games.damage.query("kind == 'unreadable'")
        assert {Path(file).name for file in rows["file"]} >= {
            "dangling.jsonl",
            "self.jsonl",
            "live_game_1.jsonl",
            "socket.jsonl",
        }
        assert len(rows) == len(set(rows["file"]))
    closed.chmod(0o700)
    listening.close()
    with pytest.raises(ArgumentError, match="no regular file"):
        load(tmp_path / "live_game_1.jsonl")
    with pytest.raises(ArgumentError, match="a link to nothing"):
        load(tmp_path / "dangling.jsonl")


def test_home_is_where_the_tilde_says(tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").write_bytes(b"".join(game_lines(ID, PRICES)))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert len(load("~/a.jsonl")) == len(load("~")) == len(load("~/*.jsonl")) == 1


def test_an_unknown_zone_is_an_error_of_ours(tmp_path):
    for zone in ("Mars/Olympus", "", "../etc/passwd", 7):
        with pytest.raises(ArgumentError, match="naive_zone must be the name of a time zone"):
            load(tmp_path, naive_zone=zone)


def test_times_when_clocks_go_back_keep_the_order_of_the_lines(tmp_path):
    """2025-11-02 in New York: 01:00 to 02:00 comes twice."""
    ids = ["20251102-a", "20251102-b", "20251102-c", "20251102-d"]
    begins = [NAIVE.replace(month=11, day=2, hour=hour, minute=minute) for hour, minute in
              ((1, 20), (1, 50), (1, 10), (2, 5))]  # fmt: skip
    lines = [
        line
        for game, begin in zip(ids, begins, strict=True)
        for line in game_lines(game, PRICES, begin=begin)
    ]
    (tmp_path / "session.jsonl").write_bytes(b"".join(lines))
    games = load(tmp_path)
    assert games.ids.tolist() == ids
    assert games.frame["start"].dt.strftime("%H:%M").tolist() == ["05:20", "05:50", "06:10", "07:05"]
    late = tick(ids[3], begins[3], 0, 1.0, "ACTIVE_GAMEPLAY")  # half a minute out of order is no second hour
    (tmp_path / "session.jsonl").write_bytes(b"".join([late, *lines]))
    assert load(tmp_path).frame["start"].dt.strftime("%H:%M").tolist()[0] == "05:20"


def test_another_package_adds_a_format(tmp_path, monkeypatch):
    def read(content):
        for number, line in enumerate(content.read().decode().splitlines(), 1):
            word, game_id, at, price = line.split()
            if word != "RUG":
                raise ValueError(word)
            yield items.Price(number, game_id, int(at), float(price))

    mine = items.Format("mine", "prices", f"RUG {ID} 0 1.0", lambda head: head.startswith(b"RUG "), read)
    points = [
        EntryPoint("mine", "tests.mine:FORMAT", "rugs_lab.formats"),
        EntryPoint("broken", "no.such.module:FORMAT", "rugs_lab.formats"),
    ]
    loaded = EntryPoint.load
    monkeypatch.setattr(EntryPoint, "load", lambda self: mine if self.name == "mine" else loaded(self))
    monkeypatch.setattr(known_formats, "entry_points", lambda group: points)
    known_formats.known_formats.cache_clear()
    try:
        with pytest.warns(RugsLabWarning, match=r"format 'broken' of entry point no.such.module:FORMAT"):
            assert rl.formats().loc["mine", "package"] == "tests"
        (tmp_path / "a.rug").write_text(
            "".join(f"RUG {ID} {n} {price!r}\n" for n, price in enumerate(PRICES))
        )
        assert load(tmp_path)[ID].status == "complete"
        (tmp_path / "b.rug").write_text("RUG 20260101-b 0 1.0\nWHAT a 0 1\n")
        games = load(tmp_path)
        assert sorted(games.ids) == [ID, "20260101-b"]
        assert "its reader failed (ValueError: WHAT)" in games.damage["done"].tolist()
    finally:
        known_formats.known_formats.cache_clear()


PIECES = [
    *(
        b"",
        b"{",
        b"[",
        b"]",
        b"\n",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"PAR1",
        b"PK\3\4",
        b"\x1f\x8b\x08",
        b"BZh9",
    ),
    *(b"SQLite format 3\0", b"\x28\xb5\x2f\xfd", b"42[", b"game_id,tick,price\n", b"a,1,2\n", b'"0.02"]}'),
    b'42["gameStateUpdate",{"gameId":"a","price":1}]',
    b'{"log":{"entries":[{"_webSocketMessages":[{"data":',
    b'{"id":"a","prices":[1,',
    b'{"event":"gameStateUpdate","data":{"gameId":"a","active":true,"tickCount":1e999,"price":-1}}',
    b'{"game":"a","tick":5,"price":"1e400"}',
    b'{"type":"tick","game_id":"a","tick":1,"price":2,"active":true}',
    b'{"ts":"9999-99-99","event_type":"x","payload":[[[[',
    b'{"events":[{"games":[{"history":[',
    b'{"id":"a","serverSeed":"x","version":"v1"}',
    b'{"timestamp_ms":1e300,"event":"a","args":{}}',
]


@settings(max_examples=400)
@given(
    st.lists(st.one_of(st.binary(max_size=40), st.sampled_from(PIECES)), max_size=9),
    st.sampled_from(["", "gz", "zip"]),
)
@example([b"[" * 200_000], "")
@example([b'{"events":' * 2_000], "")
@example([b'{"event":"e","data":{"a":' * 3_000], "")
def test_no_bytes_raise_anything_but_our_own_errors(pieces, packed):
    data = b"".join(pieces)
    if packed == "gz":
        data = gzip.compress(data)[: -len(data) % 9 or None]
    elif packed == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a", data)
        data = file.getvalue()
    merged = _read_bytes(data)
    assert not [row for row in merged.damage.rows() if "its reader failed" in row.done]


def _read_bytes(data):
    from zoneinfo import ZoneInfo

    from rugs_lab.recordings.read import load as loading
    from rugs_lab.recordings.read.merge_parts import MergedParts

    merged = MergedParts(ZoneInfo("America/New_York"))
    loading._read(merged, items.Content("file", data=data))
    assert len(loading.build_games(merged).frame) == len(merged.games)
    return merged


@settings(max_examples=60)
@given(st.sampled_from(["prices.parquet", "prices.sqlite", "games.parquet", "prices.csv"]), st.data())
def test_damaged_tables_raise_nothing(name, draw):
    data = bytearray(_written(name))
    for _ in range(draw.draw(st.integers(1, 8))):
        place = draw.draw(st.integers(0, len(data) - 1))
        data[place] = draw.draw(st.integers(0, 255))
    merged = _read_bytes(bytes(data[: draw.draw(st.sampled_from([len(data), len(data) // 2]))]))
    assert not [row for row in merged.damage.rows() if "its reader failed" in row.done]


_FILES = {}


def _written(name):
    if name not in _FILES:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            _FILES[name] = others.write(Path(folder), name).read_bytes()
    return _FILES[name]


LINES = "".join(json.dumps({"game_id": ID, "tick": t, "price": 1 + t / 1000}) + "\n" for t in range(3000))


def _zipped(text):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("cut.gz", gzip.compress(LINES.encode())[:-1000]),
        ("sum.gz", gzip.compress(LINES.encode())[:-8] + bytes(8)),
        ("junk.gz", gzip.compress(LINES.encode()) + b"junkjunk"),
        ("second.gz", 2 * gzip.compress(LINES.encode())[:-1000]),
        ("flipped.zip", _zipped(LINES).replace(_zipped(LINES)[3000:3008], bytes(8))),
    ],
)
def test_of_a_damaged_packed_file_all_before_the_damage_is_used_and_the_rest_reported(name, packed, tmp_path):
    (tmp_path / name).write_bytes(packed)
    games = load(tmp_path / name)
    assert len(games[ID]) > 500
    assert "cannot be unpacked beyond" in games.damage.query("kind == 'unreadable'")["done"].item()


@pytest.mark.parametrize("wrong", [2**64, 10**30, -1, 0.5, "x", None, pd.Timestamp(0)])
@pytest.mark.parametrize("column", ["tick", "price"])
def test_a_value_that_no_column_can_have_costs_its_row(column, wrong):
    frame = pd.DataFrame({"game_id": [ID] * 4, "tick": [0, 1, 2, 2], "price": [1.0, 1.5, 9.0, 1.25]})
    frame = frame.astype({column: object})
    frame.loc[2, column] = wrong
    games = load(frame)
    expected = [1.0, 1.5, 0.5 if (column, wrong) == ("price", 0.5) else 1.25]
    assert games[ID].prices.tolist() == expected
    if expected[2] != 0.5:
        assert games.damage.query("kind == 'bad_value'")["line"].tolist() == [3]


def test_a_row_without_a_price_is_reported_unless_it_says_that_the_price_is_missing():
    frame = pd.DataFrame({"game_id": [ID] * 3, "tick": [0, 1, 2], "price": [1.0, np.nan, 1.25]})
    assert load(frame).damage.query("kind == 'bad_value'")["line"].tolist() == [2]
    frame["source"] = ["received", "missing", "received"]
    assert "bad_value" not in kinds(load(frame))


@pytest.mark.parametrize(
    "text",
    [
        "game_id;tick;price\n{0};0;1,0\n{0};1;1,5\n{0};2;1,25\n",
        "game_id;tick;price\r\n{0};0;1.0\r\n{0};1;1.5\r\n{0};2;1.25\r\n",
        "game_id,tick,price\r{0},0,1.0\r{0},1,1.5\r{0},2,1.25\r",
        '{{"game_id":"{0}","tick":0,"price":1}}\r{{"game_id":"{0}","tick":1,"price":1.5}}\r'
        '{{"game_id":"{0}","tick":2,"price":1.25}}\r',
    ],
    ids=["decimal comma", "semicolons", "CSV of old Macs", "lines of old Macs"],
)
def test_tables_as_other_programs_and_systems_write_them(text, tmp_path):
    (tmp_path / "prices.csv").write_text(text.format(ID), newline="")
    games = load(tmp_path / "prices.csv")
    assert games[ID].prices.tolist() == [1.0, 1.5, 1.25]
    assert kinds(games) == ["no_rug"]


def test_damage_of_a_table_has_its_line_and_its_game(tmp_path):
    rows = [
        "game_id,tick,price",
        f"{ID},0,1.0",
        f"{ID},1",
        "",
        f"{ID},1,1.1",
        f"{ID},1,2,3",
        "",
        f"{ID},2,-5",
    ]
    rows += [f"{ID},2,1.2", f"{ANOTHER},x,1.0", f"{ID},3,,", f"{ID},4,"]
    (tmp_path / "prices.csv").write_text("\n".join(rows) + "\n")
    games = load(tmp_path / "prices.csv")
    bad = games.damage[games.damage["kind"] == "bad_value"]
    assert list(zip(bad["line"], bad["game_id"], strict=True)) == [(8, ID), (10, ANOTHER), (12, ID)]
    assert games.damage.set_index("kind").loc["fragment", "line"] == 3
    assert games.frame["status"].to_dict() == {ANOTHER: "pregame_only", ID: "no_rug"}
    whole = pd.DataFrame({"game_id": ID, "tick": [*range(6), 2], "price": [*PRICES, -1.0]})
    assert load(whole)[ID].status == "repaired"


def test_lists_and_documents_that_are_values_already():
    game = {"id": ID, "serverSeed": "5" * 64, "rugged": True, "prices": PRICES}
    events = [{"event": name, "args": args} for name, args in others.EVENTS]
    for values in ([game], {"games": [game]}):
        assert load(values)[ID].prices.tolist() == PRICES
    assert sorted(load(events).ids) == sorted(load({"events": events}).ids)
    rows = pd.DataFrame({"game_id": ID, "tick": range(6), "price": PRICES}).to_dict("records")
    assert load(rows)[ID].prices.tolist() == PRICES
    assert kinds(load([game, {"song": 1}])) == ["unknown_record"]
    with pytest.raises(ArgumentError, match="list cannot be loaded"):
        load([{"song": 1}])


@pytest.mark.parametrize(
    ("given", "ended_ms", "rows"),
    [
        ("1767000000000", 1767000000000, 0),
        (1767000000000, 1767000000000, 0),
        (None, None, 0),
        *[(bad, None, 1) for bad in ("yesterday", -1, 2**62, [1])],
    ],
)
def test_the_end_of_a_finished_game_is_read_or_reported(tmp_path, given, ended_ms, rows):
    record = {"id": "20260101-0123456789abcdef", "timestamp": given, "prices": [1.0, 0.02], "rugged": True}
    (tmp_path / "a.json").write_text(json.dumps([record]))
    games = load(tmp_path)
    assert games[0].ended_ms == ended_ms
    assert games.damage["kind"].tolist() == ["bad_value"] * rows
