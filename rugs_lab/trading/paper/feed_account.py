"""`FeedAccount`: an account that follows a feed, so that it is traded on what the feed brings.

It listens to the feed as any subscriber does, on a thread of its own, and can neither slow it nor send
anything. Live, replayed and simulated games are the same to it. What an outage does to open things:

* No order is taken while the data are stale, and pending orders are then rejected. A replay is never stale,
  also one that is not started and moved by ``step``, ``seek`` and ``finish``.
* A position and a side bet stay; they are settled by the game's true end as soon as the feed knows it, from a
  later message, the history or the seed. Until then the next game cannot be traded.
* If the end does not become known within `GIVEN_UP_AFTER` further games, or certainly never will, they are
  refunded at cost.

A replay is synchronous with it: no tick comes before the account is done with the tick before.
"""

from collections.abc import Callable
from functools import partial
from math import inf
from operator import index
from threading import RLock
from typing import Any, Final, TypeVar

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.game.phase import Phase
from rugs_lab.recordings.assembly.game_assembly import Tick
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Action, is_size, sell
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.paper.decision_trace import Answer, Trace
from rugs_lab.trading.strategy.observation import Observation

GIVEN_UP_AFTER: Final = 3
"""Games that may begin while the end of an earlier one is still looked for."""

_FRESH: Final = "live"
_CLOSED: Final = (Phase.GENESIS, Phase.COOLDOWN)
_EVENTS: Final = ("tick", "phase", "signal", "state")
_T = TypeVar("_T")


