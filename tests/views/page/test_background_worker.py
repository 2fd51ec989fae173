"""Requests on a thread of their own: the newest wins, errors are reported, the thread ends."""

import logging
import threading

import pytest

from rugs_lab.views.page.background_worker import Switch, Worker
from tests.support.live import until


class Gate:
    """Carries out requests; stands in the first one until it is opened."""

    def __init__(self):
        self.reached, self.open = threading.Event(), threading.Event()
        self.seen = []
        self.outdated = None

    def __call__(self, request):
        self.seen.append(request)
        if len(self.seen) == 1:
            self.reached.set()
            self.open.wait(20)
            self.outdated = self.worker.outdated()

    def worker_of(self, **options):
        self.worker = Worker(self, "test", **options)
        return self.worker


@pytest.fixture
def gate():
    made = Gate()
    yield made
    made.open.set()


def threads():
    return [each for each in threading.enumerate() if each.name == "rugs_lab test"]


def test_the_newest_request_wins(gate):
    worker = gate.worker_of()
    worker.put("first")
    assert gate.reached.wait(20)
    assert not worker.outdated()
    assert [worker.put("second"), worker.put("third")] == [True, True]
    assert worker.outdated()
    gate.open.set()
    assert worker.wait(20)
    assert gate.seen == ["first", "third"]
    assert gate.outdated
    assert worker.done == 2


def test_a_queue_keeps_the_order_and_takes_no_more_than_it_holds(gate):
    worker = gate.worker_of(most_waiting=3)
    worker.put(0)
    assert gate.reached.wait(20)
    assert [worker.put(number) for number in range(1, 6)] == [True, True, True, False, False]
    gate.open.set()
    assert worker.wait(20)
    assert gate.seen == [0, 1, 2, 3]


def test_the_thread_ends_when_idle_and_begins_anew():
    seen = []
    worker = Worker(seen.append, "test")
    for number in (1, 2):
        assert worker.put(number)
        assert worker.wait(20)
        until(lambda: not threads(), "the end of the thread")
    assert seen == [1, 2]


@pytest.mark.parametrize("kind", [OSError, SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_error_is_reported_and_the_next_request_carried_out(caplog, kind):
    def carry_out(request):
        if request == "bad":
            raise kind("a planted error")

    worker = Worker(carry_out, "test")
    with caplog.at_level(logging.ERROR):
        worker.put("bad")
        assert worker.wait(20)
    assert str(worker.error) == "a planted error"
    assert "a planted error" in caplog.text
    worker.put("good")
    assert worker.wait(20)
    assert (worker.error, worker.done) == (None, 2)


def test_stop_forgets_what_waits_and_outdates_what_is_carried_out(gate):
    worker = gate.worker_of()
    worker.put("first")
    assert gate.reached.wait(20)
    worker.put("second")
    worker.stop()
    assert worker.outdated()
    gate.open.set()
    assert worker.wait(20)
    assert (gate.seen, gate.outdated) == (["first"], True)
    worker.put("third")
    assert worker.wait(20)
    assert gate.seen == ["first", "third"]


def test_a_stop_while_nothing_is_done_concerns_no_later_request():
    found = []
    worker = Worker(lambda _: found.append(worker.outdated()), "test")
    worker.stop()
    worker.put(1)
    assert worker.wait(20)
    assert found == [False]


def test_what_is_carried_out_can_wait_for_a_newer_request(gate):
    found = []
    worker = Worker(lambda _: (gate.reached.set(), found.append(worker.outdated(within_s=20))), "test")
    worker.put(1)
    assert gate.reached.wait(20)
    worker.stop()
    assert worker.wait(20)
    assert found == [True]


def test_close_leaves_no_thread_and_takes_no_more(gate):
    worker = gate.worker_of()
    worker.put("first")
    assert gate.reached.wait(20)
    worker.put("second")
    worker.close()
    assert not worker.put("third")
    gate.open.set()
    assert worker.wait(20)
    until(lambda: not threads(), "the end of the thread")
    assert gate.seen == ["first"]


def test_a_switch_says_once_that_a_request_was_carried_out():
    done = []

    def carry_out(on):
        done.append(on)
        if len(done) == 1:
            raise OSError("a planted error")

    switch = Switch(carry_out)
    assert not switch.news()
    switch.set(True, 7)
    until(lambda: switch.done == 7, "the first request")
    assert [switch.news(), switch.news(), switch.reported] == [True, False, 7]
    switch.set(False, 8)
    until(lambda: switch.done == 8, "the second request")
    assert done == [True, False]
