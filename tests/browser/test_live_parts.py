"""What the live cell has beside price and feed, in a real JupyterLab: each equals what the kernel holds."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FEED = """
from tests.support.scripted_feed import ScriptedFeed
import rugs_lab as rl
from rugs_lab.game.limits import PRACTICE_COIN
feed = ScriptedFeed().start()
HOSTILE = "<img src=x onerror=window.hacked=1>"
def player(place, name, pnl, **more):
    return {"position": place, "id": f"p{place}", "username": name, "pnl": pnl, "pnlPercent": 10 * pnl,
            "positionQty": 0.25, "avgCost": 1.5, "totalInvested": 0.5, **more}
def trade(tick, amount, name, kind="buy", **more):
    told = {"gameId": feed.game_id, "playerId": "p", "username": name, "type": kind, "tickIndex": tick}
    paid = {"price": feed.path[tick], "amount": amount, "qty": 1.0}
    feed.take("standard/newTrade", ({**told, **paid, **more},))
"""
WATCH = "view = rl.watch(feed); view"
CANDLES = "view.chart.parts.candles.data"
OHLC = """
import numpy as np, pandas as pd
def ohlc(width):
    prices = pd.Series(feed.game.prices)
    frame = prices.groupby(np.arange(len(prices)) // width).ohlc().dropna()
    return {name: frame[name].tolist() for name in ("open", "high", "low", "close")}
"""


@pytest.fixture
def watching(notebook):
    """Open a notebook that watches a scripted feed of 43 ticks."""

    def open_it(prepare="feed.ticks(43)", *cells, **options):
        nb = notebook(FEED, WATCH, *cells, **options)
        nb.run(0)
        nb.do(prepare)
        nb.run(1)
        nb.until_drawn()
        return nb

    return open_it


def carried_out(nb, before):
    nb.until_view(f"view.store.asked > {before} && view.store.commandsDone === view.store.asked")


def choose(nb, select, value):
    """Choose in a list that the kernel is told of."""
    before = nb.view("view.store.asked")
    nb.page.locator(select).select_option(value)
    carried_out(nb, before)


def press(nb, button):
    before = nb.view("view.store.asked")
    nb.page.locator(button).click()
    carried_out(nb, before)


def cells(nb, name, part):
    nb.page.locator(f".rl-{part}").evaluate("(box) => { box.open = true; }")
    nb.until_view(f"view.panel.parts.{name}.table.body.childElementCount > 0")
    return [row.split("\t") for row in nb.page.locator(f".rl-{part} tbody tr").all_inner_texts()]


@pytest.mark.parametrize("width", [1, 4, 8, 20])
def test_candles_are_those_of_the_prices_in_the_kernel(watching, width):
    nb = watching("feed.ticks(30); feed.tick(heard=False); feed.ticks(12)")
    nb.do(OHLC)
    nb.page.locator(".rl-kind").select_option(str(width))
    for more in ("feed.ticks(3)", "feed.ticks(40)", "feed.rug()"):
        nb.do(more)
        length = nb.ask("len(feed.game)")
        nb.until_view(f"view.chart.path.price.length === {length} && {CANDLES}.close.length > 0")
        expected = nb.ask(f"ohlc({width})")
        nb.until_view(f"{CANDLES}.close.length === {len(expected['close'])}")
        shown = nb.view(
            f"({{open: {CANDLES}.open, high: {CANDLES}.high, low: {CANDLES}.low, close: {CANDLES}.close}})"
        )
        assert shown == expected
    first = nb.view(f"[{CANDLES}.tick[0], {CANDLES}.bottom[0], {CANDLES}.top[0]]")
    assert first == [(width - 1) / 2, *sorted([expected["open"][0], expected["close"][0]])]
    assert nb.view("view.chart.parts.path_line.visible") is False
    nb.page.locator(".rl-kind").select_option("0")
    nb.until_view(f"view.chart.parts.path_line.visible && {CANDLES}.close.length === 0")
    assert nb.errors == []


def test_up_and_down_have_two_colours_where_that_is_wanted_and_keep_their_shapes(watching):
    nb = watching("feed.ticks(40)")
    nb.page.locator(".rl-kind").select_option("4")
    nb.until_view(f"{CANDLES}.close.length === 10")
    shapes, colours = "fill.map((each) => each === view.chart.colours.ground)", "view.chart.colours"
    rose = nb.view(f"{CANDLES}.close.map((close, i) => close >= {CANDLES}.open[i])")
    assert nb.view(f"{CANDLES}.{shapes}") == rose
    assert nb.view(f"new Set({CANDLES}.line).size") == 1
    nb.page.locator(".rl-colours").check()
    assert nb.view(f"{CANDLES}.{shapes}") == rose
    assert nb.view(f"{CANDLES}.line.map((each) => each === {colours}.buy)") == rose
    assert nb.view(f"{CANDLES}.line.map((each) => each === {colours}.sell)") == [not each for each in rose]


def test_so_many_earlier_games_are_drawn_behind_the_running_one(watching):
    games = "for n in range(6): feed.ticks(10 + n); feed.rug(); feed.begin()\nfeed.ticks(20)"
    nb = watching(games)
    nb.until_view("view.chart.parts.ghost.data.price.length === 16")
    assert nb.view("view.chart.parts.ghosts.data.prices.length") == 0
    for count in (3, 5):
        choose(nb, ".rl-ghosts", str(count))
        nb.until_view(f"view.chart.parts.ghosts.data.prices.length === {count - 1}")
        earlier = f"[game.prices.tolist() for game in list(feed.games)[-2:-{count}-1:-1]]"
        assert nb.view("view.chart.parts.ghosts.data.prices") == nb.ask(earlier)
        assert nb.view("Array.from(view.chart.parts.ghost.data.price)") == nb.ask(
            "feed.games[-1].prices.tolist()"
        )
    choose(nb, ".rl-ghosts", "0")
    nb.until_view("view.chart.parts.ghost.data.price.length === 0")
    assert nb.view("view.chart.parts.ghosts.data.prices.length") == 0
    assert nb.errors == []


def test_leaderboard_and_tape_are_those_of_the_frames(watching):
    nb = watching("feed.ticks(20)")
    nb.do(
        "board = [player(1, 'ana', 0.5), player(2, None, -0.0625, selectedCoin={'address': PRACTICE_COIN}),"
        " player(3, HOSTILE, -0.25, positionQty=0, sidebetActive=True)]\n"
        "feed.tick(leaderboard=board)\n"
        "trade(15, 0.125, 'ana'); trade(18, 0.5, HOSTILE, 'sell'); trade(12, 0.25, None, coin=PRACTICE_COIN)"
    )
    nb.until_view(
        "view.store.parts.leaderboard.rows.length === 3 && view.store.parts.trade_tape.rows.length === 3"
    )
    board = cells(nb, "leaderboard", "leaderboard")
    frame = nb.ask("feed.leaderboard[['position', 'pnl_sol', 'practice']].values.tolist()")
    assert [int(row[0]) for row in board] == [row[0] for row in frame]
    minus = "\N{MINUS SIGN}"
    assert [float(row[2].replace(minus, "-")) for row in board] == [row[1] for row in frame]
    assert ["practice" in row[1] for row in board] == [row[2] for row in frame]
    assert board[0][1] == "ana"
    assert board[1][1].startswith("p2")
    assert [row[6] for row in board] == ["position", "position", "side bet"]
    tape = cells(nb, "trade_tape", "trade-tape")
    columns = "['tick', 'amount_sol', 'late_ticks', 'practice']"
    by_tick = f"feed.trades.sort_values('tick', ascending=False)[{columns}].values.tolist()"
    shown = [[int(row[1]), float(row[3]), int(row[6]), "practice" in row[5]] for row in tape]
    assert shown == nb.ask(by_tick)
    assert [row[2] for row in shown] == [2, 5, 8]
    assert "3 received, 1 of them practice" in nb.page.locator(".rl-trade-tape summary").inner_text()
    assert "lag one tick" in nb.page.locator(".rl-leaderboard").inner_text()
    for part, row in (("leaderboard", 2), ("trade-tape", 0)):
        who = nb.page.locator(f".rl-{part} tbody tr").nth(row).locator(".rl-player")
        assert "<img src=x onerror=" in who.inner_text()
    assert nb.page.evaluate("() => document.querySelectorAll('.rl-live img').length") == 0
    assert nb.page.evaluate("() => window.hacked") is None
    assert nb.errors == []


def test_pause_holds_the_picture_and_counts_and_follow_returns(watching):
    nb = watching()
    nb.page.locator(".rl-price").click()
    nb.page.keyboard.press("p")
    nb.until_view("view.shownGame.held !== null")
    held = nb.view("Array.from(view.chart.parts.path.data.price)")
    assert len(held) == 43
    nb.do("feed.ticks(7); feed.rug(); feed.begin(); feed.cooldown(300); feed.ticks(5)")
    nb.until_view(
        "view.store.path.price.length === 5 && view.panel.controls.passed.textContent.includes('13 new')"
    )
    assert nb.page.locator(".rl-passed").inner_text() == "paused at tick 42; 13 new ticks"
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == held
    assert nb.view("view.chart.parts.rug.data.tick.length") == 0
    assert nb.page.locator(".rl-facts .rl-value").first.inner_text() == "4"
    nb.page.locator(".rl-kind").select_option("4")
    nb.until_view(f"{CANDLES}.close.length === 11")
    nb.page.locator(".rl-follow").click()
    nb.until_view("view.chart.parts.path.data.tick.length === 5")
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("feed.game.prices.tolist()")
    assert nb.page.locator(".rl-passed").inner_text() == ""
    nb.do("feed.ticks(3)")
    nb.until_view("view.chart.parts.path.data.tick.length === 8")
    assert nb.errors == []


def test_what_a_pause_holds_outlives_a_snapshot(watching):
    nb = watching()
    nb.page.locator(".rl-pause").click()
    nb.until_view("view.shownGame.held !== null")
    nb.view("view.store.send({ kind: 'snapshot' })")
    nb.do("feed.ticks(2)")
    nb.until_view("view.panel.controls.passed.textContent.includes('2 new ticks')")
    assert nb.view("view.chart.parts.path.data.tick.length") == 43
    nb.page.locator(".rl-pause").click()
    nb.until_view("view.chart.parts.path.data.tick.length === 45")


def test_one_goes_back_through_the_games_of_the_session_while_it_goes_on(watching):
    nb = watching("for n in range(3): feed.ticks(10 + n); feed.rug(); feed.begin()\nfeed.ticks(20)")
    path = "view.chart.parts.path.data.tick.length"
    for length in (13, 12, 11):
        press(nb, ".rl-past-games .rl-page >> nth=0")
        nb.until_view(f"{path} === {length}")
        nb.do("feed.tick()")
    assert nb.page.locator(".rl-past-games .rl-page").first.is_disabled()
    press(nb, ".rl-past-games .rl-page >> nth=1")
    nb.until_view(f"{path} === 12")
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("feed.games[1].prices.tolist()")
    choose(nb, ".rl-past-games select", "")
    nb.until_view(f"{path} === 23")


def test_the_strip_of_gaps_scrolls_back_over_the_whole_buffer(watching):
    nb = watching("feed.ticks(40)")
    began = nb.ask("feed._last_ns") / 1e6
    late = "clock = iter(range(int(feed._last_ns), 1 << 62, 250_000_000)); feed.now_ns = lambda: next(clock)"
    nb.do(f"{late}; feed.ticks(1500)")
    nb.until_view("view.store.ring.next === 1540 && view.chart.parts.gaps.data.gap_ms.length === 700")
    start, end = began + 100_000, began + 110_000
    nb.page.evaluate(
        "([start, end]) => { const view = document.querySelector('.rl-live').rugsLab;"
        "view.chart.moved(); view.chart.set(view.chart.parts.times, start, end); }",
        [start, end],
    )
    nb.until_view("view.chart.parts.gaps.data.gap_ms.length < 50")
    times = nb.view("Array.from(view.chart.parts.gaps.data.received_ms)")
    known = nb.ask("[at / 1e6 for at in feed.frame['received'].astype('int64').tolist()]")
    inside = [at for at in known if start < at <= end]
    assert len(inside) == 40
    assert times[-40:] == inside
    assert nb.page.locator(".rl-follow").is_visible()
    nb.page.locator(".rl-follow").click()
    nb.until_view("view.chart.parts.gaps.data.gap_ms.length === 700")


def test_the_health_line_counts_with_units(watching):
    nb = watching("feed.ticks(10); feed.tick(heard=False); feed.ticks(10); feed.connection_lost()")
    nb.do("feed.tick()")
    nb.until_view("view.panel.health.counts.textContent.includes('1 connection lost')")
    nb.until_view("view.panel.health.counts.textContent.includes('21 messages received')")
    line = nb.page.locator(".rl-health summary").inner_text()
    for words in (
        "last message ",
        " s ago",
        "0 ticks missing in this game",
        "1 tick back-filled",
        "of 5,000 rows",
    ):
        assert words in line


def test_alerts_are_shown_notified_where_allowed_and_removed(watching):
    nb = watching(fresh=True)
    line = nb.page.locator(".rl-alerts")
    assert line.is_hidden()
    nb.do("calls = []; alert = feed.alert(price=50, call=calls.append); rug = feed.alert(on='rug')")
    nb.until_view("view.panel.parts.alerts.list.children.length === 2")
    assert line.inner_text().split("\n")[:2] == ["alerts:", "price 50x or more"]
    nb.page.evaluate(
        "() => { window.told = []; window.Notification = class { "
        "static async requestPermission() { return window.answer; } "
        "constructor(title, { body }) { told.push(`${title}: ${body}`); } } }"
    )
    for answer in ("denied", "granted"):
        nb.page.evaluate("(answer) => { window.answer = answer; }", answer)
        line.locator("input").click()
        nb.until_view(f"view.panel.parts.alerts.wanted.checked === {str(answer == 'granted').lower()}")
    nb.do("feed.path[-1] = 51.5; tick = feed.tick(); feed.ticks(2); feed.dispatcher.end(10)")
    nb.until_view("told.length === 1")
    words = f"51.5x at tick {nb.ask('tick')}"
    assert nb.page.evaluate("() => told") == [f"price 50x or more: {words}"]
    assert words in line.inner_text()
    assert nb.ask("[each.price for each in calls]") == [51.5]
    line.locator("button").first.click()
    nb.until_view("view.panel.parts.alerts.list.children.length === 1")
    assert nb.ask("feed.alerts == (rug,)")
    nb.do("rug.remove()")
    nb.until_view("view.panel.parts.alerts.box.hidden")
    assert nb.errors == []
