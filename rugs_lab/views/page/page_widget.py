"""A widget that the hub feeds: who is looking at it, what its pages ask for, and its end."""

import json
import threading
from collections.abc import Callable
from inspect import getdoc
from typing import Final

import traitlets
from anywidget import AnyWidget

from rugs_lab.errors import raised
from rugs_lab.figures.figure import Figure
from rugs_lab.views.page import assets
from rugs_lab.views.page.hub import Hub
from rugs_lab.views.page.kernel_busy import shell
from rugs_lab.views.page.last_picture import LastPicture, saved_state, show_widget
from rugs_lab.views.page.notebook_place import Place
from rugs_lab.views.page.page_messages import Message

EXPIRE_S: Final = 30.0
"""A page that has sent nothing for this long, the kernel being free to receive it, has gone."""

MAX_LAG: Final = 400
"""Messages a page may be behind (20 s) before it is left alone until it answers, and then gets a snapshot."""

GRACE_S: Final = 10.0
"""Time for messages of the pages to arrive after a busy cell, in seconds."""

UNASKED_S: Final = (0.5, 2.0, 6.0)
"""When BokehJS is sent to a page that cannot ask for it because the kernel is busy, in seconds."""

WIDGET_NAMES: Final = frozenset({"add_class", "close", "layout", "observe", "remove_class", "unobserve"})
"""Of the some 60 names that ipywidgets gives every widget, those that users of these need."""


class Listed:
    """Has ``view.<Tab>`` list the names of the view's own classes, and of ipywidgets' only `WIDGET_NAMES`."""

    _internal: frozenset[str] = frozenset({"observed", "tell"})

    def __dir__(self) -> list[str]:
        """List what is for users."""
        theirs = ("anywidget", "builtins", "ipywidgets", "traitlets")
        kinds = [kind for kind in type(self).__mro__ if kind.__module__.split(".")[0] not in theirs]
        own = {*vars(self), *(name for kind in kinds for name in vars(kind))} | WIDGET_NAMES
        names = super().__dir__()
        return sorted(name for name in names if name.startswith("_") or name in own - self._internal)


class ListedBox(Listed):
    """A box of widgets."""

    def _display_(self) -> object:
        """Return what marimo shows, which shows no box of ipywidgets: the widgets one below the other."""
        from marimo import vstack

        return vstack([*self.children])  # type: ignore[attr-defined]


