"""The state that a notebook saves of widgets: small, and shown by Jupyter's HTML manager without a kernel.

The HTML manager, anywidget and RequireJS are packages of ``package.json``, served in place of a CDN.
"""

import json
import re

import nbconvert
import nbformat
import pytest
from nbclient import NotebookClient

from tests.support import node

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

HOSTILE = "</script><svg/onload=hacked=1>"
CELLS = (
    "import rugs_lab as rl\nfeed = rl.demo(speed=50, seed=1)\nview = rl.watch(feed)\nview",
    "feed.wait(games=2)\nfeed.stop()",
    f'games = rl.Games([rl.Game("{HOSTILE}", [1.0, 1.2, 1.5, 2.0, 0.02], rug_tick=4), *rl.sample()[:2]])\n'
    'replay = rl.replay(games, rl.strategies["conservative"], playing=False)\nreplay',
    "replay.seek(3)\nreplay.draw_picture()",
    'lab = rl.lab(rl.strategies["aggressive"], rl.sample()[:60])\nlab',
    "lab.wait();",
    "rl.sample()[3].plot()",
)
PACKAGES = (
    (re.compile(r"require(\.min)?\.js$"), "requirejs/require.js"),
    (
        re.compile(r"/@jupyter-widgets/html-manager@[^/]+/dist/(.+)$"),
        r"@jupyter-widgets/html-manager/dist/\1",
    ),
    (re.compile(r"/anywidget@[^/]+/dist/(.+)$"), r"anywidget/dist/\1"),
)
STATE = "application/vnd.jupyter.widget-state+json"
WIDGETS = "[...document.querySelectorAll('.rl-live:not(.rl-static)')]"
SHOWN = f"""(place) => {{
  const image = {WIDGETS}[place]?.querySelector('.rl-saved-picture');
  return image?.naturalWidth > 0 && image.getClientRects().length > 0;
}}"""


@pytest.fixture(scope="module")
def executed():
    """A notebook run headless: its widgets' state is saved, as nbclient does."""
    node.need_packages()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=200, kernel_name="python3").execute()
    return notebook


@pytest.fixture
def exported(executed, browser, tmp_path):
    """The notebook as HTML, in a page whose CDN is node_modules; `asked` is what else it wanted."""
    html, _ = nbconvert.HTMLExporter().from_notebook_node(executed)
    (tmp_path / "page.html").write_text(html, "utf-8")
    tab = browser.new_context().new_page()
    tab.asked, tab.wrong = [], []

    def serve(route):
        url = route.request.url
        for pattern, place in PACKAGES:
            if found := pattern.search(url):
                path = node.ROOT / "node_modules" / found.expand(place)
                return route.fulfill(path=path if path.suffix else path.with_suffix(".js"))
        tab.asked.append(url)
        return route.abort()

    tab.route(re.compile("^https?:"), serve)
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.goto((tmp_path / "page.html").as_uri())
    tab.wait_for_function(f"() => {WIDGETS}.length === 3", timeout=60_000)
    for place in range(3):  # a widget is drawn when it is seen
        tab.locator(".rl-live:not(.rl-static)").nth(place).scroll_into_view_if_needed()
        tab.wait_for_function(SHOWN, arg=place, timeout=60_000)
    yield tab
    tab.context.close()


def test_the_state_of_a_widget_is_small(executed):
    states = [each["state"] for each in executed.metadata.widgets[STATE]["state"].values()]
    snapshots = [state["_snapshot"] for state in states if "_snapshot" in state]
    assert len(snapshots) == 3
    assert all(snapshots)
    scripts = [state["_esm"] for state in states if "_esm" in state]
    assert max(map(len, snapshots + scripts)) < 60_000
    assert len(json.dumps(executed)) < 350_000


def test_the_html_manager_shows_the_widgets_as_they_were(exported):
    live, replay, lab = exported.locator(".rl-live:not(.rl-static)").all()
    assert "no kernel" in live.inner_text()
    assert live.locator(".rl-games tbody tr").count() >= 2
    assert replay.locator(".rl-price").inner_text() == "2.0000x"
    assert replay.locator(".rl-ledger tbody tr").count() == 2
    assert "95 % interval" in lab.inner_text()
    hidden = exported.locator(".rl-last-picture").all()
    assert [each.is_visible() for each in hidden] == [False, False, False, True]
    assert exported.evaluate("() => window.hacked") is None
    assert exported.wrong == []
    assert [url for url in exported.asked if "mathjax" not in url.lower() and "mermaid" not in url] == []
    exported.evaluate("() => { document.body.dataset.jpThemeLight = 'false'; }")
    for box in exported.locator(".rl-live:not(.rl-static)").all():
        box.scroll_into_view_if_needed()
        exported.wait_for_function("(box) => box.dataset.theme === 'dark'", arg=box.element_handle())


def test_a_page_that_drops_scripts_and_styles_has_pictures_and_words(executed, browser, tmp_path):
    """As GitHub and other sanitizers leave a cell's HTML: no script, no style sheet, no ids and classes."""
    parts = [
        output["data"]["text/html"]
        for cell in executed.cells
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    ]
    assert len(parts) == 4
    kept = re.sub(r'<(style|script)\b.*?</\1>| (id|class)="[^"]*"', "", "".join(parts), flags=re.DOTALL)
    assert not re.search("<style|<script|class=", kept)
    (tmp_path / "bare.html").write_text(f"<meta charset='utf-8'>{kept}", "utf-8")
    tab = browser.new_context(java_script_enabled=False, offline=True).new_page()
    tab.goto((tmp_path / "bare.html").as_uri())
    assert [image.is_visible() for image in tab.locator("img").all()].count(True) == 4
    assert tab.locator("img").first.evaluate("(image) => image.naturalWidth") == 900
    assert "games seen" in tab.locator("body").inner_text()
    tab.context.close()


def test_jupyterlab_shows_them_without_a_kernel(executed, lab, notebook):
    nb = notebook("1")
    path = nb.page.evaluate("() => notebook.context.path").replace(".ipynb", "-saved.ipynb")
    nbformat.write(executed, lab.root / path)
    nb.page.evaluate(
        """async (path) => {
          const options = { path, factory: 'Notebook', kernel: { shouldStart: false } };
          window.saved = await jupyterapp.commands.execute('docmanager:open', options);
          await saved.context.ready;
          for (const { model } of saved.content.widgets) model.trusted = true; // as one's own notebook is
        }""",
        path,
    )
    nb.until(
        "() => [...saved.node.querySelectorAll('.rl-live')].some((box) => "
        "box.querySelector('.rl-saved-picture')?.naturalWidth > 0)"
    )
    nb.until("() => saved.node.textContent.includes('no kernel: as it was when it was saved')")
    assert nb.page.evaluate("() => window.hacked") is None
