"""`play_ledger`: the accounts of a compiled run; its orders are given to them again as the games go by."""

from array import array
from bisect import bisect_left, bisect_right
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.limits import MOST_TICKS
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.actions import Action
from rugs_lab.trading.engine import compiled_engine as compiled
from rugs_lab.trading.engine.compilable import NotCompilable, arguments_of
from rugs_lab.trading.engine.game_results import FIELDS, GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.engine.tick_engine import play_ticks
from rugs_lab.trading.strategy.strategy import Strategy

_ALL: Final = array("q", range(MOST_TICKS))


def play_ledger(strategy: Strategy, games: Games, options: Options) -> GameResults:
    """Return what `play_ticks` returns, from machine code where that is possible; `options` end nothing."""
    loader = compiled._Loader(games, len(games), 1)
    account, ids, rows = options.account(), games.ids, [np.zeros((0, len(FIELDS)), np.int64)]
    accounts = [account] if options.carry else []
    try:
        settings, kernel = compiled._settings(strategy, options), compiled.compile_strategy(strategy)
        arguments, state = arguments_of(strategy.function, strategy.parameters), compiled.state_of(settings)
        for batch, past in loader:
            before, room = state, 8 * len(batch)
            while True:
                state, log = before.copy(), np.zeros((room, 4))
                rows.append(compiled._run(kernel, arguments, batch, past, settings, state, log)[1])
                if log[0, 0] < room:
                    break
                room = int(log[0, 0]) + 1
                rows.pop()
            orders = log[1 : int(log[0, 0]) + 1]
            places = np.searchsorted(orders[:, 0], np.arange(len(batch) + 1)).tolist()
            for n, (begin, end) in enumerate(pairwise(places)):
                if not options.carry:
                    account = options.account()
                    accounts.append(account)
                prices = batch.flat[batch.offsets[n] : batch.offsets[n] + batch.ends[n]]
                account.begin(str(ids[batch.first + n]))
                _follow(account, prices, orders[begin:end, 1:].tolist())
                rug_price = float(batch.rug_prices[n])
                account.rug(len(prices), rug_price) if rug_price == rug_price else account.void()
    except (NotCompilable, compiled.Fallback):
        return play_ticks(strategy, games, options)
    finally:
        loader.close()
    return GameResults(ids, np.concatenate(rows), options, "compiled", "", accounts)


def _follow(account: Account, prices: NDArray[np.float64], orders: list[list[float]]) -> None:
    """Show an account the known prices, and give it the orders, each a tick, a kind and a size.

    It takes a tick by itself where an order or a bet is due (no short is compiled); those between are noted.
    """
    known = ~np.isnan(prices)
    ticks = _ALL[: len(prices)] if known.all() else array("q", np.flatnonzero(known).tolist())
    path = array("d", prices[known].tobytes())
    done = 0
    for until, kind, size in [*orders, (len(prices), 0, 0.0)]:
        stop = bisect_right(ticks, until)
        while done < stop:
            dues = [order.due_tick for order in account.pending]
            dues += [account.bet.end_tick] if account.bet is not None else []
            at = max(done, bisect_left(ticks, min(dues))) if dues else stop
            if done < (skipped := min(at, stop)):
                account.ticks.extend(ticks[done:skipped])
                account.prices.extend(path[done:skipped])
                account.now, account.price = ticks[skipped - 1], path[skipped - 1]
            if at < stop:
                account.tick(ticks[at], path[at])
            done = at + 1
        done = stop
        if kind:
            account.submit(Action(int(kind), size))
