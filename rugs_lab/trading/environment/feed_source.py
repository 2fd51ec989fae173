"""`FeedSource`: the environment's games are those that a feed brings, at its pace.

The account is a `Paper` whose strategy hands each observation to the agent and waits for its decision. So
what holds for strategies on a feed holds for agents: every tick is seen once, also if a replay is taken back;
an outage rejects orders; a replay waits for its agent, a live feed for nobody.
"""

import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, Final, Self

import numpy as np

from rugs_lab.errors import ArgumentError, FeedError, FeedTimeoutError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Action, Decision
from rugs_lab.trading.account.orders import OrderStatus
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.environment.game_source import Moment, at_the_rug
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.observation import Observation

NO_LIMIT_S: Final = 1e6
"""Time for a decision: an agent may think for as long as it likes."""

_LOOK_S: Final = 0.2


class FeedSource:
    """The games of a feed, as a source of episodes; the feed is started if it never was."""

    def __init__(self, feed: Feed, options: Options, session: int = 1, timeout_s: float = 60.0) -> None:
        self._feed = feed
        self._timeout_s = timeout_s
        self._bridge = _Bridge(session, patient=feed.frontier() is not None)
        self._paper = _SourcePaper(feed, options, self._bridge)
        self._playing = False
        self._seen = 0
        self._starting: Thread | None = None

    @property
    def account(self) -> Account:
        """The account of the current session."""
        return self._paper.account

    def restart(self, order: np.random.Generator | None) -> None:
        """Do nothing, for a feed continues: what comes next cannot be chosen."""
        if order is not None:
            hint = "use ReplayFeed(..., shuffle=True)"
            raise ArgumentError(f"the order of a feed's games cannot be chosen: {hint}")

    def choose(self, game: int | str) -> None:
        """Raise: a game of a feed cannot be selected."""
        raise ArgumentError(f"a game of a feed cannot be selected; got game {game!r}")

    def begin(self, *, session: bool) -> Moment:
        """Wait for the beginning of the next game.

        A game that is under way is left alone; one that the agent leaves early is played to its end without
        further orders, and with it its session.
        """
        if not self._feed.running and not self._feed.state.since_ns:
            # A replay's start waits for its synchronous subscribers, so for the agent, which waits here.
            self._starting = Thread(target=self._feed.start, name="rugs_lab start", daemon=True)
            self._starting.start()
        self._bridge.invite(leaving=self._playing)
        moment = self._next()
        self._seen = len(self.account.orders)
        return moment._replace(rejected=0)

    def act(self, actions: Iterable[Action]) -> Moment:
        """Give orders, and wait for the next tick."""
        self._bridge.decisions.put(tuple(actions))
        return self._next()

    def close(self) -> None:
        """Leave the feed, which continues."""
        self._bridge.leave()
        self._paper.close()

    def _next(self) -> Moment:
        until = time.monotonic() + self._timeout_s
        while True:
            try:
                moment = self._bridge.moments.get(timeout=_LOOK_S)
                break
            except Empty:
                self._say_why(until)
        self._playing = not moment.ended
        return moment._replace(rejected=self._rejected())

    def _say_why(self, until: float) -> None:
        """Raise if nothing will come, or not in time."""
        feed, paper = self._feed, self._paper
        if paper.strategy_error:
            raise FeedError(f"the environment is no longer in step with the feed: {paper.strategy_error}")
        over = getattr(feed, "ended", False) and feed.dispatcher.wait_idle(0.0)
        if over and self._bridge.moments.empty():
            raise FeedError("the replay is at its end: no game follows; make it with loop=True")
        if not feed.running and (self._starting is None or not self._starting.is_alive()):
            raise FeedError(f"no data will arrive: the feed is {feed.state}; call start() on it")
        if time.monotonic() > until:
            raise FeedTimeoutError(
                f"waited {self._timeout_s:g} s for the next tick; feed {feed.state}, phase {feed.phase}"
            )

    def _rejected(self) -> int:
        """Count the orders that were rejected since this was last asked."""
        orders = self.account.orders
        newest = orders[self._seen :]
        self._seen += next((n for n, o in enumerate(newest) if o.status is OrderStatus.PENDING), len(newest))
        return sum(order.status is OrderStatus.REJECTED for order in newest)


class _Bridge:
    """The strategy at the feed; the agent is at the other end of its queues."""

    presale = True

    def __init__(self, session: int, *, patient: bool) -> None:
        self.moments: SimpleQueue[Moment] = SimpleQueue()
        self.decisions: SimpleQueue[tuple[Action, ...]] = SimpleQueue()
        self.paper: Paper | None = None
        self.open = False
        """Whether an agent is asked at all."""
        self._session = session
        self._patient = patient
        self._lock = Lock()
        self._playing: str | None = None
        self._passed: str | None = None
        self._invited = self._fresh = False
        self._played = 0

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def invite(self, *, leaving: bool) -> None:
        """Say that the agent wants the next game; `leaving`: it is still in another one."""
        with self._lock:
            if leaving:
                self._passed, self._playing = self._playing, None
                self._fresh, self._played = True, 0
                self.decisions.put(())
            self._invited = True

    def leave(self) -> None:
        """Say that the agent decides no more."""
        self.open = False
        self.decisions.put(())

    def begin_game(self, game_id: str) -> None:
        """Take the account to the next game; called between two ticks, with the lock of the `Paper`."""
        self.finish()
        paper = self.paper
        if paper is not None and self._fresh:
            self._fresh = False
            paper.account.reset()
            paper.driver._observer.begin_session(paper.account)

    def finish(self) -> None:
        """Report to the agent that its game has ended, if it has; called as `begin_game` is."""
        paper, game_id = self.paper, self._playing
        if paper is None or game_id is None:
            return
        account = paper.account
        if account.game_id == game_id and account.tradeable:
            return
        game = paper.feed.book.get(game_id)
        seen = paper.driver._observer.observation()
        ended = next(each.ended for each in reversed(account.games) if each.game_id == game_id)
        if game is not None and game.rug_tick is not None and ended == "rug":
            seen = at_the_rug(seen, game.rug_tick, game.rug_price, game.prices[: game.rug_tick])
        with self._lock:
            self._playing = None
            self._played += 1
            if self._played >= self._session:
                self._fresh, self._played = True, 0
            self.moments.put(Moment(seen, game_id, account.cash, ended))

    def __call__(self, o: Observation) -> Decision:
        if self.paper is None or not self.open:
            return None
        game_id = self.paper.account.game_id or ""
        with self._lock:
            if self._playing != game_id:
                if o.tick > 0 or game_id == self._passed or not (self._invited or self._patient):
                    return None
                self._invited = False
                self._playing = game_id
            self.moments.put(Moment(o, game_id, round(o.equity * 1e9)))
        actions = self.decisions.get()
        return actions if len(actions) == 2 else (actions[0] if actions else None)


class _SourcePaper(Paper):
    """Paper money that reports the end of a game to the bridge as soon as the account has it."""

    def __init__(self, feed: Feed, options: Options, bridge: _Bridge) -> None:
        self._bridge = bridge
        bridge.paper = self
        super().__init__(feed, options.account(), strategy=bridge)
        self.driver.limit_s = NO_LIMIT_S
        bridge.open = True

    def _taken(self, name: str, what: tuple[Any, ...]) -> None:
        super()._taken(name, what)
        self.between_ticks(lambda _: self._bridge.finish())
