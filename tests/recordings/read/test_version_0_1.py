"""What version 0.1 wrote reads as it did then, in today's words."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.games import damage
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.read.load import load
from rugs_lab.recordings.read.version_0_1 import kind_of_today
from rugs_lab.recordings.write.line_format import event_of, raw_line, read_line
from rugs_lab.recordings.write.line_types import HistoryLine, TickLine

FOLDER = Path(__file__).resolve().parents[1] / "version_0_1"
LOADED = json.loads((FOLDER / "loaded.json").read_text())
KINDS = {
    "healed_by_seed": "backfilled_by_seed",
    "healed_by_history": "backfilled_by_history",
    "made_up": "placeholder_values",
    "told_twice": "duplicate_ticks",
    "discarded": "aborted",
    "late_frame": "late_message",
    "wrong_record": "wrong_summary",
    "note": "comment",
}
SOURCES = {"healed": {"partial", "snapshot"}, "nothing": {"missing"}}


def names(files):
    """Return the names of files without their folders."""
    return files and ", ".join(Path(file).name for file in files.split(", "))


@pytest.fixture(scope="module", params=["catalogue", "lines"])
def loaded(request):
    """Return what was loaded, and what version 0.1 loaded from the same files."""
    lines = sorted(FOLDER.glob("*.jsonl"))
    return load([*lines, FOLDER / "catalogue"] if request.param == "catalogue" else lines), LOADED[
        request.param
    ]


def test_every_price_has_its_source_still(loaded):
    games, then = loaded
    assert games.ids.tolist() == [game["id"] for game in then["games"]]
    for game, expected in zip(games, then["games"], strict=True):
        np.testing.assert_array_equal(game.prices, np.array(expected["prices"], float), strict=True)
        assert game.sources.tolist() == expected["origins"]
        assert game.source in SOURCES.get(expected["known_by"], {expected["known_by"]})


@pytest.mark.parametrize("name", ["rug_tick", "server_seed", "server_seed_hash", "version"])
def test_what_was_known_of_a_game_is_known_still(loaded, name):
    games, then = loaded
    assert [getattr(game, name) for game in games] == [game[name] for game in then["games"]]


def test_starts_are_known_still_now_to_the_nanosecond_and_by_the_countdown(loaded):
    games, then = loaded
    for game, expected in zip(games, then["games"], strict=True):
        if expected["started_ns"] is not None:
            assert 0 <= game.started_ns - expected["started_ns"] < 1000
        elif game.started_ns is not None:
            assert not (game.sources == Source.RECEIVED).any()


def test_trades_and_side_bets_are_there(loaded):
    games, then = loaded
    assert [len(game.recorded_trades) for game in games] == [game["trades"] for game in then["games"]]
    assert [len(game.recorded_bets) for game in games] == [game["sidebets"] for game in then["games"]]


def test_repaired_was_backfilled_then_and_what_was_damaged_is_repaired(loaded):
    games, then = loaded
    damaged = {game for _, _, kind, game in then["damage"] if kind in ("contradiction", "after_rug")}
    statuses = [
        "repaired"
        if game["id"] in damaged
        else "backfilled"
        if game["status"] == "repaired"
        else game["status"]
        for game in then["games"]
    ]
    assert games.frame["status"].tolist() == statuses == [game.status for game in games]


def test_damage_is_called_by_its_new_name(loaded):
    games, then = loaded
    rows = [[names(row.file), row.line, row.kind, row.game_id] for row in games.damage_rows]
    expected = [[file, line, KINDS.get(kind, kind), game] for file, line, kind, game in then["damage"]]
    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_every_kind_of_damage_of_then_has_a_name_of_today():
    assert {kind_of_today(kind) for kind in KINDS} == set(KINDS.values()) <= set(damage.KINDS)
    assert not set(KINDS) & set(damage.KINDS)
    assert {kind for _, _, kind, _ in LOADED["catalogue"]["damage"]} & set(KINDS) >= {"made_up", "told_twice"}


def test_the_status_of_a_game_that_ended_is_that_of_today():
    line = '{"type":"game_end","game_id":"g1","rug_tick":4,"status":"repaired"}'
    assert read_line(line).status == "backfilled"


def test_one_line_reads_as_all_of_them_do():
    lines = [line for path in sorted(FOLDER.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    told = [json.loads(line)["healed"] for line in lines if b'"healed":' in line]
    read = [line.backfilled for line in map(read_line, lines) if isinstance(line, TickLine | HistoryLine)]
    assert [each for each in read if each is not None] == told
    assert set(told) == {"partial", "snapshot", "history", "seed"}
    assert read_line(next(line for line in lines if b'"healed":' in line).decode()).backfilled == told[0]


def test_an_event_that_has_a_word_of_version_0_1_stays_as_it_came():
    text = '["note",{"healed":1}]'
    assert event_of(read_line(raw_line(text))) == ("note", ({"healed": 1},))


def test_an_archive_of_version_0_1_takes_new_recordings(tmp_path):
    shutil.copytree(FOLDER / "catalogue", tmp_path / "catalogue")
    before = load(tmp_path)
    for path in FOLDER.glob("*.jsonl"):  # longer than when they were sealed, so they are sealed again
        (tmp_path / path.name).write_bytes(path.read_bytes() + b'{"type":"session","format":"rugs_lab/1"}\n')
    assert seal(tmp_path).files == 3
    after = load(tmp_path / "catalogue")
    assert after.ids.tolist() == before.ids.tolist()
    np.testing.assert_array_equal(after.prices, before.prices)
    np.testing.assert_array_equal(after.sources, before.sources)
    assert sorted(row.kind for row in after.damage_rows) == sorted(row.kind for row in before.damage_rows)
    assert sorted(store._of_0_1 for store, _ in after._parts) == [False, True]
    assert after.frame["status"].equals(before.frame["status"])
