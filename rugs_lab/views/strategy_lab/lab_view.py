"""The strategy widget: a form made from a strategy's parameters, the result beside it, a replay below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from dataclasses import replace
from threading import Lock, RLock
from typing import Any

from ipywidgets import Layout, VBox  # type: ignore[import-untyped]

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.engine.batches import as_games
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from rugs_lab.views.cells.live_view import LiveView
from rugs_lab.views.cells.open_views import replace_predecessors
from rugs_lab.views.cells.replay_view import replay
from rugs_lab.views.page.background_worker import Worker
from rugs_lab.views.page.hub import hub
from rugs_lab.views.page.last_picture import show_widget
from rugs_lab.views.page.notebook_place import place_here
from rugs_lab.views.page.page_widget import ListedBox
from rugs_lab.views.page.shown_traits import Shown, TellsShown
from rugs_lab.views.parts.other_trades import OtherTradesPart
from rugs_lab.views.parts.past_games import PastGamesPart
from rugs_lab.views.parts.trade_panel import TradePart
from rugs_lab.views.strategy_lab.lab_panel import LabPanel
from rugs_lab.views.strategy_lab.parameter_fields import LabOptions, Range, fields_of, session_values


class LabView(TellsShown, ListedBox, VBox):  # type: ignore[misc]
    """The strategy widget; displays itself. Made by `rugs_lab.lab`.

    ``params``, the values of the strategy's parameters as the form shows them, and ``session``, ``cash``,
    ``target``, ``max_loss`` and ``max_games`` (None: never), are traits that can be set, some values or all.
    ``run`` is one that cannot: the newest `Run`, of a sample while one drags, of all games after `wait`; in
    the page it is a text. ``view.observe(call, "run")`` calls on a thread of the widget.

    Attributes
    ----------
    panel
        Form and figures.
    view
        The replay or live widget below; None: there is none.
    paper
        The newest paper account that a button made; it stays when its widget is closed.
    feed
        What "run on live" trades on; made when it is first needed, where none was given.
    """

    params = Shown[dict[str, Any]](
        lambda view: dict(view.panel.params), lambda view, values: view.panel.request(values, {})
    )
    session = Shown[dict[str, float | None]](
        lambda view: session_values(view.panel.session), lambda view, values: view.panel.request({}, values)
    )
    run = Shown[Run | None](lambda view: view.panel.runner.run)

    def __init__(self, options: LabOptions) -> None:
        self.feed = options.feed
        self.view: LiveView | None = None
        self.paper: Paper | None = None
        self._owns_feed = options.feed is None
        self._place = options.place
        self._kind = ""
        self._changing = Lock()
        self._closed = False
        self.panel = LabPanel(
            options,
            {"replay": self.on_replay, "live": self.on_live, "end": self.end},
            below=lambda: self._kind,
            on_close=self.close,
        )
        self._lock, self._context = RLock(), copy_context()
        super().__init__([self.panel], layout=Layout(width="100%", grid_gap="10px"))
        teller: Worker[None] = Worker(lambda _: self.tell(), "traits")
        self.panel.on_change = lambda: teller.put(None)

    def _ipython_display_(self) -> None:
        show_widget(self)
        self.panel.leave_picture()

    @property
    def strategy(self) -> Strategy:
        """The strategy with the values of the form."""
        return self.panel.strategy.with_(**self.panel.params)

    @property
    def error(self) -> str:
        """What the strategy raised with the newest values, and where; empty: nothing."""
        return self.panel.runner.state.error

    def wait(self, timeout: float | None = None) -> LabView:
        """Wait until all games were played with the newest values, baselines included; return itself.

        Parameters
        ----------
        timeout
            Seconds; None: as long as it takes.

        Raises
        ------
        TimeoutError
            It took longer.
        """
        if not self.panel.runner.wait(timeout):
            raise TimeoutError(f"the games were not played within {timeout} s: {self.panel.runner.state}")
        self.panel.draw_picture()
        return self

    def stop(self) -> None:
        """Cancel the run; partial results are kept."""
        self.panel.runner.stop()

    def on_replay(self) -> None:
        """Open the replay widget of these games below, with the strategy as it stands trading in it."""
        with self._changing:
            self._end_below(keep_feed=False)
            view = replay(
                self.panel.games,
                self.strategy,
                cash=self.panel.session.cash_sol,
                name=f"replay of lab {id(self)}",
            )
            self._show(view, view.paper, "replay")

    def on_live(self) -> None:
        """Open the live widget below, with the strategy as it stands trading paper money on the feed."""
        with self._changing:
            self._end_below(keep_feed=True)
            if self.feed is None:
                from rugs_lab.feed.live.demo import demo

                self.feed = demo()
            elif not self.feed.running:
                self.feed.start()
            feed = self.feed
            paper = feed.paper(self.strategy, cash=self.panel.session.cash_sol)
            parts = (TradePart(feed, paper), OtherTradesPart(feed), PastGamesPart(feed))
            place = replace(self._place, name=f"live of lab {id(self)}")
            view = LiveView(feed, parts=parts, place=place)
            self._show(view, paper, "live")

    def end(self) -> None:
        """Close the widget below; the paper account stays in `paper`."""
        with self._changing:
            self._end_below(keep_feed=False)

    def close(self) -> None:
        """Close everything, and stop the feed that was made here; again does nothing."""
        if self._closed:
            return
        self._closed = True
        self.panel.close()
        with self._changing:
            self._end_below(keep_feed=False)
        super().close()

    def _show(self, view: LiveView, paper: Paper, kind: str) -> None:
        self.view, self.paper, self._kind = view, paper, kind
        if self._closed:
            return self._end_below(keep_feed=False)
        self.children = [self.panel, view]
        return hub.wake()

    def _end_below(self, *, keep_feed: bool) -> None:
        view, self.view, self._kind = self.view, None, ""
        if view is not None:
            if not self._closed:
                self.children = [self.panel]
            view.close()
            if self.paper is not None:
                self.paper.close()
        if self._owns_feed and not keep_feed and self.feed is not None:
            self.feed.stop()

    def __repr__(self) -> str:
        state = "closed" if self._closed else self.panel.runner.state.stage
        return f"<LabView {self.panel.strategy.name}, {len(self.panel.games):,} games, {state}>"


def lab(
    strategy: Strategy | Callable[..., object],
    games: Games | Game | Iterable[Game],
    *,
    feed: Feed | None = None,
    cash: float = 1.0,
    target: float | None = None,
    max_loss: float | None = None,
    max_games: int | None = None,
    name: str | None = None,
    ranges: Mapping[str, Range] | None = None,
    **parameters: Range,
) -> LabView:
    """Try a strategy: a form made from its parameters, and beside it the result while you drag a slider.

    Nothing of it blocks the kernel: games are played on a thread of its own, a sample first, and the newest
    values win. Buttons run the strategy with the values of the form in a replay of these games, or with paper
    money on a live feed, below.

    Parameters
    ----------
    strategy
        A strategy, a function ``strategy(o, parameter=default)``, or any object that can be called with an
        `Observation`.
    games
        `Games`, one `Game`, or several.
    feed
        What "run on live" trades on; by default a `rugs_lab.demo` feed made when the button is pressed, which
        stops when its widget is closed.
    cash, target, max_loss, max_games
        As in `rugs_lab.backtest`; fields of the form.
    name
        A widget replaces the open one of the same name; by default that of an earlier run of the same cell.
    ranges
        The same as `parameters`, for those that have the same name as an argument of this function.
    **parameters
        For each parameter of the strategy, if you like: a range ``(low, high)`` or ``(low, high, step)`` for
        its slider, a list of texts to choose from, or a value to begin with. Without it the slider of a
        number goes from about a quarter of its default to four times its default.

    Returns
    -------
    LabView
        ``lab.params`` and ``lab.session`` can be read and set; ``lab.run`` is the newest `Run`,
        ``lab.wait()`` waits for it; ``lab.paper`` is the paper account of the widget below.

    Raises
    ------
    ArgumentError
        No such parameter, an invalid range, no games.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> def early(o, size=0.01):
    ...     return rl.buy(size) if o.tick < 0 else rl.hold()
    >>> view = rl.lab(early, rl.sample()[:100], size=(0.001, 0.1), name="docs")
    >>> view.params = {"size": 0.05}
    >>> view.wait().run.parameters
    {'size': 0.05}
    >>> view.close()
    """
    session = Options(cash_sol=cash, take=target, loss=max_loss, max_games=max_games)
    given, some = as_strategy(strategy), as_games(games)
    if not len(some):
        raise ArgumentError("there are no games to try the strategy on: give some, such as rl.sample()")
    if feed is not None and not isinstance(feed, Feed):
        raise ArgumentError(f"feed is what rl.demo() or rl.LiveFeed() returns; got {type(feed).__name__}")
    options = LabOptions(
        given, some, fields_of(given, {**parameters, **(ranges or {})}), session, feed, place_here(name)
    )
    replace_predecessors((), options.place)
    return LabView(options)
