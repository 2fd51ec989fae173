"""`demo`: a live feed against the built-in server, no network needed."""

from typing import Self

from rugs_lab.feed.live.live_feed import LiveFeed
from rugs_lab.feed.server.game_server import GameServer


class DemoFeed(LiveFeed):
    """A `LiveFeed` that owns its server: they start and stop together, and the game waits meanwhile."""

    def __init__(self, server: GameServer, *, maxlen: int = 5000) -> None:
        super().__init__(server.start().url, maxlen=maxlen)
        self._server = server

    @property
    def server(self) -> GameServer:
        """The server that it plays against."""
        return self._server

    def start(self) -> Self:
        """Start the server where it is not running, and connect."""
        self._connect_to(self._server.start().url)
        return super().start()

    def stop(self) -> None:
        """Disconnect, and stop the server."""
        super().stop()
        self._server.stop()


def demo(speed: float = 1.0, seed: int | None = None, *, maxlen: int = 5000) -> LiveFeed:
    """Start a feed against a built-in `GameServer` on loopback.

    Parameters
    ----------
    speed
        1.0 plays at the pace of the real game (a tick each 250 ms), 4.0 four times as fast; the server's own
        times (``ended_ms``, of bets) then run ahead of those of arrival.
    seed
        A whole number makes the games reproducible.
    maxlen
        Rows kept in the buffer.

    Returns
    -------
    LiveFeed
        Already started; its ``stop()`` stops the server too.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> feed = rl.demo(speed=50, seed=7).wait(ticks=3)
    >>> feed.game.prices[0].item(), feed.game.missing
    (1.0, 0)
    >>> feed.stop()
    """
    return DemoFeed(GameServer(speed=speed, seed=seed, resume=True), maxlen=maxlen).start()
