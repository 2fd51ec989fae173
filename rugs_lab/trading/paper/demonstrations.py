"""What a person did by hand, with what they saw at that tick: material to train a model on.

A `Demonstration` is made when the order is given; its order has the result, so a frame made later has it too.
The file has one JSON object per line with the same fields and the prices that were on the screen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.columns import dtypes
from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from rugs_lab.trading.account.holdings import Holdings
    from rugs_lab.trading.account.orders import Order

DTYPES: Final = {
    "game_id": "str",
    "seen_tick": "int64",
    "price": "float64",
    "peak": "float64",
    "cash_sol": "float64",
    "equity_sol": "float64",
    "units": "float64",
    "average_cost": "float64",
    "unrealised_sol": "float64",
    "bet_ticks_left": "Int64",
    "bet_stake_sol": "float64",
    "action": "str",
    "size": "float64",
    "status": "str",
    "reason": "str",
    "filled_tick": "Int64",
    "filled_price": "float64",
}


@dataclass(frozen=True, slots=True, eq=False)
class Demonstration:
    """One decision by hand and what was seen then: prices by tick, NaN = missing; money in SOL."""

    order: Order
    prices: tuple[float, ...]
    cash_sol: float
    equity_sol: float
    units: float
    average_cost: float
    unrealised_sol: float
    bet_ticks_left: int | None
    bet_stake_sol: float

    def row(self) -> dict[str, Any]:
        """Return it as plain values, by the columns of `demonstrations_frame`; what is absent is None."""
        order = self.order
        known = [price for price in self.prices if price == price]
        return {
            "game_id": order.game_id or "",
            "seen_tick": order.seen_tick,
            "price": known[-1] if known else None,
            "peak": max(known, default=None),
            "cash_sol": self.cash_sol,
            "equity_sol": self.equity_sol,
            "units": self.units,
            "average_cost": self.average_cost if self.units else None,
            "unrealised_sol": self.unrealised_sol,
            "bet_ticks_left": self.bet_ticks_left,
            "bet_stake_sol": self.bet_stake_sol,
            "action": Kind(order.action.kind).name.lower(),
            "size": order.action.size,
            "status": str(order.status),
            "reason": None if order.reason is None else str(order.reason),
            "filled_tick": order.filled_tick,
            "filled_price": order.price,
        }


def seen(order: Order, account: Holdings, prices: Sequence[float]) -> Demonstration:
    """Return the demonstration of an order just given to `account` by somebody who saw `prices`."""
    bet, tick = account.bet, order.seen_tick
    return Demonstration(
        order,
        tuple(prices),
        account.cash_sol,
        account.equity_sol,
        account.position.units,
        account.position.average_cost,
        account.unrealised_sol,
        None if bet is None else bet.end_tick - max(tick, 0),
        account.stake / 1e9,
    )


def demonstrations_frame(demonstrations: Sequence[Demonstration]) -> pd.DataFrame:
    """One row per decision made by hand, in order.

    Columns: ``game_id``; what was seen: ``seen_tick`` (-1: presale), ``price`` and ``peak`` so far
    (multipliers), ``cash_sol``, ``equity_sol``, ``units``, ``average_cost``, ``unrealised_sol``,
    ``bet_ticks_left``, ``bet_stake_sol``; what was decided: ``action``, ``size`` (SOL, or fraction of the
    position); what became of it: ``status``, ``reason``, ``filled_tick``, ``filled_price``.
    """
    import pandas as pd

    rows = [each.row() for each in demonstrations]
    frame = pd.DataFrame(rows, columns=list(DTYPES))
    frame["reason"] = frame["reason"].fillna("")
    return frame.astype(dtypes(DTYPES))


def save_demonstrations(demonstrations: Sequence[Demonstration], path: str | PathLike[str]) -> Path:
    """Write one JSON object per decision to a file, which is replaced; absent values are null.

    Each has the columns of `demonstrations_frame` and ``prices``, those on the screen (null = missing).
    """
    if not isinstance(path, str | PathLike) or not str(path):
        raise ArgumentError(f'path must be that of a file, such as "by_hand.jsonl"; got {path!r:.80}')
    target = Path(path).expanduser()
    if target.is_dir():
        raise ArgumentError(f"{target} is a folder: name a file in it, such as {target / 'by_hand.jsonl'}")
    if not target.parent.is_dir():
        raise ArgumentError(f"there is no folder {target.parent}: make it first, or name another")
    lines = []
    for each in demonstrations:
        prices = [price if price == price else None for price in each.prices]
        row = each.row()
        line = {**row, "size": row["size"] if isfinite(row["size"]) else None, "prices": prices}
        lines.append(json.dumps(line, allow_nan=False, separators=(",", ":")))
    partial = target.with_name(f"{target.name}.part")
    try:
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target
