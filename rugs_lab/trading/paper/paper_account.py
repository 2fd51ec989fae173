"""`Paper`: paper money on a feed, traded by hand or by a strategy, with its frames and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.account_frames import orders_frame
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.paper.demonstrations import Demonstration, demonstrations_frame
from rugs_lab.trading.paper.feed_account import FeedAccount
from rugs_lab.trading.paper.paper_stats import results_of, stats_of
from rugs_lab.trading.paper.strategy_driver import LIMIT_S, StrategyDriver, Timing
from rugs_lab.trading.paper.versus_humans import VersusHumans, random_of
from rugs_lab.trading.strategy.strategy import Strategy, StrategyLike
from rugs_lab.trading.strategy.strategy_registry import as_strategy

if TYPE_CHECKING:
    import pandas as pd

_INTERNAL: Final = "between_ticks decide driver ranking rejection replayed shown sit_out steps version"


class Paper(FeedAccount):
    """Paper money on a feed.

    Parameters
    ----------
    feed
        Any `rugs_lab.feed.core.feed.Feed`.
    account
        Continues with this account; by default a new one.
    cash
        Cash of the new one, SOL.
    shorts
        How the new one settles shorts: None, or ``"linear"``, an assumption; see `Account`.
    strategy
        Trades on the feed's ticks, see `rugs_lab.trading.paper.strategy_driver`; by default nobody but you
        does.
    params
        Values of its parameters.
    limit_s
        Seconds that it has for a decision, the first one at least ten; then it is paused.

    Attributes
    ----------
    feed, account, closed, exits
        The account changes while ticks come: read its frames here (`ledger`, `trades`, `equity`, `orders`).
        `exits`: stop-loss and take-profit, multipliers; see `exit_at`.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from rugs_lab.trading.account.actions import buy
    >>> feed = rl.demo(speed=50, seed=7).wait(ticks=3)
    >>> paper = Paper(feed, cash=1.0)
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
        cash: float = 1.0,
        shorts: str | None = None,
        strategy: StrategyLike | None = None,
        params: Mapping[str, Any] | None = None,
        limit_s: float = LIMIT_S,
    ) -> None:
        # before the feed is followed, so that an error leaves nothing behind
        if strategy is None and params:
            raise ArgumentError(f"{', '.join(params)}: a parameter of a strategy, but no strategy is given")
        made = None if strategy is None else as_strategy(strategy, **(params or {})).ready()
        super().__init__(feed, Account(cash, shorts=shorts) if account is None else account)
        self._demonstrations: list[Demonstration] = []
        self.ranking = VersusHumans(self)
        with self._lock:  # what comes meanwhile waits
            self._join()
            self.driver = StrategyDriver(self, made, limit_s=limit_s)
        self.driver.presale()

    def reset(self, cash: float | None = None) -> None:
        """Begin a new session; see `FeedAccount.reset`."""
        with self._lock:
            super().reset(cash)
            self._demonstrations = []
            self.ranking.forget()
            self.driver.reset()

    def resume(self) -> None:
        """Continue with a strategy that was paused (it raised or took too long: see `strategy_error`).

        The third time it is stopped for good. ``reset()`` leaves it paused.

        Raises
        ------
        ArgumentError
            No strategy is paused here.
        FeedError
            It has not come back from what it did not answer in time.
        """
        with self._lock:
            self.driver.resume()

    def close(self) -> None:
        """Stop following the feed; the account is kept. Does nothing if already closed."""
        super().close()
        self.driver.close()

    @property
    def strategy(self) -> Strategy | None:
        """The strategy that trades, with its parameters; None without one."""
        return self.driver.strategy

    @property
    def strategy_state(self) -> str:
        """``none``, ``running``, ``paused`` (`resume`) or ``stopped``."""
        return self.driver.state

    @property
    def strategy_error(self) -> str:
        """Why the strategy is paused or stopped; empty otherwise."""
        return self.driver.error

    @property
    def decisions(self) -> Timing:
        """How often the strategy was called, how long it took (ms), ticks left out, and its lag in ticks."""
        return self.driver.timing

    @property
    def trace(self) -> pd.DataFrame:
        """The newest decisions: what was seen, decided and filled.

        See `rugs_lab.trading.paper.decision_trace.Trace.frame`.
        """
        return self.steps.frame

    @property
    def ledger(self) -> pd.DataFrame:
        """``account.ledger``, taken between two ticks."""
        return self.between_ticks(lambda account: account.ledger)

    @property
    def trades(self) -> pd.DataFrame:
        """``account.trades``, taken between two ticks."""
        return self.between_ticks(lambda account: account.trades)

    @property
    def equity(self) -> pd.DataFrame:
        """``account.equity``, taken between two ticks."""
        return self.between_ticks(lambda account: account.equity)

    @property
    def orders(self) -> pd.DataFrame:
        """Every order of the session; see `rugs_lab.trading.account.account_frames.orders_frame`."""
        return self.between_ticks(lambda account: orders_frame(account.orders))

    @property
    def stats(self) -> pd.DataFrame:
        """Statistics of the games that are over, a table as `rugs_lab.trading.backtest.run.Run.stats`.

        With n, 95 % intervals and the same baselines, and how long the strategy took to decide (ms).
        """
        random = random_of(self)[1]
        results, cash, equity = self.between_ticks(
            lambda account: (results_of(account), account.cash_sol, account.equity_sol)
        )
        return stats_of(self.driver, results, random, cash, equity)

    @property
    def versus_humans(self) -> pd.DataFrame:
        """Each finished game beside those who played it; see `VersusHumans.frame`."""
        return self.ranking.frame

    @property
    def demonstrations(self) -> pd.DataFrame:
        """What was done by hand, also nothing, and what was seen then; where no strategy trades.

        See `rugs_lab.trading.paper.demonstrations.demonstrations_frame`.
        """
        return self.between_ticks(lambda _: demonstrations_frame(self._demonstrations, self.driver.watched))

    def __dir__(self) -> list[str]:
        """List what is for users, not what widgets and the strategy's driver need."""
        return sorted(set(super().__dir__()).difference(_INTERNAL.split()))

    def __repr__(self) -> str:
        idle = "" if self.replayed or self.feed.running else "; the feed is stopped: nothing is decided"
        return f"<Paper on {self.feed.source}: {self.account!r}{idle}>"

    def _submitted(self, order: Order) -> None:
        if order.reason not in (Rejection.OTHER_GAME, Rejection.TOO_LATE, Rejection.NOT_SETTLED):
            seen = self.driver.seen(order.seen_tick)
            self._demonstrations.append(Demonstration.of(order.game_id, seen, order))

    def _taken(self, name: str, what: tuple[Any, ...]) -> None:
        self.driver.follow(name, what)
