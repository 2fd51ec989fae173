"""A progress bar for what takes more than two seconds, in a notebook or a terminal alike."""

import time
from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Made = TypeVar("Made")
Listener = Callable[[int, "int | None"], object]
_AFTER_S = 2.0
_WAKE_S = 0.2
"""An interrupt that came to another thread is noticed by this one when it wakes."""
_listener: ContextVar[Listener | None] = ContextVar("rugs_lab_progress", default=None)


@contextmanager
def reporting(listener: Listener) -> Iterator[None]:
    """Report progress to `listener`, in this thread, instead of showing a bar.

    It is called with the number of items done and of all items (None: not known), before each item and at the
    end. An exception from it ends the work, so that it can be interrupted.

    >>> with reporting(lambda done, total: print(done, total)):
    ...     _ = list(progress("ab", "counting", "letters"))
    0 2
    1 2
    2 2
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def progress(items: Iterable[T], what: str, unit: str, total: int | None = None) -> Iterator[T]:
    """Iterate over `items`; a bar appears once that has taken two seconds, and goes away at the end.

    >>> list(progress([1, 2], "counting", "numbers"))
    [1, 2]
    """
    begin = time.monotonic()
    if total is None and isinstance(items, Sized):
        total = len(items)
    listener = _listener.get()
    bar = None
    done = 0
    for done, item in enumerate(items, start=1):
        if listener is not None:
            listener(done - 1, total)
        elif bar is None and time.monotonic() - begin > _AFTER_S:
            from tqdm.auto import tqdm

            bar = tqdm(desc=what, unit=f" {unit}", total=total, leave=False)
            if not bar.disable:  # as TQDM_DISABLE asks for
                bar.start_t = bar.last_print_t = bar.start_t - (time.monotonic() - begin)
            bar.update(done - 1)
        yield item
        if bar is not None:
            bar.update()
    if listener is not None:
        listener(done, total)
    if bar is not None:
        bar.close()


def in_threads(
    make: Callable[[T], Made], items: Iterable[T], threads: int, what: str, unit: str
) -> list[Made]:
    """Return what `make` gives for each item, in order; an interrupt waits for none of it.

    >>> in_threads(abs, [-1, 2], 2, "taking", "numbers")
    [1, 2]
    """
    pool = ThreadPoolExecutor(threads)
    try:
        made = [pool.submit(make, item) for item in items]
        return [result_of(each) for each in progress(made, what, unit)]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def completed(futures: Iterable[Future[Made]]) -> Iterator[Future[Made]]:
    """Yield futures as they complete; Ctrl-C ends the wait whatever thread the signal came to.

    >>> with ThreadPoolExecutor() as pool:
    ...     [each.result() for each in completed([pool.submit(abs, -1)])]
    [1]
    """
    left = set(futures)
    while left:
        done, left = wait(left, _WAKE_S, FIRST_COMPLETED)
        yield from done


def result_of(future: Future[Made]) -> Made:
    """Return the result of a future; Ctrl-C ends the wait whatever thread the signal came to."""
    return next(completed([future])).result()
