"""`Outages`: what a feed misses while its connection is lost, as gaps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import structs

from rugs_lab.game.signal import Update
from rugs_lab.recordings.assembly.game_assembly import Changes, GameAssembly, Tick
from rugs_lab.recordings.write.line_format import encodable, stamp
from rugs_lab.recordings.write.line_types import GapLine

_MOST_RECOVERED: Final = 100
"""Games that one connection may send again."""


class Outages:
    """Whether the next message continues what was taken last, and the gaps where it does not.

    `open`: the gap of a connection that is down now. `recovering`: whether the server sends again what was
    missed.
    """

    def __init__(self) -> None:
        self.open: GapLine | None = None
        self.recovering = False
        self._any_before = self._interrupted = False
        self._reason: str | None = None
        self._recovered: dict[str, GapLine] = {}

    def interrupted(self, *, recovering: bool) -> None:
        """Note a new connection."""
        self._interrupted, self.recovering = self._any_before, recovering and self._any_before

    def lost(self, reason: str | None, at_ns: int | None, since_ns: int | None, game_id: str | None) -> None:
        """Note why data end, the first reason counts; `at_ns`: when a connection was found down."""
        self._reason = self._reason or (reason and encodable(reason))
        if at_ns is not None and self.open is None:
            self.open = GapLine(
                **stamp(at_ns), game_id=game_id, since_ns=since_ns, reason=self._reason, open=True
            )

    def gaps(
        self,
        update: Update,
        taken: Changes,
        cut: GameAssembly | None,
        first: int | None,
        since_ns: int | None,
        games: Mapping[str, GameAssembly],
    ) -> tuple[GapLine, ...]:
        """Return the gaps that a message ends.

        `taken`: what it changed. `cut`: the game that was running before, if any, with the `first` tick that
        was not known of it; None: it was over. `since_ns`: when the message before it was received.
        """
        since_ns = since_ns if self.open is None else self.open.since_ns
        game_id, ended = update.signal.gameId, [*taken.gaps]
        if self.recovering:
            self._recover(game_id, taken.ticks, since_ns)
        elif self._interrupted or self.open is not None:
            before = [*self._recovered.values()]
            if cut is not None and cut.id != game_id:
                skipped = _skipped(cut, update, taken.revealed, games)
                before += [] if first is None else [GapLine(game_id=cut.id, first_tick=first)]
                before += [GapLine(game_id=each, first_tick=0) for each in skipped]
            ended = [*before, *ended] or [GapLine(game_id=game_id if cut is None else cut.id)]
            self._interrupted, self._recovered = False, {}
        at, reason, self._any_before = stamp(update.signal.received_ns), self._reason, True
        if not self.recovering:
            self._reason = self.open = None
        return tuple(
            structs.replace(
                gap, **at, since_ns=since_ns if gap.since_ns is None else gap.since_ns, reason=reason
            )
            for gap in ended
        )

    def _recover(self, game_id: str, ticks: Sequence[Tick], since_ns: int | None) -> None:
        """Note what was sent again, one gap for each game."""
        known = self._recovered.get(game_id) or GapLine(game_id=game_id, since_ns=since_ns, source="recovery")
        again = [tick.tick for tick in ticks if not tick.backfilled]
        if again:
            known.first_tick = min(again) if known.first_tick is None else min(known.first_tick, *again)
            known.last_tick = max(known.last_tick or 0, *again)
            known.missing = (known.missing or 0) + len(again)
        if len(self._recovered) < _MOST_RECOVERED:
            self._recovered[game_id] = known


def missed_before(game_id: str, added: Iterable[int], ticks: Iterable[Tick]) -> tuple[GapLine, ...]:
    """Return the gap among the ticks that a message added, if it has one: all but its own."""
    received = {tick.tick for tick in ticks if not tick.backfilled}
    missed = [tick for tick in added if tick not in received]
    if not missed:
        return ()
    return (GapLine(game_id=game_id, first_tick=missed[0], last_tick=missed[-1], missing=len(missed)),)


def _skipped(
    cut: GameAssembly, update: Update, revealed: Sequence[str], games: Mapping[str, GameAssembly]
) -> list[str]:
    """Return the games that only the history has, and after `cut`."""
    ids = [record.get("id") for record in update.signal.gameHistory or ()]
    if cut.id in ids:
        ids = ids[: ids.index(cut.id)]
    elif not any(game.in_history for game in games.values() if game.id not in revealed):
        return []  # it may be an older history
    found = [games.get(each) for each in revealed if each in ids and each != update.signal.gameId]
    return [game.id for game in found if game is not None and not game.watched]
