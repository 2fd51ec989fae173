"""What the page needs besides data: the widget's own modules and stylesheet, BokehJS, and the figures.

The JavaScript modules in ``static/`` import one another like any modules. A widget carries a single one, so
they are joined here, each once, in the order in which they need each other. BokehJS is the file of the
installed bokeh package: same version as Python's, nothing from a network.
"""

import gzip
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from rugs_lab.figures.figure_base import BUILDING
from rugs_lab.views.page.page_messages import Message

_STATIC = Path(__file__).parents[1] / "static"
_STYLES = ("base", "live_panel", "parts", "bots_panel", "lab_panel", "static_picture")
COMPACT_PX = 250
"""A widget that is lower is compact: header and chart together are so high, and nothing else is shown."""
HEAD_PX = 76
_DRAWN = ("price", "ghost", "backfilled", "rug", "cut", "buy", "sell", "bet")
"""Colours of the figures that the rest of the page has too, as ``--rl-<name>``."""

_IMPORT = re.compile(r'^import .*? from "\./(?P<name>\w+)\.js";\n', re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)
"""Lines of a comment or of types: they need not travel with every widget."""


@cache
def script(entry: str = "live_view") -> str:
    """Return the module `entry` with everything it imports, as one ES module."""
    done: dict[str, str] = {}

    def visit(name: str) -> None:
        if name in done:
            return
        text = (_STATIC / f"{name}.js").read_text(encoding="utf-8")
        done[name] = ""
        for found in _IMPORT.finditer(text):
            visit(found["name"])
        done.pop(name)
        done[name] = _EXPORT.sub("", _IMPORT.sub("", _COMMENT.sub("", text)))

    visit(entry)
    return "\n".join(done.values())


def packed(data: bytes) -> str:
    """Return gzip in base64; the page's `inflated` reads it."""
    return b64encode(gzip.compress(data, mtime=0)).decode()


@cache
def packed_script(entry: str) -> str:
    """Return a module that unpacks `script`, for the state of a widget, of which notebooks are made."""
    return f"""const packed = atob("{packed(script(entry).encode())}");
const stream = new Blob([Uint8Array.from(packed, (each) => each.charCodeAt(0))]).stream();
const unpacked = new Response(stream.pipeThrough(new DecompressionStream("gzip")), {{
  headers: {{ "content-type": "text/javascript" }},
}});
export default (await import(URL.createObjectURL(await unpacked.blob()))).default;
"""


@cache
def style(*names: str) -> str:
    """Return stylesheets, those of all widgets where none is named, in the colours of the figures."""
    from rugs_lab.figures.palette import DARK, LIGHT

    files = [(_STATIC / f"{name}.css").read_text(encoding="utf-8") for name in names or _STYLES]
    colours = {".rl-live": LIGHT, '.rl-live[data-theme="dark"]': DARK}
    for selector, theme in colours.items():
        named = {name: getattr(theme, name) for name in _DRAWN}
        named |= {f"other{place}": colour for place, colour in enumerate(theme.others)}
        lines = "".join(f"  --rl-{name}: {colour};\n" for name, colour in named.items())
        files.append(f"{selector} {{\n{lines}}}\n")
    return "\n".join(files)


@cache
def bokeh_script() -> bytes:
    """Return BokehJS of the installed bokeh package, minified (1.3 MB)."""
    import bokeh

    return (Path(bokeh.__file__).parent / "server/static/js/bokeh.min.js").read_bytes()


def setup(
    maxlen: int, height: int, parts: Sequence[str] = (), shown: Sequence[str] = (), picture: str = ""
) -> Message:
    """Return the message with how a page reads rows, what it draws them in, which parts it has, and shows."""
    import bokeh

    from rugs_lab.figures.palette import palette
    from rugs_lab.recordings.games.message_rows import KINDS, PHASES
    from rugs_lab.views.page.page_messages import COLUMNS

    height -= HEAD_PX * (height < COMPACT_PX)
    return {
        "kind": "setup",
        "bokeh": bokeh.__version__,
        "columns": list(COLUMNS),
        "kinds": [str(kind) for kind in KINDS],
        "phases": [str(phase) for phase in PHASES],
        "maxlen": maxlen,
        "height": height,
        "parts": list(parts),
        "shown": list(shown),
        "picture": picture,
        "colours": {theme: asdict(palette(theme)) for theme in ("light", "dark")},
        "figures": {
            theme: {"chart": _figure(theme, height, "gaps" in shown)}
            for theme in ("light", "dark")
            if "chart" in shown
        },
    }


@cache
def _figure(theme: str, height: int, gaps: bool) -> Any:
    from rugs_lab.figures.price_figure import live_layout

    with BUILDING:
        from bokeh.embed import json_item

        return json_item(live_layout(theme, height, gaps=gaps))
