"""The shape of the house: imports go down only, and no module outgrows its one idea."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "rugs_lab"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400

# A room may import itself and rooms of a smaller number; rooms of the same number do not know each other.
FLOORS = {
    "errors": 0,
    "registration": 0,
    "resources": 0,
    "game": 1,
    "recordings": 2,
    "feed": 3,
    "strategy": 4,
    "analysis": 4,
    "views": 5,
    "commands": 6,
    "__init__": 7,
    "cli": 8,
    "__main__": 9,
}

# The doors upward, each opened only when it is called: things that show themselves, and events that were
# recorded as they came, which a feed takes, so that a capture gives the games that the live feed had.
DOORS = {
    ("rugs_lab.recordings.game", "rugs_lab.views.figures"),  # Game.plot()
    ("rugs_lab.feed.base", "rugs_lab.strategy.paper"),  # Feed.paper()
    ("rugs_lab.feed.base", "rugs_lab.strategy.bots"),  # Feed.bots
    ("rugs_lab.recordings.captures", "rugs_lab.feed.base"),  # load(capture)
    ("rugs_lab.strategy.comparison", "rugs_lab.views.compare_figures"),  # Comparison.plot()
    ("rugs_lab.strategy.comparison", "rugs_lab.views.still"),  # a comparison shows itself
    ("rugs_lab.strategy.run", "rugs_lab.views.run_figures"),  # Run.plot()
    ("rugs_lab.strategy.swept", "rugs_lab.views.sweep_figures"),  # Sweep.plot()
}


def room(module: str) -> str:
    """The room of a dotted name: ``rugs_lab.feed.live`` → ``feed``; the package itself → ``__init__``."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(source: str, module: str, is_package: bool) -> list[str]:
    """Every module of the package that `source` imports, anywhere in it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = module.split(".") if is_package else module.split(".")[:-1]
                kept = parents[: len(parents) - node.level + 1]
                base = ".".join([*kept, base] if base else kept)
            for alias in node.names:
                # `from rugs_lab import feed` names a room, `from rugs_lab import watch` the public face.
                names_room = base == "rugs_lab" and alias.name in FLOORS
                found.append(f"{base}.{alias.name}" if names_room else base)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found += [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
    return [name for name in found if name.split(".")[0] == "rugs_lab"]


def upward(source: str, module: str, is_package: bool = False) -> set[tuple[str, str]]:
    here = room(module)
    return {
        (module, name)
        for name in imported(source, module, is_package)
        if room(name) != here and FLOORS[room(name)] >= FLOORS[here]
    }


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_go_down_only(path):
    assert upward(path.read_text("utf-8"), dotted(path), path.name == "__init__.py") - DOORS == set()


def test_every_door_upward_is_still_used():
    found = [upward(path.read_text("utf-8"), dotted(path), path.name == "__init__.py") for path in MODULES]
    assert set().union(*found) == DOORS


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_every_module_stands_on_a_floor(path):
    assert room(dotted(path)) in FLOORS


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_no_module_is_longer_than_400_lines(path):
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    "source",
    [
        "import rugs_lab.views",
        "from rugs_lab.views import watch",
        "from rugs_lab import views",
        "from rugs_lab import watch",
        "from ..views import watch",
        "from .. import views",
        "def f():\n    from rugs_lab.views.cell import watch",
        "import importlib\nimportlib.import_module('rugs_lab.views')",
    ],
)
def test_an_upward_import_is_found_however_it_is_written(source):
    assert upward(source, "rugs_lab.feed.live") != set()


@pytest.mark.parametrize(
    "source",
    [
        "from rugs_lab.game import limits",
        "from .ring import Ring",
        "from ..errors import FeedError",
        "import os",
    ],
)
def test_imports_within_a_room_and_downward_are_allowed(source):
    assert upward(source, "rugs_lab.feed.live") == set()


def test_neighbours_on_one_floor_do_not_know_each_other():
    assert upward("from rugs_lab.analysis import hazard", "rugs_lab.strategy.backtest") != set()
