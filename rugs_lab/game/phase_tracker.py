"""`PhaseTracker`: follows the phase of a game over messages that hold only what changed.

The rule itself is `rugs_lab.game.phase.phase_of`. The tracker carries the flags over messages of seven keys,
which mention neither ``active`` nor ``rugged``; a new game id resets them. Source: PROTOCOL sections 2 and 4.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec.structs import replace

from rugs_lab.game.message_kinds import MessageKind
from rugs_lab.game.phase import Phase, phase_of
from rugs_lab.game.signal import GameSignal

_NEXT: Final = {
    Phase.UNKNOWN: frozenset(Phase),
    Phase.GENESIS: frozenset({Phase.GENESIS, Phase.COOLDOWN}),
    Phase.COOLDOWN: frozenset({Phase.COOLDOWN, Phase.PRESALE, Phase.GENESIS}),
    Phase.PRESALE: frozenset({Phase.PRESALE, Phase.ACTIVATION}),
    Phase.ACTIVATION: frozenset({Phase.ACTIVATION, Phase.ACTIVE, Phase.RUG}),
    Phase.ACTIVE: frozenset({Phase.ACTIVE, Phase.RUG}),
    Phase.RUG: frozenset({Phase.RUG}),
}
"""What may follow within one game. GENESIS after COOLDOWN: the big genesis message is often overtaken."""

_FIRST: Final = frozenset({Phase.GENESIS, Phase.COOLDOWN})
"""What a new game may begin with, once the one before it is over."""

_Facts: TypeAlias = tuple[bool | None, bool | None, int | None, bool | None, int | None]
_NOTHING: Final[_Facts] = (None,) * 5
"""The first five arguments of `phase_of`; nothing is known of them."""

_FORMER_GAMES: Final = 16
_KEPT_TRANSITIONS: Final = 20


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of phase; also what `PhaseTracker.illegal` keeps.

    `before`, `after`: Phases.
    `before_game`, `after_game`: Game ids; `before_game` is None at the first message.
    `tick`: Tick of the message that brought it, or None.
    `received_ns`: Its time of arrival, nanoseconds since 1970 in UTC, or None.
    """

    before: Phase
    after: Phase
    before_game: str | None
    after_game: str
    tick: int | None
    received_ns: int | None


class PhaseTracker:
    """Gives every signal its phase, in order of arrival.

    A message of a former game, or one older than the rug that is already known, gets the phase of its own
    fields and changes nothing else: it is counted in `late`.

    `phase`, `game_id`: Of the newest message that was not late; UNKNOWN and None at first.
    `illegal_count`: Transitions that the rules of the game do not allow; they are counted and kept, never
        hidden.
    `late`: Messages of a former game, or from before the rug.
    `overtaken`: Genesis messages that came after cooldown messages of their game.
    """

    def __init__(self) -> None:
        self.illegal_count = 0
        self.late = 0
        self.overtaken = 0
        self._illegal: deque[Transition] = deque(maxlen=_KEPT_TRANSITIONS)
        self._former: deque[str] = deque(maxlen=_FORMER_GAMES)
        self.reset()

    def reset(self, after: str | None = None) -> None:
        """Forget the carried state, as after a lost connection; counters stay.

        The next message shows which game is on. If it is a former one, the server started again from its
        beginning, and no game is a former one any more.

        `after`: The game before the one that comes next, where that is known, as in a capture which is taken
            up again: its last messages are late, and full messages were seen before.
        """
        self.phase = Phase.UNKNOWN
        self.game_id: str | None = None
        self._seen_full = after is not None
        if after is not None:
            self._former.clear()
            self._former.append(after)
        self._facts = _NOTHING

    @property
    def illegal(self) -> tuple[Transition, ...]:
        """The last twenty illegal transitions, oldest first."""
        return tuple(self._illegal)

    def take(self, signal: GameSignal) -> GameSignal:
        """Return `signal` with its phase, and move on."""
        self._seen_full = self._seen_full or signal.active is not None
        if self._is_late(signal):
            self.late += 1
            return replace(signal, phase=self._phase(signal, _facts_of(signal)))
        before, before_game = self.phase, self.game_id
        if signal.gameId != before_game:
            if before_game is not None:
                self._former.append(before_game)
            if signal.gameId in self._former:
                self._former.clear()
            self.game_id = signal.gameId
            self._facts = _NOTHING
        self._facts = _facts_of(signal, self._facts)
        phase = self._phase(signal, self._facts)
        if not self._legal(before, phase, same_game=signal.gameId == before_game):
            self.illegal_count += 1
            self._illegal.append(
                Transition(before, phase, before_game, signal.gameId, signal.tickCount, signal.received_ns)
            )
        self.phase = phase
        return replace(signal, phase=phase)

    def _phase(self, signal: GameSignal, facts: _Facts) -> Phase:
        if not self._seen_full:
            return Phase.UNKNOWN
        return phase_of(*facts, genesis=signal.kind == MessageKind.RUG2)

    def _is_late(self, signal: GameSignal) -> bool:
        if signal.gameId != self.game_id:
            return self.game_id is not None and signal.gameId in self._former
        _, rugged, known, *_ = self._facts
        before_the_rug = rugged and signal.active and not signal.rugged
        tick = signal.tickCount
        return bool(before_the_rug and tick is not None and known is not None and tick < known)

    def _legal(self, before: Phase, after: Phase, *, same_game: bool) -> bool:
        if same_game or before is Phase.UNKNOWN:
            if after is Phase.GENESIS and before is Phase.COOLDOWN:
                self.overtaken += 1
            return after in _NEXT[before]
        return before is Phase.RUG and after in _FIRST


def _facts_of(signal: GameSignal, before: _Facts = _NOTHING) -> _Facts:
    """Return what a message says, and where it says nothing, what was known before."""
    active, rugged, tick, presale, cooldown_ms = before
    return (
        active if signal.active is None else signal.active,
        rugged if signal.rugged is None else signal.rugged,
        tick if signal.tickCount is None else signal.tickCount,
        presale if signal.allowPreRoundBuys is None else signal.allowPreRoundBuys,
        cooldown_ms if signal.cooldownTimer is None else signal.cooldownTimer,
    )
