"""`watch`, and what all widgets share when they are opened: several side by side, earlier ones replaced."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Final, TypedDict, Unpack, overload

from ipywidgets import Box, Layout  # type: ignore[import-untyped]

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.figures.price_figure import PRICE_HEIGHT
from rugs_lab.recordings.write.player_names import checked_names
from rugs_lab.views.cells.live_view import PARTS, LiveView
from rugs_lab.views.page.assets import COMPACT_PX
from rugs_lab.views.page.hub import hub
from rugs_lab.views.page.last_picture import show_widget
from rugs_lab.views.page.notebook_place import NOWHERE, Place, place_here
from rugs_lab.views.page.page_widget import ListedBox, PageWidget
from rugs_lab.views.page.part_base import Part
from rugs_lab.views.parts.alerts_panel import AlertsPart
from rugs_lab.views.parts.bots_panel import BotsPart
from rugs_lab.views.parts.leaderboard_panel import LeaderboardPart
from rugs_lab.views.parts.other_trades import OtherTradesPart
from rugs_lab.views.parts.past_games import GhostsPart, PastGamesPart
from rugs_lab.views.parts.record_button import RECORD_TO, checked_folder
from rugs_lab.views.parts.strategy_panel import StrategiesPart, StrategyMarksPart, StrategyPart
from rugs_lab.views.parts.trade_panel import TradePart
from rugs_lab.views.parts.trade_tape import TradeTapePart

if TYPE_CHECKING:
    import pandas as pd

_NO_NOTEBOOK: Final = (
    "rl.watch needs a notebook, and this is not one: run it in JupyterLab. Here the feed has the data: "
    "feed.wait(ticks=20).frame, feed.on('tick', print), or: async for tick in feed"
)


class Panels(ListedBox, Box):  # type: ignore[misc]
    """Live widgets side by side, as many in a row as there is room for.

    Attributes
    ----------
    views
        The `LiveView` of each feed, in the order given.
    """

    def __init__(self, views: tuple[LiveView, ...]) -> None:
        self.views = views
        for view in views:
            view.layout.flex = "1 1 420px"
            view.layout.min_width = "300px"
        super().__init__(
            views, layout=Layout(display="flex", flex_flow="row wrap", grid_gap="12px", width="100%")
        )

    def _ipython_display_(self) -> None:
        show_widget(self)
        for view in self.views:
            view.leave_picture()

    @property
    def frame(self) -> pd.DataFrame:
        """The frames of all feeds, one below the other; the first index level is the feed's position."""
        import pandas as pd

        return pd.concat({position: view.frame for position, view in enumerate(self.views)}, names=["feed"])

    def close(self) -> None:
        """Close every view."""
        for view in self.views:
            view.close()
        super().close()

    def __repr__(self) -> str:
        return f"<Panels: {', '.join(map(repr, self.views))}>"


class _Options(TypedDict, total=False):
    name: str | None
    height: int
    parts: Sequence[str] | None
    record_to: str | PathLike[str]
    record_names: str


