"""`bots_frame`: several bots on one feed in one table, each with its own account."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Final

import numpy as np

from rugs_lab.columns import dtypes, text_index
from rugs_lab.estimates.estimate import Estimate, mean_sol_of, share_interval
from rugs_lab.game.money import BILLION
from rugs_lab.trading.account.account import Account
from rugs_lab.trading.account.ledger import counts_of
from rugs_lab.trading.backtest.baselines import expected_of
from rugs_lab.trading.backtest.run_stats import above_of, profit_of
from rugs_lab.trading.paper.paper_account import Paper
from rugs_lab.trading.paper.paper_stats import results_of
from rugs_lab.trading.paper.versus_humans import RankedGame
from rugs_lab.trading.strategy.strategy import listed

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = {
    "parameters": "str",
    "state": "str",
    "decisions": "int64",
    "games": "int64",
    "trades": "int64",
    "bets": "int64",
    "equity_sol": "float64",
    "realised_sol": "float64",
    "unrealised_sol": "float64",
    "profit_per_game_sol": "float64",
    "low_sol": "float64",
    "high_sol": "float64",
    "expected_per_game_sol": "float64",
    "above_expected": "str",
    "nothing_per_game_sol": "float64",
    "people_median_sol": "float64",
    "beaten": "float64",
    "beaten_low": "float64",
    "beaten_high": "float64",
    "beaten_by_nothing": "float64",
    "ranked_games": "int64",
}


def bots_frame(papers: Sequence[Paper]) -> pd.DataFrame:
    """Return one row per account that a strategy trades, and per one that is traded by hand; index ``bot``.

    ``parameters`` and ``state`` of the strategy, ``decisions`` it made; finished ``games``, ``trades`` closed
    and ``bets`` settled in them and the running one; ``equity_sol``, ``realised_sol``, ``unrealised_sol``
    now. ``profit_per_game_sol`` over the finished games with its 95 % interval ``low_sol`` to ``high_sol``;
    beside it what the price process gives for the same risk and whether it is above that (``gains``,
    ``loses``, ``not distinguishable``), doing nothing (0), and the mean over games of the
    median of the people on the board (its best ten: no fair match). ``beaten``: the mean share of the people
    on the board that it made more than, over ``ranked_games`` games with a board, with its 95 % interval
    (missing without one) and, ``beaten_by_nothing``, the share that lost.
    """
    import pandas as pd

    rows = []
    for paper in papers:
        games, _ = paper.ranking.games_so_far()
        results = paper.between_ticks(results_of)
        profit, above = profit_of(results, None), above_of(results, None)
        ranked = [each for each in games if each.humans]
        parameters = listed(paper.strategy.parameters) if paper.strategy else ""
        expected = float(expected_of(results).mean()) / BILLION if len(results) else np.nan
        shares = [beaten(each.humans, each.profit / BILLION) for each in ranked]
        people = [np.median(each.humans) for each in ranked], shares, [beaten(g.humans, 0.0) for g in ranked]
        median, share, by_nothing = (fmean(each) if each else np.nan for each in people)
        sheet = paper.between_ticks(_sheet)
        who = parameters, paper.strategy_state, paper.decisions.decisions, len(games)
        money = *profit[:3], expected, above.verdict, 0.0, median
        beaten_share = share, *share_interval(sum(shares), len(shares)), by_nothing
        rows.append((*who, *sheet, *money, *beaten_share, len(ranked)))
    index = text_index(names_of(papers), "bot")
    return pd.DataFrame(rows, columns=list(COLUMNS), index=index).astype(dtypes(COLUMNS))


def per_game(games: Sequence[RankedGame]) -> Estimate:
    """Return the profit per finished game, SOL, with its 95 % interval."""
    return mean_sol_of(np.array([each.profit for each in games], np.int64))


def beaten(people: Sequence[float], profit_sol: float) -> float:
    """Return the share of people, by their profits, who made less.

    A mean of such shares has the interval of a share in whole numbers, which varies more than any other.
    """
    return float(np.mean([each < profit_sol for each in people]))


def names_of(papers: Sequence[Paper]) -> list[str]:
    """Return a name for each: that of its strategy, numbered where there are several."""
    plain = [paper.strategy.name if paper.strategy is not None else "by hand" for paper in papers]
    numbered = [f"{name} {plain[: place + 1].count(name)}" for place, name in enumerate(plain)]
    return [two if plain.count(one) > 1 else one for one, two in zip(plain, numbered, strict=True)]


def _sheet(account: Account) -> tuple[int, int, float, float, float]:
    counts = counts_of(account.entries)
    bets = counts.bets_won + counts.bets_lost
    return counts.trades, bets, account.equity_sol, account.realised_sol, account.unrealised_sol
