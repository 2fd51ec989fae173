"""An executed notebook as a page: prose and code as Markdown, outputs as the HTML that the notebook holds.

The notebooks are stored without outputs. Whoever builds the documentation says in ``RUGS_LAB_NOTEBOOKS``
where executed copies lie (`.ci/run` executes them once, for its own check); without it the pages have no
outputs and say so. BokehJS is copied once from the installed package instead of standing in every notebook,
so that the pages need no network.
"""

import json
import os
import shutil
from html import escape
from pathlib import Path
from typing import Any

import bokeh

ROOT = Path(__file__).resolve().parents[2]
BOKEH_JS = [f"bokeh{part}.min.js" for part in ("", "-widgets", "-tables", "-gl", "-mathjax")]
LIVE_CELLS = {
    "rl.watch(": ("images/live_midgame_light.png", "The live cell as JupyterLab shows it"),
    "rl.replay(": ("images/replay_light.png", "The replay cell as JupyterLab shows it"),
    "rl.lab(": ("images/lab_light.png", "The strategy cell as JupyterLab shows it"),
}
"""A cell that moves has no picture in the notebook; call in its source -> picture, and what it is."""

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


def copy_bokeh(site: Path) -> None:
    """Copy BokehJS of the installed package into the built pages."""
    target = site / "javascripts" / "bokeh"
    target.mkdir(parents=True, exist_ok=True)
    for name in BOKEH_JS:
        shutil.copyfile(Path(bokeh.__file__).parent / "server" / "static" / "js" / name, target / name)


def _output(output: dict[str, Any], source: str) -> str:
    """Return the HTML of one output of a cell; empty when there is nothing to see."""
    if output["output_type"] == "stream":
        return f"<pre>{escape(''.join(output['text']))}</pre>"
    if output["output_type"] == "error":
        raise ValueError(f"{output['ename']}: {output['evalue']} in the cell\n{source}")
    data = {kind: "".join(value) for kind, value in output["data"].items() if isinstance(value, str | list)}
    kinds = set(output["data"])
    if "application/vnd.bokehjs_load.v0+json" in kinds:
        return "".join(f'<script src="../javascripts/bokeh/{name}"></script>' for name in BOKEH_JS)
    if "application/vnd.jupyter.widget-view+json" in kinds:
        return _picture(source, data)
    if "application/vnd.bokehjs_exec.v0+json" in kinds or "application/javascript" in kinds:
        return f"<script>{data['application/javascript']}</script>"
    if "text/html" in kinds:
        return data["text/html"]
    if "image/png" in kinds:
        return f'<img alt="" src="data:image/png;base64,{data["image/png"].strip()}">'
    return f"<pre>{escape(data.get('text/plain', ''))}</pre>"


def _picture(source: str, data: dict[str, str]) -> str:
    for call, (image, caption) in LIVE_CELLS.items():
        if call in source and (ROOT / "docs" / image).is_file():
            return (
                f'<figure><img alt="{caption}" src="../{image}"><figcaption>{caption}.</figcaption></figure>'
            )
    text = escape(data.get("text/plain", ""))
    return f"<pre>{text}</pre><p><em>A cell that moves: it shows itself in JupyterLab.</em></p>"
