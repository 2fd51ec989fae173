"""Kinds of ``gameStateUpdate`` messages, from the payload alone."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What kind of ``gameStateUpdate`` a message is, from the payload alone."""

    SNAPSHOT = "snapshot"
    """Sent once on connect: carries ``prices``."""
    RUG2 = "rug2"
    """Genesis of the next game, with the finished game and its seed first in the history."""
    COOLDOWN = "cooldown"
    """Seven keys, every 100 ms."""
    PRESALE_OPEN = "presale_open"
    """One full message when presale opens; its trade count is still the old game's."""
    PRESALE = "presale"
    """Seven keys, every 100 ms."""
    START = "start"
    """Tick 0."""
    START_FULL = "start_full"
    """A second tick-0 message, with history; only now and then."""
    ACTIVE = "active"
    """Ticks 1 and later, every 250 ms."""
    RUG1A = "rug1a"
    """The rug message: exact rug tick and rug price."""
    RUG1B = "rug1b"
    """A late full message of the dead game; its tick has drifted by 0 to 3 and more."""
    OTHER = "other"
    """None of these."""


def kind_of(
    active: bool | None,
    rugged: bool | None,
    tick: int | None,
    presale: bool | None,
    *,
    history: bool,
    prices: bool,
) -> MessageKind:
    """Return the kind of a message from what it carries."""
    if prices:
        return MessageKind.SNAPSHOT
    if active:
        if rugged:
            return MessageKind.RUG1B if history else MessageKind.RUG1A
        if tick == 0:
            return MessageKind.START_FULL if history else MessageKind.START
        return MessageKind.ACTIVE
    if history:
        return MessageKind.RUG2
    if active is False:
        return MessageKind.PRESALE_OPEN if presale else MessageKind.OTHER
    if presale is None:
        return MessageKind.OTHER
    return MessageKind.PRESALE if presale else MessageKind.COOLDOWN
