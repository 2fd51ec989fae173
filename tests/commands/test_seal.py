"""``rugs-lab seal``: what it prints, what it returns, what it leaves."""

import shutil

import pytest

from rugs_lab import cli
from rugs_lab.recordings.read.load import load
from rugs_lab.resources import data_dir


def test_seal_says_what_it_did_and_may_run_again(tmp_path, capsys):
    shutil.copytree(data_dir() / "damaged", tmp_path, dirs_exist_ok=True)
    games = len(load(tmp_path))
    assert cli.main(["seal", str(tmp_path)]) == 0
    files = len(list(tmp_path.glob("*.jsonl")))
    assert f"{files} files archived now; {games} games in" in capsys.readouterr().out
    assert cli.main(["seal", str(tmp_path)]) == 0
    assert "0 files archived now" in capsys.readouterr().out
    assert len(load(tmp_path)) == games


def test_seal_elsewhere(tmp_path):
    shutil.copytree(data_dir() / "damaged", tmp_path / "lines")
    assert cli.main(["seal", str(tmp_path / "lines"), "--to", str(tmp_path / "out")]) == 0
    assert len(load(tmp_path / "out")) == len(load(tmp_path / "lines"))


def test_seal_of_nothing_is_one_line_on_the_error_stream(tmp_path, capsys):
    assert cli.main(["seal", str(tmp_path)]) == 1
    assert "no recordings in" in capsys.readouterr().err


def test_seal_onto_a_full_disk_is_one_line(tmp_path, capsys, monkeypatch):
    from rugs_lab.recordings.catalogue import seal

    shutil.copytree(data_dir() / "damaged", tmp_path, dirs_exist_ok=True)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(seal, "_sync", full)
    assert cli.main(["seal", str(tmp_path)]) == 1
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["seal"], ["seal", "a", "b"]])
def test_seal_takes_one_folder(arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
