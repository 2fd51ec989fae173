"""`TradePart`: the trading panel of a widget; what the page shows of the account, and what it may ask for."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import asdict
from typing import Any, Final

from rugs_lab.feed.core.feed import Feed
from rugs_lab.game.money import SELL_FRACTIONS
from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Action, Kind, buy, sell, sidebet
from rugs_lab.trading.account.fill_marks import bets_of, entries_here, fills_of
from rugs_lab.trading.account.ledger import OPENING, Entry
from rugs_lab.trading.account.orders import Order, Rejection
from rugs_lab.trading.paper.accounts import accounts_of
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.views.page.part_base import MOST_WAITING, Part, Seen, finite

_MONEY: Final = ("start", "cash", "equity", "realised", "unrealised")

SHOWN_ENTRIES: Final = 40
"""Lines of the ledger that the page shows, the newest first; the frame has all of them."""

SHOWN_TICKS: Final = 8
"""Orders given so many ticks before the newest one, two seconds, are shown with it."""


class TradePart(Part):
    """Paper trading by hand: with the account given, or the feed's, made with `cash_sol` when needed."""

    name = "trade"
    lasting = frozenset({"open"})
    bound = frozenset({"buy", "sell", "sidebet", "cancel", "exits"})

    def __init__(self, feed: Feed, paper: Paper | None = None, *, cash_sol: float = 1.0) -> None:
        self._feed = feed
        self._cash_sol = cash_sol
        self._given = paper
        self.actions = {
            "open": lambda: self.paper,
            "buy": lambda size, seen=None: self._submit(buy(_number(size)), seen),
            "sell": lambda fraction, seen=None: self._submit(sell(_number(fraction)), seen),
            "sidebet": lambda size, seen=None: self._submit(sidebet(_number(size)), seen),
            "cancel": self._cancel,
            "exits": self._exit_at,
            "reset": lambda cash=None: self.paper.reset(cash),
        }

    @property
    def known(self) -> Paper | None:
        """The account as it is, perhaps closed; None: it was not needed yet."""
        return self._given if self._given is not None else accounts_of(self._feed).by_hand

    @property
    def paper(self) -> Paper:
        """The account with its connection to the feed; made on first use."""
        if self._given is not None:
            return self._given
        return accounts_of(self._feed).hand_account(self._cash_sol)

    @property
    def _open_one(self) -> Paper | None:
        known = self.known
        return None if known is None or (known.closed and known is not self._given) else known

    def version(self) -> Hashable:
        """Return what `status` depends on."""
        paper = self._open_one
        if paper is None:
            return None
        return id(paper), paper.version, paper.feed.book.running_length, str(paper.feed.state)

    def status(self) -> dict[str, Any]:
        """Return what the page shows: money in SOL, prices multipliers, time in ticks."""
        paper = self._open_one
        if paper is None:
            return {"open": False, "cash": self._cash_sol}
        rejection = paper.rejection()
        return {
            "open": True,
            **paper.between_ticks(_sheet),
            "exits": paper.exits,
            "rejection": None if rejection is None else str(rejection),
            "fractions": list(SELL_FRACTIONS),
            "window": SIDEBET_TICKS,
        }

    def _cancel(self, seen: Seen) -> None:
        seen.check(self.paper.account.game_id or "")
        self.paper.cancel()

    def _exit_at(self, stop: float | None, take: float | None, seen: Seen) -> None:
        seen.check(self.paper.account.game_id or "")
        self.paper.exit_at(stop, take)

    def _submit(self, action: Action, seen: Seen | None) -> None:
        if seen is None:
            self.paper.submit(action)
            return
        order = self.paper.submit(action, seen.tick, seen_game=seen.game, late=seen.late)
        if order.reason in (Rejection.TOO_LATE, Rejection.OTHER_GAME):
            seen.check(self.paper.account.game_id or "")


def drawn(entries: list[Entry]) -> dict[str, Any]:
    """Return ``marks`` and ``bets`` of one game's lines of a ledger; see `rugs_lab.figures.marks`."""
    return {
        "marks": [{**asdict(fill), "price": finite(fill.price)} for fill in fills_of(entries)],
        "bets": [asdict(bet) for bet in bets_of(entries)],
    }


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _sheet(account: Account) -> dict[str, Any]:
    position, bet = account.position, account.bet
    return {
        "game": account.game_id,
        "now": account.now,
        "tradeable": account.tradeable,
        **{name: getattr(account, f"{name}_sol") for name in _MONEY},
        "units": position.units,
        "average": position.average_cost if position.nano_units else None,
        "value": position.value_sol(account.price) if position.nano_units else 0.0,
        "bet": bet and {"stake": bet.stake_sol, "start": bet.start_tick, "end": bet.end_tick},
        "least": account.min_sol,
        "most": account.max_sol,
        "pending": _counted(account.pending),
        "orders": _counted(_newest(account)),
        "ledger": [_line(entry) for entry in account.entries[-SHOWN_ENTRIES:][::-1]],
        "lines": len(account.entries),
        "result": _result(account),
        **drawn(entries_here(account)),
    }


def _result(account: Account) -> tuple[str, float] | None:
    """Return the newest game in the ledger that is over, and its profit, SOL."""
    here: list[Entry] = []
    for entry in reversed(account.entries):
        if here and entry.game_id != here[0].game_id:
            break
        if entry.game_id != account.game_id or not account.tradeable:
            here.append(entry)
    return (here[0].game_id, sum(entry.profit for entry in here) / 1e9) if here else None


def _newest(account: Account) -> list[Order]:
    orders = [order for order in account.orders[-MOST_WAITING:] if order.game_id == account.game_id]
    return [order for order in orders if order.seen_tick >= orders[-1].seen_tick - SHOWN_TICKS]


def _counted(orders: list[Order]) -> list[dict[str, Any]]:
    """Return the orders, those that are alike as one: ``n`` of them."""
    alike = Counter(
        (
            Kind(order.action.kind).name.lower(),
            finite(order.action.size),
            str(order.status),
            None if order.reason is None else str(order.reason),
            order.due_tick,
            order.filled_tick,
            order.price,
        )
        for order in orders
    )
    names = ("what", "size", "status", "reason", "due", "tick", "price")
    return [{**dict(zip(names, each, strict=True)), "n": n} for each, n in alike.items()]


def _line(entry: Entry) -> list[Any]:
    return [
        entry.game_id,
        entry.tick,
        entry.what,
        finite(entry.price),
        entry.nano_units / 1e9,
        entry.cash_change / 1e9,
        entry.cash / 1e9,
        None if entry.what in OPENING else entry.profit / 1e9,
    ]
