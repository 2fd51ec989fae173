"""Every code block of the README runs, in order, against the built-in server."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import blocks_of, script_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = blocks_of(README)
SHELL = [block.code.strip() for block in BLOCKS if block.language == "bash"]
INSTALLS = ["pip install -e . && rugs-lab", 'pip install -e ".[test]" && pytest']


def test_every_block_is_of_a_language_that_is_tested_here():
    assert {block.language for block in BLOCKS} == {"python", "bash"}


def test_the_python_blocks_run_one_after_another(tmp_path):
    """In a process of their own."""
    script = tmp_path / "README.py"
    script.write_text(
        script_of(README)
        + """
assert feed.state == "stopped"
assert len(games) == 236
assert view.tick == -1 and len(run.trades) > 100
""",
        "utf-8",
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", script],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "TQDM_DISABLE": "1"},
    )
    hints = [line for line in ran.stderr.splitlines() if not line.startswith("rl.watch needs a notebook")]
    assert (ran.returncode, ran.stdout, hints) == (0, "", [])


def test_the_two_install_commands_are_there():
    assert SHELL[:2] == INSTALLS


def test_ci_runs_the_readme_s_test_command():
    lines = [line.strip() for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()]
    install, test = INSTALLS[1].split(" && ")
    assert any(
        line.startswith("pip install") and line.endswith(install.removeprefix("pip install "))
        for line in lines
    )
    required = "RUGS_LAB_REQUIRE_BROWSER=1 RUGS_LAB_REQUIRE_NODE=1"
    assert any(line.startswith(f"{required} tests ") for line in lines)
    assert f'{test} "$@" || status=$?' in lines  # the function `tests`


def test_the_selected_tests_take_no_options_of_the_run_around_them(tmp_path):
    """An interpreter with the few libraries that they import has no pytest-xdist to understand ``-n``."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "options: $PYTEST_ADDOPTS"\n', "utf-8")
    python.chmod(0o755)
    ran = subprocess.run(
        [ROOT / ".ci" / "selected", python],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTEST_ADDOPTS": "-n 2"},
    )
    assert ran.stdout == "options: \n"


@pytest.mark.parametrize("command", [command for command in SHELL if command not in INSTALLS])
def test_every_other_command_runs(command):
    program, *arguments = shlex.split(command)
    assert program == "rugs-lab"
    subprocess.run([sys.executable, "-m", "rugs_lab", *arguments], check=True, timeout=60)


def test_every_local_link_leads_somewhere():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
