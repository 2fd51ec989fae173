"""Paper trading by hand in the live cell, in a real JupyterLab: the page shows what the account holds."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FEED = (
    "from tests.support.scripted_feed import ScriptedFeed\n"
    "import rugs_lab as rl; feed = ScriptedFeed().start()"
)
WATCH = "view = rl.watch(feed); view"
TRADE = "view.store.parts.trade"


@pytest.fixture
def trading(notebook):
    """Open a notebook that watches a scripted feed, its trading panel open."""
    nb = notebook(FEED, WATCH)
    nb.run(0)
    nb.do("feed.ticks(8)")
    nb.run(1)
    nb.until_drawn()
    nb.page.locator(".rl-trade > summary").click()
    nb.until_view(f"{TRADE}.open")
    return nb


def press(nb, name, text=None):
    """Press a button of the panel and wait until the kernel has carried it out."""
    before = nb.view("view.store.asked")
    found = nb.page.locator(f".rl-{name}") if text is None else nb.page.locator(f".rl-{name}", has_text=text)
    found.first.click()
    nb.until_view(f"view.store.asked > {before} && view.store.commandsDone === view.store.asked")


def play(nb, code):
    """Let the feed go on, and wait until the account and then the page know it."""
    nb.do(f"{code}; feed.dispatcher.end(10)")
    nb.until_view(f"{TRADE}.now === {nb.ask('feed._accounts.by_hand.account.now')}")


def amount(nb, value):
    nb.page.locator(".rl-amount").fill(value)


def sol(value):
    """Write SOL as the page does."""
    text = f"{abs(value):.9f}"
    kept = text.rstrip("0")
    text = kept if len(kept) >= len(text) - 6 else text[:-6]
    return f"\N{MINUS SIGN}{text}" if value < 0 else text


def facts(nb):
    lines = nb.page.locator(".rl-trade .rl-money .rl-fact").all_inner_texts()
    return dict(line.split("\n") for line in lines)


def ledger(nb):
    return [row.split("\t") for row in nb.page.locator(".rl-ledger tbody tr").all_inner_texts()]


def test_a_buy_a_partial_sell_and_the_rug_stand_on_the_page_as_in_the_account(trading):
    nb = trading
    amount(nb, "0.1")
    press(nb, "buy")
    assert "buy 0.100 SOL at tick 8" in nb.page.locator(".rl-pending").inner_text()
    play(nb, "feed.ticks(3)")
    press(nb, "sell", "25 %")
    play(nb, "feed.ticks(2)")
    nb.do("account = feed._accounts.by_hand.account; position = account.position")
    units, average, cash = nb.ask("[position.units, position.average_cost, account.cash_sol]")
    unrealised, realised = nb.ask("[account.unrealised_sol, account.realised_sol]")
    shown = facts(nb)
    assert shown["cash"] == f"{sol(cash)} SOL"
    assert shown["position"] == f"{sol(units)} units"
    sold = nb.ask("position.value_sol(account.price)")
    assert shown["if sold now"] == f"{sol(sold)} SOL"
    assert shown["average cost"] == f"{average:.4f}x"
    percent = 100 * unrealised / (units * average)
    sign = "\N{MINUS SIGN}" if percent < 0 else "+"
    assert shown["unrealised"].lstrip("+") == f"{sol(unrealised)} SOL ({sign}{abs(percent):,.1f} %)"
    assert shown["last result"] == "\N{EN DASH}"
    texts = nb.view("view.chart.parts.fill_texts.data")
    price = nb.ask("account.entries[-1].price")
    assert (texts["tick"][0], texts["align"][0]) == (11, "right")
    assert texts["text"][0].startswith("+0.02")
    assert texts["text"][0].endswith(f" SOL at {price:.4g}x")
    assert shown["realised"].lstrip("+") == f"{sol(realised)} SOL"
    assert nb.view("Array.from(view.chart.parts.buys.data.tick)") == [8]
    assert nb.view("Array.from(view.chart.parts.sells.data.tick)") == [11]
    assert nb.view("view.chart.parts.average.data.price[0]") == average
    play(nb, "rug = feed.rug()")
    nb.until_view("view.chart.parts.settled.data.tick.length === 1")
    gains = nb.ask("feed._accounts.by_hand.ledger['cash_change_sol'].tolist()")
    for name, gain in zip(("buys", "sells", "settled"), gains, strict=True):
        sign = "+" if gain > 0 else ""
        assert f"x: {sign}{sol(gain)} SOL" in nb.view(f"view.chart.parts.{name}.data.words[0]")
    lines = ledger(nb)
    assert [line[2] for line in lines] == ["settled at the rug", "sell", "buy"]
    frame = nb.ask(
        "feed._accounts.by_hand.ledger.iloc[::-1][['cash_sol', 'cash_change_sol']].values.tolist()"
    )
    assert [line[6] for line in lines] == [sol(cash) for cash, _ in frame]
    assert [line[5].lstrip("+") for line in lines] == [sol(change) for _, change in frame]
    assert facts(nb)["position"] == "\N{EN DASH}"
    profit = nb.ask("feed._accounts.by_hand.ledger['profit_sol'].sum()")
    result = f"{sol(profit)} SOL (\N{HORIZONTAL ELLIPSIS}{nb.ask('feed.game_id')[-6:]})"
    assert facts(nb)["last result"] == result
    play(nb, "feed.begin(); feed.cooldown(300); feed.ticks(3)")
    assert facts(nb)["last result"] == result  # stays until the next game that was traded is over
    assert nb.errors == []


@pytest.mark.parametrize(("ticks", "ended", "cash"), [(39, "won", "1.200"), (40, "lost", "0.950")])
def test_a_side_bet_wins_at_its_last_tick_and_loses_one_later(trading, ticks, ended, cash):
    nb = trading
    amount(nb, "0.05")
    press(nb, "sidebet")
    play(nb, "feed.tick()")
    assert "40 ticks left, wins on a rug up to tick 48" in nb.page.locator(".rl-bet").inner_text()
    play(nb, "feed.ticks(10)")
    assert "30 ticks left" in nb.page.locator(".rl-bet").inner_text()
    assert nb.view("Array.from(view.chart.parts.bets.data.right)") == [48]
    play(nb, f"feed.ticks({ticks - 10}); rug = feed.rug()")
    assert nb.ask("rug") == 9 + ticks
    assert nb.ask("feed._accounts.by_hand.trades['what'].tolist()") == [ended]
    nb.until_view(f"view.chart.parts.bet_ends.data.text[0] === 'bet 0.05 SOL: {ended}'")
    assert facts(nb)["cash"] == f"{cash} SOL"
    assert nb.page.locator(".rl-bet").is_hidden()


def test_a_stop_loss_and_a_take_profit_sell_all(trading):
    nb = trading
    amount(nb, "0.1")
    press(nb, "buy")
    play(nb, "feed.ticks(2)")
    stop, take = nb.page.locator(".rl-exit").all()

    def enter(field, text):
        before = nb.view("view.store.asked")
        field.fill(text)
        field.press("Tab")
        nb.until_view(f"view.store.asked > {before} && view.store.commandsDone === view.store.asked")

    enter(take, "400,5")
    assert nb.ask("feed._accounts.by_hand.exits") == [None, 400.5]
    enter(stop, "cheap")
    assert (
        "stop and take are prices above 0, or None; got 0"
        in nb.page.locator(".rl-trade .rl-message").inner_text()
    )
    enter(stop, "399")
    nb.until_view(f"{TRADE}.exits[0] === 399")
    assert (stop.input_value(), take.input_value()) == ("399", "400.5")
    play(nb, "feed.ticks(2)")  # any price is below 399
    nb.until_view(f"{TRADE}.units === 0 && {TRADE}.exits[0] === null")
    assert [row[2] for row in ledger(nb)] == ["sell", "buy"]
    assert (stop.input_value(), take.input_value()) == ("", "")


def test_the_buttons_change_the_amount(trading):
    nb = trading
    box = nb.page.locator(".rl-amount")
    amount(nb, "0.01")
    for text, expected in (
        ("+0.1", "0.11"),
        ("\N{MULTIPLICATION SIGN}2", "0.22"),
        ("½", "0.11"),
        ("+0.001", "0.111"),
        ("max", "1"),
    ):
        nb.page.locator(".rl-step").get_by_text(text, exact=True).click()
        assert box.input_value() == expected


def test_an_order_that_is_refused_says_why(trading):
    nb = trading
    amount(nb, "3")
    press(nb, "buy")
    assert "not enough cash" in nb.page.locator(".rl-trade .rl-message").inner_text()
    press(nb, "sell", "100 %")
    assert "no position to sell" in nb.page.locator(".rl-trade .rl-message").inner_text()
    amount(nb, "0,0001")
    press(nb, "sidebet")
    assert "below the minimum of 0.001 SOL" in nb.page.locator(".rl-trade .rl-message").inner_text()
    amount(nb, "7")
    press(nb, "buy")
    assert "above the maximum of 5 SOL" in nb.page.locator(".rl-trade .rl-message").inner_text()


@pytest.mark.parametrize("wrong", ["", "much", "1,000.5"])
def test_an_amount_that_is_no_number_is_told_and_nothing_is_asked(trading, wrong):
    nb = trading
    amount(nb, wrong)
    closed, buy = nb.page.locator(".rl-trade .rl-warning"), nb.page.locator(".rl-buy")
    assert closed.inner_text() == "Enter a number"
    assert (buy.get_attribute("aria-disabled"), buy.get_attribute("title")) == ("true", closed.inner_text())
    before = nb.view("view.store.asked")
    buy.dispatch_event("click")
    assert nb.view("view.store.asked") == before
    amount(nb, "0,05")
    assert (closed.inner_text(), buy.get_attribute("aria-disabled")) == ("", "false")
    press(nb, "buy")
    assert "buy 0.050 SOL" in nb.page.locator(".rl-pending").inner_text()


def test_the_page_says_when_no_order_is_taken_and_forgets_what_became_of_orders_of_another_game(trading):
    nb = trading
    legend = nb.page.locator(".rl-key-buy")
    assert legend.is_hidden()
    amount(nb, "0.05")
    press(nb, "buy")
    press(nb, "sidebet")
    play(nb, "feed.tick()")
    said = nb.page.locator(".rl-trade .rl-message")
    assert said.inner_text().startswith("buy 0.050 SOL: filled at tick 8, ")
    assert said.inner_text().endswith("; side bet 0.050 SOL: filled at tick 8")
    assert legend.is_visible()
    nb.do("feed.rug(); feed.dispatcher.end(10)")
    nb.until_view(
        "view.panel.parts.trade.closed.textContent.startsWith('between games: orders are accepted again')"
    )
    nb.do("feed.begin(); feed.ticks(2); feed.dispatcher.end(10)")
    nb.until_view("view.panel.parts.trade.closed.textContent === ''")
    assert said.inner_text() == "no orders in this game yet"
    nb.do("feed.lose('gone'); feed.dispatcher.end(10)")
    nb.until_view("view.panel.parts.trade.closed.textContent.includes('the feed is not live')")
    assert nb.page.locator(".rl-sidebet").get_attribute("aria-disabled") == "true"


def test_a_new_session_needs_two_presses(trading):
    nb = trading
    amount(nb, "0.1")
    press(nb, "buy")
    play(nb, "feed.tick()")
    nb.page.locator(".rl-restart summary").click()
    words = nb.page.locator(".rl-restart").inner_text()
    assert (
        "clears 1 line of the ledger, pending orders and the open position; restarts with 1.000 SOL" in words
    )
    assert nb.ask("len(feed._accounts.by_hand.account.entries)") == 1
    press(nb, "clear")
    assert nb.ask("len(feed._accounts.by_hand.account.entries)") == 0
    assert facts(nb)["cash"] == "1.000 SOL"
    assert not nb.page.locator(".rl-clear").is_visible()


def test_running_the_cell_again_goes_on_with_the_same_account(trading):
    nb = trading
    amount(nb, "0.1")
    press(nb, "buy")
    play(nb, "feed.tick()")
    nb.run(1)
    nb.until_drawn()
    nb.until_view(f"{TRADE}?.lines === 1")
    assert nb.page.locator(".rl-trade").get_attribute("open") is not None


def test_the_space_bar_does_not_press_a_button_again(trading):
    nb = trading
    press(nb, "buy")
    nb.page.keyboard.press(" ")
    nb.page.keyboard.press("Enter")
    assert nb.view("view.store.asked === view.store.commandsDone")
    assert nb.ask("len(feed._accounts.by_hand.account.orders)") == 1


def test_what_was_done_by_hand_is_recorded_with_what_was_seen(trading):
    nb = trading
    press(nb, "buy")
    seen = nb.ask("feed._accounts.by_hand.demonstrations[['seen_tick', 'price', 'action']].values.tolist()")
    assert seen == [[7, nb.ask("feed.path[7]"), "buy"]]


def test_past_games_are_chosen_and_drawn_over_the_chart(trading):
    nb = trading
    nb.do("feed.rug(); feed.begin(); feed.ticks(30); feed.rug(); feed.begin(); feed.ticks(12)")
    nb.until_view("view.store.table.length === 2")
    nb.page.locator(".rl-compare").nth(1).click()
    nb.until_view("view.chart.parts.overlays.data.name.length === 1")
    drawn = nb.view("view.chart.parts.overlays.data.prices[0]")
    assert drawn == nb.ask("feed.games[0].prices.tolist()")
    second = nb.ask("feed.games[1].id")
    nb.page.locator(".rl-past-games select").select_option(second)
    nb.until_view("view.chart.parts.path.data.tick.length === 31")
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("feed.games[1].prices.tolist()")
    nb.do("feed.ticks(3)")
    nb.until_view("view.store.path.price.length === 15")
    assert nb.view("view.chart.parts.path.data.tick.length") == 31
    nb.page.locator(".rl-past-games select").select_option("")
    nb.until_view("view.chart.parts.path.data.tick.length === 15")
    nb.page.locator(".rl-compare").nth(1).click()
    nb.until_view("view.chart.parts.overlays.data.name.length === 0")
    assert nb.errors == []


BUSY = """import pathlib, threading, time
def play():
    while not pathlib.Path({end!r} + ".go").exists(): time.sleep(0.02)
    feed.ticks(13); feed.rug(); feed.begin(); feed.ticks(3)
