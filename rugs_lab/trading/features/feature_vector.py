"""What a model is shown: numbers made of an `Observation`, one definition for environment, models, notebooks.

They are made by adding, subtracting, multiplying and dividing only, so that interpreted and compiled they are
the same to the last bit, and each lies between known bounds. None sees the future: all are made of what a
strategy is shown.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.sidebet import SIDEBET_TICKS
from rugs_lab.trading.features.feature_set import RESERVED_NAME, Features
from rugs_lab.trading.strategy.observation import Observation

_TYPICAL: Final = 200.0
"""Ticks; the mean length of a game."""

_WINDOW: Final = float(SIDEBET_TICKS)
SHORT: Final = 1
MIDDLE: Final = 5
LONG: Final = 20
RECENT: Final = 10
"""Games before, over which lengths are averaged."""


class Feature(NamedTuple):
    """One number that a model is shown, its bounds, both possible, and how it is made."""

    name: str
    low: float
    high: float
    words: str


FEATURES: Final = (
    Feature("presale", 0, 1, "1 in presale, else 0"),
    Feature("tick", 0, 1, "t / (t + 200) at tick t; 0 in presale"),
    Feature("price", 0, 1, "p / (1 + p) at price p: 0.5 at 1x, 0.9 at 9x"),
    Feature("drawdown", -1, 0, "price / highest so far, less 1"),
    Feature("change_1", -1, 1, "(p - q) / (p + q), q the price 1 tick before; 0 where that is not known"),
    Feature("change_5", -1, 1, "the same, 5 ticks before"),
    Feature("change_20", -1, 1, "the same, 20 ticks before"),
    Feature("range_20", 0, 1, "(high - low) / (high + low) of the newest 20 ticks; 0 in presale"),
    Feature("cash", 0, 1, "c / (1 + c), c SOL in hand"),
    Feature("position", 0, 1, "value of the position at the current price, as a share of the equity"),
    Feature("gain", -1, 1, "(p - a) / (p + a), a the average price paid; 0 without a position"),
    Feature("held", 0, 1, "h / (h + 40), h ticks since the position was first bought; 0 without one"),
    Feature("bet", 0, 1, "ticks until the side bet's last winning one, / 40; 0 without a bet"),
    Feature("stake", 0, 1, "stake of the open side bet, as a share of the equity"),
    Feature("last_peak", 0, 1, "p / (1 + p), p the peak of the game before; 0 where there was none"),
    Feature("last_length", 0, 1, "n / (n + 200), n the ticks of the game before; 0 where there was none"),
    Feature("mean_length", 0, 1, "the same of the mean of the last 10 games"),
    Feature("streak", -1, 1, "(w - l) / (w + l + 4), w games won and l lost in a row up to this one"),
)
"""The features, in order. Money is SOL, prices are multipliers, time is ticks."""

VERSION: Final = 1
"""Grows whenever a feature means something else; kept in the files of models."""

NAMES: Final = tuple(each.name for each in FEATURES)
LOW: Final = np.array([each.low for each in FEATURES], np.float32)
HIGH: Final = np.array([each.high for each in FEATURES], np.float32)
PATH: Final = NAMES[:8]
"""Those that depend on the prices of the game alone, not on the player nor on earlier games."""


def fill(out: Any, tick: int, price: float, path: Any, account: Any, games: Any) -> None:
    """Write the features into `out`, float32 of shape (18,); interpreted here, compiled in the vector form.

    `path`: the prices 1, 5 and 20 ticks before, NaN where not known, then the lowest and highest of the
    newest 20 ticks, and the peak. `account`: cash, equity, value of the position and stake, SOL, average
    price, ticks that the position was held and that the bet has left. `games`: peak and length of the game
    before, mean length, games won and lost in a row; 0 where there were none.
    """
    low, high, peak = path[3:]
    cash, equity, value, stake, average, held, left = account
    last_peak, last_length, mean_length, wins, losses = games
    out[0] = 1.0 if tick < 0 else 0.0
    out[1] = 0.0 if tick < 0 else tick / (tick + _TYPICAL)
    out[2] = price / (1.0 + price)
    out[3] = price / peak - 1.0
    for place in range(3):
        other = path[place]
        out[4 + place] = (price - other) / (price + other) if other == other else 0.0
    out[7] = (high - low) / (high + low)
    out[8] = cash / (1.0 + cash)
    out[9] = value / equity if value > 0.0 else 0.0
    out[10] = (price - average) / (price + average) if value > 0.0 else 0.0
    out[11] = held / (held + _WINDOW)
    out[12] = left / _WINDOW
    out[13] = stake / equity if stake > 0.0 else 0.0
    out[14] = last_peak / (1.0 + last_peak)
    out[15] = last_length / (last_length + _TYPICAL)
    out[16] = mean_length / (mean_length + _TYPICAL)
    out[17] = (wins - losses) / (wins + losses + 4.0)


def features(o: Observation) -> NDArray[np.float32]:
    """Return what a model is shown of an observation, float32 of shape (18,); see `FEATURES`.

    Examples
    --------
    >>> from rugs_lab.trading.account.account import Account
    >>> from rugs_lab.trading.strategy.observation import Observer
    >>> account = Account(cash_sol=1.0)
    >>> account.begin("a")
    >>> shown = features(Observer(account).observation())
    >>> dict(zip(NAMES, shown.tolist()))["price"], shown.shape, shown.dtype
    (0.5, (18,), dtype('float32'))
    """
    out = np.empty(len(FEATURES), np.float32)
    prices, tick, price = o.prices, o.tick, o.price
    low = high = peak = price
    if tick >= 0:
        low = float(np.fmin.reduce(prices[-LONG:]))
        high = float(np.fmax.reduce(prices[-LONG:]))
        peak = float(np.fmax.reduce(prices))
    before = [float(prices[tick - back]) if tick >= back else np.nan for back in (SHORT, MIDDLE, LONG)]
    held = o.tick - o.entry_tick if o.entry_tick >= 0 else 0
    account = (o.cash, o.equity, o.units * price, o.bet_stake, o.average_cost, held, o.bet_ticks_left)
    last_peak = length = mean = 0.0
    if some := len(o.lengths):
        last_peak = float(o.peaks[-1]) if o.peaks[-1] == o.peaks[-1] else 0.0
        length, mean = float(o.lengths[-1]), sum(o.lengths[-RECENT:].tolist()) / min(some, RECENT)
    games = (last_peak, length, mean, o.win_streak, o.loss_streak)
    fill(out, tick, price, (*before, low, high, peak), account, games)
    return out


BUILT_IN: Final = Features(RESERVED_NAME, VERSION, NAMES, features)
"""Those above, which models are shown unless others are given."""
