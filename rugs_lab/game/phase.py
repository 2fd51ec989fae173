"""Phases of a game, and the one rule that distinguishes them.

They are listed in docs/the_game.md. `rugs_lab.game.phase_tracker` follows them from message to message.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """Phase of a game.

    Examples
    --------
    >>> Phase("ACTIVE") is Phase.ACTIVE, Phase.of_original("RUG_EVENT_1")
    (True, <Phase.RUG: 'RUG'>)
    """

    UNKNOWN = "UNKNOWN"
    """Before the first full message of a connection."""
    GENESIS = "GENESIS"
    """First message of the next game, 15 s before its start."""
    COOLDOWN = "COOLDOWN"
    """15 to 10 s before the start: nothing can be bought."""
    PRESALE = "PRESALE"
    """The last 10 s before the start: orders fill at 1.0 at tick 0."""
    ACTIVATION = "ACTIVATION"
    """Tick 0."""
    ACTIVE = "ACTIVE"
    """Tick 1 and on."""
    RUG = "RUG"
    """The game is over."""

    @classmethod
    def of_original(cls, name: str) -> Phase:
        """Return the phase that the older desktop program called `name`; UNKNOWN for other names."""
        return _ORIGINAL.get(name, cls.UNKNOWN)


_ORIGINAL: Final = {
    "COOLDOWN": Phase.COOLDOWN,
    "PRESALE": Phase.PRESALE,
    "GAME_ACTIVATION": Phase.ACTIVATION,
    "ACTIVE_GAMEPLAY": Phase.ACTIVE,
    "RUG_EVENT_1": Phase.RUG,
    "RUG_EVENT_2": Phase.GENESIS,
}


def phase_of(
    active: bool | None,
    rugged: bool | None,
    tick: int | None,
    presale: bool | None,
    cooldown_ms: int | None,
    genesis: bool = False,
) -> Phase:
    """Return the phase that these facts mean; ``None`` is a fact that is not known.

    Rugged wins over active. `genesis` says that the message is the first full message of a new game.
    """
    if rugged:
        return Phase.RUG
    if active:
        return Phase.ACTIVATION if tick == 0 else Phase.ACTIVE
    if genesis:
        return Phase.GENESIS
    if presale:
        return Phase.PRESALE
    if active is False or cooldown_ms:
        return Phase.COOLDOWN
    return Phase.UNKNOWN
