"""Strategies as people write them, none made to be compiled; some are."""

import math
import random

import numpy as np
import pandas as pd

import rugs_lab as rl


def moving_average(o, fast=5, slow=20):
    if o.tick < slow:
        return rl.hold()
    if o.prices[-fast:].mean() > o.prices[-slow:].mean() and not o.units:
        return rl.buy(0.01)
    if o.prices[-fast:].mean() < o.prices[-slow:].mean() and o.units:
        return rl.sell()
    return rl.hold()


def trailing_stop(o, drop=0.2):
    if not o.units:
        return rl.buy(0.01) if o.tick == 3 else rl.hold()
    high = max(o.prices[3:])
    return rl.sell() if o.price < high * (1 - drop) else rl.hold()


def trailing_stop_by_numpy(o, drop=0.2):
    if not o.units:
        return rl.buy(0.01) if o.tick == 3 else rl.hold()
    return rl.sell() if o.price < o.prices[3:].max() * (1 - drop) else rl.hold()


def rsi(o, n=14):
    if o.tick < n + 1:
        return rl.hold()
    d = np.diff(o.prices[-n - 1 :])
    up = d[d > 0].sum()
    down = -d[d < 0].sum()
    r = 100 - 100 / (1 + up / down) if down > 0 else 100
    if r < 30 and not o.units:
        return rl.buy(0.01)
    if r > 70 and o.units:
        return rl.sell()
    return rl.hold()


def bollinger(o, n=20, k=2):
    if o.tick < n:
        return rl.hold()
    w = o.prices[-n:]
    m, s = np.mean(w), np.std(w)
    if o.price < m - k * s and o.units == 0:
        return rl.buy(0.01)
    if o.price > m + k * s and o.units > 0:
        return rl.sell()
    return None


def volatility(o, n=10, limit=0.05):
    if o.tick < n:
        return None
    r = np.diff(np.log(o.prices[-n:]))
    if r.std() < limit and not o.units:
        return rl.buy(0.01)
    if r.std() > limit and o.units:
        return rl.sell()
    return None


def kelly(o, p=0.18, late=100):
    if o.tick > late and not o.bet_open:
        edge = p * 5 - 1
        stake = min(max(o.cash * edge / 4, 0.001), 5.0)
        return rl.sidebet(round(stake, 3))
    return rl.hold()


def ladder(o):
    levels = [1.5, 2.0, 3.0, 5.0]
    if o.tick == 1:
        return rl.buy(0.02)
    if o.units:
        for level in levels:
            if o.price >= level and o.prices[-2] < level:
                return rl.sell(0.25)
    return rl.hold()


def streak(o, n=3):
    last = o.peaks[-n:]
    if len(last) == n and (last < 2.5).all() and o.tick == 0 and not o.units:
        return rl.buy(0.01)
    if o.units and o.price > 1.3:
        return rl.sell()
    return rl.hold()


def quantile(o):
    if len(o.lengths) < 10:
        return rl.hold()
    if o.tick > np.percentile(o.lengths, 75) and not o.bet_open:
        return rl.sidebet(0.001)
    return rl.hold()


def ema(o, alpha=0.2):
    e = o.prices[0]
    for p in o.prices[1:]:
        e = alpha * p + (1 - alpha) * e
    if o.price > e * 1.05 and not o.units:
        return rl.buy(0.01)
    if o.price < e * 0.95 and o.units:
        return rl.sell()
    return rl.hold()


def slope(o, n=10):
    if o.tick < n:
        return rl.hold()
    y = o.prices[-n:]
    b = np.polyfit(np.arange(n), y, 1)[0]
    if b > 0.01 and not o.units:
        return rl.buy(0.01)
    if b < 0 and o.units:
        return rl.sell()
    return rl.hold()


