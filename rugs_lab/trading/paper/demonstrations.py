"""What a person did by hand, with what they saw at that tick: material to train a model on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from rugs_lab.trading.account.account_frames import Column, frame_of
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.orders import Order
from rugs_lab.trading.features.feature_vector import NAMES, features
from rugs_lab.trading.strategy.observation import Observation

if TYPE_CHECKING:
    import pandas as pd


class Demonstration(NamedTuple):
    """One decision by hand, whose order has the result, and what was seen when it was given."""

    order: Order
    o: Observation


COLUMNS: Final[Mapping[str, Column[Demonstration]]] = {
    "game_id": ("str", lambda each: each.order.game_id or ""),
    "seen_tick": ("int64", lambda each: each.order.seen_tick),
    "price": ("float64", lambda each: each.o.price),
    "peak": ("float64", lambda each: float(np.nanmax(each.o.prices))),
    "cash_sol": ("float64", lambda each: each.o.cash),
    "equity_sol": ("float64", lambda each: each.o.equity),
    "units": ("float64", lambda each: each.o.units),
    "average_cost": ("float64", lambda each: each.o.average_cost if each.o.units else None),
    "unrealised_sol": ("float64", lambda each: each.o.unrealised),
    "bet_ticks_left": ("Int64", lambda each: each.o.bet_ticks_left if each.o.bet_open else None),
    "bet_stake_sol": ("float64", lambda each: each.o.bet_stake),
    "action": ("str", lambda each: Kind(each.order.action.kind).name.lower()),
    "size": ("float64", lambda each: each.order.action.size),
    "status": ("str", lambda each: str(each.order.status)),
    "reason": ("str", lambda each: "" if each.order.reason is None else str(each.order.reason)),
    "filled_tick": ("Int64", lambda each: each.order.filled_tick),
    "filled_price": ("float64", lambda each: each.order.price),
}


def demonstrations_frame(demonstrations: Sequence[Demonstration]) -> pd.DataFrame:
    """One row per decision made by hand, in order; ``to_parquet(path)`` writes it to a file.

    Columns: ``game_id``; what was seen: ``seen_tick`` (-1: presale), ``price`` and ``peak`` so far
    (multipliers), ``cash_sol``, ``equity_sol``, ``units``, ``average_cost``, ``unrealised_sol``,
    ``bet_ticks_left``, ``bet_stake_sol``; what was decided: ``action``, ``size`` (SOL, or fraction of the
    position); what became of it: ``status``, ``reason``, ``filled_tick``, ``filled_price``. Then what a model
    would have been shown, ``feature_`` and each of `rugs_lab.trading.features.feature_vector.NAMES`.
    """
    import pandas as pd

    shown = np.array([features(each.o) for each in demonstrations]).reshape(-1, len(NAMES))
    frame = frame_of(demonstrations, COLUMNS)
    return frame.join(pd.DataFrame(shown, columns=[f"feature_{name}" for name in NAMES], dtype="float32"))
