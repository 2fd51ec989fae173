"""Takes pictures of the cells: ``take_screenshots.py [folder] [--all] [--only NAME ...]``.

Writes every scene of ``pictures.py`` as ``<scene>_{light,dark}.png`` at 1200 px; with ``--all`` also each at
380 px (``..._narrow.png``). Needs Chromium and Playwright.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parents[1] / "docs" / "images"
WIDTHS = {"": 1200, "_narrow": 380}
FIT = """(width) => {
  const box = notebook.node.querySelector('.rl-live');
  box.style.width = `${width}px`;
  return Math.abs(box.clientWidth - width) < 4;
}"""


def main() -> None:
    """Take them."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    options.add_argument("--all", action="store_true", help="narrow ones too")
    options.add_argument("--only", nargs="+", metavar="NAME", help="these scenes")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)

    sys.path.insert(0, str(HERE))
    from playwright.sync_api import sync_playwright

    from lab import CHROMIUM, CHROMIUM_ARGS, START_S, Lab, Notebook, open_lab
    from pictures import PICTURES

    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        lab = Lab(Path(work))
        try:
            lab.start()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
            page = open_lab(lab, browser)
            page.set_viewport_size({"width": 1500, "height": 2600})
            for theme in ("light", "dark"):
                page.evaluate(
                    "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })",
                    f"JupyterLab {theme.title()}",
                )
                for name in chosen.only or PICTURES:
                    nb = Notebook(lab, page, f"{name}_{theme}.ipynb", [PICTURES[name].cell])
                    nb.run(0)
                    themed = f"view.box.dataset.theme === {theme!r}"
                    nb.until_view(f"{themed} && {PICTURES[name].drawn}", timeout_s=START_S)
                    PICTURES[name].act(nb)
                    for suffix, width in WIDTHS.items():
                        if suffix and not chosen.all:
                            continue
                        page.mouse.move(1490, 2590)  # no tool bar, no hover
                        nb.until(FIT, width)
                        nb.until_view(PICTURES[name].drawn)
                        page.wait_for_timeout(1200)  # the browser's own layout and paint, nothing to await
                        target = chosen.folder / f"{name}_{theme}{suffix}.png"
                        page.locator(".rl-live").screenshot(path=target)
                        print(target, target.stat().st_size // 1024, "kB", *nb.errors)
                    nb.close()
            browser.close()
        finally:
            lab.stop()


if __name__ == "__main__":
    main()
