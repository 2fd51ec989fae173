"""`StaticPicture`: a figure with a small table below it, which shows itself and does not change."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Final

import traitlets
from anywidget import AnyWidget

from rugs_lab.views.page import assets
from rugs_lab.views.page.notebook_place import NOWHERE, place_here

if TYPE_CHECKING:
    from rugs_lab.trading.backtest.comparison import Comparison


_open: Final[weakref.WeakSet[StaticPicture]] = weakref.WeakSet()


class StaticPicture(AnyWidget):
    """A Bokeh figure, in light and dark, and rows of words.

    Parameters
    ----------
    figures
        By theme, as ``bokeh.embed.json_item`` gives them.
    facts
        Label and words of each line above the figure.
    head, rows
        Of the table below it.
    """

    content = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        figures: dict[str, Any],
        facts: list[tuple[str, str]],
        head: list[str],
        rows: list[list[str]],
    ) -> None:
        import bokeh

        self._esm = assets.script("static_picture")
        self._css = assets.style()
        content = {"figures": figures, "facts": facts, "head": head, "rows": rows, "bokeh": bokeh.__version__}
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


def bundle(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as Jupyter shows it: made once, so that showing it again adds nothing.

    It is closed when the cell that showed it last shows another, or when the comparison is gone.
    """
    shown: StaticPicture | None = comparison.__dict__.get("_still")
    if shown is None or shown.closed:
        shown = comparison.__dict__["_still"] = _still(comparison)
        weakref.finalize(comparison, shown.close).atexit = False
    shown.shown_here()
    made: Any = shown._repr_mimebundle_()
    found: dict[str, Any] = made[0] if isinstance(made, tuple) else made
    return dict(found or {})


def _still(comparison: Comparison) -> StaticPicture:
    from bokeh.embed import json_item

    table = comparison.shown
    rows = [
        [str(game_id), *(_sol(value) for value in values[:-1]), str(values[-1])]
        for game_id, *values in table.itertuples()
    ]
    return StaticPicture(
        {theme: {"chart": json_item(comparison.plot(theme=theme))} for theme in ("light", "dark")},
        comparison.summary,
        ["game", *(f"{name} (SOL)" for name in comparison.names), "difference (SOL)", "why"],
        rows,
    )


def _sol(value: float) -> str:
    return "-" if value != value else f"{value:+.6f}"
