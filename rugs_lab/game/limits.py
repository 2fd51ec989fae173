"""Constants of the feed and of the price process, measured; see docs/the_game.md."""

from typing import Final

TICK_MS: Final = 250
"""Time between two ticks of a running game, in ms."""

MESSAGE_MS: Final = 100
"""Time between two messages before a game (cooldown and presale), in ms."""

COOLDOWN_MS: Final = 15_000
"""First countdown value of a new game, in ms."""

PRESALE_MS: Final = 10_000
"""Countdown value at which presale opens, in ms."""

START_PRICE: Final = 1.0
"""Price of every game at tick 0, a multiplier."""

MAX_TICKS: Final = 5_000
"""The server's own bound on the length of a game, in ticks."""

MOST_TICKS: Final = 2 * MAX_TICKS
"""A later tick than this is not believed, and a game is not grown to it: twice the server's own bound."""

RUG_PROBABILITY: Final = 0.005
"""Chance per tick that the game ends there."""

RUG_FACTOR: Final = 1 - 0.98
"""Rug price = lowest price before it times this; written as the server computes it (0.02 never matches)."""

GOD_CANDLE_PROBABILITY: Final = 0.00001
"""Chance per tick of a tenfold jump (v3, only while the price is at most 100)."""

GOD_CANDLE_FACTOR: Final = 10.0
"""The size of that jump, a factor."""

GOD_CANDLE_MAX_PRICE: Final = 100.0
"""Above this price no god candle happens (its random number is drawn all the same)."""

BIG_MOVE_PROBABILITY: Final = 0.125
"""Chance per tick of a move of 15 to 25 % in either direction."""

BIG_MOVE_MIN: Final = 0.15
BIG_MOVE_MAX: Final = 0.25
DRIFT_MIN: Final = -0.02
DRIFT_MAX: Final = 0.03
VOLATILITY: Final = 0.005

HISTORY_GAMES: Final = 10
"""Finished games in every ``gameHistory``."""

PARTIAL_TICKS: Final = 5
"""Most ticks in ``partialPrices``."""

PRACTICE_COIN: Final = "0xPractice"
"""``coinAddress`` of play money; such trades and bets never enter statistics."""

SOL_COIN: Final = "So11111111111111111111111111111111111111112"
"""``coinAddress`` of SOL."""
