"""The replay cell in a real JupyterLab: controls, keys, paper trading; the page shows what is held."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

GAMES = """
import numpy as np, rugs_lab as rl
def made(letter, rug):
    prices = np.round(1.0 + 0.3 * np.sin(np.arange(rug + 1.0) / 6), 6)
    prices[0] = 1.0
    prices[-1] = prices[:-1].min() * (1 - 0.98)
    return rl.Game(f"20260101-{letter * 16}", prices, rug_tick=rug)
games = rl.Games([made("a", 50), made("b", 51), made("c", 700)])
"""
REPLAY = "view = rl.replay(games, playing=False); view"
STATE = "view.store.parts.replay_controls"
TRADE = "view.store.parts.trade"
PATH = "view.chart.parts.path.data.price"


@pytest.fixture
def replaying(notebook):
    """Open a notebook with the replay cell; `cell` is what shows it."""

    def open_it(cell=REPLAY, *cells, **options):
        nb = notebook(GAMES, cell, *cells, **options)
        nb.run(0)
        nb.run(1)
        nb.until_drawn()
        return nb

    return open_it


def focus(nb, position=0):
    nb.page.locator(".rl-live").nth(position).locator(".rl-price").click()


def done(nb):
    nb.until_view("view.store.commandsDone === view.store.asked && view.store.flying === null")


def until_tick(nb, tick, position=0):
    """Await that the controls, the chart and the account have come to a tick."""
    nb.until_view(f"{STATE}.tick === {tick} && view.chart.path.price.length === {tick + 1}", position)


def go_to(nb, tick):
    nb.do(f"view.tick = {tick}; view.feed.dispatcher.end(10)")
    until_tick(nb, tick)
    nb.until_view(f"{TRADE}.now === {nb.ask('view.account.now')}")


def press(nb, name, text=None):
    before = nb.view("view.store.asked")
    found = nb.page.locator(f".rl-{name}") if text is None else nb.page.locator(f".rl-{name}", has_text=text)
    found.first.click()
    nb.until_view(f"view.store.asked > {before}")
    done(nb)


def facts(nb):
    lines = nb.page.locator(".rl-trade .rl-money .rl-fact").all_inner_texts()
    return dict(line.split("\n") for line in lines)


def test_begins_in_presale_and_plays_when_asked(replaying):
    nb = replaying()
    assert nb.view(f"[{STATE}.tick, {STATE}.playing]") == [-1, False]
    assert "PRESALE" in nb.page.locator(".rl-phase").inner_text()
    assert nb.view("view.panel.countdown.textContent") == "presale (paused)"
    nb.page.locator(".rl-play").click()
    nb.until_view(f"{STATE}.playing && {STATE}.tick >= 3")
    nb.page.locator(".rl-play").click()
    nb.until_view(f"!{STATE}.playing && view.panel.parts.replay_controls.playSwitch.wanted === null")
    tick = nb.ask("view.tick")
    until_tick(nb, tick)
    assert nb.view(f"Array.from({PATH})") == nb.ask("view.game.prices.tolist()")
    assert nb.ask("view.game.prices.tolist()") == nb.ask(f"games[0].prices[:{tick + 1}].tolist()")
    assert nb.page.locator(".rl-where").inner_text() == f"tick {tick} of 50"
    assert nb.errors == []


def test_keys_play_step_seek_and_change_the_speed_while_the_cell_has_the_focus(replaying):
    nb = replaying()
    focus(nb)
    nb.page.keyboard.press("ArrowRight")
    until_tick(nb, 0)
    for _ in range(4):
        nb.page.keyboard.press("ArrowRight")
    until_tick(nb, 4)
    nb.page.keyboard.press("ArrowLeft")
    until_tick(nb, 3)
    nb.page.keyboard.press("+")
    nb.until_view(f"{STATE}.speed === 2")
    nb.page.keyboard.press("-")
    nb.page.keyboard.press("-")
    nb.until_view(f"{STATE}.speed === 0.5")
    nb.page.keyboard.press(" ")
    nb.until_view(f"{STATE}.playing && {STATE}.tick > 3")
    nb.page.keyboard.press("l")
    nb.until_view(f"!{STATE}.playing")
    nb.page.keyboard.press("End")
    until_tick(nb, 50)
    nb.until_view("view.chart.parts.rug.data.tick.length === 1")
    nb.page.keyboard.press("Home")
    nb.until_view(f"{STATE}.tick === -1 && view.chart.path.price.length === 0")
    assert nb.ask("[view.tick, view.speed, view.playing]") == [-1, 0.5, False]
    cells = nb.page.evaluate("() => notebook.content.widgets.length")
    assert cells == 2
    assert nb.errors == []


def test_keys_elsewhere_are_jupyterlabs_own(replaying):
    nb = replaying()
    nb.page.locator(".jp-Notebook .jp-Cell .jp-InputPrompt").first.click()
    for key in (" ", "ArrowRight", "End", "l", "+"):
        nb.page.keyboard.press(key)
    nb.page.keyboard.press("b")
    nb.until("() => notebook.content.widgets.length === 3")
    assert nb.ask("[view.tick, view.playing, view.speed]") == [-1, False, 1]
    amount = nb.page.locator(".rl-amount")
    amount.click()
    amount.press("End")
    amount.press("ArrowLeft")
    amount.press("l")
    assert nb.view("view.store.asked") == 0


def test_the_slider_seeks_both_ways(replaying):
    nb = replaying()
    slider = nb.page.locator(".rl-slider")
    for tick in (30, 12, 49):
        slider.fill(str(tick))
        until_tick(nb, tick)
        assert nb.view(f"Array.from({PATH})") == nb.ask(f"games[0].prices[:{tick + 1}].tolist()")
        assert nb.ask("len(view.frame.dropna(subset=['price']).query('tick >= 0 and active'))") == tick + 1
    assert nb.errors == []


def test_python_sets_what_the_page_shows(replaying):
    nb = replaying()
    nb.do("view.tick = 33; view.speed = 4; view.feed.select(2); view.tick = 600")
    until_tick(nb, 600)
    nb.until_view(f"{STATE}.speed === 4 && {STATE}.position === 2")
    assert nb.page.locator(".rl-speed").input_value() == "4"
    assert nb.page.locator(".rl-which").inner_text() == "game 3 of 3"
    nb.page.locator(".rl-speed").select_option("null")
    nb.until_view(f"{STATE}.speed === null")
    assert nb.ask("view.speed == float('inf')")


@pytest.mark.parametrize(
    ("position", "rug", "ended", "cash"), [(0, 50, "won", "1.200"), (1, 51, "lost", "0.950")]
)
def test_a_side_bet_wins_on_a_rug_at_its_last_tick_and_loses_one_later(replaying, position, rug, ended, cash):
    nb = replaying()
    nb.do(f"view.feed.select({position})")
    nb.until_view(f"{STATE}.position === {position}")
    go_to(nb, 9)
    nb.page.locator(".rl-amount").fill("0.05")
    press(nb, "sidebet")
    go_to(nb, 10)
    nb.until_view("view.panel.parts.trade.betText.textContent.includes('40 ticks left')")
    go_to(nb, 49)
    assert "1 ticks left, wins on a rug up to tick 50" in nb.page.locator(".rl-bet").inner_text()
    go_to(nb, rug)
    assert nb.ask("view.paper.trades[['what', 'opened_tick', 'closed_tick']].values.tolist()") == [
        [ended, 10, 50]
    ]
    nb.until_view(f"view.chart.parts.bet_ends.data.text[0].endsWith('{ended}')")
    assert facts(nb)["cash"] == f"{cash} SOL"
    assert nb.ask("view.account.cash_sol") == float(cash)


def test_a_buy_a_partial_sell_and_a_rug_with_an_open_position(replaying):
    nb = replaying()
    go_to(nb, 5)
    nb.page.locator(".rl-amount").fill("0.1")
    press(nb, "buy")
    go_to(nb, 12)
    press(nb, "sell", "50 %")
    go_to(nb, 20)
    shown = facts(nb)
    cash, unrealised = nb.ask("[view.account.cash_sol, view.account.unrealised_sol]")
    assert float(shown["cash"].removesuffix(" SOL")) == cash
    assert float(shown["unrealised"].replace("\N{MINUS SIGN}", "-").split(" SOL")[0]) == unrealised
    assert nb.view("[view.chart.parts.buys.data.tick[0], view.chart.parts.sells.data.tick[0]]") == [6, 13]
    focus(nb)
    nb.page.keyboard.press("End")
    until_tick(nb, 50)
    nb.until_view(f"{TRADE}.ledger.length === 3")
    assert nb.ask("view.paper.trades['what'].tolist()") == ["sell", "rug"]
    assert nb.ask("view.paper.trades['price'].iloc[-1]") == nb.ask("games[0].rug_price")
    nb.until_view("view.chart.parts.settled.data.tick[0] === 50")
    rows = [row.split("\t") for row in nb.page.locator(".rl-ledger tbody tr").all_inner_texts()]
    on_page = [float(row[6]) for row in rows]
    assert on_page == nb.ask("view.paper.ledger['cash_sol'].tolist()[::-1]")
    assert nb.ask("view.account.flat")


def test_next_game_settles_what_is_open_at_the_true_end_of_this_one(replaying):
    nb = replaying()
    go_to(nb, 5)
    nb.page.locator(".rl-amount").fill("0.1")
    press(nb, "buy")
    go_to(nb, 8)
    press(nb, "next")
    nb.until_view(f"{STATE}.position === 1 && {STATE}.tick === -1 && {TRADE}.lines === 2")
    assert nb.ask("view.paper.trades[['what', 'closed_tick']].values.tolist()") == [["rug", 50]]
    nb.page.locator(".rl-amount").fill("0.02")
    press(nb, "buy")
    assert "at tick 0" in nb.page.locator(".rl-pending").inner_text()
    go_to(nb, 1)
    assert nb.ask("view.paper.ledger[['tick', 'price']].values.tolist()[-1]") == [0.0, 1.0]
    press(nb, "previous")
    nb.until_view(f"{STATE}.position === 0")
    nb.until_view("view.panel.parts.trade.closed.textContent.includes('already seen this tick')")


def test_what_was_seen_cannot_be_traded_again_until_a_new_session(replaying):
    nb = replaying()
    go_to(nb, 30)
    go_to(nb, 10)
    nb.until_view("view.panel.parts.trade.closed.textContent.includes('you have already seen this tick')")
    assert nb.page.locator(".rl-buy").get_attribute("aria-disabled") == "true"
    nb.page.locator(".rl-restart summary").click()
    press(nb, "clear")
    nb.until_view(f"{TRADE}.rejection === null")
    press(nb, "buy")
    go_to(nb, 12)
    assert nb.ask("view.paper.ledger['tick'].tolist()") == [11]


def test_a_game_is_picked_from_the_sorted_list(replaying):
    nb = replaying()
    nb.page.locator(".rl-sort", has_text="length").click()
    nb.until_view("view.store.parts.game_list.descending && view.store.parts.game_list.by === 'ticks'")
    lengths = [row.split("\t")[2] for row in nb.page.locator(".rl-game-list tbody tr").all_inner_texts()]
    assert lengths == ["700", "51", "50"]
    assert nb.page.locator(".rl-here").is_hidden()
    nb.page.locator(".rl-pick").first.click()
    nb.until_view(f"{STATE}.position === 2")
    assert nb.page.locator(".rl-game-list tr[aria-current=true]").inner_text().startswith("3")


def test_several_games_stand_side_by_side_each_with_its_own_buffer(replaying):
    nb = replaying("views = rl.replay([games[0], games[2]], playing=False); views")
    nb.until_drawn(1)
    nb.do("views.views[0].tick = 7; views.views[1].tick = 300")
    until_tick(nb, 7, 0)
    until_tick(nb, 300, 1)
    focus(nb, 1)
    nb.page.keyboard.press("ArrowLeft")
    until_tick(nb, 299, 1)
    assert nb.ask("[view.tick for view in views.views]") == [7, 299]
    assert nb.ask("views.frame.groupby('feed')['tick'].max().tolist()") == [7, 299]
    boxes = nb.page.locator(".rl-live")
    assert boxes.nth(0).bounding_box()["y"] == pytest.approx(boxes.nth(1).bounding_box()["y"], abs=2)
    assert nb.errors == []


def test_pause_is_shown_at_once_while_the_kernel_is_busy(replaying, tmp_path):
    end = tmp_path / "end"
    busy = f"import pathlib, time\nwhile not pathlib.Path({str(end)!r}).exists(): time.sleep(0.02)"
    nb = replaying("view = rl.replay(games[2], playing=False); view", busy)
    focus(nb)
    nb.page.keyboard.press(" ")
    nb.until_view(f"{STATE}.playing && {STATE}.tick >= 2")
    nb.run(2, wait=False)
    nb.until_runs(2)
    focus(nb)
    nb.page.keyboard.press(" ")
    nb.until_view("view.panel.parts.replay_controls.play.node.dataset.is === 'paused'")
    shown = nb.view("view.chart.parts.path.data.tick.length")
    # Some kernels receive messages of a page while a cell runs.
    heard = "view.panel.parts.replay_controls.playSwitch.wanted === null"
    nb.until_view(f"{heard} || view.store.path.price.length >= {shown + 3}")
    assert nb.view(f"{heard} || view.chart.parts.path.data.tick.length === {shown}")
    assert nb.runs(2)
    end.touch()
    nb.until_view(f"!{STATE}.playing && view.panel.parts.replay_controls.playSwitch.wanted === null")


def test_blind_keeps_the_end_to_itself_until_it_was_played(replaying):
    nb = replaying("view = rl.replay(games, playing=False, blind=True); view")
    go_to(nb, 20)
    assert nb.page.locator(".rl-where").inner_text() == "tick 20"
    assert nb.page.locator(".rl-slider").get_attribute("max") == "20"
    assert nb.page.locator(".rl-game-list").count() == 0
    go_to(nb, 50)
    assert nb.page.locator(".rl-where").inner_text() == "tick 50 of 50"


def test_running_the_cell_again_replaces_the_replay_and_leaves_nothing_behind(replaying):
    nb = replaying()
    nb.do("first = view; view.playing = True")
    nb.run(1)
    nb.until_drawn()
    assert nb.view_count == 1
    assert nb.ask("[first.closed, first.feed.running, view.feed.running]") == [True, False, True]
    nb.do("view.close()")
    nb.until("() => document.querySelectorAll('.rl-live').length === 0")
    nb.do("import threading")
    left = nb.ask("sorted(each.name for each in threading.enumerate() if each.name.startswith('rugs_lab'))")
    assert left == []


def test_with_a_raw_capture(replaying):
    nb = replaying(
        "from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer\n"
        "import json, datetime as dt, pathlib, tempfile\n"
        "world, at = SimulatedServer(seed=3), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)\n"
        "path = pathlib.Path(tempfile.mkdtemp()) / 'capture.jsonl'\n"
        "with path.open('w') as out:\n"
        "    for _ in range(900):\n"
        "        ms, event, args = next(world)\n"
        "        at += dt.timedelta(milliseconds=ms)\n"
        "        data = list(args) if len(args) > 1 else args[0]\n"
        "        out.write(json.dumps({'ts': at.isoformat(), 'event': event, 'data': data}) + chr(10))\n"
        "view = rl.replay(path, playing=False); view"
    )
    nb.do("view.feed.next()")
    nb.until_view(f"{STATE}.position === 1")
    nb.do("view.tick = 5")
    until_tick(nb, 5)
    assert nb.view(f"Array.from({PATH})") == nb.ask("view.game.prices.tolist()")
    assert nb.errors == []


LINKED = """import ipywidgets as w
view = rl.replay(games[2], playing=False)
slider, label = w.IntSlider(min=-1, max=700), w.IntText(description="shown")
w.link((slider, "value"), (view, "tick"))
w.jslink((view, "tick"), (label, "value"))
out = w.interactive_output(lambda tick: print(f"now at {tick}"), {"tick": slider})
w.VBox([w.HBox([view, slider]), label, out])"""


def test_ordinary_widgets_are_linked_with_a_replay(replaying, tmp_path):
    nb = replaying(LINKED)
    nb.do("view.tick = 30")
    until_tick(nb, 30)
    assert nb.ask("slider.value") == 30
    nb.until(
        "(at) => [...document.querySelectorAll('.widget-text input, .jupyter-widgets input[type=number]')]"
        ".some((each) => each.value === '30')"
    )
    focus(nb)
    nb.page.keyboard.press("ArrowRight")
    until_tick(nb, 31)
    nb.until("() => notebook.node.innerText.includes('now at 31')")
    assert nb.ask("slider.value") == 31
    nb.page.locator(".widget-slider .noUi-handle").focus()
    nb.page.keyboard.press("ArrowRight")
    until_tick(nb, 32)
    nb.until("() => notebook.node.innerText.includes('now at 32')")
    nb.page.screenshot(path=str(tmp_path / "linked.png"))
    assert nb.errors == []
