"""The live cell in a real JupyterLab: the page shows what the kernel holds, whatever happens to either."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

FEED = (
    "from tests.support.scripted_feed import ScriptedFeed\n"
    "import rugs_lab as rl; feed = ScriptedFeed().start()"
)
WATCH = "view = rl.watch(feed); view"
HOSTILE = "<img src=x onerror=window.hacked=1>"


@pytest.fixture
def watching(notebook):
    """Open a notebook that watches a scripted feed; further cells may follow."""

    def open_it(*cells, prepare="feed.cooldown(300); feed.ticks(40)", drawn=True, **options):
        opened = notebook(FEED, WATCH, *cells, **options)
        opened.run(0)
        opened.do(prepare)
        opened.run(1)
        if drawn:
            opened.until_drawn()
        return opened

    return open_it


def rows_shown(notebook, position=0):
    return notebook.view("view.store.ring.next", position)


def until_rows(notebook, count, position=0):
    notebook.until_view(f"view.store.ring.next >= {count}", position)


def test_chart_moves(watching):
    nb = watching()
    nb.until_view("view.chart.parts.path.data.tick.length === 40")
    nb.do("feed.ticks(60)")
    nb.until_view("view.chart.parts.path.data.tick.length === 100")
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("feed.game.prices.tolist()")
    nb.do("feed.pump(40)")
    seen = rows_shown(nb)
    until_rows(nb, seen + 20)
    nb.do("feed.halt()")
    assert nb.errors == []


def test_numbers_on_the_page_equal_the_frame(watching):
    nb = watching()
    nb.do("feed.ticks(300); feed.tick(heard=False); feed.ticks(3); feed.rug()")
    nb.do("feed.begin(); feed.cooldown(9000)")
    until_rows(nb, nb.ask("feed.ring.cursor"))
    for name in ("tick", "price", "trade_count", "players", "cooldown_ms"):
        kernel = nb.ask(f"[None if x != x else x for x in feed.frame[{name!r}].astype('float64').tolist()]")
        page = nb.view(f"view.store.ring.slice('{name}', 0).map((x) => Number.isNaN(x) ? null : x)")
        assert page == kernel, name
    received = nb.ask("[t / 1e6 for t in feed.frame['received'].astype('int64').tolist()]")
    assert nb.view("view.store.ring.slice('received_ms', 0)") == received
    phases = nb.view("view.store.ring.slice('phase', 0).map((x) => view.store.setup.phases[x])")
    assert phases == nb.ask("feed.frame['phase'].tolist()")
    games = nb.view("view.store.ring.slice('game', 0).map((x) => view.store.ids.get(x))")
    assert games == nb.ask("feed.frame['game_id'].tolist()")
    assert nb.view("view.store.holes") == 0


def test_backfilled_ticks_rug_and_ghost_are_drawn(watching):
    nb = watching()
    nb.do("feed.tick(heard=False); feed.ticks(10); rug = feed.rug(); prices = feed.game.prices.tolist()")
    nb.until_view("view.chart.parts.rug.data.tick.length === 1")
    assert nb.view("Array.from(view.chart.parts.backfilled.data.tick)") == [40]
    assert nb.view("view.chart.parts.rug.data.tick[0]") == nb.ask("rug")
    assert nb.view("view.chart.parts.rug.data.text[0]").startswith("rug at tick 51: 0.0")
    nb.do("feed.begin(); feed.cooldown(14900)")
    nb.until_view("view.chart.parts.path.data.tick.length === 0")
    nb.until_view("view.chart.parts.ghost_rug.data.tick.length === 1")
    assert nb.view("Array.from(view.chart.parts.ghost.data.price)") == nb.ask("prices")
    until_rows(nb, nb.ask("feed.ring.cursor"))
    assert nb.view("view.chart.parts.rug.data.tick.length") == 0
    box = nb.page.locator(".rl-live")
    assert "next game in 14.9 s" in box.locator(".rl-countdown").inner_text()
    assert "COOLDOWN" in box.locator(".rl-phase").inner_text()
    row = box.locator(".rl-games tbody tr").first.inner_text().split("\t")
    assert row[2].strip() == "51"
    assert float(row[1]) == pytest.approx(nb.ask("feed.games[-1].peak"), abs=0.005)


def test_header_says_price_peak_and_drawdown(watching):
    nb = watching()
    until_rows(nb, nb.ask("feed.ring.cursor"))
    prices = nb.ask("feed.game.prices.tolist()")
    box = nb.page.locator(".rl-live")
    nb.until_view("view.panel.facts.values.tick.textContent === '39'")
    assert box.locator(".rl-price").inner_text() == f"{prices[-1]:.4f}x"
    facts = dict(
        line.split("\n") for line in box.locator(".rl-facts .rl-fact").all_inner_texts() if "\n" in line
    )
    peak = max(prices)
    assert facts["peak"] == f"{peak:.2f}x at {prices.index(peak)}"
    assert float(facts["drawdown"].replace("\N{MINUS SIGN}", "-").rstrip(" %")) == pytest.approx(
        100 * (prices[-1] / peak - 1), abs=0.06
    )
    assert facts["trades"] == "89"
    assert facts["players"] == "240"


@pytest.mark.parametrize(
    "busy",
    [
        "import time; time.sleep(6)",
        "import time; end = time.monotonic() + 6\nwhile time.monotonic() < end: pass",
    ],
    ids=["sleep", "python loop"],
)
def test_keeps_moving_while_a_cell_runs(watching, busy):
    nb = watching(busy)
    nb.do("feed.pump(20)")
    nb.run(2, wait=False)
    nb.until_runs(2)
    rows, drawn = nb.view("[view.store.ring.next, view.chart.parts.path.data.tick.length]")
    until_rows(nb, rows + 40)
    nb.until_view(f"view.chart.parts.path.data.tick.length >= {drawn + 40}")
    assert nb.runs(2)
    assert nb.view("view.store.holes") == 0
    assert nb.view("view.store.gone") is None


def test_shown_by_a_cell_that_goes_on_running(notebook):
    nb = notebook(
        f"{FEED}\nfrom IPython.display import display\nimport time\ndisplay(rl.watch(feed))\n"
        "feed.pump(20)\ntime.sleep(12)"
    )
    nb.run(0, wait=False)
    nb.until_drawn()
    nb.until_view("view.chart.parts.path.data.tick.length > 20")
    assert nb.runs(0)


def line_numbers(nb):
    return nb.page.evaluate(
        "() => notebook.content.widgets.map(({ editor }) => editor.getOption('lineNumbers'))"
    )


def cell_count(nb):
    return nb.page.evaluate("() => notebook.content.widgets.length")


def test_key_l_stops_and_starts_the_feed(watching):
    nb = watching()
    nb.page.locator(".rl-live .rl-price").click()
    nb.until("() => document.activeElement.classList.contains('rl-live')")
    nb.page.keyboard.press("l")
    nb.until_view("view.store.status.state === 'stopped' && view.store.running.wanted === null")
    assert nb.ask("(feed.running, feed.stops)") == [False, 1]
    assert nb.page.locator(".rl-toggle").inner_text() == "Start"
    nb.page.keyboard.press("l")
    nb.until_view("view.store.status.state === 'live' && view.store.running.wanted === null")
    assert nb.ask("(feed.running, feed.stops)") == [True, 1]
    nb.page.keyboard.press("Control+l")
    nb.page.keyboard.press("Alt+l")
    assert nb.view("view.store.running.wanted") is None


@pytest.mark.parametrize("where", [".rl-price", ".rl-chart"])
def test_focused_cell_keeps_labs_own_shortcuts_away(watching, where):
    nb = watching()
    before = line_numbers(nb), cell_count(nb)
    nb.page.locator(where).click(position={"x": 40, "y": 12})
    for key in ("Shift+L", "a", "b", "x"):
        nb.page.keyboard.press(key)
    nb.page.keyboard.press("l")
    nb.until_view("view.store.status.state === 'stopped'")
    assert (line_numbers(nb), cell_count(nb)) == before


def test_keys_are_labs_own_elsewhere(watching):
    nb = watching()
    before, cells = line_numbers(nb), cell_count(nb)
    nb.page.locator(".jp-Notebook .jp-Cell .jp-InputPrompt").first.click()
    nb.page.keyboard.press("l")
    nb.page.keyboard.press("Shift+L")
    nb.page.keyboard.press("b")
    nb.until(f"() => notebook.content.widgets.length === {cells + 1}")
    assert line_numbers(nb)[0] != before[0]
    assert nb.ask("feed.stops") == 0


def test_pressing_stop_shows_at_once_while_the_kernel_is_busy(watching):
    nb = watching("import time; time.sleep(5)", one_shell=True)
    nb.do("feed.pump(20)")
    nb.run(2, wait=False)
    nb.until_runs(2)
    nb.page.locator(".rl-live .rl-toggle").click()
    nb.until_view("view.panel.state.text.textContent === 'stopping'")
    held = nb.view("view.chart.parts.path.data.tick.length")
    seen = rows_shown(nb)
    until_rows(nb, seen + 10)
    assert nb.view("view.chart.parts.path.data.tick.length") == held
    nb.until_view("view.store.status.state === 'stopped' && view.store.running.wanted === null")
    assert nb.ask("feed.stops") == 1


def test_record_button_writes_a_file_that_loads(watching, lab):
    nb = watching()
    button, badge = nb.page.locator(".rl-live .rl-record"), nb.page.locator(".rl-live .rl-record-state")
    folder = lab.root / "recordings"
    assert (button.inner_text(), badge.inner_text()) == ("Record", "not recording")
    assert str(folder) in button.get_attribute("title")
    assert not folder.exists()
    button.click()
    nb.until_view("view.store.record.on && view.store.recorder.wanted === null")
    nb.do("feed.ticks(30)")
    nb.until_view("view.panel.record.badge.text.textContent === `recording ${view.store.record.lines} lines`")
    nb.until_view("view.store.record.lines > 30")
    assert button.inner_text() == "Stop recording"
    (file,) = folder.iterdir()
    assert str(file) == nb.ask("str(feed.recorder.path)") == nb.view("view.store.record.path")
    nb.page.locator(".rl-health > summary").click()
    nb.until_view(f"view.panel.health.metrics.textContent.includes({('current file' + str(file))!r})")
    nb.page.locator(".rl-health > summary").click()
    assert nb.view("view.panel.record.note.hidden")
    nb.do("feed.ticks(30); feed.rug()")
    button.click()
    nb.until_view("!view.store.record.on && view.store.recorder.wanted === null")
    assert nb.ask("feed.recorder is None")
    size = file.stat().st_size
    nb.do("feed.begin(); feed.ticks(5)")
    until_rows(nb, nb.ask("feed.ring.cursor"))
    assert (button.inner_text(), badge.inner_text()) == ("Record", "not recording")
    assert (file.stat().st_size, list(folder.iterdir())) == (size, [file])
    game = "rl.load('recordings')[feed.games[-1].id]"
    assert nb.ask(f"{game}.prices.tolist()") == nb.ask("feed.games[-1].prices.tolist()")
    assert nb.ask(f"{game}.rug_tick") == 100
    assert nb.errors == []


def test_pressing_record_shows_at_once_while_the_kernel_is_busy(watching, tmp_path):
    prepare = f"feed.ticks(40); __import__('os').chdir({str(tmp_path)!r})"
    nb = watching("import time; time.sleep(6)", prepare=prepare, one_shell=True)
    nb.run(2, wait=False)
    nb.until_runs(2)
    nb.page.locator(".rl-live .rl-record").click()
    nb.until_view("/^(starting to record|recording \\d)/.test(view.panel.record.badge.text.textContent)")
    assert nb.page.locator(".rl-live .rl-record").inner_text() == "Stop recording"
    nb.until_view("view.store.record.on && view.store.recorder.wanted === null")
    assert [path.name for path in tmp_path.iterdir()] == ["recordings"]


def test_recording_that_fails_is_said_in_words(watching):
    nb = watching()
    nb.do("open('in the way', 'w').close(); feed.record('in the way/recordings'); feed.ticks(3)")
    nb.until_view("view.panel.record.badge.text.textContent.startsWith('recording failing')")
    note = nb.page.locator(".rl-live .rl-record-note")
    assert note.inner_text().startswith("recording is failing: in the way/recordings cannot be written (")
    nb.page.locator(".rl-live .rl-record").click()
    nb.until_view("view.store.record.state === 'ended'")
    assert note.inner_text().startswith("recording ended; lines were lost: ")
    assert f"; {nb.view('view.store.record.lost')} lines lost" in note.inner_text()


def test_running_the_cell_again_replaces_the_view(watching):
    nb = watching()
    nb.do("first = view")
    for _ in range(3):
        nb.run(1)
        nb.until_drawn()
    nb.until("() => document.querySelectorAll('.rl-live').length === 1")
    assert nb.ask("(first.closed, first.comm is None)") == [True, True]
    assert nb.ask("len(__import__('rugs_lab.views.page.hub', fromlist=['hub']).hub.views)") == 1
    nb.until("() => Object.values(window.Bokeh.documents).length === 1")
    nb.do("feed.ticks(5)")
    until_rows(nb, nb.ask("feed.ring.cursor"))


def test_close_frees_the_page(watching):
    nb = watching()
    nb.do("view.close()")
    nb.until("() => document.querySelectorAll('.rl-live').length === 0")
    nb.until("() => window.Bokeh.documents.length === 0")
    nb.until("() => Object.keys(window.Bokeh.index).length === 0")
    hub = "__import__('rugs_lab.views.page.hub', fromlist=['hub']).hub"
    assert nb.ask(f"len({hub}.views)") == 0
    assert nb.ask("feed.running")
    assert nb.errors == []


def test_two_views_of_one_feed_load_bokeh_once(notebook):
    nb = notebook(FEED, "a = rl.watch(feed); a", "b = rl.watch(feed, name='b'); b", height=1900, fresh=True)
    nb.run(0)
    nb.do("feed.ticks(30)")
    nb.run(1)
    nb.run(2)
    nb.until_drawn(0)
    nb.until_drawn(1)
    nb.do("feed.ticks(30)")
    for position in (0, 1):
        nb.until_view("view.chart.parts.path.data.tick.length === 60", position)
    scripts = "() => [...document.scripts].filter((script) => script.src.startsWith('blob:')).length"
    assert nb.page.evaluate(scripts) == 1
    nb.do("a.close(); feed.ticks(5)")
    nb.until("() => document.querySelectorAll('.rl-live').length === 1")
    nb.until_view("view.chart.parts.path.data.tick.length === 65")


def test_several_feeds_stand_side_by_side(notebook):
    cell = f"{FEED}\nother = ScriptedFeed(seed=2).start()\nboth = rl.watch(feed, other); both"
    nb = notebook(cell, width=1600)
    nb.run(0)
    nb.do("feed.ticks(10); other.ticks(20)")
    nb.until_view("view.chart?.parts?.path.data.tick.length === 10", 0)
    nb.until_view("view.chart?.parts?.path.data.tick.length === 20", 1)
    left, right = (nb.page.locator(".rl-live").nth(position).bounding_box() for position in (0, 1))
    assert abs(left["y"] - right["y"]) < 2
    assert left["x"] + left["width"] <= right["x"] + 1
    nb.do("both.close()")
    nb.until("() => document.querySelectorAll('.rl-live').length === 0")


def test_second_output_view_has_its_picture_at_once(watching):
    nb = watching()
    nb.page.evaluate(
        """async () => {
          notebook.content.activeCellIndex = 1;
          await jupyterapp.commands.execute('notebook:create-output-view');
        }"""
    )
    second = "[...document.querySelectorAll('.rl-live')].filter((box) => !box.closest('.jp-Notebook'))[0]"
    nb.until(f"() => {second}?.rugsLab.chart?.parts?.path.data.tick.length === 40")
    nb.do("feed.ticks(5)")
    nb.until(f"() => {second}.rugsLab.chart.parts.path.data.tick.length === 45")
    assert nb.page.evaluate(
        f"() => {second}.rugsLab.store === document.querySelector('.jp-Notebook .rl-live').rugsLab.store"
    )


def test_view_nobody_sees_does_not_draw_and_catches_up(watching):
    nb = watching()
    nb.until_view("view.seen")
    nb.page.evaluate("() => { document.querySelector('.jp-Notebook .rl-live').style.display = 'none'; }")
    nb.until_view("!view.seen")
    drawn = nb.view("view.painted")
    nb.do("feed.ticks(25)")
    until_rows(nb, nb.ask("feed.ring.cursor"))
    assert nb.view("view.painted") == drawn
    nb.page.evaluate("() => { document.querySelector('.jp-Notebook .rl-live').style.display = ''; }")
    nb.until_view("view.chart.parts.path.data.tick.length === 65")


def test_scrolled_away_cell_redraws_when_it_comes_back(watching):
    nb = watching(*(["print('line\\n' * 60)"] * 3), height=700)
    for cell in (2, 3, 4):
        nb.run(cell)
    nb.page.evaluate("() => notebook.content.scrollToItem(4)")
    nb.until("() => { const box = document.querySelector('.rl-live'); return !box || !box.rugsLab.seen; }")
    nb.do("feed.ticks(25)")
    nb.page.evaluate("() => notebook.content.scrollToItem(1)")
    nb.until_view("view.seen && view.chart.parts.path.data.tick.length === 65")


def test_page_that_lost_a_message_asks_for_a_snapshot(watching):
    nb = watching()
    # Until the page notices, every second message with rows is lost: a snapshot that comes late mends it too.
    nb.view(
        """(view.store.receive = function (message, buffers) {
          this.lost = this.holes === 0 && message.kind === "rows" && message.n > 0 && !this.lost;
          if (!this.lost) Object.getPrototypeOf(this).receive.call(this, message, buffers);
        }, 0)"""
    )
    nb.do("feed.pump(20)")
    nb.until_view("view.store.holes >= 1")
    nb.do("feed.halt()")
    until_rows(nb, nb.ask("feed.ring.cursor"))
    assert nb.view("Array.from(view.chart.parts.path.data.price)") == nb.ask("feed.game.prices.tolist()")


def test_disconnected_is_drawn_when_the_data_stop(watching):
    nb = watching()
    nb.do("feed.lose('the server went away')")
    nb.until_view("view.chart.parts.cut.visible")
    assert nb.view("view.chart.parts.cut.left") == 39
    assert nb.view("view.chart.parts.cut_label.text") == "disconnected: data ends here"
    assert nb.view("view.chart.parts.cut_label.visible")
    assert nb.page.locator(".rl-banner").inner_text() == "the server went away"
    assert "reconnecting" in nb.page.locator(".rl-state").inner_text()
    nb.do("feed.set_state('live', 'back'); feed.ticks(2)")
    nb.until_view("!view.chart.parts.cut.visible")


def test_the_wait_that_a_server_asks_for_is_counted_down(notebook):
    nb = notebook(
        "import rugs_lab as rl\nserver = rl.GameServer(refuse='too_many').start()\n"
        "feed = rl.LiveFeed(server.url).start()\nview = rl.watch(feed); view"
    )
    nb.run(0)
    nb.until_view("view.store.status?.again_ms > 0")
    words = nb.page.locator(".rl-state .rl-extra")
    nb.until("() => /^again in \\d+ s$/.test(document.querySelector('.rl-state .rl-extra').innerText)")
    first = int(words.inner_text().split()[2])
    assert 5 < first <= 31
    nb.until(f"() => parseInt(document.querySelector('.rl-state .rl-extra').innerText.slice(9)) < {first}")
    assert "too many connections from this address (HTTP 429" in nb.page.locator(".rl-banner").inner_text()
    nb.do("feed.stop()")
    nb.until("() => document.querySelector('.rl-state .rl-extra').innerText === ''")
    nb.do("server.stop()")


def test_stopped_server_is_told_apart_from_a_quiet_game(notebook):
    nb = notebook(
        "import rugs_lab as rl\nserver = rl.GameServer(speed=20, seed=3).start()\n"
        "feed = rl.LiveFeed(server.url)\nrl.watch(feed)"
    )
    nb.run(0)
    nb.until_drawn()
    nb.until_view("view.store.path.price.length > 5 || view.store.ghost")
    nb.do("server.stop()")
    nb.until_view("view.chart.parts.cut.visible && view.store.status.state === 'reconnecting'")
    nb.until("() => document.querySelector('.rl-banner').innerText !== ''")
    nb.do("feed.stop()")


def test_demo_end_to_end(notebook):
    nb = notebook("import rugs_lab as rl\nfeed = rl.demo(speed=10, seed=5)\nrl.watch(feed)")
    nb.run(0)
    nb.until_drawn()
    nb.until_view("view.store.ring.next > 150")
    nb.do("feed.stop()")
    nb.until_view("view.store.status.state === 'stopped'")
    until_rows(nb, nb.ask("feed.ring.cursor"))
    kernel = nb.ask("[None if x != x else x for x in feed.frame['price'].tolist()]")
    page = nb.view("view.store.ring.slice('price', 0).map((x) => Number.isNaN(x) ? null : x)")
    assert page == kernel
    assert nb.errors == []


def test_restarted_kernel_says_so(watching):
    nb = watching(fresh=True)
    nb.page.evaluate("() => notebook.sessionContext.session.kernel.restart()")
    nb.until_view("view.store.gone !== null")
    nb.until_view("view.panel.banner.textContent.startsWith('kernel lost: run the cell again')")
    assert nb.view("view.chart.parts.cut.visible")
    assert nb.page.locator(".rl-toggle").is_disabled()


def test_killed_kernel_says_so(watching):
    nb = watching(fresh=True)
    nb.page.evaluate(
        """() => {
          const { kernel } = notebook.sessionContext.session;
          kernel.requestExecute({ code: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)' });
        }"""
    )
    nb.until_view("view.store.gone?.startsWith('kernel lost')")


def test_text_from_the_wire_is_inert(watching):
    nb = watching()
    nb.do(
        f"feed.lose({HOSTILE!r}); feed.reject({HOSTILE!r}, {HOSTILE!r}); feed.health.note_noise({HOSTILE!r})"
    )
    nb.until_view("view.panel.banner.textContent.includes('onerror')")
    nb.page.evaluate(
        """(text) => {
          const { store } = document.querySelector('.rl-live').rugsLab;
          store.receive = () => {}; // the kernel's next word must not take it back before it is read
          store.ids.set(store.game, text);
          store.table = [[text, 1, 2, text, text, true]];
          const words = { state: "failing", reason: text, folder: text, path: text };
          const record = { on: true, lines: 1, lost: 1, ...words };
          store.status = { ...store.status, state: text, metrics: [[text, text]], record };
          store.changed();
        }""",
        HOSTILE,
    )
    nb.page.locator(".rl-health summary").click()
    nb.until_view("view.panel.table.body.textContent.includes('onerror')")
    # The name and the value of a metric, the folder and the file of the recording.
    nb.until_view("view.panel.health.metrics.textContent.split('onerror').length === 5")
    nb.until_view("view.panel.record.note.textContent.includes('onerror')")
    assert nb.page.evaluate("() => document.querySelectorAll('.rl-live img').length") == 0
    assert nb.page.evaluate("() => window.hacked") is None


def test_theme_switch_is_followed(watching):
    nb = watching(fresh=True)
    assert nb.view("view.box.dataset.theme") == "light"
    nb.page.evaluate(
        "() => jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Dark' })"
    )
    try:
        nb.until_view("view.box.dataset.theme === 'dark' && view.chart?.parts?.path.data.tick.length === 40")
        nb.until("() => window.Bokeh.documents.length === 1")
        colours = nb.page.evaluate(
            """() => {
              const box = document.querySelector('.rl-live');
              return [getComputedStyle(box).backgroundColor, getComputedStyle(document.body).color];
            }"""
        )
        assert colours[0] != "rgb(255, 255, 255)"
    finally:
        nb.page.evaluate(
            "() => jupyterapp.commands.execute('apputils:change-theme', { theme: 'JupyterLab Light' })"
        )
        nb.until_view("view.box.dataset.theme === 'light'")


def test_zoom_is_kept_until_follow_is_pressed(watching):
    nb = watching()
    nb.until_view("view.panel.parts !== null && view.chart.plots().every((plot) => plot.inner_width > 0)")
    box = nb.page.locator(".rl-chart").bounding_box()
    nb.page.mouse.move(box["x"] + 500, box["y"] + 120)
    nb.page.mouse.down()
    nb.page.mouse.move(box["x"] + 300, box["y"] + 120, steps=5)
    nb.until_view("!view.chart.following && view.chart.parts.ticks.start > 0")
    start = nb.view("view.chart.parts.ticks.start")
    nb.do("feed.ticks(80)")  # in the middle of the drag
    nb.until_view("view.chart.parts.path.data.tick.length === 120")
    nb.page.mouse.up()
    assert nb.view("view.chart.parts.ticks.start") == start
    nb.page.locator(".rl-follow").click()
    nb.until_view("view.chart.parts.ticks.start === 0 && view.chart.parts.ticks.end >= 120")
    assert nb.page.locator(".rl-follow").is_hidden()


@pytest.mark.parametrize("width", [380, 1400])
def test_fits_its_width(watching, width):
    nb = watching(width=width, height=1400)
    nb.until_view("view.box.clientWidth > 0")
    assert nb.view("view.box.scrollWidth <= view.box.clientWidth + 1")
    nb.until_view("view.chart.plots().every((plot) => plot.inner_width > 0)")


def test_page_reloaded_beside_a_living_kernel_is_filled_again(watching):
    nb = watching(fresh=True)
    nb.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    nb.until("() => !notebook.context.model.dirty")
    nb.do("feed.ticks(10)")
    nb.reload()
    nb.until_drawn()
    nb.until_view("view.chart.parts.path.data.tick.length === 50")


def test_page_that_got_no_answer_to_its_hello_says_it_again(watching):
    nb = watching()
    nb.view("view.store.setup = null")
    nb.until_view("view.store.setup !== null")
    nb.do("feed.ticks(10)")
    nb.until_view("view.chart.parts.path.data.tick.length === 50")


def test_rows_that_came_after_a_path_was_taken_continue_it(watching):
    nb = watching()
    nb.view("window.store = view.store")  # taken over by hand from here
    # The kernel's ring has a row a moment before its book has the price.
    columns = nb.view("view.store.setup.columns")
    rows = {"game": 0, "kind": nb.view("view.store.setup.kinds.indexOf('active')"), "tick": 2, "price": 1.5}
    rows["phase"] = nb.view("view.store.setup.phases.indexOf('ACTIVE')")
    values = [float(rows.get(name, "nan")) for name in columns] + [1.0, 1.25, 0.0, 0.0]
    nb.page.evaluate(
        """(values) => {
          const message = { kind: 'snapshot', seq: 1, row: 7, n: 1, ids: { 0: 'g' }, game: 0, rug_tick: null,
            path: { game: 0, n: 2, rug_tick: null } };
          store.receive(message, [new DataView(new Float64Array(values.map((x) => x ?? NaN)).buffer)]);
        }""",
        [None if value != value else value for value in values],
    )
    assert nb.view("view.store.path.price") == [1.0, 1.25, 1.5]


def test_the_newest_price_stands_at_the_right_edge(watching):
    nb = watching()
    nb.do("feed.path[-1] = 1.2345678; feed.tick()")
    nb.until_view("view.chart.parts.price_label.text === '1.2346x'")
    label = nb.view("({ ...view.chart.parts.price_label.attributes })")
    assert (label["visible"], label["y"], label["text_align"]) == (True, 1.2345678, "right")
    assert label["x"] == nb.view("view.chart.parts.ticks.end")
    nb.view("view.chart.parts.prices.setv({ start: 2, end: 3 })")
    nb.until_view("!view.chart.parts.price_label.visible")


def test_the_wheel_zooms_with_ctrl_and_otherwise_scrolls_the_page(watching):
    nb = watching(height=500)
    nb.until_view("view.chart.plots().every((plot) => plot.inner_width > 0)")
    before = nb.view("view.chart.parts.ticks.end")
    box = nb.page.locator(".rl-chart").bounding_box()
    nb.page.mouse.move(box["x"] + 400, box["y"] + 100)
    top = nb.view("view.box.getBoundingClientRect().top")
    nb.page.mouse.wheel(0, 40)
    nb.until_view(f"view.box.getBoundingClientRect().top < {top}")
    assert (nb.view("view.chart.parts.ticks.end"), nb.view("view.chart.following")) == (before, True)
    nb.page.keyboard.down("Control")
    nb.page.mouse.wheel(0, -40)
    nb.page.keyboard.up("Control")
    nb.until_view(f"!view.chart.following && view.chart.parts.ticks.end < {before}")
    assert nb.page.evaluate("() => devicePixelRatio") == 1


def test_local_time_stands_beside_utc(watching):
    nb = watching()
    east = nb.page.evaluate("() => -new Date('2026-01-01').getTimezoneOffset() / 60")
    sign = "\N{MINUS SIGN}" if east < 0 else "+"
    words = f"time of arrival (UTC; local time is UTC{sign}{abs(east):g})"
    assert nb.view("view.chart.parts.time_axis.axis_label") == words


def test_a_feed_without_data_says_what_it_waits_for(watching):
    nb = watching(prepare="pass", drawn=False)
    nb.until_view("view.panel.countdown.textContent === 'no data yet: waiting for the first message'")
    assert nb.page.locator(".rl-countdown").is_visible()
    nb.do("feed.ticks(3)")
    nb.until_view("view.store.path.price.length === 3")
    assert nb.page.locator(".rl-countdown").is_hidden()
