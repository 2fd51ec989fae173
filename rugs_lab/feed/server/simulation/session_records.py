"""What the server remembers of finished games: the last hundred, the day's best, the rug pool."""

from collections import deque
from dataclasses import dataclass, field
from math import fsum
from typing import Any, Final

from rugs_lab.feed.server.simulation.clock import DAY_MS
from rugs_lab.feed.server.simulation.rounds import Number, Round, number

STATISTIC_GAMES: Final = 100
INSTARUG_TICKS: Final = 5
RUGPOOL_THRESHOLD: Final = 10
RUGPOOL_SHARE: Final = 0.02

_COUNTS: Final = (2, 10, 50, 100)
_GOD_LIMITS: Final = {"godCandle50x": 50.0, "godCandle10x": 10.0, "godCandle2x": 2.0}


_Best = tuple[Number, int, list[Number], list[Number] | None]
"""Peak, time (Unix ms), prices and god candle of a game."""


@dataclass(slots=True)
class SessionRecords:
    """Statistics over finished games; `add` one when it ends, read the parts of a message from the rest."""

    _peaks: deque[float] = field(default_factory=lambda: deque(maxlen=STATISTIC_GAMES))
    _day: int = 0
    _best: dict[str, _Best] = field(default_factory=dict)
    _instarugs: int = 0
    _pool_sol: float = 0.0

    def add(self, game: Round, timestamp: int, stake_sol: float) -> None:
        """Enter a finished game, as it was played.

        `timestamp`: when it ended, Unix ms; its UTC day decides what "today" is. `stake_sol`: real money that
        was at stake in it; a share of it goes to the rug pool when it rugs at once.
        """
        peak = game.peak
        self._peaks.append(peak)
        if timestamp // DAY_MS != self._day:
            self._day = timestamp // DAY_MS
            self._best.clear()
        jump = game.jump
        self._keep("highestToday", game, timestamp, peak, None)
        if jump is not None:
            for name, limit in _GOD_LIMITS.items():
                if peak >= limit:
                    self._keep(name, game, timestamp, peak, [number(jump[0]), number(jump[1])])
                    break
        if game.rug_tick <= INSTARUG_TICKS:
            self._instarugs += 1
            self._pool_sol += RUGPOOL_SHARE * stake_sol
            if self._instarugs > RUGPOOL_THRESHOLD:
                self._instarugs, self._pool_sol = 0, 0.0

    def counts(self) -> dict[str, Any]:
        """Return the five statistics over the last hundred games, in the order of the wire."""
        mean = fsum(self._peaks) / len(self._peaks) if self._peaks else 0.0
        counts = {f"count{limit}x": sum(peak >= limit for peak in self._peaks) for limit in _COUNTS}
        return {"averageMultiplier": number(mean), **counts}

    def bests(self) -> dict[str, Any]:
        """Return the day's highest game and god candles, in the order of the wire."""
        fields: dict[str, Any] = {}
        for name in ("highestToday", *reversed(_GOD_LIMITS)):
            peak, timestamp, prices, jump = self._best.get(name, (None, None, [], None))
            fields |= {name: peak, f"{name}Timestamp": timestamp, f"{name}Prices": prices}
            if name in _GOD_LIMITS:
                fields[f"{name}MassiveJump"] = jump
        return fields

    def rugpool(self) -> dict[str, Any]:
        """Return the rug pool as the wire shows it."""
        return {
            "instarugCount": self._instarugs,
            "threshold": RUGPOOL_THRESHOLD,
            "rugpoolAmount": number(self._pool_sol),
        }

    def _keep(self, name: str, game: Round, timestamp: int, peak: float, jump: list[Number] | None) -> None:
        best = self._best.get(name)
        if best is None or peak > best[0]:
            self._best[name] = (number(peak), timestamp, game.wire(), jump)
