"""Work in threads: in order, and an interrupt ends it."""

import os
import signal
import threading
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace

import pytest
import tqdm.auto

from rugs_lab.progress import in_threads, progress, reporting, result_of


def test_an_interrupt_leaves_out_what_has_not_begun():
    begun, permits = [], threading.Semaphore(3)

    def make(number):
        begun.append(number)
        permits.acquire(timeout=0.2)  # the fourth, and one that begins before the interrupt is there

    def listener(done, _total):
        if done == 3:
            permits.release()
            raise KeyboardInterrupt

    with reporting(listener), pytest.raises(KeyboardInterrupt):
        in_threads(make, range(1000), 1, "making", "numbers")
    assert 3 < len(begun) < 100


def test_an_error_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda n: 1 / n, [1, 0, 2], 2, "dividing", "numbers")


def test_an_interrupt_does_not_wait_for_what_runs():
    """It may be a compilation of a minute."""
    begun, release, ended = threading.Event(), threading.Event(), threading.Event()

    def make(number):
        if number:
            begun.set()
            release.wait(30)
            ended.set()

    def listener(done, _total):
        if done == 1:
            assert begun.wait(30)
            raise KeyboardInterrupt

    with reporting(listener), pytest.raises(KeyboardInterrupt):
        in_threads(make, [0, 1], 2, "making", "numbers")
    assert not ended.is_set()
    release.set()
    assert ended.wait(30)


@pytest.mark.skipif(os.name == "nt", reason="signals of threads as POSIX has them")
def test_an_interrupt_that_another_thread_receives_ends_the_wait():
    def interrupt():
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)

    never, before = Future(), signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored
    try:
        threading.Timer(0.3, interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            result_of(never)
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("disabled", [True, False])
def test_a_bar_counts_from_the_beginning_or_is_disabled(disabled, monkeypatch, capsys):
    times = iter([0.0, 0.5, 100.0, 100.1])
    monkeypatch.setattr("rugs_lab.progress.time", SimpleNamespace(monotonic=lambda: next(times, 101.0)))
    monkeypatch.setattr("tqdm.auto.tqdm", partial(tqdm.auto.tqdm, disable=disabled))  # as TQDM_DISABLE=1
    assert list(progress("abcdef", "counting", "letters")) == list("abcdef")
    shown = capsys.readouterr().err.split("\r")
    assert disabled != any("counting:  17%" in each and "1/6 [01:40<08:20" in each for each in shown), shown
