"""`compare`: a backtest beside a paper account, or another backtest, game by game, differences explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, overload

import numpy as np
import pandas as pd

from rugs_lab.columns import text_index, typed
from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate
from rugs_lab.figures.figure import Figure
from rugs_lab.trading.backtest.differences import SAME, Side, difference_of, notes_of, reasons_of, side_of
from rugs_lab.trading.backtest.run import Run
from rugs_lab.trading.paper.paper_account import Paper

SHOWN: Final = 8
"""Differences in the small table."""


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two sides over the games that both played.

    Attributes
    ----------
    names
        What the sides are called in the frame and the figure.
    frame
        One row per game that either played, index ``game_id``, those of the first side in its order and the
        others after them. Columns: ``<side>_sol`` for each side (profit, SOL; NaN where it did not play it),
        ``difference_sol`` (second less first), ``reason`` (``same``, why they differ, or ``not known``).
    notes
        What differs between the sides as a whole: strategy, parameters, cash, fills.
    difference
        Mean difference per common game (second less first), SOL, with its 95 % interval, as in `Run.stats`.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> games = rl.sample()[:50]
    >>> both = compare(rl.backtest("aggressive", games), rl.backtest("aggressive", games, take=0.4))
    >>> len(both.frame), both.notes
    (50, ['take: 0.5 / 0.4'])
    """

    names: tuple[str, str]
    frame: pd.DataFrame
    notes: list[str]
    start_sol: tuple[float, float]
    difference: Estimate

    @property
    def common(self) -> pd.DataFrame:
        """The rows of games that both sides played."""
        return self.frame.dropna(subset=["difference_sol"])

    @property
    def same(self) -> int:
        """How many of the common games have the same profit on both sides, exactly."""
        return int((self.common["difference_sol"] == 0).sum())

    @property
    def summary(self) -> list[tuple[str, str]]:
        """Label and words of the small table."""
        first, second = self.names
        common, mean = self.common, self.difference
        missing = {name: int(self.frame[f"{name}_sol"].isna().sum()) for name in self.names}
        totals = (common[f"{name}_sol"].sum() for name in self.names)
        each = f"{mean.value:+.4g} SOL ({mean.interval}), n = {mean.n:,}" if mean.n else "no game in common"
        return [
            ("games that both played", f"{len(common):,}"),
            (f"only {first} / only {second}", f"{missing[second]:,} / {missing[first]:,}"),
            ("exactly the same profit", f"{self.same:,} of {len(common):,}"),
            (f"total profit, {first} / {second}", "{:+.6g} / {:+.6g} SOL".format(*totals)),
            (f"difference per game, {second} less {first}", each),
            *[("differs as a whole", note) for note in self.notes],
        ]

    @property
    def shown(self) -> pd.DataFrame:
        """The rows of the small table: the largest differences, then games that only one side played."""
        differing = self.frame[self.frame["reason"] != SAME]
        order = differing["difference_sol"].abs().sort_values(ascending=False, na_position="last")
        return differing.loc[order.index[:SHOWN]]

    def plot(self) -> Figure:
        """Return the figure: equity of both sides over the common games, differing games marked."""
        return self._figure

    @cached_property
    def _figure(self) -> Figure:
        from rugs_lab.figures.comparison_figure import compare_figure

        common, rows = self.common, self.shown.itertuples()
        differ = common["reason"] != SAME
        return Figure(
            lambda theme: compare_figure(common, self.names, self.start_sol, differ, theme=theme),
            repr(self)[1:-1],
            facts=self.summary,
            head=["game", *(f"{name} (SOL)" for name in self.names), "difference (SOL)", "why"],
            rows=[[str(game), *map(_sol, profits), str(reason)] for game, *profits, reason in rows],
            caption="games that differ",
        )

    def _ipython_display_(self) -> None:
        self._figure._ipython_display_()

    def _repr_html_(self) -> str:
        return self._figure._repr_html_()

    def __repr__(self) -> str:
        return (
            f"<Comparison of {self.names[0]} and {self.names[1]}: {len(self.common):,} games in common, "
            f"{self.same:,} exactly the same>"
        )


