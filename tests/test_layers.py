"""The structure of the package: layers, no import cycle, small packages, small modules, a bounded size.

Every import counts: at import time, inside a function, under ``TYPE_CHECKING`` and by ``import_module``.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "rugs_lab"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES_OF_A_MODULE = 400
MAX_MODULES_OF_A_PACKAGE = 16
MAX_LINES = 43_118

# A package may import itself and packages of a smaller number; those of one number do not know each other.
LAYERS = {
    "errors": 0,
    "columns": 0,
    "progress": 0,
    "resources": 1,
    "game": 1,
    "estimates": 2,
    "figures": 3,
    "recordings": 4,
    "feed": 5,
    "analysis": 5,
    "trading": 6,
    "views": 7,
    "commands": 8,
    "__init__": 9,
    "cli": 10,
    "__main__": 11,
}

# Imports that point upward, each lazy and for one reason.
UPWARD = {
    ("rugs_lab.feed.core.feed", "rugs_lab.trading.paper.accounts"): "Feed.paper",
    ("rugs_lab.figures.figure", "rugs_lab.views.cells.static_picture"): "a figure shows itself",
    ("rugs_lab.recordings.games.games", "rugs_lab.analysis.plots"): "games.plot",
}


def module_name(path: Path) -> str:
    """``rugs_lab/feed/core/feed.py`` → ``rugs_lab.feed.core.feed``; ``__init__`` → its package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(path): path for path in MODULES}


def layer(module: str) -> int:
    parts = module.split(".")
    return LAYERS[parts[1] if len(parts) > 1 else "__init__"]


def top(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imports(source: str, module: str, is_package: bool = False) -> set[str]:
    """Every module of rugs_lab that `source` imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".") if is_package else module.split(".")[:-1]
                kept = parents[: len(parents) - node.level + 1]
                base = ".".join([*kept, base] if base else kept)
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                found.add(whole if whole in NAMES else base)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found |= {str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)}
    return {name for name in found if name.split(".")[0] == "rugs_lab" and name != module}


GRAPH = {
    name: imports(path.read_text("utf-8"), name, path.name == "__init__.py") for name, path in NAMES.items()
}


def upward(module: str, imported: set[str]) -> set[tuple[str, str]]:
    return {(module, name) for name in imported if top(name) != top(module) and layer(name) >= layer(module)}


def cycles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected components of more than one module (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph.get(name, ()):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            at = stack.index(name)
            if len(stack) - at > 1:
                found.append(set(stack[at:]))
            del stack[at:]

    for name in graph:
        if name not in index:
            visit(name)
    return found


def test_every_module_belongs_to_a_layer():
    assert {top(name).split(".")[-1] for name in NAMES if name != "rugs_lab"} <= set(LAYERS)


def test_imports_point_down_but_for_those_that_are_listed():
    found = set().union(*(upward(name, imported) for name, imported in GRAPH.items()))
    assert found == set(UPWARD)
    assert len(found) <= 3


def test_no_import_cycle():
    listed = set(UPWARD)
    graph = {
        name: {other for other in others if (name, other) not in listed} for name, others in GRAPH.items()
    }
    assert cycles(graph) == []


def test_every_import_names_a_module_that_is_there():
    assert set().union(*GRAPH.values()) <= set(NAMES)


def test_packages_are_small_and_say_what_is_in_them():
    for init in PACKAGE.rglob("__init__.py"):
        modules = [path for path in init.parent.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= MAX_MODULES_OF_A_PACKAGE, init.parent
        if init.parent == PACKAGE:
            continue
        page = ast.get_docstring(ast.parse(init.read_text("utf-8"))) or ""
        for path in modules:
            assert f"``{path.stem}``" in page or f"``{path.stem.lstrip('_')}``" in page, (init, path.stem)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_modules_are_short(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES_OF_A_MODULE


def test_no_module_name_twice():
    stems = [path.stem for path in MODULES if path.stem not in ("__init__", "__main__")]
    # Where the package tells them apart: a command is called like what it runs.
    twice = {stem for stem in stems if stems.count(stem) > 1}
    assert twice <= {"check", "seal"}


def test_the_package_stays_within_its_budget(capsys):
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in MODULES)
    with capsys.disabled():
        print(f"\nrugs_lab: {len(MODULES)} modules, {lines:,} lines of Python (at most {MAX_LINES:,})")
    assert lines <= MAX_LINES


@pytest.mark.parametrize(
    "source",
    [
        "import rugs_lab.views",
        "from rugs_lab.views import watch",
        "from rugs_lab import views",
        "from rugs_lab import watch",
        "from ...views import watch",
        "from ... import views",
        "def f():\n    from rugs_lab.views.cells.live_view import LiveView",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rugs_lab.views import watch",
        "import importlib\nimportlib.import_module('rugs_lab.views')",
    ],
)
def test_an_upward_import_is_found_however_it_is_written(source):
    module = "rugs_lab.feed.live.live_feed"
    assert upward(module, imports(source, module)) != set()


@pytest.mark.parametrize(
    "source",
    [
        "from rugs_lab.game import limits",
        "from ..core.ring_buffer import Ring",
        "from ...errors import FeedError",
        "import os",
    ],
)
def test_imports_within_a_package_and_downward_are_allowed(source):
    module = "rugs_lab.feed.live.live_feed"
    assert upward(module, imports(source, module)) == set()


def test_packages_of_one_layer_do_not_know_each_other():
    module = "rugs_lab.feed.core.feed"
    assert upward(module, imports("from rugs_lab.analysis import hazard", module)) != set()


def test_a_cycle_is_found_and_a_shared_import_is_none():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [{"a", "b", "c"}]
    assert cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []
