"""The statistics of a run: a table of figures, each with its interval, what it rests on, and its baselines.

What the figures mean is in ``docs/backtest_strategies.md``. Where the money was gone, every figure is of the
games before.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES, longest_drawdown, losing_streak
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate, Moments, mean_sol_of, share
from rugs_lab.estimates.intervals import clustered, ratio, totals
from rugs_lab.game.money import BILLION, sol
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.trading.backtest.baselines import EqualRisk, expected_of

if TYPE_CHECKING:
    import pandas as pd

    from rugs_lab.trading.backtest.by_process import Bankroll, Simulated
    from rugs_lab.trading.engine.game_results import GameResults

EXPECTED_HIT_RATE: Final = rug_within()
"""Probability that a side bet wins, at any tick: 0.1817."""
BREAK_EVEN_HIT_RATE: Final = 1 / SIDEBET_PAYOUT
PROFIT, ABOVE = "profit per game [SOL]", "profit per game above random strategies of equal risk [SOL]"
RANDOM: Final = "random strategies of equal risk, profit per game [SOL]"
RUIN: Final = f"ruin within {SESSION_GAMES} games [%]"
CASH: Final = f"cash after {SESSION_GAMES} games [SOL]"
RUINED: Final = "it ended because it had lost, so the mean is too low; carry=False plays every game"
_NAN: Final = float("nan")


class Row(NamedTuple):
    """A row of the table; what is not known is NaN.

    `nothing` and `random` are the same of doing nothing, and of random strategies of equal risk or a random
    bet; `note` has the verdict, and how the interval was made or why there is none.
    """

    value: float
    low: float = _NAN
    high: float = _NAN
    n: int = 0
    nothing: float = _NAN
    random: float = _NAN
    note: str = ""

    @classmethod
    def of(
        cls, found: Estimate, factor: float = 1.0, nothing: float = _NAN, random: float = _NAN, note: str = ""
    ) -> Row:
        """Return the row of an estimate, in another unit."""
        scaled = found.scaled(factor)
        if found.n and found.error == 0 and found.low != found.low:
            note = f"each game the same{f'; {note}' if note else ''}"
        elif found.n and found.low != found.low:
            note = note if note == RUINED else f"too few games for an interval{f'; {note}' if note else ''}"
        return cls(scaled.value, scaled.low, scaled.high, found.n, nothing, random, note)


def figures_of(
    results: GameResults,
    simulation: Simulated | None = None,
    random: EqualRisk | None = None,
    bankroll: Bankroll | None = None,
    *,
    ruined: bool = False,
) -> dict[str, Row]:
    """Return the figures of the games that could be played, by label with unit.

    Without a simulation intervals rest on these games alone; without `random` and `bankroll` their rows are
    missing. Of a run that was `ruined` there is no verdict: it was over because it had lost.
    """
    n, risk = len(results), expected_of(results)
    profit, above = profit_of(results, simulation), above_of(results, simulation)
    how = "by the price process" if simulation else "by these games alone"
    if ruined:
        how, above = RUINED, above._replace(low=_NAN, high=_NAN)
    expected = float(risk.mean()) / BILLION if n else _NAN
    figures = {
        PROFIT: Row.of(profit, 1, 0.0, expected, f"{profit.verdict}; {how}"),
        ABOVE: Row.of(above, 1, note=how if ruined else f"{above.verdict}; {how}"),
    }
    if random is not None:
        means = random.means / BILLION
        low, high = np.quantile(means, [0.05, 0.95])
        note = f"{len(means)} of them on these games; low and high: 5 and 95 % of them"
        figures[RANDOM] = Row(float(means.mean()), low, high, len(means), note=note)
    figures |= _games(results)
    if bankroll is not None:
        last = [float(each) for each in np.quantile(bankroll.cash_sol[:, -1], [0.5, 0.05, 0.95])]
        start = float(bankroll.cash_sol[0, 0])
        figures[RUIN] = Row.of(bankroll.ruin, 100, 0.0, note=bankroll.source)
        note = "median; low and high: 5 and 95 % of them"
        figures[CASH] = Row(last[0], last[1], last[2], len(bankroll.cash_sol), start, note=note)
    return figures | _risk(results, random) | _counts(results)


def profit_of(results: GameResults, simulation: Simulated | None) -> Estimate:
    """Return the profit per game, SOL."""
    return simulation.mean_sol(results) if simulation else mean_sol_of(results.profit)


def above_of(results: GameResults, simulation: Simulated | None, confidence: float = CONFIDENCE) -> Estimate:
    """Return the profit per game above what its risk costs, SOL."""
    if simulation is not None:
        return simulation.excess_sol(results, confidence)
    return mean_sol_of(np.rint(results.profit - expected_of(results)).astype(np.int64), confidence)


def _games(results: GameResults) -> dict[str, Row]:
    profit, n = results.profit, len(results)
    acted = (results.buys + results.bets) > 0
    settled = results.voided == 0
    count, total = int(acted.sum()), int(profit.sum())
    gains, losses = np.maximum(profit, 0), np.maximum(-profit, 0)
    factor, low, high = (
        clustered(ratio, totals(np.arange(n), [gains, losses], n)) if losses.any() else (_NAN,) * 3
    )
    bets = int(results.bets[settled].sum())
    hit = share(int(results.bets_won[settled].sum()), bets)
    figures = {
        "total profit [SOL]": Row(sol(total), n=n, nothing=0.0, note="a sum: see profit per game"),
        "return [%]": Row(
            100 * total / results.start if results.start else _NAN,
            n=n,
            nothing=0.0,
            note="of the cash at start",
        ),
        "win rate [%]": Row.of(share(int((profit[acted] > 0).sum()), count), 100, note="of games acted in"),
        "expectancy, profit per game acted in [SOL]": Row.of(Moments.of(profit[acted]).mean_sol(), 1, 0.0),
        "mean gain of a game won [SOL]": Row.of(Moments.of(profit[profit > 0]).mean_sol()),
        "mean loss of a game lost [SOL]": Row.of(Moments.of(profit[profit < 0]).mean_sol()),
        "profit factor": Row(factor, low, high, n, note="1 breaks even; bootstrap over games"),
    }
    parts = {"sold": results.sold, "at the rug": results.settled}
    parts["side bets"] = profit - results.sold - results.settled
    for name, part in parts.items():
        figures[f"profit per game, {name} [SOL]"] = Row.of(Moments.of(part).mean_sol(), 1, 0.0)
    return figures | {
        "side-bet hit rate [%]": Row.of(hit, 100, random=100 * EXPECTED_HIT_RATE, note="20 % breaks even"),
        "Kelly fraction of side bets [% of cash]": Row(
            kelly(hit.value),
            kelly(hit.low),
            kelly(hit.high),
            bets,
            0.0,
            kelly(EXPECTED_HIT_RATE),
            "0 or below: no bet",
        ),
    }


def kelly(hit_rate: float) -> float:
    """Return the share of the cash, %, that a side bet should stake for the fastest growth; below 0: none."""
    return 100 * (hit_rate * SIDEBET_PAYOUT - 1) / (SIDEBET_PAYOUT - 1)


def _risk(results: GameResults, random: EqualRisk | None) -> dict[str, Row]:
    n, ticks = len(results), max(int(results.ticks.sum()), 1)
    before = results.equity - results.profit
    between = np.concatenate([[results.start], results.equity])
    at_risk = float(results.at_risk.mean()) / BILLION if n else _NAN
    of_ticks, greatest = "all ticks before the rug", "the greatest of one path: it has no interval"
    held, bet = int(results.ticks_held.sum()), int(results.ticks_bet.sum())
    buys = int(results.buys.sum())
    return {
        "at risk per game [SOL x ticks]": Row(
            at_risk, n=n, nothing=0.0, random=random.at_risk / BILLION if random else _NAN
        ),
        "cost of that risk per game [SOL]": Row(
            float(expected_of(results).mean()) / BILLION if n else _NAN,
            n=n,
            nothing=0.0,
            note="expected by the price process, side bets included",
        ),
        "time in a position [ticks per buy]": Row(held / buys if buys else _NAN, n=buys, nothing=0.0),
        "exposure, positions [% of ticks]": Row(100 * held / ticks, n=ticks, nothing=0.0, note=of_ticks),
        "exposure, side bets [% of ticks]": Row(100 * bet / ticks, n=ticks, nothing=0.0, note=of_ticks),
        "max drawdown [SOL]": Row(
            sol(int(results.drawdowns.max(initial=0))), n=n, nothing=0.0, note=greatest
        ),
        "max drawdown [%]": Row(100 * _deepest_share(results, before), n=n, nothing=0.0, note=greatest),
        "longest drawdown [games]": Row(longest_drawdown(between), n=n, nothing=0.0, note=greatest),
        "longest losing streak [games]": Row(losing_streak(results.profit), n=n, nothing=0.0, note=greatest),
    }


def _counts(results: GameResults) -> dict[str, Row]:
    filled = results.buys + results.bets
    counts: dict[str, float] = {
        "games [n]": len(results),
        "games acted in [n]": int((filled > 0).sum()),
        "games with orders, none filled [n]": int(((results.rejected > 0) & (filled == 0)).sum()),
        "games without a known rug [n]": int(results.voided.sum()),
        "ticks [n]": int(results.ticks.sum()),
        "buys [n]": int(results.buys.sum()),
        "trades closed [n]": int(results.trades.sum()),
        "trades won [n]": int(results.trades_won.sum()),
        "side bets [n]": int(results.bets.sum()),
        "side bets won [n]": int(results.bets_won.sum()),
        "orders rejected [n]": int(results.rejected.sum()),
        "spent on positions [SOL]": sol(int(results.spent.sum())),
        "staked [SOL]": sol(int(results.staked.sum())),
        "cash at start [SOL]": sol(results.start),
        "cash at end [SOL]": sol(results.start + int(results.profit.sum())),
    }
    return {label: Row(value, n=len(results), note="counted") for label, value in counts.items()}


def _deepest_share(results: GameResults, before: np.ndarray[Any, Any]) -> float:
    """Return a lower bound of the largest drawdown as a share of the highest equity before it.

    A drawdown from the peak of the games before is known exactly. One within a game began at or below the
    highest value up to that game's end, which may have come after it.
    """
    tops = np.maximum.accumulate(np.concatenate([[results.start], before + results.highest]))
    drawdowns = np.concatenate([tops[:-1] - (before + results.lowest), results.drawdown])
    peaks = np.concatenate([tops[:-1], tops[1:]])
    shares = np.divide(drawdowns, peaks, out=np.zeros(len(drawdowns)), where=peaks > 0)
    return float(shares.max(initial=0.0))


def stats_frame(figures: dict[str, Row]) -> pd.DataFrame:
    """Return figures as a table, index ``figure``; columns as the attributes of `Row`."""
    import pandas as pd

    index = pd.Index(list(figures), name="figure", dtype="str")
    frame = pd.DataFrame(list(figures.values()), index, list(Row._fields))
    return frame.astype({"n": "int64", "note": "str"} | dict.fromkeys(Row._fields[:3], "float64"))


def table_html(frame: pd.DataFrame) -> str:
    """Return the table of `stats_frame` as HTML, the interval in one cell, what is not known empty."""

    def cell(words: str, side: str = "right") -> str:
        return f"<td style='text-align:{side}'>{escape(words)}</td>"

    rows = []
    for label, value, low, high, n, nothing, random, note in frame.itertuples():
        interval = "" if low != low or high != high else f"{_number(low)} to {_number(high)}"
        cells = [
            cell(each) for each in (_number(value), interval, f"{n:,}", _number(nothing), _number(random))
        ]
        rows.append(f"<tr>{cell(str(label), 'left')}{''.join(cells)}{cell(note, 'left')}</tr>")
    names = ("figure", "value", "interval", "n", "doing nothing", "random", "note")
    sides = ("left", *["right"] * 5, "left")
    head = "".join(
        f"<th style='text-align:{side}'>{name}</th>" for name, side in zip(names, sides, strict=True)
    )
    return f"<table class='rl-stats'><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _number(value: float) -> str:
    if value != value:
        return ""
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.4g}"
