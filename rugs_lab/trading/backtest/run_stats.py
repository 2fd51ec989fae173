"""The statistics of a run: a table of figures, each with its interval, what it rests on, and its baselines.

What the figures mean is in ``docs/backtest_strategies.md``. Where the cash ran out, every figure is of the
games before.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rugs_lab.columns import dtypes, text_index
from rugs_lab.estimates import estimate
from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES, longest_drawdown, losing_streak
from rugs_lab.estimates.estimate import CONFIDENCE, TOO_FEW, Estimate, Moments, mean_sol_of, share
from rugs_lab.estimates.intervals import clustered, ratio, totals
from rugs_lab.game.money import BILLION, sol
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.trading.backtest.baselines import EqualRisk, expected_of
from rugs_lab.trading.backtest.by_process import Bankroll, Simulated
from rugs_lab.trading.engine.game_results import GameResults

if TYPE_CHECKING:
    import pandas as pd

EXPECTED_HIT_RATE: Final = rug_within()
"""Probability that a side bet wins, at any tick: 0.1817."""
PROFIT, ABOVE = "profit per game [SOL]", "profit per game above expected [SOL]"
RANDOM: Final = "random strategies of equal risk, profit per game [SOL]"
RUIN: Final = f"ruin within {SESSION_GAMES} games [%]"
KELLY: Final = "Kelly fraction of side bets [% of cash]"
CASH: Final = f"cash after {SESSION_GAMES} games [SOL]"
RUINED: Final = (
    "no interval: the run ended because the cash ran out, so the mean is biased downwards; "
    "carry=False plays every game"
)
DEPENDENT: Final = "no interval, as stakes depend on the games before"
PENDING: Final = "the interval takes simulated games: see run.stats"
_NAN: Final = float("nan")


class Row(NamedTuple):
    """A row of the table; what is not known is NaN.

    `nothing` is the same of no trades, `expected` what the price process gives for the same risk, or for
    any bet; `note` has the verdict, and how the interval was made or why there is none.
    """

    value: float
    low: float = _NAN
    high: float = _NAN
    n: int = 0
    nothing: float = _NAN
    expected: float = _NAN
    note: str = ""

    @classmethod
    def of(
        cls,
        found: Estimate,
        factor: float = 1.0,
        nothing: float = _NAN,
        expected: float = _NAN,
        note: str = "",
    ) -> Row:
        """Return the row of an estimate, in another unit."""
        scaled = found.scaled(factor)
        if found.n and found.low != found.low:
            same, more = found.error == 0, f"; {note}" if note else ""
            if same or not any(reason in note for reason in (RUINED, DEPENDENT, PENDING)):
                why = "every game had the same result: no interval" if same else TOO_FEW
                note = f"{why}{more}"
        return cls(scaled.value, scaled.low, scaled.high, found.n, nothing, expected, note)


def figures_of(
    results: GameResults,
    simulation: Simulated | None = None,
    random: EqualRisk | None = None,
    bankroll: Bankroll | None = None,
    *,
    ruined: bool = False,
    pending: bool = False,
) -> dict[str, Row]:
    """Return the figures of the games that could be played, by label with unit.

    Without a simulation intervals rest on these games alone; without `random` and `bankroll` their rows are
    missing. Of a run that was `ruined` the profit has no interval and no verdict: it was over as it had lost;
    nor where its simulation is `pending`.
    """
    n, risk = len(results), expected_of(results)
    profit, above = profit_of(results, simulation), above_of(results, simulation)
    how = (
        simulation.words if simulation else DEPENDENT if depends_on_past(results) else "by these games alone"
    )
    silent = ruined or pending
    if silent:
        how, profit, above = RUINED if ruined else PENDING, unjudged(profit), unjudged(above)
    expected = float(risk.mean()) / BILLION if n else _NAN
    figures = {
        PROFIT: Row.of(profit, 1, 0.0, expected, how if silent else f"{profit.verdict}; {how}"),
        ABOVE: Row.of(above, 1, note=how if silent else f"{above.verdict}; {how}"),
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
    return figures | _risk(results) | _counts(results)


def unjudged(found: Estimate) -> Estimate:
    """Return an estimate without its interval."""
    return found._replace(low=_NAN, high=_NAN)


def depends_on_past(results: GameResults) -> bool:
    """Whether stakes depend on the games before (streaks, cash), so that these are not independent."""
    stakes = results.spent + results.staked
    return len(results) > 2 and abs(estimate.serial(stakes, len(results))[0]) > 4


def profit_of(results: GameResults, simulation: Simulated | None) -> Estimate:
    """Return the profit per game, SOL."""
    return mean_of(results.profit, [results], simulation)


def above_of(results: GameResults, simulation: Simulated | None, confidence: float = CONFIDENCE) -> Estimate:
    """Return the profit per game above what its risk costs, SOL."""
    others = simulation._replace(profits=simulation.excess) if simulation else None
    return mean_of(results.profit - expected_of(results), [results], others, confidence, 0.0)


def mean_of(
    values: NDArray[Any],
    runs: Sequence[GameResults],
    simulation: Simulated | None,
    confidence: float = CONFIDENCE,
    centre: float | None = None,
) -> Estimate:
    """Return the mean of what runs made in each game, lamports, in SOL: the rule of intervals of all runs.

    By what simulated games or sessions have (`centre` as in `mean_like`), else by these games alone; where
    stakes depend on the games before, those alone have none.
    """
    if simulation is None:
        dependent = any(map(depends_on_past, runs))
        return mean_sol_of(np.rint(values).astype(np.int64), confidence, dependent=dependent)
    alike = values if simulation.games == 1 else values.mean(keepdims=True)
    found = estimate.mean_like(alike, simulation.profits, 1.0, confidence, centre)
    return found.scaled(1 / BILLION)._replace(n=len(values))


def _games(results: GameResults) -> dict[str, Row]:
    profit, n, start = results.profit, len(results), results.start
    acted, settled = (results.buys + results.bets) > 0, results.voided == 0
    total, bets = int(profit.sum()), int(results.bets[settled].sum())
    added, hit = _added(results), share(int(results.bets_won[settled].sum()), bets)
    won = share(int((profit[acted] > 0).sum()), int(acted.sum()))
    fractions = [kelly(each) for each in (*hit[:3], EXPECTED_HIT_RATE)]
    figures = {
        "total profit [SOL]": _bare(sol(total), n, "a sum; for its interval see profit per game"),
        "return [%]": _bare(100 * total / start if start else _NAN, n, f"of the cash at start{added}"),
        "win rate [%]": Row.of(won, 100, note="of games acted in"),
        "profit factor": _ratio(np.maximum(profit, 0), np.maximum(-profit, 0), 1, _NAN, "1 breaks even"),
        "side-bet hit rate [%]": Row.of(hit, 100, expected=100 * EXPECTED_HIT_RATE, note="20 % breaks even"),
        KELLY: Row(fractions[0], fractions[1], fractions[2], bets, 0.0, fractions[3], "0 or below: no bet"),
    }
    some = {
        "expectancy, profit per game acted in [SOL]": profit[acted],
        "mean gain of a game won [SOL]": profit[profit > 0],
        "mean loss of a game lost [SOL]": profit[profit < 0],
    }
    parts = {
        "profit per game, sold [SOL]": results.sold,
        "profit per game, at the rug [SOL]": results.settled,
        "profit per game, side bets [SOL]": profit - results.sold - results.settled,
    }
    figures |= {label: Row.of(Moments.of(part).mean_sol()) for label, part in some.items()}
    return figures | {label: Row.of(Moments.of(part).mean_sol(), 1, 0.0) for label, part in parts.items()}


def kelly(hit_rate: float) -> float:
    """Return the share of the cash, %, that a side bet should stake for the fastest growth; below 0: none."""
    return 100 * (hit_rate * SIDEBET_PAYOUT - 1) / (SIDEBET_PAYOUT - 1)


def _bare(value: float, n: int, note: str) -> Row:
    return Row(value, n=n, nothing=0.0, note=note)


def _added(results: GameResults) -> str:
    """Return what a figure of one cash over all games is, where each game begins with the same."""
    return "" if results.options.carry else "; computed as if cash carried over"


def _ratio(
    top: NDArray[np.int64], bottom: NDArray[np.int64], factor: float, nothing: float, note: str = ""
) -> Row:
    """Return the total of one over that of another, with its bootstrap interval over games."""
    n = len(top)
    value, low, high = (factor * each for each in clustered(ratio, totals(np.arange(n), [top, bottom], n)))
    words = f"{note}; bootstrap over games".strip("; ")
    return Row(value, low, high, n, nothing, note=words)


def _risk(results: GameResults) -> dict[str, Row]:
    n, drawdowns = len(results), results.drawdowns
    between = np.concatenate([[results.start], results.equity])
    greatest = f"maximum of a single path: no interval{_added(results)}"
    risk, cost = (Moments.of(each).mean_sol() for each in (results.at_risk, np.rint(expected_of(results))))
    before = results.equity - results.profit
    return {
        "at risk per game [SOL x ticks]": Row.of(risk, 1, 0.0),
        "expected profit per game [SOL]": Row.of(cost, 1, 0.0, note="of that risk, by the price process"),
        "time in a position [ticks per buy]": _ratio(results.ticks_held, results.buys, 1, _NAN),
        "exposure, positions [% of ticks]": _ratio(results.ticks_held, results.ticks, 100, 0.0),
        "exposure, side bets [% of ticks]": _ratio(results.ticks_bet, results.ticks, 100, 0.0),
        "max drawdown [SOL]": _bare(sol(int(drawdowns.max(initial=0))), n, greatest),
        "max drawdown [%]": _bare(100 * _deepest_share(results, before), n, greatest),
        "longest drawdown [games]": _bare(longest_drawdown(between), n, greatest),
        "longest losing streak [games]": _bare(losing_streak(results.profit), n, greatest),
    }


_COUNTED: Final = {
    "games without a known rug [n]": "voided",
    "ticks [n]": "ticks",
    "buys [n]": "buys",
    "trades closed [n]": "trades",
    "trades won [n]": "trades_won",
    "side bets [n]": "bets",
    "side bets won [n]": "bets_won",
    "orders rejected [n]": "rejected",
    "orders expired, their game ended first [n]": "expired",
    "spent on positions [SOL]": "spent",
    "staked [SOL]": "staked",
}


def _counts(results: GameResults) -> dict[str, Row]:
    acted, failed = results.buys + results.bets > 0, results.rejected + results.expired > 0
    counts: dict[str, float] = {
        "games [n]": len(results),
        "games acted in [n]": int(acted.sum()),
        "games with orders, none filled [n]": int((failed & ~acted).sum()),
    }
    for label, name in _COUNTED.items():
        total = int(getattr(results, name).sum())
        counts[label] = sol(total) if "SOL" in label else total
    counts["cash at start [SOL]"] = sol(results.start)
    counts["cash at end [SOL]"] = sol(results.start + int(results.profit.sum()))
    rows = {label: Row(value, n=len(results), note="counted") for label, value in counts.items()}
    last = "cash at end [SOL]"
    return rows | {last: rows[last]._replace(note=f"counted{_added(results)}")}


def _deepest_share(results: GameResults, before: NDArray[np.int64]) -> float:
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

    frame = pd.DataFrame(list(figures.values()), text_index(list(figures), "figure"), list(Row._fields))
    return frame.astype(dtypes({"n": "int64", "note": "str"} | dict.fromkeys(Row._fields[:3], "float64")))


def table_html(frame: pd.DataFrame) -> str:
    """Return the table of `stats_frame` as HTML, the interval in one cell, what is not known empty."""

    def cell(words: str, side: str = "right") -> str:
        return f"<td style='text-align:{side}'>{escape(words)}</td>"

    rows = []
    for label, value, low, high, n, nothing, expected, note in frame.itertuples():
        interval = "" if low != low or high != high else f"{_number(low)} to {_number(high)}"
        numbers = (_number(value), interval, f"{n:,}", _number(nothing), _number(expected))
        rows.append(f"<tr>{cell(str(label), 'left')}{''.join(map(cell, numbers))}{cell(note, 'left')}</tr>")
    names = ("figure", "value", "interval", "n", "no trades", "expected", "note")
    sides = ("left", *["right"] * 5, "left")
    head = "".join(map("<th style='text-align:{}'>{}</th>".format, sides, names))
    return f"<table class='rl-stats'><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _number(value: float) -> str:
    if value != value:
        return ""
    return f"{value:,.0f}" if abs(value) < 1e15 and value == round(value) else f"{value:.4g}"
