"""`Boards`: the last leaderboard of each game, which shows what people made of it.

While a game runs its board lags one tick behind the price, so no board of a running game shows what anybody
made of it. The message of the rug is the first whose board has everything settled (no units left, bets paid);
the messages of the cooldown repeat it, under the id of the next game, until the presale empties it (PROTOCOL
section 10). So the board of a game is that of its rug message, or, where that was missed, that of the
cooldown.
"""

from collections.abc import Mapping
from typing import Final

from rugs_lab.game.leaderboard import Standing, parse_leaderboard
from rugs_lab.game.phase import Phase
from rugs_lab.game.signal import GameSignal

KEPT: Final = 2000
"""Games whose board is kept, the newest."""

ROWS: Final = 10
"""Most rows that the server shows; whoever made less than the last of so many is not on the board."""

_AFTER: Final = (Phase.COOLDOWN, Phase.GENESIS)


class Boards:
    """The last leaderboard of each finished game."""

    def __init__(self) -> None:
        self._boards: dict[str, tuple[Standing, ...]] = {}
        self._final: set[str] = set()
        self._game: str | None = None
        self._before: str | None = None

    def __len__(self) -> int:
        return len(self._boards)

    def of(self, game_id: str) -> tuple[Standing, ...]:
        """Return the rows of a finished game's last board; none where it was never seen."""
        return self._boards.get(game_id, ())

    def interrupted(self) -> None:
        """Note that the next message does not follow the last one: which game came before it is not known."""
        self._game = self._before = None

    def take(self, signal: GameSignal, phase: Phase, rest: Mapping[str, object], *, late: bool) -> str | None:
        """Look at a message; return the game whose board it gave. `late`: the next game's came before it."""
        given = self._keep(signal.gameId, rest, final=True) if signal.rugged else None
        if late:
            return given
        if signal.gameId != self._game:
            self._before, self._game = self._game, signal.gameId
        if not signal.rugged and self._before is not None and phase in _AFTER:
            given = self._keep(self._before, rest, final=False)
        return given

    def _keep(self, game_id: str, rest: Mapping[str, object], *, final: bool) -> str | None:
        if game_id in self._final or (not final and game_id in self._boards):
            return None
        rows = parse_leaderboard(rest.get("leaderboard"))
        if not rows:
            return None
        self._boards[game_id] = rows
        if final:
            self._final.add(game_id)
        while len(self._boards) > KEPT:
            oldest = next(iter(self._boards))
            del self._boards[oldest]
            self._final.discard(oldest)
        return game_id