@overload
def watch(feed: Feed | None = None, **options: Unpack[_Options]) -> LiveView: ...
@overload
def watch(feed: Feed, second: Feed, /, *more: Feed, **options: Unpack[_Options]) -> Panels: ...
def watch(
    feed: Feed | None = None,
    *more: Feed,
    name: str | None = None,
    height: int = PRICE_HEIGHT,
    parts: Sequence[str] | None = None,
    record_to: str | PathLike[str] = RECORD_TO,
    record_names: str = "keep",
) -> LiveView | Panels:
    """Show a feed live: price, phase, health and the last games; the kernel stays free.

    In a terminal or a script, where nothing is drawn, it prints what to do instead (to stderr).
    Run the cell again and the new widget replaces the old one. In the page, the key ``L`` starts and
    stops the feed while the widget has the focus, and ``P`` freezes the chart while the feed keeps running.

    Parameters
    ----------
    feed
        What to watch. Without one, a `rugs_lab.LiveFeed` of rugs.fun is made and started, which is printed;
        it stops when the widget is closed. A feed that was never started is started.
    more
        Further feeds, each in a widget of its own beside the first; the widgets wrap.
    name
        A widget replaces the open one of the same name. Without a name it replaces the one that
        an earlier run of the same cell made, so two cells may show the same feed.
    height
        Height of the price chart, in CSS pixels, 120 to 2000. Below 250 the widget is compact: this is the
        most that header and chart have together in a wide page, and only ``parts`` add to it.
    parts
        What is shown below the header, some of ``chart``, ``gaps`` (the strip of arrival times), ``games``,
        ``trade``, ``strategy``, ``bots``, ``leaderboard``, ``trade_tape``, ``health``; by default all, in a
        compact widget the chart. Two widgets with other parts of a feed stand apart, with the same account.
    record_to
        Folder to which the button "Record" has the feed recorded (see ``feed.record``), made when it is
        missing; relative to the kernel's working directory as it is now. The recording is the feed's: one
        begun by ``feed.record`` is shown, and can be ended here; it continues when the widget is closed.
    record_names
        What that button keeps of the players' names: the `names` of ``feed.record``.

    Returns
    -------
    LiveView or Panels
        Displays itself as the last expression of a cell. ``.frame`` gives the data back as a pandas frame,
        ``.feed`` the feed, ``.close()`` frees it.

    Raises
    ------
    ArgumentError
        `height` out of range, an unknown part, `record_to` no path, `record_names` unknown, or something that
        is not a feed.

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
    shown = shown_parts(parts, checked_height(height), PARTS)
    feeds = () if feed is None else (feed, *more)
    for each in feeds:
        if not isinstance(each, Feed):
            raise ArgumentError(
                f"watch() takes feeds such as rl.LiveFeed() or rl.demo(); got {type(each).__name__}"
            )
    folder = checked_folder(record_to)
    checked_names(record_names)
    owns_feed = not feeds
    if owns_feed:
        from rugs_lab.feed.live.live_feed import LiveFeed

        feeds = (LiveFeed(),)
        print(f"Connecting to the real site, {feeds[0].source}. For a game server of your own: rl.demo()")
    place = place_here(name)
    if place.run is None and "marimo" not in sys.modules:
        print(_NO_NOTEBOOK, file=sys.stderr)
    replace_predecessors(feeds, place)
    views = tuple(
        LiveView(
            each,
            height=height,
            record_to=folder,
            record_names=record_names,
            parts=_parts(each),
            shown=shown,
            owns_feed=owns_feed,
            place=place,
        )
        for each in feeds
    )
    for each in feeds:
        if not each.running and not each.state.since_ns:
            each.start()
    return views[0] if len(views) == 1 else Panels(views)


def _parts(feed: Feed) -> tuple[Part, ...]:
    """Return what the live widget has beside its price chart."""
    kinds: tuple[Callable[[Feed], Part], ...] = (StrategyPart, StrategyMarksPart, BotsPart)
    kinds += (OtherTradesPart, LeaderboardPart, TradeTapePart, PastGamesPart, GhostsPart, AlertsPart)
    return TradePart(feed), StrategiesPart(), *(kind(feed) for kind in kinds)


def checked_height(height: int) -> int:
    """Return the height of a chart, in CSS pixels, if it is one that can be shown."""
    if isinstance(height, bool) or not isinstance(height, int) or not 120 <= height <= 2000:
        raise ArgumentError(f"height must be a whole number of pixels from 120 to 2000; got {height!r}")
    return height


def shown_parts(parts: Sequence[str] | None, height: int, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Return which parts a widget shows: those chosen, by default all, or what a compact one has room for."""
    if parts is None:
        return allowed if height >= COMPACT_PX else allowed[:1]
    chosen = (parts,) if isinstance(parts, str) or not isinstance(parts, Iterable) else tuple(parts)
    unknown = [each for each in chosen if each not in allowed]
    if unknown or not chosen:
        raise ArgumentError(f"parts are some of {', '.join(allowed)}; got {str(unknown or parts)[:60]}")
    return chosen


def replace_predecessors(feeds: tuple[Feed, ...], place: Place) -> None:
    """Close the views that new ones of these feeds, made here, replace.

    See `Place.replaces`; where there is neither name nor cell (a terminal), those of the same feeds.
    """
    for view in hub.views:
        if not isinstance(view, PageWidget):
            continue
        same_feed = any(getattr(view, "feed", None) is feed for feed in feeds)
        if place.replaces(view.place) or (same_feed and place == view.place == NOWHERE):
            view.close()
