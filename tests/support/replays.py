"""What the tests of a replay share: games whole and damaged, a fake clock, a listener, a small capture."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np

from rugs_lab.feed.replay.replay_feed import ReplayFeed
from rugs_lab.feed.server.simulation.simulated_server import SimulatedServer
from rugs_lab.game.leaderboard import PlayerBet
from rugs_lab.game.provably_fair import replay_prices, seed_hash
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.games.game import Game

NAN = float("nan")
SEED = "5e" * 32


def path(ticks, seed=1):
    """Return prices of a game that ends at tick `ticks`."""
    steps = np.random.default_rng(seed).normal(0.003, 0.04, ticks - 1)
    prices = np.concatenate([[1.0], np.exp(np.cumsum(steps))])
    return [*prices.tolist(), float(prices.min()) * (1 - 0.98)]


def whole(name="whole", ticks=30, **more):
    return Game(name, path(ticks), rug_tick=ticks, **more)


def verified(number=1):
    """Return a game that follows from its seed."""
    game_id = f"20260102-{number:016x}"
    prices = replay_prices(SEED, game_id)
    return Game(
        game_id,
        prices,
        rug_tick=len(prices) - 1,
        server_seed=SEED,
        server_seed_hash=seed_hash(SEED),
        version="v3",
    )


def damaged(name="damaged", ticks=24):
    """Return a game that begins late, has holes, and whose rug nobody saw."""
    prices = np.array(path(ticks, 2))[:-1]
    prices[[0, 1, 2, 9, 10, 11, 12, 13, 14, 15, 20]] = NAN
    return Game(name, prices, started_ns=1_765_761_431_142_710_123)


def told(game):
    """Return the ticks that can be told of a game: (id, tick, price)."""
    return [(game.id, tick, price) for tick, price in enumerate(game.prices.tolist()) if price == price]


def trade(game_id, tick, **more):
    fields = {"id": f"t{tick}", "player_id": "p", "username": None, "type": "buy", "price": 1.5}
    return Trade(
        **{**fields, "amount_sol": 0.3, "units": 0.2, "practice": False, **more}, game_id=game_id, tick=tick
    )


def bet(game_id, start, payout):
    return PlayerBet(
        game_id=game_id,
        player_id="p",
        username="someone",
        start_tick=start,
        end_tick=start + 40,
        stake_sol=0.01,
        payout_sol=payout,
        practice=False,
    )


class Heard:
    """Every tick, in the order in which it was told."""

    def __init__(self, feed):
        self.feed = feed
        self._ticks = []
        feed.on("tick", lambda tick: self._ticks.append((tick.game_id, tick.tick, tick.price)))

    @property
    def ticks(self):
        assert self.feed.dispatcher.wait_idle(20)
        assert self.feed.dispatcher.last_error == ""
        return list(self._ticks)


class TimedFeed(ReplayFeed):
    """A replay without a thread: it plays when it is told what time it is."""

    def __init__(self, games, **options):
        self.now_s = 1000.0
        self._clock = lambda: self.now_s
        super().__init__(games, **{"playing": False, **options})

    running = True

    def until(self, now_s):
        """Let time pass, event by event; yield after each with the time it was due."""
        wait_s = self.advance()
        while wait_s is not None and self.now_s + wait_s <= now_s:
            self.now_s += wait_s
            wait_s = self.advance()
            yield self.now_s
        self.now_s = now_s
        self.advance()


def small_capture(folder, games=3, seed=7):
    """Write what the built-in world sends as a raw capture; return its path."""
    rounds = [path(12 + 5 * number, number) for number in range(games)]
    from rugs_lab.feed.server.simulation.rounds import read_games

    world = SimulatedServer(seed, read_games(rounds), first_timer_ms=3_000)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    lines = []
    while world.wait_ms is not None:
        delay_ms, event, args = next(world)
        now += timedelta(milliseconds=delay_ms)
        data = list(args) if len(args) > 1 else args[0]
        lines.append(json.dumps({"ts": now.isoformat(), "event": event, "data": data}))
    made = folder / "small.jsonl"
    made.write_text("\n".join(lines) + "\n", "utf-8")
    return made