def _sol(value: float) -> str:
    return "-" if value != value else f"{value:+.6f}"


@overload
def compare(first: Run | Paper, second: Run | Paper, /) -> Comparison: ...


@overload
def compare(
    first: Run | Paper, second: Run | Paper, third: Run | Paper, /, *more: Run | Paper
) -> pd.DataFrame: ...


def compare(*sides: Run | Paper) -> Comparison | pd.DataFrame:
    """Compare runs and paper accounts on the games that all of them played.

    Parameters
    ----------
    *sides
        At least two: a `Run` from `rugs_lab.backtest`, or a `Paper` from ``feed.paper`` or a replay, of which
        the games that are over count. Games are matched by id.

    Returns
    -------
    Comparison or pandas.DataFrame
        Of two: displayed in a notebook; ``.frame`` has every game with its difference and the reason. Of
        more: one row each, index ``side``: ``strategy``, ``games`` in common, ``mean_sol`` (profit per game),
        ``difference_sol`` to the first, game by game, with its interval ``low_sol`` to ``high_sol`` (95 % for
        all differences together, by Bonferroni), and the ``verdict``.

    Raises
    ------
    ArgumentError
        Fewer than two, or something that is neither.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> games = rl.sample()[:20]
    >>> replay = rl.ReplayFeed(games, speed=float("inf"))
    >>> paper = replay.paper(rl.strategies["aggressive"])
    >>> with replay:
    ...     _ = replay.wait(games=20)
    ...     replay.dispatcher.end(30)
    >>> compare(rl.backtest(rl.strategies["aggressive"], games), paper)
    <Comparison of backtest and paper: 20 games in common, 20 exactly the same>
    >>> runs = [rl.backtest(rl.strategies["hold_to_target"], games, multiple=each) for each in (2, 3, 5)]
    >>> compare(*runs)["games"].tolist()
    [20, 20, 20]
    """
    if len(sides) < 2:
        raise ArgumentError(
            f"two or more are compared, compare(run, other); got {len(sides)}. run.stats compares a single "
            "run with no trades and with random strategies"
        )
    found = [side_of(each) for each in sides]
    if len({side.name for side in found}) < len(found):
        found = [side._replace(name=f"{side.name}_{number}") for number, side in enumerate(found, start=1)]
    if len(found) > 2:
        return _several(found)
    a, b = found
    start_sol = a.results.start / 1e9, b.results.start / 1e9
    ids = [each for each in a.profits if each in b.profits]
    return Comparison((a.name, b.name), _frame(a, b), notes_of(a, b), start_sol, difference_of(a, b, ids))


def _several(sides: Sequence[Side]) -> pd.DataFrame:
    common = [each for each in sides[0].profits if all(each in side.profits for side in sides)]
    profits = np.array([[side.profits[each] for each in common] for side in sides], np.int64)
    confidence = 1 - (1 - CONFIDENCE) / (len(sides) - 1)
    rows = []
    for side, profit in zip(sides, profits, strict=True):
        difference = difference_of(sides[0], side, common, confidence)
        rows.append(
            {
                "strategy": repr(side.strategy).removeprefix("<Strategy ").removesuffix(">"),
                "games": len(common),
                "mean_sol": float(profit.mean()) / 1e9 if common else np.nan,
                "difference_sol": difference.value,
                "low_sol": difference.low,
                "high_sol": difference.high,
                "verdict": "" if side is sides[0] else difference.verdict,
            }
        )
    return pd.DataFrame(rows, index=text_index([side.name for side in sides], "side"))


def _frame(a: Side, b: Side) -> pd.DataFrame:
    ids = list(dict.fromkeys([*a.profits, *b.profits]))
    columns = [np.array([side.profits.get(each, np.nan) for each in ids], np.float64) for side in (a, b)]
    return pd.DataFrame(
        {
            f"{a.name}_sol": columns[0] / 1e9,
            f"{b.name}_sol": columns[1] / 1e9,
            "difference_sol": (columns[1] - columns[0]) / 1e9,
            "reason": typed(reasons_of(a, b, ids)),
        },
        index=text_index(ids, "game_id"),
    )
