"""A file of an archive that is not what seal wrote costs itself: its lines are read, and damage says so."""

import json
import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rugs_lab as rl
from rugs_lab.errors import ArgumentError, RugsLabError
from rugs_lab.game.leaderboard import PlayerBet, Standing
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.phase import Phase
from rugs_lab.game.signal import GameSignal
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.catalogue.light_columns import fingerprint
from rugs_lab.recordings.catalogue.parquet import ParquetStore, write_parquet
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.message_rows import pack_message, row_of
from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir
from tests.support.original import game_lines

ID, OTHER = "20251030-0123456789abcdef", "20251130-0123456789abcdef"
PRICES = [1.0, 1.2, 0.9, 1.1, 1.3, 0.9 * (1 - 0.98)]
NAN = float("nan")
BET = PlayerBet(game_id=ID, player_id="p", start_tick=1, end_tick=41, stake_sol=0.1, time_ms=5)
TRADE = Trade("t", ID, "p", "u", "buy", 1, 1.2, 0.1, 0.08, False, received_ns=5, late_ticks=0)


@pytest.fixture
def folder(tmp_path):
    for name in (ID, OTHER):
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(game_lines(name, PRICES, countdown=False, end={})))
    seal(tmp_path)
    return tmp_path


def rewrite(path, change):
    """Write a file again with its metadata, after `change` of its rows."""
    table = pq.read_table(path)
    schema = table.schema
    beside = path.with_suffix(".new")
    pq.write_table(change(table).replace_schema_metadata(schema.metadata), beside)
    beside.replace(path)  # the games that were loaded before have the old one open


def column(name, values, kind=None):
    def change(table):
        place = table.column_names.index(name)
        return table.set_column(place, name, pa.array([values], kind or table.schema.field(name).type))

    return change


