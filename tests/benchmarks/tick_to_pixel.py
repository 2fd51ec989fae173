"""From a tick's arrival in the kernel to the canvas it is painted on: delay, loss, memory, in a real browser.

Run: ``python tests/benchmarks/tick_to_pixel.py [--seconds 12] [--ticks 100000] [--no-peers]``. It starts a
JupyterLab and a headless Chromium, plays ticks from a thread of the kernel at 10, 100 and 1000 per second,
and stamps every row after the paint of the price chart that shows it. Clock: both sides read this machine's.
"Painted" is the end of Bokeh's drawing into its canvas; the compositor shows that with the browser's next
frame.

Peers, in the same run and on the same machine: ``push_notebook`` and jupyter_bokeh's ``BokehModel``, each fed
every 50 ms from a thread, with the same columns in one ordinary figure. They need the package jupyter_bokeh;
without it they are left out. The last column is their delay over that of the live cell.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))

RATES_HZ = (10, 100, 1000)
BUSY = {
    "time.sleep": "import time; time.sleep({seconds})",
    "Python loop": "import time; end = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass",
}
WARM_UP_S = 2.0

FEED = (
    "from tests.support.scripted_feed import ScriptedFeed\n"
    "import rugs_lab as rl; feed = ScriptedFeed().start()"
)
OURS = "view = rl.watch(feed); view"
PEER = """
import threading
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure
peer = ColumnDataSource({"row": [], "tick": [], "price": [], "received_ms": []}, name="peer")
plot = figure(height=320, width=900, y_axis_type="log", output_backend="canvas")
plot.line("row", "price", source=peer)
halt = threading.Event()
def flush(send):
    cursor = feed.ring.cursor
    while not halt.wait(0.05):
        rows = feed.ring.since(cursor)
        cursor = rows.stop
        if len(rows):
            new = {name: rows.columns[name] for name in ("tick", "price")}
            new["row"] = list(range(rows.start, rows.stop))
            new["received_ms"] = rows.columns["received_ns"] / 1e6
            peer.stream(new, rollover=5000)
            send()
"""
PUSH = (
    PEER
    + """
from bokeh.io import output_notebook, push_notebook, show
from bokeh.resources import INLINE
output_notebook(INLINE, hide_banner=True)
handle = show(plot, notebook_handle=True)
threading.Thread(target=flush, args=(lambda: push_notebook(handle=handle),), daemon=True).start()
"""
)
MODEL = (
    PEER
    + """
from bokeh.io import output_notebook
from bokeh.resources import INLINE
from IPython.display import display
from jupyter_bokeh import BokehModel
output_notebook(INLINE, hide_banner=True)
display(BokehModel(plot, combine_events=True))
threading.Thread(target=flush, args=(lambda: None,), daemon=True).start()
"""
)

# Every paint of the price chart stamps the rows drawn since the paint before.
HOOK_OURS = """() => {
  const view = notebook.node.querySelector('.rl-live').rugsLab;
  const { chart, store } = view;
  const offset = Date.now() - performance.now();
  const stamps = (window.stamps = { delays: [], first: store.ring.next, painted: store.ring.next });
  let drawn = store.ring.next;
  const draw = chart.draw.bind(chart);
  chart.draw = () => { draw(); drawn = store.ring.next; };
  const plot = Bokeh.index.find_one(chart.plots()[0]);
  const paint = plot.paint.bind(plot);
  plot.paint = () => {
    paint();
    const now = performance.now() + offset;
    for (; stamps.painted < drawn; stamps.painted++)
      stamps.delays.push(now - store.ring.at('received_ms', stamps.painted));
  };
}"""
HOOK_PEER = """() => {
  const document_ = Bokeh.documents.find((each) => each.get_model_by_name('peer'));
  const source = document_.get_model_by_name('peer');
  const plot = Bokeh.index.find_one(document_.roots()[0]);
  const offset = Date.now() - performance.now();
  const last = () => source.data.row.length ? source.data.row[source.data.row.length - 1] + 1 : null;
  const stamps = (window.stamps = { delays: [], first: last(), painted: last() });
  const paint = plot.paint.bind(plot);
  plot.paint = () => {
    paint();
    const now = performance.now() + offset;
    const { row, received_ms } = source.data;
    for (let i = row.length - 1; i >= 0 && (stamps.painted === null || row[i] >= stamps.painted); i--)
      stamps.delays.push(now - received_ms[i]);
    stamps.painted = last();
  };
}"""


def main() -> None:
    """Measure and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seconds", type=float, default=12.0, help="per measurement")
    options.add_argument("--ticks", type=int, default=100_000, help="for the memory; 0 leaves it out")
    options.add_argument("--no-peers", action="store_true")
    chosen = options.parse_args()

    from playwright.sync_api import sync_playwright

    from lab import CHROMIUM, CHROMIUM_ARGS, Lab, open_lab

    peers = not chosen.no_peers and find_spec("jupyter_bokeh") is not None
    designs = {"live cell": (OURS, HOOK_OURS)}
    if peers:
        designs |= {"push_notebook": (PUSH, HOOK_PEER), "BokehModel": (MODEL, HOOK_PEER)}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        lab = Lab(Path(folder))
        try:
            lab.start()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
            bench = Bench(lab, lambda: open_lab(lab, browser), chosen.seconds)
            bench.delays(designs)
            if chosen.ticks:
                bench.memory(chosen.ticks)
            browser.close()
        finally:
            lab.stop()


