"""`GameParts`: what files have of one game, not yet in order, not yet checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rugs_lab.recordings.games.game import Source

if TYPE_CHECKING:
    from rugs_lab.game.leaderboard import PlayerBet
    from rugs_lab.game.trade import Trade


@dataclass(slots=True, eq=False)
class GameParts:
    """What files have of one game.

    Attributes
    ----------
    ticks, prices, lines
        Every price, with its tick and its line, in the order of the files.
    backfilled
        Place in those lists → `Source`, for prices that are not from their own message.
    chunks
        (place, file): from that place on the lists are from that file.
    rugs
        (tick, file, line) of every rug message.
    reported_rug
        Rug tick by the end of the game or the history, used without a rug message.
    history
        All prices by the history, and their source.
    placeholders
        Rows before the game whose values the server never sent, in the file that is being read.
    own_format
        Files of this package's own format among them: a duplicate tick there is an ordinary message.
    may_end_by_price
        Whether its source does not say where the rug is: it is the last price if that is the rug price.
    corrected
        Whether it was corrected when the archive was made that it is from.
    """

    id: str
    ticks: list[int | None] = field(default_factory=list)
    prices: list[float | None] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    backfilled: dict[int, int] = field(default_factory=dict)
    chunks: list[tuple[int, str]] = field(default_factory=list)
    rugs: list[tuple[int, str, int]] = field(default_factory=list)
    reported_rug: int | None = None
    history: tuple[list[float], Source] | None = None
    trades: dict[object, Trade] = field(default_factory=dict)
    bets: tuple[PlayerBet, ...] = ()
    server_seed: str | None = None
    server_seed_hash: str | None = None
    version: str | None = None
    started_ns: int | None = None
    first_ns: int | None = None
    placeholders: int = 0
    own_format: set[str] = field(default_factory=set)
    may_end_by_price: bool = False
    corrected: bool = False

    @property
    def file(self) -> str:
        """The files it is from."""
        return ", ".join(dict.fromkeys(file for _, file in self.chunks))

    def add_price(self, tick: int, price: float | None, line: int, source: int) -> None:
        """Add a price that is not in a line of a recording."""
        if source != Source.RECEIVED:
            self.backfilled[len(self.ticks)] = source
        self.ticks.append(tick)
        self.prices.append(price)
        self.lines.append(line)

    def take_seed(self, seed: str | None, seed_hash: str | None, version: str | None) -> None:
        """Take seed, commitment and version; the first of each counts."""
        self.server_seed = self.server_seed or seed
        self.server_seed_hash = self.server_seed_hash or seed_hash
        self.version = self.version or version
