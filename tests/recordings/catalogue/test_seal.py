"""Sealing: what is in the catalogue is what was in the lines, however often and whatever kills it."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.game.leaderboard import PlayerBet
from rugs_lab.recordings.catalogue import parquet
from rugs_lab.recordings.catalogue import seal as sealing
from rugs_lab.recordings.catalogue.parquet import ParquetStore, write_parquet
from rugs_lab.recordings.catalogue.parquet_schema import table_of
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.read.load import load, sample
from rugs_lab.resources import data_dir
from tests.support.original import NAIVE, game_lines

ID, OTHER = "20251030-0123456789abcdef", "20251130-0123456789abcdef"
PRICES = [1.0, 1.2, 0.9, 1.1, 1.3, 0.9 * (1 - 0.98)]


def names(files):
    return [os.path.basename(file) for file in files.split(", ")]


def same(left, right):
    """Every column, price, mark, trade and row of damage; files may be named from another folder."""
    drop = ["file", "verified"]
    pd.testing.assert_frame_equal(left.frame.drop(columns=drop), right.frame.drop(columns=drop))
    np.testing.assert_array_equal(left.prices, right.prices)
    np.testing.assert_array_equal(left.sources, right.sources)
    np.testing.assert_array_equal(left.offsets, right.offsets)
    assert left.details == right.details
    rows = [
        sorted(
            (names(row.file), row.line or 0, row.kind, str(row.game_id), row.done)
            for row in games.damage_rows
        )
        for games in (left, right)
    ]
    assert rows[0] == rows[1]
    return True


@pytest.fixture
def folder(tmp_path):
    """A folder of damaged recordings and one with trades."""
    for name in ("damaged", "lines"):
        shutil.copytree(data_dir() / name, tmp_path, dirs_exist_ok=True)
    return tmp_path


def put(folder, name, *lines):
    (folder / name).write_bytes(b"".join(lines))


def test_what_was_sealed_is_what_was_there(folder):
    before = load(folder)
    done = seal(folder)
    assert done.games == len(before)
    after = load(folder)
    assert same(before, after)
    assert {type(store).__name__ for store, _ in after._parts} == {"ParquetStore"}
    assert sorted(path.name for path in (folder / "catalogue").glob("*.parquet")) == [
        "damage.parquet",
        "games_2025-10.parquet",
        "games_2026-01.parquet",
        "notes.parquet",
    ]
    for path in folder.glob("*.jsonl"):
        path.unlink()
    assert same(before, load(folder))


def test_a_recorded_replay_of_games_with_and_without_times_keeps_its_order(tmp_path):
    feed = ReplayFeed(sample()[:12], speed=float("inf"))
    feed.record(tmp_path)
    feed.start()
    feed.finish(timeout=60)
    feed.stop()
    before = load(tmp_path)
    assert before.ids.tolist() == feed.games.ids.tolist()
    np.testing.assert_array_equal(before.sources, feed.games.sources)
    columns = ["status", "source", "peak", "rug_tick", "missing"]
    pd.testing.assert_frame_equal(before.frame[columns], feed.games.frame[columns])
    assert before.frame["status"].tolist() == sample()[:12].frame["status"].tolist()
    assert before.frame["start"].isna().any()
    assert before.frame["start"].notna().any()
    seal(tmp_path)
    assert same(before, load(tmp_path))
    assert same(before, load(tmp_path / "catalogue"))


def test_games_of_no_time_are_in_one_order_before_and_after(tmp_path):
    names = ["b", "20260201-01", "20260101-05", "20251201-03", "a", "20260101-02"]
    rows = [(name, tick, price) for name in names for tick, price in enumerate((1.0, 1.2, 0.02))]
    pd.DataFrame(rows, columns=["game_id", "tick", "price"]).to_csv(tmp_path / "a.csv", index=False)
    shutil.copytree(data_dir() / "lines", tmp_path, dirs_exist_ok=True)
    put(tmp_path, "b.jsonl", *game_lines("20260101-0123456789abcdef", PRICES))
    before = load(tmp_path)
    seal(tmp_path)
    assert before.ids.tolist() == load(tmp_path).ids.tolist()


def test_sealing_again_does_nothing(folder):
    seal(folder)
    times = {path: path.stat().st_mtime_ns for path in (folder / "catalogue").glob("*.parquet")}
    assert seal(folder).files == 0
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_a_file_that_grew_is_sealed_anew(tmp_path):
    lines = game_lines(ID, PRICES, end={})
    put(tmp_path, "a.jsonl", *lines[:14])
    seal(tmp_path)
    put(tmp_path, "a.jsonl", *lines)
    put(tmp_path, "b.jsonl", *game_lines(OTHER, PRICES, end={}))
    whole = load(tmp_path)
    assert whole[ID].status == "complete"
    assert seal(tmp_path).files == 2
    assert same(whole, load(tmp_path))
    assert "no_end" not in set(load(tmp_path).damage["kind"])


def test_games_that_were_sealed_are_copied_and_no_values_made_of_them(tmp_path, monkeypatch):
    for n in range(8):
        put(tmp_path, f"a{n}.jsonl", *game_lines(f"{ID[:-1]}{n}", PRICES, end={}))
    seal(tmp_path)
    made = []
    monkeypatch.setattr(parquet, "table_of", lambda games: made.append(games.ids.tolist()) or table_of(games))
    put(tmp_path, "b.jsonl", *game_lines(ID[:-1] + "f", PRICES, end={}))
    put(tmp_path, "c.jsonl", *game_lines(ID[:-2] + "0a", PRICES, end={}))
    whole = load(tmp_path)
    seal(tmp_path)
    assert {game_id for ids in made for game_id in ids} == {ID[:-1] + "f", ID[:-2] + "0a"}
    assert same(whole, load(tmp_path))
    (path,) = (tmp_path / "catalogue").glob("games_*.parquet")
    assert ParquetStore(path).check()


def test_a_value_that_changes_on_its_way_to_the_file_is_noticed(tmp_path, monkeypatch):
    def wrong(games):
        table = table_of(games)
        prices = [[each[0], each[1] * 1.01, *each[2:]] for each in table["prices"].to_pylist()]
        return table.set_column(table.column_names.index("prices"), "prices", pa.array(prices))

    put(tmp_path, "a.jsonl", *game_lines(ID, PRICES, end={}))
    monkeypatch.setattr(parquet, "table_of", wrong)
    with pytest.raises(RugsLabError, match="does not contain what was written"):
        seal(tmp_path)


def test_an_archive_whose_checksum_is_not_read_any_more_has_no_verdicts(tmp_path):
    path = rl.synthetic(2, seed=1).save(tmp_path / "a.parquet")
    games = load(path)
    games.verify()
    table = pq.read_table(games.save(path)).drop_columns(["sum"])
    pq.write_table(table.replace_schema_metadata({b"rugs_lab.schema": b"3"}), path)
    assert load(path).frame["verified"].isna().all()
    assert not len(load(path).damage)


def test_a_verdict_that_is_new_is_saved(tmp_path):
    saved = load(rl.synthetic(3, seed=1).save(tmp_path / "a.parquet"))
    assert saved.frame["verified"].isna().all()
    saved.verify()
    again = load(saved.save(tmp_path / "b.parquet"))
    assert again.frame["verified"].tolist() == [True] * 3
    assert ParquetStore(tmp_path / "b.parquet").check()


def test_games_that_were_changed_are_saved_without_their_verdict(tmp_path):
    put(tmp_path, "a.jsonl", *game_lines(ID, PRICES, end={}))
    seal(tmp_path)
    (path,) = (tmp_path / "catalogue").glob("games_*.parquet")
    table = pq.read_table(path)
    place = table.column_names.index("server_seed_hash")
    changed = table.set_column(place, "server_seed_hash", pa.array(["0" * 64]))
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    games = load(tmp_path)
    assert "altered" in set(games.damage["kind"])
    saved = games.save(tmp_path / "saved.parquet")
    assert ParquetStore(saved).check()
    assert load(saved).frame["verified"].isna().all()


def test_a_pickled_selection_of_an_archive_that_was_sealed_anew_is_refused(tmp_path):
    put(tmp_path, "live_log_a.jsonl", *game_lines(ID, PRICES, end={}))
    seal(tmp_path)
    games = load(tmp_path).query("ticks >= 1")
    pickled = pickle.dumps(games)
    assert pickle.loads(pickled).ids.tolist() == [ID]
    put(tmp_path, "live_log_b.jsonl", *game_lines(ID[:-1] + "f", PRICES, end={}))
    seal(tmp_path)
    assert games.prices.size == games[0].prices.size  # the file that is open is still the one that was
    with pytest.raises(ArgumentError, match="rewritten by a later seal or save after these games"):
        pickle.loads(pickled)
    with pytest.raises(
        ArgumentError, match="rewritten by a later seal"
    ):  # pickled later, but selected before
        pickle.loads(pickle.dumps(games))


def test_parts_that_come_later_are_put_to_what_was_sealed(tmp_path):
    lines = game_lines(ID, PRICES, end={})
    put(tmp_path, "a.jsonl", *lines[:14])
    put(tmp_path, "b.jsonl", *lines[14:])
    whole = load(tmp_path)[ID]
    later = tmp_path.with_name("later.jsonl")
    (tmp_path / "b.jsonl").rename(later)
    seal(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    later.rename(tmp_path / "b.jsonl")
    for games in (load(tmp_path), seal(tmp_path) and load(tmp_path)):
        assert games[ID].prices.tolist() == whole.prices.tolist()
        assert games[ID].status == "complete"
        assert games.frame["file"].map(names)[ID] == ["a.jsonl", "b.jsonl"]
    assert "split" in set(games.damage["kind"])


def two_folders(tmp_path, one="log.jsonl", two="log.jsonl"):
    """Seal the first part of a game from d1, and put the second part into d2; the game as it is."""
    lines = game_lines(ID, PRICES, end={})
    for name in ("d1", "d2"):
        (tmp_path / name).mkdir()
    put(tmp_path / "d1", one, *lines[:14])
    put(tmp_path / "d2", two, *lines[14:])
    whole = load(tmp_path)[ID]
    later = tmp_path.with_name("later.jsonl")
    (tmp_path / "d2" / two).rename(later)
    seal(tmp_path)
    later.rename(tmp_path / "d2" / two)
    return whole


def test_files_of_the_same_name_in_two_folders_are_two_files(tmp_path):
    whole = two_folders(tmp_path)
    (tmp_path / "d1" / "log.jsonl").unlink()
    for games in (load(tmp_path), seal(tmp_path) and load(tmp_path)):
        assert games[ID].prices.tolist() == whole.prices.tolist()
        assert games[ID].status == "complete"


@pytest.mark.parametrize("to", [None, "elsewhere"])
def test_a_file_that_is_read_again_is_not_put_to_itself(tmp_path, monkeypatch, to):
    folder = tmp_path / "data"
    (folder / "d1").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    lines = game_lines(ID, PRICES, end={})
    put(folder / "d1", "a, b.jsonl", *lines[:14])
    seal("data", to)
    put(folder / "d1", "a, b.jsonl", *lines)
    rows = list(load("data/d1").damage["kind"])
    paths = ["data"] if to is None else ["data", to]
    assert list(load(paths).damage["kind"]) == rows
    seal("data", to)
    assert list(load(to or "data").damage["kind"]) == rows


def test_damage_of_a_sealed_file_outlives_another_file_of_its_name(tmp_path):
    for name in ("d1", "d2"):
        (tmp_path / name).mkdir()
    put(tmp_path / "d1", "log.jsonl", b"# a note\n", *game_lines(ID, PRICES[:4]))
    seal(tmp_path)
    before = load(tmp_path).damage["kind"].tolist()
    assert "comment" in before
    (tmp_path / "d1" / "log.jsonl").unlink()
    put(tmp_path / "d2", "log.jsonl", *game_lines(OTHER, PRICES, end={}))
    for games in (load(tmp_path), seal(tmp_path) and load(tmp_path)):
        kinds = games.damage["kind"].tolist()
        assert [kind for kind in before if kind not in kinds] == []
        assert sorted(games.ids) == [ID, OTHER]


def test_a_changed_file_is_not_taken_for_sealed(tmp_path):
    put(tmp_path, "a.jsonl", *game_lines(ID, PRICES, end={}))
    seal(tmp_path)
    put(tmp_path, "a.jsonl", *game_lines(OTHER, PRICES, end={}))
    assert sorted(load(tmp_path).ids) == [ID, OTHER]


@pytest.mark.parametrize(
    "name", ["write_parquet", "_sync", "_compare", "write_damage", "_replace", "os.replace"]
)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_an_end_at_any_step_loses_nothing(folder, monkeypatch, name, nth):
    """Whatever fails at whatever step, all games load; and the next seal puts everything right."""
    put(folder, "a.jsonl", *game_lines(ID, PRICES, begin=NAIVE - timedelta(hours=1), end={}))
    seal(folder)
    put(folder, "b.jsonl", *game_lines(OTHER, PRICES, begin=NAIVE + timedelta(days=31), end={}))
    before = load(folder)
    owner, attribute = (sealing.os, "replace") if name == "os.replace" else (sealing, name)
    work, calls = getattr(owner, attribute), []

    def failing(*arguments):
        calls.append(arguments)
        if len(calls) == nth:
            raise OSError(28, "No space left on device")
        return work(*arguments)

    monkeypatch.setattr(owner, attribute, failing)
    if name == "_replace" and nth > 1:
        return
    try:
        seal(folder)
    except OSError:
        assert len(calls) == nth
    monkeypatch.undo()
    loaded = load(folder)
    np.testing.assert_array_equal(loaded.prices, before.prices)
    pd.testing.assert_frame_equal(
        loaded.frame.drop(columns=["file", "verified"]), before.frame.drop(columns=["file", "verified"])
    )
    seal(folder)
    assert same(before, load(folder))
    assert list((folder / "catalogue").glob("*.tmp")) == []


_KILLED = """
import os, sys
from rugs_lab.recordings.catalogue import seal as sealing
steps = int(sys.argv[2])
def stop(work):
    def counted(*arguments):
        global steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), 9)
        return work(*arguments)
    return counted
