"""The account as pandas frames. Money in SOL, prices multipliers, time in ticks.

Every amount is a whole number of lamports divided by 1e9: up to a million SOL
``(frame["profit_sol"] * 1e9).round()`` gives the lamports back, whose sums are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from rugs_lab.columns import typed
from rugs_lab.game.money import BILLION
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.ledger import OPENING, AccountGame, Entry
from rugs_lab.trading.account.orders import Order

if TYPE_CHECKING:
    import pandas as pd

_T = TypeVar("_T")
Column = tuple[str, Callable[[_T], object]]
"""The dtype of a column, and its value in the row of an item."""

_LEDGER: Final[Mapping[str, Column[Entry]]] = {
    "game_id": ("str", lambda entry: entry.game_id),
    "tick": ("int64", lambda entry: entry.tick),
    "what": ("str", lambda entry: entry.what),
    "price": ("float64", lambda entry: entry.price),
    "units": ("float64", lambda entry: entry.nano_units / BILLION),
    "cash_change_sol": ("float64", lambda entry: entry.cash_change / BILLION),
    "cash_sol": ("float64", lambda entry: entry.cash / BILLION),
    "profit_sol": ("float64", lambda entry: entry.profit / BILLION),
    "order": ("Int64", lambda entry: entry.order),
}
_CLOSED: Final[Mapping[str, Column[Entry]]] = {
    "game_id": ("str", lambda entry: entry.game_id),
    "what": ("str", lambda entry: entry.what),
    "opened_tick": ("int64", lambda entry: entry.opened_tick),
    "closed_tick": ("int64", lambda entry: entry.tick),
    "units": ("float64", lambda entry: entry.nano_units / BILLION if entry.nano_units else None),
    "average_cost": ("float64", lambda entry: entry.cost / entry.nano_units if entry.nano_units else None),
    "price": ("float64", lambda entry: entry.price),
    "cost_sol": ("float64", lambda entry: entry.cost / BILLION),
    "proceeds_sol": ("float64", lambda entry: entry.cash_change / BILLION),
    "profit_sol": ("float64", lambda entry: entry.profit / BILLION),
}
_ORDERS: Final[Mapping[str, Column[Order]]] = {
    "game_id": ("str", lambda order: order.game_id or ""),
    "action": ("str", lambda order: Kind(order.action.kind).name.lower()),
    "size": ("float64", lambda order: order.action.size),
    "decided_tick": ("int64", lambda order: order.decided_tick),
    "seen_tick": ("int64", lambda order: order.seen_tick),
    "status": ("str", lambda order: str(order.status)),
    "reason": ("str", lambda order: str(order.reason or "")),
    "filled_tick": ("Int64", lambda order: order.filled_tick),
    "price": ("float64", lambda order: order.price),
}


def ledger_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per change of cash.

    Columns: ``game_id``, ``tick``, ``what`` (buy, sell, rug, sidebet, won, lost, void; where shorts are
    assumed short, cover, short rug, liquidated), ``price``, ``units``, ``cash_change_sol``, ``cash_sol``
    (after it), ``profit_sol`` (0 when nothing was closed), ``order``.
    """
    return frame_of(entries, _LEDGER)


def closed_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per thing closed: a (partial) sell or cover, a settlement, a side bet won or lost.

    Columns: ``game_id``, ``what``, ``opened_tick``, ``closed_tick``, ``units`` and ``average_cost`` (a
    multiplier; NaN for a side bet), ``price``, ``cost_sol``, ``proceeds_sol``, ``profit_sol``.
    """
    return frame_of([entry for entry in entries if entry.what not in OPENING], _CLOSED)


def orders_frame(orders: Sequence[Order]) -> pd.DataFrame:
    """One row per order.

    Columns: ``game_id``, ``action`` (buy, sell, sidebet, short, cover), ``size`` (SOL, or fraction of what is
    held), ``decided_tick``, ``seen_tick``, ``status``, ``reason`` (empty unless rejected, expired or
    cancelled), ``filled_tick``, ``price``.
    """
    return frame_of(orders, _ORDERS)


def frame_of(items: Sequence[_T], columns: Mapping[str, Column[_T]]) -> pd.DataFrame:
    """Return one row per item; `columns` have a dtype and the value of an item each."""
    import pandas as pd

    return pd.DataFrame(
        {name: typed([of(item) for item in items], dtype) for name, (dtype, of) in columns.items()}
    )


def equity_frame(
    start: int,
    entries: Sequence[Entry],
    games: Sequence[AccountGame],
    ticks: Sequence[int],
    prices: Sequence[float],
) -> pd.DataFrame:
    """One row per tick that an account received, in order; arguments as `Holdings` has them, lamports.

    Columns: ``game_id``, ``tick``, ``price``, ``cash_sol``, ``position_sol`` (units at that price),
    ``short_sol`` (the proceeds of covering at that price; 0 unless shorts are assumed), ``stake_sol``
    (an open side bet, at its cost), ``equity_sol`` (the sum of the four).
    """
    import pandas as pd

    count = len(ticks)
    cash, held, stake, shorted, margin = (
        np.full(count, first, dtype=np.int64) for first in (start, 0, 0, 0, 0)
    )
    stops = [entry.place for entry in entries[1:]] + [count]
    for entry, stop in zip(entries, stops, strict=False):
        if stop > entry.place:
            span = slice(entry.place, stop)
            cash[span], held[span], stake[span] = entry.cash, entry.held, entry.stake
            shorted[span], margin[span] = entry.shorted, entry.margin
    seen = np.array(prices, dtype=np.float64)
    position, short = values_of(seen, held, shorted, margin)
    codes = np.repeat(np.arange(len(games)), np.diff([*(game.begin for game in games), count]))
    return pd.DataFrame(
        {
            "game_id": typed([game.game_id for game in games]).take(codes),
            "tick": np.array(ticks, dtype=np.int64),
            "price": seen,
            "cash_sol": cash / BILLION,
            "position_sol": position / BILLION,
            "short_sol": short / BILLION,
            "stake_sol": stake / BILLION,
            "equity_sol": (cash + position + short + stake) / BILLION,
        }
    )


def values_of(
    prices: NDArray[np.float64],
    held: NDArray[np.int64],
    shorted: NDArray[np.int64],
    margin: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what a position and a short (nano-units) are worth at each price, lamports."""
    position = np.rint(held * prices).astype(np.int64)
    return position, np.maximum(2 * margin - np.rint(shorted * prices).astype(np.int64), 0)
