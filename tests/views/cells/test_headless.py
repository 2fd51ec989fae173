"""A notebook run headless, by nbclient: no page ever looks, and Python draws what stays."""

import nbformat
import pytest
from nbclient import NotebookClient

CELLS = (
    "import rugs_lab as rl\nview = rl.watch(rl.demo(speed=20, seed=1))\nview",
    "rl.sample()[3].plot()",
    "before = len(view.feed.games)\nview.feed.wait(games=before + 1)\nview.feed.stop()",
    "view.close()",
)


@pytest.mark.timeout(180)
def test_pictures_are_in_the_notebook_and_those_of_the_game_that_ended():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    for cell in notebook.cells[:2]:
        html = [
            output["data"]["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})
        ]
        assert len(html) == 1
        assert html[0].count("<img") == 2
        assert len(html[0]) < 60_000
    (live,) = [o["data"]["text/html"] for o in notebook.cells[0].outputs if "text/html" in o.get("data", {})]
    assert "stopped" in live
    assert "none yet" not in live
