"""The simulated server: a reproducible iterator of what rugs.fun would send.

`SimulatedServer` weaves messages, late trades and other noise into one sequence on a virtual clock, and
says what a client gets that connects at this moment. It knows nothing of sockets.
"""

import time
from collections.abc import Iterable, Iterator
from heapq import heappop
from random import Random
from typing import Any

from rugs_lab.errors import ArgumentError
from rugs_lab.feed.server.simulation import chat_and_notices as noise
from rugs_lab.feed.server.simulation import payloads
from rugs_lab.feed.server.simulation.clock import EPOCH_MS
from rugs_lab.feed.server.simulation.message_sequence import STATE, MessageSequence
from rugs_lab.feed.server.simulation.players import draw_players
from rugs_lab.feed.server.simulation.rounds import Round, complete, draw_round, read_games
from rugs_lab.feed.server.simulation.session_records import STATISTIC_GAMES
from rugs_lab.game.limits import COOLDOWN_MS, MESSAGE_MS

Event = tuple[int, str, tuple[Any, ...]]
"""(ms since the event before, name, arguments): one argument, or two with the trace object first."""

_ROUND_MS = 66_000


class SimulatedServer:
    """The server's side of the feed, without a socket: iterate for ``(delay_ms, event, args)``.

    `join` gives what a client that connects now gets first. `seed`: the same events, to the last byte, dated
    from 2026-01-01T12:00:00Z; None: fresh games, dated now. `games`: see `rounds.read_games`, played in
    order; the iterator ends after the genesis message that reveals the last; None: simulated games without
    end. `first_timer_ms`: countdown of the first game, ms: 15000 begins with its genesis message. `now_ms`:
    its own clock, Unix ms, moved only by the events that are played.
    """

    def __init__(
        self,
        seed: int | None = None,
        games: Iterable[Any] | None = None,
        *,
        first_timer_ms: int = COOLDOWN_MS,
    ) -> None:
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise ArgumentError(f"seed must be a whole number, or None for fresh games; got {seed!r}")
        if first_timer_ms not in range(MESSAGE_MS, COOLDOWN_MS + 1, MESSAGE_MS):
            raise ArgumentError(
                f"first_timer_ms must be a multiple of {MESSAGE_MS} from {MESSAGE_MS} to {COOLDOWN_MS}; "
                f"got {first_timer_ms!r}"
            )
        given = None if games is None else iter(read_games(games))
        self._key = str(seed) if seed is not None else f"{Random().getrandbits(128):x}"
        begin = EPOCH_MS if seed is not None else int(time.time() * 1000) - STATISTIC_GAMES * _ROUND_MS
        draws = self._rng("games")

        def next_game(day: str) -> tuple[Round, bool]:
            if given is None:
                return draw_round(draws, day), False
            turn = next(given, None)
            return (draw_round(draws, day), True) if turn is None else (complete(turn, draws, day), False)

        self._players = draw_players(self._rng("players"))
        sequence = MessageSequence(next_game, self._players, self._rng("script"), self._rng("table"), begin)
        self.now_ms = sequence.now_ms
        self._side_events = sequence.side_events
        self._state = sequence.begin(first_timer_ms)
        self._messages = sequence.messages()
        self._next = next(self._messages, None)
        self._ambient = noise.ambient(self._rng("noise"), self.now_ms, self._players)
        self._notice = next(self._ambient)

    def __iter__(self) -> Iterator[Event]:
        """Iterate over the events."""
        return self

    def __next__(self) -> Event:
        """Play the next event."""
        due = self._due_ms()
        if due is None:
            raise StopIteration
        delay = max(due - self.now_ms, 0)
        self.now_ms += delay
        if self._side_events and self._side_events[0][0] == due:
            return delay, *heappop(self._side_events)[2]
        if self._next is not None and self._next.due_ms == due:
            message, self._state = self._next.message, self._next.state
            self._next = next(self._messages, None)
            return delay, *message
        message = self._notice[1]
        self._notice = next(self._ambient)
        return delay, *message

    @property
    def wait_ms(self) -> int | None:
        """Virtual ms until the next event; None after the last one."""
        due = self._due_ms()
        return None if due is None else max(due - self.now_ms, 0)

    def join(self) -> list[noise.Message]:
        """Return what a client gets that connects now: the snapshot, then the notices.

        It takes nothing from the sequence: who joins when does not change what is played.
        """
        rng = self._rng(f"join-{self.now_ms}")
        snapshot: noise.Message = (STATE, (payloads.snapshot(self._state),))
        return [snapshot, *noise.on_connect(rng, self.now_ms)]

    def _rng(self, name: str) -> Random:
        return Random(f"{self._key}-{name}")

    def _due_ms(self) -> int | None:
        dues = [due for due, _, _ in self._side_events[:1]]
        if self._next is not None:
            dues += [self._next.due_ms, self._notice[0]]
        return min(dues, default=None)