WRONG = {
    "no prices": lambda table: table.drop_columns(["prices"]),
    "no ids": lambda table: table.drop_columns(["id"]),
    "ids that are numbers": column("id", 7, pa.int64()),
    "an id with a space": column("id", "a b"),
    "no id": column("id", None),
    "prices as texts": column("prices", ["1.0"] * 6, pa.list_(pa.string())),
    "prices of 32 bits": column("prices", [1.0] * 6, pa.list_(pa.float32())),
    "one price as number": column("prices", 1.0, pa.float64()),
    "a negative price": column("prices", [1.0, -1.0, 1.0, 1.0, 1.0, 1.0]),
    "an infinite price": column("prices", [1.0, float("inf"), 1.0, 1.0, 1.0, 1.0]),
    "a price that is not a number": column("prices", [1.0, NAN, 1.0, 1.0, 1.0, 1.0]),
    "a null that is received": column("prices", [1.0, None, 1.0, 1.0, 1.0, 1.0]),
    "too few prices": column("prices", [1.0]),
    "no list of prices": column("prices", None),
    "too few sources": column("sources", [1]),
    "a source that is none": column("sources", [1, 1, 1, 1, 1, 9]),
    "a length that is wrong": column("length", 7),
    "a negative length": column("length", -1),
    "a status that is none": column("status", "splendid"),
    "a status of texts": column("status", "complete", pa.string()),
    "no status": column("status", None),
    "a rug beyond the prices": column("rug_tick", 6),
    "a source beyond all": column("source", 100),
    "another peak": column("peak", 5.0),
    "a peak elsewhere": column("peak_tick", 1),
    "another rug price": column("rug_price", 0.5),
    "no rug price": column("rug_price", None),
    "another status": column("status", "repaired"),
    "a mark without its status": column("corrected", True),
    "another source": column("source", 3),
    "missing ticks that are not": column("missing", 1),
    "trades that are not there": column("trade_count", 1),
    "another rug tick": column("rug_tick", 4),
    "another price": column("prices", [1.0, 1.2, 0.9, 1.1, 1.4, 0.9 * (1 - 0.98)]),
    "trades as texts": column("trades", ["buy"], pa.list_(pa.string())),
    "trades of other fields": column("trades", [{"hash": 1}], pa.list_(pa.struct({"hash": pa.int64()}))),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_column_costs_its_file_only(folder, wrong):
    whole = load(folder)
    assert whole.frame["status"].tolist() == ["complete"] * 2
    path = folder / "catalogue" / "games_2025-10.parquet"
    rewrite(path, WRONG[wrong])
    games = load(folder)
    assert games.ids.tolist() == whole.ids.tolist()
    np.testing.assert_array_equal(games.prices, whole.prices)
    assert games.frame["status"].tolist() == ["complete"] * 2
    (row,) = games.damage.query("kind == 'unreadable'").itertuples()
    assert row.file == str(path)
    assert "is not a file of games that rugs_lab.seal wrote: " in row.done
    for file in folder.glob("*.jsonl"):
        file.unlink()
    games = load(folder)
    assert games.ids.tolist() == [OTHER]
    assert games[OTHER].prices.tolist() == PRICES


IMPOSSIBLE = {
    "messages": [
        *({"kind": value} for value in ("bogus", None)),
        *({"phase": value} for value in ("bogus", None)),
        *({"tick": -7}, {"price": -5e300}, {"price": 0.0}, {"place": None}, {"cooldown_ms": -1}),
        None,
    ],
    "trades": [
        *({"price": -3.0}, {"type": None}, {"late_ticks": 2**31 - 1}, {"received_ns": -(2**63)}),
        *({"tick": -1}, {"units": 1e300}, {"id": "x" * 200}, None),
    ],
    "sidebets": [{"time_ms": 2**62}, {"time_ms": -1}, {"start_tick": -1}, {"stake_sol": 1e300}, None],
    "leaderboard": [{"position": -5}, {"units": 1e300}, None],
}
ALTERED = {
    "messages": [{"received_ns": 2**63 - 1}, {"price": 2.5}, {"phase": "RUG"}, {"players": 3}],
    "trades": [{"type": "steal"}, {"late_ticks": -5}, {"received_ns": 2**63 - 1}],
    "sidebets": [{"stake_sol": None}, {"time_ms": 10**12}],
    "leaderboard": [{"level": 3}],
}


def pairs(changes):
    return [(name, change) for name, some in changes.items() for change in some]


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """A table with a row of everything, in the first game."""
    folder = tmp_path_factory.mktemp("rich")
    active = GameSignal(gameId=ID, phase=Phase.ACTIVE, kind=MessageKind.ACTIVE, tickCount=1, price=1.2)
    details = {
        "recorded_messages": pack_message(*row_of(active, 5, 1)),
        "recorded_trades": (TRADE,),
        "recorded_bets": (
            PlayerBet(game_id=ID, player_id="p", start_tick=1, end_tick=41, stake_sol=0.1, time_ms=5),
        ),
        "recorded_board": (Standing(position=1, player_id="p"),),
    }
    write_parquet(
        Games([Game(ID, np.array(PRICES), rug_tick=5, ended_ms=10, **details)]), folder / "a.parquet"
    )
    assert len(load(folder)) == 1
    assert load(folder).damage.empty
    return pq.read_table(folder / "a.parquet")


def with_field(rich, name, change, folder):
    rows = rich.to_pylist()
    rows[0][name][0] = change if change is None else rows[0][name][0] | change
    pq.write_table(pa.Table.from_pylist(rows, rich.schema), folder / "a.parquet")
    return load(folder)


@pytest.mark.parametrize(
    ("name", "change"), [(key, each) for key, some in IMPOSSIBLE.items() for each in some]
)
def test_what_no_line_could_hold_costs_the_file(rich, tmp_path, name, change):
    games = with_field(rich, name, change, tmp_path)
    assert len(games) == 0
    assert games.damage["kind"].tolist() == ["unreadable"]
    assert "is not a file of games that rugs_lab.seal wrote: " in games.damage["done"][0]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_list_that_is_null_costs_the_file(rich, tmp_path, name):
    rows = rich.to_pylist()
    rows[0] |= {name: None, "trade_count": 0 if name == "trades" else 1}
    pq.write_table(pa.Table.from_pylist(rows, rich.schema), tmp_path / "a.parquet")
    assert load(tmp_path).damage["kind"].tolist() == ["unreadable"]


def test_an_end_beyond_all_times_costs_the_file(rich, tmp_path):
    rows = [rich.to_pylist()[0] | {"ended_ms": 2**62}]
    pq.write_table(pa.Table.from_pylist(rows, rich.schema), tmp_path / "a.parquet")
    assert load(tmp_path).damage["kind"].tolist() == ["unreadable"]


@pytest.mark.parametrize(("name", "change"), pairs(ALTERED))
def test_what_could_be_but_was_changed_is_said(rich, tmp_path, name, change):
    games = with_field(rich, name, change, tmp_path)
    assert games.damage["kind"].tolist() == ["altered"]
    _ = games.frame, games.trades, games.sidebets, games.messages, [game.trades for game in games]


def test_a_file_as_it_was_written_is_not_checked_again(folder, monkeypatch):
    manifest = json.loads((folder / "catalogue" / "sealed.json").read_text())
    assert sorted(manifest["marks"]) == ["games_2025-10.parquet", "games_2025-11.parquet"]
    checked = []
    check = ParquetStore.check
    monkeypatch.setattr(ParquetStore, "check", lambda self: checked.append(self.path.name) or check(self))
    load(folder)
    assert checked == []
    rewrite(folder / "catalogue" / "games_2025-10.parquet", lambda table: table)
    assert len(load(folder)) == 2
    assert checked == ["games_2025-10.parquet"]


def test_archives_of_today_and_of_version_0_1_are_right():
    for folder in (data_dir() / "sample", data_dir().parent / "tests/recordings/version_0_1/catalogue"):
        for path in folder.glob("games_*.parquet"):
            ParquetStore(path).check()


def test_two_rows_of_one_game_are_a_fault(tmp_path, folder):
    path = folder / "catalogue" / "games_2025-10.parquet"
    rewrite(path, lambda table: pa.concat_tables([table, table]))
    with pytest.raises(ArgumentError, match="an id in it is invalid, or is there twice"):
        ParquetStore(path).check()


@pytest.mark.parametrize("name", ["file", "kind", "done", "line"])
def test_rows_of_damage_that_cannot_be_are_left_out_and_said(folder, name):
    (folder / "a.jsonl").write_bytes(b"x\n" + b"".join(game_lines(ID, PRICES)))
    seal(folder)
    path = folder / "catalogue" / "damage.parquet"
    table = pq.read_table(path)
    values = (
        pa.nulls(len(table), table.schema.field(name).type)
        if name != "line"
        else pa.array(["a"] * len(table))
    )
    pq.write_table(table.set_column(table.column_names.index(name), name, values), path)
    games = load(folder)
    assert len(games) == 2
    assert games.damage.query("kind == 'unreadable'")["file"].tolist() == [str(path)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("verified", True),
        ("file", "b.jsonl"),
        ("server_seed", "5" * 64),
        ("started", pd.Timestamp(1, tz="UTC")),
        ("ended_ms", 1),
    ],
)
def test_values_that_do_not_follow_from_prices_are_said_to_be_changed(folder, name, value):
    path = folder / "catalogue" / "games_2025-10.parquet"
    rewrite(path, column(name, value))
    for games in (load(folder), load(path)):
        assert games.frame["verified"].isna().all()
        assert games.damage.query("kind == 'altered'")["file"].tolist() == [str(path)]
    with pytest.raises(RugsLabError, match="not as it was written"):
        seal(folder)


