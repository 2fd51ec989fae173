"""Scenes for `take_screenshots`: the cells of a notebook, and what is done in the page before the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

SCRIPTED = (
    "from tests.support.scenes import scene; from tests.support.scripted_feed import ScriptedFeed\n"
    "import rugs_lab as rl\n"
    "feed = scene(ScriptedFeed, {name!r})\nrl.watch(feed, name='picture')"
)
STILL = SCRIPTED.replace("\nrl.watch", "; feed.halt()\nrl.watch")
DEMO = """import rugs_lab as rl
feed = rl.demo(speed=12, seed=21).wait(games=4, timeout=120)
@rl.strategy
def dip(o, drop=0.93, take=1.2, size=0.05):
    if o.tick >= 0 and not o.units and o.price < drop * o.prices.max():
        return rl.buy(size)
    return rl.sell() if o.units and o.price > take * o.average_cost else rl.hold()
rl.watch(feed, name='picture')"""
REPLAY = """import rugs_lab as rl
games = rl.sample()
view = rl.replay(games, playing=False, name='picture')
view"""

LAB = """import rugs_lab as rl
@rl.strategy
def dip(o, enter=10, drop=0.85, take=1.30, stop=0.70, size=0.01):
    \"\"\"Buys a dip, sells higher, or gives up.\"\"\"
    if not o.units:
        return rl.buy(size) if o.tick >= enter and o.price < drop else rl.hold()
    return rl.sell() if not stop < o.price / o.average_cost < take else rl.hold()
rl.lab(dip, rl.sample(), name='picture')"""
CHART = (
    "view.chart?.view && view.store.ring?.length > 0"
    " && view.chart.plots().every((plot) => plot.inner_width > 0)"
)
FIGURES = "view.ready && view.drawn !== null && view.store.state?.working === false"


class Picture(NamedTuple):
    """A scene.

    Attributes
    ----------
    cell
        Shows the view.
    act
        What is done in the page.
    drawn
        When it is there, in JavaScript.
    """

    cell: str
    act: Callable[[Any], None]
    drawn: str = CHART


def nothing(nb: Any) -> None:
    """Leave it as it comes."""


def press(nb: Any, selector: str, text: str | None = None) -> None:
    """Press a button and wait until the kernel has carried it out."""
    before = nb.view("view.store.asked")
    found = nb.page.locator(selector) if text is None else nb.page.locator(selector, has_text=text)
    found.first.click()
    nb.until_view(f"view.store.asked > {before} && view.store.commandsDone === view.store.asked")


def trade_by_hand(nb: Any) -> None:
    """Buy, bet, buy, and sell a part in a running game."""
    nb.page.locator(".rl-trade > summary").click()
    nb.until_view("view.store.parts.trade.open")
    press(nb, ".rl-buy")
    nb.do("feed.ticks(3); feed.dispatcher.end(10)")
    press(nb, ".rl-sidebet")
    nb.page.locator(".rl-step", has_text="\N{MULTIPLICATION SIGN}2").click()
    press(nb, ".rl-buy")
    nb.do("feed.ticks(9); feed.dispatcher.end(10)")
    press(nb, ".rl-sell", "25 %")
    nb.do("feed.ticks(6); feed.dispatcher.end(10)")
    press(nb, ".rl-buy")


def open_everything(nb: Any) -> None:
    """Candles, earlier games, a strategy that trades, leaderboard and tape; then hold the picture."""
    nb.page.locator(".rl-strategy summary").click()
    nb.until_view("view.panel.parts.strategy.select.options.length > 5")
    nb.page.locator(".rl-strategy-choice").select_option('["notebook","dip"]')
    press(nb, ".rl-strategy-start")
    for part in ("leaderboard", "trade-tape"):
        nb.page.locator(f".rl-{part} summary").click()
    nb.page.locator(".rl-kind").select_option("4")
    nb.page.locator(".rl-ghosts").select_option("3")
    nb.until_view(
        "view.store.parts.strategy.figures.lines > 3 && view.store.path.price.length > 60"
        " && view.store.path.rug === null",
        timeout_s=120,
    )
    nb.page.locator(".rl-pause").click()
    nb.until_view("view.shownGame.passed > 20")
    nb.do("feed.stop()")
    nb.until_view("view.store.status.state === 'stopped'")


def trade_a_recorded_game(nb: Any) -> None:
    """Play a game of the sample to tick 118, trading and betting on the way."""
    nb.do(
        "view.feed.select(int(games.frame['ticks'].reset_index(drop=True).sub(220).abs().idxmin()))\n"
        "view.tick = 20; view.feed.dispatcher.end(10)"
    )
    press(nb, ".rl-buy")
    nb.do("view.tick = 60; view.feed.dispatcher.end(10)")
    press(nb, ".rl-sidebet")
    press(nb, ".rl-buy")
    nb.do("view.tick = 101; view.feed.dispatcher.end(10)")
    press(nb, ".rl-sell", "25 %")
    press(nb, ".rl-sidebet")
    nb.do("view.tick = 118; view.feed.dispatcher.end(10)")
    press(nb, ".rl-sort", "peak")
    nb.until_view("view.store.parts.replay_controls.tick === 118")


PICTURES = {
    f"live_{name}": Picture(SCRIPTED.format(name=name), nothing)
    for name in ("midgame", "rug", "presale", "disconnected")
} | {
    "live_trading": Picture(STILL.format(name="midgame"), trade_by_hand),
    "live_everything": Picture(DEMO, open_everything),
    "replay": Picture(REPLAY, trade_a_recorded_game),
    "lab": Picture(LAB, nothing, FIGURES),
}