threading.Thread(target=play).start()
while not pathlib.Path({end!r}).exists(): pass"""


def test_a_click_that_waited_for_a_busy_kernel_over_the_change_of_game_fills_nothing(notebook, tmp_path):
    end = tmp_path / "end"
    nb = notebook(FEED, WATCH, BUSY.format(end=str(end)), one_shell=True)
    nb.run(0)
    nb.do("feed.ticks(8)")
    nb.run(1)
    nb.until_drawn()
    nb.page.locator(".rl-trade > summary").click()
    nb.until_view(f"{TRADE}.open")
    first = nb.ask("feed.game_id")
    amount(nb, "0.1")
    nb.run(2, wait=False)
    nb.until_runs(2)
    for name in ("buy", "buy", "sidebet"):
        nb.page.locator(f".rl-{name}").first.click()
    words = nb.page.locator(".rl-trade .rl-message")
    said = "view.panel.parts.trade.message.textContent"
    nb.until_view(f"{said}.startsWith('3 commands sent, wait for the kernel (')")
    (tmp_path / "end.go").touch()
    nb.until_view(f"view.store.gameId !== '{first}' && view.store.path.price.length === 3", timeout_s=60)
    # The limit passes: the page says how long it waits.
    nb.until_view(f"Number(/[(]([0-9.]+) s/.exec({said})?.[1]) >= 2.5")
    nb.page.screenshot(path=str(tmp_path / "waiting.png"))
    end.touch()
    nb.until_view("view.store.commandsDone === view.store.asked")
    assert "not executed: the page showed tick " in words.inner_text()
    assert f"game {first}, which is " in words.inner_text()
    nb.do("feed.ticks(4); feed.dispatcher.end(10)")
    orders = nb.ask("feed._accounts.by_hand.orders[['game_id', 'action', 'status']].values.tolist()")
    assert orders == [[first, name, "rejected"] for name in ("buy", "buy", "sidebet")]
    assert nb.ask("len(feed._accounts.by_hand.ledger)") == 0
    assert nb.ask("len(feed._accounts.by_hand.demonstrations)") == 0
    press(nb, "buy")
    assert "buy 0.100 SOL" in nb.page.locator(".rl-pending").inner_text()
    assert nb.errors == []


def test_twenty_presses_are_twenty_orders_and_a_held_key_is_one(trading):
    nb = trading
    buy = nb.page.locator(".rl-buy")
    for _ in range(20):
        buy.click()
    nb.until_view("view.store.asked > 20 && view.store.commandsDone === view.store.asked")
    assert "20 \N{MULTIPLICATION SIGN} buy 0.010 SOL at tick 8" in nb.page.locator(".rl-pending").inner_text()
    play(nb, "feed.tick()")
    assert (
        nb.page.locator(".rl-trade .rl-message")
        .inner_text()
        .startswith("20 \N{MULTIPLICATION SIGN} buy 0.010 SOL: filled")
    )
    buy.focus()
    for _ in range(5):
        nb.page.keyboard.down("Enter")  # the second and further ones repeat
    nb.page.keyboard.up("Enter")
    nb.until_view("view.store.commandsDone === view.store.asked")
    assert nb.ask("len(feed._accounts.by_hand.account.orders)") == 21


def test_without_a_kernel_what_needs_it_is_disabled_and_a_lost_network_is_called_so(trading):
    nb = trading
    # What JupyterLab does when its socket breaks; the test says when it tries again.
    nb.page.evaluate(
        """() => { window.kernel = notebook.sessionContext.session.kernel;
          kernel._clearSocket(); kernel._updateConnectionStatus('connecting'); }"""
    )
    nb.until_view("view.store.gone?.startsWith('network lost')")
    assert nb.page.locator(".rl-banner").inner_text().startswith("network lost")
    assert nb.page.locator(".rl-buy").is_disabled()
    assert nb.page.locator(".rl-state").inner_text().startswith("no network")
    before = nb.view("view.store.asked")
    nb.page.locator(".rl-buy").dispatch_event("click")
    assert nb.view("view.store.asked") == before
    nb.page.evaluate("() => kernel.reconnect()")
    nb.until_view("view.store.gone === null", timeout_s=60)
    assert nb.page.locator(".rl-buy").is_enabled()
    nb.page.evaluate("() => kernel.restart()")
    nb.until_view("view.store.gone?.startsWith('kernel lost')")
    assert nb.page.locator(".rl-buy").is_disabled()
