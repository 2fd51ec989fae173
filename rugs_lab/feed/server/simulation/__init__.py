"""What the built-in server sends. Pure: no sockets, no threads; virtual time only.

How data pass through, from top to bottom:

``players``           who plays, and each one's habits
``rounds``            games to be played: fresh ones, whose prices follow from a seed, or given ones
``player_accounts``   what a player owns in one game
``player_trading``    what the players do tick by tick: fills, side bets, the leaderboard
``session_records``   statistics over finished games, the records of the day, the rug pool
``payloads``          the state of one moment → a message, key by key in the order of the real feed
``message_sequence``  the order and times of messages: genesis, cooldown, presale, ticks, rug, and again
``chat_and_notices``  what is not the game
``clock``             virtual milliseconds
``simulated_server``  `SimulatedServer`: all of it as one iterator of ``(delay_ms, event, args)``; snapshots
``capture_reader``    `CaptureReader`: the same kind of iterator out of a raw event log

Same seed, same events: every draw comes from generators derived from the seed, and no clock is read (without
a seed, once, to date the games).
"""

from rugs_lab.feed.server.simulation.capture_reader import CaptureReader, DamagedLine
from rugs_lab.feed.server.simulation.rounds import Round, read_games
from rugs_lab.feed.server.simulation.simulated_server import Event, SimulatedServer

__all__ = ["CaptureReader", "DamagedLine", "Event", "Round", "SimulatedServer", "read_games"]