sealing.os.replace = stop(os.replace)
sealing.os.fsync = stop(os.fsync)
sealing.write_parquet = stop(sealing.write_parquet)
sealing.seal(sys.argv[1])
"""


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_kill_9_between_any_two_steps_loses_nothing(folder):
    """Also between the replace of a file and the fsync of its folder."""
    before = load(folder)
    killed = 0
    for step in range(1, 30):
        shutil.rmtree(folder / "catalogue", ignore_errors=True)
        ended = subprocess.run(
            [sys.executable, "-c", _KILLED, str(folder), str(step)], check=False
        ).returncode
        killed += ended == -9
        np.testing.assert_array_equal(load(folder).prices, before.prices)
        if ended == 0:
            break
    assert ended == 0
    assert killed >= 10
    assert same(before, load(folder))


def test_what_cannot_be_read_back_is_not_sealed(folder, monkeypatch):
    monkeypatch.setattr(
        sealing,
        "write_parquet",
        lambda games, path: write_parquet(games[1:] if len(games) > 3 else games, path),
    )
    with pytest.raises(RugsLabError, match="does not contain what was written"):
        seal(folder)
    assert not (folder / "catalogue" / "sealed.json").exists()


def test_a_broken_catalogue_is_a_row_and_the_lines_are_read(folder):
    before = load(folder)
    seal(folder)
    (folder / "catalogue" / "games_2025-10.parquet").write_bytes(b"PAR1")
    games = load(folder)
    np.testing.assert_array_equal(games.prices, before.prices)
    assert "unreadable" in set(games.damage["kind"])
    with pytest.raises(RugsLabError, match="Move that file away"):
        seal(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sealed.json", b'{"schema": 1, "tables": null, "files": []}'),
        ("sealed.json", b'{"schema": 1, "files": {"a.jsonl": 5}}'),
        ("sealed.json", b"[]"),
        ("damage.parquet", b"PAR1"),
        ("damage.parquet", b""),
    ],
)
def test_what_stands_beside_the_games_may_be_broken(folder, name, content):
    before = load(folder)
    seal(folder)
    (folder / "catalogue" / name).write_bytes(content)
    games = load(folder)
    np.testing.assert_array_equal(games.prices, before.prices)
    assert ("unreadable" in set(games.damage["kind"])) == (name == "damage.parquet")


def test_two_seals_do_not_meet(folder):
    (folder / "catalogue").mkdir()
    with sealing._alone(folder / "catalogue"), pytest.raises(RugsLabError, match="by another process"):
        seal(folder)


def test_a_seal_needs_recordings(tmp_path):
    with pytest.raises(ArgumentError, match="no recordings in"):
        seal(tmp_path)
    with pytest.raises(ArgumentError, match="no such folder"):
        seal(tmp_path / "nowhere")


def test_another_program_can_read_it(folder):
    import duckdb

    seal(folder)
    games = load(folder)
    path = str(folder / "catalogue" / "games_*.parquet")
    found = duckdb.sql(
        f"select count(*), sum(len(prices)), max(peak) from read_parquet('{path}')"
    ).fetchall()[0]
    assert found == (len(games), len(games.prices), games.frame["peak"].max())
    manifest = json.loads((folder / "catalogue" / "sealed.json").read_text())
    assert manifest["schema"] == 1


def test_prices_stay_in_the_file_until_they_are_asked_for(tmp_path, monkeypatch):
    count, length = 9_000, 20
    flat = np.tile(np.linspace(1, 2, length), count)
    games = Games.from_arrays(
        [f"20260101-{n:016x}" for n in range(count)],
        flat,
        np.arange(count + 1) * length,
        rug_ticks=np.full(count, length - 1),
    )
    write_parquet(games, tmp_path / "a.parquet")
    loaded = load(tmp_path / "a.parquet")
    read = []
    store = loaded._parts[0][0]
    whole, group = store._file.read, store._file.read_row_groups
    monkeypatch.setattr(store._file, "read", lambda columns: read.append(columns) or whole(columns=columns))
    monkeypatch.setattr(store._file, "read_row_groups", lambda ns, *what: read.extend(ns) or group(ns, *what))
    picked = loaded.query("peak > 1")[4_000:4_200].sample(50, seed=1)
    assert len(picked.frame) == 50
    assert not any("prices" in columns for columns in read)
    read.clear()
    assert len(picked.prices) == 50 * length
    assert read == [7, 8]
    read.clear()
    assert loaded[8_999].prices[-1] == 2.0
    assert [game.id for game in loaded[8_900:]][-1] == f"20260101-{8_999:016x}"
    assert [int(each) for each in read if not isinstance(each, list)] == [17]


def test_a_parquet_file_of_something_else_is_told(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    games = load(tmp_path)
    assert len(games) == 0
    (row,) = games.damage_rows
    assert row.kind == "other_file"
    assert row.done.startswith("Parquet with the columns a; game_id, tick and price are expected")
    with pytest.raises(ArgumentError, match="Parquet with the columns a;"):
        load(tmp_path / "a.parquet")
    with pytest.raises(ArgumentError, match="should be a Parquet file of games, schema 4; its schema is 'an"):
        ParquetStore(tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArgumentError, match="cannot be read as"):
        ParquetStore(tmp_path / "a.parquet")


def test_what_was_wrong_with_a_sealed_game_is_known_when_a_part_of_it_comes_later(tmp_path):
    put(tmp_path, "a.jsonl", *game_lines(ID, PRICES, countdown=False, end={}))
    seal(tmp_path)
    assert load(tmp_path).damage["kind"].tolist() == ["late_message"]
    put(tmp_path, "b.jsonl", *game_lines(ID, PRICES))
    whole = [row.kind for row in load([tmp_path / "a.jsonl", tmp_path / "b.jsonl"]).damage_rows]
    assert sorted(row.kind for row in load(tmp_path).damage_rows) == sorted(whole)
    seal(tmp_path)
    assert sorted(row.kind for row in load(tmp_path).damage_rows) == sorted(whole)


def test_frames_of_an_archive_are_those_of_the_values_in_it(tmp_path):
    bet = PlayerBet(game_id=ID, player_id="p", start_tick=3, end_tick=43, stake_sol=0.1, time_ms=5)
    bets = [bet, PlayerBet(game_id=ID, username="u", payout_sol=0.5, practice=True)]
    games = load(data_dir()) + Games([Game(ID, np.array([1.0, 0.02]), rug_tick=1, recorded_bets=tuple(bets))])
    write_parquet(games, tmp_path / "games.parquet")
    there = Games.from_stores(ParquetStore(tmp_path / "games.parquet"))
    some = np.array([len(games) - 1, 0, 3, 2])
    for one, other in (
        (there, games),
        (there[some], games[some]),
        (there[some] + games, games[some] + games),
    ):
        pd.testing.assert_frame_equal(one.trades, other.trades)
        pd.testing.assert_frame_equal(one.sidebets, other.sidebets)
        assert one.prices.tobytes() == other.prices.tobytes()
    assert len(there.trades)
    assert len(there.sidebets)
    pd.testing.assert_frame_equal(there[:0].trades, games[:0].trades)


@pytest.mark.parametrize("at_once", [1, 30_000])
def test_files_sealed_one_after_the_other_are_as_if_sealed_at_once(tmp_path, monkeypatch, at_once):
    rng = np.random.default_rng(3)
    folders = [tmp_path / name for name in ("once", "batches")]
    shutil.copytree(data_dir() / "damaged", folders[0])
    for number in range(12):
        prices = [1.0, *rng.uniform(0.5, 2, 20).tolist(), 0.01]
        lines = game_lines(f"20251030-{number:016x}", prices, begin=NAIVE + timedelta(minutes=number))
        cuts = sorted(rng.integers(1, len(lines), 2).tolist())
        parts = (lines[: cuts[0] + 2], lines[cuts[0] : cuts[1]], lines[cuts[1] :])  # one game in three files
        for part, name in zip(parts, "abc", strict=True):
            with (folders[0] / f"game_{name}, {number // 4}.jsonl").open("ab") as file:
                file.write(b"".join(part))
    shutil.copytree(*folders)
    seal(folders[0])
    monkeypatch.setattr(sealing, "_AT_ONCE", at_once)
    seal(folders[1])
    once, batches = map(load, folders)
    assert same(once, batches)
    assert once.frame["verified"].equals(batches.frame["verified"])
    assert sorted(map(repr, once.notes)) == sorted(map(repr, batches.notes))
    assert {"split", "duplicate_ticks"} <= {row.kind for row in batches.damage_rows}


def test_an_end_between_two_batches_leaves_an_archive_of_the_first(folder, monkeypatch):
    monkeypatch.setattr(sealing, "_AT_ONCE", 1)
    taken = []

    def stop_at_the_third(*args):
        taken.append(args)
        if len(taken) == 3:
            raise KeyboardInterrupt
        return seal_files(*args)

    seal_files = sealing._seal_files
    before = load(folder)
    monkeypatch.setattr(sealing, "_seal_files", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        seal(folder)
    assert same(load(folder), before)
    monkeypatch.undo()
    assert seal(folder).games == len(before)
    assert same(load(folder), before)


def test_games_of_stores_in_turn_are_read_once_and_in_their_order(tmp_path):
    games = [Game(f"20260101-{n:016x}", np.array([1.0, 1 + n, 0.02]), rug_tick=2) for n in range(30)]
    stores = []
    for part in range(3):
        write_parquet(Games(games[part::3]), tmp_path / f"{part}.parquet")
        stores.append(ParquetStore(tmp_path / f"{part}.parquet"))
    mixed = Games.from_stores(*stores)
    order = np.argsort(mixed.ids.tolist())
    order = np.concatenate((order, order[4:1:-1], order[7:9]))
    chosen = mixed[order]
    expected = [mixed[int(place)] for place in order]
    assert chosen.prices.tolist() == np.concatenate([each.prices for each in expected]).tolist()
    assert chosen.details == [each for place in order for each in mixed[[int(place)]].details]
    assert chosen[5:].prices.tolist() == np.concatenate([each.prices for each in expected[5:]]).tolist()


def test_a_kept_game_keeps_nothing_but_its_own_prices(tmp_path):
    games = [Game(f"20260101-{n:016x}", np.array([1.0, 1 + n, 0.02]), rug_tick=2) for n in range(30)]
    write_parquet(Games(games), tmp_path / "a.parquet")
    game = Games.from_stores(ParquetStore(tmp_path / "a.parquet"))[7]
    for array, expected in ((game.prices, games[7].prices), (game.sources, games[7].sources)):
        assert array.base is None
        assert not array.flags.writeable
        assert array.tobytes() == expected.tobytes()


def test_the_log_of_looks_in_an_archive_is_no_recording(tmp_path):
    shutil.copytree(data_dir() / "damaged", tmp_path / "recordings")
    seal(tmp_path / "recordings")
    before = load(tmp_path / "recordings").damage
    (tmp_path / "recordings" / "catalogue" / "looks.log").write_text('{"kind":"backtest"}\n')
    pd.testing.assert_frame_equal(load(tmp_path / "recordings").damage, before)
    assert seal(tmp_path / "recordings").files == 0


@pytest.mark.skipif(os.name != "posix", reason="named pipes")
@pytest.mark.parametrize("name", ["sealed.json", "looks.log"])
def test_a_pipe_in_an_archive_blocks_neither_loading_nor_backtests(tmp_path, name):
    shutil.copytree(data_dir() / "damaged", tmp_path / "recordings")
    archive = seal(tmp_path / "recordings").folder
    whole = load(archive).frame
    (archive / name).unlink(missing_ok=True)
    os.mkfifo(archive / name)
    games = load(archive)
    pd.testing.assert_frame_equal(games.frame, whole)
    rl.backtest(rl.strategies["hold_to_target"], games + rl.synthetic(300, seed=5))