def test_verdicts_in_a_copy_of_an_archive_are_kept(tmp_path):
    games = rl.synthetic(3, seed=1)
    games.verify()
    write_parquet(games, tmp_path / "games.parquet")
    loaded = load(tmp_path / "games.parquet")
    assert loaded.frame["verified"].tolist() == [True] * 3
    assert loaded.damage.empty


@pytest.mark.parametrize("lines", ["left", "gone"])
def test_rows_of_damage_that_are_gone_are_read_again_or_missed(folder, lines):
    (folder / "a.jsonl").write_bytes(b"x\n" + b"".join(game_lines(ID, PRICES)))
    seal(folder)
    before = load(folder).damage
    assert len(before)
    path = folder / "catalogue" / "damage.parquet"
    path.unlink()
    if lines == "gone":
        for file in folder.glob("*.jsonl"):
            file.unlink()
    games = load(folder)
    assert len(games) == 2
    (row,) = games.damage.query("kind == 'unreadable'").itertuples()
    assert (row.file, row.done[:10]) == (str(path), "it is gone")
    kinds = games.damage["kind"].tolist()
    assert sorted(kinds) == sorted(["unreadable", *(before["kind"] if lines == "left" else ())])
    if lines == "left":
        seal(folder)
        assert sorted(load(folder).damage["kind"]) == sorted(before["kind"])


def test_a_file_in_which_one_price_changed_is_another_file(tmp_path):
    """Of the same size, and with the same end but for the checksum of all prices."""
    games = rl.synthetic(300, seed=5, method="statistical")
    ids, flat, offsets = list(games.ids), np.array(games.prices), np.array(games.offsets)
    rugs = np.array(games.rug_ticks)
    path = Games.from_arrays(ids, flat, offsets, rug_ticks=rugs).save(tmp_path / "games.parquet")
    pickled, before = pickle.dumps(rl.load(path)), fingerprint(path, 2**16)
    sizes = set()
    for n in range(12):
        changed = flat.copy()
        at = offsets[n * 20] + 1
        changed[at] = np.nextafter(changed[at], 9)
        Games.from_arrays(ids, changed, offsets, rug_ticks=rugs).save(path)
        sizes.add(path.stat().st_size)
        assert fingerprint(path, 2**16) != before
        with pytest.raises(ArgumentError, match="rewritten by a later seal"):
            pickle.loads(pickled)
    Games.from_arrays(ids, flat, offsets, rug_ticks=rugs).save(path)
    assert np.array_equal(pickle.loads(pickled).prices, flat)
