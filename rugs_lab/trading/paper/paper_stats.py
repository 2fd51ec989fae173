"""Statistics of a paper account so far: those of a backtest, of its games that are over."""

from __future__ import annotations

from collections import Counter
from inspect import isfunction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rugs_lab.game.limits import MOST_TICKS, START_PRICE
from rugs_lab.game.price_process import expected_price
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.account_frames import values_of
from rugs_lab.trading.account.ledger import AccountGame, Entry, counts_of
from rugs_lab.trading.account.orders import OrderStatus
from rugs_lab.trading.backtest.baselines import EqualRisk
from rugs_lab.trading.backtest.by_process import simulated
from rugs_lab.trading.backtest.run_stats import Row, figures_of, stats_frame
from rugs_lab.trading.engine.game_results import FIELDS, GameResults
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.paper.strategy_driver import StrategyDriver

if TYPE_CHECKING:
    import pandas as pd


def stats_of(
    driver: StrategyDriver, results: GameResults, random: EqualRisk, cash_sol: float, equity_sol: float
) -> pd.DataFrame:
    """Return the statistics of a paper account so far, of the `results` of its games that are over.

    A strategy that is a plain function is played on simulated games for the intervals; one with a state of
    its own is left alone.
    """
    strategy, timing = driver.strategy, driver.timing
    plain = strategy is not None and isfunction(strategy.function)
    simulation = simulated(strategy, results) if strategy is not None and plain else None
    now = {
        "cash now [SOL]": Row(cash_sol, note="counted"),
        "equity now [SOL]": Row(equity_sol, note="counted"),
        "time of a decision, mean [ms]": Row(timing.mean_ms, n=timing.decisions, note="no interval is made"),
        "time of a decision, max [ms]": Row(timing.max_ms, n=timing.decisions, note="the greatest"),
        "decisions [n]": Row(timing.decisions, n=timing.decisions, note="counted"),
    }
    return stats_frame(now | figures_of(results, simulation, random))


def results_of(account: Account) -> GameResults:
    """Return the result of each game that is over for an account; see `Account.finished`.

    ``ticks`` are those that the account received before the rug; equity is looked at at each of them.
    """
    games = {game.game_id: game for game in account.finished}
    entries: dict[str, list[Entry]] = {game_id: [] for game_id in games}
    for entry in account.entries:
        if entry.game_id in entries:
            entries[entry.game_id].append(entry)
    orders = Counter((order.game_id, order.status) for order in account.orders)
    ticks, prices = np.array(account.ticks, np.int64), np.array(account.prices, np.float64)
    rows = np.zeros((len(games), len(FIELDS)), np.int64)
    for number, (game_id, game) in enumerate(games.items()):
        here = slice(game.begin, game.end)
        row = _row(game, entries[game_id], ticks[here], prices[here])
        row["rejected"] = orders[game_id, OrderStatus.REJECTED]
        row["expired"] = orders[game_id, OrderStatus.EXPIRED]
        rows[number] = [row[name] for name in FIELDS]
    options = Options(
        account.start_sol, account.latency, account.min_sol, account.max_sol, shorts=account.shorts
    )
    return GameResults(np.array(list(games), dtype=object), rows, options, "paper", "", (account,))


def _row(
    game: AccountGame, entries: list[Entry], ticks: NDArray[np.int64], prices: NDArray[np.float64]
) -> dict[str, int]:
    row = {**dict.fromkeys(FIELDS, 0), **counts_of(entries)._asdict()}
    change, held, stake, shorted, margin = (np.zeros(len(ticks), np.int64) for _ in range(5))
    cash = 0
    for entry in entries:
        since = ticks >= entry.tick
        cash += entry.cash_change
        change[since], held[since], stake[since] = cash, entry.held, entry.stake
        shorted[since], margin[since] = entry.shorted, entry.margin
    position, short = values_of(prices, held, shorted, margin)
    equity = change + stake + position + short
    low_prices = np.minimum.accumulate(np.minimum(prices, START_PRICE))
    steps = np.array(list(map(expected_price, prices.tolist(), low_prices.tolist()))) - prices
    before_rug = ticks < (game.rug_tick if game.rug_tick is not None else MOST_TICKS)
    peaks = np.maximum.accumulate(np.concatenate([[0], equity]))
    row.update(
        profit=cash,
        ticks=len(ticks) - (game.ended == "rug"),
        voided=game.ended == "void",
        ticks_held=int(((held > 0) | (shorted > 0)).sum()),
        ticks_bet=int((stake > 0).sum()),
        lowest=int(equity.min(initial=0)),
        highest=int(equity.max(initial=0)),
        at_risk=round(float((position + short)[before_rug].sum())),
        expected=round(float(((held - shorted) * steps)[before_rug].sum())) if game.ended == "rug" else 0,
        drawdown=int((peaks[1:] - equity).max(initial=0)),
    )
    return row
