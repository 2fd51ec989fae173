"""Delay from a seek to its picture, over a game of 1,300 ticks, in a real browser.

Run: ``python tests/benchmarks/seek_to_pixel.py [--seeks 60]``. It starts a JupyterLab and a headless
Chromium, opens the replay cell of one game of 1,300 ticks, and moves its slider to places drawn at random,
one after the other: each delay runs from the slider's event in the page to the end of Bokeh's drawing of the
price chart that shows exactly that tick. It goes page, kernel, replay feed, hub, page. Printed beside it,
from the same run: the time that the feed itself takes for such a seek in the kernel.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

TICKS = 1300
CELLS = [
    f"""
import time
import numpy as np, rugs_lab as rl
steps = np.random.default_rng(1).normal(0.0, 0.03, {TICKS})
prices = np.concatenate([[1.0], np.exp(np.cumsum(steps[1:]))])
prices = np.append(prices, prices.min() * (1 - 0.98))
game = rl.Game("20260101-0123456789abcdef", prices, rug_tick={TICKS})
view = rl.replay(game, playing=False); view
""",
    """
feed = rl.ReplayFeed(game, playing=False)
def seek_ms(tick):
    began = time.perf_counter()
    feed.seek(tick)
    return 1e3 * (time.perf_counter() - began)
""",
]
SEEK = """async (tick) => {
  const view = document.querySelector('.rl-live').rugsLab;
  const slider = document.querySelector('.rl-slider');
  const painted = () => view.chart.parts.path.data.tick.length === tick + 1;
  const began = performance.now();
  slider.value = String(tick);
  slider.dispatchEvent(new Event('input'));
  while (!painted()) {
    if (performance.now() - began > 10000) throw new Error(`tick ${tick} was not drawn within 10 s`);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now() - began;
}"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeks", type=int, default=60)
    chosen = options.parse_args()
    from playwright.sync_api import sync_playwright

    from lab import CHROMIUM, CHROMIUM_ARGS, Lab, Notebook, open_lab

    places = np.random.default_rng(2).integers(1, TICKS, chosen.seeks).tolist()
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright:
        lab = Lab(Path(work))
        try:
            lab.start()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
            page = open_lab(lab, browser)
            nb = Notebook(lab, page, "seek.ipynb", CELLS)
            nb.run(0)
            nb.until_drawn()
            for place in places[:5]:
                page.evaluate(SEEK, place)
            delays = [page.evaluate(SEEK, place) for place in places]
            nb.run(1)
            in_feed = [nb.ask(f"seek_ms({place})") for place in places]
            nb.close()
            browser.close()
        finally:
            lab.stop()
    print(f"{chosen.seeks} seeks at random over a game of {TICKS:,} ticks, ms")
    for name, values in (("slider to picture", delays), ("in the feed alone", in_feed)):
        ordered = sorted(values)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        print(f"  {name}: median {statistics.median(values):.0f}, p95 {p95:.0f}, most {ordered[-1]:.0f}")


if __name__ == "__main__":
    main()
