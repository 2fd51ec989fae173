"""Lines of the reader's own in a real JupyterLab: live, in a replay, in both themes; errors in words."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

EMA = """
import pandas as pd
import rugs_lab as rl
from tests.support.scripted_feed import ScriptedFeed
def ema(prices):
    return pd.Series(prices).ewm(span=8).mean()
def broken(prices):
    return prices * (1 / (len(prices) - 32))
def expected(game):
    return [float(f"{each:.6g}") for each in pd.Series(game.prices).ewm(span=8).mean()]
"""
LIVE = "feed = ScriptedFeed().start(); feed.ticks(30); view = rl.watch(feed); view"
REPLAY = "view = rl.replay(rl.sample()[0], playing=False); view.tick = 30; view"
DRAWN = "view.chart.parts.overlays.data.prices"
LEGEND = "view.panel.legend.box.innerText"


@pytest.fixture
def shown(notebook):
    def show(cell, **options):
        nb = notebook(EMA, cell, **options)
        nb.run(0)
        nb.run(1)
        nb.until_drawn()
        return nb

    return show


def until_as_in_python(nb, place, game, length):
    nb.until_view(f"{DRAWN}[{place}]?.length === {length}")
    assert nb.view(f"{DRAWN}[{place}]") == nb.ask(f"expected({game})")


def test_a_line_is_drawn_live_with_every_tick_and_one_that_raises_says_so(shown):
    nb = shown(LIVE)
    nb.do("view.line('ema', ema); view.line('broken', broken)")
    until_as_in_python(nb, 0, "feed.game", 30)
    for more in range(31, 34):
        nb.do("feed.tick()")
        until_as_in_python(nb, 0, "feed.game", more)
    nb.until_view(f"{LEGEND}.includes('broken (ended at tick 31: ZeroDivisionError: division by zero)')")
    ends = nb.view("view.chart.parts.overlay_ends.data")
    assert (ends["text"], ends["tick"]) == (["ema", "broken"], [32, 30])
    nb.do("feed.rug(); feed.begin(); feed.ticks(5)")
    until_as_in_python(nb, 0, "feed.game", 5)
    nb.do("view.line('broken', None); view.line('ema', None)")
    nb.until_view(f"{DRAWN}.length === 0 && !{LEGEND}.includes('ema')")
    assert nb.errors == []


def test_a_line_follows_a_replay_back_and_forth_in_both_themes(shown):
    nb = shown(REPLAY)
    nb.do("view.line('ema', ema)")
    for tick in (20, 12, 29):
        nb.do(f"view.tick = {tick}")
        until_as_in_python(nb, 0, "view.game", tick + 1)
    for theme in ("Dark", "Light"):
        nb.page.evaluate(
            "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })",
            f"JupyterLab {theme}",
        )
        nb.until_view(f"view.box.dataset.theme === {theme.lower()!r} && view.chart && {DRAWN}.length === 1")
        colour = nb.view("view.chart.parts.overlays.data.colour[0]")
        assert colour == nb.view(f"view.store.setup.colours.{theme.lower()}.others[0]")
        key = "view.panel.legend.box.querySelector('.rl-key-other0 b')"
        assert nb.view(f"getComputedStyle({key}).color") == nb.view(
            f"((b) => {{ b.style.color = {colour!r}; return b.style.color; }})(document.createElement('b'))"
        )
    assert nb.errors == []
