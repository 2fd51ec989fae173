"""The hub: one thread for all views, there only while it is needed."""

from __future__ import annotations

import logging
import threading

import pytest

from rugs_lab.views.page.hub import Hub
from tests.support.live import until

DEADLINE_S = 10.0


class FakeView:
    def __init__(self, wanted=True, error=None):
        self.is_wanted = wanted
        self.error = error
        self.steps = 0
        self.threads = set()
        self.failure = None
        self.stepped = threading.Event()
        self.told = threading.Event()

    def wanted(self, now_s):
        return self.is_wanted

    def refresh(self, now_s):
        self.steps += 1
        self.threads.add(threading.current_thread())
        self.stepped.set()
        if self.error:
            raise self.error

    def failed(self, error):
        self.failure = error
        self.told.set()

    def wait_for_step(self):
        self.stepped.clear()
        assert self.stepped.wait(DEADLINE_S)


@pytest.fixture
def hub():
    hub = Hub(period_s=0.001)
    yield hub
    hub.stop()


def thread_of(hub):
    return hub._thread


def test_no_thread_before_the_first_view(hub):
    assert not hub.running


def test_thread_starts_with_the_first_view_and_ends_with_the_last(hub):
    one, two = FakeView(), FakeView()
    hub.add(one)
    hub.add(two)
    one.wait_for_step()
    two.wait_for_step()
    thread = thread_of(hub)
    hub.remove(one)
    two.wait_for_step()
    assert hub.running
    hub.remove(two)
    thread.join(DEADLINE_S)
    assert not hub.running


def test_all_views_share_one_thread(hub):
    views = [FakeView() for _ in range(5)]
    for view in views:
        hub.add(view)
    for view in views:
        view.wait_for_step()
    assert len(set.union(*(view.threads for view in views))) == 1


def test_a_view_added_twice_is_one(hub):
    view = FakeView()
    hub.add(view)
    hub.add(view)
    assert hub.views == (view,)


def test_views_without_a_viewer_are_not_stepped(hub):
    seen, unseen = FakeView(), FakeView(wanted=False)
    hub.add(unseen)
    hub.add(seen)
    for _ in range(3):
        seen.wait_for_step()
    assert unseen.steps == 0


def test_sleeps_while_nobody_looks_and_wakes_when_asked():
    rounds = []
    waiting = threading.Event()

    class Counting(FakeView):
        def wanted(self, now_s):
            rounds.append(now_s)
            waiting.set()
            return self.is_wanted

    hub = Hub(period_s=0.001)
    view = Counting(wanted=False)
    hub.add(view)
    assert waiting.wait(DEADLINE_S)
    view.is_wanted = True
    hub.wake()
    view.wait_for_step()
    hub.stop()
    assert not hub.running


class Waited(threading.Event):
    """An event that knows whether somebody waits for it."""

    def __init__(self):
        super().__init__()
        self.begun = threading.Event()

    def wait(self, timeout=None):
        self.begun.set()
        return super().wait(timeout)


def test_what_comes_after_a_screen_frame_without_goes_out_at_once():
    hub = Hub(period_s=3600)  # no other round comes within the test
    hub._news = Waited()
    view = FakeView()
    hub.add(view)
    for _ in range(3):
        assert hub._news.begun.wait(DEADLINE_S)
        hub._news.begun.clear()
        steps = view.steps
        hub.news()
        until(lambda seen=steps: view.steps > seen)
    hub.remove(view)
    assert hub._news.begun.wait(DEADLINE_S)
    hub.news()
    until(lambda: not hub.running)


def test_much_that_is_new_waits_for_the_end_of_the_period(monkeypatch):
    slept = []
    hub = Hub(period_s=0.05)
    hub.news()
    monkeypatch.setattr("rugs_lab.views.page.hub.time.sleep", slept.append)
    assert not hub._wait_until(hub._clock() + 1, crowded=True)
    assert slept == [pytest.approx(1 / 60), pytest.approx(0.05 - 1 / 60)]
    slept.clear()
    assert hub._wait_until(hub._clock() + 1, crowded=False)  # after a round that had nothing new
    assert slept == [pytest.approx(1 / 60)]


@pytest.mark.parametrize("kind", [RuntimeError, SystemExit])
def test_an_error_takes_out_its_own_view_only(hub, caplog, kind):
    good, bad = FakeView(), FakeView(error=kind("broken"))
    with caplog.at_level(logging.CRITICAL, "rugs_lab.views.page.hub"):
        hub.add(bad)
        hub.add(good)
        assert bad.told.wait(DEADLINE_S)
        good.wait_for_step()
    assert str(bad.failure) == "broken"
    assert hub.views == (good,)


def test_a_view_may_remove_itself_while_it_is_stepped(hub):
    class Leaving(FakeView):
        def refresh(self, now_s):
            hub.remove(self)
            super().refresh(now_s)

    view = Leaving()
    hub.add(view)
    assert view.stepped.wait(DEADLINE_S)
    thread = thread_of(hub)
    if thread is not None:
        thread.join(DEADLINE_S)
    assert view.steps == 1
    assert not hub.running


def test_starts_again_after_it_ended(hub):
    first, second = FakeView(), FakeView()
    hub.add(first)
    first.wait_for_step()
    hub.stop()
    hub.add(second)
    second.wait_for_step()
    assert hub.running


def test_stop_from_its_own_thread_does_not_wait_for_itself(hub):
    class Stopping(FakeView):
        def refresh(self, now_s):
            hub.stop()
            super().refresh(now_s)

    view = Stopping()
    hub.add(view)
    assert view.stepped.wait(DEADLINE_S)
