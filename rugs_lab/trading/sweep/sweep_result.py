"""`Sweep`: the grid with its figures, the best combination on held-out games, a heat map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.estimate import CONFIDENCE, UNSURE, Estimate, share
from rugs_lab.estimates.intervals import max_statistic
from rugs_lab.figures.figure import Figure
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.backtest.looks import NO_LOOKS, Looks, noted
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.sweep.sweep_tasks import Sums
from rugs_lab.trading.sweep.sweep_workers import Player

if TYPE_CHECKING:
    import pandas as pd

LEVEL: Final = 0.05
"""A combination gains or loses where its `p_all` is below this."""
_ROWS: Final = 20
_AT_ONCE: Final = 100_000


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """The results of each parameter combination, on the same games.

    `played` are those games, `held_out` games that no combination has seen, `sums` the exact sums of each,
    and `looks` what was tried on them before.
    """

    strategy: Strategy
    names: tuple[str, ...]
    combinations: Sequence[dict[str, Any]]
    sums: tuple[Sums, ...]
    options: Options
    held_out: Games
    played: Games
    looks: Looks = NO_LOOKS

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per combination, the parameters as index; money in SOL, shares from 0 to 1.

        Columns: ``mean_sol`` (profit per game), ``error_sol`` (its standard error), ``low_sol``, ``high_sol``
        (its 95 % interval by itself, not corrected: of 100 such intervals about five miss the true mean),
        ``p_all`` (1 where there is none) and ``verdict`` (``gains``, ``loses`` or ``not distinguishable``;
        corrected for all of them and for earlier sweeps of these games, so not always what the interval
        says), ``games``,
        ``total_sol``, ``win_rate`` with ``_low`` and ``_high`` (of the games acted in),
        ``ruin`` with ``_low`` and ``_high`` (sessions of 100 consecutive games that lose the cash, of
        ``sessions``), ``trades``, ``bets``, ``bet_hit_rate``, ``exposure`` (share of the ticks with a
        position), ``rejected`` and ``expired`` (orders; the game of the latter ended first). Among several
        parameters pandas shows a None in the index as NaN; `combinations` has it as it was given.
        """
        import pandas as pd

        if len(self.names) == 1:
            values = [combination[self.names[0]] for combination in self.combinations]
            kind = object if None in values else None
            index: pd.Index[Any] = pd.Index(values, dtype=kind, name=self.names[0])
        elif self.names:
            rows = [tuple(combination[name] for name in self.names) for combination in self.combinations]
            index = pd.MultiIndex.from_tuples(rows, names=self.names)
        else:
            index = pd.RangeIndex(len(self.combinations))
        frame = pd.DataFrame([row_of(each) for each in self.sums], index=index)
        frame.insert(4, "p_all", np.where(frame["low_sol"].isna(), 1.0, self._corrected()))
        gains, sure = frame["mean_sol"] > 0, frame["p_all"] < LEVEL
        frame.insert(5, "verdict", np.where(~sure, UNSURE, np.where(gains, "gains", "loses")))
        return frame

    def _corrected(self) -> NDArray[np.float64]:
        """Return the p-value of each combination, with all of them and earlier sweeps looked at."""
        lengths = np.array([len(each.blocks) for each in self.sums])
        p = np.ones(len(self.sums))
        for length in np.unique(lengths):  # a search by halves leaves some with fewer games
            at = np.flatnonzero(lengths == length)
            p[at] = max_statistic(np.array([self.sums[place].blocks for place in at], float))
        return 1 - (1 - p) ** (1 + sum(look.kind == "sweep" for look in self.looks))

    def best(self, held_out: Games | None = None) -> Best:
        """Evaluate the combination with the highest mean on held-out games.

        The best of many looks better than it is; its result on held-out games is unbiased, as long as nothing
        was chosen by these before. That they are used is noted, and the interval is corrected for each other
        use (`Best.looks`); calling it again with the same winner does not count as another use.

        Parameters
        ----------
        held_out
            Other games; by default those of the sweep (its `held_out`).

        Raises
        ------
        ArgumentError
            There are none, or the sweep has seen some of them.
        """
        from rugs_lab.trading.engine.batches import as_games

        games = self.held_out if held_out is None else as_games(held_out)
        if not len(games):
            raise ArgumentError(
                "there are no held-out games: give some, best(games), or sweep with held_out=0.2"
            )
        if not self.combinations:
            raise ArgumentError("the sweep has no combinations")
        if held_out is not None:
            not_seen(games, self.played)
        most = max(each.games for each in self.sums)
        full = [place for place, each in enumerate(self.sums) if each.games == most]
        place = max(full, key=lambda at: self.sums[at].profits.total)
        combination = self.combinations[place]
        player, best = Player(None, 1, False, None), self.strategy.with_(**combination)
        (sums,) = player.play(self.strategy, [combination], games, 0, len(games), self.options)
        looks = noted(games, "held out", f"{best!r} {self.options!r}")
        looks = Looks(look for look in looks if look.kind != "sweep")  # the sweep's own games are others
        return Best(best, len(self.combinations), self.sums[place], sums, looks)

    def plot(self, *, x: str | None = None, y: str | None = None, value: str = "mean_sol") -> Figure:
        """Return a heat map of the mean over two parameters, or a line with its interval over one.

        See `rugs_lab.figures.sweep_figure.sweep_figure` for `x`, `y` and `value`.
        """
        from rugs_lab.figures.sweep_figure import sweep_figure

        frame, name = self.frame, self.strategy.name
        figure = Figure(
            lambda theme: sweep_figure(frame, self.combinations, name, x=x, y=y, value=value, theme=theme),
            f"sweep of {name}: {value}",
        )
        figure.in_theme("light")  # what cannot be drawn is said now
        return figure

    def __len__(self) -> int:
        """The number of combinations."""
        return len(self.combinations)

    def __repr__(self) -> str:
        games = max((each.games for each in self.sums), default=0)
        found = self.frame["verdict"].value_counts()
        names = {"gains": "gain", "loses": "lose", UNSURE: UNSURE}
        counts = [f"{int(found.get(name, 0)):,} {words}" for name, words in names.items()]
        looks = f"; {self.looks.words}" if self.looks else ""
        return (
            f"<Sweep {self.strategy.name}: {len(self):,} combinations of "
            f"{', '.join(self.names) or 'no parameters'} on {games:,} games; "
            f"{', '.join(counts)}, corrected for all of them{looks}>"
        )

    def _repr_html_(self) -> str:
        shown = self.frame.sort_values("mean_sol", ascending=False).head(_ROWS)
        columns = ["mean_sol", "error_sol", "p_all", "games", "win_rate", "ruin", "verdict"]
        table = shown[columns]
        more = f"<p>The best {len(shown):,} of {len(self):,} combinations; <code>.frame</code> has all.</p>"
        page: str = table.to_html(border=0, escape=True, float_format=lambda value: f"{value:.4g}")
        return f"<p>{escape(repr(self))}</p>{more if len(self) > _ROWS else ''}{page}"


