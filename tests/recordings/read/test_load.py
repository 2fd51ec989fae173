"""Files of every format → games: what is put together, what is left out, and its row of damage."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rugs_lab.errors import ArgumentError
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.recordings.games import damage
from rugs_lab.recordings.games.damage import Damage
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.read.formats.items import Records
from rugs_lab.recordings.read.load import load
from rugs_lab.recordings.read.read_records import read_lines
from rugs_lab.resources import data_dir
from tests.support.original import NAIVE, game_lines, interleaved, line, tick

ID, OTHER = "20251030-0123456789abcdef", "20251030-fedcba9876543210"
SEED = "7" * 64
PRICES = [1.0, 1.2, 0.9, 1.1, 1.3, 0.9 * (1 - 0.98)]


@pytest.fixture
def put(tmp_path):
    """Write a file, and load all that are there."""

    def write(*lines: bytes, name: str = "game_20251030_120000.jsonl"):
        (tmp_path / name).write_bytes(b"".join(lines))
        return load(tmp_path)

    return write


def kinds(games):
    return games.damage["kind"].tolist()


def test_a_whole_game(put):
    games = put(*game_lines(ID, PRICES, end={}))
    assert games[ID].prices.tolist() == PRICES
    assert (games[ID].rug_tick, games[ID].status) == (5, "complete")
    assert kinds(games) == ["late_message", "placeholder_values"]
    assert games.damage["done"][1] == "price 1.0 and trade count 0 in 10 rows before the game: dropped"
    assert (games[ID].sources == Source.RECEIVED).all()


def test_times_without_zone_are_eastern(put):
    games = put(*game_lines(ID, PRICES))
    assert games.frame["start"][ID].isoformat() == "2025-10-30T16:00:15.000005+00:00"
    winter = NAIVE + timedelta(days=5)
    games = put(*game_lines(ID, PRICES, begin=winter))
    assert games.frame["start"][ID].isoformat() == "2025-11-04T17:00:15.000005+00:00"


def test_the_parts_of_a_game_are_put_together(put):
    lines = game_lines(ID, PRICES, end={})
    put(*lines[:13], name="a.jsonl")
    games = put(*lines[13:], name="b.jsonl")
    assert games[ID].prices.tolist() == PRICES
    assert games[ID].status == "complete"
    assert games.damage.query("kind == 'split'")["done"].tolist() == [
        "part of a game that begins in a.jsonl: put together"
    ]


def test_a_game_recorded_twice_is_taken_once(put):
    put(*game_lines(ID, PRICES), name="a.jsonl")
    games = put(*game_lines(ID, PRICES), name="b.jsonl")
    assert games[ID].prices.tolist() == PRICES
    assert games.damage.query("kind == 'duplicate_ticks'")["done"].tolist() == [
        "6 duplicate ticks with the same price: used once"
    ]


def test_the_first_price_of_a_tick_is_kept(put):
    games = put(*game_lines(ID, PRICES), tick(ID, NAIVE, 2, 5.0, "ACTIVE_GAMEPLAY"))
    assert games[ID].prices.tolist() == PRICES
    row = games.damage.query("kind == 'contradiction'").iloc[0]
    assert (row["line"], row["done"]) == (19, "price 5.0 of tick 2: dropped, the earlier 0.9 is kept")


def _broken(kind):
    """Return the lines of a game of which one was dropped or corrected, but that is complete."""
    lines = game_lines(ID, PRICES, end={})
    at = 13  # of tick 2
    return {
        "interleaved": [*lines[:at], interleaved(*lines[at : at + 2]), *lines[at + 2 :]],
        "fragment": [*lines[:at], lines[at][:-1] + b"}}\n", *lines[at + 1 :]],
        "torn_line": [*lines, lines[at][:-1] + b'{"type": "ti'],
        "bad_value": [*lines, tick(ID, NAIVE, 3, -1.0, "ACTIVE_GAMEPLAY")],
        "contradiction": [*lines, tick(ID, NAIVE, 3, 5.0, "ACTIVE_GAMEPLAY")],
        "after_rug": [*lines, tick(ID, NAIVE, 9, 5.0, "ACTIVE_GAMEPLAY")],
        "second_rug": [*lines, tick(ID, NAIVE, 9, 5.0, "ACTIVE_GAMEPLAY", rugged=True)],
    }[kind]


FLAGS = {
    "active": ({"active": True, "rugged": False}, {"active": True, "rugged": True}),
    "over": ({"active": True, "rugged": False}, {"active": False, "rugged": True}),
    "rugged alone": ({"active": True}, {"rugged": True}),
    "phase alone": ({}, {}),
}


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
@pytest.mark.parametrize("names", [("ACTIVE", "RUG"), ("ACTIVE_GAMEPLAY", "RUG"), ("LIVE", "RUGGED")])
def test_the_flags_of_a_line_say_what_it_is_whatever_the_phase_is_called(put, flags, names):
    lines = [
        line(type="tick", game_id=ID, tick=n, price=price, phase=names[n == 5], **flags[n == 5])
        for n, price in enumerate(PRICES)
    ]
    games = put(*lines)
    if names[0] == "LIVE" and not flags[0]:
        assert kinds(games) == ["bad_value"] * len(PRICES) + ["pregame_only"]
        assert "phase 'LIVE' is not known: dropped" in games.damage["done"][0]
        return
    assert (kinds(games), games[0].rug_tick, games[0].status) == ([], 5, "complete")


def test_a_row_before_the_game_is_no_rug(put):
    games = put(line(type="tick", game_id=ID, tick=0, price=1.0, phase="UNKNOWN", active=False, rugged=True))
    assert kinds(games)[0] == "placeholder_values"
    assert games[0].rug_tick is None


@pytest.mark.parametrize("kind", sorted(damage.CORRECTED))
def test_a_complete_game_of_which_a_line_was_dropped_or_corrected_is_repaired(put, kind):
    games = put(*game_lines(OTHER, PRICES, countdown=False), *_broken(kind))
    assert kind in kinds(games)
    assert games[ID].prices.tolist() == PRICES
    assert (games[ID].status, games.frame["status"][ID]) == ("repaired", "repaired")
    assert games[OTHER].status == "complete"


def test_a_corrected_game_that_was_backfilled_too_is_repaired(put):
    published = {"server_seed": SEED, "server_seed_hash": seed_hash(SEED), "version": "v3"}
    prices = replay_prices(SEED, ID).tolist()
    wrong = tick(ID, NAIVE, 7, 5.0, "ACTIVE_GAMEPLAY")
    lines = [*game_lines(ID, prices, first=5), line(type="published", game_id=ID, **published)]
    games = put(*lines, wrong)
    assert (games[ID].source, games[ID].status) == ("seed", "repaired")
    assert put(*lines)[ID].status == "backfilled"


def test_late_start_gap_and_missing_rug(put):
    lines = game_lines(ID, PRICES, first=2, countdown=False)
    games = put(*lines)
    assert games[ID].status == "late_start"
    games = put(*lines[:2], *lines[3:])
    assert games.damage.query("kind == 'gap'")["done"].tolist() == [
        "ticks 3 (1) are not recorded: left missing"
    ]
    games = put(*game_lines(ID, PRICES, rug=False))
    assert games[ID].status == "no_rug"
    assert games[ID].rug_tick is None


def test_ticks_after_the_rug_and_a_second_rug_are_dropped(put):
    more = [tick(ID, NAIVE, 5 + n, 0.02 + n, "ACTIVE_GAMEPLAY", rugged=n == 3) for n in (1, 2, 3)]
    games = put(*game_lines(ID, PRICES), *more)
    assert games[ID].prices.tolist() == PRICES
    assert {"after_rug", "second_rug"} <= set(kinds(games))


def test_a_wrong_rug_price_is_reported(put):
    wrong = [*PRICES[:-1], 0.5]
    assert (
        "although no tick is missing"
        in put(*game_lines(ID, wrong)).damage.query("kind == 'rug_price'")["done"].iloc[0]
    )
    lines = game_lines(ID, PRICES, countdown=False)
    without_lowest = put(*lines[:3], *lines[4:])
    assert "a lower one is missing" in without_lowest.damage.query("kind == 'rug_price'")["done"].iloc[0]


def test_only_rows_before_the_game(put):
    games = put(*game_lines(ID, PRICES)[:5])
    assert games[ID].status == "pregame_only"
    assert len(games[ID].prices) == 0
    assert "no_end" in kinds(games)


def test_a_session_file_holds_several_games(put):
    other = "20251030-00000000000000ff"
    lines = [line(type="session_start", timestamp=NAIVE.isoformat())]
    for game_id in (ID, other):
        lines += game_lines(game_id, PRICES, countdown=False)[1:]
        lines.append(
            line(type="game_complete", timestamp=NAIVE.isoformat(), game_id=game_id, server_seed="abc")
        )
    games = put(*lines, line(type="session_end", timestamp=NAIVE.isoformat()), name="session_1.jsonl")
    assert sorted(games.ids) == sorted([ID, other])
    assert games.frame["status"].tolist() == ["complete"] * 2
    assert games.frame["seed_known"].tolist() == [False, False]
    assert kinds(games).count("wrong_summary") == 2


@pytest.mark.parametrize("cut", [0, 2, 90])
def test_interleaved_records_are_salvaged(put, cut):
    lines = game_lines(ID, PRICES, countdown=False)
    games = put(lines[0], interleaved(*lines[1:4], cut=cut), *lines[4:])
    expected = PRICES if cut < 90 else [np.nan, np.nan, *PRICES[2:]]
    np.testing.assert_array_equal(games[ID].prices, expected)
    row = games.damage.query("kind == 'interleaved'").iloc[0]
    assert row["line"] == 2
    read = {
        0: "1 read, 2 read up to a cut, 0 lost",
        90: "1 read, 0 read up to a cut, 2 lost",
    }
    assert read.get(cut, "1 read") in row["done"]


@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (b"## a note\n", "comment"),
        (b"\n", "blank_line"),
        (b'5595", "game_id": "x", "total_ticks": 295}\n', "fragment"),
        (b'{"type": "tick", "timest\n', "fragment"),
        (b"\x00\xff\xfe\n", "fragment"),
        (b'{"type": "weather", "wind": 3}\n', "unknown_record"),
        (b'{"price": 3}\n', "unknown_record"),
        (b'{"type": "tick", "game_id": 7}\n', "unknown_record"),
        (b"[" * 100_000 + b"\n", "fragment"),
    ],
)
def test_one_bad_line_never_costs_the_game(put, broken, kind):
    lines = game_lines(ID, PRICES)
    games = put(*lines[:14], broken, *lines[14:])
    assert games[ID].prices.tolist() == PRICES
    rows = games.damage[games.damage["line"] == 15]
    assert rows["kind"].tolist() == [kind]


def test_a_torn_last_line(put):
    lines = game_lines(ID, PRICES)
    games = put(*lines[:15], lines[15][:60])
    assert games[ID].prices.tolist() == PRICES[:4]
    assert games.damage.query("kind == 'torn_line'")["line"].tolist() == [16]


def test_values_beyond_belief_are_dropped(put):
    bad = [
        tick(ID, NAIVE, n, p, "ACTIVE_GAMEPLAY") for n, p in ((2, -1.0), (10**9, 1.0), (-1, 1.0), (3, 1e300))
    ]
    games = put(*game_lines(ID, PRICES), *bad, tick(ID, NAIVE, 3, None, "ACTIVE_GAMEPLAY"))
    assert games[ID].prices.tolist() == PRICES
    assert kinds(games).count("bad_value") == 5


def history(**fields):
    return line(type="history", game_id=ID, **fields)


def test_a_game_is_backfilled_from_its_seed(put):
    prices = replay_prices(SEED, ID).tolist()
    lines = game_lines(ID, prices, countdown=False)
    seed = history(server_seed=SEED, server_seed_hash=seed_hash(SEED), version="v3")
    games = put(*lines[:4], *lines[9:], seed)
    assert games[ID].prices.tolist() == prices
    assert (games[ID].status, games[ID].source, games[ID].verified) == ("backfilled", "seed", True)
    assert "ticks (3-7) filled" in games.damage.query("kind == 'backfilled_by_seed'")["done"].iloc[0]


def test_the_seed_of_another_game_is_not_used(put):
    prices = replay_prices(SEED, ID).tolist()
    lines = game_lines(ID, [*prices[:-1], 0.5], countdown=False)
    other = "8" * 64
    games = put(
        *lines[:4], *lines[9:], history(server_seed=other, server_seed_hash=seed_hash(other), version="v3")
    )
    assert games[ID].status == "gaps"
    assert "wrong_seed" in kinds(games)
    games = put(*lines[:4], *lines[9:], history(server_seed=SEED, server_seed_hash="0" * 64, version="v3"))
    assert "wrong_seed" in kinds(games)


def test_a_game_given_by_its_history_alone(put):
    games = put(history(prices=PRICES, rug_tick=5, backfilled="history"))
    assert games[ID].prices.tolist() == PRICES
    assert (games[ID].source, games[ID].rug_tick) == ("history", 5)


def test_a_folder_a_glob_a_list_and_a_file(put, tmp_path):
    put(*game_lines(ID, PRICES), name="a.jsonl")
    (tmp_path / "deep").mkdir()
    put(*game_lines("b", PRICES), name="deep/b.jsonl")
    for path in (tmp_path, str(tmp_path / "**" / "*.jsonl"), [tmp_path / "a.jsonl", str(tmp_path / "deep")]):
        assert sorted(load(path).ids) == [ID, "b"]
    assert load(tmp_path / "a.jsonl").ids.tolist() == [ID]


@pytest.mark.parametrize("path", ["nowhere", "nowhere/*.jsonl", [], 7, [7]])
def test_nothing_to_load_is_an_error(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError, match=r"no such file|must be a file"):
        load(path)
    with pytest.raises(ArgumentError, match="no recordings in"):
        load(tmp_path)


def test_empty_and_unreadable_files_are_rows(put, tmp_path):
    (tmp_path / "b.jsonl").write_bytes(b"")
    (tmp_path / "c.jsonl.torn").write_bytes(b"{")
    games = put(*game_lines(ID, PRICES))
    assert {"empty_file", "torn_line"} <= set(kinds(games))


def test_ten_thousand_broken_files_give_one_report(tmp_path, recwarn):
    for number in range(2_000):
        (tmp_path / f"{number}.jsonl").write_bytes(b'{"type": "ti')
    games = load(tmp_path)
    assert len(games) == 0
    assert kinds(games) == ["torn_line"] * 2_000
    assert list(recwarn) == []


def test_a_capture_is_loaded_as_a_feed_takes_it(put):
    def frame(ms, **fields):
        at = datetime(2026, 1, 1) + timedelta(milliseconds=ms)
        return line(ts=at.isoformat() + "Z", event="gameStateUpdate", data={"gameId": ID, **fields})

    lines = [
        frame(250 * n, active=True, rugged=n == 5, tickCount=n, price=PRICES[n]) for n in (0, 1, 3, 4, 5)
    ]
    games = put(*lines, b"broken\n", line(ts="x", event="connect", data=None))
    np.testing.assert_array_equal(games[ID].prices, [1.0, 1.2, np.nan, *PRICES[3:]])
    assert games[ID].status == "gaps"
    assert games.frame["start"][ID].isoformat() == "2026-01-01T00:00:00+00:00"
    assert games.damage.query("kind == 'fragment'")["line"].tolist() == [6]


def test_every_kind_of_damage_is_explained():
    sources = "".join(path.read_text() for path in Path(damage.__file__).parents[1].rglob("*.py"))
    named = set(re.findall(r'(?:row|report|Damage)\([^()"]*"([a-z_]+)"', sources))
    assert {"comment", "bad_value", "split", "unreadable", "second_rug", "wrong_summary"} <= named
    assert named <= set(damage.KINDS)
    assert set(load(data_dir() / "damaged").damage["kind"]) <= set(damage.KINDS)


_TEXT = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([each.rstrip(b"\n") for each in game_lines(ID, PRICES, end={})]),
    st.sampled_from(game_lines(ID, PRICES, end={})).flatmap(
        lambda text: st.integers(0, len(text)).map(lambda n: text[:n])
    ),
)


@settings(max_examples=200)
@given(st.lists(_TEXT, max_size=8))
def test_every_line_is_a_record_or_has_a_row(texts):
    """Whatever stands in a file: nothing raises, and each line gives a record or a row of damage."""
    data = b"\n".join(texts)
    items = list(read_lines(data, "file", lambda text, line: None, None))
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    told = {row.line for row in items if isinstance(row, Damage)}
    for found in items:
        if isinstance(found, Records):
            numbers = found.lines or range(found.first, found.first + len(found.records))
            assert len(found.records) == len(numbers)
            told |= {*numbers}
    assert told == set(range(1, len(lines) + 1))


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"type": "tick", "game_id": "%s", "tick": 9223372036854775808, "price": 1.0, "active": true}\n',
        b'{"type": "tick", "game_id": "%s", "tick": -9223372036854775809, "price": 1.0, "active": true}\n',
        b'{"type": "tick", "game_id": "%s", "tick": 999999999, "price": 1.0, "active": true}\n',
        b'{"type": "game_end", "game_id": "%s", "rug_tick": -5}\n',
        b'{"type": "game_end", "game_id": "%s", "rug_tick": 999999999}\n',
    ],
)
def test_a_number_that_cannot_be_costs_its_line_only(put, wrong):
    games = put(*(wrong % name.encode() for name in (ID, "20251030-other")), *game_lines(ID, PRICES, end={}))
    assert games[ID].prices.tolist() == PRICES
    assert games[ID].rug_tick == 5
    assert len(games.damage.query("line in (1, 2)")) == 2


@pytest.mark.parametrize("year", ["9999", "0001"])
def test_a_time_that_no_column_holds_is_no_time(put, year):
    lines = game_lines(ID, PRICES, end={}, begin=NAIVE.replace(year=int(year)))
    games = put(*lines)
    assert games[ID].prices.tolist() == PRICES
    assert games.frame["start"].isna().all()


@pytest.mark.parametrize("name", ["", "a b", "line\nbreak", "é", "x" * 65])
def test_what_is_no_game_id_is_reported_once_and_is_no_game(put, name):
    games = put(*game_lines(name, PRICES, end={}), *game_lines(ID, PRICES, end={}))
    assert games.ids.tolist() == [ID]
    (row,) = games.damage[games.damage["done"].str.contains("is not a game id")].itertuples()
    assert row.kind == "bad_value"
