"""One game while it is put together, tick by tick, from every message that has prices of it.

A known price is never overwritten; one that contradicts it is an `Anomaly`. Once the rug tick is known,
nothing after it is taken: the late full message of a finished game has a drifted tick.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from math import nan
from typing import Any, NamedTuple

import numpy as np

from rugs_lab.game.leaderboard import PlayerBet, Standing, parse_bets
from rugs_lab.game.limits import MOST_TICKS, RUG_FACTOR
from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.parse_values import MAX_SHORT, as_text, as_time_ms
from rugs_lab.game.price_process import VERSIONS
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.game.signal import GameSignal, Update
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.games.game import Game, Source, start_of
from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine, StatsLine

KEPT_TRADES = 5_000
_EMPTY_BYTES = 1_500
_VALUE_BYTES = 400


@dataclass(frozen=True, slots=True)
class Tick:
    """One price of a running game, published once and in order of tick where possible.

    `game_id`, `tick`: Game, and its tick (250 ms each).
    `price`: Multiplier; at the rug the rug price.
    `rug`: True for the last one, the rug.
    `backfilled`: True when it is from another source than its own message.
    """

    game_id: str
    tick: int
    price: float
    rug: bool = False
    backfilled: bool = False


class Changes(NamedTuple):
    """What one message changed.

    `ticks`: new prices of its game, in order of tick. `gaps`: what was missed before the message: ticks, a
    connection; in a replay those of the recording. `ended`: the game, if this message ended it. `revealed`:
    ids of games that are in the history for the first time. `board`: id of the game whose last leaderboard it
    gave, if any. `anomalies`: values that contradict known ones, those of games computed from their seeds
    meanwhile among them. `stats`: the server's statistics, if one has changed.
    """

    ticks: tuple[Tick, ...] = ()
    gaps: tuple[GapLine, ...] = ()
    ended: Game | None = None
    revealed: tuple[str, ...] = ()
    board: str | None = None
    anomalies: tuple[AnomalyLine, ...] = ()
    stats: StatsLine | None = None


class PriceOutcome(Enum):
    """What was done with a reported price."""

    NEW = auto()
    IN_ORDER = auto()
    KNOWN = auto()
    CONTRADICTION = auto()
    AFTER_RUG = auto()
    TOO_FAR = auto()


@dataclass(slots=True, eq=False)
class GameAssembly:
    """The prices of one game by tick with their sources, and its rug, seed, trades and side bets.

    `id`: which game. `recorded`: of a replayed game: the sources in its recording, by tick; a price that
    is received now keeps its source of then.
    """

    id: str
    recorded: Sequence[int] = ()
    rug_tick: int | None = None
    server_seed: str | None = None
    server_seed_hash: str | None = None
    version: str | None = None
    in_history: bool = False
    watched: bool = False
    first_ns: int | None = None
    started_ns: int | None = None
    presale_ns: int | None = None
    ended_ms: int | None = None
    board: tuple[Standing, ...] = ()
    _prices: array[float] = field(default_factory=lambda: array("d"))
    _sources: bytearray = field(default_factory=bytearray)
    _trades: list[Trade] = field(default_factory=list)
    _bets: tuple[PlayerBet, ...] = ()
    _extra_bytes: int = 0
    _cached: Game | None = None

    def __len__(self) -> int:
        return len(self._prices)

    @property
    def size(self) -> int:
        """Memory that it takes, bytes, about."""
        return _EMPTY_BYTES + 18 * len(self._prices) + self._extra_bytes

    def price(self, tick: int) -> float:
        """Return the known price at `tick`."""
        return self._prices[tick]

    def may_end(self, tick: int, price: float | None) -> bool:
        """Return whether a tick before the last may be the rug: no other price there, none right after."""
        if self._sources[tick] == Source.MISSING:
            return True
        return self._prices[tick] == price and self._sources[tick + 1] == Source.MISSING

    def set_rug(self, tick: int) -> None:
        """Set the rug tick, and drop what is beyond it."""
        self.rug_tick = tick
        self._cached = None
        del self._prices[tick + 1 :], self._sources[tick + 1 :]

    def knows(self, tick: int, price: float) -> bool:
        """Return whether this very price is known already."""
        return tick < len(self._prices) and self._prices[tick] == price

    def source(self, tick: int) -> Source:
        """Return the source of one price."""
        return Source(self._sources[tick]) if tick < len(self._sources) else Source.MISSING

    def set(self, tick: int, price: float, source: Source) -> PriceOutcome:
        """Take one price."""
        if source is Source.RECEIVED and tick < len(self.recorded):
            source = Source(max(self.recorded[tick], Source.RECEIVED))
        count = len(self._prices)
        if self.rug_tick is not None and tick > self.rug_tick:
            return PriceOutcome.AFTER_RUG
        if tick > MOST_TICKS:
            return PriceOutcome.TOO_FAR
        if tick >= count:
            missing = tick - count
            self._prices += array("d", (nan,)) * missing + array("d", (price,))
            self._sources += bytes(missing) + bytes((source,))
            self._cached = None
            return PriceOutcome.NEW if missing or source is not Source.RECEIVED else PriceOutcome.IN_ORDER
        if self._sources[tick] != Source.MISSING:
            return PriceOutcome.KNOWN if self._prices[tick] == price else PriceOutcome.CONTRADICTION
        self._prices[tick] = price
        self._sources[tick] = source
        self._cached = None
        return PriceOutcome.NEW

    def add_trade(self, trade: Trade) -> None:
        """Keep a broadcast trade."""
        if len(self._trades) < KEPT_TRADES:
            self._trades.append(trade)
            self._extra_bytes += _bytes_of(trade.id, trade.player_id, trade.username)
            self._cached = None

    def take_time(self, signal: GameSignal) -> None:
        """Take the time of arrival of a message of the game."""
        at_ns, timer_ms = signal.received_ns, signal.cooldownTimer
        self.first_ns = at_ns if self.first_ns is None else self.first_ns
        if at_ns is None or self.started_ns is not None:
            return
        if signal.active:
            self.started_ns = None if signal.kind is MessageKind.RUG1B else at_ns
        elif timer_ms:
            self.presale_ns = at_ns + timer_ms * 1_000_000

    def take_board(self, board: tuple[Standing, ...]) -> None:
        """Take the last leaderboard of the game."""
        self._cached = None
        self._extra_bytes += sum(_bytes_of(row.player_id, row.username) for row in board)
        self.board = board

    def take_commitment(self, server_seed_hash: str | None, version: str | None) -> None:
        """Take the published hash in messages of the game; the first one counts."""
        self.server_seed_hash = self.server_seed_hash or server_seed_hash
        self.version = self.version or version

    def take_record(self, record: Mapping[str, Any]) -> None:
        """Take seed and side bets from the game's entry in the history."""
        self.in_history = True
        self._cached = None
        if version := record.get("gameVersion"):  # one that we do not know keeps its name
            self.version = as_text(version) or f"({type(version).__name__})"
        self.ended_ms = as_time_ms(record.get("timestamp"))
        self._bets = parse_bets(record.get("globalSidebets"))
        self._extra_bytes += sum(_bytes_of(bet.username) for bet in self._bets)
        fair = record.get("provablyFair")
        if not isinstance(fair, Mapping):
            return
        seed, commitment = fair.get("serverSeed"), fair.get("serverSeedHash")
        if isinstance(commitment, str) and len(commitment) <= MAX_SHORT:
            self.take_commitment(commitment, None)
        if isinstance(seed, str) and len(seed) <= MAX_SHORT:
            self.server_seed = seed

    @property
    def complete(self) -> bool:
        """True when the rug and every price up to it are known."""
        return self.rug_tick == len(self._prices) - 1 and Source.MISSING not in self._sources

    def computed(self) -> tuple[float, ...] | None:
        """Return the prices that follow from the seed.

        None without a seed, with one that does not match its published hash, or with an unknown version.
        """
        if self.server_seed is None or self.version not in VERSIONS:
            return None
        if self.server_seed_hash is None or seed_hash(self.server_seed) != self.server_seed_hash:
            return None
        return tuple(replay_prices(self.server_seed, self.id, self.version).tolist())

    def game(self) -> Game:
        """Return the game as a value."""
        if self._cached is None:
            self._cached = Game(
                self.id,
                np.array(self._prices, dtype=np.float64),
                np.frombuffer(bytes(self._sources), np.uint8),
                self.rug_tick,
                self.server_seed,
                self.server_seed_hash,
                self.version,
                tuple(self._trades),
                self._bets,
                start_of(self.started_ns, self.presale_ns, self.ended_ms, self.rug_tick),
                recorded_board=self.board,
                ended_ms=self.ended_ms,
                first_ns=self.first_ns,
            )
        return self._cached


