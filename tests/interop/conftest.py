"""Tests against programs that others wrote; required where RUGS_LAB_REQUIRE_NODE is 1."""

import os

import pytest

from tests.interop.official import missing


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip with the reason where the official server cannot be started."""
    reason = missing()
    if reason is not None:
        if os.environ.get("RUGS_LAB_REQUIRE_NODE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
