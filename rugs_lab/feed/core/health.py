"""What a feed counts about itself, and when it received things, by a clock that nobody steps (monotonic)."""

import time
from collections import Counter, defaultdict, deque
from typing import Any

import numpy as np

GAPS_KEPT = 2_000
TICKS_KEPT = 2_000
_NAMES_KEPT = 1_000
_REASONS_KEPT = 100
_FITTED_PAIRS = 60

_Floats = np.ndarray[Any, np.dtype[np.float64]]


class Span:
    """Counters over a stretch of time: since the start of the feed, or of its connection.

    `messages`, `bytes`: accepted ``gameStateUpdate`` messages; characters of event text before decoding.
    `longest_gap_ms`: longest time between two messages, ms; since the start of the feed also over lost
    connections. `first_ns`, `last_ns`: monotonic time of the first and the newest message, ns; None before
    any.
    """

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0
        self.longest_gap_ms = 0.0
        self.first_ns: int | None = None
        self.last_ns: int | None = None

    @property
    def rate(self) -> float:
        """Messages per second from the first to the newest message; NaN with fewer than two."""
        if self.first_ns is None or self.last_ns is None or self.last_ns == self.first_ns:
            return float("nan")
        return (self.messages - 1) * 1e9 / (self.last_ns - self.first_ns)


class Health:
    """Counters of one feed since it was made.

    `connection`: since the newest connection. `rejected`: messages that could not be used, by reason.
    `rejected_fields`, `unknown_keys`: of accepted messages, by name. `noise`: events other than
    ``gameStateUpdate`` and trades, by name. `recovered`: events that a server sent again.
    """

    def __init__(self) -> None:
        self.start = Span()
        self.connection = Span()
        self.trades = 0
        self.practice_trades = 0
        self.connections = 0
        self.disconnections = 0
        self.recovered = 0
        self.rejected: Counter[str] = Counter()
        self.rejected_fields: Counter[str] = Counter()
        self.unknown_keys: Counter[str] = Counter()
        self.noise: Counter[str] = Counter()
        self._state = "stopped"
        self._state_since_s = time.monotonic()
        self._states_s: defaultdict[str, float] = defaultdict(float)
        self._silent_from_ns: int | None = None
        self._gaps_ms: deque[float] = deque(maxlen=GAPS_KEPT)
        self._tick_game = ""
        self._ticks: deque[tuple[int, int]] = deque(maxlen=TICKS_KEPT)

    @property
    def messages(self) -> int:
        """Accepted ``gameStateUpdate`` messages since the feed was made."""
        return self.start.messages

    def enter(self, state: str) -> None:
        """Note that the feed is in another state from now on."""
        now_s = time.monotonic()
        self._states_s[self._state] += now_s - self._state_since_s
        self._state, self._state_since_s = state, now_s

    def seconds_in(self, state: str) -> float:
        """Return the seconds spent in a state so far."""
        running_s = time.monotonic() - self._state_since_s if state == self._state else 0.0
        return self._states_s[state] + running_s

    def text_received(self, length: int) -> None:
        """Note the text of an event."""
        self.start.bytes += length
        self.connection.bytes += length

    def message_received(self, mono_ns: int) -> None:
        """Note an accepted message at a monotonic time, ns."""
        start, connection = self.start, self.connection
        start.messages += 1
        connection.messages += 1
        last_ns = connection.last_ns
        if self._silent_from_ns is not None:
            start.longest_gap_ms = max(start.longest_gap_ms, (mono_ns - self._silent_from_ns) / 1e6)
        self._silent_from_ns = mono_ns
        if last_ns is None:
            connection.first_ns = mono_ns
            if start.first_ns is None:
                start.first_ns = mono_ns
        else:
            gap_ms = (mono_ns - last_ns) / 1e6
            self._gaps_ms.append(gap_ms)
            connection.longest_gap_ms = max(connection.longest_gap_ms, gap_ms)
        start.last_ns = connection.last_ns = mono_ns

    def tick_received(self, game_id: str, tick: int, mono_ns: int) -> None:
        """Note the arrival of the message of a tick."""
        if game_id != self._tick_game:
            self._tick_game = game_id
            self._ticks.clear()
        self._ticks.append((tick, mono_ns))

    def connection_made(self) -> None:
        """Note a new connection."""
        self.connections += 1
        self.connection = Span()
        self._ticks.clear()

    def interrupted(self) -> None:
        """Note that the next message does not continue what was received before, and no time passed."""
        self.connection = Span()
        self._ticks.clear()
        self._silent_from_ns = None

    def note_noise(self, event: str) -> None:
        """Count an event by name."""
        _count(self.noise, event[:80], _NAMES_KEPT)

    def note_unknown_key(self, key: str) -> None:
        """Count a key that no message was ever seen with."""
        _count(self.unknown_keys, key[:80], _NAMES_KEPT)

    def note_rejected(self, event: str, reason: str) -> None:
        """Count a message that cannot be used."""
        _count(self.rejected, f"{event[:80]}: {reason[:200]}", _REASONS_KEPT)

    @property
    def gaps_ms(self) -> _Floats:
        """Times between the last 2,000 accepted messages, ms, within one connection."""
        return np.array(list(self._gaps_ms), dtype=np.float64)

    @property
    def lateness_ms(self) -> _Floats:
        """How late each tick of the newest game was received, ms, by a clock fitted to the server's ticks.

        The server ticks every 250 ms; its clock is taken from the ticks themselves: the slope is the median
        of the slopes between distant ticks (Theil-Sen), and the earliest tick is on time. Ticks of one
        connection only; empty with fewer than eight.
        """
        points = np.array(list(self._ticks), dtype=np.float64).reshape(-1, 2)
        if len(points) < 8:
            return np.empty(0)
        points -= points[0]
        half = len(points) // 2
        step = max(1, half // _FITTED_PAIRS)
        apart = points[half::step] - points[: len(points) - half : step]
        apart = apart[apart[:, 0] > 0]
        if not len(apart):
            return np.empty(0)
        late_ns = points[:, 1] - points[:, 0] * np.median(apart[:, 1] / apart[:, 0])
        return np.asarray(late_ns - late_ns.min()) / 1e6


def _count(counter: Counter[str], name: str, kept: int) -> None:
    counter[name if name in counter or len(counter) < kept else "(other)"] += 1
