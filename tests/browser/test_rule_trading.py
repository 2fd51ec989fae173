"""A strategy picked in the live cell trades paper money, and the page shows what its account holds."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FEED = """
from tests.support.scripted_feed import ScriptedFeed
import rugs_lab as rl
feed = ScriptedFeed().start()
@rl.strategy(presale=False)
def early(o, at=3, out=9, size=0.125):
    if o.tick == at:
        return rl.buy(size), rl.sidebet(0.01)
    return rl.sell() if o.tick == out else rl.hold()
@rl.strategy(presale=False)
def breaks(o):
    raise ZeroDivisionError("a planted error")
@rl.strategy
def needs(o, level):
    return rl.hold()
"""
WATCH = "view = rl.watch(feed); view"
STRATEGY = "view.store.parts.strategy"


@pytest.fixture
def ruling(notebook):
    """Open a notebook with strategies in it, the panel of strategies open."""
    nb = notebook(FEED, WATCH)
    nb.run(0)
    nb.do("feed.cooldown(300)")
    nb.run(1)
    nb.until_drawn()
    nb.page.locator(".rl-strategy summary").click()
    nb.until_view("view.panel.parts.strategy.select.options.length > 3")
    return nb


def start(nb, strategy, place="notebook"):
    nb.page.locator(".rl-strategy-choice").select_option(f'["{place}","{strategy}"]')
    press(nb, ".rl-strategy-start")


def press(nb, button):
    before = nb.view("view.store.asked")
    nb.page.locator(button).click()
    nb.until_view(f"view.store.asked > {before} && view.store.commandsDone === view.store.asked")


def play(nb, count):
    """Play ticks one by one, so that the strategy decides on each."""
    nb.do(f"for _ in range({count}): feed.tick(); feed.dispatcher.end(10)")


def facts(nb):
    lines = nb.page.locator(".rl-strategy .rl-fact").all_inner_texts()
    return dict(line.split("\n") for line in lines)


def test_strategies_of_the_package_and_of_the_notebook_can_be_picked(ruling):
    nb = ruling
    options = nb.view("[...view.panel.parts.strategy.select.options].map((each) => JSON.parse(each.value))")
    assert [name for place, name in options if place == "notebook"] == ["early", "breaks", "needs"]
    assert [name for place, name in options if place == "built-in"] == nb.ask("list(rl.strategies)")
    nb.page.locator(".rl-strategy-choice").select_option('["notebook","early"]')
    assert nb.page.locator(".rl-strategy-parameters").inner_text() == "at=3, out=9, size=0.125"
    nb.do("later = early.with_(size=0.5)")
    nb.until_view("view.panel.parts.strategy.select.options.length === " + str(len(options) + 1))
    assert nb.page.locator(".rl-strategy-choice").input_value() == '["notebook","early"]'


def test_the_strategy_trades_and_the_page_shows_its_account(ruling):
    nb = ruling
    start(nb, "early")
    assert nb.ask("feed._accounts.by_strategy.strategy_state") == "running"
    play(nb, 8)
    nb.until_view(f"{STRATEGY}.figures.lines === 2 && {STRATEGY}.decisions === 8")
    nb.until_view("view.chart.parts.strategy_fills.data.tick.length === 2")
    assert sorted(nb.view("Array.from(view.chart.parts.strategy_fills.data.marker)")) == [
        "diamond",
        "triangle",
    ]
    assert nb.view("Array.from(view.chart.parts.strategy_fills.data.tick)") == [4, 4]
    assert "units, side bet" in facts(nb)["position"]
    play(nb, 5)
    nb.do("feed.rug(); feed.dispatcher.end(10)")
    nb.until_view(f"{STRATEGY}.figures.lines === 4")
    equity, realised, games = nb.ask(
        "[(a := feed._accounts.by_strategy.account).equity_sol, a.realised_sol, len(a.games)]"
    )
    shown = facts(nb)
    assert float(shown["equity"].split()[0]) == pytest.approx(equity, abs=1e-9)
    signed = shown["realised"].replace("\N{MINUS SIGN}", "-").split()[0]
    assert float(signed) == pytest.approx(realised, abs=5e-7)
    assert shown["games"] == str(games) == "1"
    assert shown["ledger"] == "4 lines"
    assert shown["decisions"].startswith(f"{nb.ask('feed._accounts.by_strategy.decisions.decisions')}, ")
    assert nb.view("Array.from(view.chart.parts.buys.data.tick)") == []
    assert nb.errors == []


def test_stopped_it_trades_no_more_and_begins_anew_when_started(ruling):
    nb = ruling
    start(nb, "early")
    play(nb, 6)
    nb.until_view(f"{STRATEGY}.figures.lines === 2")
    press(nb, ".rl-strategy-stop")
    nb.until_view(f"{STRATEGY}.state === 'ended'")
    assert nb.page.locator(".rl-strategy-stop").is_hidden()
    play(nb, 6)
    assert nb.ask("len(feed._accounts.by_strategy.account.entries)") == 2
    start(nb, "early")
    nb.until_view(f"{STRATEGY}.state === 'running' && {STRATEGY}.figures.lines === 0")


def test_it_goes_on_when_the_cell_is_run_again(ruling):
    nb = ruling
    start(nb, "early")
    play(nb, 6)
    nb.run(1)
    nb.until_drawn()
    nb.until_view(f"{STRATEGY}?.figures?.lines === 2 && {STRATEGY}.state === 'running'")
    play(nb, 6)
    nb.until_view(f"{STRATEGY}.figures.lines === 3")


def test_a_strategy_that_raises_or_cannot_start_says_why(ruling):
    nb = ruling
    start(nb, "breaks")
    play(nb, 1)
    nb.until_view(f"{STRATEGY}.state === 'paused'")
    nb.until_view("view.panel.parts.strategy.message.textContent.includes('a planted error')")
    press(nb, ".rl-strategy-resume")
    nb.until_view(f"{STRATEGY}.state === 'running' && view.panel.parts.strategy.resume.hidden")
    start(nb, "needs")
    nb.until_view(
        "view.panel.parts.strategy.message.textContent.includes('strategy needs needs a value for level')"
    )
    start(nb, "conservative", "built-in")
    nb.until_view(f"{STRATEGY}.state === 'running' && view.store.commands.trouble === ''")
