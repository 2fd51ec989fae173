"""What an account did in its game, as marks on a chart: fills, settlements, side bets with their windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.account.holdings import OPENING
from rugs_lab.views.page.part_base import finite

if TYPE_CHECKING:
    from rugs_lab.trading.account.account import Account
    from rugs_lab.trading.account.holdings import Entry

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
    here: list[Entry] = []
    for entry in reversed(account.entries):
        if entry.game_id != account.game_id or (most is not None and len(here) >= most):
            break
        here.append(entry)
    here.reverse()
    return here


def marks_of(entries: list[Entry]) -> list[dict[str, Any]]:
    """Return buys, sells and settlements of the position: price a multiplier, change and profit in SOL."""
    return [
        {
            "what": _DRAWN.get(entry.what, entry.what),
            "said": "settled" if entry.what in ("rug", "void") else entry.what,
            "tick": entry.tick,
            "price": finite(entry.price),
            "change": entry.cash_change / 1e9,
            "profit": None if entry.what in OPENING else entry.profit / 1e9,
        }
        for entry in entries
        if entry.what not in ("sidebet", "won", "lost")
    ]


def bets_of(entries: list[Entry]) -> list[dict[str, Any]]:
    """Return the bet windows, ticks and SOL, each with how it ended (None while it is open)."""
    windows: list[dict[str, Any]] = []
    for entry in entries:
        if entry.what == "sidebet":
            end = entry.tick + SIDEBET_TICKS
            windows.append({"start": entry.tick, "end": end, "stake": entry.stake / 1e9, "ended": None})
        elif not entry.nano_units and windows and windows[-1]["ended"] is None and entry.what != "buy":
            windows[-1]["ended"] = entry.what
    return windows
