"""Settings for all tests."""

import os
import pathlib
import sys

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "rugs_lab", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rugs_lab")

# Folders of tests that run compiled code.
COMPILING = ("analysis", "figures", "game", "recordings/games", "trading", "views/strategy_lab")

REFERENCE = pathlib.Path(__file__).resolve().parents[2] / "shared" / "reference"


@pytest.fixture
def reference() -> pathlib.Path:
    """Folder of recorded reference data beside a checkout; tests that use it are an extra."""
    if not REFERENCE.is_dir():
        pytest.skip("the reference data are not beside this checkout")
    return REFERENCE


@pytest.fixture
def feed():
    """A started feed that does what the test says; stopped at the end, its accounts closed."""
    from tests.support.scripted_feed import ScriptedFeed

    feed = ScriptedFeed().start()
    yield feed
    for paper in feed.papers:
        paper.close()
    feed.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the time limit of a test after its fixtures, where one of them may compile."""
    for item in items:
        if compiles(item.path):
            item.add_marker(pytest.mark.timeout(func_only=True))


def compiles(path: pathlib.Path) -> bool:
    """Tell whether a test in this file may run compiled code."""
    tests = pathlib.Path(__file__).parent
    return any(path.is_relative_to(tests / folder) for folder in COMPILING)


@pytest.fixture(scope="session")
def compiled() -> None:
    """Compile the price process and the engine, which on a busy fresh machine takes minutes."""
    if sys.gettrace() is not None:
        from tests.support.untraced_compiler import leave_out

        leave_out()
    from rugs_lab.recordings.games.synthetic import synthetic
    from rugs_lab.trading.engine.play import play
    from rugs_lab.trading.strategy.strategy_registry import strategies

    assert play(strategies["random"], synthetic(2, seed=1)).engine == "compiled"


@pytest.fixture(autouse=True)
def compiled_first(request: pytest.FixtureRequest) -> None:
    """Compile before the first test that runs compiled code, outside of its time limit.

    Not under mutmut, which sets this variable: it begins a session for every mutant, of tests that compile
    nothing.
    """
    if compiles(request.path) and "MUTANT_UNDER_TEST" not in os.environ:
        request.getfixturevalue("compiled")
