"""The notebook of famous claims, executed as it is stored."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "08_claims_retested.ipynb"


def shown(games: str) -> tuple[list[str], list[str]]:
    """Run it on some games; return the verdicts, and what it wrote to the error stream."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cell = next(cell for cell in notebook.cells if "games = rl.sample()" in cell.source)
    cell.source = cell.source.replace("games = rl.sample()", f"games = {games}")
    NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    errors = [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    return [text for output in outputs if (text := output.get("data", {}).get("text/markdown"))], errors


@pytest.mark.notebooks
def test_every_claim_of_the_sample_gets_a_verdict_with_its_n():
    verdicts, errors = shown("rl.sample()")
    assert len(verdicts) == 6
    assert all("n = " in verdict for verdict in verdicts)
    assert "nan" not in " ".join(verdicts)
    assert errors == []


@pytest.mark.notebooks
def test_hardly_any_games_get_verdicts_that_say_so():
    verdicts, _ = shown("rl.sample()[:3]")
    assert len(verdicts) == 6
    assert "too few" in verdicts[0]
    assert "n = 0" in verdicts[5]
