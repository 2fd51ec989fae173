"""`Paper`: an account that follows a feed, so that paper money is traded on what the feed brings.

It listens to the feed as any subscriber does, on a thread of its own, and can neither slow it nor send
anything. Live, replayed and simulated games are the same to it. What an outage does to open things:

* No order is taken while the data are stale, and orders that wait then end. A replay is never stale, also
  one that is not started and moved by ``step``, ``seek`` and ``finish``.
* A position and a side bet stay; they are settled by the game's true end as soon as the feed knows it, from a
  later frame, the history or the seed. Until then the next game cannot be traded.
* If the end does not become known within `GIVEN_UP_AFTER` further games, or the feed says that it never will,
  they are given back at cost.

A replay goes in lockstep with it: no tick comes before the account is done with the tick before.
"""

from __future__ import annotations

from functools import partial
from operator import index
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.paper.demonstrations import (
    Demonstration,
    demonstrations_frame,
    save_demonstrations,
    seen,
)
from rugs_lab.trading.paper.rivals import Rivals
from rugs_lab.trading.paper.strategy_driver import Driven, StrategyDriver
from rugs_lab.trading.strategy.strategy import as_strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike
    from pathlib import Path

    from rugs_lab.feed.core.feed import Feed
    from rugs_lab.recordings.assembly.game_assembly import Tick
    from rugs_lab.trading.account.actions import Action

GIVEN_UP_AFTER: Final = 3
"""Games that may begin while the end of an earlier one is still looked for."""

_FRESH: Final = "live"
_HEARD: Final = ("tick", "phase", "signal", "state")


