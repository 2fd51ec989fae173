"""The replay widget: the live widget over a `ReplayFeed`, with controls, a game list and paper trading."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from math import inf
from os import PathLike
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypedDict, Unpack, overload

from numpy.typing import ArrayLike

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.playlist import is_prices
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.figures.price_figure import PRICE_HEIGHT
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.strategy.strategy import StrategyLike
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from rugs_lab.views.cells.live_view import LiveView
from rugs_lab.views.cells.open_views import Panels, checked_height, replace_predecessors, shown_parts
from rugs_lab.views.page.notebook_place import place_here
from rugs_lab.views.page.part_base import Part
from rugs_lab.views.page.shown_traits import Shown
from rugs_lab.views.parts.alerts_panel import AlertsPart
from rugs_lab.views.parts.game_facts import GameFactsPart
from rugs_lab.views.parts.game_list import MOST_LISTED, GameListPart
from rugs_lab.views.parts.other_trades import OtherTradesPart
from rugs_lab.views.parts.replay_controls import REPLAY_PARTS, ReplayControlsPart
from rugs_lab.views.parts.trade_panel import TradePart

Source = Game | Games | ReplayFeed | ArrayLike | str | PathLike[str]

MOST_SIDE_BY_SIDE = 6
P = ParamSpec("P")


def _moved_by(
    method: Callable[Concatenate[ReplayFeed, P], None],
) -> Callable[Concatenate[ReplayView, P], None]:
    @wraps(method)
    def move(view: ReplayView, /, *args: P.args, **kwargs: P.kwargs) -> None:
        method(view.feed, *args, **kwargs)

    return move


class ReplayView(LiveView):
    """The replay widget; displays itself. Made by `rugs_lab.replay`.

    It is moved as its page is: ``play()``, ``pause()``, ``step(n)``, ``back(n)``, ``seek(tick)``, ``next()``,
    ``previous()``, ``select(game)``, each done when it returns. ``playing``, ``tick`` (-1 in presale),
    ``speed`` (1.0 is the real pace, ``inf`` as fast as it goes), ``game_id`` and ``loop`` are traits that can
    be read and set: ``ipywidgets.link((slider, "value"), (view, "tick"))`` works both ways.
    ``game``, ``phase`` and ``frame`` are what is shown, ``account`` and ``paper`` what was traded;
    ``close()`` frees it, and ends the replay it made with its accounts.

    Attributes
    ----------
    feed
        The `ReplayFeed`: everything the page can do, and more, can be done with it.
    paper
        The paper account on it, with its frames ``ledger``, ``trades``, ``equity``, ``demonstrations``.
    """

    feed: ReplayFeed
    _games: Games | None = None

    playing = Shown[bool](lambda view: view.feed.playing, lambda view, on: setattr(view.feed, "playing", on))
    tick = Shown[int](lambda view: view.feed.tick, lambda view, tick: view.feed.seek(tick))
    speed = Shown[float](
        lambda view: view.feed.speed,
        lambda view, speed: setattr(view.feed, "speed", inf if speed is None else speed),
    )
    loop = Shown[bool](lambda view: view.feed.loop, lambda view, on: setattr(view.feed, "loop", on))
    game_id = Shown[str | None](
        lambda view: view.feed.tracker.game_id, lambda view, game: view.feed.select(game)
    )

    play = _moved_by(ReplayFeed.play)
    pause = _moved_by(ReplayFeed.pause)
    step = _moved_by(ReplayFeed.step)
    back = _moved_by(ReplayFeed.back)
    seek = _moved_by(ReplayFeed.seek)
    next = _moved_by(ReplayFeed.next)
    previous = _moved_by(ReplayFeed.previous)
    select = _moved_by(ReplayFeed.select)

    @property
    def game(self) -> Game | None:
        """The game as far as it is shown."""
        return self.feed.game

    @property
    def account(self) -> Account:
        """The ledger of the paper account; while it plays, read the frames of `paper` instead."""
        return self.paper.account

    def save(
        self, path: str | PathLike[str], *, strategy: StrategyLike | None = None, cash: float = 1.0
    ) -> Path:
        """Write one HTML file that replays these games without Python or a network; return its path.

        Chart, playback controls, list of games, and what a strategy does in them: trades, side bets, its
        ledger. Made by playing the games once, which takes some seconds a game. Ten games are 1.5 to 2 MB.

        Parameters
        ----------
        path
            ``.html``
        strategy, cash
            Trades paper money in the file, from so much cash, SOL.

        Raises
        ------
        ArgumentError
            Another ending, no games that can be listed, or more than 50.
        OSError
            The file cannot be written.
        """
        from rugs_lab.views.cells.replay_file import save_replay

        if self._games is None:
            raise ArgumentError(
                "a replay of a raw event log cannot be saved: use rl.replay(rl.load(path)) for its games"
            )
        chosen = None if strategy is None else as_strategy(strategy)
        return save_replay(self._games, path, strategy=chosen, cash_sol=cash, height=self.height)

    def __repr__(self) -> str:
        return f"<ReplayView {'closed' if self.closed else self.feed!r}>"


class _Options(TypedDict, total=False):
    playing: bool | None
    cash: float
    loop: bool | None
    shuffle: bool | None
    blind: bool
    name: str | None
    height: int
    parts: Sequence[str] | None


@overload
def replay(
    games: Source,
    strategy: StrategyLike | None = None,
    speed: float | None = None,
    **options: Unpack[_Options],
) -> ReplayView: ...
@overload
def replay(
    games: Sequence[Source],
    strategy: StrategyLike | None = None,
    speed: float | None = None,
    **options: Unpack[_Options],
) -> ReplayView | Panels: ...
def replay(
    games: Source | Sequence[Source],
    strategy: StrategyLike | None = None,
    speed: float | None = None,
    *,
    playing: bool | None = None,
    cash: float = 1.0,
    loop: bool | None = None,
    shuffle: bool | None = None,
    blind: bool = False,
    name: str | None = None,
    height: int = PRICE_HEIGHT,
    parts: Sequence[str] | None = None,
) -> ReplayView | Panels:
    """Replay recorded games as if they were live, and trade them with paper money.

    Keys, while the widget has the focus: space or ``L`` play and pause, the arrows step one tick back or
    forward, home and end, ``+`` and ``-`` the speed.

    Parameters
    ----------
    games
        A `Game`; `Games`, played in turn, with a list to choose from; an array of prices; the path of a raw
        event log; a `ReplayFeed`. A list of up to six of these is replayed side by side, each with its own
        account.
    strategy
        A strategy that trades paper money in it (see `rugs_lab.trading`); you may trade the same account.
    speed
        1.0 is the real pace, 0.25 to 10, or ``float("inf")``: as fast as it goes. Default: 1.0. For a
        `ReplayFeed`, `speed`, `playing`, `loop` and `shuffle` keep its own settings unless given.
    playing
        Whether playback starts immediately. Default: True.
    cash
        Starting cash of the paper account, SOL. It carries over from game to game. A `ReplayFeed` that was
        traded by hand before keeps its account; ``view.paper.reset(cash)`` starts again.
    loop, shuffle
        Begin again at the end; play the games in a random order.
    blind
        Hide the length of a game until it has been played; the list of games is not shown.
    name, height, parts
        As in `watch`; the parts are ``chart``, ``controls``, ``games``, ``trade``, ``facts``, ``health``.

    Returns
    -------
    ReplayView or Panels
        ``view.tick``, ``view.playing`` and ``view.speed`` can be read and set; ``view.step()`` and the other
        methods move it; ``view.frame``, ``view.game`` and ``view.paper`` give the data back.

    Raises
    ------
    ArgumentError
        Nothing that can be played, an unknown part, a speed out of range, or too many games for one row.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> view = rl.replay(rl.sample()[0], playing=False, name="docs")
    >>> view.tick = 12
    >>> len(view.game), view.playing
    (13, False)
    >>> view.close()
    """
    shown = shown_parts(parts, checked_height(height), REPLAY_PARTS)
    Account(cash)
    if strategy is not None:
        as_strategy(strategy).ready()  # raises before anything is changed or replaced
    sources: list[Any] = [games]
    if isinstance(games, list | tuple) and games and not is_prices(games):
        sources = list(games)
    if len(sources) > MOST_SIDE_BY_SIDE:
        raise ArgumentError(
            f"a list is replayed side by side, at most {MOST_SIDE_BY_SIDE} games; got {len(sources)}. For "
            "one widget that plays them in turn give rl.Games(list)"
        )
    given = {"speed": speed, "playing": playing, "loop": loop, "shuffle": shuffle}
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    feeds = []
    for source in sources:
        if isinstance(source, ReplayFeed):
            feeds.append((_set(source, settings), source, False))
        else:
            feeds.append((ReplayFeed(_playlist(source), **settings), source, True))
    place = place_here(name)
    replace_predecessors(tuple(feed for feed, _, _ in feeds), place)
    for feed, _, _ in feeds:
        accounts_of(feed).hand_account(cash, strategy)
    views = tuple(
        _view(feed, source, cash, blind, owns_feed=ours, height=height, shown=shown, place=place)
        for feed, source, ours in feeds
    )
    for view in views:
        view.feed.start()
    return views[0] if len(views) == 1 else Panels(views)


def _view(feed: ReplayFeed, source: Source, cash: float, blind: bool, **options: Any) -> ReplayView:
    playlist = _listed(_playlist(source), feed)
    parts: list[Part] = [
        ReplayControlsPart(feed, blind=blind),
        TradePart(feed, cash_sol=cash),
        OtherTradesPart(feed),
        AlertsPart(feed),
        GameFactsPart(feed, playlist, blind=blind),
    ]
    if playlist is not None and len(playlist) > 1 and not blind:
        parts.append(GameListPart(feed, playlist))
    view = ReplayView(feed, parts=parts, recordable=False, **options)
    view._games = playlist
    return view


def _set(feed: ReplayFeed, settings: Mapping[str, Any]) -> ReplayFeed:
    """Give a feed these settings; whether it plays at all comes last."""
    for name, value in sorted(settings.items(), key=lambda each: each[0] == "playing"):
        setattr(feed, name, value)
    return feed


def _listed(playlist: Source, feed: ReplayFeed) -> Games | None:
    """Return the games that the feed plays, in its order; None where they cannot be listed."""
    if not isinstance(playlist, Games) or len(playlist) > MOST_LISTED:
        return None
    left_out = {game.id for game in feed.skipped}
    return playlist[[game_id not in left_out for game_id in playlist.ids]] if left_out else playlist


def _playlist(source: Any) -> Any:
    """Return games as `Games`, so that they can be listed; anything else as it is."""
    if isinstance(source, list | tuple) and source and all(isinstance(each, Game) for each in source):
        return Games(source)
    return Games([source]) if isinstance(source, Game) else source
