"""The notebooks are stored without outputs, and run from top to bottom without network."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from rugs_lab.commands.lab import FIRST_NOTEBOOK

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def stored(path: Path) -> str:
    """The notebook as git has it: a reader's own run writes outputs into the working copy, which is fine."""
    command = ["git", "show", f":{path.relative_to(ROOT).as_posix()}"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    return shown.stdout if shown.returncode == 0 else path.read_text("utf-8")


def test_the_live_notebook_is_there():
    assert FIRST_NOTEBOOK in [path.name for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_outputs_are_stored(path):
    notebook = nbformat.reads(stored(path), as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell.source for cell in code if cell.outputs or cell.execution_count is not None] == []
    assert [cell.source for cell in notebook.cells if not cell.source.strip()] == []
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_any_environment_s_python_may_run_it(path):
    metadata = nbformat.reads(stored(path), as_version=4).metadata
    assert metadata.kernelspec.name == "python3"
    assert "version" not in metadata.get("language_info", {})


@pytest.mark.notebooks
def test_the_live_notebook_runs_from_top_to_bottom():
    notebook = nbformat.reads(stored(ROOT / "notebooks" / FIRST_NOTEBOOK), as_version=4)
    faster = [cell for cell in notebook.cells if "rl.demo()" in cell.source and cell.cell_type == "code"]
    assert len(faster) == 1
    faster[0].source = faster[0].source.replace("rl.demo()", "rl.demo(speed=10, seed=7)")
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in shown)
    assert sum("text/html" in output.get("data", {}) for output in shown) >= 3
    assert [output for output in shown if output.output_type == "stream"] == []


def test_the_kernel_of_these_tests_is_this_environment(tmp_path):
    """nbclient takes the first kernel "python3" it finds, which must be the one under test."""
    cell = nbformat.v4.new_code_cell("import sys; sys.executable")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    assert notebook.cells[0].outputs[0]["data"]["text/plain"] == repr(sys.executable)


def test_the_notebook_of_models_says_in_one_line_what_to_install():
    path = next(path for path in NOTEBOOKS if path.stem.startswith("07"))
    notebook = nbformat.reads(stored(path), as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = f"import sys; sys.modules['gymnasium'] = None\n{first.source}"
    notebook.cells = [first, nbformat.v4.new_code_cell("print('went on')")]
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    told = [line for output in first.outputs for line in output.get("text", "").splitlines()]
    assert told == [
        "UsageError: gymnasium not installed. Stop JupyterLab (Ctrl-C). In the terminal, in the folder of "
        'the checkout: pip install -e ".[models]"; then start rugs-lab again. '
        "(With a wheel: see Install, Extras.)"
    ]
    assert {output.output_type for output in first.outputs if "text" not in output} <= {"error"}
    assert notebook.cells[1].outputs == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_figures_have_the_colours_of_the_page_s_theme(path):
    code = [
        cell.source for cell in nbformat.reads(stored(path), as_version=4).cells if cell.cell_type == "code"
    ]
    for source in code:
        assert not re.search(r"palette\(\"|theme=\"", source), source
        calls = re.findall(r"figures\.\w+_figure\(([^\n]*)\)", source)
        assert all("theme=theme" in call for call in calls), source
