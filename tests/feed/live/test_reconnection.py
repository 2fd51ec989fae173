"""How long a feed waits before it connects again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rugs_lab.feed.live.reconnection import LONGEST_PAUSE_S, Backoff


def test_only_connections_that_brought_nothing_make_the_pauses_grow():
    backoff = Backoff()
    assert [backoff.limit_s(delivered=False, lasted_s=0) for _ in range(3)] == [1.0, 2.0, 4.0]
    assert backoff.limit_s(delivered=True, lasted_s=10) == 0.1
    assert backoff.limit_s(delivered=False, lasted_s=0) == 1.0


def test_thirty_cuts_of_a_server_that_is_up_cost_three_seconds_at_most():
    backoff = Backoff()
    assert sum(backoff.limit_s(delivered=True, lasted_s=7.5) for _ in range(30)) == pytest.approx(3.0)


def test_a_server_that_closes_each_connection_soon_is_not_hammered():
    backoff = Backoff()
    limits = [backoff.limit_s(delivered=True, lasted_s=0.2) for _ in range(12)]
    assert limits == sorted(limits)
    assert limits[-1] == LONGEST_PAUSE_S


def test_what_the_server_asks_for_is_waited_for():
    pause_s = Backoff().pause_s(delivered=False, lasted_s=0, retry_after_s=40.0)
    assert 40.0 <= pause_s <= 41.0


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1e6))))
def test_a_pause_is_never_longer_than_the_longest(connections):
    backoff = Backoff()
    for delivered, lasted_s in connections:
        pause_s = backoff.pause_s(delivered=delivered, lasted_s=lasted_s, retry_after_s=None)
        assert 0 <= pause_s <= LONGEST_PAUSE_S
