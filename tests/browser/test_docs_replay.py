"""The page of the documentation on which a visitor replays games."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[2]
BOX = "document.querySelector('.rl-live')?.rugsLab"


@pytest.fixture
def site(tmp_path):
    """Build the page alone, as mkdocs.yml says but for the other pages."""
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: it builds the documentation")
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert yaml.safe_load(text)["hooks"] == ["docs/hooks/pages.py", "docs/hooks/replays.py"]
    (tmp_path / "docs").mkdir()
    for name in ("replay_here.md", "stylesheets"):
        copy = shutil.copytree if (ROOT / "docs" / name).is_dir() else shutil.copy
        copy(ROOT / "docs" / name, tmp_path / "docs" / name)
    (tmp_path / "docs" / "guides").mkdir()
    (tmp_path / "docs" / "guides" / "replay_and_trade.md").write_text("# Replay\n")
    whole = yaml.safe_load(text)
    kept = {key: whole[key] for key in ("site_name", "use_directory_urls", "theme", "extra_css")}
    hooks = [str(ROOT / "docs/hooks/replays.py")]
    config = {**kept, "hooks": hooks, "plugins": [], "markdown_extensions": ["attr_list", "md_in_html"]}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(config))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1", "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    return tmp_path / "site"


def test_a_visitor_replays_a_game_without_kernel_or_network(site, browser):
    tab = browser.new_context(offline=True, viewport={"width": 1300, "height": 1000}).new_page()
    errors = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto((site / "replay_here.html").as_uri())
    tab.locator("iframe.replay").scroll_into_view_if_needed()
    (frame,) = (each for each in tab.frames if each is not tab.main_frame)
    frame.wait_for_function(f"() => {BOX}?.chart && {BOX}.store.parts.replay_controls")
    assert frame.evaluate(f"() => {BOX}.store.parts.replay_controls.count") == 12
    frame.locator(".rl-pick").nth(3).click()
    frame.locator(".rl-speed").select_option("10")
    frame.locator(".rl-play").click()
    frame.wait_for_function(f"() => {BOX}.store.parts.replay_controls.tick > 20")
    assert frame.evaluate(f"() => {BOX}.chart.parts.path.data.tick.length") > 20
    frame.evaluate(f"() => {BOX}.store.do('replay_controls.hold', {{ tick: 100000 }})")
    frame.wait_for_function(f"() => {BOX}.store.path.rug !== null")
    assert (site / "replays" / "published_games.html").stat().st_size < 2_000_000
    assert errors == []
    tab.context.close()
