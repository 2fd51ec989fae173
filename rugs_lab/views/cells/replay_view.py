"""The replay cell: the live cell over a `ReplayFeed`, with controls, a list of games and paper trading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.replay.playlist import is_prices
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from rugs_lab.views.cells.live_view import LiveView
from rugs_lab.views.cells.open_views import Panels, checked_height, replace_predecessors
from rugs_lab.views.page.place import place_here
from rugs_lab.views.parts.game_facts import GameFactsPart
from rugs_lab.views.parts.game_list import MOST_LISTED, GameListPart
from rugs_lab.views.parts.other_trades import OtherTradesPart
from rugs_lab.views.parts.replay_controls import ReplayControlsPart
from rugs_lab.views.parts.trade_panel import TradePart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rugs_lab.game.phase import Phase
    from rugs_lab.views.page.part_base import Part

MOST_SIDE_BY_SIDE = 6


class ReplayView(LiveView):
    """The replay cell; displays itself. Made by `rugs_lab.replay`.

    It is moved as its page is: ``play()``, ``pause()``, ``step(n)``, ``back(n)``, ``seek(tick)``, ``next()``,
    ``previous()``, ``select(game)``, each done when it returns. ``playing``, ``tick``, ``speed`` and ``loop``
    can be read and set. ``game``, ``phase`` and ``frame`` say what is shown, ``account`` and ``paper`` what
    was traded; ``close()`` frees it, and ends the replay it made with its accounts.

    Attributes
    ----------
    feed
        The `ReplayFeed`: everything the page can do, and more, can be done with it.
    paper
        The paper account on it, with its frames ``ledger``, ``trades``, ``equity``, ``demonstrations``.
    """

    feed: ReplayFeed

    @property
    def playing(self) -> bool:
        """Whether it plays; can be set."""
        return self.feed.playing

    @playing.setter
    def playing(self, on: bool) -> None:
        self.feed.playing = on

    @property
    def tick(self) -> int:
        """The tick shown, -1 in presale; can be set, and is there when the assignment is done."""
        return self.feed.tick

    @tick.setter
    def tick(self, tick: int) -> None:
        self.feed.seek(tick)

    @property
    def speed(self) -> float:
        """1.0 is the real pace, ``inf`` as fast as it goes; can be set."""
        return self.feed.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self.feed.speed = speed

    @property
    def loop(self) -> bool:
        """Whether the first game comes again after the last one; can be set."""
        return self.feed.loop

    @loop.setter
    def loop(self, on: bool) -> None:
        self.feed.loop = on

    @property
    def phase(self) -> Phase:
        """Phase of the game shown."""
        return self.feed.phase

    def play(self) -> None:
        """Play on; see `ReplayFeed.play`."""
        self.feed.play()

    def pause(self) -> None:
        """Stay where it is until `play`."""
        self.feed.pause()

    def step(self, n: int = 1) -> None:
        """Pause, and go on by `n` known ticks; see `ReplayFeed.step`."""
        self.feed.step(n)

    def back(self, n: int = 1) -> None:
        """Pause, and go back by `n` known ticks; see `ReplayFeed.back`."""
        self.feed.back(n)

    def seek(self, tick: int) -> None:
        """Go to a tick of this game, -1 for the presale; see `ReplayFeed.seek`."""
        self.feed.seek(tick)

    def next(self) -> None:
        """Go to the beginning of the next game; see `ReplayFeed.next`."""
        self.feed.next()

    def previous(self) -> None:
        """Go to the beginning of the game before; see `ReplayFeed.previous`."""
        self.feed.previous()

    def select(self, game: int | str) -> None:
        """Go to a game, given by its position or its id; see `ReplayFeed.select`."""
        self.feed.select(game)

    @property
    def game(self) -> Game | None:
        """The game as far as it is shown."""
        return self.feed.game

    @property
    def account(self) -> Account:
        """The ledger of the paper account; while it plays, read the frames of `paper` instead."""
        return self.paper.account

    def __repr__(self) -> str:
        return f"<ReplayView {'closed' if self.closed else self.feed!r}>"


def open_replay(
    games: Any,
    *,
    strategy: Any,
    speed: float | None = None,
    playing: bool | None = None,
    cash: float,
    loop: bool | None = None,
    shuffle: bool | None = None,
    blind: bool,
    name: str | None,
    height: int,
) -> ReplayView | Panels:
    """Make the view, or several side by side for a list; see `rugs_lab.replay`."""
    checked_height(height)
    Account(cash)
    if strategy is not None:
        as_strategy(strategy).ready()  # what is wrong is said before anything is changed or replaced
    several = isinstance(games, list | tuple) and len(games) > 1 and not is_prices(games)
    if several and len(games) > MOST_SIDE_BY_SIDE:
        raise ArgumentError(
            f"a list is replayed side by side, at most {MOST_SIDE_BY_SIDE} games at once; got {len(games)}. "
            "For one cell that plays them in turn give rl.Games(list)"
        )
    sources = list(games) if several else [games[0] if _is_list_of_one(games) else games]
    given = {"speed": speed, "playing": playing, "loop": loop, "shuffle": shuffle}
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    feeds = []
    for source in sources:
        ours = not isinstance(source, ReplayFeed)
        feed = ReplayFeed(_playlist(source), **settings) if ours else _set(source, settings)
        feeds.append((feed, source, ours))
    place = place_here(name)
    replace_predecessors(tuple(feed for feed, _, _ in feeds), place)
    views = tuple(
        _view(feed, source, strategy, cash, blind, owns_feed=ours, height=height, place=place)
        for feed, source, ours in feeds
    )
    for view in views:
        view.feed.start()
    return views[0] if len(views) == 1 else Panels(views)


def _view(
    feed: ReplayFeed, source: Any, strategy: Any, cash: float, blind: bool, **options: Any
) -> ReplayView:
    accounts_of(feed).hand_account(cash, strategy)
    playlist = _listed(_playlist(source), feed)
    parts: list[Part] = [
        ReplayControlsPart(feed, blind=blind),
        TradePart(feed, cash_sol=cash),
        OtherTradesPart(feed),
        GameFactsPart(feed, playlist, blind=blind),
    ]
    if playlist is not None and len(playlist) > 1 and not blind:
        parts.append(GameListPart(feed, playlist))
    return ReplayView(feed, parts=parts, recordable=False, **options)


def _set(feed: ReplayFeed, settings: Mapping[str, Any]) -> ReplayFeed:
    """Have a feed that was given play as is wished; whether it plays at all comes last."""
    for name, value in sorted(settings.items(), key=lambda each: each[0] == "playing"):
        setattr(feed, name, value)
    return feed


def _listed(playlist: Any, feed: ReplayFeed) -> Games | None:
    """Return the games that the feed plays, in its order; None where they cannot be listed."""
    if not isinstance(playlist, Games) or len(playlist) > MOST_LISTED:
        return None
    left_out = {game.id for game in feed.skipped}
    return playlist[[game_id not in left_out for game_id in playlist.ids]] if left_out else playlist


def _playlist(source: Any) -> Any:
    """Return games as `Games`, so that they can be listed; anything else as it is."""
    if isinstance(source, Game):
        return Games([source])
    if isinstance(source, list | tuple) and source and all(isinstance(each, Game) for each in source):
        return Games(source)
    return source


def _is_list_of_one(values: Any) -> bool:
    return isinstance(values, list | tuple) and len(values) == 1 and not is_prices(values)
