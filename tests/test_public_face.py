"""``import rugs_lab as rl``: which names it offers, where they live, and how little the import loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rugs_lab as rl

HEAVY = [
    "IPython",
    "aiohttp",
    "anywidget",
    "bokeh",
    "duckdb",
    "ipywidgets",
    "numba",
    "pandas",
    "pyarrow",
    "scipy",
    "socketio",
    "statsmodels",
]


def test_the_public_names_are_these():
    assert rl.__all__ == [
        "RUGS_FUN_URL",
        "Action",
        "Feed",
        "Figure",
        "Game",
        "GameServer",
        "GameSignal",
        "Games",
        "LiveFeed",
        "Observation",
        "Paper",
        "Phase",
        "ReplayFeed",
        "Run",
        "Strategy",
        "Sweep",
        "analysis",
        "backtest",
        "buy",
        "check",
        "compare",
        "cover",
        "demo",
        "features",
        "formats",
        "hold",
        "lab",
        "load",
        "models",
        "replay",
        "replay_prices",
        "sample",
        "seal",
        "sell",
        "short",
        "sidebet",
        "signals",
        "strategies",
        "strategy",
        "sweep",
        "synthetic",
        "verify",
        "watch",
        "__version__",
    ]


@pytest.mark.parametrize("name", rl.__all__)
def test_every_public_name_loads(name):
    assert getattr(rl, name) is not None


def test_strategy_is_the_decorator_whatever_was_loaded_before():
    program = (
        "import rugs_lab as rl, rugs_lab.trading.strategy.strategy; from rugs_lab import strategy; "
        "print(rl.strategy(lambda o, a=1: None), strategy(name='x')(lambda o: None))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout == "<Strategy <lambda>(a=1)> <Strategy x()>\n"


def test_dir_lists_the_public_names():
    assert dir(rl) == sorted(rl.__all__)


def test_star_import_brings_the_public_names():
    names = {}
    exec("from rugs_lab import *", names)
    assert set(rl.__all__) <= set(names)


def test_a_misspelt_name_gets_a_hint():
    with pytest.raises(AttributeError, match="did you mean 'LiveFeed'"):
        rl.Livefeed  # noqa: B018


def test_an_unknown_name_is_told_where_to_look():
    with pytest.raises(AttributeError, match=r"dir\(rugs_lab\)"):
        rl.xyzzy  # noqa: B018


def home_of(module, name):
    """What ``from module import name`` needs to be loaded: `module`, or the package that `name` is in it."""
    whole = f"{module}.{name}"
    return whole if (Path(rl.__file__).parent.parent / whole.replace(".", "/")).is_dir() else module


def test_type_checkers_and_the_lazy_loader_see_the_same_homes():
    tree = ast.parse(Path(rl.__file__).read_text("utf-8"))
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {alias.name: home_of(node.module, alias.name) for node in checked.body for alias in node.names}
    assert seen == rl._HOMES
    assert sorted([*seen, "__version__"]) == sorted(rl.__all__)


def test_import_loads_nothing_heavy():
    program = f"import sys, rugs_lab; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_command_line_loads_nothing_heavy_before_it_knows_the_command():
    program = f"""
import sys
from rugs_lab import cli
cli.parser_for(["--help"]).format_help()
print([name for name in {HEAVY} if name in sys.modules])
print([name for name in cli.COMMANDS if f"rugs_lab.commands.{{name}}" in sys.modules])
"""
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["[]", "[]"]
