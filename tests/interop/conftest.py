"""Tests against programs that others wrote; skipped where Node or npm's packages are missing."""

import pytest

from tests.support import node


@pytest.fixture(autouse=True, scope="session")
def _packages():
    node.need_packages()
