"""The order of all tests: those with a browser come last, and the longest of each kind first.

Playwright's synchronous interface keeps an event loop running in the main thread for as long as its browser
is open, which breaks any test that calls `asyncio.run`. A test with a time limit of its own is a long one:
begun last, it would keep one process busy while the other has nothing left to do.
"""

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

# Commands, with nothing to collect, that import what only their users install.
collect_ignore = (
    []
    if find_spec("sb3_contrib")
    else ["tests/benchmarks/stable_baselines3.py", "tests/support/real_policies.py"]
)


@pytest.fixture(autouse=True)
def _no_looks_before() -> Iterator[None]:
    """Forget what earlier tests tried on the same games; nothing is imported for it."""
    yield
    looks = sys.modules.get("rugs_lab.trading.backtest.looks")
    if looks is not None:
        looks._session.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests marked ``browser`` last, those with a time limit of their own first in their kind."""
    items.sort(key=lambda item: (item.get_closest_marker("browser") is not None, -_limit_s(item)))


def _limit_s(item: pytest.Item) -> float:
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0] if mark is not None and mark.args else item.config.getini("timeout"))
