"""A path or a module that a page or a docstring names is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = [
    path for folder in ("rugs_lab", "tests", "docs/hooks") for path in sorted((ROOT / folder).rglob("*.py"))
]

# A file, or with a slash at its end a folder, from the root of the checkout.
PATH = re.compile(r"(?<![\w/.-])((?:rugs_lab|tests|docs|notebooks|\.ci)/[\w./-]*(?:\.\w+|/))(?![\w/])")
MODULE = re.compile(r"`((?:rugs_lab|tests)(?:\.\w+)+)(?:\(\))?`|python -m ((?:rugs_lab|tests)(?:\.\w+)+)")


def named(text: str) -> set[str]:
    """Return the paths and dotted names in a text."""
    return {found[1] for found in PATH.finditer(text)} | {
        found[1] or found[2] for found in MODULE.finditer(text)
    }


def is_there(name: str) -> bool:
    """Whether a path exists; of a dotted name, its longest part that is a module must define the rest."""
    if "/" in name:
        return (ROOT / name).exists()
    place, parts = ROOT, name.split(".")
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if parts and (place / f"{parts[0]}.py").is_file():
        place /= f"{parts.pop(0)}.py"
    elif (place / "__init__.py").is_file():
        place /= "__init__.py"
    if not parts or not place.is_file():
        return not parts
    defined = rf"(?:class|def|import|,) {parts[0]}\b|^ *{parts[0]} *[:=]|\"{parts[0]}\""
    return re.search(defined, place.read_text("utf-8"), re.MULTILINE) is not None


def docstrings(path: Path) -> str:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, kinds)]
    return "\n".join(ast.get_docstring(node) or "" for node in nodes)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_names_is_there(page):
    assert [name for name in sorted(named(page.read_text("utf-8"))) if not is_there(name)] == []


def test_what_docstrings_name_is_there():
    gone = [
        (path.relative_to(ROOT).as_posix(), name)
        for path in SOURCES
        for name in sorted(named(docstrings(path)))
        if not is_there(name)
    ]
    assert gone == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `rugs_lab/feed/core/intake.py`.", {"rugs_lab/feed/core/intake.py"}),
        ("in rugs_lab/game/, and", {"rugs_lab/game/"}),
        ("`rugs_lab.game.signal.parse_update()`", {"rugs_lab.game.signal.parse_update"}),
        ("python -m tests.support.fuzz --mutants 3", {"tests.support.fuzz"}),
        ("gymnasium.make('rugs_lab/Rugs-v0'), format rugs_lab/1", set()),
    ],
)
def test_names_are_found_in_text(text, found):
    assert named(text) == found
    assert all(map(is_there, found))


@pytest.mark.parametrize(
    "name",
    ["rugs_lab/feed/base.py", "rugs_lab/strategy/", "rugs_lab.game.fair", "rugs_lab.game.money.nothing"],
)
def test_what_is_gone_is_found(name):
    assert not is_there(name)
