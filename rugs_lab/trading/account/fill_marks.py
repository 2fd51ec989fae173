"""What an account did in a game, as marks over a price chart: fills, settlements, side bets."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, takewhile
from typing import Final

from rugs_lab.figures.marks import BetMark, FillMark
from rugs_lab.figures.run_figures import PlayedGame
from rugs_lab.game.money import BILLION
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.recordings.games.game import Game
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.ledger import OPENING, Entry

_DRAWN: Final = {
    "rug": "settled",
    "void": "settled",
    "short rug": "settled",
    "liquidated": "settled",
    "short": "sell",
    "cover": "buy",
}
"""How a line of the ledger is drawn: a short as a sell, its cover as a buy."""


def entries_here(account: Account, most: int | None = None) -> list[Entry]:
    """Return the lines of the ledger of the account's game, oldest first; at most the newest so many."""
    newest_first = takewhile(lambda entry: entry.game_id == account.game_id, reversed(account.entries))
    return list(islice(newest_first, most))[::-1]


def fills_of(entries: Sequence[Entry]) -> list[FillMark]:
    """Return buys, sells and settlements of a position, as they are drawn."""
    return [
        FillMark(
            what=_DRAWN.get(entry.what, entry.what),
            label="settled" if entry.what in ("rug", "void") else entry.what,
            tick=entry.tick,
            price=entry.price,
            change=entry.cash_change / BILLION,
            profit=None if entry.what in OPENING else entry.profit / BILLION,
        )
        for entry in entries
        if entry.what not in ("sidebet", "won", "lost")
    ]


def bets_of(entries: Sequence[Entry]) -> list[BetMark]:
    """Return the side bets with their windows, each with how it ended."""
    bets: list[BetMark] = []
    for entry in entries:
        if entry.what == "sidebet":
            bets.append(BetMark(entry.tick, entry.tick + SIDEBET_TICKS, entry.stake / BILLION))
        elif not entry.nano_units and bets and bets[-1].ended is None:
            bets[-1] = replace(bets[-1], ended=entry.what)
    return bets


def played_game(game: Game, entries: Sequence[Entry]) -> PlayedGame:
    """Return a game with the lines of the ledger that belong to it, as a figure draws them."""
    return PlayedGame(
        name=game.id,
        prices=game.prices,
        backfilled=game.backfilled,
        rug_tick=game.rug_tick,
        fills=fills_of(entries),
        bets=bets_of(entries),
        profit=sum(entry.profit for entry in entries) / BILLION,
    )
