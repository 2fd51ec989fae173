"""Figures, and the widgets that hold them: the top floor, where data become pictures.

`watch` shows a feed live in a cell. How a tick gets from the kernel to the screen::

    feed thread ──append──▶ ring ◀──since(cursor)── hub thread, 20 Hz ──one binary message──▶ page
    page ──hello, ping, command──▶ handler on any thread: takes notes; the hub answers

``hub``      the one thread per kernel that tells each view when to read; without viewers it sleeps
``panels``   which predecessor a new view replaces; several views side by side
``stream``   what a page is told: new rows from the feed's ring by a cursor, whole paths when the book healed
``live``     the widget: is anybody looking, what did the page ask for
``tape``     the record button: begin and end the feed's recording, tell its state
``switch``   start and stop, record and not, on threads of their own, so that no handler waits
``busy``     whether the kernel runs a cell, since a busy kernel cannot hear its pages
``figures``  ordinary Bokeh figures, columns or a frame in, figure out, in light and dark (``palette``)
``assets``   the page's own files in ``static/`` joined into one module; BokehJS of the installed package

In the page (``static/``): ``store`` takes the messages and keeps a ``ring`` as long as the feed's; ``chart``
feeds the Bokeh figure; ``panel`` writes the words and numbers, ``record`` those of the recording, both with
``dom``; ``link`` pings and notices a lost kernel; ``keys``; ``bokeh`` loads BokehJS once per page; ``live``
ties them together. The store outlives every rendering, so a second output view or a moved tab has its picture
at once.

The data have one owner, the feed's ring. A page that missed a message, fell behind or came back gets a
snapshot, never a backlog. Nothing here runs on the kernel's own thread, so the cell goes on while the kernel
is busy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from rugs_lab.feed.base import Feed
    from rugs_lab.views.live import LiveView
    from rugs_lab.views.panels import Panels

__all__ = ["watch"]


def watch(
    feed: Feed | None = None,
    *more: Feed,
    name: str | None = None,
    height: int = 320,
    record_to: str | PathLike[str] = "recordings",
) -> LiveView | Panels:
    """Show a feed live: price, phase, health and the last games; the kernel stays free.

    Run the cell again and the new view takes the place of the old one. In the page, the key ``L`` starts and
    stops the feed while the cell has the focus.

    Parameters
    ----------
    feed
        What to watch. Without one, a `rugs_lab.LiveFeed` of rugs.fun is made and started; it stops when the
        view is closed. A feed that was never started is started.
    more
        Further feeds, each in a panel of its own beside the first; the panels wrap.
    name
        A view replaces the open one of the same name. By default the name is that of the running cell, so two
        cells may show the same feed.
    height
        Of the price chart, in CSS pixels, 120 to 2000.
    record_to
        Folder to which the button "Record" has the feed recorded (see ``feed.record``), made when it is
        missing; relative to the kernel's working directory as it is now. The recording is the feed's: one
        begun by ``feed.record`` is shown, and can be ended here; it goes on when the view is closed.

    Returns
    -------
    LiveView or Panels
        Displays itself as the last expression of a cell. ``.frame`` gives the data back as a pandas frame,
        ``.feed`` the feed, ``.close()`` frees it.

    Raises
    ------
    ArgumentError
        `height` out of range, `record_to` no path, or something that is no feed.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> feed = rl.demo(speed=20, seed=1)
    >>> view = rl.watch(feed, name="docs")
    >>> view.feed is feed
    True
    >>> view.close()
    >>> feed.stop()
    """
    from rugs_lab.views.panels import open_views

    feeds: tuple[Any, ...] = () if feed is None else (feed, *more)
    return open_views(feeds, name=name, height=height, record_to=record_to)
