"""`Waiting`: how one waits for what a feed receives, in code that may block and in code with ``await``."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import CancelledError
from contextlib import aclosing, suppress
from typing import Any, Final, Self

from rugs_lab.errors import ArgumentError, FeedError, FeedTimeoutError
from rugs_lab.feed.core.intake import Intake
from rugs_lab.feed.core.state import STATES
from rugs_lab.feed.core.subscribers import EVENTS
from rugs_lab.recordings.assembly.game_assembly import Tick

MOST_WAITING: Final = 100
"""Events that wait in a loop; more wait as those of any slow subscriber do."""


class Waiting(Intake):
    """An intake whose data one can wait for."""

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        raise NotImplementedError

    def wait(
        self,
        *,
        messages: int | None = None,
        ticks: int | None = None,
        games: int | None = None,
        state: str | None = None,
        timeout: float = 30.0,
    ) -> Self:
        """Wait until so much was received; for scripts, tests and notebooks that run top to bottom.

        Parameters
        ----------
        messages
            Accepted ``gameStateUpdate`` messages since the feed was made.
        ticks
            Ticks known of the running game.
        games
            Finished games, those of the server's history among them. For one game more:
            ``feed.wait(games=feed.games_finished + 1)``.
        state
            A state of the feed.
        timeout
            Seconds.

        Raises
        ------
        FeedTimeoutError
            That was not received in time.
        FeedError
            The feed is stopped, so no data will arrive.
        ArgumentError
            A number that is not an integer >= 0, an unknown state, or no condition.
        """
        counts: dict[str, tuple[int | None, Callable[[], int]]] = {
            "messages": (messages, lambda: self.health.messages),
            "ticks of one game": (ticks, lambda: self.book.running_length),
            "finished games": (games, lambda: self.book.finished_count),
        }
        counts = {name: each for name, each in counts.items() if each[0] is not None}
        for name, (least, _) in counts.items():
            if isinstance(least, bool) or not isinstance(least, int) or least < 0:
                raise ArgumentError(f"{name} to wait for must be an integer >= 0; got {least!r}")
        if state is not None and state not in STATES:
            raise ArgumentError(f"state must be one of {', '.join(STATES)}; got {state!r}")
        if not counts and state is None:
            raise ArgumentError("say what to wait for: messages=, ticks=, games= or state=")

        def arrived() -> bool:
            enough = all(so_far() >= (least or 0) for least, so_far in counts.values())
            return enough and state in (None, self._state)

        with self._arrival:
            if state is None and not self.running and not arrived():
                raise FeedError("the feed is stopped, so no data will arrive: call feed.start() first")
            if not self._arrival.wait_for(arrived, timeout):
                words = [f"{least} {name}" for name, (least, _) in counts.items()]
                words += [] if state is None else [f"state {state}"]
                raise FeedTimeoutError(
                    f"waited {timeout:g} s for {', '.join(words)}; received {self.health.messages} messages, "
                    f"state {self._state} ({self._state.reason})"
                )
        return self

    async def until(self, **awaited: Any) -> Self:
        """Do what `wait` does, with the same arguments, while the loop continues."""
        return await asyncio.to_thread(self.wait, **awaited)

    async def once(self, name: str, timeout: float | None = None) -> Any:
        """Return what comes next of an event, as handlers of `Feed.on` are given it; `timeout` in seconds.

        Raises FeedTimeoutError, or FeedError where the feed is stopped or stops before.
        """
        try:
            async with asyncio.timeout(timeout), aclosing(self._coming(name)) as coming:
                async for what in coming:
                    return what
        except TimeoutError:
            raise FeedTimeoutError(f"waited {timeout:g} s for {name!r}; state {self._state}") from None
        raise FeedError(f"the feed stopped before {name!r}: {self._state.reason}")

    async def __aiter__(self) -> AsyncIterator[Tick]:
        """Give every new `Tick` until the feed stops: ``async for tick in feed``."""
        async with aclosing(self._coming("tick")) as ticks:
            async for tick in ticks:
                yield tick

    async def _coming(self, wanted: str) -> AsyncGenerator[Any, None]:
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[tuple[str, Any]] = asyncio.Queue(MOST_WAITING)

        def put(name: str, *what: Any) -> None:
            if name in (wanted, "state") and not loop.is_closed():
                with suppress(CancelledError, RuntimeError):  # the loop ends
                    item = name, what[0] if len(what) == 1 else what
                    asyncio.run_coroutine_threadsafe(queue.put(item), loop).result()

        if wanted not in EVENTS:
            raise ArgumentError(f"event must be one of {', '.join(EVENTS)}; got {wanted!r}")
        off = self.dispatcher.on(None, put, owner=self)
        try:
            if not self.running:
                raise FeedError("the feed is stopped, so no data will arrive: call feed.start() first")
            while True:
                name, what = await queue.get()
                if name == wanted:
                    yield what
                if name == "state" and what == "stopped":
                    return
        finally:
            off()
            while not queue.empty():
                queue.get_nowait()  # lets go of the thread that waits to put one more
