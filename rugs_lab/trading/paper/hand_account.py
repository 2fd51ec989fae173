"""The account by hand of a feed (``feed.by_hand``): every view of the feed shows the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rugs_lab.trading.paper.paper_account import Paper

if TYPE_CHECKING:
    from rugs_lab.feed.core.feed import Feed


def hand_account(feed: Feed, cash_sol: float = 1.0, strategy: Any = None) -> Paper:
    """Return the feed's account by hand; made where there is none, or only one that was closed.

    Parameters
    ----------
    feed
        Where it is traded.
    cash_sol
        Cash of a new account, SOL.
    strategy
        Trades the account too. There is always a new account for it, which takes the place of the one
        before; that one is closed.

    Raises
    ------
    ArgumentError
        No such strategy, or no such amount; the account before stays.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> feed = rl.ReplayFeed(rl.sample()[:3], playing=False)
    >>> first = hand_account(feed)
    >>> hand_account(feed) is first
    True
    >>> first.close()
    >>> hand_account(feed) is first
    False
    >>> feed.by_hand.close()
    """
    with feed.by_hand_lock:
        before: Paper | None = feed.by_hand
        if strategy is None and before is not None and not before.closed:
            return before
        made = (
            Paper(feed, cash_sol=cash_sol)
            if strategy is None
            else Paper(feed, cash_sol=cash_sol, strategy=strategy)
        )
        feed.by_hand = made
        if before is not None:
            before.close()
        return made
