"""The game itself: pure functions and frozen data. No I/O, no clock, no threads.

What lives here, in the order in which a payload passes through:

`signal`
    Payload → `GameSignal` and `Update`: the one parser of ``gameStateUpdate``. Absent stays absent.
`values`
    One usable value out of anything: price, whole number, amount, text, flag, game id; or None.
`text`
    JSON text → values, tolerantly.
`wire`
    The compiled form of that parser, for the frames that are as they should be.
`phase`
    `Phase`, the one phase rule, and `PhaseTracker`, which carries flags over frames of seven keys.
`trade`
    ``standard/newTrade`` → `Trade`.
`standings`, `stats`
    Leaderboard rows, side bets of the history, session statistics.
`limits`
    Constants of the game and of its feed, with units in their names.
`process`
    The published price process, once; `simulate_prices` plays it with numpy's generator.
`fair`
    npm ``seedrandom`` and `replay_prices`: a finished game from its seed, bit for bit.
`kernel`
    The same for many games at once, compiled; loads numba, so nothing here imports it by itself.
`money`
    `Position` and `SideBet`: buy, sell, payout. SOL and multipliers.

This floor imports nothing of the others.
"""

from rugs_lab.game.fair import SeedRandom, replay_prices, seed_hash
from rugs_lab.game.kinds import FrameKind
from rugs_lab.game.money import Position, SideBet
from rugs_lab.game.phase import Phase, PhaseTracker, Transition, phase_of
from rugs_lab.game.process import price_path, simulate_prices
from rugs_lab.game.signal import GameSignal, Update, parse_update
from rugs_lab.game.trade import Trade, parse_trade

__all__ = [
    "FrameKind",
    "GameSignal",
    "Phase",
    "PhaseTracker",
    "Position",
    "SeedRandom",
    "SideBet",
    "Trade",
    "Transition",
    "Update",
    "parse_trade",
    "parse_update",
    "phase_of",
    "price_path",
    "replay_prices",
    "seed_hash",
    "simulate_prices",
]
