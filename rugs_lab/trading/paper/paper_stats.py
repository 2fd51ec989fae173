"""Statistics of a paper account so far: those of a backtest, of the games that it has been through.

A game counts once it is over for the account, settled or given back; the running one does not, nor one of
which no tick was heard, nor one in which nothing was traded after the strategy had been stopped. Labels,
intervals and baselines are those of `rugs_lab.trading.backtest.run_stats`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rugs_lab.game.limits import RUG_FACTOR
from rugs_lab.trading.account.account_frames import values_of
from rugs_lab.trading.account.ledger_counts import tally
from rugs_lab.trading.backtest.labelled_series import labelled
from rugs_lab.trading.backtest.run_stats import figures_of
from rugs_lab.trading.engine.game_results import FIELDS, Outcome
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.trading.account.account import Account
    from rugs_lab.trading.account.holdings import Entry
    from rugs_lab.trading.paper.paper_account import Paper


def stats_of(paper: Paper) -> pd.Series[Any]:
    """Return the statistics of a paper account so far; see `stats`."""
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.backtest.run import Run

    strategy = paper.strategy or Strategy(lambda o: None, name="by hand")
    outcome, cash, equity = paper.between_ticks(
        lambda account: (outcome_of(account), account.cash_sol, account.equity_sol)
    )
    timing = paper.decisions
    more = {
        "cash now [SOL]": cash,
        "equity now [SOL]": equity,
        "do nothing: profit per game [SOL]": 0.0,
        "strategy state": paper.strategy_state,
        "strategy error": paper.strategy_error,
        "decisions [n]": timing.decisions,
        "time of a decision, mean [ms]": timing.mean_ms,
        "time of a decision, max [ms]": timing.max_ms,
    }
    figures = figures_of(Run(strategy, Games(), outcome)).drop("stopped by")
    return labelled({**figures, **more})


def outcome_of(account: Account) -> Outcome:
    """Return what came of each game that is over for an account.

    ``ticks`` are those that the account heard of before the rug; equity is looked at at each of them.
    """
    spans = over(account)
    entries: dict[str, list[Entry]] = {game_id: [] for game_id in spans}
    for entry in account.entries:
        if entry.game_id in entries:
            entries[entry.game_id].append(entry)
    refused = [order.game_id for order in account.orders if order.reason is not None]
    ticks, prices = np.array(account.ticks, np.int64), np.array(account.prices, np.float64)
    rows = np.zeros((len(spans), len(FIELDS)), np.int64)
    for number, (game_id, (begin, end)) in enumerate(spans.items()):
        row = _row(entries[game_id], ticks[begin:end], prices[begin:end])
        row["rejected"] = refused.count(game_id)
        rows[number] = [row[name] for name in FIELDS]
    options = Options(
        account.start_sol, account.latency, account.min_sol, account.max_sol, shorts=account.shorts
    )
    return Outcome(np.array(list(spans), dtype=object), rows, options, "paper", "", (account,))


def over(account: Account) -> dict[str, tuple[int, int]]:
    """Return where the ticks of each game that is over begin and end among all that the account heard."""
    bounds = [begin for _, begin in account.games] + [len(account.ticks)]
    running = len(account.games) - 1 if account.tradeable else -1
    idle = sat_out(account)
    return {
        game_id: (begin, bounds[number + 1])
        for number, (game_id, begin) in enumerate(account.games)
        if number != running and bounds[number + 1] > begin and game_id not in idle
    }


def sat_out(account: Account) -> set[str]:
    """Return the games that nobody played: nothing was traded in them, and the strategy had been stopped."""
    if account.idle_from is None:
        return set()
    idle = {game_id for game_id, _ in account.games[account.idle_from :]}
    return idle.difference(entry.game_id for entry in account.entries)


def _row(entries: list[Entry], ticks: NDArray[np.int64], prices: NDArray[np.float64]) -> dict[str, int]:
    row = {**dict.fromkeys(FIELDS, 0), **tally(entries)._asdict()}
    change, held, stake, shorted, margin = (np.zeros(len(ticks), np.int64) for _ in range(5))
    cash = 0
    for entry in entries:
        since = ticks >= entry.tick
        cash += entry.cash_change
        change[since], held[since], stake[since] = cash, entry.held, entry.stake
        shorted[since], margin[since] = entry.shorted, entry.margin
        row["voided"] |= entry.what == "void"
    position, short = values_of(prices, held, shorted, margin)
    equity = change + stake + position + short
    peaks = np.maximum.accumulate(np.concatenate([[0], equity]))
    rugged = len(prices) > 1 and prices[-1] <= prices[:-1].min() * RUG_FACTOR * 1.5
    row.update(
        profit=cash,
        ticks=len(ticks) - rugged,
        ticks_held=int(((held > 0) | (shorted > 0)).sum()),
        ticks_bet=int((stake > 0).sum()),
        lowest=int(equity.min(initial=0)),
        highest=int(equity.max(initial=0)),
        drawdown=int((peaks[1:] - equity).max(initial=0)),
    )
    return row
