"""What stays in a notebook: pictures that need no kernel, and little of it."""

import json

import nbconvert
import pytest

import rugs_lab as rl
from rugs_lab.trading.backtest import tear_sheet
from rugs_lab.trading.check.check_report import Finding, Report

pytestmark = pytest.mark.browser

FIGURE = "import rugs_lab as rl\nrl.sample()[3].plot()"
LIVE = "feed = rl.demo(speed=20, seed=1)\nview = rl.watch(feed)\nview"
PICTURES = "[...notebook.node.querySelectorAll('.rl-last-picture')]"
BUILT = "() => Boolean(notebook.node.querySelector('.rl-static')?.rugsLab.figures())"
SEEN = f"""() => {PICTURES}.map((each) => [...each.querySelectorAll('img')]
  .some((image) => image.getClientRects().length > 0))"""
SHOWN = f"""() => {PICTURES}.map((each) => [...each.querySelectorAll('img')]
  .filter((image) => image.getClientRects().length && image.naturalWidth > 0)
  .map((image) => image.className))"""


def saved(nb, lab):
    """Save the notebook; return its path and what is in it."""
    nb.page.evaluate("() => notebook.context.save()")
    path = lab.root / nb.page.evaluate("() => notebook.context.path")
    return path, json.loads(path.read_text())


def reopened(nb):
    """Close the notebook with its kernel, and open it without one."""
    path = nb.page.evaluate("() => notebook.context.path")
    nb.page.evaluate(
        """async (path) => {
          await notebook.sessionContext.shutdown();
          notebook.dispose();
          const options = { path, factory: 'Notebook', kernel: { shouldStart: false } };
          window.notebook = await jupyterapp.commands.execute('docmanager:open', options);
          await notebook.context.ready;
        }""",
        path,
    )
    nb.until(f"() => {PICTURES}.length > 0")


def test_a_saved_notebook_shows_its_last_pictures_without_a_kernel(notebook, lab):
    nb = notebook(FIGURE, LIVE)
    nb.run(0)
    nb.until(BUILT)
    nb.run(1)
    nb.until_drawn(1)
    assert nb.page.evaluate(SEEN) == [False, False]
    nb.do("feed.wait(games=1)")
    nb.do("feed.stop()")
    path, _ = saved(nb, lab)
    assert path.stat().st_size < 300_000
    reopened(nb)
    # JupyterLab draws the cells of a notebook one after the other.
    nb.until(f"() => {PICTURES}.length === 2 && ({SEEN})().every(Boolean)")
    nb.until("() => !notebook.node.innerText.includes('model not found')")
    nb.until(f"() => ({SHOWN})().every((names) => names.length)")
    assert nb.page.evaluate(SHOWN) == [["rl-on-light"], ["rl-on-light"]]
    nb.page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    nb.until(f"() => ({SHOWN})().every((names) => names.length)")
    assert nb.page.evaluate(SHOWN) == [["rl-on-dark"], ["rl-on-dark"]]
    nb.page.evaluate("() => { document.body.dataset.jpThemeLight = 'true'; }")
    assert "games seen" in nb.page.evaluate("() => notebook.node.innerText")


def test_html_without_script_shows_them(notebook, lab, browser, tmp_path):
    nb = notebook(FIGURE)
    nb.run(0)
    nb.until(BUILT)
    path, _ = saved(nb, lab)
    html, _ = nbconvert.HTMLExporter().from_filename(str(path))
    page = tmp_path / "page.html"
    page.write_text(html)
    tab = browser.new_context(java_script_enabled=False, offline=True).new_page()
    tab.goto(page.as_uri())
    assert tab.locator(".rl-last-picture img.rl-on-light").is_visible()
    assert not tab.locator(".rl-last-picture img.rl-on-dark").is_visible()
    tab.close()


def test_a_saved_replay_plays_from_a_file_without_kernel_or_network(browser, tmp_path):
    games = rl.sample()[[3, 20, 5]]
    view = rl.replay(games, playing=False)
    path = view.save(tmp_path / "replay.html", strategy="conservative")
    view.close()
    assert path.stat().st_size < 1_200_000
    tab = browser.new_context(offline=True).new_page()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(path.as_uri())
    box = "document.querySelector('.rl-live')?.rugsLab"
    tab.wait_for_function(f"() => {box}?.chart && {box}.store.parts.replay_controls")
    shown = f"() => {box}.store.parts.replay_controls"
    assert tab.evaluate(shown)["last"] == games[0].rug_tick
    tab.locator(".rl-speed").select_option("10")
    tab.locator(".rl-play").click()
    tab.wait_for_function(f"() => {box}.store.parts.replay_controls.tick > 5")
    tab.locator(".rl-pick").nth(1).click()
    tab.wait_for_function(f"() => {box}.store.parts.replay_controls.position === 1")
    tab.evaluate(f"() => {box}.store.do('replay_controls.hold', {{ tick: 100000 }})")
    tab.wait_for_function(f"() => {box}.store.parts.replay_controls.tick === {games[1].rug_tick}")
    whole = f"{box}.store.path.price.length === {len(games[1].prices)}"
    drawn = tab.wait_for_function(f"() => {whole} && {box}.store.path.price")
    assert drawn.json_value() == [None if price != price else price for price in games[1].prices.tolist()]
    assert tab.locator(".rl-ledger tbody tr").count() > 0
    assert not tab.locator(".rl-buy").is_visible()
    assert "Strategy conservative(below=1.5" in tab.locator("h1").inner_text()
    assert tab.locator(".rl-key-buy").inner_text() == "▲ buy"
    assert errors == []
    tab.close()


def test_the_checks_of_a_tear_sheet_fit_the_page(browser, tmp_path):
    words = Finding("ledger", True, 3, "a long line of words " * 60, "power " * 60)
    report = Report("dip", (words,))
    table = f"<div class='rl-sheet'><div class='wide'>{report._repr_html_()}</div></div>"
    body = f"<style>{tear_sheet._style()}</style>{table}"
    tear_sheet.TearSheet("checks", body).save(tmp_path / "run.html")
    tab = browser.new_context(offline=True, viewport={"width": 1000, "height": 700}).new_page()
    tab.goto((tmp_path / "run.html").as_uri())
    assert tab.evaluate("() => document.querySelector('.wide').scrollWidth <= innerWidth")
    tab.close()
