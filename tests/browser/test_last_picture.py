"""What stays in a notebook: pictures that need no kernel, and little of it."""

import json

import nbconvert
import pytest

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
    nb.until("() => !notebook.node.innerText.includes('model not found')")
    assert nb.page.evaluate(SEEN) == [True, True]
    assert nb.page.evaluate(SHOWN) == [["rl-on-light"], ["rl-on-light"]]
    nb.page.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
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
