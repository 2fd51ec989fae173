"""The notebooks are found in a checkout and in an installed wheel alike."""

import pytest

from rugs_lab import resources


@pytest.fixture
def installation(tmp_path, monkeypatch):
    """An empty package folder standing where rugs_lab would stand."""
    package = tmp_path / "rugs_lab"
    package.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    return package


def test_a_checkout_offers_the_notebooks_at_its_root(installation):
    (installation.parent / "pyproject.toml").touch()
    (installation.parent / "notebooks").mkdir()
    assert resources.is_checkout()
    assert resources.notebooks_dir() == installation.parent / "notebooks"


def test_a_wheel_offers_the_notebooks_inside_the_package(installation):
    (installation / "_notebooks").mkdir()
    assert not resources.is_checkout()
    assert resources.notebooks_dir() == installation / "_notebooks"


def test_a_stranger_named_notebooks_beside_the_package_is_not_taken(installation):
    (installation.parent / "notebooks").mkdir()
    with pytest.raises(FileNotFoundError, match="Install it again"):
        resources.notebooks_dir()