class FeedAccount:
    """An account on a feed; `Paper` is one with a strategy and statistics.

    The account changes while ticks come: look at it with `between_ticks`. `version` grows with every change.
    """

    def __init__(self, feed: Feed, account: Account) -> None:
        self.feed = feed
        self.account = account
        self.version = 0
        self.steps = Trace()
        self._lock = RLock()
        self._current: str | None = None
        self._begun_since = 0
        self._session = self._subscription = 0
        self.closed = False
        """Whether `close` was called."""
        self._newest: Tick | None = None
        self.exits: tuple[float | None, float | None] = None, None  # stop-loss, take-profit (x)

    def exit_at(self, stop: float | None = None, take: float | None = None) -> None:
        """Sell all once the price is at most `stop` or at least `take`, multipliers; None: no such limit.

        At the first such tick an ordinary order is given, which is filled at a later one, at its price; a rug
        comes first. Both hold until then, or to the end of the game.
        """
        for price in (stop, take):
            if price is not None and not (is_size(price) and 0 < price < inf):
                raise ArgumentError(f"stop and take are prices above 0, or None; got {price!r}")
        with self._lock:
            self.exits = stop, take
            self.version += 1

    def submit(
        self,
        action: Action,
        seen_tick: int | None = None,
        *,
        seen_game: str | None = None,
        late: bool = False,
    ) -> Order:
        """Give an order on what the feed shows now; it is pending or rejected when this returns.

        `seen_tick` is the tick that was seen when it was decided (-1: presale), by default the feed's newest,
        as for any beyond it; the fill is at a later one. In any other game than `seen_game`, or `late`, it is
        rejected, else also a demonstration. `ArgumentError` where something is not valid: no order was given.
        """
        with self._lock:
            other = seen_game is not None and seen_game != self.account.game_id
            outdated = Rejection.TOO_LATE if late else Rejection.OTHER_GAME if other else None
            order = self.account.submit(action, self._seen(seen_tick), outdated or self.rejection())
            if other:
                order.game_id = seen_game
                order.seen_tick = order.seen_tick if seen_tick is None else seen_tick
            self._submitted(order)
            self.version += 1
            return order

    def decide(
        self, observe: Callable[[], Observation | None], ask: Callable[[Observation], Answer | None]
    ) -> None:
        """Let a strategy decide on what `observe` returns between two ticks, and submit its orders.

        Ticks may come meanwhile; what is ordered counts as decided on the newest of them (in a replay, which
        waits, on the one that was seen). After a `reset` meanwhile the decision is dropped.
        """
        with self._lock:
            session, game_id = self._session, self.account.game_id
            o = observe()
        answer = None if o is None else ask(o)
        if o is None or answer is None:
            return
        with self._lock:
            if session != self._session:
                return
            seen = self.account.now if self.replayed else self.shown
            why = self.rejection(of_strategy=True)
            orders = [self.account.submit(action, seen, why) for action in answer.actions]
            self.steps.note(game_id, o, answer.seconds, orders)
            self.version += bool(orders)

    def sit_out(self, *, this_game: bool) -> None:
        """Note that its strategy was paused: from now, or from this game, only traded games count."""
        with self._lock:
            self.account.idle_from = max(0, len(self.account.games) - this_game)
            self.version += 1

    def cancel(self) -> int:
        """Cancel every pending order; return how many."""
        with self._lock:
            self.version += 1
            return sum(self.account.cancel(order) for order in list(self.account.pending))

    def reset(self, cash: float | None = None) -> None:
        """Begin a new session; see `Account.reset`.

        A replay then takes all games as not seen yet, and the running one is traded on from where it is.
        """
        with self._lock:
            self.account.reset(cash)
            self._session += 1
            self.steps, self.exits = Trace(), (None, None)
            if self.replayed and not self.closed:
                self.account.void()
                self.account.games.clear()
                self.account.game_id = None
                self._off()  # what is still on its way belongs to the session before
                self.feed.forget()
                self._current = self._newest = None
                self._join()
            self.version += 1

    def close(self) -> None:
        """Stop following the feed; the account is kept. Does nothing if already closed."""
        self.closed = True
        self._off()

    def between_ticks(self, look: Callable[[Account], _T]) -> _T:
        """Return ``look(account)``, called while no tick changes the account; `look` must not wait."""
        with self._lock:
            return look(self.account)

    def rejection(self, *, of_strategy: bool = False) -> Rejection | None:
        """Return why any order would be rejected now, apart from the account's own reasons; or None.

        A strategy (`of_strategy`) sees every tick once, so that a replay that was taken back does not concern
        it.
        """
        if not self.replayed and not (self.feed.running and self.feed.state == _FRESH):
            return Rejection.NO_DATA
        if self._waiting:
            return Rejection.NOT_SETTLED
        if self.account.now < 0 and self.feed.phase in _CLOSED:
            return Rejection.COOLDOWN
        frontier = self.feed.frontier()
        behind = frontier is not None and frontier > self.feed.book.running_length - 1
        return Rejection.SEEN_BEFORE if behind and not of_strategy else None

    @property
    def replayed(self) -> bool:
        """Whether the feed is a replay, whose data are never stale, started or not."""
        return self.feed.frontier() is not None

    @property
    def shown(self) -> int:
        """The newest tick of the account's game that the feed has shown; -1 before the first."""
        book, game_id = self.feed.book, self.account.game_id
        if game_id is not None and book.running is not None and book.running.id != game_id:
            ended = book.get(game_id)  # the end has not reached the account yet
            if ended is not None and ended.rug_tick is not None:
                return ended.rug_tick
        return book.running_length - 1

    def _join(self) -> None:
        """Follow the feed, and enter the game that runs already, at the newest tick that is known of it.

        What is still on its way to an earlier subscription is not taken.
        """
        self._subscription += 1
        self._off = self.feed.follow(partial(self._take, self._subscription), synchronous=True)
        game = self.feed.book.running
        if game is None:
            return
        self._enter(game.id)
        if game.rug_tick is not None:
            self.account.void()
        elif len(game):
            self.account.tick(len(game) - 1, float(game.prices[-1]))

    def _take(self, subscription: int, name: str, *what: Any) -> None:
        """Take one event of the feed, in its order."""
        if name not in _EVENTS or (name == "signal" and not self._waiting):
            return
        with self._lock:
            if subscription != self._subscription:
                return
            if name == "tick":
                self._take_tick(what[0])
            elif name == "phase":
                self._enter(what[0].after_game)
            elif name == "signal":
                self._settle_late()
            elif what[0] != _FRESH and not self.replayed:
                self.account.drop_orders(Rejection.NO_DATA)
                self.version += 1
        self._taken(name, what)

    def _submitted(self, order: Order) -> None:
        """Do what else is to be done after an order was given by hand; the lock is held."""

    def _taken(self, name: str, what: tuple[Any, ...]) -> None:
        """Do what else is to be done after an event was taken; the lock is free."""

    def _take_tick(self, tick: Tick) -> None:
        account = self.account
        self._enter(tick.game_id)
        self._newest = tick
        if tick.game_id != account.game_id or not account.tradeable or tick.tick <= account.now:
            return  # of a former game, or back-filled after the fact: the account does not go back
        (account.rug if tick.rug else account.tick)(tick.tick, tick.price)
        stop, take = self.exits
        met = (stop is not None and tick.price <= stop) or (take is not None and tick.price >= take)
        if met and account.position.nano_units and account.tradeable:
            account.submit(sell(), tick.tick, self.rejection(of_strategy=True))
            self.exits = None, None
        self.version += 1

    def _enter(self, game_id: str) -> None:
        if game_id == self._current:
            return
        self._current = game_id
        self._begun_since += 1
        self._settle_late()

    @property
    def _waiting(self) -> bool:
        """Whether the account is still in an earlier game than the feed."""
        return self._current is not None and self.account.game_id != self._current

    def _settle_late(self) -> None:
        """End the account's game by what the feed knows of it, and continue to the feed's."""
        account, current = self.account, self._current
        if current is None or account.game_id == current:
            return
        if account.tradeable and account.game_id is not None:
            account.drop_orders(Rejection.NO_DATA)
            game = self.feed.book.get(account.game_id)
            if game is not None and game.rug_tick is not None and game.rug_price > 0:
                if game.rug_tick > account.now:
                    account.rug(game.rug_tick, game.rug_price)
                else:
                    account.void()
            elif account.flat or self._begun_since > GIVEN_UP_AFTER or self.feed.never_ends(account.game_id):
                account.void()
            else:
                return
        account.begin(current)
        self.exits = None, None
        self._begun_since = 0
        self.version += 1
        newest = self._newest
        if newest is not None and newest.game_id == current:  # it was waited for while this game ran
            if newest.rug:
                account.void()
            else:
                account.tick(newest.tick, newest.price)

    def _seen(self, seen_tick: int | None) -> int:
        newest = self.shown
        if seen_tick is None:
            return newest
        if isinstance(seen_tick, bool) or not hasattr(seen_tick, "__index__") or index(seen_tick) < -1:
            raise ArgumentError(
                f"seen_tick is a whole number: a tick >= 0, or -1 for the presale; got {seen_tick!r}"
            )
        return min(index(seen_tick), newest)
