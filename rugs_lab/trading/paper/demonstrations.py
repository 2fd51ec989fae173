"""What a person did by hand, or left undone, and what they saw at that tick: material to train a model on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.account_frames import Column, frame_of
from rugs_lab.trading.account.actions import Kind
from rugs_lab.trading.account.orders import Order
from rugs_lab.trading.features.feature_vector import NAMES, features
from rugs_lab.trading.paper.decision_trace import NO_PRICES
from rugs_lab.trading.strategy.observation import Observation

if TYPE_CHECKING:
    import pandas as pd


class Demonstration(NamedTuple):
    """What was seen at a tick, and the order that was given then, which has its result; None: none was."""

    game_id: str
    o: Observation
    peak: float
    shown: NDArray[np.float32]
    order: Order | None = None

    @classmethod
    def of(cls, game_id: str | None, o: Observation, order: Order | None = None) -> Demonstration:
        """Return one that keeps numbers of the prices that were seen, not the prices."""
        peak = float(np.fmax.reduce(o.prices))
        return cls(game_id or "", o._replace(prices=NO_PRICES), peak, features(o), order)


COLUMNS: Final[Mapping[str, Column[Demonstration]]] = {
    "game_id": ("str", lambda each: each.game_id),
    "seen_tick": ("int64", lambda each: each.o.tick),
    "price": ("float64", lambda each: each.o.price),
    "peak": ("float64", lambda each: each.peak),
    "cash_sol": ("float64", lambda each: each.o.cash),
    "equity_sol": ("float64", lambda each: each.o.equity),
    "units": ("float64", lambda each: each.o.units),
    "average_cost": ("float64", lambda each: each.o.average_cost if each.o.units else None),
    "unrealised_sol": ("float64", lambda each: each.o.unrealised),
    "bet_ticks_left": ("Int64", lambda each: each.o.bet_ticks_left if each.o.bet_open else None),
    "bet_stake_sol": ("float64", lambda each: each.o.bet_stake),
    "action": ("str", lambda each: Kind(each.order.action.kind).name.lower() if each.order else "hold"),
    "size": ("float64", lambda each: each.order and each.order.action.size),
    "status": ("str", lambda each: str(each.order.status) if each.order else ""),
    "reason": ("str", lambda each: str((each.order and each.order.reason) or "")),
    "filled_tick": ("Int64", lambda each: each.order and each.order.filled_tick),
    "filled_price": ("float64", lambda each: each.order and each.order.price),
}


def account_at(account: Account, tick: int) -> Account:
    """Return an account as it was at a tick of its newest game: its fills are made again up to there."""
    if tick >= account.now or account.game_id is None:
        return account
    game_id, begin = account.game_id, account.games[-1].begin
    before = [account.start, *(entry.cash for entry in account.entries if entry.game_id != game_id)]
    then = Account(shorts=account.shorts)
    then.cash = before[-1]
    then.begin(game_id)
    then.pending = [replace(order) for order in account.orders if order.game_id == game_id and order.price]
    for each, price in zip(account.ticks[begin:], account.prices[begin:], strict=True):
        if each <= tick:
            then.tick(each, price)
    return then


def demonstrations_frame(orders: Sequence[Demonstration], ticks: Sequence[Demonstration]) -> pd.DataFrame:
    """One row per order given by hand, and per tick of its game without one; ``to_parquet(path)`` writes it.

    Of the `ticks` that were seen, the newest 20,000, those count that are in games with an order. Columns:
    ``game_id``; what was seen then: ``seen_tick`` (-1: presale), ``price`` and ``peak`` so far (multipliers),
    ``cash_sol``, ``equity_sol``, ``units``, ``average_cost``, ``unrealised_sol``, ``bet_ticks_left``,
    ``bet_stake_sol``; what was decided: ``action`` (``hold``: no order), ``size`` (SOL, or fraction of the
    position); what became of it: ``status``, ``reason``, ``filled_tick``, ``filled_price``. Then what a model
    would have been shown, ``feature_`` and each of `rugs_lab.trading.features.feature_vector.NAMES`.
    """
    import pandas as pd

    decided = {(each.game_id, each.o.tick) for each in orders}
    games = {game_id: place for place, game_id in enumerate(dict.fromkeys(each.game_id for each in orders))}
    idle = [each for each in ticks if each.game_id in games and (each.game_id, each.o.tick) not in decided]
    rows = sorted([*orders, *idle], key=lambda each: (games[each.game_id], each.o.tick))
    shown = np.array([each.shown for each in rows]).reshape(-1, len(NAMES))
    frame = frame_of(rows, COLUMNS)
    return frame.join(pd.DataFrame(shown, columns=[f"feature_{name}" for name in NAMES], dtype="float32"))
