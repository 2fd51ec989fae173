"""What a widget shows when its parts were chosen, low widgets, the list of keys, and the empty widget."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

IMPORTS = "from tests.support.scripted_feed import ScriptedFeed\nimport rugs_lab as rl"
FEED = f"{IMPORTS}\nfeed = ScriptedFeed().start()"
TICKS = f"{FEED}; feed.ticks(40)"
BOXES = {
    "chart": ".rl-chart",
    "controls": ".rl-play",
    "games": ".rl-games",
    "trade": ".rl-trade",
    "strategy": ".rl-strategy",
    "leaderboard": ".rl-leaderboard",
    "trade_tape": ".rl-trade-tape",
    "facts": "summary:has-text('about this game')",
    "health": ".rl-health",
}


@pytest.fixture
def shown(notebook):
    def show(cell, prepare=TICKS, **options):
        nb = notebook(prepare, cell, **options)
        nb.run(0)
        nb.run(1)
        nb.until_view("view.store.setup && view.panel.parts")
        return nb

    return show


def visible(nb, position=0):
    box = nb.page.locator(".jp-Notebook .rl-live").nth(position)
    return {name for name, selector in BOXES.items() if box.locator(selector).first.is_visible()}


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        ((), {"chart", "games", "trade", "strategy", "leaderboard", "trade_tape", "health"}),
        (("chart", "trade"), {"chart", "trade"}),
        (("trade_tape",), {"trade_tape"}),
        (("games", "leaderboard", "health"), {"games", "leaderboard", "health"}),
    ],
)
def test_a_live_widget_shows_the_parts_that_were_chosen(shown, parts, seen):
    nb = shown(f"view = rl.watch(feed, parts={parts or None!r}); view")
    nb.until_view("view.panel.price.textContent.endsWith('x')")
    assert visible(nb) == seen
    assert nb.view("view.panel.price.textContent") == f"{nb.ask('feed.game.prices[-1]'):.4f}x"
    if "chart" not in seen:
        assert nb.view("view.chart") is None
    assert nb.errors == []


@pytest.mark.parametrize(
    ("parts", "seen"),
    [
        (("chart", "controls"), {"chart", "controls"}),
        (("controls", "facts"), {"controls", "facts"}),
        (("trade", "games"), {"trade", "games"}),
    ],
)
def test_a_replay_shows_the_parts_that_were_chosen_and_keeps_its_keys(shown, parts, seen):
    nb = shown(f"view = rl.replay(rl.sample()[:9], playing=False, parts={parts!r}); view")
    nb.until_view("view.panel.state.text.textContent === 'replay paused'")
    assert visible(nb) == seen
    nb.view("view.box.focus()")
    nb.page.keyboard.press("ArrowRight")
    nb.until_view("view.store.parts.replay_controls.tick === 0 && view.store.commandsDone === 1")
    assert nb.ask("view.tick") == 0


def test_panels_apart_trade_one_account_and_each_chart_has_its_marks(shown):
    nb = shown(
        "import ipywidgets\nchart, trade = rl.watch(feed, parts=['chart']), rl.watch(feed, parts='trade')\n"
        "ipywidgets.HBox([chart, trade])"
    )
    nb.until_view("view.panel.parts", 1)
    assert (visible(nb, 0), visible(nb, 1)) == ({"chart"}, {"trade"})
    nb.do("chart.paper")
    nb.until_view("view.store.parts.trade.open", 1)
    nb.page.locator(".rl-buy").nth(0).click()
    nb.until_view("view.store.commandsDone === 1", 1)
    nb.do("feed.ticks(2)")
    nb.until_view("view.chart.parts.buys.data.tick.length === 1")
    assert nb.ask("chart.paper is trade.paper and len(trade.paper.trades) + len(trade.paper.ledger)") >= 1
    assert nb.errors == []


@pytest.mark.parametrize("width", [1400, 1000])
def test_a_compact_widget_is_as_low_as_was_said(shown, width):
    nb = shown("view = rl.watch(feed, height=200); view", width=width)
    nb.until_drawn()
    assert visible(nb) == {"chart"}
    nb.until_view("view.chart.plots()[0].inner_height > 40")
    assert 150 <= nb.view("view.box.offsetHeight") <= 200
    assert nb.view("view.panel.over.offsetHeight") == 0


def test_the_keys_are_listed_and_do_what_the_list_says(shown):
    nb = shown("view = rl.watch(feed); view")
    nb.until_drawn()
    nb.do("view.paper")
    nb.until_view("view.store.parts.trade.open")
    nb.view("view.box.focus()")
    nb.page.keyboard.press("?")
    lines = nb.page.locator(".rl-keys").inner_text().split("\n")
    listed = dict(line.split("\N{EM SPACE}") for line in lines)
    assert (listed["L"], listed["B"], listed["?"]) == (
        "start or stop the feed",
        "buy",
        "show or hide this list",
    )
    nb.page.keyboard.press("3")
    assert nb.view("view.panel.parts.trade.amount.value") == "0.1"
    nb.page.keyboard.press("b")
    nb.until_view("view.store.commandsDone === 1")
    nb.do("feed.ticks(2); feed.dispatcher.end(10)")
    assert nb.ask("view.paper.ledger[['what', 'cash_change_sol']].values.tolist()") == [["buy", -0.1]]
    nb.page.keyboard.press("?")
    assert not nb.page.locator(".rl-keys").is_visible()
    nb.page.locator("button", has_text="?").first.click()
    assert nb.page.locator(".rl-keys").is_visible()
    assert nb.errors == []


def test_the_chart_is_moved_and_zoomed_with_keys(shown):
    nb = shown("view = rl.watch(feed); view")
    nb.until_drawn()
    nb.view("view.box.focus()")
    ticks = "[view.chart.parts.ticks.start, view.chart.parts.ticks.end]"
    start, end = nb.view(ticks)
    width = end - start
    for key, expected in (
        (".", [start + width / 5, end + width / 5]),
        (",", [start, end]),
        ("i", [start + width / 10, end - width / 10]),
        ("o", [start, end]),
    ):
        nb.page.keyboard.press(key)
        assert nb.view(ticks) == pytest.approx(expected)
        assert nb.view("view.chart.following") is False
    nb.page.keyboard.press("i")
    nb.do("feed.tick()")
    nb.until_view("view.chart.path.price.length === 41")
    assert nb.view(ticks) != [start, end]
    nb.page.keyboard.press("f")
    assert nb.view("view.chart.following") is True
    assert nb.view(ticks) == [start, end]


def test_without_a_message_there_are_words_and_neither_legend_nor_empty_figures(shown):
    nb = shown("view = rl.watch(feed); view", prepare=FEED)
    nb.until_view("view.panel.countdown.textContent === 'no data yet: waiting for the first message'")
    assert nb.view("[view.panel.legend.box, view.panel.facts.box].map((box) => box.offsetHeight)") == [0, 0]
    nb.do("feed.ticks(3)")
    nb.until_view("view.panel.legend.box.offsetHeight > 0 && view.panel.facts.box.offsetHeight > 0")
