"""`FeedState`: where a feed stands, and why."""

from typing import Final, Self

from rugs_lab.errors import ArgumentError

STATES: Final = ("connecting", "live", "stale", "reconnecting", "stopped")
LOST: Final = ("stale", "reconnecting", "stopped")
"""States in which nothing is received."""


class FeedState(str):
    """A state's name, with why and since when; compares like the plain string.

    `reason`: In words, for people.
    `since_ns`: When it began, nanoseconds since 1970 in UTC.
    `again_ns`: When the next connection is tried, likewise; None where none is waited for.

    Examples
    --------
    >>> state = FeedState("stale", "no message for 10 s")
    >>> state == "stale", state.reason
    (True, 'no message for 10 s')
    """

    __slots__ = ("again_ns", "reason", "since_ns")
    reason: str
    since_ns: int
    again_ns: int | None

    def __new__(cls, name: str, reason: str = "", since_ns: int = 0, again_ns: int | None = None) -> Self:
        """Make a state; `name` must be one of `STATES`."""
        if name not in STATES:
            raise ArgumentError(f"state must be one of {', '.join(STATES)}; got {name!r}")
        state = super().__new__(cls, name)
        state.reason = reason
        state.since_ns = since_ns
        state.again_ns = again_ns
        return state

    def __repr__(self) -> str:
        return f"<{self}: {self.reason}>" if self.reason else f"<{self}>"
