"""What stays in a notebook without a kernel: the picture below a widget, and the widget's saved state."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from IPython.display import display, update_display

from rugs_lab.views.page.assets import packed

if TYPE_CHECKING:
    from ipywidgets import DOMWidget  # type: ignore[import-untyped]

    from rugs_lab.figures.figure import Figure
    from rugs_lab.views.page.page_messages import Message

LIMIT: Final = 60_000
"""Of what a widget's state holds beside its script, bytes."""


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

    def show(self, figure: Figure) -> dict[str, str]:
        """Put it below what the running cell has shown so far; return its pictures by theme."""
        self._shown = True
        bundle, pictures = self._output(figure)
        display(bundle, raw=True, display_id=self.id)  # type: ignore[no-untyped-call]
        return pictures

    def update(self, figure: Figure) -> dict[str, str]:
        """Draw it again, if it was shown; return its pictures by theme."""
        bundle, pictures = self._output(figure)
        if self._shown:
            update_display(bundle, raw=True, display_id=self.id)  # type: ignore[no-untyped-call]
        return pictures

    def _output(self, figure: Figure) -> tuple[dict[str, Any], dict[str, str]]:
        pictures = figure.pictures()
        html = figure.picture_html(self.id, pictures=pictures)
        return {"text/html": html, "text/plain": repr(figure)}, pictures


def saved_state(pictures: dict[str, str], *sent: tuple[Message, bytes]) -> str:
    """Return what a page was sent, setup first, packed; pictures by theme take the place of its figures.

    Without the largest parts where it would be more than `LIMIT`, and empty where even that is.
    """
    messages = [({**message, "seq": None}, b64encode(floats).decode()) for message, floats in sent]
    setup = messages[0][0]
    setup["figures"] = {
        theme: {next(iter(figures)): pictures[theme]} for theme, figures in setup["figures"].items()
    }
    parts: dict[str, Any] = next((message["parts"] for message, _ in messages[1:] if "parts" in message), {})
    while len(text := packed(json.dumps(messages).encode())) > LIMIT and parts:
        del parts[max(parts, key=lambda name: len(json.dumps(parts[name])))]
    return text if len(text) <= LIMIT else ""
