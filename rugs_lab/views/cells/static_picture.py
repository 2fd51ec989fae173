"""`StaticPicture`: a `Figure` as a widget, with a picture of it below that stays when the widget is gone."""

from __future__ import annotations

import json
import weakref
from typing import Any, Final

import traitlets
from anywidget import AnyWidget

from rugs_lab.figures.figure import Figure
from rugs_lab.views.page import assets
from rugs_lab.views.page.last_picture import LastPicture, show_widget
from rugs_lab.views.page.notebook_place import NOWHERE, place_here

_open: Final[weakref.WeakSet[StaticPicture]] = weakref.WeakSet()


class StaticPicture(AnyWidget):
    """The chart of a figure in light and dark, which does not change."""

    content = traitlets.Dict().tag(sync=True)

    def __init__(self, figure: Figure) -> None:
        import bokeh

        self._esm = assets.packed_script("static_picture")
        self._css = assets.style("base", "static_picture")
        self.picture = LastPicture()
        figures = {theme: {"chart": figure.json_item(theme)} for theme in ("light", "dark")}
        packed = assets.packed(json.dumps(figures).encode())
        content = {"figures": packed, "bokeh": bokeh.__version__, "picture": self.picture.id}
        self.place = NOWHERE
        super().__init__(content=content)
        self.on_msg(self._received)
        _open.add(self)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self.comm is None

    def shown_here(self) -> None:
        """Take note of the running cell, and close what an earlier run of it showed."""
        self.place = place_here()
        for other in list(_open):
            if self.place.replaces(other.place):
                other.close()

    def close(self) -> None:
        """Remove it from the page, and free its comms; again does nothing."""
        _open.discard(self)
        super().close()
        self.layout.close()

    def _received(self, _widget: object, message: dict[str, Any], _buffers: object) -> None:
        if message.get("kind") == "bokeh":
            self.send({"kind": "bokeh"}, [assets.bokeh_script()])


def show(figure: Figure) -> None:
    """Show a figure in the running cell: as a widget, made once, and as a picture that stays.

    The widget is closed when the cell that showed it last shows another. Outside of a cell nothing else would
    close it: then it goes with the figure.
    """
    shown: StaticPicture | None = figure.__dict__.get("_shown")
    new = shown is None or shown.closed
    if shown is None or new:
        shown = figure.__dict__["_shown"] = StaticPicture(figure)
    shown.shown_here()
    if new and shown.place.cell is None:
        weakref.finalize(figure, shown.close).atexit = False
    show_widget(shown)
    shown.picture.show(figure)
