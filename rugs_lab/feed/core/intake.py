"""`Intake`: the one interface for data, whatever their source, and the parts behind it.

A live socket, a capture, a replay and a simulation all hand their events to `Intake.take` (or their text to
`Intake.take_text`); from there on the code is the same: payload → `GameSignal` → `PhaseTracker` → ring buffer
and `OpenGames` → subscribers. One thread calls it at a time; changes of state pass through it as well, so
that subscribers receive data, gaps and states in the order in which they happened.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from threading import Condition
from typing import Any

from rugs_lab.errors import PayloadError
from rugs_lab.feed.core.health import Health
from rugs_lab.feed.core.recording import Recording
from rugs_lab.feed.core.ring_buffer import Ring
from rugs_lab.feed.core.state import LOST, FeedState
from rugs_lab.feed.core.subscribers import Dispatcher
from rugs_lab.game.event_text import data_of, decode_event, without_offset
from rugs_lab.game.fast_signal import KNOWN_KEYS, read_update
from rugs_lab.game.phase_tracker import PhaseTracker, Transition
from rugs_lab.game.signal import GameSignal, Update
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.assembly.events import UPDATE_EVENT, follow, parse_event
from rugs_lab.recordings.assembly.final_leaderboards import Boards
from rugs_lab.recordings.assembly.open_games import OpenGames

KEPT_TRADES = 5_000
_DECODED = 20
"""Memory of decoded JSON, by its text, at most."""

_TRADE_IDS_KEPT = 10_000
_log = logging.getLogger("rugs_lab.feed")
_UPDATE_START = f'["{UPDATE_EVENT}",'


class Intake:
    """Takes events in order of arrival and never raises for what they hold.

    `maxlen`: rows kept in the buffer, 1 to 10,000,000. `recent_trades`: oldest first. `recording`: None
    while nothing is written. `epoch`: grows when rows or games were taken back: a view must then start again.
    `on_arrival`: called after each event by the thread that took it: to set a flag.
    """

    def __init__(self, maxlen: int) -> None:
        self.ring = Ring(maxlen)
        self.book = OpenGames()
        self.tracker = PhaseTracker()
        self.health = Health()
        self.dispatcher = Dispatcher()
        self.recording: Recording | None = None
        self.epoch = 0
        self._state = FeedState("stopped", "not started yet")
        self._update: Update | None = None
        self._signal: GameSignal | None = None
        self.recent_trades: deque[Trade] = deque(maxlen=KEPT_TRADES)
        self._trade_ids: dict[tuple[str, str], None] = {}
        self._arrival = Condition()
        self.on_arrival: list[Callable[[], None]] = []
        self._length = 0

    @property
    def state(self) -> FeedState:
        """``connecting``, ``live``, ``stale``, ``reconnecting`` or ``stopped``, with its ``reason``."""
        return self._state

    @property
    def boards(self) -> Boards:
        """The last leaderboard of each game."""
        return self.book.boards

    @property
    def moving(self) -> bool:
        """Whether what is held is about to change at once: a replay that goes to another place."""
        return False

    def take(self, event: str, args: tuple[object, ...], received_ns: int | None = None) -> None:
        """Take one event, by name and arguments (see `data_of`), received at `received_ns`."""
        if (recording := self.recording) is not None:
            recording.event(event, args, received_ns)
        self._length = 0
        self._take(event, args, received_ns)

    def _take(self, event: str, args: tuple[Any, ...], received_ns: int | None) -> None:
        try:
            message = parse_event(event, args, received_ns)
        except PayloadError as error:
            self.health.note_rejected(event, str(error))
        else:
            if isinstance(message, Update):
                for key in message.rest:
                    if key not in KNOWN_KEYS:
                        self.health.note_unknown_key(key)
                self._accept(message, received_ns)
            elif message is not None:
                self._take_trade(message)
            else:
                self.health.note_noise(event)
                self.dispatcher.publish("event", event, data_of(args), size=_DECODED * self._length)
        self._notify()

    def take_text(self, text: str, received_ns: int | None = None) -> None:
        """Take one event as the JSON text of its list, ``["name", argument, ...]``: `take`, but faster.

        A ``gameStateUpdate`` that is well-formed goes through the compiled form of the parser.
        """
        self.health.text_received(len(text))
        self._length = len(text)
        if (recording := self.recording) is not None:
            recording.text(text, received_ns)
        if text.startswith(_UPDATE_START) and text.endswith("]"):
            update = read_update(without_offset(text[len(_UPDATE_START) : -1]), received_ns)
            if update is not None:
                self._accept(update, received_ns)
                self._notify()
                return
        try:
            event, args = decode_event(text)
        except PayloadError as error:
            self.reject("(undecodable)", str(error))
        else:
            self._take(event, args, received_ns)

    def reject(self, event: str, reason: str) -> None:
        """Count a message that cannot be used."""
        self.health.note_rejected(event, reason)
        self._notify()

    def connection_made(self, *, recovering: bool = False) -> None:
        """Note a new connection: what is received next does not continue what was received last.

        `recovering`: the server first sends again what was missed, until ``book.recovered``.
        """
        self.book.interrupted(recovering=recovering)
        self.health.connection_made()
        self.boards.interrupted()
        self.tracker.reset()

    def connection_lost(self) -> None:
        """Note the end of a connection."""
        self.health.disconnections += 1

    def take_back(self, game_ids: Collection[str], after: str | None = None) -> None:
        """Forget all rows, these games and the phase, so that they can be taken again.

        `after` is the game before the one that comes next, see `PhaseTracker.reset`.
        """
        self.ring.clear()
        self.book.forget(game_ids)
        others = [each for each in self.recent_trades if each.game_id not in game_ids]
        self.recent_trades.clear()
        self.recent_trades.extend(others)
        self._trade_ids = {name: None for name in self._trade_ids if name[0] not in game_ids}
        self.boards.interrupted()
        self.tracker.reset(after)
        self.health.interrupted()
        self.epoch += 1

    @property
    def source(self) -> str:
        """Where the data come from, for people."""
        raise NotImplementedError

    def set_state(self, name: str, reason: str = "", *, again_s: float | None = None) -> None:
        """Change the state, and publish it; the same state and reason change nothing.

        `again_s`: in how many seconds the next connection is tried.
        """
        if name == self._state and reason == self._state.reason:
            return
        self.health.enter(name)
        now_ns = time.time_ns()
        again_ns = None if again_s is None else now_ns + round(again_s * 1e9)
        self._state = FeedState(name, reason, now_ns, again_ns)
        if _log.isEnabledFor(logging.INFO):
            _log.info("%s: %s (%s)", self.source, name, reason)
        lost_ns = now_ns if name == "reconnecting" else None
        anomalies = self.book.finish(reason, lost_ns) if name in LOST else ()
        if (recording := self.recording) is not None:
            recording.state(self._state, anomalies)
        self.dispatcher.publish("state", self._state)
        self._notify()

    def _accept(self, update: Update, received_ns: int | None) -> None:
        tracker, health = self.tracker, self.health
        before, before_game = tracker.phase, tracker.game_id
        signal, is_late = follow(tracker, update)
        mono_ns = self._clock_ns()
        health.message_received(mono_ns)
        if update.rejected:
            health.rejected_fields.update(update.rejected)
        self.ring.append(signal, update)
        self._update = update
        self._signal = signal
        taken = self.book.take(update, late=is_late, phase=signal.phase)
        if (recording := self.recording) is not None:
            recording.message(update, signal, taken)
        publish = self.dispatcher.publish
        publish("signal", signal, size=0 if signal.gameHistory is None else self._length)
        if not is_late and (signal.phase is not before or signal.gameId != before_game):
            publish(
                "phase",
                Transition(before, signal.phase, before_game, signal.gameId, signal.tickCount, received_ns),
            )
        for gap in taken.gaps:
            if gap.missing:
                publish("gap", gap)
        for tick in taken.ticks:
            if not tick.backfilled:
                health.tick_received(tick.game_id, tick.tick, mono_ns)
            publish("tick", tick)
        if taken.ended is not None:
            ended = taken.ended
            publish("game", ended, size=10 * len(ended) + 500 * len(ended.recorded_trades))

    def _clock_ns(self) -> int:
        """Return the time by which `health` measures, ns; nobody steps it."""
        return time.monotonic_ns()

    def _take_trade(self, trade: Trade) -> None:
        if trade.id is not None:
            known = self._trade_ids
            if (name := (trade.game_id, trade.id)) in known:  # sent again after a lost connection
                self.health.note_rejected("standard/newTrade", "a trade that was received before")
                return
            known[name] = None
            if len(known) > _TRADE_IDS_KEPT:
                del known[next(iter(known))]
        self.health.trades += 1
        self.health.practice_trades += trade.practice is True
        trade = self.book.take_trade(trade)
        self.recent_trades.append(trade)
        if (recording := self.recording) is not None:
            recording.trade(trade)
        self.dispatcher.publish("trade", trade)

    def _notify(self) -> None:
        with self._arrival:
            self._arrival.notify_all()
        for noted in self.on_arrival:
            noted()
