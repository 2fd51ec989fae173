"""The order of all tests: those with a browser come last.

They take the longest, and Playwright's synchronous interface keeps an event loop running in the main thread
for as long as its browser is open, which no test that calls `asyncio.run` would bear.
"""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests marked ``browser`` behind the others; the order is otherwise as it was."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
