"""Figures, and the widgets that hold them: the top floor, where data become pictures.

`watch` shows a feed live in a cell, `replay` recorded games. How a tick gets from the kernel to the screen::

    feed thread ──append──▶ ring ◀──since(cursor)── hub thread, 20 Hz ──one binary message──▶ page
    page ──hello, ping, command──▶ handler on any thread: takes notes; the hub answers

``hub``      the one thread per kernel that tells each view when to read; without viewers it sleeps
``panels``   which predecessor a new view replaces; several views side by side
``stream``   what a page is told: new rows from the feed's ring by a cursor, whole paths when the book healed
``live``     the widget: is anybody looking, what did the page ask for
``replay_cell``  the same over a `ReplayFeed`
``lab_cell``  the strategy cell: ``lab_panel`` (form and figures), ``knobs`` (the form's fields), ``tries``
             (plays what one wishes for, the newest wish first; ``watched``), ``lab_picture`` and ``key_rows``
             (what is drawn and written of a run)
``still``    a figure with a small table that shows itself: a comparison
``parts``    what a view has beside its feed: the state of each part, and commands, in order and each once:
             ``trade`` (paper money by hand), ``transport`` and ``picker`` (a replay's controls and games),
             ``gallery`` (past games in the chart), ``crowd`` (trades of other people), ``about`` (a game's
             figures), ``bots`` (rules that trade on a feed, beside the people who play), ``ruled`` (a rule
             picked in the page), ``board`` and ``broadcast`` (leaderboard and tape of trades), ``ghosts``
             (earlier games behind the running one)
``paced``    looks at what moves with every frame at most so often
``hand_account``  the feed's account that is traded by hand, one for all its views
``fills``    what an account did in its game, as marks
``candles``  candles in the price chart
``tape``     the record button: begin and end the feed's recording, tell its state
``switch``   start and stop, record and not, on threads of their own, so that no handler waits
``busy``     whether the kernel runs a cell, since a busy kernel cannot hear its pages
``marks``    what is drawn over a price path
``run_state``  what the figures of a run show, as values
``figures``  ordinary Bokeh figures, columns or a frame in, figure out, in light and dark (``palette``)
``assets``   the page's own files in ``static/`` joined into one module; BokehJS of the installed package

In the page (``static/``): ``store`` takes the messages and keeps a ``ring`` as long as the feed's; ``chart``
feeds the Bokeh figure with a ``picture`` (which game, held still or not), ``candles`` and ``gaps``, ``marks``
what is drawn over it; ``controls``, ``legend`` and ``health`` are the lines around it; ``panel`` writes the
words and numbers, ``record`` those of the recording, ``trade``, ``rule``, ``board``, ``broadcast`` and the
others those of the parts, all with ``dom``; ``link`` pings and notices a lost kernel; ``keys``; ``bokeh``
loads BokehJS once per page; ``live`` ties them together. The store outlives every rendering, so a second
output view or a moved tab has its picture at once.

The data have one owner, the feed's ring. A page that missed a message, fell behind or came back gets a
snapshot, never a backlog. Nothing here runs on the kernel's own thread, so the cell goes on while the kernel
is busy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from rugs_lab.feed.base import Feed
    from rugs_lab.views.lab_cell import LabView
    from rugs_lab.views.live import LiveView
    from rugs_lab.views.panels import Panels
    from rugs_lab.views.replay_cell import ReplayView

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
    from rugs_lab.views.panels import open_views

    feeds: tuple[Any, ...] = () if feed is None else (feed, *more)
    return open_views(feeds, name=name, height=height, record_to=record_to)


def replay(
    games: Any,
    rule: Any = None,
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
    rule
        A rule that trades paper money in it (see `rugs_lab.strategy`); you may trade the same account.
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
    from rugs_lab.views.replay_cell import open_replay

    return open_replay(
        games,
        rule=rule,
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
    rule: Any,
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
    """Try a rule: a form made from its parameters, the result on the games beside it while one drags.

    Nothing of it blocks the kernel: games are played on a thread of its own, a sample first, and the newest
    values win. Buttons run the rule with the values of the form in a replay of these games, or with paper
    money on a live feed, below.

    Parameters
    ----------
    rule
        A rule, a function ``rule(o, parameter=default)``, or any object that can be called with an
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
        For each parameter of the rule, if you like: a range ``(low, high)`` or ``(low, high, step)`` for its
        slider, a list of texts to choose from, or a value to begin with. Without it the slider of a number
        goes from about a quarter of its default to four times that.

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
    from rugs_lab.views.lab_cell import open_lab

    session = {"cash": cash, "target": target, "max_loss": max_loss, "max_games": max_games}
    return open_lab(
        rule, games, feed=feed, session=session, name=name, ranges={**parameters, **(ranges or {})}
    )
