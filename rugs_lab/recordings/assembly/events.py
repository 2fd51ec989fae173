"""Events of a socket or of a capture → messages and trades.

`parse_event` reads the data of an event, `follow` gives a message its phase. `rugs_lab.feed.core.intake` and
the reader of captures (`rugs_lab.recordings.read.captures`) both use them, so that a capture gives the games
that the feed had.
"""

from typing import Any

from rugs_lab.errors import PayloadError
from rugs_lab.game.event_text import data_of
from rugs_lab.game.phase_tracker import PhaseTracker
from rugs_lab.game.signal import GameSignal, Update, parse_update
from rugs_lab.game.trade import Trade, parse_trade

UPDATE_EVENT = "gameStateUpdate"
TRADE_EVENT = "standard/newTrade"


def parse_event(event: str, args: tuple[Any, ...], received_ns: int | None = None) -> Update | Trade | None:
    """Return the message or the trade in an event; None for an event of another name.

    `event`: its name. `args`: its arguments; see `rugs_lab.game.event_text.data_of` for which one is the
    data. `received_ns`: time of arrival, nanoseconds since 1970 in UTC.
    """
    data = data_of(args)
    if data is None and event in (UPDATE_EVENT, TRADE_EVENT):
        raise PayloadError(f"{event} has no data, or only a trace: the message is rejected")
    if event == UPDATE_EVENT:
        return parse_update(data, received_ns)
    return parse_trade(data, received_ns) if event == TRADE_EVENT else None


def follow(tracker: PhaseTracker, update: Update) -> tuple[GameSignal, bool]:
    """Return the signal of a message with its phase, and whether it is late: of a former game."""
    late = tracker.late
    return tracker.take(update.signal), tracker.late > late
