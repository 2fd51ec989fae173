"""`LastPicture`: the picture below a widget that stays in the notebook; hidden while the widget is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from IPython.display import display, update_display

if TYPE_CHECKING:
    from ipywidgets import DOMWidget  # type: ignore[import-untyped]

    from rugs_lab.figures.figure import Figure


def show_widget(widget: DOMWidget) -> None:
    """Show a widget in the running cell."""
    made: Any = widget._repr_mimebundle_()
    bundle: dict[str, Any] = (made[0] if isinstance(made, tuple) else made) or {}
    display(bundle | {"text/plain": repr(widget)}, raw=True)  # type: ignore[no-untyped-call]


class LastPicture:
    """An output of the running cell that can be replaced later, from any thread; `id` is its element's."""

    def __init__(self) -> None:
        self.id = f"rl-picture-{uuid4().hex[:12]}"
        self._shown = False

    def show(self, figure: Figure) -> None:
        """Put it below what the running cell has shown so far."""
        self._shown = True
        display(self._output(figure), raw=True, display_id=self.id)  # type: ignore[no-untyped-call]

    def update(self, figure: Figure) -> None:
        """Draw it again, if it was shown."""
        if self._shown:
            update_display(self._output(figure), raw=True, display_id=self.id)  # type: ignore[no-untyped-call]

    def _output(self, figure: Figure) -> dict[str, Any]:
        return {"text/html": figure.picture_html(self.id), "text/plain": repr(figure)}
