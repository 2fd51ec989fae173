"""What is sent between frames, kept in order of time."""

from heapq import heappop, heappush
from itertools import count

from rugs_lab.feed.server.simulation.chat_and_notices import Message


class SideEvents:
    """A queue of messages by due time; equal times leave in the order they came."""

    __slots__ = ("_heap", "_serial")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Message]] = []
        self._serial = count()

    @property
    def due_ms(self) -> int | None:
        """Unix ms of the next message; None without one."""
        return self._heap[0][0] if self._heap else None

    def add(self, due_ms: int, message: Message) -> None:
        """Keep `message` until `due_ms`."""
        heappush(self._heap, (due_ms, next(self._serial), message))

    def pop(self) -> Message:
        """Take the next message."""
        return heappop(self._heap)[2]
