"""`PlaylistFeed`: takes the events of timelines as any feed does, forward, and back by taking them again.

Where it stands is a timeline and a place in it. Two ways lead on: `advance` takes what is due, and a move
(`moving`, `play_to`) takes everything up to a place at once. Both take one event at a time under one lock and
wait for subscribers without it, so that a subscriber may call for another move; the newest move counts, an
earlier one then ends where it is.

The frontier of a game is the furthest place whose events subscribers were sent. What lies before it is taken
silently when it is played again: rows and games are there again, but nobody is sent anything twice.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from threading import Event, RLock
from typing import ClassVar, Final

from rugs_lab.errors import FeedTimeoutError
from rugs_lab.feed.core.feed import Feed
from rugs_lab.feed.core.feed_thread import FeedThread, log
from rugs_lab.feed.replay.pace import Pace
from rugs_lab.feed.replay.play_order import PlayOrder
from rugs_lab.feed.replay.playlist import Playlist
from rugs_lab.recordings.assembly.game_assembly import ExpectedGame
from rugs_lab.recordings.games.games import Games

_BATCH_S: Final = 0.004
"""As long as `advance` keeps the lock."""

_SLICE_S: Final = 0.05
"""As long as subscribers are waited for before it is looked whether that is still wanted."""

LEAVE_S: Final = 5.0
"""As long as a call of the transport waits for subscribers: before it takes back, and when it is done."""

_BREATH_S: Final = 0.0005
"""At full speed, time for other threads after each batch."""

_DUE_S: Final = 1e-6
_MORE_TIME: Final = "give more time with timeout="
_SUBSCRIBERS: Final = float("nan")
"""What is due has to wait for subscribers."""


class PlaylistFeed(Feed):
    """A feed that plays a playlist; `rugs_lab.feed.replay.replay_feed.ReplayFeed` is its interface.

    `version` grows with every change of the playing: position, speed, whether it plays.
    """

    _internal: ClassVar = Feed._internal + " advance broke_off version"

    _clock = staticmethod(time.monotonic)
    """Monotonic seconds by which events are due."""

    def __init__(self, playlist: Playlist, order: PlayOrder, *, speed: float, maxlen: int) -> None:
        self._thread: ReplayThread | None = None
        super().__init__(maxlen)
        self.version = 0
        self._playlist = playlist
        self._order = order
        self._pace = Pace(self._clock, speed)
        self._lock = self._record_lock = RLock()  # so that a recording begins between two events
        self._playing = self._loop = self._autoplay = False
        self._position = order.first
        self._timeline = playlist.timeline(self._position)
        self._place = 0
        self._sent: dict[int, int] = {}
        self._recorded: dict[int, int] = {}
        self._endless: set[str] = set()
        self._ticket = 0
        self._moves = 0
        self._virtual_ns = 0
        self._virtual_ms = 0.0
        self._received: tuple[int, float] | None = None
        self._enter(self._position)

    @property
    def moving(self) -> bool:
        """Whether it goes to another place just now."""
        return self._moves > 0

    @property
    def source_games(self) -> Games | None:
        """The games that are replayed, as they were given; None in a raw event log."""
        return self._playlist.games

    def frontier(self) -> int:
        """Return the furthest tick of the current game that subscribers were sent; -1 without any."""
        with self._lock:
            return self._timeline.tick(self._frontier)

    def forget(self) -> None:
        """Send every game again, the current one from where it is: a new paper session."""
        with self._lock:
            self._sent = {self._position: self._place}
            self.version += 1

    def never_ends(self, game_id: str) -> bool:
        """Return whether a game that was played has no known end in its recording."""
        return game_id in self._endless

    def present_ns(self) -> int | None:
        """Return now by the recorded times: that of the newest event that has one, and what passed since."""
        with self._lock:
            if self._received is None:
                return None
            at_ns, at_ms = self._received
            return at_ns + round((self._pace.now_ms - at_ms) * 1e6)

    def advance(self) -> float | None:
        """Take what is due; return the seconds until more is, or None while nothing will be."""
        batch_ends_s = time.perf_counter() + _BATCH_S
        while (wait_s := self._take_due(batch_ends_s)) is _SUBSCRIBERS:
            self.dispatcher.wait_ready(_SLICE_S)
            if time.perf_counter() > batch_ends_s:
                return 0.0
        return wait_s

    def _take_due(self, batch_ends_s: float) -> float | None:
        """Take what is due and subscribers are ready for, under the lock, for the time of a batch."""
        with self._lock:
            while self._moves == 0 and self._pace.running:
                timeline = self._timeline
                at_end = self._place == timeline.end
                wait_s = self._pace.wait_s(timeline.span_ms if at_end else timeline.events[self._place].at_ms)
                if wait_s > _DUE_S:
                    return wait_s
                if not self._ready(at_end):
                    return _SUBSCRIBERS
                if at_end:
                    following = self._next
                    assert following is not None  # else it would not be running, see `_settle`
                    self._go_on(following)
                    continue
                self._take_next()
                self._settle()
                if time.perf_counter() > batch_ends_s:
                    return 0.0
        return None

    @contextmanager
    def _moving(self) -> Iterator[int]:
        """Begin a move; what was moving before ends where it is. Meanwhile nothing is taken by itself."""
        with self._lock:
            self._ticket += 1
            ticket = self._ticket
            self._moves += 1
        try:
            yield ticket
            # so that what subscribers hold is true of this tick when the call returns
            self._wait_to_leave(ticket)
        finally:
            with self._lock:
                self._moves -= 1
                if ticket == self._ticket:
                    self._settle()
                    self._anchor()
                self.version += 1
            self._wake()

    def _play_to(self, ticket: int, place: int, until_s: float = inf) -> bool:
        """Take everything up to a place; return whether that is done and the move still counts."""
        while True:
            with self._lock:
                while ticket == self._ticket:
                    if self._place >= place:
                        return True
                    if not self._ready():
                        break
                    self._take_next()
                else:
                    return False
            self._wait_for_subscribers(until_s)

    def _wait_to_leave(self, ticket: int, until_s: float = inf) -> None:
        """Wait until subscribers are done with the newest tick, before it is taken away; not for long."""
        give_up_s = time.monotonic() + LEAVE_S
        while ticket == self._ticket and not self.dispatcher.ready() and time.monotonic() < give_up_s:
            self._wait_for_subscribers(until_s)

    def _wait_for_subscribers(self, until_s: float) -> None:
        if time.monotonic() > until_s:
            raise FeedTimeoutError(
                f"the replay is at tick {self._timeline.tick(self._place)} of game {self._timeline.id}, and "
                f"its subscribers need longer; {_MORE_TIME}"
            )
        self.dispatcher.wait_ready(_SLICE_S)

    def _leave(self, ticket: int) -> bool:
        """Play a game that was begun to its end, so that whatever is open in it is settled by that."""
        with self._lock:
            end = self._timeline.end if self._timeline.tick(self._frontier) >= 0 else self._place
        return self._play_to(ticket, end)

    def _back_to(self, ticket: int, place: int) -> bool:
        """Take events back to the beginning of the game where needed, and play to a place."""
        if place < self._place:
            self._wait_to_leave(ticket)
        with self._lock:
            if ticket == self._ticket and place < self._place:
                self._enter(self._position)
        return self._play_to(ticket, place)

    def _open(self, ticket: int, position: int, until_s: float = inf) -> bool:
        """Begin the game at a position, with its first message."""
        self._wait_to_leave(ticket, until_s)
        with self._lock:
            if ticket == self._ticket:
                follows = position == self._order.neighbour(self._position, 1, loop=False)
                if follows and self._place == self._timeline.end:
                    self._go_on(position)
                else:
                    self._enter(position)
        return self._play_to(ticket, self._timeline.opening, until_s)

    def _finishing(self, until_s: float) -> Iterator[None]:
        """Play to the end of the playlist; yield after each game that was played to its end."""
        following: int | None = self._position
        while following is not None:
            if time.monotonic() > until_s:
                raise FeedTimeoutError(
                    f"the replay is at game {self._position + 1} of {len(self._playlist)}; {_MORE_TIME}"
                )
            with self._moving() as ticket:
                if not self._play_to(ticket, self._timeline.end, until_s):
                    continue
                following = self._order.neighbour(self._position, 1, loop=False)
                if following is None:
                    self._playing = False
                    self._pace_on()
                else:
                    self._open(ticket, following, until_s)
            yield

    @property
    def _frontier(self) -> int:
        return self._sent.get(self._position, 0)

    @property
    def _at_end(self) -> bool:
        """Whether nothing more is taken by itself."""
        return self._place == self._timeline.end and not (self._autoplay and self._next is not None)

    @property
    def _next(self) -> int | None:
        return self._order.neighbour(self._position, 1, loop=self._loop)

    def _ready(self, at_end: bool = False) -> bool:
        """Whether subscribers are ready for what comes next: a tick that is to be sent, or another game."""
        timeline, place = self._timeline, self._place
        if not at_end and (place < self._frontier or timeline.events[place].tick == timeline.tick(place)):
            return True
        return self.dispatcher.ready()

    def _take_next(self) -> None:
        position, place = self._position, self._place
        event = self._timeline.events[place]
        self._virtual_ns += round((event.at_ms - self._virtual_ms) * 1e6)
        self._virtual_ms = event.at_ms
        recording = self.recording
        if recording is not None:
            recording.muted = place < self._recorded.get(position, 0)
        self.dispatcher.muted = place < self._sent.get(position, 0)
        self._place = place + 1  # before anybody is sent it
        for furthest in (self._sent, self._recorded):
            furthest[position] = max(furthest.get(position, 0), place + 1)
        try:
            if isinstance(event.event, str):
                self.take_text(event.event, event.received_ns)
            else:
                self.take(*event.event, event.received_ns)
        finally:
            self.dispatcher.muted = False
            if recording is not None:
                recording.muted = False
        if event.received_ns is not None:
            self._received = event.received_ns, event.at_ms
        self._pace.reached(event.at_ms)

    def _enter(self, position: int, *, straight: bool = False, joined: bool = False) -> None:
        """Go to the beginning of a timeline, before its first event; what is known of it is taken back.

        `straight`: in time, after the timeline before it; `joined`: which it continues.
        """
        if position != self._position:
            self._timeline = self._playlist.timeline(position)
        self._position, self._place = position, 0
        timeline = self._timeline
        if not timeline.ends:
            self._endless.add(timeline.id)
        sources = () if timeline.game is None else timeline.game.sources.tolist()
        self.book.expect_recorded(ExpectedGame(timeline.id, sources, timeline.notes))
        if timeline.id in self.book:
            self.take_back((timeline.id,), timeline.after)
        elif not joined:
            self.boards.interrupted()
            self.tracker.reset(timeline.after)
            if not straight:
                self.health.interrupted()
        if not straight:
            self._virtual_ms = 0.0
        self.version += 1

    def _go_on(self, following: int) -> None:
        """Go from the end of a timeline to the one that follows, in time."""
        before, span_ms = self._position, self._timeline.span_ms
        self._enter(following, straight=True, joined=self._playlist.joined(before, following))
        self._virtual_ms -= span_ms
        self._pace.shift(span_ms)
        if self._received is not None:
            self._received = self._received[0], self._received[1] - span_ms

    def _settle(self) -> None:
        """Stop playing where nothing more is taken by itself."""
        if self._playing and self._at_end:
            self._playing = False
            self._pace_on()
            self.version += 1

    def _anchor(self) -> None:
        """Count virtual time from the newest event on."""
        at_ms = self._timeline.time_ms(self._place)
        self._pace.anchor(at_ms)
        if self._received is not None:
            self._received = self._received[0], at_ms

    def _pace_on(self) -> None:
        on = self._playing and self.running
        if on != self._pace.running:
            self._pace.run(on)

    def _clock_ns(self) -> int:
        return self._virtual_ns

    def _wake(self) -> None:
        """Have the thread look again what is due."""
        if (thread := self._thread) is not None:
            thread.wake()

    def broke_off(self, thread: ReplayThread, error: Exception) -> None:
        """Stop, because what is next cannot be had: its thread reports it, and ends."""
        with self._lock:  # not `_control`: who holds that may wait for this thread
            if self._thread is not thread:
                return
            self._thread, self._playing = None, False
            self._pace_on()
            self.version += 1
            reason = f"the replay broke off: {type(error).__name__}: {error}"
            self.set_state("stopped", reason)
        log.warning("%s: %s", self.source, reason)
        self._end_handlers()


class ReplayThread(FeedThread):
    """Calls `PlaylistFeed.advance` when something is due. An error ends it, and is reported to the feed."""

    def __init__(self, feed: PlaylistFeed) -> None:
        super().__init__(feed, "rugs_lab replay")
        self._feed = weakref.ref(feed)
        self._changed = Event()

    def wake(self) -> None:
        """Have it look again what is due."""
        self._changed.set()

    def _work(self) -> None:
        while not self._stopping:
            self._changed.clear()
            wait_s = self._advance()
            self._changed.wait(None if wait_s is None else max(wait_s, _BREATH_S))

    def _advance(self) -> float | None:
        feed = self._feed()
        if feed is None or self._stopping:
            return 0.0
        try:
            return feed.advance()
        except Exception as error:  # such as a file that is gone
            self._stopping = True
            feed.broke_off(self, error)
            return 0.0
