"""The strategy cell in a real JupyterLab: what one drags is what is played; replay and live from the cell."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

STRATEGY = """
import threading, rugs_lab as rl
def dip(o, drop=0.85, take=1.3, size=0.01, often=True):
    if take < 1.01:
        raise ValueError("<b>take</b> is too small")
    if o.units > 0.0:
        return rl.sell() if o.price >= o.average_cost * take else rl.hold()
    if o.tick >= 5 and o.price < drop * o.prices.max() and (often or o.tick < 50):
        return rl.buy(size)
    return rl.hold()
games = rl.synthetic(300, seed=1)
"""
LAB = "lab = rl.lab(dip, games, take=(1.0, 2.0, 0.05), cash=2.0); lab"
STATE = "view.store.state"
DONE = f"{STATE}?.stage === 'done' && !view.store.flying"
START_S = 180.0


@pytest.fixture
def trying(notebook):
    """Open a notebook with the strategy cell, when all games are played and drawn."""

    def open_it(cell=LAB, **options):
        nb = notebook(STRATEGY, cell, **options)
        nb.run(0)
        nb.run(1)
        nb.until_view(f"{DONE} && view.ready && view.drawn === view.store.result", timeout_s=START_S)
        return nb

    return open_it


def field(nb, name, kind=".rl-amount"):
    return nb.page.locator(f'.rl-lab .rl-field:has(label:text-is("{name}")) {kind}')


def done(nb, name, value):
    """Await that a value was played on all games, and is drawn."""
    played = f"{DONE} && {STATE}.params.{name} === {value} && view.drawn === view.store.result"
    nb.until_view(f"{played} && view.store.result.stage === 'baselines'", timeout_s=START_S)


EQUITY = "Array.from(view.themed.built.document('equity').get_model_by_name('equity').data.equity)"


def test_a_dragged_slider_gives_what_a_backtest_gives(trying):
    nb = trying()
    slider = field(nb, "take", ".rl-slider")
    for value in ("1.1", "1.75", "1.5"):
        slider.fill(value)
    done(nb, "take", 1.5)
    assert field(nb, "take").input_value() == "1.5"
    nb.do("run = rl.backtest(dip, games, cash=2.0, take=1.5)")
    assert nb.ask("lab.run.results.values.tolist() == run.results.values.tolist()")
    assert nb.view(EQUITY) == nb.ask("[2.0, *run.equity['equity_sol'].tolist()]")
    words = nb.page.locator(".rl-lab-table tbody tr").first.inner_text()
    assert nb.ask("f'{run.profit_per_game.value:+.4g}'").replace("-", "\N{MINUS SIGN}") in words
    assert "300 games" in words
    assert "no trades · expected" in words
    assert nb.ask("lab.params['take']") == 1.5
    assert nb.errors == []


def test_all_kinds_of_fields_and_python_set_the_same_values(trying):
    nb = trying()
    field(nb, "size").fill("0.025")
    done(nb, "size", 0.025)
    field(nb, "often", "input").uncheck()
    done(nb, "often", "false")
    field(nb, "games").fill("40")
    nb.until_view(
        f"{DONE} && {STATE}.session.max_games === 40 && view.store.result.games === 40", timeout_s=60
    )
    assert nb.ask("[lab.params['size'], lab.params['often'], lab.session['max_games'], len(lab.run)]") == [
        0.025,
        False,
        40,
        40,
    ]
    nb.do("lab.params = {'drop': 0.7}; lab.session = {'max_games': None}; lab.wait(60)")
    done(nb, "drop", 0.7)
    assert field(nb, "drop").input_value() == "0.7"
    assert field(nb, "drop", ".rl-slider").input_value() == "0.7"
    assert field(nb, "games").input_value() == ""
    assert nb.ask("len(lab.run)") == 300
    assert nb.errors == []


def test_a_strategy_that_raises_says_so_and_recovers(trying):
    nb = trying()
    field(nb, "take", ".rl-slider").fill("1")
    nb.until_view(f"{STATE}.stage === 'failed'", timeout_s=60)
    words = nb.page.locator(".rl-lab .rl-banner").inner_text()
    assert "ValueError: <b>take</b> is too small, line 4" in words
    assert nb.page.locator(".rl-lab .rl-banner b").count() == 0
    field(nb, "take").fill("1.2")
    done(nb, "take", 1.2)
    assert not nb.page.locator(".rl-lab .rl-banner").is_visible()
    assert nb.errors == []


def test_a_value_that_cannot_be_is_refused_in_words(trying):
    nb = trying()
    field(nb, "target").fill("0.5")
    nb.until_view(f"{STATE}.trouble !== ''")
    assert "above 1" in nb.page.locator(".rl-lab .rl-message").inner_text()
    field(nb, "target").fill("1.5")
    nb.until_view(f"{STATE}.trouble === '' && {STATE}.session.target === 1.5")
    note = nb.page.locator('.rl-lab .rl-field:has(label:text-is("take")) .rl-field-note')
    assert note.inner_text() == ""
    field(nb, "take").fill("2.5")
    assert note.inner_text() == "outside the slider's range"
    done(nb, "take", 2.5)
    field(nb, "take").fill("")
    assert note.inner_text() == "Not a number - ignored"
    assert field(nb, "take").get_attribute("aria-invalid") == "true"
    later = nb.view("view.store.seq + 3")
    nb.until_view(f"view.store.seq >= {later}")
    assert field(nb, "take").input_value() == ""  # nothing is written where somebody types


def test_run_on_replay_and_on_live_with_the_values_of_the_form(trying):
    nb = trying()
    nb.do("lab.params = {'take': 1.2}; lab.wait(60)")
    nb.page.locator(".rl-lab-replay").click()
    nb.until_view("view.store.parts?.replay_controls?.count === 300 && view.chart?.view", 1)
    assert nb.ask("[lab.view.paper is lab.paper, lab.paper.strategy.parameters['take']]") == [True, 1.2]
    assert nb.ask("lab.paper.account.start_sol") == 2.0
    nb.page.locator(".rl-lab-live").click()
    nb.until_view("!view.store.parts?.replay_controls && view.chart?.view && view.store.ring?.length > 0", 1)
    nb.until_view(f"{STATE}.below === 'live'")
    assert nb.view_count == 2
    assert nb.ask("[lab.feed.running, lab.paper.feed is lab.feed, lab.paper.strategy_state]") == [
        True,
        True,
        "running",
    ]
    nb.page.locator(".rl-lab-end").click()
    nb.until_view(f"{STATE}.below === ''")
    nb.until("() => notebook.node.querySelectorAll('.rl-live').length === 1")
    assert nb.ask("[lab.view, lab.feed.running]") == [None, False]
    assert nb.errors == []


def test_running_the_cell_again_replaces_the_view_and_leaves_no_thread(trying):
    nb = trying()
    nb.page.locator(".rl-lab-live").click()
    nb.until_view(f"{STATE}.below === 'live'")
    nb.do("first, feed = lab, lab.feed")
    nb.run(1)
    nb.until_view(f"{DONE} && view.ready", timeout_s=START_S)
    assert nb.view_count == 1
    assert nb.ask("[first.panel.closed, first.view, feed.running]") == [True, None, False]
    nb.do("lab.close()")
    nb.until("() => notebook.node.querySelectorAll('.rl-live').length === 0")
    nb.do("ours = [each for each in threading.enumerate() if each.name.startswith('rugs_lab')]")
    nb.do("for each in ours: each.join(20)")
    assert nb.ask("[each.name for each in ours if each.is_alive()]") == []
    assert nb.errors == []


def test_the_form_works_while_a_cell_runs_as_soon_as_the_kernel_hears_it(trying):
    nb = trying()
    nb.page.evaluate(
        """() => { const { kernel } = notebook.sessionContext.session;
          kernel.requestExecute({ code: "import time; time.sleep(2)", store_history: false }); }"""
    )
    field(nb, "take", ".rl-slider").fill("1.8")
    assert field(nb, "take").input_value() == "1.8"
    done(nb, "take", 1.8)
    assert nb.ask("lab.params['take']") == 1.8


def test_a_decimal_comma_is_one(trying):
    nb = trying()
    field(nb, "drop").fill("0,7")
    done(nb, "drop", 0.7)
    field(nb, "cash").fill("1,5")
    nb.until_view(f"{DONE} && {STATE}.session.cash === 1.5", timeout_s=60)
    assert nb.ask("[lab.params['drop'], lab.session['cash']]") == [0.7, 1.5]
    field(nb, "drop").fill("0,7,1")
    note = nb.page.locator('.rl-lab .rl-field:has(label:text-is("drop")) .rl-field-note')
    assert note.inner_text() == "Not a number - ignored"
    assert nb.ask("lab.params['drop']") == 0.7
