"""What can be decided at a tick: plain pairs of numbers, which a compiled strategy makes cheaply, too."""

from enum import IntEnum
from numbers import Real
from typing import NamedTuple


class Kind(IntEnum):
    """What kind of action it is."""

    HOLD = 0
    BUY = 1
    SELL = 2
    SIDEBET = 3
    SHORT = 4
    COVER = 5


class Action(NamedTuple):
    """One decision; made by `buy`, `sell`, `sidebet`, `hold`, `short` and `cover`.

    `size`: SOL to spend or to stake; of a sell or cover the fraction of the position, above 0 and at most 1.
    """

    kind: int
    size: float

    def __repr__(self) -> str:
        if self.kind == Kind.HOLD:
            return "hold()"
        size = f"{float(self.size):g}" if is_size(self.size) else repr(self.size)
        known = self.kind in _NAMES
        return f"{_NAMES[self.kind]}({size})" if known else f"Action({self.kind!r}, {size})"


Decision = Action | tuple[Action | None, ...] | None
"""What a strategy returns: an action, one for the position and a side bet, or None, which is hold."""

_NAMES = {kind.value: kind.name.lower() for kind in Kind}


def is_size(size: object) -> bool:
    """Tell whether a size is a number that fits a float, numpy's too; a boolean is not one."""
    if type(size) is float:
        return True
    try:
        return isinstance(size, Real) and not isinstance(size, bool) and float(size) is not None
    except OverflowError:
        return False


def buy(size: float) -> Action:
    """Spend `size` SOL on a long position.

    Examples
    --------
    >>> buy(0.01)
    buy(0.01)
    """
    return Action(Kind.BUY, size)


def sell(fraction: float = 1.0) -> Action:
    """Sell a `fraction` of the position, above 0 and at most 1 (everything).

    Examples
    --------
    >>> sell(), sell(0.25)
    (sell(1), sell(0.25))
    """
    return Action(Kind.SELL, fraction)


def sidebet(size: float) -> Action:
    """Stake `size` SOL on a rug within the 40 ticks after the one at which it is placed.

    Examples
    --------
    >>> sidebet(0.005)
    sidebet(0.005)
    """
    return Action(Kind.SIDEBET, size)


def hold() -> Action:
    """Do nothing."""
    return _HOLD


_HOLD = Action(Kind.HOLD, 0.0)


def short(size: float) -> Action:
    """Bet `size` SOL on a falling price.

    Shorts exist on the site, but how they are settled is not known: two observations contradict the linear
    formula. So an account rejects this order (`Rejection.SHORTS_UNKNOWN`) instead of inventing a result,
    unless it assumes that formula all the same: ``shorts="linear"``, see `Account`.

    Examples
    --------
    >>> short(0.01)
    short(0.01)
    """
    return Action(Kind.SHORT, size)


def cover(fraction: float = 1.0) -> Action:
    """Close a `fraction` of a short, above 0 and at most 1; rejected as `short` is."""
    return Action(Kind.COVER, fraction)
