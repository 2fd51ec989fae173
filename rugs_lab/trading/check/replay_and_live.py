"""A strategy with paper money on feeds of known games, compared with the tick-by-tick engine.

A replay waits for its synchronous subscribers, so there the ledger must be that of a backtest. A live feed
waits for nobody: an order decided too slowly is filled later, which is honest. So the live feed is compared
with a backtest in which each order is as late as it was there: every decision and every line of the ledger
must be the same. Without a late order that is the plain backtest.
"""

from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from typing import Final

import numpy as np

from rugs_lab.errors import FeedTimeoutError
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.check.check_report import Finding
from rugs_lab.trading.check.look_ahead import NotedStrategy
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.strategy.strategy_registry import as_strategy

SPEED: Final = 100.0
"""Of the live feed: 400 ticks a second."""

LIVE_GAMES: Final = 6
LIVE_TICKS: Final = 1_200
"""About so many ticks are traded live."""

LIMIT_S: Final = 60.0

_NOT_RECEIVED: Final = (Rejection.NO_DATA, Rejection.NOT_SETTLED)


def on_replay(strategy: Strategy, games: Games, options: Options) -> Finding:
    """Trade a replay, and compare the ledger with that of the backtest."""
    from rugs_lab.feed.replay.replay_feed import ReplayFeed

    session = _session(options)
    started = Games([game for game in games if not np.isnan(game.prices).all()])
    ours = _ledger(play_ticks(strategy, started, session).accounts[0])
    feed = ReplayFeed(started, speed=float("inf"))
    paper = Paper(feed, session.account(), strategy=strategy)
    try:
        feed.start()
        feed.finish(timeout=LIMIT_S)
    finally:
        feed.stop()
        paper.close()
    n = len(started)
    if paper.strategy_error:
        return Finding("replay", False, n, f"on a replay it was stopped: {paper.strategy_error}")
    if paper.account.tradeable:  # the last game runs still: in the backtest what is open is refunded
        paper.account.void()
    other = _difference(ours, _ledger(paper.account), "the replay")
    if other:
        return Finding("replay", False, n, other)
    words = f"paper money on a replay of {n} games has the same ledger, {len(ours)} lines"
    return Finding("replay", True, n, words)


def on_live_feed(strategy: Strategy, games: Sequence[Game], options: Options) -> Finding:
    """Trade a live feed of the built-in server over a socket, and compare decisions and ledger."""
    chosen = _some(games)
    if not chosen:
        return Finding("live", None, 0, "no game of which every tick is known")
    session, n = _session(options), len(chosen)
    theirs, ours = NotedStrategy(strategy), NotedStrategy(strategy)
    paper = _traded(theirs, chosen, session)
    if paper is None:
        return Finding("live", None, n, f"the games did not come within {LIMIT_S:g} s")
    if paper.strategy_error:
        return Finding("live", False, n, f"on a live feed it was stopped: {paper.strategy_error}")
    as_late = _AsLate(paper.account.orders, session)
    play_ticks(as_strategy(ours), Games(chosen), session, as_late)
    in_time = [each[:2] for each in ours.decisions] == [each[:2] for each in theirs.decisions]
    if not in_time or any(order.reason in _NOT_RECEIVED for order in paper.account.orders):
        words = f"not compared: it received {len(theirs.decisions)} of {len(ours.decisions)} ticks in time"
        return Finding("live", None, n, words)
    for one, two in zip(ours.decisions, theirs.decisions, strict=True):
        if one != two:
            words = f"game {one[0]}, tick {one[1]}: {one[2]}; on the live feed {two[2]}"
            return Finding("live", False, n, words)
    other = _difference(_ledger(as_late), _ledger(paper.account), "the live feed")
    if other:
        return Finding("live", False, n, other)
    orders = zip(paper.account.orders, theirs.order_ticks, strict=True)
    late = sum(order.seen_tick > tick for order, tick in orders)
    words = (
        f"paper money on a live feed of {n} games decided the same at {len(ours.decisions)} ticks and has "
        f"the same ledger, {len(paper.account.entries)} lines; {late} of {len(theirs.order_ticks)} orders "
        "came late"
    )
    return Finding("live", True, n, words)


def _session(options: Options) -> Options:
    return replace(options, carry=True, take=None, loss=None, max_games=None)


def _some(games: Sequence[Game]) -> list[Game]:
    """Return a few games of which everything is known."""
    found: list[Game] = []
    for game in games:
        end = game.rug_tick
        if end is None or not end or end + 1 != len(game.prices) or not (game.prices > 0).all():
            continue
        if len(found) < LIVE_GAMES and sum(map(len, found)) + len(game) <= LIVE_TICKS:
            found.append(Game(game.id, game.prices, rug_tick=end))
    return found


def _traded(strategy: NotedStrategy, games: Sequence[Game], session: Options) -> Paper | None:
    """Return paper money after a live feed of games; None when they did not come."""
    from rugs_lab.feed.live.live_feed import LiveFeed
    from rugs_lab.feed.server.game_server import GameServer

    ended, last = Event(), games[-1].id
    with GameServer(speed=SPEED, games=games, wait_for_client=True) as server:
        feed = LiveFeed(server.url)
        paper = Paper(feed, session.account(), strategy=strategy)
        feed.on("game", lambda game: ended.set() if game.id == last else None)
        try:
            feed.start().wait(messages=1, timeout=LIMIT_S)
            came = ended.wait(LIMIT_S) and feed.dispatcher.wait_idle(LIMIT_S)
        except FeedTimeoutError:
            came = False
        finally:
            paper.close()
            feed.stop()
    return paper if came else None


class _AsLate(Account):
    """An account whose orders come as late as some others did."""

    def __init__(self, others: Sequence[Order], session: Options) -> None:
        super().__init__(session.cash_sol, **session.rules)
        self._others = others

    def submit(
        self, action: Action, seen_tick: int | None = None, rejection: Rejection | None = None
    ) -> Order:
        place = len(self.orders)
        if place < len(self._others) and self._others[place].game_id == self.game_id:
            seen_tick = self._others[place].seen_tick
        return super().submit(action, seen_tick, rejection)


def _difference(ours: Sequence[Entry], theirs: Sequence[Entry], where: str) -> str:
    """Return the first difference of two ledgers in words; empty without one."""
    for one, two in zip(ours, theirs, strict=False):
        if one != two:
            return f"game {one.game_id}, tick {one.tick}: {one.what}; on {where} {two.what} at {two.tick}"
    if len(ours) != len(theirs):
        return f"{len(ours)} changes of cash in the backtest, {len(theirs)} on {where}"
    return ""


def _ledger(account: Account) -> list[Entry]:
    return [entry._replace(place=0) for entry in account.entries]
