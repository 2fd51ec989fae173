"""The notebook about recordings runs from top to bottom on the sample data."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "02_explore_recordings.ipynb"


@pytest.mark.notebooks
def test_the_notebook_runs_from_top_to_bottom():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert sum("text/html" in output.get("data", {}) for output in shown) >= 10
    assert [output for output in shown if output.output_type == "stream" and output.name == "stderr"] == []
