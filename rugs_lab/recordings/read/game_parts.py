"""`GameParts`: what files have of one game, not yet in order, not yet checked."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from math import nan
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.leaderboard import PlayerBet, Standing
from rugs_lab.game.trade import Trade
from rugs_lab.recordings.games.game import Source
from rugs_lab.recordings.games.game_stores import Details
from rugs_lab.recordings.games.message_rows import in_order

_MOST_CLAIMS: Final = 100


@dataclass(slots=True, eq=False)
class GameParts:
    """What files have of one game.

    `ticks`, `prices`, `lines`, `sources`: of every price, in the order of the files; tick -1: none. `chunks`:
    (place, file): from that place on the lists are from that file. `rugs`: (tick, file, line) of every rug
    message. `reported_rug`: used without one. `claims`: what lines say about the finished game, checked in
    the end. `unnamed`: how often a file has a trade without an id. `presale_ns`: its start by the last
    countdown. `placeholders`: rows before the game whose values the server never sent, in the file that is
    being read. `own_format`: files where a duplicate tick is an ordinary message. `may_end_by_price`: no
    source says where the rug is: it is the last price if that is the rug price. `corrected`: when the archive
    was made that it is from.
    """

    id: str
    ticks: array[int] = field(default_factory=lambda: array("q"))
    prices: array[float] = field(default_factory=lambda: array("d"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    sources: bytearray = field(default_factory=bytearray)
    messages: bytearray = field(default_factory=bytearray)
    chunks: list[tuple[int, str]] = field(default_factory=list)
    rugs: list[tuple[int, str, int]] = field(default_factory=list)
    reported_rug: int | None = None
    claims: dict[tuple[str, object], tuple[str, int]] = field(default_factory=dict)
    history: tuple[NDArray[np.float64], Source] | None = None
    trades: dict[object, Trade] = field(default_factory=dict)
    unnamed: Counter[tuple[object, Trade]] = field(default_factory=Counter)
    bets: tuple[PlayerBet, ...] = ()
    board: tuple[Standing, ...] = ()
    server_seed: str | None = None
    server_seed_hash: str | None = None
    version: str | None = None
    ended_ms: int | None = None
    started_ns: int | None = None
    presale_ns: int | None = None
    first_ns: int | None = None
    placeholders: int = 0
    own_format: set[str] = field(default_factory=set)
    may_end_by_price: bool = False
    corrected: bool = False

    @property
    def file(self) -> str:
        """The files it is from."""
        return ", ".join(dict.fromkeys(file for _, file in self.chunks))

    def add_price(self, tick: int | None, price: float | None, line: int, source: int) -> None:
        """Add one price."""
        self.ticks.append(-1 if tick is None else tick)
        self.prices.append(nan if price is None else price)
        self.lines.append(line)
        self.sources.append(source)

    def claim(self, file: str, line: int, **values: object) -> None:
        """Note what a line says about the finished game; None says nothing."""
        for name, value in values.items():
            if value is not None and len(self.claims) < _MOST_CLAIMS:
                self.claims.setdefault((name, value), (file, line))

    def take_seed(self, seed: str | None, seed_hash: str | None, version: str | None) -> None:
        """Take seed, published hash and version; the first of each counts."""
        self.server_seed = self.server_seed or seed
        self.server_seed_hash = self.server_seed_hash or seed_hash
        self.version = self.version or version


def details_of(parts: GameParts) -> Details:
    """Return what belongs to the game beside its prices."""
    return Details(
        tuple(parts.trades.values()),
        parts.bets,
        parts.board,
        in_order(parts.messages),
        parts.ended_ms,
        parts.first_ns,
    )
