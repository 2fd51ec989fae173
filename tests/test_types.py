"""Type checkers on a user's own code: every public name has its type, and the README's lines pass."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rugs_lab as rl
from tests.support import node
from tests.support.pages import blocks_of

ROOT = Path(__file__).resolve().parent.parent
USER_FILE = ROOT / "tests" / "types" / "user_file.py"
PYRIGHT = ROOT / "node_modules" / ".bin" / "pyright"


@pytest.fixture(scope="module")
def readme(tmp_path_factory):
    """The README's Python, as one file; its own function has no annotations."""
    blocks = [
        block.code
        for block in blocks_of((ROOT / "README.md").read_text("utf-8"))
        if block.language == "python"
    ]
    file = tmp_path_factory.mktemp("readme") / "readme.py"
    file.write_text("\n".join(["# mypy: allow-untyped-defs", *blocks]))
    return file


def test_the_users_file_uses_every_public_name():
    text = USER_FILE.read_text("utf-8")
    assert {name for name in rl.__all__ if not re.search(rf"\brl\.{name}\b", text)} == set()


@pytest.mark.timeout(300)
def test_mypy_reveals_what_a_user_expects(readme):
    command = [sys.executable, "-m", "mypy", "--config-file=", "--strict", USER_FILE, readme]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(300)
def test_pyright_reveals_what_a_user_expects(readme, tmp_path):
    node.need_packages()
    settings = tmp_path / "pyrightconfig.json"
    found = {
        "include": [str(USER_FILE), str(readme)],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "standard",
    }
    settings.write_text(json.dumps(found))
    node.run(str(PYRIGHT), "--project", settings, "--pythonpath", sys.executable)
