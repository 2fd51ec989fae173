"""`Waiting`: how one waits for what a feed receives, in code that may block and in code with ``await``."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from rugs_lab.errors import ArgumentError, FeedError, FeedTimeoutError
from rugs_lab.feed.core.intake import Intake
from rugs_lab.feed.core.state import STATES
from rugs_lab.feed.core.subscribers import EVENTS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from rugs_lab.recordings.assembly.game_assembly import Tick

MOST_WAITING: Final = 100
"""Events that wait in a loop; more wait as those of any slow subscriber do."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """So much of each, and a state; None where it does not matter. ``str`` has it in words."""

    messages: int | None = None
    ticks: int | None = None
    games: int | None = None
    state: str | None = None

    def __post_init__(self) -> None:
        for name, count in self._counts():
            if isinstance(count, bool) or not isinstance(count, int) or count < 0:
                raise ArgumentError(f"{name} to wait for must be an integer >= 0; got {count!r}")
        if self.state is not None and self.state not in STATES:
            raise ArgumentError(f"state must be one of {', '.join(STATES)}; got {self.state!r}")
        if not str(self):
            raise ArgumentError("say what to wait for: messages=, ticks=, games= or state=")

    def arrived(self, feed: Intake) -> bool:
        """Return whether a feed has got that far."""
        return (
            (self.messages is None or feed.health.messages >= self.messages)
            and (self.ticks is None or feed.book.running_length >= self.ticks)
            and (self.games is None or feed.book.finished_count >= self.games)
            and (self.state is None or feed.state == self.state)
        )

    def __str__(self) -> str:
        words = [f"{count} {name}" for name, count in self._counts()]
        return ", ".join(words if self.state is None else [*words, f"state {self.state}"])

    def _counts(self) -> list[tuple[str, int]]:
        counts = (
            ("messages", self.messages),
            ("ticks of one game", self.ticks),
            ("finished games", self.games),
        )
        return [(name, count) for name, count in counts if count is not None]


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
        awaited = Awaited(messages, ticks, games, state)
        with self._arrival:
            if state is None and not self.running and not awaited.arrived(self):
                raise FeedError("the feed is stopped, so no data will arrive: call feed.start() first")
            if not self._arrival.wait_for(lambda: awaited.arrived(self), timeout):
                raise FeedTimeoutError(
                    f"waited {timeout:g} s for {awaited}; received {self.health.messages} messages, "
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
