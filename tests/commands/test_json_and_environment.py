"""What other programs read and set: JSON of every command, environment variables, completion in a shell."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import rugs_lab as rl
from rugs_lab.cli import main, parser_for
from rugs_lab.resources import data_dir


@pytest.fixture
def folder(tmp_path):
    """A folder with damaged recordings."""
    shutil.copytree(data_dir() / "damaged", tmp_path / "recordings")
    return tmp_path / "recordings"


def printed(capsys):
    """Return what was printed, read as strict JSON."""
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_verify_as_json(folder, capsys):
    status = main(["verify", str(folder), "--json"])
    rows = printed(capsys)
    verdicts = rl.verify(rl.load(folder))
    assert [row["verified"] for row in rows] == [None if pd.isna(v) else v for v in verdicts["verified"]]
    assert [row["id"] for row in rows] == list(verdicts.index)
    assert status == main(["verify", str(folder)])


def test_report_as_json(capsys):
    assert main(["report", "--sample", "--json"]) == 0
    rows = printed(capsys)
    assert {"section", "measure", "value", "low", "high", "n", "baseline"} <= set(rows[0])
    assert len(rows) == len(rl.analysis.summary(rl.sample()))


def test_seal_as_json(folder, capsys):
    assert main(["seal", str(folder), "--json"]) == 0
    done = printed(capsys)
    assert Path(done["folder"]) == folder / "catalogue"
    assert done["files"] == len(list(folder.glob("*.jsonl")))


def test_environment_variables_are_the_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("RUGS_LAB_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RUGS_LAB_FOLDER", str(tmp_path))
    options = parser_for(["record"]).parse_args(["record"])
    assert (options.url, options.folder) == ("http://127.0.0.1:9", str(tmp_path))
    options = parser_for(["record"]).parse_args(["record", "here", "--url", "http://127.0.0.1:10"])
    assert (options.url, options.folder) == ("http://127.0.0.1:10", "here")
    assert parser_for(["check"]).parse_args(["check"]).url == "http://127.0.0.1:9"
    monkeypatch.delenv("RUGS_LAB_URL")
    assert parser_for(["check"]).parse_args(["check"]).url is None


@pytest.mark.skipif(os.name != "posix", reason="argcomplete answers on a file descriptor of the shell")
@pytest.mark.parametrize(
    ("line", "words"),
    [("rugs-lab re", {"record", "report"}), ("rugs-lab record --ro", {"--rotate"})],
)
def test_a_shell_is_told_what_may_follow(tmp_path, line, words):
    pytest.importorskip("argcomplete")
    answer = tmp_path / "answer"
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    command = [sys.executable, "-c", "from rugs_lab.cli import main; main()"]
    subprocess.run(command, env={**os.environ, **asked}, check=True, timeout=60)
    assert {word.strip() for word in answer.read_text().splitlines()} == words
