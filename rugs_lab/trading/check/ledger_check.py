"""The ledger of a run, computed once more from the prices of the games, by arithmetic of its own.

A strategy runs in the process of its judge, and could change the account that counts its money. So every line
is computed here again, without the account's code.
"""

from collections.abc import Iterator
from math import floor
from typing import Final

from rugs_lab.game.sidebet import SIDEBET_PAYOUT, SIDEBET_TICKS
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.check.check_report import Finding
from rugs_lab.trading.engine.game_results import GameResults

_LAMPORTS: Final = 1_000_000_000
_PAYOUT: Final = int(SIDEBET_PAYOUT)
_WINDOW: Final = int(SIDEBET_TICKS)
_round = round


def ledger(results: GameResults, games: Games) -> Finding:
    """Compare each line of the ledgers with what it has to be."""
    known = {game.id: game for game in games}
    lines = sum(len(account.entries) for account in results.accounts)
    if results.options.shorts is not None:
        return Finding("ledger", None, lines, "not computed again: shorts are an assumption")
    start = _round(results.options.cash_sol * _LAMPORTS)
    for account in results.accounts:
        for problem in _problems(account, known, start):
            return Finding("ledger", False, lines, problem)
    profit = sum(account.cash - start for account in results.accounts)
    if profit != int(results.profit.sum()):
        return Finding("ledger", False, lines, "the profits of the games are not those of the ledger")
    words = f"{lines} ledger lines agree with the games' prices"
    return Finding(
        "ledger", True, lines, words, "a difference of one lamport would be detected" if lines else ""
    )


def _problems(account: Account, games: dict[str, Game], start: int) -> Iterator[str]:
    cash, units, cost, stake, begun, at = start, 0, 0, 0, 0, ""
    for entry in account.entries:
        game = games.get(entry.game_id)
        where = f"game {entry.game_id}, tick {entry.tick}: {entry.what}"
        if game is None or entry.tick >= len(game.prices):
            yield f"{where} in a game, or at a tick, that was not played"
            return
        if at not in ("", entry.game_id) and (units or stake):
            yield f"game {at}: what was open at its end was not settled"
        at = entry.game_id
        price = float(game.prices[entry.tick])
        if entry.price != price and entry.what not in ("lost", "void"):
            yield f"{where} at {entry.price}; the price was {price}"
        bought, sold, part, change = 0, 0, 0, 0
        if entry.what == "buy":
            change = -_round(_size(account, entry) * _LAMPORTS)
            bought, part = floor(-change / price), change
        elif entry.what in ("sell", "rug"):
            share = _size(account, entry) if entry.what == "sell" else 1.0
            sold = units if share >= 1 else _round(units * share)
            part = cost if sold == units else _round(cost * share)
            change = _round(sold * price)
        elif entry.what == "sidebet":
            change = -_round(_size(account, entry) * _LAMPORTS)
            begun = entry.tick
        elif entry.what == "won":
            change = _PAYOUT * stake if game.rug_tick is not None and game.rug_tick <= begun + _WINDOW else 0
        elif entry.what == "lost":
            change = 0 if game.rug_tick is None or game.rug_tick > begun + _WINDOW else _PAYOUT * stake
        elif entry.what == "void" and not game.rug_price > 0:
            change, sold, part = (cost, units, cost) if entry.nano_units else (stake, 0, 0)
        units, cost, cash = units + bought - sold, cost - part, cash + change
        if entry.what in ("sidebet", "won", "lost") or (entry.what == "void" and not entry.nano_units):
            stake = -change if entry.what == "sidebet" else 0
        if (entry.cash_change, entry.cash, entry.held) != (change, cash, units):
            yield f"{where} changed the cash by {entry.cash_change} lamports; it has to be {change}"
            return
    if account.cash != cash:
        yield f"the cash is {account.cash} lamports in the end; the lines of the ledger give {cash}"


def _size(account: Account, entry: Entry) -> float:
    """Return the size of the order that led to a line; 0.0 where it could not have been filled there."""
    order = account.orders[(entry.order or 0) - 1]
    in_time = order.decided_tick < entry.tick and order.due_tick <= entry.tick
    return float(order.action.size) if in_time and order.game_id == entry.game_id else 0.0
