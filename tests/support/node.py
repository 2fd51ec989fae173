"""Node and the packages of ``package.json`` for tests; where they are missing a test is skipped, or fails.

With ``RUGS_LAB_REQUIRE_NODE=1`` a missing Node is a failure, and missing packages are installed with npm.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "rugs_lab" / "views" / "static"
REQUIRED = os.environ.get("RUGS_LAB_REQUIRE_NODE") == "1"


def missing(reason: str) -> None:
    """Skip, or fail where Node is demanded."""
    if REQUIRED:
        pytest.fail(f"RUGS_LAB_REQUIRE_NODE=1, but {reason}")
    pytest.skip(reason)


def run(program: str, *arguments: str | Path, **environment: str) -> str:
    """Run a program in the root of the checkout; return what it printed, and fail with it where it fails."""
    found = shutil.which(program)
    if found is None:
        missing(f"there is no {program}")
    done = subprocess.run(
        [str(found), *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{program} {' '.join(map(str, arguments))}\n{done.stdout}\n{done.stderr}", pytrace=False)
    return done.stdout


@functools.cache
def need_packages() -> None:
    """Have the packages of ``package.json``: installed where they are required, once for all processes."""
    import fcntl

    if not (ROOT / "package.json").is_file():
        missing("this is no checkout: package.json is not there")
    packages = ROOT / "node_modules"
    if REQUIRED:
        packages.mkdir(exist_ok=True)
        with (packages / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            run("npm", "install", "--prefer-offline", "--no-audit", "--no-fund")
    elif not (packages / ".bin" / "tsc").exists():
        missing("the packages of package.json are not installed: npm install")


def exported(module: str, name: str) -> Any:
    """Return what a module of the page exports, as JSON holds it."""
    code = f'import {{ {name} }} from "{STATIC / module}"; console.log(JSON.stringify({name}));'
    return json.loads(run("node", "--input-type=module", "--eval", code))
