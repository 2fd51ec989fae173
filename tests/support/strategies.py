"""Strategies of many kinds, which every engine must play alike, and games to play them on."""

from __future__ import annotations

import math

import numpy as np

import rugs_lab as rl
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.actions import buy, hold, sell, sidebet


def nothing(o):
    return None


def dip(o, enter=10, drop=0.85, take=1.3, stop=0.8, size=0.01):
    if o.tick < enter:
        return hold()
    if not o.units:
        return buy(size) if o.price < drop * o.prices[:].max() else hold()
    done = o.price > take * o.average_cost or o.price < stop * o.average_cost
    return sell() if done else hold()


def presale(o, take=1.4, size=0.2):
    if o.tick < 0:
        return rl.buy(size), rl.sidebet(size / 10)
    return rl.sell(0.5) if o.unrealised > size * (take - 1) else rl.hold()


def martingale(o, size=0.001, most=8):
    if not o.bet_open or o.bet_ticks_left <= 1:
        return sidebet(size * 2 ** min(o.bet_loss_streak, most))
    return None


def averages(o, n=13, k=1.0):
    if o.tick < n:
        return hold()
    window = o.prices[-n:]
    if o.price < window.mean() - k * np.std(window):
        return buy(0.01)
    if o.units and o.price > np.sum(o.prices) / len(o.prices) + window.var() ** 2:
        return sell(0.25), sidebet(0.002)
    return None


def memory(o, k=3):
    if len(o.peaks) >= k and o.peaks[-k:].max() < 5 and o.lengths[-1] > 50 and not o.units:
        return buy(0.02 * (1 + o.loss_streak))
    if o.units and o.tick - o.entry_tick > 10 + o.win_streak:
        return sell()
    return hold()


def _edge(o, share):
    return o.equity * share + math.log(o.price) * 1e-3


def wealth(o, *, share=0.05):
    if o.tick % 9 == 4 and o.cash > 0.1:
        return buy(_edge(o, share))
    if o.tick % 17 == 3:
        return sell(o.tick % 4 / 4), sidebet(_edge(o, share) / 7)
    return hold(), None


def wild(o, scale=1.0):
    """Gives orders of which many are rejected."""
    number = (o.tick * 7919 + 13) % 23
    amounts = (0.0005, 0.3, 7.0, -1.0, 0.001, 2.0)
    amount = amounts[number % 6] * scale
    if number % 4 == 0:
        return buy(amount), sidebet(amounts[(number + 1) % 6])
    if number % 4 == 1:
        return sidebet(amount), sell(amount)
    if number % 4 == 2:
        return sell(amount)
    return rl.short(amount) if number < 12 else rl.cover()


STRATEGIES = (nothing, dip, presale, martingale, averages, memory, wealth, wild)


def games_of(*paths, rugs=None):
    """Games of price paths; the last price is the rug's, unless `rugs` says otherwise (None: not known)."""
    ticks = [len(path) - 1 for path in paths] if rugs is None else [-1 if r is None else r for r in rugs]
    offsets = np.cumsum([0, *map(len, paths)])
    flat = np.concatenate([np.asarray(path, float) for path in paths]) if paths else np.empty(0)
    ids = [f"20260101-{number:016x}" for number in range(len(paths))]
    return Games.from_arrays(ids, flat, offsets, rug_ticks=ticks)


def scripted(script):
    """A strategy that does what `script` says at a tick."""
    return lambda o: script.get(o.tick)
