"""What every feed offers to those who use it."""

from __future__ import annotations

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.replay.replay_feed import ReplayFeed
from tests.support.scripted_feed import ScriptedFeed

PRICES = [1.0, 1.2, 0.9, 0.018]


def test_a_feed_that_cannot_go_back_has_no_frontier_and_nothing_to_forget():
    assert LiveFeed().frontier() is None
    feed = ScriptedFeed()
    feed.ticks(3)
    feed.forget()
    assert feed.frontier() is None
    assert len(feed.frame) == len(feed.game) == 3


def test_the_frontier_of_a_replay_stays_where_it_was_until_it_is_forgotten():
    feed = ReplayFeed([PRICES], playing=False)
    assert feed.frontier() == -1
    feed.seek(2)
    feed.back()
    assert (feed.tick, feed.frontier()) == (1, 2)
    feed.forget()
    assert feed.frontier() == 1
