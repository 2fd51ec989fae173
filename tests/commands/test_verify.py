"""``rugs-lab verify`` on real files."""

import json
import os
import subprocess
import sys

import pytest

import rugs_lab as rl
from rugs_lab.cli import main
from rugs_lab.game.provably_fair import seed_hash
from rugs_lab.resources import data_dir


def written(path, games, change=None):
    """Write games as a raw capture of the frames that tell of them."""
    history = [
        {
            "id": game.id,
            "prices": game.prices.tolist(),
            "rugged": True,
            "gameVersion": "v3",
            "provablyFair": {"serverSeed": game.server_seed, "serverSeedHash": seed_hash(game.server_seed)},
        }
        for game in games
    ]
    if change is not None:
        history[0]["prices"][change] += 0.01
    frame = {"gameId": "20260101-next", "active": False, "rugged": False, "gameHistory": history}
    line = {"ts": "2026-01-01T00:00:00.000000+00:00", "event": "gameStateUpdate", "data": frame}
    path.write_text(json.dumps(line) + "\n")
    return str(path)


def test_true_games_are_verified(tmp_path, capsys):
    assert main(["verify", written(tmp_path / "capture.jsonl", rl.synthetic(3, seed=1))]) == 0
    assert "3 verified, 0 disagree" in capsys.readouterr().out


def test_every_game_is_printed_when_asked_for(tmp_path, capsys):
    games = rl.synthetic(3, seed=1)
    path = written(tmp_path / "capture.jsonl", games)
    assert main(["verify", path]) == 0
    assert games[0].id not in capsys.readouterr().out
    assert main(["verify", "--all", path]) == 0
    every = capsys.readouterr().out
    assert all(game.id in every for game in games)


def test_a_changed_price_is_named_with_its_tick(tmp_path, capsys):
    games = rl.synthetic(3, seed=1)
    assert main(["verify", written(tmp_path / "capture.jsonl", games, change=4)]) == 1
    out = capsys.readouterr().out
    assert "2 verified, 1 disagree" in out
    assert games[0].id in out
    assert " 4 " in out


def test_files_without_seeds_verify_nothing(tmp_path, capsys):
    path = tmp_path / "game.jsonl"
    line = {"type": "tick", "game_id": "20260101-a", "tick": 0, "price": 1.0, "active": True, "rugged": False}
    path.write_text(json.dumps({**line, "timestamp": "2026-01-01T00:00:00+00:00"}) + "\n")
    assert main(["verify", str(path)]) == 1
    assert "no published seed" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_named(capsys):
    assert main(["verify", "/no/such/file.jsonl"]) == 1
    assert "/no/such/file.jsonl" in capsys.readouterr().err


def test_files_are_needed(capsys):
    with pytest.raises(SystemExit):
        main(["verify"])
    assert "FILE" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="pipes as POSIX has them")
def test_a_reader_that_has_ended_is_no_error():
    """As in ``rugs-lab verify FOLDER | head``."""
    command = [sys.executable, "-W", "error", "-m", "rugs_lab", "verify", data_dir() / "sample"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert b"Error" not in process.stderr.read()
    assert process.returncode == 141
