"""One JupyterLab, one Notebook 7 and one browser per session; a fresh notebook and kernel per test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from lab import CHROMIUM, CHROMIUM_ARGS, Lab, Notebook, Notebook7, Notebook7Page, open_lab

_numbers = itertools.count(1)


def unavailable(reason: str) -> None:
    """Skip, or fail where a browser is demanded."""
    if os.environ.get("RUGS_LAB_REQUIRE_BROWSER") == "1":
        pytest.fail(f"RUGS_LAB_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("the Python package playwright is not installed")
    if not Path(CHROMIUM).is_file():
        unavailable(f"there is no Chromium at {CHROMIUM} (set RUGS_LAB_CHROMIUM)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def page(browser: Any, lab: Lab) -> Any:
    return open_lab(lab, browser)


@pytest.fixture
def notebook(browser: Any, lab: Lab, page: Any) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook with the given cells; `fresh`: in a page of its own, which may then be spoilt.

    `one_shell`: what the page sends waits for the cell that runs, as it does for kernels without subshells
    (and for others, when a cell runs before JupyterLab has made one).
    """
    opened: list[Notebook] = []
    fresh_pages: list[Any] = []

    def open_notebook(
        *cells: str, width: int = 1400, height: int = 1000, fresh: bool = False, one_shell: bool = False
    ) -> Notebook:
        chosen = page
        if fresh:
            chosen = open_lab(lab, browser)
            fresh_pages.append(chosen)
        chosen.set_viewport_size({"width": width, "height": height})
        opened.append(Notebook(lab, chosen, f"test{next(_numbers)}.ipynb", list(cells)))
        if one_shell:
            chosen.evaluate(
                "() => { notebook.sessionContext.session.kernel.commsOverSubshells = 'disabled'; }"
            )
        return opened[-1]

    yield open_notebook
    for each in opened:
        if each.page not in fresh_pages:
            each.close()
    for each in fresh_pages:
        each.context.close()


@pytest.fixture(scope="session")
def notebook7(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook7]:
    if find_spec("notebook") is None:
        unavailable("the Python package notebook (7 or newer) is not installed")
    server = Notebook7(tmp_path_factory.mktemp("notebook7"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(params=["lab", "notebook7"])
def either(request: pytest.FixtureRequest, browser: Any) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook in JupyterLab, and the same test once more in Notebook 7."""
    if request.param == "lab":
        yield request.getfixturevalue("notebook")
        return
    server = request.getfixturevalue("notebook7")
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    opened: list[Notebook] = []

    def open_notebook(*cells: str) -> Notebook:
        opened.append(Notebook7Page(server, page, f"test{next(_numbers)}.ipynb", list(cells)))
        return opened[-1]

    yield open_notebook
    for each in opened:
        each.close()
    page.context.close()
