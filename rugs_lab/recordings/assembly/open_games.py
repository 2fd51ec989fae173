"""The running and the finished games, each put together by id and tick (`game_assembly`).

Prices have four sources: the message of the tick itself, ``partialPrices`` of the messages after it, the
snapshot on connect, and ``gameHistory`` (its prices, or since 2026 only its seed). History is matched by id,
never by position. A game that is not complete by then is computed from its seed.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from math import inf
from threading import RLock
from typing import Any

import numpy as np
from msgspec import structs

from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.game.parse_values import as_prices, is_game_id
from rugs_lab.game.phase import Phase
from rugs_lab.game.session_stats import SessionStats, parse_stats
from rugs_lab.game.signal import Update
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.assembly.final_leaderboards import Boards
from rugs_lab.recordings.assembly.game_assembly import (
    Changes,
    ExpectedGame,
    GameAssembly,
    PriceOutcome,
    Tick,
    reported_prices,
    reported_rug_tick,
)
from rugs_lab.recordings.assembly.outages import Outages, missed_before
from rugs_lab.recordings.games.game import Game, Source
from rugs_lab.recordings.games.games import Games
from rugs_lab.recordings.games.games_frame import ended_ns, play_order
from rugs_lab.recordings.write.line_format import stamp
from rugs_lab.recordings.write.line_types import AnomalyLine, GapLine, StatsLine

KEPT_GAMES = 2_000
"""A day and a half of play; files keep all of them."""

KEPT_BYTES = 160 * 2**20
"""Memory that the games may take; the oldest are then forgotten."""

_KEPT_ANOMALIES = 1_000
_KEPT_GAPS = 10_000
_WEIGH_EVERY = 64


class OpenGames:
    """Running and finished games; safe to read from any thread.

    `bounded`: forget the oldest games from `KEPT_GAMES`, or `KEPT_BYTES`, on.

    `revision`: grows whenever the running game changes in another way than by its next tick: a view that drew
    tick by tick must then draw the whole path again. Counters: `missed`: ticks missed at first. `backfilled`:
    ticks, not of games that only the history has. `reordered`: ticks received after a later one. `after_rug`:
    prices of ticks after a rug. `contradictions`: values that contradicted a known one; see `anomalies`.
    """

    def __init__(self, *, bounded: bool = True) -> None:
        self._kept_games: float = KEPT_GAMES if bounded else inf
        self._kept_bytes: float = KEPT_BYTES if bounded else inf
        self.revision = 0
        self.missed = 0
        self.backfilled = 0
        self.reordered = 0
        self.after_rug = 0
        self.contradictions = 0
        self.boards = Boards()
        self._anomalies: deque[AnomalyLine] = deque(maxlen=_KEPT_ANOMALIES)
        self._new_anomalies: list[AnomalyLine] = []
        self.stats = SessionStats()
        self._gaps: deque[GapLine] = deque(maxlen=_KEPT_GAPS)
        self._now_ns: int | None = None
        self.outages = Outages()
        self._taken = 0
        self._lock = RLock()
        self._games: dict[str, GameAssembly] = {}
        self._finished: dict[str, None] = {}
        self._finished_before = 0
        self._running: str | None = None
        self._to_compute: deque[str] = deque(maxlen=KEPT_GAMES if bounded else None)
        self._expected = ExpectedGame()

    @property
    def running(self) -> Game | None:
        """The game of the newest message, also while it is rugged or not yet started; None before any."""
        with self._lock:
            return None if self._running is None else self._games[self._running].game()

    def get(self, game_id: str) -> Game | None:
        """Return a running or finished game by its id; None when it is not known."""
        with self._lock:
            game = self._games.get(game_id)
            return None if game is None else game.game()

    def source_of(self, game_id: str, tick: int) -> Source:
        """Return the source of one price."""
        with self._lock:
            game = self._games.get(game_id)
            return Source.MISSING if game is None else game.source(tick)

    @property
    def running_length(self) -> int:
        """Ticks known of the running game, from 0 to the last one; 0 before any."""
        with self._lock:
            return 0 if self._running is None else len(self._games[self._running])

    @property
    def finished(self) -> Games:
        """Games that are over, in order of time; of one whose end was missed the rug is not known."""
        with self._lock:
            games = [self._games[game_id].game() for game_id in self._finished]
        heard = np.array([game.first_ns or 0 for game in games], np.int64)
        heard = np.where(heard, heard, np.maximum.accumulate(heard))  # of no known time: as they came
        order = play_order(heard, ended_ns(game.ended_ms for game in games))
        return Games([games[place] for place in order])

    @property
    def games(self) -> list[Game]:
        """Every game of which anything was received, in the order in which it was."""
        with self._lock:
            return [game.game() for game in self._games.values()]

    @property
    def finished_count(self) -> int:
        """How many games have finished, also those that `finished` no longer holds."""
        return self._finished_before + len(self._finished)

    @property
    def anomalies(self) -> tuple[AnomalyLine, ...]:
        """The last thousand contradictions, oldest first."""
        return tuple(self._anomalies)

    @property
    def gaps(self) -> tuple[GapLine, ...]:
        """The last ten thousand gaps, oldest first; the last one is open while the connection is down."""
        with self._lock:
            return (*self._gaps, *filter(None, (self.outages.open,)))

    def interrupted(self, *, recovering: bool = False) -> None:
        """Note that the next message does not continue what was taken last: a connection was lost.

        `recovering`: the server first sends again what was missed, until `recovered`.
        """
        with self._lock:
            self.outages.interrupted(recovering=recovering)

    def recovered(self) -> None:
        """Note that what comes from now on is new."""
        self.outages.recovering = False

    def __contains__(self, game_id: object) -> bool:
        return game_id in self._games

    def forget(self, game_ids: Collection[str]) -> None:
        """Forget games, as if nothing of them had been received; counters stay."""
        with self._lock:
            for game_id in game_ids:
                self._games.pop(game_id, None)
                self._finished.pop(game_id, None)
                if game_id == self._running:
                    self._running = None
            for kept in (self._anomalies, self._gaps):
                others = [each for each in kept if each.game_id not in game_ids]
                kept.clear()
                kept.extend(others)  # type: ignore[arg-type]
            self._now_ns, self.outages = None, Outages()
            self.revision += 1

    def expect_recorded(self, game: ExpectedGame) -> None:
        """Set what is recorded of the game that comes next, in a replay."""
        with self._lock:
            self._expected = game

    def take(self, update: Update, *, late: bool = False, phase: Phase = Phase.UNKNOWN) -> Changes:
        """Take one accepted message, and its phase; `late`: it is of a former game, which stays former."""
        with self._lock:
            since_ns, self._now_ns = self._now_ns, update.signal.received_ns
            if self._to_compute:
                self._compute_one()
            self._weigh_now_and_then()
            board = self.boards.take(update.signal, phase, update.rest, late=late)
            if board is not None and board in self._games:
                self._games[board].take_board(self.boards.of(board))
            cut = None if self._running is None else self._games[self._running]
            first = None if cut is None or cut.rug_tick is not None else len(cut)
            taken = self._take(update, late)
            at, game_id = stamp(self._now_ns), update.signal.gameId
            gaps = self.outages.gaps(update, taken, cut, first, since_ns, self._games)
            if game_id == self._expected.id:
                newest = len(self._assembly(game_id)) - 1
                gaps, anomalies = self._expected.due(newest, gaps)
                for anomaly in anomalies:
                    self._keep_anomaly(anomaly)
            self._gaps.extend(gaps)
            self.missed += sum(gap.missing or 0 for gap in gaps)
            stats = parse_stats(update.rest, self.stats) if "averageMultiplier" in update.rest else self.stats
            changed = None if stats == self.stats else StatsLine(**at, stats=stats)
            self.stats = stats
            return taken._replace(gaps=gaps, board=board, anomalies=self._take_new_anomalies(), stats=changed)

    def _take(self, update: Update, late: bool) -> Changes:
        signal = update.signal
        revealed = () if signal.gameHistory is None else self._take_history(signal.gameHistory)
        if revealed:
            self._weigh()
        game = self._assembly(signal.gameId)
        game.take_time(signal)
        if not late and self._running != game.id:
            self._running, before = game.id, self._running
            if before is not None and len(self._games[before]):
                self._finished.setdefault(before)
        game.take_commitment(update.server_seed_hash, update.version)
        if not signal.active:
            return Changes(revealed=revealed)
        game.watched = True
        was_over = game.rug_tick is not None
        if signal.rugged and not was_over:
            self._take_rug(game, update)
        length = len(game)
        ticks = self._take_ticks(game, update)
        gaps = missed_before(game.id, range(length, len(game)), ticks)
        if late and game.id != self._running and len(game):
            self._finished.setdefault(game.id)
        if was_over or game.rug_tick is None:
            return Changes(ticks, gaps, None, revealed)
        self._finished.setdefault(game.id)
        return Changes(ticks, gaps, game.game(), revealed)

    def take_trade(self, trade: Trade) -> Trade:
        """Keep a broadcast trade with its game, and return it with how late it is."""
        with self._lock:
            self._weigh_now_and_then()
            game = self._assembly(trade.game_id)
            if trade.game_id == self._running:
                trade = structs.replace(trade, late_ticks=len(game) - 1 - trade.tick)
            game.add_trade(trade)
            return trade

    def finish(self, reason: str | None = None, lost_ns: int | None = None) -> tuple[AnomalyLine, ...]:
        """Compute the games whose seeds wait, because data end here; return what contradicts them.

        `reason`: why they end; of several the first, until they continue. `lost_ns`: when a connection was
        found to be down.
        """
        with self._lock:
            self.outages.lost(reason, lost_ns, self._now_ns, self._running)
            while self._to_compute:
                self._compute_one()
            return self._take_new_anomalies()

    def _take_new_anomalies(self) -> tuple[AnomalyLine, ...]:
        anomalies, self._new_anomalies = tuple(self._new_anomalies), []
        return anomalies

    def _take_rug(self, game: GameAssembly, update: Update) -> None:
        tick = reported_rug_tick(update)
        if tick is None:
            return
        if tick > MOST_TICKS or max(update.partial_prices, default=tick) > tick:
            self._contradiction(game.id, tick, len(game) - 1, tick, "rug tick")
            return
        self._end(game, tick, update.signal.price)

    def _end(self, game: GameAssembly, tick: int, price: float | None) -> bool:
        """Set the rug and drop what is beyond it, unless a price known there contradicts it.

        So a message with a far tick does not keep a game from its end, and a wrong rug tick ends none.
        """
        last = len(game) - 1
        if last > tick:
            if not game.may_end(tick, price):
                self._contradiction(game.id, tick, last, tick, "rug tick")
                return False
            self._contradiction(game.id, last, tick, last, "beyond the rug")
            self.revision += game.id == self._running
        game.set_rug(tick)
        return True

    def _take_ticks(self, game: GameAssembly, update: Update) -> tuple[Tick, ...]:
        last = len(game) - 1
        new = []
        for tick, (price, source) in sorted(reported_prices(update).items()):
            if not game.knows(tick, price) and self._set(game, tick, price, source):
                new.append(Tick(game.id, tick, price, tick == game.rug_tick, source is not Source.RECEIVED))
                self.reordered += tick < last and source is Source.RECEIVED
        return tuple(new)

    def _set(self, game: GameAssembly, tick: int, price: float, source: Source) -> bool:
        """Take one price; return whether it is new."""
        outcome = game.set(tick, price, source)
        if outcome is PriceOutcome.IN_ORDER:
            return True
        if outcome is PriceOutcome.NEW:
            self.backfilled += game.watched and source is not Source.RECEIVED
            self.revision += game.id == self._running
            return True
        if outcome is PriceOutcome.AFTER_RUG:
            self.after_rug += 1
        elif outcome is PriceOutcome.CONTRADICTION:
            self._contradiction(game.id, tick, game.price(tick), price, source.name.lower())
        elif outcome is PriceOutcome.TOO_FAR:
            self._contradiction(game.id, tick, None, price, source.name.lower())
        return False

    def _contradiction(
        self, game_id: str, tick: int, known: float | None, reported: float, source: str
    ) -> None:
        anomaly = AnomalyLine(
            **stamp(self._now_ns),
            game_id=game_id,
            tick=tick,
            known=known,
            reported=reported,
            source=source,
        )
        self._keep_anomaly(anomaly)

    def _keep_anomaly(self, anomaly: AnomalyLine) -> None:
        self.contradictions += 1
        self._anomalies.append(anomaly)
        if len(self._new_anomalies) < _KEPT_ANOMALIES:
            self._new_anomalies.append(anomaly)

    def _take_history(self, history: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
        revealed = []
        entries = tuple(history)
        for place, record in reversed([*enumerate(entries)]):
            game_id = record.get("id")
            if not is_game_id(game_id):
                continue
            game = self._games.get(game_id)
            if game is not None and game.in_history:
                continue
            game = self._assembly(game_id)
            if game.first_ns is None and self._now_ns is not None:
                game.first_ns = self._now_ns - place - 1
            game.take_record(record)
            revealed.append(game_id)
            prices = as_prices(record.get("prices"))
            if prices is not None and record.get("rugged") is not False:
                self._backfill_finished(game, prices, Source.HISTORY)
            if game.server_seed is not None and not game.complete:
                self._to_compute.append(game_id)
        return tuple(revealed)

    def _backfill_finished(self, game: GameAssembly, prices: tuple[float, ...], source: Source) -> None:
        rug_tick = len(prices) - 1
        if game.rug_tick is None:
            self._end(game, rug_tick, prices[-1])
        elif game.rug_tick != rug_tick:
            self._contradiction(game.id, rug_tick, game.rug_tick, rug_tick, "rug tick")
        last = len(game) - 1 if game.rug_tick is None else game.rug_tick
        for tick, price in enumerate(prices[: last + 1]):
            if not game.knows(tick, price):
                self._set(game, tick, price, source)
        if game.rug_tick is not None:
            self._finished.setdefault(game.id)

    def _compute_one(self) -> None:
        """Compute one incomplete game from its seed (some ms: one with each message), and fill it."""
        game = self._games.get(self._to_compute.popleft())
        prices = None if game is None else game.computed()
        if game is not None and prices is not None:
            self._backfill_finished(game, prices, Source.SEED)

    def _assembly(self, game_id: str) -> GameAssembly:
        game = self._games.get(game_id)
        if game is None:
            sources = self._expected.sources if game_id == self._expected.id else ()
            game = self._games[game_id] = GameAssembly(game_id, sources)
            if len(self._games) > self._kept_games:
                self._forget_oldest()
        return game

    def _weigh_now_and_then(self) -> None:
        self._taken += 1
        if not self._taken % _WEIGH_EVERY:
            self._weigh()

    def _weigh(self) -> None:
        """Forget the oldest games while all of them take too much memory."""
        size = sum(game.size for game in self._games.values())
        while size > self._kept_bytes and len(self._games) > 1:
            size -= self._forget_oldest()

    def _forget_oldest(self) -> int:
        """Forget the game that was received first, but not the running one; return its size."""
        oldest = next(each for each in self._games if each != self._running)
        if oldest in self._finished:
            del self._finished[oldest]
            self._finished_before += 1
        return self._games.pop(oldest).size
