"""The order of messages: round after round from genesis to rug, each with its time and what it shows.

Sequence and times are those of the real feed. It runs one message ahead of what has been played, so it
only ever hands out finished payloads, each with the `ServerState` that holds from then on.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from heapq import heappush
from itertools import count
from random import Random
from typing import Any, Final

from rugs_lab.feed.server.simulation import payloads
from rugs_lab.feed.server.simulation.chat_and_notices import Message, drawing, golden, traced
from rugs_lab.feed.server.simulation.clock import utc_day
from rugs_lab.feed.server.simulation.payloads import Payload, ServerState
from rugs_lab.feed.server.simulation.player_trading import Fill, PlayerTrading, draw_id
from rugs_lab.feed.server.simulation.players import Player
from rugs_lab.feed.server.simulation.rounds import Round, draw_round
from rugs_lab.feed.server.simulation.session_records import STATISTIC_GAMES, SessionRecords
from rugs_lab.game.limits import COOLDOWN_MS, HISTORY_GAMES, MESSAGE_MS, PRESALE_MS, TICK_MS

STATE: Final = "gameStateUpdate"
FIRST_MESSAGE_MS: Final = 138
"""From the last countdown message to tick 0."""
FIRST_TICK_MS: Final = 267
"""From tick 0 to tick 1."""
RUG_MS: Final = 293
"""From the last tick to the rug message."""
BURST_MS: Final = 15
"""Between messages that catch up."""
LATE_TICKS: Final = 8
"""A broadcast trade comes at most so many ticks late."""
BROADCAST_EVERY: Final = (8, 19)
"""One in so many trades is broadcast, drawn again each time: about 8 %."""
OVERHEAD_MS: Final = 16_200
"""What a round takes besides its ticks."""
PLAYERS_RANGE: Final = (180, 300)

NextGame = Callable[[str], tuple[Round, bool]]
"""UTC day → the next game, and whether it is only announced and never played."""


@dataclass(frozen=True, slots=True)
class TimedMessage:
    """One message: when it is due (Unix ms), what it says, and what holds from then on."""

    due_ms: int
    message: Message
    state: ServerState


class MessageSequence:
    """Plays rounds; iterate `messages` once.

    A hundred earlier games are played from `now_ms` on before the first message. `trading_rng` is for what
    players do. `side_events`: what is sent between messages, a heap of (Unix ms, serial number, message).
    """

    def __init__(
        self,
        next_game: NextGame,
        players: tuple[Player, ...],
        rng: Random,
        trading_rng: Random,
        now_ms: int,
    ) -> None:
        self._next_game = next_game
        self._players = players
        self._rng = rng
        self._trading_rng = trading_rng
        self.side_events: list[tuple[int, int, Message]] = []
        self._serial = count()
        self._records = SessionRecords()
        self._history: list[Payload] = []
        self._connected = 240
        self._until_broadcast = rng.randrange(*BROADCAST_EVERY)
        self._pending: defaultdict[int, list[tuple[Fill, str]]] = defaultdict(list)
        self._state: ServerState
        self._at = self._play_past(now_ms)
        game, self._last = next_game(utc_day(self._at))
        self._open(game)

    @property
    def now_ms(self) -> int:
        """Time of the last cue (of the beginning, before the first one), Unix ms."""
        return self._at

    def begin(self, timer_ms: int) -> ServerState:
        """Take the first game to a countdown of `timer_ms` and return what is shown then."""
        if timer_ms <= PRESALE_MS:
            self._presale(timer_ms)
        self._show(timer_ms=timer_ms, presale=timer_ms <= PRESALE_MS)
        return self._state

    def messages(self) -> Iterator[TimedMessage]:
        """Yield the messages, in order of time, until the games end."""
        timer = self._state.timer_ms
        if timer == COOLDOWN_MS:
            yield self._message(payloads.full)
        while not self._last:
            yield from self._countdown(timer)
            yield from self._ticks()
            ended = yield from self._rug()
            self._close(ended)
            self._at = max(self._at + self._rng.randrange(14, 528), ended + 50)
            board, trades = self._state.board, self._state.trades
            game, self._last = self._next_game(utc_day(self._at))
            self._open(game)
            self._show(board=board, trades=trades)
            timer = COOLDOWN_MS
            yield self._message(payloads.full)

    # What follows is called between two messages: it changes what the next message shows.

    def _countdown(self, timer: int) -> Iterator[TimedMessage]:
        while timer > MESSAGE_MS:
            timer -= MESSAGE_MS
            self._at += MESSAGE_MS
            if timer == PRESALE_MS:
                self._show(timer_ms=timer, presale=True, board=[])
                yield self._message(payloads.tick_frame)
                self._at += 1
                yield self._message(payloads.delta)
                self._at -= 1
                continue
            if timer < PRESALE_MS:
                self._presale(timer)
            self._show(timer_ms=timer)
            yield self._message(payloads.delta)

    def _ticks(self) -> Iterator[TimedMessage]:
        self._at += FIRST_MESSAGE_MS
        started = self._at
        self._show(tick=0, timer_ms=0, active=True, presale=False, board=[], trades=self._trading.trades)
        yield self._message(payloads.start)
        if golden(started):
            self._at += self._rng.randrange(470, 620)
            yield self._message(payloads.full)
        for tick in range(1, self._game.rug_tick):
            due = started + FIRST_TICK_MS + TICK_MS * (tick - 1)
            self._between(tick - 1, max(due, self._at + BURST_MS))
            board = self._trading.board(self._game.prices[tick - 1])
            self._show(tick=tick, board=board, trades=self._trading.trades)
            yield self._message(payloads.tick_frame)

    def _rug(self) -> Generator[TimedMessage, None, int]:
        game, trading, rng = self._game, self._trading, self._rng
        self._between(game.rug_tick - 1, self._at + RUG_MS)
        trading.rug(self._at)
        board = trading.board(game.prices[-1])
        self._show(tick=game.rug_tick, rugged=True, board=board, trades=trading.trades)
        yield self._message(payloads.tick_frame)
        rugged = self._at
        ended = rugged + rng.randrange(640, 1100)
        wait = min(200 + int(rng.expovariate(1 / 600)), 2000)
        self._release(sorted(self._pending), rugged + min(wait, 190))
        self._at = rugged + wait
        self._show(drift=rng.randrange(1, 4))
        yield self._message(payloads.full)
        if golden(rugged):
            self._later(self._at + 10, drawing(rng, self._at, game.id, self._players))
        return ended

    def _between(self, tick: int, until: int) -> None:
        """Let players act after the message of `tick`, send what is due, and move on to `until`."""
        if tick:
            self._broadcast(self._trading.play(tick, self._at))
        self._release([tick], until)
        self._at = until

    def _presale(self, timer: int) -> None:
        self._broadcast(self._trading.presale_orders(timer))
        self._show(board=self._trading.board(self._game.prices[0], presale=True))

    def _broadcast(self, fills: list[Fill]) -> None:
        for fill in fills:
            self._until_broadcast -= 1
            if not self._until_broadcast:
                self._until_broadcast = self._rng.randrange(*BROADCAST_EVERY)
                tick = fill.tick + self._rng.randrange(LATE_TICKS + 1)
                self._pending[tick].append((fill, draw_id(self._rng)))

    def _release(self, ticks: list[int], until: int) -> None:
        """Send the trades that were delayed for these ticks, at times before `until`."""
        held = [item for tick in ticks for item in self._pending.pop(tick, ())]
        dues = sorted(self._rng.randrange(self._at, max(until, self._at + 1)) for _ in held)
        for due, (fill, trade_id) in zip(dues, held, strict=True):
            payload = payloads.trade(fill, trade_id, self._game.id)
            self._later(due, traced(self._rng, "standard/newTrade", payload))

    def _later(self, due_ms: int, message: Message) -> None:
        heappush(self.side_events, (due_ms, next(self._serial), message))

    # State.

    def _message(self, build: Callable[[ServerState], Payload]) -> TimedMessage:
        low, high = PLAYERS_RANGE
        if self._rng.random() < 0.2:
            self._connected = min(max(self._connected + self._rng.choice((-2, -1, 1, 2)), low), high)
        state = self._state = replace(self._state, players=self._connected)
        return TimedMessage(self._at, (STATE, (build(state),)), state)

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)

    def _open(self, game: Round) -> None:
        self._game = game
        self._trading = PlayerTrading(game, self._players, self._trading_rng)
        self._pending.clear()
        self._state = ServerState(
            game=game,
            tick=0,
            timer_ms=COOLDOWN_MS,
            active=False,
            rugged=False,
            presale=False,
            board=[],
            players=self._connected,
            trades=0,
            history=list(self._history),
            counts=self._records.counts(),
            bests=self._records.bests(),
            rugpool=self._records.rugpool(),
        )

    def _close(self, ended: int) -> None:
        self._records.add(self._game, ended, self._trading.stake_sol())
        entry = payloads.finished(self._game, ended, self._trading.sidebets)
        self._history = [entry, *self._history][:HISTORY_GAMES]

    def _play_past(self, now_ms: int) -> int:
        """Play the games that the first message contains; return the time after them."""
        at = now_ms
        for place in range(STATISTIC_GAMES):
            game = self._game = draw_round(self._rng, utc_day(at))
            trading = self._trading = PlayerTrading(game, self._players, self._trading_rng)
            first = at + COOLDOWN_MS + FIRST_MESSAGE_MS
            trading.presale_orders(0)
            if place >= STATISTIC_GAMES - HISTORY_GAMES:
                for tick in range(1, game.rug_tick):
                    trading.play(tick, first + TICK_MS * tick)
                trading.rug(first + TICK_MS * game.rug_tick)
            at += OVERHEAD_MS + TICK_MS * game.rug_tick
            self._close(at - 300)
        return at
