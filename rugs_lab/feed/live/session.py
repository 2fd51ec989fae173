"""`Session`: what a connection leaves behind for the next one."""

from __future__ import annotations

from dataclasses import dataclass

from rugs_lab.feed.live.refusals import Refusal


@dataclass(slots=True)
class Session:
    """What the next connection needs to be recovered by the server, and where the last one ended up.

    `pid`: the private session id that the server handed out; None: it recovers nothing. `offset`: of the
    newest event that was taken. `redirected`: address to which the server redirected the newest connection.
    `transport`: its transport; None before the first. `attempts`: connections that ended, or were not made.
    `refusal`: why the newest attempt came to nothing.
    """

    pid: str | None = None
    offset: str | None = None
    redirected: str | None = None
    transport: str | None = None
    attempts: int = 0
    refusal: Refusal | None = None

    @property
    def auth(self) -> dict[str, str] | None:
        """What the request for the namespace carries; None without a session to recover."""
        return None if self.pid is None or self.offset is None else {"pid": self.pid, "offset": self.offset}
