"""The widgets for everybody: axe-core's rules in both themes, the keyboard, forced colours, narrow pages.

axe-core is a package of ``package.json``; without Node's packages the tests that need it are skipped.
"""

from __future__ import annotations

import pytest

from pictures import CHART, FIGURES, REPLAY, STILL, press, trade_by_hand
from tests.support import node

pytestmark = pytest.mark.browser

LIVE = STILL.format(name="midgame")
ALERTS = "feed.alert(price=2); feed.alert(on='rug')"
BOT = LIVE.replace("feed.halt()", f"feed.halt(); feed.paper(rl.strategies['random']); {ALERTS}")
LAB = "import rugs_lab as rl; rl.lab(rl.strategies['aggressive'], rl.sample()[:60])"
THEMES = ("Dark", "Light")
AXE = """async () => {
  const { violations, incomplete, passes } = await axe.run('.rl-live');
  const found = [...violations, ...incomplete].flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`));
  return { found, rules: passes.length };
}"""
"""What breaks a rule, and what axe-core could not decide."""


@pytest.fixture
def shown(notebook):
    """Show a widget and wait until it is drawn."""

    def show(cell, drawn, **options):
        nb = notebook(cell, height=1400, **options)
        nb.run(0)
        nb.until_view(drawn, timeout_s=180)
        return nb

    return show


def to_theme(nb, theme, drawn):
    nb.page.evaluate(
        "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}"
    )
    nb.until_view(f"view.box.dataset.theme === {theme.lower()!r} && {drawn}", timeout_s=60)


def trade_in_a_replay(nb):
    nb.do("view.tick = 20; view.feed.dispatcher.end(10)")
    press(nb, ".rl-buy")
    press(nb, ".rl-sidebet")
    press(nb, ".rl-sort", "peak")
    nb.do("view.tick = 30; view.feed.dispatcher.end(10)")
    nb.until_view("view.store.parts.trade.now === 30 && view.store.parts.replay_controls.tick === 30")


def trade_and_open_all(nb):
    trade_by_hand(nb)
    nb.view("view.box.querySelectorAll('details').forEach((each) => { each.open = true; })")
    nb.until_view("view.store.parts.bots.bots.length === 1 && view.store.parts.alerts.alerts.length === 2")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("cell", "drawn", "act"),
    [(BOT, CHART, trade_and_open_all), (REPLAY, CHART, trade_in_a_replay), (LAB, FIGURES, lambda nb: None)],
    ids=["live", "replay", "strategy"],
)
def test_axe_core_finds_nothing_in_either_theme(shown, cell, drawn, act):
    node.need_packages()
    nb = shown(cell, drawn)
    act(nb)
    nb.page.evaluate((node.ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text())
    for theme in THEMES:
        to_theme(nb, theme, drawn)
        result = nb.page.evaluate(AXE)
        assert result["found"] == []
        assert result["rules"] >= 20
    assert nb.errors == []


def test_a_replay_has_at_most_thirty_tab_stops_and_its_list_is_read_with_the_arrows(shown):
    nb = shown(REPLAY, CHART)
    trade_in_a_replay(nb)
    nb.view("view.box.focus()")
    stops = ["box"]
    while nb.view("view.box.contains(document.activeElement)"):
        inner = "(document.activeElement.shadowRoot?.activeElement ?? document.activeElement)"
        stops.append(nb.view(f"({inner}.title || {inner}.ariaLabel || {inner}.textContent)"))
        nb.page.keyboard.press("Tab")
        assert len(stops) < 100
    assert len(stops) - 1 <= 30, stops
    assert sum(stop.startswith("play game") for stop in stops) == 1
    nb.page.locator(".rl-step").last.focus()
    nb.page.keyboard.press("ArrowRight")  # the end of the row: no step of the replay
    nb.page.locator(".rl-pick").first.focus()
    nb.page.keyboard.press("ArrowDown")
    nb.page.keyboard.press("Enter")
    nb.until_view("view.store.commandsDone === view.store.asked")
    second = nb.view("view.panel.parts.game_list.lines[1].cells[1].textContent")
    assert nb.ask("view.game_id").endswith(second.strip("\N{HORIZONTAL ELLIPSIS}"))
    assert nb.view("document.activeElement.textContent") == second  # the focus outlives the list
    assert nb.ask("view.tick") == -1  # the arrows moved in the list alone


CONTRAST = """(() => {
  const channels = (colour) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d');
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((each) => each / 255);
  };
  const light = (colour) => channels(colour)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, i) => sum + each * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = light(getComputedStyle(view.box).backgroundColor);
  const { below, left } = view.chart.plots()[0];
  return [...below, ...left].flatMap((axis) => [axis.major_label_text_color, axis.axis_label_text_color])
    .map(light).map((text) => (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05));
})()"""
"""Of the chart's text by WCAG 2, against what the widget stands on."""


def test_forced_colours_are_followed_and_nothing_moves_by_itself_or_turns_with_the_page(shown):
    nb = shown(LIVE, CHART, fresh=True)
    for scheme in ("dark", "light"):
        nb.page.emulate_media(forced_colors="active", color_scheme=scheme)
        nb.until_view(f"view.box.dataset.theme === {scheme!r} && {CHART}")
        assert min(nb.view(CONTRAST)) >= 4.5
    looks = "[...view.box.querySelectorAll('*')].map((each) => getComputedStyle(each))"
    still = "each.animationName === 'none' && each.transitionDuration === '0s'"
    assert nb.view(f"{looks}.every((each) => {still})")  # there is no motion that could be reduced
    nb.view("document.documentElement.dir = 'rtl'")
    assert nb.view("getComputedStyle(view.panel.price).direction") == "ltr"


@pytest.mark.parametrize("cell", [LIVE, REPLAY], ids=["live", "replay"])
def test_on_a_narrow_page_the_newest_price_is_in_view(shown, cell):
    nb = shown(cell, "view.chart?.view", width=380)
    nb.until_view("view.chart.plots().every((plot) => plot.inner_width > 100)")
    output = "view.box.closest('.jp-OutputArea-output').getBoundingClientRect()"
    assert nb.view(f"view.box.getBoundingClientRect().right <= {output}.right")
    assert nb.view("view.panel.chart.getBoundingClientRect().right < 380")
