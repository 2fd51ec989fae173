"""`ReplayFeed`: recorded games, or a raw event log, as a feed that can be paused, stepped and taken back.

The events come from `rugs_lab.feed.replay.timeline` and are taken as any feed's
(`rugs_lab.feed.replay.playback`); one thread takes them when due and does not keep the feed alive.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from threading import RLock
from typing import TYPE_CHECKING, Self

from rugs_lab.errors import ArgumentError, FeedTimeoutError
from rugs_lab.feed.replay.argument_checks import seconds, seed_of, switch, whole
from rugs_lab.feed.replay.play_order import PlayOrder
from rugs_lab.feed.replay.playback import PlaylistFeed, ReplayThread
from rugs_lab.feed.replay.playlist import playlist_of
from rugs_lab.progress import progress

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rugs_lab.recordings.games.game import Game


class ReplayFeed(PlaylistFeed):
    """Recorded games as a feed: all that works on a live feed works on it, and it has playback controls.

    Every method below may be called from any thread, from a subscriber too, whether the feed is started or
    not, and has taken full effect when it returns (unless another call came in between: the newest counts).

    Playing a part again brings back rows, games and phase as they were; subscribers and the recorder get
    everything once: of a game that was shown before, only what is after its furthest point (`frontier`).
    Jumping forward sends everything in between, in order. A game that was begun is played to its end, at
    once, before another begins. The replay waits for subscribers that do not keep up.

    Parameters
    ----------
    games
        A `Game`, `Games`, an iterable of games, price arrays (last element the rug price) or mappings of
        published games, or the path of a raw event log. Games without any tick are in `skipped`.
    speed
        0.25 to 10; 1.0 is a tick each 250 ms. ``float("inf")``: as fast as subscribers take it.
    playing
        Whether it plays once it is started.
    loop, autoplay
        Whether the first game follows the last one; whether the next game follows by itself.
    shuffle, seed
        Play in a random order; a seed makes it reproducible.
    maxlen
        Rows kept in the buffer, 1 to 10,000,000.

    Raises
    ------
    ArgumentError
        Nothing can be played, or an argument that is not allowed.
    CaptureError
        The path is not a raw event log.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> feed = rl.ReplayFeed([[1.0, 1.2, 0.9, 1.1, 0.018]], playing=False)
    >>> feed.seek(2)
    >>> feed.tick, feed.phase, feed.game.prices
    (2, <Phase.ACTIVE: 'ACTIVE'>, array([1. , 1.2, 0.9]))
    >>> feed.back()
    >>> feed.game.prices
    array([1. , 1.2])
    >>> feed.finish().games[-1]
    <Game game-0: rug at tick 4, peak 1.2x at tick 1, complete>
    """

    def __init__(
        self,
        games: Game | Iterable[object] | ArrayLike | str | PathLike[str],
        *,
        speed: float = 1.0,
        playing: bool = True,
        loop: bool = False,
        autoplay: bool = True,
        shuffle: bool = False,
        seed: int | None = None,
        maxlen: int = 5000,
    ) -> None:
        self._control = RLock()
        playlist = playlist_of(games)
        order = PlayOrder(len(playlist), seed_of(seed))
        if switch("shuffle", shuffle):
            order.shuffle()
        super().__init__(playlist, order, speed=speed, maxlen=maxlen)
        self._playing = switch("playing", playing)
        self._loop, self._autoplay = switch("loop", loop), switch("autoplay", autoplay)

    @property
    def running(self) -> bool:
        """True from `start` to `stop`."""
        return self._thread is not None

    @property
    def source(self) -> str:
        """What is replayed."""
        return f"replay of {self._playlist.source}"

    @property
    def skipped(self) -> tuple[Game, ...]:
        """Games that were left out because no tick of them is known."""
        return self._playlist.skipped

    def start(self) -> Self:
        """Begin, or continue where it stood; does nothing when already started. Returns the feed itself."""
        with self._control:
            if self._thread is not None:
                return self
            thread = self._thread = ReplayThread(self)
            with self._lock:  # between two events
                self.set_state("live", self.source)
                self._pace_on()
        try:
            if self._place == 0:
                with self._moving() as ticket:  # without `_control`: a subscriber may want to stop it
                    self._play_to(ticket, self._timeline.opening)
        finally:
            with self._control:
                if self._thread is thread:
                    thread.start()
        return self

    def stop(self) -> None:
        """Stop, from any thread or handler; data and position are kept. Does nothing if already stopped."""
        with self._control:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            with self._lock:
                self._pace_on()
            thread.stop()
            thread.join()
            with self._lock:
                self.set_state("stopped", "stopped by you")
        self._end_handlers()

    @property
    def playing(self) -> bool:
        """Whether it plays by itself, once started; may be set."""
        return self._playing

    @playing.setter
    def playing(self, on: bool) -> None:
        if switch("playing", on):
            self.play()
        else:
            self.pause()

    def play(self) -> None:
        """Play on; at the end of a game the next one, at the end of the playlist the first one again."""
        if self.ended:
            with self._moving() as ticket:
                following = self._next
                self._open(ticket, self._order.first if following is None else following)
        self._set_playing(True)

    def pause(self) -> None:
        """Stay where it is until `play`."""
        self._set_playing(False)

    @property
    def speed(self) -> float:
        """Pace, 0.25 to 10 or infinite; may be set."""
        return self._pace.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._pace.change(speed)
            self.version += 1
        self._wake()

    def step(self, n: int = 1) -> None:
        """Pause, and continue by `n` known ticks; from the last one to the end of the game."""
        self._step("step", n, 1)

    def back(self, n: int = 1) -> None:
        """Pause, and go back by `n` known ticks; from tick 0 to the presale."""
        self._step("back", n, -1)

    def seek(self, tick: int) -> None:
        """Go to a tick of this game; it continues playing if it was.

        -1 is the presale; beyond the last tick is the end of the game. Where a tick is missing, the newest
        one known by then.
        """
        wanted = whole(tick)
        if wanted is None or wanted < -1:
            raise ArgumentError(f"a tick is an integer >= 0, or -1 for the presale; got {tick!r}")
        with self._moving() as ticket:
            self._back_to(ticket, self._timeline.place(wanted))

    @property
    def tick(self) -> int:
        """The newest tick of the current game; -1 before the first. May be set, see `seek`."""
        with self._lock:
            return self._timeline.tick(self._place)

    @tick.setter
    def tick(self, tick: int) -> None:
        self.seek(tick)

    @property
    def last_tick(self) -> int:
        """The last known tick of the current game."""
        return self._timeline.last_tick

    def next(self) -> None:
        """Go to the beginning of the next game; from the last one, without `loop`, to its end."""
        with self._moving() as ticket:
            following = self._next
            if following is None:
                self._play_to(ticket, self._timeline.end)
            elif self._leave(ticket):
                self._open(ticket, following)

    def previous(self) -> None:
        """Go to the beginning of the game before; from the first one, without `loop`, to its own."""
        with self._moving() as ticket:
            before = self._order.neighbour(self._position, -1, loop=self._loop)
            if before is None:
                self._back_to(ticket, self._timeline.opening)
            elif self._leave(ticket):
                self._open(ticket, before)

    def select(self, game: int | str) -> None:
        """Go to the beginning of a game, given by its position in the playlist or by its id.

        Raises
        ------
        ArgumentError
            No such game.
        """
        position = self._playlist.find(game) if isinstance(game, str) else whole(game)
        if position is None or not 0 <= position < self.count:
            raise ArgumentError(
                f"a game is given by its position, 0 to {self.count - 1}, or by its id; got {game!r}"
            )
        with self._moving() as ticket:
            if self._leave(ticket):
                self._open(ticket, position)

    @property
    def position(self) -> int:
        """Position of the current game in the playlist as it was given, from 0."""
        return self._position

    @property
    def count(self) -> int:
        """Games of the playlist; of a raw event log, games it has messages of."""
        return len(self._playlist)

    @property
    def source_game(self) -> Game | None:
        """The recorded game that is being replayed, all of it; None in a raw event log."""
        return self._timeline.game

    @property
    def loop(self) -> bool:
        """Whether the first game comes again after the last one; may be set."""
        return self._loop

    @loop.setter
    def loop(self, on: bool) -> None:
        with self._changing():
            self._loop = switch("loop", on)

    @property
    def autoplay(self) -> bool:
        """Whether the next game follows by itself; may be set."""
        return self._autoplay

    @autoplay.setter
    def autoplay(self, on: bool) -> None:
        with self._changing():
            self._autoplay = switch("autoplay", on)

    @property
    def shuffle(self) -> bool:
        """Whether the order is random; set to True, a new order begins with the current game."""
        return self._order.shuffled

    @shuffle.setter
    def shuffle(self, on: bool) -> None:
        with self._changing():
            if switch("shuffle", on):
                self._order.shuffle(self._position)
            else:
                self._order.straighten()

    @property
    def ended(self) -> bool:
        """Whether it is at the end: of the playlist, or of a game when `autoplay` is off."""
        with self._lock:
            return self._at_end

    def finish(self, timeout: float | None = 30.0) -> Self:
        """Play on to the end of the playlist at once, and wait until every subscriber is done.

        A feed that is not started is started for that, and stopped again. A bar shows the games played once
        that has taken two seconds.

        Parameters
        ----------
        timeout
            Seconds; None: as long as it takes.

        Raises
        ------
        ArgumentError
            `timeout` is not a time.
        FeedTimeoutError
            It took longer.
        """
        until_s = time.monotonic() + seconds(timeout)
        started = not self.running
        self.start()
        try:
            for _ in progress(self._finishing(until_s), "playing", "games", self._order.left(self._position)):
                pass
            if not self.dispatcher.wait_idle(max(until_s - time.monotonic(), 0)):
                raise FeedTimeoutError(
                    f"the replay is at its end, but its subscribers are not done after {timeout} s; "
                    "give more time with timeout="
                )
        finally:
            if started:
                self.stop()
        return self

    def _step(self, name: str, n: int, sign: int) -> None:
        count = whole(n)
        if count is None or count < 1:
            raise ArgumentError(f"{name} takes a number of ticks, at least 1; got {n!r}")
        self.pause()
        with self._moving() as ticket:
            self._back_to(ticket, self._timeline.steps(self._place, sign * count))

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            yield
            self._settle()
            self.version += 1
        self._wake()

    def _set_playing(self, on: bool) -> None:
        with self._lock:
            if on != self._playing:
                self._playing = on
                self._pace_on()
                self.version += 1
        self._wake()

    def __repr__(self) -> str:
        what = "ended" if self.ended else "playing" if self.playing else "paused"
        where = f"game {self.position + 1} of {self.count}, tick {self.tick} of {self.last_tick}"
        return f"<ReplayFeed {self.source}: {self.state}, {what}, {where}, speed {self.speed:g}>"
