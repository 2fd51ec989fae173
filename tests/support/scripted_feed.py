"""A feed that says what a test wants, through the same code as the live one; no network."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from rugs_lab.feed.core.feed import Feed


class ScriptedFeed(Feed):
    """Frames on request (`cooldown`, `tick`, `rug`, `say`) or at a rate from a thread (`pump`)."""

    source = "script"

    def __init__(self, maxlen: int = 5000, seed: int = 7) -> None:
        super().__init__(maxlen)
        self.seed = seed
        self.games_begun = 0
        self.starts = 0
        self.stops = 0
        self.ended = threading.Event()
        self._running = False
        self._pump: threading.Thread | None = None
        self._last_ns = time.time_ns()
        self.now_ns: Any = None
        self.begin()

    def begin(self) -> str:
        """Make up the next game; nothing is said yet."""
        self.games_begun += 1
        self._rng = np.random.default_rng([self.seed, self.games_begun])
        self.game_id = f"20260101-{self.games_begun:016x}"
        self.path = [1.0]
        return self.game_id

    def start(self) -> ScriptedFeed:
        self.starts += 1
        if not self._running:
            self._running = True
            self.set_state("live", "connected to the script")
        return self

    def stop(self) -> None:
        self.stops += 1
        if self._running:
            self._running = False
            self.halt()
            self.set_state("stopped", "stopped by you")

    @property
    def running(self) -> bool:
        return self._running

    def say(self, **payload: Any) -> None:
        """Take one frame, received now (or when `now_ns` says)."""
        self._last_ns = self.now_ns() if self.now_ns else max(time.time_ns(), self._last_ns + 1)
        frame = {
            "gameId": self.game_id,
            "leaderboard": [],
            "connectedPlayers": 240,
            "cooldownPaused": False,
            "provablyFair": {"serverSeedHash": "0" * 64, "version": "v3"},
            **payload,
        }
        self.take("gameStateUpdate", (frame,), self._last_ns)

    def cooldown(self, remaining_ms: int) -> None:
        self.say(cooldownTimer=remaining_ms, allowPreRoundBuys=remaining_ms <= 10_000)

    def next_price(self) -> float:
        step = self._rng.normal(0.004, 0.03) if self._rng.random() > 0.08 else self._rng.normal(0, 0.16)
        return float(np.clip(self.path[-1] * np.exp(step), 0.05, 400))

    def tick(self, *, heard: bool = True, **more: Any) -> int:
        """Play the next tick, with `more` in its frame; one that is not `heard` can only be back-filled."""
        number = len(self.path) - 1
        if heard:
            self._active(number, rugged=False, **more)
        self.path.append(self.next_price())
        return number

    def ticks(self, count: int) -> None:
        for _ in range(count):
            self.tick()

    def rug(self, **more: Any) -> int:
        """End the game with the next tick, with `more` in its frame."""
        number = len(self.path) - 1
        self.path[-1] = min(self.path[:-1]) * (1 - 0.98)
        self._active(number, rugged=True, **more)
        return number

    def pump(self, rate_hz: float, rug_every: int = 0) -> None:
        """Play ticks from a thread until `halt`."""
        self.ended.clear()
        self._pump = threading.Thread(target=self._run, args=(rate_hz, rug_every), daemon=True)
        self._pump.start()

    def halt(self) -> None:
        self.ended.set()
        if self._pump is not None:
            self._pump.join()
            self._pump = None

    def lose(self, reason: str = "the connection was lost") -> None:
        self.set_state("reconnecting", reason)

    def _run(self, rate_hz: float, rug_every: int) -> None:
        began, played = time.perf_counter(), 0
        while not self.ended.wait(max(0.0, began + played / rate_hz - time.perf_counter())):
            if rug_every and len(self.path) > rug_every:
                self.rug()
                self.begin()
            else:
                self.tick()
            played += 1

    def _active(self, number: int, *, rugged: bool, **more: Any) -> None:
        first = max(0, number - 4)
        values = {str(tick): self.path[tick] for tick in range(first, number + 1)}
        self.say(
            active=True,
            rugged=rugged,
            price=self.path[number],
            tickCount=number,
            cooldownTimer=0,
            allowPreRoundBuys=False,
            tradeCount=50 + number,
            partialPrices={"startTick": first, "endTick": number, "values": values},
            **({"rugpool": {}} if number else {}),
            **more,
        )
