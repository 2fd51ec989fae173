"""What a release says of itself in several places is the same."""

import re
from pathlib import Path

import yaml

import rugs_lab as rl

ROOT = Path(__file__).resolve().parent.parent
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
CHANGES = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)


def test_changelog_and_citation_tell_the_version_and_its_date():
    assert CHANGES[0] == ("Unreleased", "")
    assert (rl.__version__, str(CITATION["date-released"])) == CHANGES[1]
    assert CITATION["version"] == rl.__version__


def test_the_wheel_that_the_documentation_names_is_this_one():
    page = (ROOT / "docs" / "get_started.md").read_text("utf-8")
    assert set(re.findall(r"rugs_lab-([\w.]+?)-py3", page)) == {rl.__version__}


def test_nothing_tells_people_to_install_this_package_by_name_from_a_registry():
    folders = ("rugs_lab", "docs", "notebooks")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.*"))] + [
        ROOT / "README.md"
    ]
    texts = {path.name: path.read_text("utf-8") for path in files if path.suffix in {".py", ".md", ".ipynb"}}
    by_name = re.compile(r"pip install (?:\\?[\"'])?rugs[-_]lab(?!-\d)")
    assert [name for name, text in texts.items() if by_name.search(text)] == []
