"""`ReconnectionPolicy`: how long a live feed waits, for a connection, in silence, before the next one."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ReconnectionPolicy:
    """How long a live feed waits, in seconds.

    A pause before the next attempt is random, below a limit (full jitter), so that many clients of a server
    that came back do not come all at once. A connection that brought data is replaced at once; one that
    brought nothing is a failure, and the limit doubles with each failure in a row.

    `namespace_s`, `connect_s`: for the server's answer to the namespace, and for a connection in all.
    `upgrade_s`: for a WebSocket in place of polling, which else stays. `close_s`: for a polite end.
    `stale_after_s`, `replace_after_s`: silence from which on a connection is called stale, and is replaced;
    the real server is never silent that long. `prompt_pause_s`: limit of the pause after a connection that
    brought data; `first_pause_s`, `longest_pause_s`: after the first failure, and after many.
    `short_life_s`: connections in a row that brought data and ended sooner let the limit grow as well.
    """

    namespace_s: float = 10.0
    connect_s: float = 15.0
    upgrade_s: float = 3.0
    close_s: float = 2.0
    stale_after_s: float = 10.0
    replace_after_s: float = 60.0
    prompt_pause_s: float = 0.1
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    short_life_s: float = 1.0

    def pause_limit_s(self, failures: int, short: int = 0) -> float:
        """Return the longest pause before the next attempt.

        `failures`: connections in a row, up to now, that brought nothing; `short`: where there is none,
        connections in a row that brought data and ended soon.
        """
        first_s, times = (self.first_pause_s, failures) if failures else (self.prompt_pause_s, short)
        return min(self.longest_pause_s, first_s * 2.0 ** min(max(0, times - 1), 64))

    def in_silence(self, silent_s: float) -> tuple[Literal["live", "stale", "replace"], float]:
        """Return what a connection is that was silent so long, and the seconds until that changes."""
        if silent_s >= self.replace_after_s:
            return "replace", 0.0
        if silent_s >= self.stale_after_s:
            return "stale", self.replace_after_s - silent_s
        return "live", self.stale_after_s - silent_s
