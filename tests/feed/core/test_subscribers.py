import sys
import threading

import pytest

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.core.subscribers import LONG, SHORT, Dispatcher

DEADLINE_S = 20


def test_events_come_in_order_on_a_thread_of_their_own():
    dispatcher, got, threads, done = Dispatcher(), [], set(), threading.Event()

    def handler(value):
        got.append(value)
        threads.add(threading.current_thread())
        if value == 999:
            done.set()

    dispatcher.on("tick", handler)
    for value in range(1000):
        dispatcher.publish("tick", value)
    assert done.wait(DEADLINE_S)
    assert got == list(range(1000))
    assert threading.current_thread() not in threads
    dispatcher.end(DEADLINE_S)


def test_a_handler_that_blocks_holds_up_nobody_else():
    dispatcher, release, other = Dispatcher(queue_length=5), threading.Event(), threading.Event()
    dispatcher.on("tick", lambda _: release.wait(DEADLINE_S))
    dispatcher.on("tick", lambda value: other.set() if value == 99 else None)
    for value in range(100):
        dispatcher.publish("tick", value)
    assert other.wait(DEADLINE_S)
    assert dispatcher.dropped >= 94
    release.set()
    dispatcher.end(DEADLINE_S)


def test_a_handler_that_raises_stays_subscribed_and_is_counted(caplog):
    dispatcher, done = Dispatcher(), threading.Event()

    def handler(value):
        if value < 3:
            raise ValueError("no")
        done.set()

    dispatcher.on("tick", handler)
    for value in range(4):
        dispatcher.publish("tick", value)
    assert done.wait(DEADLINE_S)
    assert dispatcher.errors == 3
    assert "raised ValueError: no" in dispatcher.last_error
    assert len(caplog.records) == 1
    dispatcher.end(DEADLINE_S)


def test_unsubscribing_ends_the_calls_and_may_be_repeated():
    dispatcher, got, first = Dispatcher(), [], threading.Event()

    def handler(value):
        got.append(value)
        first.set()

    off = dispatcher.on("tick", handler)
    dispatcher.publish("tick", 1)
    assert first.wait(DEADLINE_S)
    off()
    off()
    dispatcher.publish("tick", 2)
    dispatcher.end(DEADLINE_S)
    assert got == [1]


def test_a_lambda_stays_subscribed():
    dispatcher, got = Dispatcher(), threading.Event()
    dispatcher.on("state", lambda _: got.set())
    dispatcher.publish("state", "live")
    assert got.wait(DEADLINE_S)
    dispatcher.end(DEADLINE_S)


def test_the_end_delivers_what_is_queued_and_leaves_no_thread():
    before = set(threading.enumerate())
    dispatcher, got = Dispatcher(), []
    dispatcher.on("tick", got.append)
    for value in range(500):
        dispatcher.publish("tick", value)
    dispatcher.end(DEADLINE_S)
    assert got == list(range(500))
    assert set(threading.enumerate()) == before


def test_after_the_end_a_new_event_starts_again():
    dispatcher, got, second = Dispatcher(), [], threading.Event()

    def handler(value):
        got.append(value)
        if value == 2:
            second.set()

    dispatcher.on("tick", handler)
    dispatcher.publish("tick", 1)
    dispatcher.end(DEADLINE_S)
    dispatcher.publish("tick", 2)
    assert second.wait(DEADLINE_S)
    dispatcher.end(DEADLINE_S)
    assert got == [1, 2]


def test_ending_from_within_a_handler_does_not_wait_for_itself():
    dispatcher, done = Dispatcher(), threading.Event()

    def handler(_):
        dispatcher.end(DEADLINE_S)
        done.set()

    dispatcher.on("tick", handler)
    dispatcher.publish("tick", 1)
    assert done.wait(DEADLINE_S)


def test_an_unknown_event_name_says_which_there_are():
    with pytest.raises(ArgumentError, match=r"one of signal, tick, .*, event; got 'ticks'"):
        Dispatcher().on("ticks", print)


def test_a_handler_that_cannot_be_called_is_refused():
    with pytest.raises(ArgumentError, match="must be callable"):
        Dispatcher().on("tick", None)


