"""`ActionSpace`: the decisions that a model or an agent may take, numbered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.trading.account.actions import Action, Decision, Kind, buy, hold, sell, sidebet
from rugs_lab.trading.strategy.observation import Observation
from rugs_lab.trading.strategy.strategy import actions_of

DEFAULT: Final = (hold(), buy(0.01), sell(), sidebet(0.01))
"""Do nothing; spend 0.01 SOL; sell everything; stake 0.01 SOL."""


class ActionSpace:
    """Decisions by number, counted from 0.

    Parameters
    ----------
    decisions
        What a strategy may return, each: an action, or a tuple of one for the position and a side bet. At
        least one. By default `DEFAULT`: hold, buy 0.01 SOL, sell everything, a side bet of 0.01 SOL.

    Examples
    --------
    >>> actions = ActionSpace([hold(), buy(0.1), (sell(0.5), sidebet(0.01))])
    >>> len(actions), actions[2]
    (3, (sell(0.5), sidebet(0.01)))
    >>> ActionSpace.from_text(actions.text) == actions
    True
    """

    def __init__(self, decisions: Iterable[Decision] | None = None) -> None:
        found = DEFAULT if decisions is None else tuple(decisions)
        if not found:
            raise ArgumentError("an agent needs at least one decision to choose from; got none")
        self._decisions: tuple[Action | tuple[Action, ...], ...] = tuple(_checked(each) for each in found)
        self.orders: tuple[tuple[Action, ...], ...] = tuple(actions_of(each) for each in self._decisions)
        """The same without holds: what is ordered."""

    def __len__(self) -> int:
        return len(self._decisions)

    def __iter__(self) -> Iterator[Action | tuple[Action, ...]]:
        return iter(self._decisions)

    def __getitem__(self, number: int) -> Action | tuple[Action, ...]:
        return self._decisions[number]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ActionSpace) and other._decisions == self._decisions

    def __hash__(self) -> int:
        return hash(self._decisions)

    def __repr__(self) -> str:
        return f"<ActionSpace {', '.join(f'{n}: {each!r}' for n, each in enumerate(self))}>"

    def possible(self, o: Observation | Means) -> NDArray[np.bool_]:
        """Tell which decisions have what they need: cash, something to sell or cover, no open side bet.

        Of arrays for several accounts an array of shape (accounts, decisions).
        """
        return np.array(np.broadcast_arrays(*[_possible(orders, o) for orders in self.orders])).T

    @property
    def text(self) -> str:
        """The decisions as text, to be kept with a model: JSON, a list of lists of kind and size."""
        several = [(each,) if isinstance(each, Action) else each for each in self]
        rows = [[[Kind(action.kind).name.lower(), action.size] for action in each] for each in several]
        return json.dumps(rows)

    @classmethod
    def from_text(cls, text: str) -> ActionSpace:
        """Return what `text` gave."""
        try:
            rows = [
                [Action(Kind[str(k).upper()], float(size)) for k, size in row] for row in json.loads(text)
            ]
            return cls(row[0] if len(row) == 1 else tuple(row) for row in rows)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise ArgumentError(
                f'decisions are written as [[["buy", 0.01]], ...]; got {text!r:.100} ({error})'
            ) from error


class Means(NamedTuple):
    """What decisions need, as in an `Observation`; of several accounts at once."""

    cash: NDArray[np.float64]
    units: NDArray[np.float64]
    bet_ticks_left: NDArray[np.int64]
    short_size: float = 0.0


def _possible(orders: tuple[Action, ...], o: Observation | Means) -> NDArray[np.bool_]:
    needed, possible = 0.0, np.array(True)
    for kind, size in orders:
        if kind == Kind.SELL:
            possible = possible & (o.units * size >= 1e-9)  # the smallest unit
        elif kind == Kind.COVER:
            possible = possible & (o.short_size > 0)
        else:
            needed += size
        if kind == Kind.SIDEBET:
            possible = possible & (o.bet_ticks_left <= 1)
    return possible & (needed <= o.cash)


def _checked(decision: Decision) -> Action | tuple[Action, ...]:
    actions_of(decision)
    if decision is None or isinstance(decision, Action):
        return decision or hold()
    return tuple(each or hold() for each in decision)