class Paper(Driven):
    """Paper money on a feed.

    Parameters
    ----------
    feed
        Any `rugs_lab.feed.core.feed.Feed`.
    account
        Goes on with this account; by default a new one.
    cash_sol
        Cash of the new one, SOL.
    shorts
        Of the new one: None, or ``"linear"``, an assumption; see `Account`.
    strategy
        Trades on the feed's ticks, see `rugs_lab.trading.paper.strategy_driver`; by default nobody but you
        does.
    params
        Values of its parameters.

    Attributes
    ----------
    feed, account
        The account changes while ticks come: read its frames here (`ledger`, `trades`, `equity`, `orders`).

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from rugs_lab.trading.account.actions import buy
    >>> feed = rl.demo(speed=50, seed=7).wait(ticks=3)
    >>> paper = Paper(feed, cash_sol=1.0)
    >>> paper.submit(buy(0.1)).reason is None
    True
    >>> paper.close()
    >>> feed.stop()
    """

    def __init__(
        self,
        feed: Feed,
        account: Account | None = None,
        *,
        cash_sol: float = 1.0,
        shorts: str | None = None,
        strategy: Any = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        # before the feed is followed, so that an error leaves nothing behind
        made = None if strategy is None else as_strategy(strategy, **(params or {})).ready()
        self.feed = feed
        self.account = Account(cash_sol, shorts=shorts) if account is None else account
        self.version = 0
        """Grows with every change that a view would show."""
        self._demonstrations: list[Demonstration] = []
        self._lock = RLock()
        self._current: str | None = None
        self._begun_since = 0
        self._session = 0
        self._closed = False
        self._newest: Tick | None = None
        self._rivals = Rivals(self)
        with self._lock:  # what comes meanwhile waits
            self._off = self._follow()
            self._take_up()
            self.driver = StrategyDriver(self, made)
        self.driver.presale()

    def submit(self, action: Action, seen_tick: int | None = None) -> Order:
        """Give an order on what the feed shows now; it is pending or rejected when this returns.

        Parameters
        ----------
        action
            From `buy`, `sell`, `sidebet`, `short` or `cover`.
        seen_tick
            The tick that was seen when it was decided (-1: presale); by default the feed's newest, as for
            any beyond it. The fill is at a later one in any case.

        Raises
        ------
        ArgumentError
            `action` is no order, its size no number, or `seen_tick` no tick; no order was given then.
        """
        with self._lock:
            at = self._seen(seen_tick)
            reason = self.refusal()
            order = self.account.submit(action, at, reason)
            game = self.feed.book.running
            prices = () if game is None else game.prices[: max(order.seen_tick, -1) + 1].tolist()
            self._demonstrations.append(seen(order, self.account, prices))
            self.version += 1
            return order

    def cancel(self) -> int:
        """Take back every order that still waits; return how many."""
        with self._lock:
            self.version += 1
            return sum(self.account.cancel(order) for order in list(self.account.pending))

    def reset(self, cash_sol: float | None = None) -> None:
        """Begin a new session; see `Account.reset`.

        A replay then takes all games as not seen yet, and the running one is traded on from where it is.

        Raises
        ------
        ArgumentError
            `cash_sol` is no amount; nothing has changed then.
        """
        with self._lock:
            self.account.reset(cash_sol)
            self._demonstrations = []
            self._rivals.forget()
            if self._replayed and not self._closed:
                self.account.void()
                self.account.games.clear()
                self.account.game_id = None
                self._off()  # what was still to be heard belongs to the session before
                self.feed.forget()
                self._off = self._follow()
                self._current = self._newest = None
                self._take_up()
            self.driver.reset()
            self.version += 1

    def close(self) -> None:
        """Listen no longer; the account stays as it is. Again does nothing."""
        self._closed = True
        self._off()
        self.driver.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @property
    def ledger(self) -> Any:
        """``account.ledger``, taken between two ticks."""
        with self._lock:
            return self.account.ledger

    @property
    def trades(self) -> Any:
        """``account.trades``, taken between two ticks."""
        with self._lock:
            return self.account.trades

    @property
    def equity(self) -> Any:
        """``account.equity``, taken between two ticks."""
        with self._lock:
            return self.account.equity

    @property
    def orders(self) -> Any:
        """Every order of the session; see `rugs_lab.trading.account.account_frames.orders_frame`."""
        from rugs_lab.trading.account.account_frames import orders_frame

        with self._lock:
            return orders_frame(self.account.orders)

    @property
    def stats(self) -> Any:
        """Statistics of the games that are over, labelled as in `rugs_lab.trading.backtest.run.Run.stats`.

        With n, 95 % intervals and baselines, and how often and how long the strategy decided (ms).
        """
        from rugs_lab.trading.paper.paper_stats import stats_of

        return stats_of(self)

    @property
    def versus_humans(self) -> Any:
        """Each finished game beside those who played it; see `rugs_lab.trading.paper.rivals.Rivals.frame`."""
        return self._rivals.frame

    @property
    def demonstrations(self) -> Any:
        """What was done by hand and what was seen then.

        See `rugs_lab.trading.paper.demonstrations.demonstrations_frame`.
        """
        with self._lock:
            return demonstrations_frame(self._demonstrations)

    def save_demonstrations(self, path: str | PathLike[str]) -> Path:
        """Write what was done by hand to a JSON lines file, the prices that were seen included.

        See `rugs_lab.trading.paper.demonstrations.save_demonstrations`.
        """
        with self._lock:
            return save_demonstrations(self._demonstrations, path)

    def between_ticks(self, look: Callable[[Account], Any]) -> Any:
        """Return ``look(account)``, called while no tick changes the account; `look` must not wait."""
        with self._lock:
            return look(self.account)

    def __repr__(self) -> str:
        idle = "" if self._replayed or self.feed.running else "; the feed is stopped: nothing is decided"
        return f"<Paper on {self.feed.source}: {self.account!r}{idle}>"

    def _follow(self) -> Callable[[], None]:
        """Listen, as a new session; what is still on its way to an earlier one is not taken."""
        self._session += 1
        return self.feed.follow(partial(self._heard, self._session), synchronous=True)

    def _heard(self, session: int, name: str, *what: Any) -> None:
        """Take one event of the feed, in its order, and let the strategy see it."""
        if name not in _HEARD or (name == "signal" and not self._waiting):
            return
        with self._lock:
            if session != self._session:
                return
            if name == "tick":
                self._take_tick(what[0])
            elif name == "phase":
                self._enter(what[0].after_game)
            elif name == "signal":
                self._settle_late()
            elif what[0] != _FRESH and not self._replayed:
                self.account.drop_orders(Rejection.NO_DATA)
                self.version += 1
        self.driver.heard(name, what)

    def _take_up(self) -> None:
        """Enter the game that runs already, at the newest tick that is known of it."""
        game = self.feed.book.running
        if game is None:
            return
        self._enter(game.id)
        if game.rug_tick is not None:
            self.account.void()
        elif len(game):
            self.account.tick(len(game) - 1, float(game.prices[-1]))

    def _take_tick(self, tick: Tick) -> None:
        account = self.account
        self._enter(tick.game_id)
        self._newest = tick
        if tick.game_id != account.game_id or not account.tradeable or tick.tick <= account.now:
            return  # of a former game, or back-filled after the fact: the account does not go back
        (account.rug if tick.rug else account.tick)(tick.tick, tick.price)
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
        """End the account's game by what the feed knows of it, and go on to the feed's."""
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
        self._begun_since = 0
        self.version += 1
        newest = self._newest
        if newest is not None and newest.game_id == current:  # it was waited for while this game ran
            if newest.rug:
                account.void()
            else:
                account.tick(newest.tick, newest.price)

    def refusal(self, *, of_strategy: bool = False) -> Rejection | None:
        """Return why no order at all would be taken now, apart from what the account itself says; or None.

        A strategy (`of_strategy`) sees every tick once, so that a replay that was taken back does not concern
        it.
        """
        if not self._replayed and not (self.feed.running and self.feed.state == _FRESH):
            return Rejection.NO_DATA
        if self._waiting:
            return Rejection.NOT_SETTLED
        return Rejection.SEEN_BEFORE if not of_strategy and self._behind() else None

    @property
    def _replayed(self) -> bool:
        """Whether the feed is a replay, whose data are never stale, started or not."""
        return self.feed.frontier() is not None

    def _behind(self) -> bool:
        """Whether the feed shows an earlier tick than it has shown before: a replay that was taken back."""
        frontier = self.feed.frontier()
        return frontier is not None and frontier > self.feed.book.running_length - 1

    @property
    def shown(self) -> int:
        """The newest tick of the account's game that the feed has shown; -1 before the first."""
        book, game_id = self.feed.book, self.account.game_id
        if game_id is not None and book.running is not None and book.running.id != game_id:
            ended = book.get(game_id)  # the account is still to hear of the end
            if ended is not None and ended.rug_tick is not None:
                return ended.rug_tick
        return book.running_length - 1

    def _seen(self, seen_tick: int | None) -> int:
        newest = self.shown
        if seen_tick is None:
            return newest
        if isinstance(seen_tick, bool) or not hasattr(seen_tick, "__index__") or index(seen_tick) < -1:
            raise ArgumentError(
                f"seen_tick is a whole number: a tick from 0 on, or -1 for the presale; got {seen_tick!r}"
            )
        return min(index(seen_tick), newest)
