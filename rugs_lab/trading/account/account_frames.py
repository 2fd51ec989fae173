"""The account as pandas frames. Money in SOL, prices multipliers, time in ticks.

Every amount is a whole number of lamports divided by 1e9: up to a million SOL
``(frame["profit_sol"] * 1e9).round()`` gives the lamports back, whose sums are exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.game.money import BILLION
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.ledger import OPENING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.trading.account.ledger import AccountGame, Entry
    from rugs_lab.trading.account.orders import Order

LEDGER: Final = {
    "game_id": "str",
    "tick": "int64",
    "what": "str",
    "price": "float64",
    "units": "float64",
    "cash_change_sol": "float64",
    "cash_sol": "float64",
    "profit_sol": "float64",
    "order": "Int64",
}
CLOSED: Final = {
    "game_id": "str",
    "what": "str",
    "opened_tick": "int64",
    "closed_tick": "int64",
    "units": "float64",
    "average_cost": "float64",
    "price": "float64",
    "cost_sol": "float64",
    "proceeds_sol": "float64",
    "profit_sol": "float64",
}
ORDERS: Final = {
    "game_id": "str",
    "action": "str",
    "size": "float64",
    "decided_tick": "int64",
    "seen_tick": "int64",
    "status": "str",
    "reason": "str",
    "filled_tick": "Int64",
    "price": "float64",
}


def ledger_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per change of cash.

    Columns: ``game_id``, ``tick``, ``what`` (buy, sell, rug, sidebet, won, lost, void; where shorts are
    assumed short, cover, short rug, liquidated), ``price``, ``units``, ``cash_change_sol``, ``cash_sol``
    (after it), ``profit_sol`` (0 when nothing was closed), ``order``.
    """
    rows = [
        (
            entry.game_id,
            entry.tick,
            entry.what,
            entry.price,
            entry.nano_units / BILLION,
            entry.cash_change / BILLION,
            entry.cash / BILLION,
            entry.profit / BILLION,
            entry.order,
        )
        for entry in entries
    ]
    return _frame(rows, LEDGER)


def closed_frame(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row per thing closed: a (partial) sell or cover, a settlement, a side bet won or lost.

    Columns: ``game_id``, ``what``, ``opened_tick``, ``closed_tick``, ``units`` and ``average_cost`` (a
    multiplier; NaN for a side bet), ``price``, ``cost_sol``, ``proceeds_sol``, ``profit_sol``.
    """
    rows = []
    for entry in entries:
        if entry.what in OPENING:
            continue
        units = entry.nano_units / BILLION if entry.nano_units else float("nan")
        average = entry.cost / entry.nano_units if entry.nano_units else float("nan")
        cost, back, profit = entry.cost / BILLION, entry.cash_change / BILLION, entry.profit / BILLION
        where = (entry.game_id, entry.what, entry.opened_tick, entry.tick)
        rows.append((*where, units, average, entry.price, cost, back, profit))
    return _frame(rows, CLOSED)


def orders_frame(orders: Sequence[Order]) -> pd.DataFrame:
    """One row per order.

    Columns: ``game_id``, ``action`` (buy, sell, sidebet, short, cover), ``size`` (SOL, or fraction of what is
    held), ``decided_tick``, ``seen_tick``, ``status``, ``reason`` (empty unless rejected), ``filled_tick``,
    ``price``.
    """
    rows = [
        (
            order.game_id or "",
            Kind(order.action.kind).name.lower(),
            order.action.size,
            order.decided_tick,
            order.seen_tick,
            str(order.status),
            "" if order.reason is None else str(order.reason),
            order.filled_tick,
            float("nan") if order.price is None else order.price,
        )
        for order in orders
    ]
    return _frame(rows, ORDERS)


def equity_frame(
    start: int,
    entries: Sequence[Entry],
    games: Sequence[AccountGame],
    ticks: Sequence[int],
    prices: Sequence[float],
) -> pd.DataFrame:
    """One row per tick that an account received, in order.

    Columns: ``game_id``, ``tick``, ``price``, ``cash_sol``, ``position_sol`` (units at that price),
    ``short_sol`` (the proceeds of covering at that price; 0 unless shorts are assumed), ``stake_sol``
    (an open side bet, at its cost), ``equity_sol`` (the sum of the four).

    Parameters
    ----------
    start
        Cash at the beginning, lamports.
    entries, games, ticks, prices
        As `Holdings` has them.
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
            "game_id": pd.Series([game.game_id for game in games], dtype="str").take(codes).array,
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
    """Return what a position and a short are worth at each price, lamports, as `rugs_lab.game.money` has it.

    Parameters
    ----------
    prices
        Multipliers.
    held, shorted
        Nano-units at each price.
    margin
        Of the short, lamports.
    """
    position = np.rint(held * prices).astype(np.int64)
    return position, np.maximum(2 * margin - np.rint(shorted * prices).astype(np.int64), 0)


def _frame(rows: list[tuple[Any, ...]], columns: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).astype(columns)
