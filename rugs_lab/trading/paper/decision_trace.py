"""`Trace`: every decision of a strategy on a feed: what it saw, what it ordered, what was filled."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from rugs_lab.trading.account.account_frames import Column, frame_of
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.account.orders import Order, OrderStatus
from rugs_lab.trading.strategy.observation import Observation

if TYPE_CHECKING:
    import pandas as pd

KEPT: Final = 20_000
"""The newest decisions that are kept: about 80 minutes of the live game."""

NO_PRICES: Final = np.empty(0)


class Answer(NamedTuple):
    """What a strategy decided, and the seconds that it took."""

    actions: tuple[Action, ...]
    seconds: float


class Step(NamedTuple):
    """One decision."""

    game_id: str
    seen: Observation
    orders: tuple[Order, ...]
    seconds: float

    @property
    def decision(self) -> str:
        """The decision in words."""
        return ", ".join(map(repr, (order.action for order in self.orders))) or "hold()"

    @property
    def result(self) -> str:
        """The result of it, as far as it is known; empty for a hold."""
        return "; ".join(map(_fill_words, self.orders))


class Trace:
    """The newest decisions of a strategy, oldest first; the result of an order is looked up on demand."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=KEPT)

    def __len__(self) -> int:
        return len(self._steps)

    def note(self, game_id: str | None, o: Observation, seconds: float, orders: Sequence[Order] = ()) -> None:
        """Keep a decision; the prices that were seen are those of the game up to its tick."""
        self._steps.append(Step(game_id or "", o._replace(prices=NO_PRICES), tuple(orders), seconds))

    def newest(self, count: int, *, acted: bool = False) -> list[Step]:
        """Return the last so many, newest first; with `acted` only those that gave an order."""
        wanted = (step for step in reversed(self._steps.copy()) if step.orders or not acted)
        return list(islice(wanted, count))

    @property
    def frame(self) -> pd.DataFrame:
        """One row per decision, oldest first.

        What it saw: ``game_id``, ``tick`` (-1: presale), ``price`` (a multiplier), ``cash_sol``,
        ``equity_sol``, ``units``, ``average_cost``, ``unrealised_sol``, ``bet_ticks_left``,
        ``bet_stake_sol``; the prices it saw are those of the game up to that tick. Its ``decision``, and the
        ``result``: the fill, the reason of a rejection, or that the order waits. ``ms`` it took.
        """
        return frame_of(self._steps.copy(), _COLUMNS)


_COLUMNS: Final[Mapping[str, Column[Step]]] = {
    "game_id": ("str", lambda step: step.game_id),
    "tick": ("int64", lambda step: step.seen.tick),
    "price": ("float64", lambda step: step.seen.price),
    "cash_sol": ("float64", lambda step: step.seen.cash),
    "equity_sol": ("float64", lambda step: step.seen.equity),
    "units": ("float64", lambda step: step.seen.units),
    "average_cost": ("float64", lambda step: step.seen.average_cost),
    "unrealised_sol": ("float64", lambda step: step.seen.unrealised),
    "bet_ticks_left": ("int64", lambda step: step.seen.bet_ticks_left),
    "bet_stake_sol": ("float64", lambda step: step.seen.bet_stake),
    "decision": ("str", lambda step: step.decision),
    "result": ("str", lambda step: step.result),
    "ms": ("float64", lambda step: 1e3 * step.seconds),
}


def _fill_words(order: Order) -> str:
    if order.status is OrderStatus.FILLED:
        return f"filled at tick {order.filled_tick}, {order.price:.6g}x"
    return f"waits for tick {order.due_tick}" if order.reason is None else str(order.reason)
