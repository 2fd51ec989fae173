"""An executed notebook as a page: prose and code as Markdown, outputs as the HTML that the notebook holds.

The notebooks are stored without outputs. Whoever builds the documentation says in ``RUGS_LAB_NOTEBOOKS``
where executed copies are (`.ci/run` executes them once, for its own check); without it the pages have no
outputs and say so. Figures are the static pictures that they leave in a notebook, in light and dark.
"""

import json
import os
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WIDGETS = {
    "rl.watch(": ("live_midgame", "The live widget as JupyterLab shows it"),
    "rl.replay(": ("replay", "The replay widget as JupyterLab shows it"),
    "rl.lab(": ("lab", "The strategy widget as JupyterLab shows it"),
}
"""A widget has a plain picture in the notebook; call in its cell -> a better one, and what it is."""

_NOT_RUN = (
    "!!! note\n    These pages were built without running the notebook, so its outputs are missing. "
    "`CONTRIBUTING.md` says how to build them with outputs.\n"
)
_PLACE = '<div class="output" data-place="{}"></div>'


def executed_folder() -> Path:
    """Return the folder whose notebooks are shown."""
    given = os.environ.get("RUGS_LAB_NOTEBOOKS")
    return Path(given) if given else ROOT / "notebooks"


def as_page(path: Path) -> tuple[str, list[str]]:
    """Return a notebook's page, with a place for each cell's outputs, and the HTML of those places.

    Outputs go in after Markdown has been turned into HTML, because it would not leave them as they are.
    """
    notebook = json.loads(path.read_text("utf-8"))
    parts: list[str] = []
    outputs: list[str] = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        shown = [html for output in cell["outputs"] if (html := _output(output, source))]
        if picture := next(
            (_picture(*what) for call, what in WIDGETS.items() if call in source and shown), ""
        ):
            shown = [picture, *(html for html in shown if "rl-last-picture" not in html)]
        if shown:
            parts.append(_PLACE.format(len(outputs)))
            outputs.append("\n".join(shown))
    ran = any(cell.get("outputs") for cell in notebook["cells"])
    title, _, rest = "\n\n".join(parts).partition("\n\n")
    where = (
        f"*The notebook `{path.name}`; `rugs-lab` opens it in JupyterLab, where you can change and run it.*"
    )
    return "\n\n".join([title, where, *([] if ran else [_NOT_RUN]), rest]), outputs


def fill(html: str, outputs: list[str]) -> str:
    """Put the outputs into their places."""
    for number, output in enumerate(outputs):
        place = _PLACE.format(number)
        assert place in html, place
        html = html.replace(place, f'<div class="output">{output}</div>')
    return html


def _output(output: dict[str, Any], source: str) -> str:
    """Return the HTML of one output of a cell; empty when there is nothing to see."""
    if output["output_type"] == "stream":
        return f"<pre>{escape(''.join(output['text']))}</pre>"
    if output["output_type"] == "error":
        raise ValueError(f"{output['ename']}: {output['evalue']} in the cell\n{source}")
    data = {kind: "".join(value) for kind, value in output["data"].items() if isinstance(value, str | list)}
    kinds = set(output["data"])
    if "application/vnd.jupyter.widget-view+json" in kinds:
        return ""
    if "text/html" in kinds:
        return data["text/html"]
    if "image/png" in kinds:
        return f'<img alt="" src="data:image/png;base64,{data["image/png"].strip()}">'
    return f"<pre>{escape(data.get('text/plain', ''))}</pre>"


def _picture(name: str, caption: str) -> str:
    images = "".join(
        f'<img class="rl-on-{theme}" style="display: {shown}" alt="{caption}" '
        f'src="../images/{name}_{theme}.png">'
        for theme, shown in (("light", "block"), ("dark", "none"))
    )
    return f"<figure>{images}<figcaption>{caption}.</figcaption></figure>"
