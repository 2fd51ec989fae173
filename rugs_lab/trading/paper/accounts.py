"""The paper accounts of a feed: by hand, of the strategy picked in a widget, and those of ``feed.paper``.

Every widget of a feed shows the same ones, and they outlive it. A feed holds its `Accounts`, not a dictionary
of this module: an account refers to its feed, so that a dictionary, its keys weak or not, would keep both
alive for ever.
"""

from __future__ import annotations

from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from rugs_lab.feed.core.feed import Feed
from rugs_lab.trading.paper.bots_table import bots_frame
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.strategy.strategy import StrategyLike

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Accounts", "Paper", "StrategyLike", "accounts_of"]


class Accounts:
    """The paper accounts of one feed; that by hand and that of a widget's strategy may be closed or None."""

    def __init__(self, feed: Feed) -> None:
        self.by_hand: Paper | None = None
        self.by_strategy: Paper | None = None
        self._feed = feed
        self._lock = RLock()
        self._opened: tuple[Paper, ...] = ()

    @property
    def papers(self) -> tuple[Paper, ...]:
        """The accounts that `open` made, until each is closed."""
        return tuple(paper for paper in self._opened if not paper.closed)

    @property
    def bots(self) -> pd.DataFrame:
        """The accounts of `papers` in one table; see `rugs_lab.trading.paper.bots_table.bots_frame`."""
        return bots_frame(self.papers)

    def open(self, strategy: StrategyLike | None = None, cash: float = 1.0, **options: Any) -> Paper:
        """Return a new account; the parameters are those of `Paper`."""
        paper = Paper(self._feed, cash=cash, strategy=strategy, **options)
        with self._lock:
            self._opened = (*self.papers, paper)
        return paper

    def hand_account(self, cash: float = 1.0, strategy: StrategyLike | None = None) -> Paper:
        """Return the account by hand; a new one where none is open, or `strategy` is to trade it too."""
        with self._lock:
            before = self.by_hand
            if strategy is None and before is not None and not before.closed:
                return before
            self.by_hand = Paper(self._feed, cash=cash, strategy=strategy)
            if before is not None:
                before.close()
            return self.by_hand

    def start_strategy(self, strategy: StrategyLike) -> Paper:
        """Return a new account that `strategy` trades; it replaces `by_strategy`, which is closed."""
        with self._lock:
            started, before = self.open(strategy), self.by_strategy
            self.by_strategy = started
            if before is not None:
                before.close()
            return started

    def close(self) -> None:
        """Close every account; each can still be read."""
        for paper in (*self.papers, self.by_hand, self.by_strategy):
            if paper is not None:
                paper.close()


_MAKING = Lock()


def accounts_of(feed: Feed) -> Accounts:
    """Return the accounts of a feed; they live as long as it does."""
    with _MAKING:
        if feed._kept_accounts is None:
            feed._kept_accounts = Accounts(feed)
        return feed._kept_accounts
