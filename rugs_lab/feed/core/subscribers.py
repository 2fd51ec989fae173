"""Sends events to subscribers without ever waiting for them.

Each subscription has a bounded queue and a thread of its own, so a handler that blocks or raises harms
neither the feed nor other subscribers. A queue that is full drops its oldest event and counts it.

A feed that can wait, as a replay can, asks `Dispatcher.ready` before it continues, so that nothing is dropped
and a synchronous subscriber has finished with one event before the next is sent.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from threading import Condition, RLock, Thread, current_thread
from typing import Final

from rugs_lab.errors import ArgumentError, raised

log = logging.getLogger("rugs_lab")

EVENTS: Final = ("signal", "tick", "phase", "game", "trade", "state", "gap", "event")
QUEUE_LENGTH: Final = 10_000
QUEUE_BYTES: Final = 64 * 2**20
"""Memory that the events in one queue may hold, about."""

_EVENT_BYTES: Final = 500
LONG: Final = 500
"""Events in a queue from which on a feed that can wait does."""

SHORT: Final = 250
"""Events in a queue down to which it then waits."""

PATIENCE_S: Final = 5.0
"""A handler that takes longer than this over one event is not waited for, until it is done."""

SYNCHRONOUS_PATIENCE_S: Final = 60.0
"""The same, of a synchronous handler."""

Handler = Callable[..., object]


class Dispatcher:
    """Subscriptions by event name; strong references, so a lambda or a bound method stays subscribed.

    `errors`: handlers that raised, so far. `last_error`: what the last of them raised, in words; empty
    without any. `muted`: while True, nothing is published: a replay repeats what was sent before.
    """

    def __init__(self, queue_length: int = QUEUE_LENGTH) -> None:
        self.errors = 0
        self.last_error = ""
        self.muted = False
        self._queue_length = queue_length
        self._dropped_before = 0
        self._lock = RLock()
        self._subscriptions: tuple[_Subscription, ...] = ()

    @property
    def dropped(self) -> int:
        """Events dropped because a subscriber was slower than the feed."""
        return self._dropped_before + sum(each.dropped for each in self._subscriptions)

    @property
    def waiting(self) -> int:
        """Events that wait in the longest queue."""
        return max((len(each) for each in self._subscriptions), default=0)

    def on(
        self, name: str | None, handler: Handler, owner: object = None, *, synchronous: bool = False
    ) -> Callable[[], None]:
        """Subscribe; return the function that unsubscribes (and may be called more than once).

        The name None stands for all: the handler is then called with the name first. While events come,
        `owner` is kept alive. With `synchronous`, `ready` is False until the handler is done with everything.
        """
        if name is not None and name not in EVENTS:
            raise ArgumentError(f"event must be one of {', '.join(EVENTS)}; got {name!r}")
        if not callable(handler):
            raise ArgumentError(f"a subscriber must be callable; got {type(handler).__name__}")
        subscription = _Subscription(name, handler, owner, self._queue_length, self._failed, synchronous)
        with self._lock:
            self._subscriptions = (*self._subscriptions, subscription)

        def off() -> None:
            subscription.close()  # outside of the lock: the two are never held together
            with self._lock:
                if subscription in self._subscriptions:
                    self._subscriptions = tuple(s for s in self._subscriptions if s is not subscription)
                    self._dropped_before += subscription.dropped

        return off

    def publish(self, name: str, *args: object, size: int = 0) -> None:
        """Queue an event for those who asked for it; `size`: memory that it holds beside itself, bytes."""
        if self.muted:
            return
        for subscription in self._subscriptions:
            if subscription.name == name:
                subscription.put(args, size)
            elif subscription.name is None:
                subscription.put((name, *args), size)

    def end(self, timeout_s: float) -> None:
        """Let each thread deliver what is queued, then end; they start again with the next event.

        What takes a handler longer is delivered later, unless the program ends before: a warning says so.
        """
        for subscription in self._subscriptions:
            subscription.end()
        late = sum(subscription.left_after(timeout_s) for subscription in self._subscriptions)
        if late:
            log.warning(
                "%d events are not handled yet, %g s after the end: slow subscribers continue with them "
                "as long as the program runs",
                late,
                timeout_s,
            )

    def ready(self) -> bool:
        """Return whether a feed that can wait should continue: queues are short, synchronous ones done.

        It is always True for a handler itself, which would wait for its own end.
        """
        subscriptions = self._subscriptions
        return all(each.ready() for each in subscriptions) or any(each.is_current for each in subscriptions)

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until `ready` may be True, for `timeout_s` at most."""
        for each in self._subscriptions:
            if not each.ready():
                each.wait(SHORT, timeout_s)
                return

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until every handler but one that calls this is done with everything; return whether it is."""
        until = time.monotonic() + timeout_s
        return all(
            each.is_current or each.wait(0, max(until - time.monotonic(), 0)) for each in self._subscriptions
        )

    def _failed(self, name: str | None, handler: Handler, error: BaseException) -> None:
        what = getattr(handler, "__qualname__", type(handler).__name__)
        last_error = f"{what} raised {raised(error)}"
        with self._lock:
            self.errors += 1
            self.last_error = last_error
            first = self.errors == 1
        if first:
            log.warning(
                "a subscriber of %r, %s; it stays subscribed; feed.metrics counts further errors",
                name,
                last_error,
            )


class _Subscription:
    def __init__(
        self,
        name: str | None,
        handler: Handler,
        owner: object,
        length: int,
        failed: Callable[[str | None, Handler, BaseException], None],
        synchronous: bool,
    ) -> None:
        self.name = name
        self.owner = owner
        self.dropped = 0
        self._handler = handler
        self._failed = failed
        self._length = length
        self._synchronous = synchronous
        self._queue: deque[tuple[tuple[object, ...], int]] = deque()
        self._bytes = 0
        lock = RLock()
        self._changed = Condition(lock)
        self._drained = Condition(lock)
        self._busy = False
        self._awaited_since: float | None = None
        self._thread: Thread | None = None
        self._ending = False
        self._closed = False

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_current(self) -> bool:
        return self._thread is current_thread()

    def ready(self) -> bool:
        """Return whether it keeps up, or is given up until it does something."""
        if not self._behind(LONG):
            self._awaited_since = None
            return True
        now = time.monotonic()
        if self._awaited_since is None:
            self._awaited_since = now
        return now - self._awaited_since > (SYNCHRONOUS_PATIENCE_S if self._synchronous else PATIENCE_S)

    def wait(self, most: int, timeout_s: float) -> bool:
        """Wait until at most `most` events wait (for 0 and where synchronous: none, and none is handled)."""
        with self._drained:
            return self._drained.wait_for(lambda: not self._behind(most), timeout_s)

    def _behind(self, most: int) -> bool:
        if self._synchronous or not most:
            return bool(self._queue) or self._busy
        return len(self._queue) > most

    def put(self, args: tuple[object, ...], size: int) -> None:
        with self._changed:
            if self._closed:
                return
            size += _EVENT_BYTES
            while self._queue and (len(self._queue) >= self._length or self._bytes + size > QUEUE_BYTES):
                self._bytes -= self._queue.popleft()[1]
                self.dropped += 1
            self._queue.append((args, size))
            self._bytes += size
            if self._thread is None:
                self._ending = False
                self._thread = Thread(target=self._run, name=f"rugs_lab {self.name or 'all'}", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def close(self) -> None:
        """End it for good: nothing is delivered any more, not even what is queued."""
        with self._changed:
            self._closed = self._ending = True
            self._queue.clear()
            self._bytes = 0
            self._drained.notify_all()
            self._changed.notify()

    def end(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify()

    def left_after(self, timeout_s: float) -> int:
        """Wait for the end of the thread; return how many events are not handled by then."""
        thread = self._thread
        if thread is None or thread is current_thread():
            return 0
        thread.join(timeout_s)
        with self._changed:
            return len(self._queue) + self._busy if thread.is_alive() else 0

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._awaited_since = None
                self._drained.notify_all()
                while not self._queue and not self._ending:
                    self._changed.wait()
                if not self._queue:
                    self._thread = None
                    return
                args, size = self._queue.popleft()
                self._bytes -= size
                self._busy = True
            try:
                self._handler(*args)
            except BaseException as error:  # sys.exit() in a handler must not end its subscription
                self._failed(self.name, self._handler, error)
