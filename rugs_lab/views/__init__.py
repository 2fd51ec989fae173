"""The widgets: `watch` shows a feed live, `replay` recorded games, `lab` a strategy.

How a tick reaches the screen::

    feed thread ──append──▶ buffer ◀──since(cursor)── hub thread, 20 Hz ──one binary message──▶ page
    page ──hello, ping, command──▶ handler on any thread: takes notes; the hub answers

``page``          between the kernel and the page: the hub thread, messages, the widget's base class, assets
``cells``         the widgets that stand in a notebook cell
``parts``         what stands beside the price chart
``strategy_lab``  the strategy widget
``static``        JavaScript and CSS; a file is named like its Python counterpart

The data have one owner, the feed's ring. A page that missed a message, fell behind or came back gets a
snapshot, never a backlog. Nothing here runs on the kernel's own thread, so the cell goes on while the kernel
is busy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.views.cells.live_view import LiveView
    from rugs_lab.views.cells.open_views import Panels
    from rugs_lab.views.cells.replay_view import ReplayView
    from rugs_lab.views.strategy_lab.lab_view import LabView

__all__ = ["lab", "replay", "watch"]


def watch(
    feed: Feed | None = None,
    *more: Feed,
    name: str | None = None,
    height: int = 320,
    record_to: str | PathLike[str] = "recordings",
) -> LiveView | Panels:
    """Show a feed live: price, phase, health and the last games; the kernel stays free.

    Run the cell again and the new view takes the place of the old one. In the page, the key ``L`` starts and
    stops the feed while the cell has the focus, and ``P`` holds the picture.

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
    from rugs_lab.views.cells.open_views import open_views

    feeds: tuple[Any, ...] = () if feed is None else (feed, *more)
    return open_views(feeds, name=name, height=height, record_to=record_to)


def replay(
    games: Any,
    strategy: Any = None,
    speed: float | None = None,
    *,
    playing: bool | None = None,
    cash: float = 1.0,
    loop: bool | None = None,
    shuffle: bool | None = None,
    blind: bool = False,
    name: str | None = None,
    height: int = 320,
) -> ReplayView | Panels:
    """Play recorded games in a cell as if they were live, and trade them with paper money.

    Keys, while the cell has the focus: space or ``L`` play and pause, the arrows one tick back and on, home
    and end, ``+`` and ``-`` the speed.

    Parameters
    ----------
    games
        A `Game`; `Games`, played in turn, with a list to choose from; an array of prices; the path of a raw
        capture; a `ReplayFeed`. A list of up to six of these is replayed side by side, each with its own
        account.
    strategy
        A strategy that trades paper money in it (see `rugs_lab.trading`); you may trade the same account.
    speed
        1.0 is the real pace, 0.25 to 10, or ``float("inf")``: as fast as it goes. Without it 1.0, and a
        `ReplayFeed` stays as it is; so with `playing`, `loop` and `shuffle`.
    playing
        Whether it plays at once; otherwise it does.
    cash
        Of the paper account, SOL. It carries over from game to game. A `ReplayFeed` that was traded by hand
        before keeps its account; ``view.paper.reset(cash)`` begins anew.
    loop, shuffle
        Begin again at the end; play the games in a random order.
    blind
        Keep the length of a game, and the list of games, from the page until a game was played.
    name, height
        As in `watch`.

    Returns
    -------
    ReplayView or Panels
        ``view.tick``, ``view.playing`` and ``view.speed`` can be read and set; ``view.step()`` and the other
        methods move it; ``view.frame``, ``view.game`` and ``view.paper`` give the data back.

    Raises
    ------
    ArgumentError
        Nothing that can be played, a speed out of range, or too many games for one row.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> view = rl.replay(rl.sample()[0], playing=False, name="docs")
    >>> view.tick = 12
    >>> len(view.game), view.playing
    (13, False)
    >>> view.close()
    """
    from rugs_lab.views.cells.replay_view import open_replay

    return open_replay(
        games,
        strategy=strategy,
        speed=speed,
        playing=playing,
        cash=cash,
        loop=loop,
        shuffle=shuffle,
        blind=blind,
        name=name,
        height=height,
    )


def lab(
    strategy: Any,
    games: Any,
    *,
    feed: Feed | None = None,
    cash: float = 1.0,
    target: float | None = None,
    max_loss: float | None = None,
    max_games: int | None = None,
    name: str | None = None,
    ranges: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> LabView:
    """Try a strategy: a form made from its parameters, the result on the games beside it while one drags.

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
        stops when its cell is closed.
    cash, target, max_loss, max_games
        As in `rugs_lab.backtest`; fields of the form.
    name
        A view replaces the open one of the same name; by default that of an earlier run of the same cell.
    ranges
        The same as `parameters`, for those that are called like an argument of this function.
    **parameters
        For each parameter of the strategy, if you like: a range ``(low, high)`` or ``(low, high, step)`` for
        its slider, a list of texts to choose from, or a value to begin with. Without it the slider of a
        number goes from about a quarter of its default to four times that.

    Returns
    -------
    LabView
        ``lab.params`` and ``lab.session`` can be read and set; ``lab.run`` is the newest `Run`,
        ``lab.wait()`` waits for it; ``lab.paper`` is the paper account of the cell below.

    Raises
    ------
    ArgumentError
        No such parameter, a range that is none, no games.

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
    from rugs_lab.trading.engine.session_options import Options
    from rugs_lab.views.strategy_lab.lab_view import open_lab

    session = Options(cash_sol=cash, take=target, loss=max_loss, max_games=max_games)
    return open_lab(
        strategy, games, feed=feed, session=session, name=name, ranges={**parameters, **(ranges or {})}
    )