class PageWidget(Listed, AnyWidget):
    """Base of the widgets that keep changing: views of the hub, and anywidgets.

    Attributes
    ----------
    error
        What ended the updates; None: nothing.
    """

    _snapshot = traitlets.Unicode("").tag(sync=True)
    _internal = frozenset(
        {"draw_picture", "failed", "leave_picture", "observed", "place", "refresh", "tell", "wanted"}
    )

    def __init__(self, entry: str, *, place: Place, hub: Hub, clock: Callable[[], float]) -> None:
        self.place = place
        self.error: BaseException | None = None
        self._hub, self._clock = hub, clock
        self._lock = threading.RLock()  # what a page asks for may lead to methods that take it too
        self._viewer = Viewer(clock())
        self._requests: list[str] = ["setup"]
        self._pong: int | None = None
        self._closed = False
        self._last_picture = LastPicture()
        self._esm = assets.packed_script(entry)
        self._css = assets.style()
        super().__init__()
        self.layout.width = "100%"  # as wide as there is room for, in a box too
        type(self).__doc__ = getdoc(type(self))  # it is of a class without one now, made for its traits
        self.on_msg(self._received)
        shell.watch()
        hub.add(self)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def figure(self) -> Figure:
        """What it shows now, as a figure that does not move; it can be saved."""
        raise NotImplementedError

    def leave_picture(self) -> None:
        """Put a picture below what the running cell shows, which stays when the widget is gone."""
        self._snapshot = saved_state(self._last_picture.show(self.figure), *self._last_sent())

    def draw_picture(self) -> None:
        """Draw the picture below again, and what is shown of the widget's saved state without a kernel."""
        self._snapshot = saved_state(self._last_picture.update(self.figure), *self._last_sent())

    def _last_sent(self) -> list[tuple[Message, bytes]]:
        """Return what a page must be sent to show what it shows now: the setup, and then the state."""
        raise NotImplementedError

    def _send(self, msg: Message, buffers: list[bytes] | None = None) -> None:
        try:
            super()._send(msg, buffers)
        except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 cannot hold: a question mark
            text = json.dumps(msg, ensure_ascii=False)
            super()._send(json.loads(text.encode("utf-8", "replace")), buffers)

    def _ipython_display_(self) -> None:
        show_widget(self)
        self.leave_picture()

    def close(self) -> None:
        """Remove it from the hub and from the page, and free its comm; again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._hub.remove(self)
        self.on_msg(self._received, remove=True)
        super().close()
        self._ended()

    def wanted(self, now_s: float) -> bool:
        """Return whether a page shows it (called by the hub)."""
        with self._lock:
            return not self._closed and self._viewer.present(now_s, shell.busy_since, shell.idle_since)

    def refresh(self, now_s: float) -> None:
        """Send what is new (called by the hub)."""
        raise NotImplementedError

    def failed(self, error: BaseException) -> None:
        """Show in the page that it stopped (called by the hub)."""
        self.error = error
        if not self._closed:
            self.send({"kind": "failed", "reason": raised(error)})

    def _ended(self) -> None:
        """End what belongs to it; it is closed already."""

    def _asked(self, kind: object, content: Message, number: int | None) -> None:
        """Take a note of what a page asks for beyond what all pages do; under the lock, on any thread."""

    def _take_requests(self, now_s: float) -> list[str]:
        """Return what was asked for since, and forget it; under the lock."""
        requests, self._requests = self._requests, []
        if self._viewer.mute(now_s, shell.busy_since) and "setup" not in requests:
            requests.append("bokeh")
        return requests

    def _send_bokeh(self) -> None:
        self.send({"kind": "bokeh"}, [assets.bokeh_script()])

    def _received(self, _widget: object, content: Message, _buffers: object) -> None:
        kind, number = content.get("kind"), whole(content.get("id"))
        with self._lock:
            returned = self._viewer.received(self._clock(), content.get("seq"))
            if kind == "bye":
                self._viewer.leave()
            elif kind == "hello":
                self._requests += ["setup", "snapshot"]
            elif kind == "bokeh" or kind == "snapshot":
                self._requests.append(kind)
            elif kind == "ping":
                self._pong = number
                if returned:
                    self._requests.append("snapshot")
            else:
                self._asked(kind, content, number)
        self._hub.wake()


class Viewer:
    """What is known of the pages that look at a view. Not locked: the view's lock is.

    A page is presumed from the beginning, so that a view is drawn at once although its cell is still running.
    While the shell is busy no message of a page arrives, so none is given up then.
    """

    def __init__(self, now_s: float) -> None:
        self.since = now_s
        self.known = False
        self._last_s: float | None = now_s
        self._acknowledged = 0
        self._unasked = list(UNASKED_S)

    def present(self, now_s: float, busy_since: float | None, idle_since: float) -> bool:
        """Return whether a page shows the view."""
        if self._last_s is None:
            return False
        return busy_since is not None or now_s - max(self._last_s, idle_since) <= EXPIRE_S

    def received(self, now_s: float, seq: object) -> bool:
        """Take note of a sign of life; return True if the page had been given up."""
        returned = self._last_s is None or now_s - self._last_s > EXPIRE_S
        self.known = True
        self._last_s = now_s
        number = whole(seq)
        if number is not None:
            self._acknowledged = number
        return returned

    def mute(self, now_s: float, busy_since: float | None) -> bool:
        """Return True, three times in all, while it cannot ask for anything because the shell is busy."""
        if self.known or busy_since is None or not self._unasked or now_s - self.since < self._unasked[0]:
            return False
        del self._unasked[0]
        return True

    def leave(self) -> None:
        """Note that the last page is gone."""
        self._last_s = None

    def behind(self, now_s: float, seq: int, busy_since: float | None, idle_since: float) -> bool:
        """Return whether too much is under way to it; a busy shell cannot receive how much has arrived."""
        if not self.known or busy_since is not None or now_s - idle_since < GRACE_S:
            return False
        return seq - self._acknowledged > MAX_LAG


def whole(value: object) -> int | None:
    """Return an integer of a message, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