def _bytes_of(*texts: str | None) -> int:
    return _VALUE_BYTES + sum(0 if text is None else len(text.encode()) for text in texts)


def reported_rug_tick(update: Update) -> int | None:
    """Return the exact rug tick that a message of a rugged game reports, or None.

    Only the tick of the rug message itself is exact. A late full message still has the true last five prices,
    and a snapshot those of the whole game: their last tick is the rug if its price is the rug price.
    """
    signal = update.signal
    if signal.kind is MessageKind.RUG1A:
        return signal.tickCount
    if update.partial_prices:
        last = max(update.partial_prices)
        return last if update.partial_prices[last] == signal.price else None
    if update.prices and len(update.prices) > 1:
        *before, last_price = update.prices
        return len(before) if last_price == min(before) * RUG_FACTOR else None
    return None


def reported_prices(update: Update) -> dict[int, tuple[float, Source]]:
    """Return every price in a message of a running game, by tick, with its source."""
    signal = update.signal
    reported: dict[int, tuple[float, Source]] = {}
    for tick, price in enumerate(update.prices or ()):
        reported[tick] = (price, Source.SNAPSHOT)
    for tick, price in update.partial_prices.items():
        reported[tick] = (price, Source.PARTIAL)
    drifted = signal.kind is MessageKind.RUG1B
    if not drifted and signal.tickCount is not None and signal.price is not None:
        reported[signal.tickCount] = (signal.price, Source.RECEIVED)
    return reported


class ExpectedGame:
    """What is recorded of the game that a replay plays next.

    `sources`: by tick. `notes`: gaps and anomalies, each with the tick at which it comes (-1: at once).
    """

    def __init__(
        self,
        game_id: str = "",
        sources: Sequence[int] = (),
        notes: Iterable[tuple[int, GapLine | AnomalyLine]] = (),
    ) -> None:
        self.id, self.sources, self._notes = game_id, sources, list(notes)
        self._has_gaps = any(isinstance(note, GapLine) for _, note in self._notes)

    def due(
        self, newest: int, gaps: tuple[GapLine, ...]
    ) -> tuple[tuple[GapLine, ...], tuple[AnomalyLine, ...]]:
        """Return the recorded gaps and anomalies that come with the newest tick, each once.

        `gaps`: what the replay itself misses, which stays where the recording has no gap in the whole game.
        """
        due = [note for tick, note in self._notes if tick <= newest]
        self._notes = [each for each in self._notes if each[0] > newest]
        if self._has_gaps:
            gaps = tuple(note for note in due if isinstance(note, GapLine))
        return gaps, tuple(note for note in due if isinstance(note, AnomalyLine))
