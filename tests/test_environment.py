"""environment.yml says the same as pyproject.toml, and no tracked file names a package registry's host."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))

# What conda-forge calls otherwise.
CONDA_NAMES = {"python-duckdb": "duckdb"}

# In pieces, because this file is tracked too.
REGISTRY_HOSTS = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "ana" + "conda.org",
    "registry.npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "deb.deb" + "ian.org",
    "archive.ubu" + "ntu.com",
]


def bounds(requirement: str) -> tuple[str, str]:
    parsed = Requirement(requirement)
    return canonicalize_name(parsed.name), str(parsed.specifier)


def conda_packages() -> dict[str, str]:
    listed = [entry for entry in ENVIRONMENT["dependencies"] if isinstance(entry, str) and entry != "pip"]
    packages = dict(bounds(entry) for entry in listed)
    return {CONDA_NAMES.get(name, name): bound for name, bound in packages.items()}


def test_conda_lists_the_names_and_bounds_of_pyproject():
    packages = conda_packages()
    packages.pop("python")
    assert packages == dict(bounds(entry) for entry in PROJECT["dependencies"])


def test_conda_asks_for_the_same_python():
    assert conda_packages()["python"] == PROJECT["requires-python"]


def test_conda_takes_only_conda_forge_and_then_installs_this_folder():
    assert ENVIRONMENT["channels"] == ["conda-forge", "nodefaults"]
    assert ENVIRONMENT["dependencies"][-2:] == ["pip", {"pip": ["-e ."]}]


def test_every_dependency_has_a_lower_bound():
    extras = [entry for group in PROJECT["optional-dependencies"].values() for entry in group]
    unbounded = [entry for entry in [*PROJECT["dependencies"], *extras] if ">=" not in entry]
    assert unbounded == []


def test_classifiers_name_the_oldest_python_that_is_allowed():
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"Programming Language :: Python :: {oldest}" in PROJECT["classifiers"]


def test_no_tracked_file_names_a_package_registry_host():
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    hosts = re.compile("|".join(map(re.escape, REGISTRY_HOSTS)).encode())
    files = [ROOT / name for name in listing.stdout.split("\0") if name]
    assert [str(file) for file in files if file.is_file() and hosts.search(file.read_bytes())] == []
