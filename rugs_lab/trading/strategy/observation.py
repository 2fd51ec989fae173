"""`Observation`: what a strategy sees at a tick; `Observer` makes it from an account that follows games.

The array of prices ends at this tick, and the memory behind it holds no later ones either. The same type is
made in the compiled engine. Amounts in SOL are integers of lamports as float64, divided by 1e9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.limits import MAX_TICKS, START_PRICE
from rugs_lab.trading.account.account import Account

HISTORY: Final = 100
"""At most so many earlier games are in an observation."""

_BILLION: Final = 1e9
_PRESALE: Final = np.array([START_PRICE])
_PRESALE.flags.writeable = False
_new: Final = tuple.__new__


class Observation(NamedTuple):
    """What a strategy sees when it is called. Money in SOL, prices are multipliers, time in ticks.

    A strategy is called once in the presale of a game (tick -1, unless it is made with ``presale=False``) and
    then at every known tick before the rug. At a tick that is missing in a recording it is not called.

    Attributes
    ----------
    tick
        The current tick; -1 in presale.
    price
        The current price; 1.0 in presale, at which presale orders are filled.
    prices
        float64, read-only, shape (tick + 1,): prices so far, the current one last; NaN where a tick is
        missing. In presale it holds the 1.0 of `price`, so that ``prices[-1]`` and ``prices.max()`` are there
        at any time. ``prices[-20]`` before there are 20 is not an error: the strategy then holds.
    cash
        Cash in hand. Pending orders (possible if latency is above 1) are not yet deducted.
    equity
        Cash, position and short at the current price, and the open stake.
    units
        Held; each is worth the price.
    average_cost
        Average price paid; 0.0 without units.
    entry_tick
        Tick at which the position was first bought; -1 without units.
    unrealised
        Profit if the whole position were sold at the current price.
    bet_open
        Whether a side bet is open.
    bet_ticks_left
        Ticks until its last winning one, 40 at the tick at which it was placed; 0 without a bet. At 1 a new
        one can be decided: it starts at the tick at which the old one ends.
    bet_stake
        Its stake; 0.0 without a bet.
    peaks, lengths
        float64 and int64, read-only: highest known price before the rug and rug tick (last known tick where
        the rug is not known) of the games before this one in the run, newest last, at most 100.
    win_streak, loss_streak
        Games in a row that ended with a profit, or with a loss, up to this one. Games without either are
        passed over. One of the two is always 0.
    bet_win_streak, bet_loss_streak
        The same of side bets, in this game and those before.
    short_size
        Margin of the open short; always 0.0 unless shorts are assumed (`Options.shorts`).
    short_entry
        Its average entry price; 0.0 without one.
    short_unrealised
        Profit if it were covered at the current price.

    Notes
    -----
    Where games are played independently of each other (`Options.carry` False) every game begins with fresh
    cash and streaks of 0, while `peaks` and `lengths` are those of the games before it all the same.
    """

    tick: int
    price: float
    prices: NDArray[np.float64]
    cash: float
    equity: float
    units: float
    average_cost: float
    entry_tick: int
    unrealised: float
    bet_open: bool
    bet_ticks_left: int
    bet_stake: float
    peaks: NDArray[np.float64]
    lengths: NDArray[np.int64]
    win_streak: int
    loss_streak: int
    bet_win_streak: int
    bet_loss_streak: int
    short_size: float
    short_entry: float
    short_unrealised: float


def _no_such_name(self: Observation, name: str) -> NoReturn:
    """Name what there is, where something is asked for that there is not."""
    raise AttributeError(
        f"an observation has no {name!r}; it has {', '.join(self._fields)}. Prices so far are in "
        "o.prices: the highest is o.prices.max(); peaks and lengths are those of earlier games"
    )


if not TYPE_CHECKING:  # to type checkers a misspelt name is an error, which it would not be with __getattr__
    Observation.__getattr__ = _no_such_name


class Observer:
    """Makes the observations of an account that a strategy is given; it follows games after the account."""

    def __init__(self, account: Account, room: int = MAX_TICKS + 1) -> None:
        self._room = room
        self._remember(np.empty(0), np.empty(0, np.int64))
        self.begin_session(account)
        self.begin()

    def begin(self) -> None:
        """A game has begun."""
        self._tick, self._price, self._peak = -1, START_PRICE, float("nan")
        self._show(np.full(self._room, np.nan))
        self._booked = len(self.account.entries)
        self._realised = self.account.realised

    def begin_session(self, account: Account) -> None:
        """Look at another account from now on, with streaks of 0; earlier games are still remembered."""
        self.account = account
        self._streaks = [0, 0, 0, 0]
        self._booked = len(account.entries)
        self._realised = account.realised

    def see(self, tick: int, price: float) -> None:
        """Take a price; an earlier tick fills a gap, but not in what was seen before."""
        if tick >= len(self._buffer):
            self._grow(tick)
        elif tick < self._tick:
            self._show(self._buffer.copy())
        self._buffer[tick] = price
        if price > self._peak or self._peak != self._peak:
            self._peak = price
        if tick > self._tick:
            self._tick = tick
            self._price = price

    def end(self, length: int | None = None) -> None:
        """The game has ended and is settled; `length`: its rug tick, None where that is not known."""
        self._count_bets()
        profit = self.account.realised - self._realised
        if profit:
            wins, losses = self._streaks[:2]
            self._streaks[:2] = [wins + 1, 0] if profit > 0 else [0, losses + 1]
        self._realised = self.account.realised
        self._remember(
            np.append(self._peaks, self._peak)[-HISTORY:],
            np.append(self._lengths, np.int64(max(self._tick, 0) if length is None else length))[-HISTORY:],
        )

    def observation(self) -> Observation:
        """Return what a strategy sees now."""
        account, price, tick = self.account, self._price, self._tick
        if len(account.entries) != self._booked:
            self._count_bets()
        position, bet, cash = account.position, account.bet, account.cash
        equity = cash
        units = average = unrealised = staked = shorted = short_entry = short_profit = 0.0
        entry, left = -1, 0
        if held := position.nano_units:
            cost, value = position.cost_lamports, round(held * price)
            equity += value
            units, unrealised = float(held) / _BILLION, float(value - cost) / _BILLION
            average, entry = float(cost) / float(held), account.opened_tick
        if (short := account.short).nano_units:
            value = short.value(price)
            equity += value
            shorted, short_entry = float(short.cost_lamports) / _BILLION, short.average_cost
            short_profit = float(value - short.cost_lamports) / _BILLION
        if bet is not None:
            equity += bet.stake_lamports
            left, staked = bet.end_tick - tick, float(bet.stake_lamports) / _BILLION
        wins, losses, bet_wins, bet_losses = self._streaks
        values = (
            tick,
            price,
            self._seen[: tick + 1] if tick >= 0 else _PRESALE,
            float(cash) / _BILLION,
            float(equity) / _BILLION,
            units,
            average,
            entry,
            unrealised,
            bet is not None,
            left,
            staked,
            self._peaks,
            self._lengths,
            wins,
            losses,
            bet_wins,
            bet_losses,
            shorted,
            short_entry,
            short_profit,
        )
        return _new(Observation, values)  # twice as quick as Observation(...)

    def _count_bets(self) -> None:
        for entry in self.account.entries[self._booked :]:
            if entry.what == "won":
                self._streaks[2:] = [self._streaks[2] + 1, 0]
            elif entry.what == "lost":
                self._streaks[2:] = [0, self._streaks[3] + 1]
        self._booked = len(self.account.entries)

    def _grow(self, tick: int) -> None:
        longer = np.full(2 * tick + 1, np.nan)
        longer[: len(self._buffer)] = self._buffer
        self._show(longer)

    def _show(self, buffer: NDArray[np.float64]) -> None:
        self._buffer = buffer
        self._seen = buffer.view()
        self._seen.flags.writeable = False

    def _remember(self, peaks: NDArray[np.float64], lengths: NDArray[np.int64]) -> None:
        peaks.flags.writeable = lengths.flags.writeable = False
        self._peaks, self._lengths = peaks, lengths
