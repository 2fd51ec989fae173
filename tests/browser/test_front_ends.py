"""The live and the replay cell in JupyterLab and in Notebook 7: the same file, the same behaviour."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FEED = (
    "from tests.support.scripted_feed import ScriptedFeed\n"
    "import rugs_lab as rl; feed = ScriptedFeed().start()"
)
WATCH = "view = rl.watch(feed); view"
BUSY = "import time; time.sleep(3)"
GAMES = """
import numpy as np, rugs_lab as rl
prices = np.round(1.0 + 0.3 * np.sin(np.arange(61.0) / 6), 6)
prices[0] = 1.0
prices[-1] = prices[:-1].min() * (1 - 0.98)
game = rl.Game("20260101-" + "a" * 16, prices, rug_tick=60)
"""
REPLAY = "view = rl.replay(game, playing=False); view"
TRANSPORT = "view.store.parts.replay_controls"


@pytest.fixture
def watching(either):
    nb = either(FEED, WATCH, BUSY)
    nb.run(0)
    nb.do("feed.cooldown(300); feed.ticks(40)")
    nb.run(1)
    nb.until_drawn()
    return nb


@pytest.fixture
def replaying(either):
    nb = either(GAMES, REPLAY)
    nb.run(0)
    nb.run(1)
    nb.until_drawn()
    return nb


def test_the_live_cell_shows_what_the_kernel_holds(watching):
    nb = watching
    nb.do("feed.ticks(60)")
    nb.until_view("view.chart.parts.path.data.tick.length === 100")
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("feed.game.prices.tolist()")
    nb.page.locator(".rl-kind").select_option("4")
    nb.until_view("view.chart.parts.candles.data.close.length === 25")
    assert nb.errors == []


def test_the_live_cell_moves_while_another_cell_runs(watching):
    nb = watching
    nb.do("feed.pump(40)")
    nb.run(2, wait=False)
    nb.until_runs(2)
    seen = nb.view("view.store.ring.next")
    nb.until_view(f"view.store.ring.next >= {seen + 40}")
    assert nb.runs(2)
    nb.do("feed.halt()")


def test_keys_go_to_the_live_cell_and_not_to_the_notebook(watching):
    nb = watching
    nb.page.locator(".rl-price").click()
    nb.page.keyboard.press("p")
    nb.until_view("view.shownGame.held !== null")
    nb.page.keyboard.press("p")
    nb.until_view("view.shownGame.held === null && view.chart.following")
    nb.page.keyboard.press("l")
    nb.until_view("view.store.status?.state === 'stopped' && view.store.running.wanted === null")
    assert nb.ask("feed.running") is False
    assert nb.page.evaluate("() => notebook.content.mode") == "command"
    assert nb.page.evaluate("() => notebook.content.widgets.length") == 3


def test_paper_money_is_traded_by_hand(watching):
    nb = watching
    nb.page.locator(".rl-trade > summary").click()
    nb.until_view("view.store.parts.trade.open")
    nb.page.locator(".rl-buy").click()
    nb.until_view("view.store.parts.trade.pending.length === 1")
    nb.do("feed.ticks(2); feed.dispatcher.end(10)")
    nb.until_view("view.chart.parts.buys.data.tick.length === 1")
    assert nb.ask("feed._accounts.by_hand.account.position.units") == nb.view("view.store.parts.trade.units")


def test_running_the_cell_again_replaces_the_view(watching):
    nb = watching
    nb.run(1)
    nb.until_drawn()
    assert nb.view_count == 1
    nb.do("feed.ticks(5)")
    nb.until_view("view.chart.parts.path.data.tick.length === 45")


def test_the_theme_is_followed(watching):
    nb = watching
    change = "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })"
    nb.page.evaluate(change, "JupyterLab Dark")
    nb.until_view("view.box.dataset.theme === 'dark' && view.chart?.view")
    nb.page.evaluate(change, "JupyterLab Light")
    nb.until_view("view.box.dataset.theme === 'light' && view.chart?.view")


def test_the_replay_cell_is_played_and_stepped_with_keys(replaying):
    nb = replaying
    nb.page.locator(".rl-price").click()
    for _ in range(3):
        before = nb.view(f"{TRANSPORT}.tick")
        nb.page.keyboard.press("ArrowRight")
        nb.until_view(f"{TRANSPORT}.tick === {before + 1} && view.store.flying === null")
    assert nb.ask("view.tick") == 2
    nb.page.keyboard.press(" ")
    nb.until_view(f"{TRANSPORT}.playing && {TRANSPORT}.tick >= 5")
    nb.page.keyboard.press(" ")
    nb.until_view(f"!{TRANSPORT}.playing && view.panel.parts.replay_controls.playSwitch.wanted === null")
    nb.do("view.tick = 60; view.feed.dispatcher.end(10)")
    nb.until_view("view.chart.path.price.length === 61")
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("game.prices.tolist()")
    assert nb.view("view.chart.parts.rug.data.text[0]").startswith("rug at tick 60")
    assert nb.errors == []