class Bench:
    """Measures designs, each in a fresh page and kernel."""

    def __init__(self, lab: Any, open_page: Any, seconds: float) -> None:
        self._lab = lab
        self._open_page = open_page
        self._seconds = seconds
        self._numbers = itertools.count(1)

    def delays(self, designs: dict[str, tuple[str, str]]) -> None:
        """Print the delays of every design, load by load, so that they share the machine's weather."""
        loads = [("idle", rate, None) for rate in RATES_HZ]
        loads += [(f"beside {name}", 10, cell) for name, cell in BUSY.items()]
        heads = f"{'p50 ms':>9}{'p95 ms':>9}{'lost':>6}{'p95 ratio':>11}"
        print(f"{'kernel':<20}{'ticks/s':>8}  {'design':<14}{heads}")
        for name, rate, busy in loads:
            ours = 0.0
            for design, (cell, hook) in designs.items():
                values, lost = self._measure(cell, hook, rate, busy)
                p50, p95 = statistics.median(values), statistics.quantiles(values, n=20)[18]
                ours = ours or p95
                ratio = f"{p95 / ours:.1f}"
                print(
                    f"{name:<20}{rate:>8}  {design:<14}{p50:>9.0f}{p95:>9.0f}{lost:>6}{ratio:>11}", flush=True
                )

    def memory(self, ticks: int) -> None:
        """Print what page and kernel hold before and after many ticks."""
        nb = self._open([FEED, OURS])
        nb.run(0)
        nb.do("feed.ticks(40)")
        nb.run(1)
        nb.until_drawn()
        self._play(nb, 10_000)
        before = self._footprint(nb)
        self._play(nb, ticks)
        after = self._footprint(nb)
        held = nb.view("[view.store.ring.length, view.chart.parts.path.data.tick.length, view.store.holes]")
        print(
            f"\n{ticks:,} ticks at up to 2000/s: browser heap {before[0]:.1f} -> {after[0]:.1f} MB, ", end=""
        )
        print(f"kernel RSS {before[1]:.0f} -> {after[1]:.0f} MB")
        print(f"page holds {held[0]} rows, {held[1]} points of the path; snapshots asked for: {held[2]}")
        nb.page.context.close()

    def _measure(self, cell: str, hook: str, rate: int, busy: str | None) -> tuple[list[float], int]:
        nb = self._open([FEED, cell, (busy or "").format(seconds=self._seconds + WARM_UP_S + 3)])
        nb.run(0)
        nb.do("feed.ticks(40)")
        nb.run(1)
        if hook is HOOK_OURS:
            nb.until_drawn()
        else:
            nb.until(
                "() => window.Bokeh?.documents?.find((each) => each.get_model_by_name('peer'))", None, 60
            )
        nb.do(f"feed.pump({rate}, rug_every=3000)")
        if hook is HOOK_PEER:
            nb.until(
                "() => Bokeh.documents.find((each) => each.get_model_by_name('peer'))"
                ".get_model_by_name('peer').data.row.length > 2"
            )
        if busy:
            nb.run(2, wait=False)
            nb.until_runs(2)
        nb.page.wait_for_timeout(WARM_UP_S * 1000)
        nb.page.evaluate(hook)
        nb.page.wait_for_timeout(self._seconds * 1000)
        delays: list[float] = nb.page.evaluate("() => stamps.delays")
        if busy:
            nb.until("() => notebook.content.widgets[2].model.executionState === 'idle'", None, 90)
        nb.do("feed.halt()")
        sent = nb.ask("feed.ring.cursor")
        nb.until(f"() => stamps.painted >= {sent}", None, 60)
        counted, first = nb.page.evaluate("() => [stamps.delays.length, stamps.first]")
        nb.page.context.close()
        return delays, sent - first - counted

    def _play(self, nb: Any, ticks: int) -> None:
        target = nb.ask("feed.ring.cursor") + ticks
        nb.do("feed.pump(2000, rug_every=600)")
        nb.until_view(f"view.store.ring.next >= {target}", 0, 600)
        nb.do("feed.halt()")
        nb.until_view(f"view.store.ring.next >= {nb.ask('feed.ring.cursor')}")

    def _footprint(self, nb: Any) -> tuple[float, float]:
        heap = nb.page.evaluate("() => { gc(); gc(); return performance.memory.usedJSHeapSize; }")
        nb.do("import gc; gc.collect()")
        return heap / 1e6, nb.ask("__import__('psutil').Process().memory_info().rss") / 1e6

    def _open(self, cells: list[str]) -> Any:
        from lab import Notebook

        return Notebook(self._lab, self._open_page(), f"bench{next(self._numbers)}.ipynb", cells)


if __name__ == "__main__":
    main()
