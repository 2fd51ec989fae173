"""Settings for all tests."""

import pathlib

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "rugs_lab", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rugs_lab")

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