def test_ready_says_whether_synchronous_ones_are_done():
    dispatcher, inside, go, said = Dispatcher(), threading.Event(), threading.Event(), []

    def handler(name, value):
        inside.set()
        go.wait(DEADLINE_S)
        said.append(dispatcher.ready())  # itself is not to wait for itself

    dispatcher.on(None, handler, synchronous=True)
    assert dispatcher.ready()
    dispatcher.publish("tick", 1)
    assert inside.wait(DEADLINE_S)
    assert not dispatcher.ready()
    assert not dispatcher.wait_idle(0.01)
    go.set()
    assert dispatcher.wait_idle(DEADLINE_S)
    assert dispatcher.ready()
    assert said == [True]
    dispatcher.end(DEADLINE_S)


def test_ready_says_whether_queues_are_short():
    dispatcher, go = Dispatcher(), threading.Event()
    dispatcher.on("tick", lambda _: go.wait(DEADLINE_S))
    for value in range(LONG):
        dispatcher.publish("tick", value)
    assert dispatcher.ready()
    dispatcher.publish("tick", LONG)
    dispatcher.publish("tick", LONG)
    assert not dispatcher.ready()
    go.set()
    dispatcher.wait_ready(DEADLINE_S)
    assert dispatcher.waiting <= SHORT
    dispatcher.end(DEADLINE_S)


def test_a_muted_dispatcher_publishes_nothing():
    dispatcher, got = Dispatcher(), []
    dispatcher.on("tick", got.append)
    dispatcher.muted = True
    dispatcher.publish("tick", 1)
    dispatcher.muted = False
    dispatcher.publish("tick", 2)
    dispatcher.end(DEADLINE_S)
    assert got == [2]


def test_a_handler_is_not_called_once_it_is_unsubscribed_even_by_another_one():
    before = set(threading.enumerate())
    dispatcher, got = Dispatcher(), []

    class Shutting:
        """An event name that is compared in the midst of `publish`, and unsubscribes the rest there."""

        def __eq__(self, other):
            off()
            return other == "tick"

        __hash__ = object.__hash__

    off = dispatcher.on("tick", got.append)
    dispatcher.publish(Shutting(), 1)
    dispatcher.end(DEADLINE_S)
    assert got == []
    assert set(threading.enumerate()) == before


def test_an_exception_without_readable_text_does_not_end_the_subscription():
    dispatcher, got = Dispatcher(), []

    class BrokenError(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    def handler(value):
        got.append(value)
        if value < 3:
            raise BrokenError

    dispatcher.on("tick", handler)
    for value in range(5):
        dispatcher.publish("tick", value)
    dispatcher.end(DEADLINE_S)
    assert got == list(range(5))
    assert dispatcher.errors == 3
    assert "Broken" in dispatcher.last_error
    assert dispatcher.wait_idle(DEADLINE_S)


def test_subscribing_and_unsubscribing_from_many_threads_loses_nobody():
    dispatcher, kept, got = Dispatcher(), 50, []

    def subscribe():
        for _ in range(kept):
            dispatcher.on("tick", lambda _: None)()
            dispatcher.on("tick", got.append)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=subscribe) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE_S)
    finally:
        sys.setswitchinterval(interval)
    dispatcher.publish("tick", 1)
    dispatcher.end(DEADLINE_S)
    assert len(got) == 4 * kept


def test_a_queue_is_bounded_by_bytes_and_the_oldest_are_dropped():
    gate, seen = threading.Event(), []

    def slow(value):
        gate.wait(DEADLINE_S)
        seen.append(value)

    dispatcher = Dispatcher()
    dispatcher.on("signal", slow)
    for n in range(100):
        dispatcher.publish("signal", n, size=2**20)
    assert 30 <= dispatcher.dropped <= 40
    gate.set()
    assert dispatcher.wait_idle(DEADLINE_S)
    assert seen[-1] == 99
    assert len(seen) + dispatcher.dropped == 100


def test_an_end_that_runs_out_of_time_says_so(caplog):
    gate = threading.Event()
    dispatcher = Dispatcher()
    dispatcher.on("signal", lambda value: gate.wait(DEADLINE_S))
    for n in range(5):
        dispatcher.publish("signal", n)
    dispatcher.end(0.05)
    assert "5 events are not handled yet" in caplog.text
    gate.set()
    assert dispatcher.wait_idle(DEADLINE_S)
