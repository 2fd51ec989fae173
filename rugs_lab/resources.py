"""Where the files that come with the package lie on this machine; packages of its extras; its version.

A wheel carries the notebooks inside the package (``rugs_lab/_notebooks``); in a checkout that was installed
with ``pip install -e .`` they are at the repository root (``notebooks/``). The sample data likewise
(``rugs_lab/_data``, ``data/``). This module is the one place that knows both.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from rugs_lab.errors import ArgumentError

_PACKAGE = Path(__file__).resolve().parent


def notebooks_dir() -> Path:
    """Return the folder of the notebooks that came with this installation; for reading only."""
    return _shipped("notebooks", "notebooks")


def data_dir() -> Path:
    """Return the folder of the sample data that came with this installation; it is for reading only."""
    return _shipped("data", "sample data")


def of_extra(module: str, extra: str, what: str) -> Any:
    """Return a module of a package that an extra installs; `what` is what needs it, for the error."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        raise ArgumentError(
            f"{what} needs {package}, from the extra {extra!r}: pip install -e '.[{extra}]' in a checkout, "
            f"or of the wheel: pip install './rugs_lab-<version>-py3-none-any.whl[{extra}]'"
        ) from error


def is_checkout() -> bool:
    """Return whether the package runs from a source checkout (an editable install), not from a wheel."""
    return (_PACKAGE.parent / "pyproject.toml").is_file()


def _shipped(name: str, what: str) -> Path:
    inside = _PACKAGE / f"_{name}"
    if inside.is_dir():
        return inside
    beside = _PACKAGE.parent / name
    if is_checkout() and beside.is_dir():
        return beside
    raise FileNotFoundError(
        f"this installation of rugs-lab holds no {what}: neither {inside} nor {beside} is there. "
        "Install it again from a wheel, or with `pip install -e .` from a complete checkout."
    )


@cache
def package_version() -> str | None:
    """Return the version that is installed; None in a folder of files that was not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("rugs-lab")
    except PackageNotFoundError:
        return None
