"""`Figure`: is displayed in a notebook in the theme of the page, and can be saved as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from rugs_lab.errors import ArgumentError
from rugs_lab.figures.drawing import Drawing
from rugs_lab.figures.figure_base import BUILDING, bokeh_theme
from rugs_lab.figures.model_drawing import drawing_of
from rugs_lab.figures.palette import palette

if TYPE_CHECKING:
    from bokeh.models import LayoutDOM

WIDTH: Final = 900
"""Of a picture that is not asked for in another width, CSS pixels."""

MOST_BYTES: Final = 55_000
"""Of both pictures in HTML; where they are more the light one is shown on dark pages too, inverted."""

_PLAIN: Final = " !'()*+,/:;=?@[]|"
_STYLE: Final = """
.rl-last-picture { font: 12px system-ui, sans-serif; max-width: 900px }
.rl-last-picture img { width: 100%; height: auto }
.rl-last-picture td, .rl-last-picture th { text-align: left; padding: 1px 8px }
[data-jp-theme-light="false"] .rl-last-picture img.rl-on-light, .vscode-dark .rl-last-picture img.rl-on-light
{ display: none !important }
[data-jp-theme-light="false"] .rl-last-picture img.rl-on-dark, .vscode-dark .rl-last-picture img.rl-on-dark
{ display: block !important }
[data-jp-theme-light="false"] .rl-on-both, .vscode-dark .rl-on-both { filter: invert(1) hue-rotate(180deg) }
.jp-OutputArea-child:has(+ .jp-OutputArea-child .rl-last-picture) > .jupyter-widgets:not(:has(*))
{ display: none }
"""
"""The picture in the colours of the page; and no complaint above it of a widget that has ended."""


class Figure:
    """A figure of this package: the last line of a cell shows it.

    Where a kernel runs it can be panned and zoomed, and has tooltips; elsewhere, such as in a notebook on a
    web page, a picture stays. Both follow the theme of the page. Nothing is loaded from a network.

    Parameters
    ----------
    draw
        A Bokeh figure or layout of yours: what it does not set itself is coloured by the theme. Or a function
        that returns one for a theme, ``"light"`` or ``"dark"``.
    title
        What it shows, for a screen reader and as the title of a page.
    facts
        (label, text) pairs shown above the figure.
    head, rows, caption
        Header, rows and caption of the table below the figure.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> figure = rl.sample()["20251215-a8311c871b0e4bea"].plot()
    >>> figure
    <Figure: price of game 20251215-a8311c871b0e4bea>
    >>> figure.model.height
    320
    """

    def __init__(
        self,
        draw: LayoutDOM | Callable[[str], LayoutDOM],
        title: str = "figure",
        *,
        facts: Sequence[tuple[str, str]] = (),
        head: Sequence[str] = (),
        rows: Sequence[Sequence[str]] = (),
        caption: str = "",
    ) -> None:
        self._draw = draw
        self.title, self.caption = title.encode("utf-8", "replace").decode(), caption
        self.facts, self.head, self.rows = list(facts), list(head), [list(row) for row in rows]

    @property
    def model(self) -> LayoutDOM:
        """The Bokeh figure or layout, in light colours: to change, or to put into a page of your own."""
        return self.in_theme("light")

    def in_theme(self, theme: str) -> LayoutDOM:
        """Return the Bokeh figure or layout in the colours of a theme, ``"light"`` or ``"dark"``.

        Raises
        ------
        ArgumentError
            Another theme.
        """
        palette(theme)
        with BUILDING:
            return self._draw(theme) if callable(self._draw) else self._draw

    def json_item(self, theme: str) -> Any:
        """Return it as ``bokeh.embed.json_item`` does, in the colours of a theme."""
        with BUILDING:
            from bokeh.embed import json_item

            return json_item(self.in_theme(theme), theme=bokeh_theme(theme))

    def save(self, path: str | PathLike[str], *, theme: str = "light", width: int = WIDTH) -> Path:
        """Write it to a file, by the ending of its name; return the path. No browser is needed.

        Parameters
        ----------
        path
            ``.svg`` or ``.png`` (two pixels for each CSS pixel): a picture. ``.html``: a page that opens
            offline, and can be panned and zoomed (BokehJS, 1.3 MB, is within).
        theme
            ``"light"`` or ``"dark"``.
        width
            Width of the picture in CSS pixels; not used for ``.html``.

        Raises
        ------
        ArgumentError
            Another ending or theme, or a width outside of 200 to 4000.
        OSError
            The file cannot be written.
        """
        file = Path(path).expanduser()
        if not 200 <= width <= 4000:
            raise ArgumentError(f"width must be 200 to 4000 CSS pixels; got {width!r}")
        if file.suffix == ".svg":
            file.write_text(self._drawn(theme, width).svg(self.title), encoding="utf-8", newline="\n")
        elif file.suffix == ".png":
            file.write_bytes(self._drawn(theme, width).png())
        elif file.suffix == ".html":
            from bokeh.embed import file_html
            from bokeh.resources import INLINE

            page = file_html(self.in_theme(theme), INLINE, self.title, theme=bokeh_theme(theme))
            file.write_text(page, encoding="utf-8", newline="\n")
        else:
            raise ArgumentError(f"the name must end in .svg, .png or .html; got {file.name!r}")
        return file

    def pictures(self, width: int = WIDTH) -> dict[str, str]:
        """Return the picture as SVG in each theme."""
        return {theme: self._drawn(theme, width).svg(self.title) for theme in ("light", "dark")}

    def picture_html(
        self, element_id: str = "", *, width: int = WIDTH, pictures: Mapping[str, str] | None = None
    ) -> str:
        """Return it as HTML that needs no script: a picture in light and dark with its facts and table.

        `pictures` are those of the method of that name, where they have been drawn already.
        """
        drawn = self.pictures(width) if pictures is None else pictures
        made = {f"rl-on-{theme}": quote(svg.replace('"', "'"), safe=_PLAIN) for theme, svg in drawn.items()}
        if sum(map(len, made.values())) > MOST_BYTES:
            made = {"rl-on-both": made["rl-on-light"]}
        images = "".join(
            f'<img class="{name}" alt="{escape(self.title)}" src="data:image/svg+xml,{picture}" '
            f'style="display: {"none" if name == "rl-on-dark" else "block"}">'
            for name, picture in made.items()
        )
        line = "<tr><th>{}</th><td>{}</td></tr>"
        facts = "".join(line.format(escape(label), escape(words)) for label, words in self.facts)
        head = "".join(f"<th>{escape(each)}</th>" for each in self.head)
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        rows = "".join(f"<tr>{''.join(f'<td>{escape(each)}</td>' for each in row)}</tr>" for row in self.rows)
        parts = (facts, head and f"{caption}<tr>{head}</tr>{rows}")
        tables = [f"<table>{each}</table>" for each in parts if each]
        name = f' id="{element_id}"' if element_id else ""
        html = f"{tables.pop(0) if facts else ''}{images}{''.join(tables)}"
        html = html.encode("utf-8", "replace").decode()  # half a surrogate pair cannot be sent
        return f'<div class="rl-last-picture"{name}><style>{_STYLE}</style>{html}</div>'

    def _drawn(self, theme: str, width: int) -> Drawing:
        with BUILDING:
            return drawing_of(self.in_theme(theme), palette(theme), width)

    def _ipython_display_(self) -> None:
        static_picture: Any = import_module("rugs_lab.views.cells.static_picture")
        static_picture.show(self)

    def _repr_html_(self) -> str:
        return self.picture_html()

    def __repr__(self) -> str:
        return f"<Figure: {self.title}>"