class LosingStreak:
    def __init__(self, target=2.0):
        self.target = target
        self.lost = 0

    def begin_game(self, *a):
        self.lost = 0

    def __call__(self, o):
        if o.tick == 2:
            return rl.buy(0.01 * 2 ** min(self.lost, 3))
        if o.units and o.price > self.target:
            self.lost += 1
            return rl.sell()
        return rl.hold()


def trade_and_bet(o):
    a = rl.hold()
    b = rl.hold()
    if o.price < 1.2 and not o.units:
        a = rl.buy(0.01)
    elif o.units and o.price > 1.5:
        a = rl.sell()
    if o.tick > 50 and not o.bet_open:
        b = rl.sidebet(0.001)
    return a, b


def at_random(o, seed=1):
    if random.random() < 0.01 and not o.units:
        return rl.buy(0.01)
    if o.units and o.price > 1.2:
        return rl.sell()
    return rl.hold()


def ewm_of_pandas(o):
    if o.tick < 20:
        return rl.hold()
    s = pd.Series(o.prices[-20:])
    if s.ewm(span=5).mean().iloc[-1] > s.mean() and not o.units:
        return rl.buy(0.01)
    if o.units and o.price < s.min() * 1.01:
        return rl.sell()
    return rl.hold()


def drawdown(o):
    p = o.prices
    dd = 1 - p[-1] / np.maximum.accumulate(p)[-1]
    if dd > 0.3 and not o.units:
        return rl.buy(0.01)
    if o.units and o.unrealised > 0.002:
        return rl.sell()
    return rl.hold()


def share_of_rises(o):
    ups = sum(1 for a, b in zip(o.prices[:-1], o.prices[1:], strict=True) if b > a)
    if ups > 0.6 * o.tick and o.tick > 10 and not o.units:
        return rl.buy(0.01)
    if o.units and o.price < o.average_cost * 0.9:
        return rl.sell()
    return rl.hold()


def mean_of_known(o):
    w = [p for p in o.prices[-10:] if not math.isnan(p)]
    if len(w) >= 5 and sum(w) / len(w) < 1.0 and not o.units:
        return rl.buy(0.01)
    if o.units and o.price > 1.4:
        return rl.sell()
    return rl.hold()


def plan_by_tick(o):
    plan = {10: 0.01, 20: 0.02, 30: 0.04}
    if o.tick in plan:
        return rl.buy(plan[o.tick])
    if o.units and o.tick > 60:
        return rl.sell()
    return rl.hold()


def helper_mean(w):
    return w.sum() / len(w)


def with_helper(o):
    if o.tick > 5 and helper_mean(o.prices[-5:]) < 1.0 and not o.units:
        return rl.buy(0.01)
    if o.units and o.price > 1.3:
        return rl.sell()
    return rl.hold()


def match_case(o):
    match (o.tick // 50, o.units > 0):
        case (0, False):
            return rl.buy(0.01) if o.price < 0.9 else rl.hold()
        case (_, True):
            return rl.sell() if o.price > 1.2 else rl.hold()
    return rl.hold()


def time_exit(o):
    if o.tick == 5:
        return rl.buy(0.01)
    if o.units and o.tick - 5 >= 20:
        return rl.sell(1.0)
    return rl.hold()


def by_equity(o):
    if o.equity > 1.05:
        return rl.hold() if not o.units else rl.sell()
    if not o.units and o.tick == 10:
        return rl.buy(o.cash * 0.02)
    if o.units and o.price / o.average_cost > 1.1:
        return rl.sell()
    return rl.hold()


BY_TICK = (
    slope,
    LosingStreak(),
    at_random,
    ewm_of_pandas,
    share_of_rises,
    mean_of_known,
    plan_by_tick,
    match_case,
)
COMPILED = (
    moving_average,
    trailing_stop,
    trailing_stop_by_numpy,
    rsi,
    bollinger,
    volatility,
    kelly,
    ladder,
    streak,
    quantile,
    ema,
    trade_and_bet,
    drawdown,
    with_helper,
    time_exit,
    by_equity,
)
