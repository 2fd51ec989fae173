"""The live widget: an anywidget whose page draws with BokehJS, and which the hub feeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextvars import copy_context
from datetime import UTC, datetime
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rugs_lab.errors import FeedError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.figures.figure import Figure
from rugs_lab.figures.price_figure import PRICE_HEIGHT
from rugs_lab.figures.run_figures import path_figure
from rugs_lab.recordings.games.game import Game
from rugs_lab.trading.account.fill_marks import played_game
from rugs_lab.trading.paper.accounts import Paper, accounts_of
from rugs_lab.views.page import assets
from rugs_lab.views.page.background_worker import Switch
from rugs_lab.views.page.hub import Hub
from rugs_lab.views.page.hub import hub as kernel_hub
from rugs_lab.views.page.kernel_busy import shell
from rugs_lab.views.page.notebook_place import NOWHERE, Place
from rugs_lab.views.page.page_messages import Message, Stream
from rugs_lab.views.page.page_widget import PageWidget
from rugs_lab.views.page.part_base import Commands, Part, finite
from rugs_lab.views.page.shown_traits import Shown, TellsShown
from rugs_lab.views.parts.own_lines import OwnLinesPart
from rugs_lab.views.parts.record_button import RECORD_TO, RecordButton, checked_folder
from rugs_lab.views.parts.trade_panel import TradePart

if TYPE_CHECKING:
    import pandas as pd

PARTS: Final = ("chart", "gaps", "games", "trade", "strategy", "bots", "leaderboard", "trade_tape", "health")
"""What a live widget may show below its header."""


class LiveView(TellsShown, PageWidget):
    """The live widget of one feed; displays itself. Made by `rugs_lab.watch`.

    ``price``, ``tick``, ``phase``, ``state`` and ``game_id`` are traits: ``view.observe(call, "price")``
    calls on a thread of the widget, up to twenty times a second; `ipywidgets.jslink` works while the kernel
    is busy. ``command_limit_s`` is the age of what the page showed up to which a command is executed; it can
    be set.

    The feed is only read: started, stopped and recorded when the reader asks. With `owns_feed`, closing the
    view stops the feed and closes its paper accounts, which can still be read.

    Attributes
    ----------
    feed
        What it shows.
    height
        Height of the price chart, in CSS pixels; below 250 that of the compact widget.
    record_to
        Folder of the record button.
    """

    price = Shown[float | None](lambda view: _last_price(view.feed))
    tick = Shown[int](lambda view: view.feed.book.running_length - 1)
    phase = Shown[str](lambda view: view.feed.phase)
    state = Shown[str](lambda view: str(view.feed.state))
    game_id = Shown[str | None](lambda view: view.feed.tracker.game_id)
    command_limit_s = Shown[float](
        lambda view: view._commands.limit_s,
        lambda view, limit: setattr(view._commands, "limit_s", float(limit)),
    )

    def __init__(
        self,
        feed: Feed,
        *,
        height: int = PRICE_HEIGHT,
        record_to: str | PathLike[str] = RECORD_TO,
        record_names: str = "keep",
        parts: Sequence[Part] = (),
        shown: Sequence[str] = PARTS,
        recordable: bool = True,
        owns_feed: bool = False,
        place: Place = NOWHERE,
        hub: Hub = kernel_hub,
        clock: Callable[[], float] = time.monotonic,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._context = copy_context()
        self.feed = feed
        self.height = height
        self.record_to = checked_folder(record_to)
        self._owns_feed = owns_feed
        self._record = RecordButton(feed, self.record_to, record_names) if recordable else None
        self._parts, self._shown = tuple(parts), tuple(shown)
        self._commands = Commands(self._parts, clock)
        self._lines = OwnLinesPart(feed)
        self._stream = Stream(feed, now_ns, self._record, (*self._parts, self._lines, self._commands))
        self._unsubscribe: list[Callable[[], None]] = []
        self._switch = Switch(lambda live: feed.start() if live else feed.stop())
        super().__init__("live_view", place=place, hub=hub, clock=clock)
        feed.on_arrival.append(hub.news)

    @property
    def frame(self) -> pd.DataFrame:
        """The data behind the picture: ``feed.frame``."""
        return self.feed.frame

    @property
    def paper(self) -> Paper:
        """The feed's paper account that is traded by hand here, made when it is first asked for.

        Its frames: ``ledger``, ``trades``, ``equity``, ``orders``, ``demonstrations``. After `close` it is
        what it was.
        """
        for part in self._parts:
            if isinstance(part, TradePart):
                known = part.known
                return known if self._closed and known is not None else part.paper
        raise FeedError("this widget has no trading panel: make it with rl.watch(feed) or rl.replay(games)")

    @property
    def figure(self) -> Figure:
        """The game shown, or the last one, with what was traded by hand, as a figure that does not move."""
        game, feed = self.feed.game, self.feed
        if (game is None or not len(game.prices)) and len(feed.games):
            game = feed.games[-1]
        if game is None:
            game = Game("", np.empty(0))
        paper = next((part.known for part in self._parts if isinstance(part, TradePart)), None)
        entries = [each for each in paper.account.entries if each.game_id == game.id] if paper else []
        played = played_game(game, entries)
        last = f"{game.prices[-1]:.4g}x at tick {len(game.prices) - 1}" if len(game.prices) else "none yet"
        facts = [
            ("game", f"{game.id or 'none yet'}{'' if game.rug_tick is None else ', ended'}"),
            ("last price", last),
            ("feed", f"{feed.source}: {feed.state}{f' ({feed.state.reason})' if feed.state.reason else ''}"),
            ("games seen", f"{feed.games_finished:,}"),
            ("drawn", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ]
        return Figure(lambda theme: path_figure(played, theme=theme), f"price of game {game.id}", facts=facts)

    def line(self, name: str, call: Callable[[NDArray[np.float64]], ArrayLike] | None) -> None:
        """Draw a line of your own over the prices, live or in a replay, in place of the one of that name.

        Parameters
        ----------
        name
            Is written at its end and in the legend; up to six lines.
        call
            Called after each tick, on a thread of its own, with the prices so far (multipliers, index = tick,
            NaN missing). It returns as many values on the axis of prices, or one for a level line; NaN: none.
            What it raises, or that it returns None, ends the line and is shown in the legend. None: no line.

        Examples
        --------
        >>> import rugs_lab as rl
        >>> import pandas as pd
        >>> view = rl.replay(rl.sample()[0], playing=False, name="docs")
        >>> view.line("ema", lambda prices: pd.Series(prices).ewm(span=20).mean())
        >>> view.close()
        """
        self._lines.draw(name, call)
        self._hub.wake()

    def leave_picture(self) -> None:
        """Put a picture below what the running cell shows; redrawn after a game and when the feed stops."""
        super().leave_picture()
        if not self._unsubscribe:
            keep = self._keep
            self._unsubscribe = [self.feed.on("game", keep), self.feed.on("state", keep)]

    def _keep(self, *_: object) -> None:
        """Draw the picture below again, at the end of a game or when the feed or its replay stops."""
        if not self._closed:
            self.draw_picture()

    def _last_sent(self) -> list[tuple[Message, bytes]]:
        return [(self._setup(), b""), self._stream.snapshot()]

    def _setup(self) -> Message:
        parts = [part.name for part in self._parts]
        return assets.setup(self.feed.maxlen, self.height, parts, self._shown, self._last_picture.id)

    def refresh(self, now_s: float) -> None:
        """Send what is new (called by the hub)."""
        with self._lock:
            requests = self._take_requests(now_s)
            more = self._answers()
            newest = self._stream.numbers.newest
            behind = self._viewer.behind(now_s, newest, shell.busy_since, shell.idle_since)
        if "setup" in requests:
            self.send(self._setup())
        if "bokeh" in requests:
            self._send_bokeh()
        if "snapshot" in requests:
            self._stream.restart()
        if behind and not more:
            self._stream.restart()
            return
        made = self._stream.next(now_s, **more)
        if made is not None and not self._closed:
            self.send(made[0], [made[1]])
            self.tell()

    def observe(self, *call: Any, **how: Any) -> None:
        """Have something called when a trait changes, by a page or by itself; see traitlets."""
        super().observe(*call, **how)
        if hasattr(self, "_hub"):  # traitlets itself observes before there is one
            self._hub.wake()

    def wanted(self, now_s: float) -> bool:
        """Return whether a page shows it, or a program observes it (called by the hub)."""
        return super().wanted(now_s) or (self.observed and not self._closed)

    def _answers(self) -> Message:
        """Return what the page waits for: its ping's number, and the last commands executed."""
        switches = {"done": self._switch}
        if self._record is not None:
            switches["record_done"] = self._record.switch
        news = [switch.news() for switch in switches.values()]
        if any(news):
            self._stream.look_again()  # the new state goes with the command's number
        answers: Message = {}
        if self._pong is not None:
            answers["pong"] = self._pong
            self._pong = None
        if answers or any(news):
            answers |= {name: switch.reported for name, switch in switches.items()}
        return answers

    def _ended(self) -> None:
        self.feed.on_arrival.remove(self._hub.news)
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        if self._unsubscribe:
            self._last_picture.update(self.figure)  # one that is being drawn may come too late
        if self._owns_feed:
            self._switch.set(False)
            accounts_of(self.feed).close()

    def _asked(self, kind: object, content: Message, number: int | None) -> None:
        if kind == "live" and isinstance(content.get("live"), bool):
            self._switch.set(content["live"], number or 0)
        elif kind == "record" and isinstance(content.get("on"), bool) and self._record is not None:
            self._record.switch.set(content["on"], number or 0)
        elif kind == "do":
            sent_s, shown = self._stream.numbers.made_s(content.get("seq")), content.get("seen")
            self._commands.put(content.get("name"), content.get("args"), number or 0, shown, sent_s)

    def __repr__(self) -> str:
        name = f"{self.place.name!r}, " if self.place.name else ""
        state = self.feed.state
        words = f"{state} ({state.reason})" if state.reason else str(state)
        return f"<LiveView {name}{'closed' if self._closed else words}, {self.feed.ring.cursor} messages>"


def _last_price(feed: Feed) -> float | None:
    game = feed.game
    return None if game is None or not len(game.prices) else finite(float(game.prices[-1]))
