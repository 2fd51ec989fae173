"""The inverse of `message_line`, for round trips."""

from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.phase import Phase
from rugs_lab.game.signal import GameSignal
from rugs_lab.recordings.write.line_format import received_ns
from rugs_lab.recordings.write.line_types import TickLine


def signal_of(line: TickLine) -> GameSignal:
    """Return the signal of a message's line, without its history."""
    return GameSignal(
        gameId=line.game_id,
        active=line.active,
        rugged=line.rugged,
        tickCount=line.tick,
        price=line.price,
        cooldownTimer=line.cooldown_timer,
        allowPreRoundBuys=line.allow_pre_round_buys,
        tradeCount=line.trade_count,
        phase=line.phase or Phase.UNKNOWN,
        kind=line.kind or MessageKind.OTHER,
        received_ns=received_ns(line),
    )
