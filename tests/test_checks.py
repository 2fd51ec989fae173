"""The one command of all checks, and what runs before a commit, run the same quick part."""

import os
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
RUN = (ROOT / ".ci" / "run").read_text("utf-8")
HOOKS = [
    hook
    for repo in yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    for hook in repo["hooks"]
]


def test_both_run_the_quick_part_with_what_is_installed():
    assert [(hook["entry"], hook["language"]) for hook in HOOKS] == [(".ci/quick", "system")]
    assert "\n.ci/quick\n" in RUN
    assert os.access(ROOT / ".ci" / "quick", os.X_OK)


def test_the_packages_with_measured_coverage_are_there_and_each_has_a_floor():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = pyproject["tool"]["coverage"]["run"]["source"]
    floors = [line.split()[1] for line in RUN.splitlines() if line.startswith("floor ")]
    assert sorted(packages) == sorted(f"rugs_lab/{name}" for name in floors)
    assert f"measured=({' '.join(floors)})" in RUN
    assert [name for name in packages if not (ROOT / name / "__init__.py").is_file()] == []


def test_every_test_that_runs_from_the_wheel_is_there():
    stage = RUN[RUN.index('stage "wheel, tests"') :]
    words = [word for line in stage.splitlines() if not line.startswith("#") for word in line.split()]
    named = [place for word in words if word.startswith("tests/") for place in expanded(word)]
    assert len(named) > 5
    assert [place for place in named if not (ROOT / place).exists()] == []


def expanded(word: str) -> list[str]:
    """``a/{b,c}`` → ``a/b`` and ``a/c``, as the shell does."""
    before, _, rest = word.partition("{")
    middle, _, after = rest.partition("}")
    return [f"{before}{part}{after}" for part in middle.split(",")]


WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))


def test_the_workflow_runs_parts_of_the_one_command_on_three_systems_and_four_interpreters():
    job = WORKFLOW["jobs"]["selected"]
    matrix = job["strategy"]["matrix"]
    assert [each.partition("-")[0] for each in matrix["system"]] == ["ubuntu", "windows", "macos"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    called = [step["run"] for each in WORKFLOW["jobs"].values() for step in each["steps"] if "run" in step]
    scripts = [line for line in called if line.startswith(".ci/")]
    assert scripts == [".ci/quick", ".ci/selected", ".ci/run"]
    assert [name for name in scripts if not os.access(ROOT / name, os.X_OK)] == []


def test_all_checks_run_the_selected_tests_on_other_interpreters_and_libraries():
    script = (ROOT / ".ci" / "interpreters").read_text("utf-8")
    assert "\n.ci/interpreters " in RUN
    assert "for version in 3.11 3.12 3.13 3.14;" in script
    assert "--resolution|lowest-direct" in script
    assert "pandas<3" in script
    named = [
        place for word in (ROOT / ".ci" / "selected").read_text("utf-8").split() for place in expanded(word)
    ]
    assert [
        place
        for place in named
        if place.startswith("tests/") and not (ROOT / place.partition("::")[0]).exists()
    ] == []