@dataclass(frozen=True, eq=False, repr=False)
class Best:
    """The best combination of a sweep, there and on held-out games.

    `looks` are earlier uses of the held-out games: by what was seen there something may have been chosen.
    """

    strategy: Strategy
    combinations: int
    swept_sums: Sums
    held_out_sums: Sums
    looks: Looks = NO_LOOKS

    @property
    def parameters(self) -> dict[str, Any]:
        """Values of the strategy's parameters."""
        return dict(self.strategy.parameters)

    @property
    def swept(self) -> Estimate:
        """Profit per game in the sweep, SOL; biased upwards: the combination was selected on these games."""
        return self.swept_sums.mean_sol()

    @property
    def held_out(self) -> Estimate:
        """Profit per game on the held-out games, SOL; the interval is corrected for earlier looks at them."""
        return self.held_out_sums.mean_sol(1 - (1 - CONFIDENCE) / self.looks.total)

    @property
    def frame(self) -> pd.DataFrame:
        """The columns of `Sweep.frame` in two rows, ``swept`` and ``held out``."""
        import pandas as pd

        rows = [row_of(self.swept_sums), row_of(self.held_out_sums)]
        return pd.DataFrame(rows, index=["swept", "held out"])

    def __repr__(self) -> str:
        words = [
            f"{name} {mean.value:+.4g} SOL per game ({mean.interval}, n = {mean.n:,})"
            for name, mean in (("swept", self.swept), ("held out", self.held_out))
        ]
        used = f"; held-out games used again, {self.looks.words}: interval corrected" if self.looks else ""
        return f"<Best of {self.combinations:,} combinations, {self.strategy!r}: {'; '.join(words)}{used}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self.frame.T.to_html(border=0)}"


def not_seen(games: Games, played: Games) -> None:
    """Make sure that none of `games` is among those that were swept."""
    ids = set(games.ids.tolist())
    both = sum(
        len(ids.intersection(played[at : at + _AT_ONCE].ids.tolist()))
        for at in range(0, len(played), _AT_ONCE)
    )
    if both:
        raise ArgumentError(
            f"held-out games are those that the sweep did not use; {both:,} of these {len(games):,} were "
            "swept. Give others, or sweep with held_out=0.2 and call best()"
        )


def row_of(sums: Sums) -> dict[str, Any]:
    """Return the columns of `Sweep.frame` for one combination."""
    mean, hit = sums.mean_sol(), share(sums.bets_won, sums.bets)
    won, ruin = share(sums.won, sums.acted), share(sums.ruined, sums.sessions)
    return {
        "mean_sol": mean.value,
        "error_sol": mean.error,
        "low_sol": mean.low,
        "high_sol": mean.high,
        "games": sums.games,
        "total_sol": sums.profits.total / 1e9,
        "win_rate": won.value,
        "win_rate_low": won.low,
        "win_rate_high": won.high,
        "ruin": ruin.value,
        "ruin_low": ruin.low,
        "ruin_high": ruin.high,
        "sessions": sums.sessions,
        "trades": sums.trades,
        "bets": sums.bets,
        "bet_hit_rate": hit.value,
        "exposure": sums.ticks_held / sums.ticks if sums.ticks else float("nan"),
        "rejected": sums.rejected,
        "expired": sums.expired,
    }
