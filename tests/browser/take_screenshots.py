"""Takes pictures of the widgets: ``take_screenshots.py [folder] [--all] [--moving] [--only NAME ...]``.

Writes every scene of ``pictures.py`` as ``<scene>_{light,dark}.png`` at 1200 px; with ``--all`` also each at
380 px (``..._narrow.png``), with ``--moving`` only ``live_moving_{light,dark}.webp``, an animation. Needs
Chromium and Playwright, for animations Pillow.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parents[1] / "docs" / "images"
WIDTHS = {"": 1200, "_narrow": 380}
FIT = """(width) => {
  const box = notebook.node.querySelector('.rl-live');
  box.style.width = `${width}px`;
  return Math.abs(box.clientWidth - width) < 4;
}"""


def animate(page: Any, target: Path, frames: int = 24, every_ms: int = 500, width: int = 900) -> None:
    """Write what the widget shows in the next seconds as an animation in a loop."""
    from PIL import Image

    taken = []
    for _ in range(frames):
        shot = Image.open(io.BytesIO(page.locator(".rl-live").screenshot())).convert("RGB")
        size = min(width, shot.width)
        taken.append(shot.resize((size, shot.height * size // shot.width), Image.Resampling.LANCZOS))
        page.wait_for_timeout(every_ms)
    taken[0].save(
        target, save_all=True, append_images=taken[1:], duration=every_ms, loop=0, quality=70, method=4
    )
    print(target, target.stat().st_size // 1024, "kB")


def main() -> None:
    """Take them."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path, default=IMAGES)
    options.add_argument("--all", action="store_true", help="narrow ones too")
    options.add_argument("--moving", action="store_true", help="an animation of the game instead")
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
                for name in ["live_midgame"] if chosen.moving else chosen.only or PICTURES:
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
                        if chosen.moving:
                            animate(page, chosen.folder / f"live_moving_{theme}{suffix}.webp")
                            continue
                        target = chosen.folder / f"{name}_{theme}{suffix}.png"
                        page.locator(".rl-live").screenshot(path=target)
                        print(target, target.stat().st_size // 1024, "kB", *nb.errors)
                    nb.close()
            browser.close()
        finally:
            lab.stop()


if __name__ == "__main__":
    main()
