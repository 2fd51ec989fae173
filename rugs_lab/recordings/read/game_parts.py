"""`Pile`: what was told of one game, not yet in order, not yet checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rugs_lab.game.leaderboard import PlayerBet
    from rugs_lab.game.trade import Trade
    from rugs_lab.recordings.games.game import Source


class Pile:
    """What was told of one game.

    Attributes
    ----------
    ticks, prices, lines
        Every price that was told, with its tick and line; not yet in order, not yet checked.
    backfilled
        Place in those lists → `Source`, for prices that did not come in their own frame.
    chunks
        (place, file): from that place on the lists are from that file.
    rugs
        (tick, file, line) of every rug frame.
    own
        Files of this package's own format among them: a tick told again there is an ordinary frame.
    corrected
        Whether it was corrected when the archive was made that it is from.
    told_rug
        Rug tick by the end of the game or the history, for want of a rug frame.
    """

    __slots__ = (
        "backfilled",
        "bets",
        "chunks",
        "corrected",
        "first_ns",
        "history",
        "id",
        "lines",
        "made_up",
        "own",
        "prices",
        "rugs",
        "server_seed",
        "server_seed_hash",
        "started_ns",
        "ticks",
        "told_rug",
        "trades",
        "version",
    )

    def __init__(self, game_id: str) -> None:
        self.id = game_id
        self.ticks: list[int | None] = []
        self.prices: list[float | None] = []
        self.lines: list[int] = []
        self.backfilled: dict[int, int] = {}
        self.chunks: list[tuple[int, str]] = []
        self.rugs: list[tuple[int, str, int]] = []
        self.told_rug: int | None = None
        self.history: tuple[list[float], Source] | None = None
        self.trades: dict[object, Trade] = {}
        self.bets: tuple[PlayerBet, ...] = ()
        self.server_seed: str | None = None
        self.server_seed_hash: str | None = None
        self.version: str | None = None
        self.started_ns: int | None = None
        self.first_ns: int | None = None
        self.made_up = 0
        self.own: set[str] = set()
        self.corrected = False

    @property
    def file(self) -> str:
        """The files it is from."""
        return ", ".join(dict.fromkeys(file for _, file in self.chunks))
