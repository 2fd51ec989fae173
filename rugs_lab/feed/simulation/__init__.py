"""What the local game server plays. Pure: no sockets, no threads; virtual time only.

How data passes through, top to bottom:

`players`
    The crew: who plays, and each one's habits.
`rounds`
    Games to be played: a fresh id and seed with the prices that follow from them, or games that are given.
`accounts`, `table`
    What the players own, and what they do tick by tick: fills, side bets, the leaderboard. Arithmetic by
    `rugs_lab.game.money`.
`records`
    Statistics over finished games, the day's best, the rug pool.
`payloads`
    A `View` of one moment → a frame, key by key in the order of the wire.
`script`
    The order and times of frames: genesis, cooldown, presale, start, ticks, rug, and again.
`noise`, `late`
    Chat and notices; trades that are broadcast some ticks after they were filled.
`world`
    `World`: all of it as one iterator of ``(delay_ms, event, args)``, and the snapshot for whoever joins.
`playback`
    `Playback`: the same kind of iterator out of a raw capture.

`rugs_lab.feed.server` puts either on the wire. Same seed, same events: every draw comes from generators that
are derived from the seed, and no clock is read (without a seed, once, to date the games).
"""

from rugs_lab.feed.simulation.playback import Damage, Playback
from rugs_lab.feed.simulation.rounds import Round, read_games
from rugs_lab.feed.simulation.world import Event, World

__all__ = ["Damage", "Event", "Playback", "Round", "World", "read_games"]
