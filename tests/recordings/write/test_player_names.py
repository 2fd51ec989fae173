"""Names of players in a recording: written, hashed, or left out; never in clear where that was asked for."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.cli import main
from rugs_lab.errors import ArgumentError
from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.recordings.catalogue.seal import seal
from rugs_lab.recordings.write.player_names import SALT_FILE, PlayerNames
from tests.recordings.test_every_table import play


def recorded(folder, names):
    """Record the same 2,500 events, with trades, bets and leaderboards; return what loads, and the feed."""
    feed = LiveFeed("http://127.0.0.1:9", maxlen=10_000)
    recorder = feed.record(folder, names=names)
    play(feed, [], 0, 2_500)
    feed.record(None)
    assert recorder.lost == 0
    assert feed.metrics["recording errors [n]"] == 0
    return rl.load(folder), feed


def people(games):
    """All names and ids of a set of games."""
    tables = (games.trades, games.sidebets, games.leaderboards)
    return {text for table in tables for name in ("player_id", "username") for text in table[name].dropna()}


@pytest.mark.parametrize("names", ["hash", "drop"])
def test_no_name_or_id_is_in_any_file(tmp_path, names):
    games, feed = recorded(tmp_path, names)
    heard = people(feed.games)
    assert len(heard) > 20
    seal(tmp_path)
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert [text for text in heard if text.encode() in written] == []
    assert not people(rl.load(tmp_path)) & heard
    counts = [(len(each.trades), len(each.sidebets), len(each.leaderboards)) for each in (games, feed.games)]
    assert counts[0][1:] == counts[1][1:]
    assert counts[0][0] >= counts[1][0] > 100
    assert people(games) == set() if names == "drop" else len(people(games)) == len(people(feed.games))


def test_statistics_of_players_stay_the_same(tmp_path):
    kept, _ = recorded(tmp_path / "kept", "keep")
    hashed, _ = recorded(tmp_path / "hashed", "hash")
    one, other = (rl.analysis.players(games).reset_index(drop=True) for games in (kept, hashed))
    order = list(one.columns)
    one, other = (frame.sort_values(order, ignore_index=True) for frame in (one, other))
    pd.testing.assert_frame_equal(one, other)
    assert len(one) > 5


def test_hashes_are_those_of_the_folder(tmp_path):
    first, _ = recorded(tmp_path / "a", "hash")
    salt = (tmp_path / "a" / SALT_FILE).read_bytes()
    assert len(salt) == 32
    again, _ = recorded(tmp_path / "a", "hash")
    assert (tmp_path / "a" / SALT_FILE).read_bytes() == salt
    elsewhere, _ = recorded(tmp_path / "b", "hash")
    assert people(again) == people(first)
    assert not people(elsewhere) & people(first)


def test_bets_without_names_are_replayed_each(tmp_path):
    games, _ = recorded(tmp_path, "drop")
    with_bets = games[games.sidebets["game_id"].unique().tolist()]
    replay = rl.ReplayFeed(with_bets, speed=float("inf")).finish()
    assert len(replay.games.sidebets) == len(with_bets.sidebets) > 10


@pytest.mark.parametrize("names", ["", "salt", None, 3])
def test_another_word_is_refused(tmp_path, names):
    feed = LiveFeed("http://127.0.0.1:9")
    with pytest.raises(ArgumentError, match="'keep', 'hash' or 'drop'"):
        feed.record(tmp_path, names=names)
    with pytest.raises(ArgumentError, match="'keep', 'hash' or 'drop'"):
        rl.watch(feed, record_names=names)
    assert feed.recorder is None


def test_raw_lines_are_refused_beside_it(tmp_path):
    with pytest.raises(ArgumentError, match="raw=True writes"):
        LiveFeed("http://127.0.0.1:9").record(tmp_path, raw=True, names="hash")
    assert list(tmp_path.iterdir()) == []


def test_a_salt_that_is_cut_off_is_named(tmp_path):
    (tmp_path / SALT_FILE).write_bytes(b"short")
    with pytest.raises(ArgumentError, match="it has 5"):
        LiveFeed("http://127.0.0.1:9").record(tmp_path, names="hash")


@pytest.mark.skipif(os.name != "posix", reason="named pipes and links of this kind")
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname"), Path.mkdir])
def test_a_salt_that_is_no_regular_file_is_named_at_once(tmp_path, make):
    make(tmp_path / SALT_FILE)
    with pytest.raises(ArgumentError, match="keeps a salt in"):
        LiveFeed("http://127.0.0.1:9").record(tmp_path, names="hash")


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind")
def test_a_salt_that_a_power_cut_left_empty_is_made_and_only_its_owner_reads_it(tmp_path):
    salt = tmp_path / SALT_FILE
    salt.touch()
    assert PlayerNames("hash", tmp_path).keep == "hash"
    assert (salt.stat().st_size, salt.stat().st_mode & 0o777) == (32, 0o600)


def test_recorders_that_begin_together_share_one_salt(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: PlayerNames("hash", tmp_path / "new")._hash("ana", b"id"), range(50)))
    assert len(set(made)) == 1


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgumentError, match="keeps a salt in"):
        LiveFeed("http://127.0.0.1:9").record(tmp_path / "file", names="hash")


def test_command_and_button_have_it(tmp_path, capsys):
    assert main(["record", str(tmp_path), "--demo", "--names", "drop", "--hours", "0.0003"]) == 0
    assert "stopped" in capsys.readouterr().out
    view = rl.watch(LiveFeed("http://127.0.0.1:9"), record_to=tmp_path / "by button", record_names="hash")
    try:
        view._record._carry_out(True)
        assert (tmp_path / "by button" / SALT_FILE).is_file()
        view._record._carry_out(False)
    finally:
        view.close()
        view.feed.stop()
