"""`Run`: a strategy over games, with statistics, frames and a figure; made by `backtest`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.drawdown_and_ruin import drawdown
from rugs_lab.estimates.estimate import Estimate
from rugs_lab.game.money import BILLION, sol
from rugs_lab.trading.account.account_frames import closed_frame, ledger_frame
from rugs_lab.trading.backtest.run_stats import figures_of, labelled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    import pandas as pd
    from numpy.typing import NDArray

    from rugs_lab.figures.figure import Figure
    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.account.ledger import Entry
    from rugs_lab.trading.engine.game_results import GameResults
    from rugs_lab.trading.strategy.strategy import Strategy

SHOWN_FROM: Final = 300
"""Of a longer run the games that a figure shows are taken from the first so many."""


@dataclass(frozen=True, eq=False, repr=False)
class Run:
    """A strategy over games.

    Attributes
    ----------
    strategy
        With the values of its parameters.
    played
        The games, in order; those after a stop condition are not among them.
    results
        Exact figures per game, in lamports.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from rugs_lab.trading.backtest.backtest import backtest
    >>> from rugs_lab.trading.strategy.strategy_registry import strategies
    >>> run = backtest(strategies["hold_to_target"], rl.sample()[:100], multiple=1.5)
    >>> run.stats["games [n]"], run.stats["buys [n]"]
    (100, 100)
    >>> list(run.trades.columns[:4])
    ['game_id', 'what', 'opened_tick', 'closed_tick']
    """

    strategy: Strategy
    played: Games
    results: GameResults

    def __dir__(self) -> list[str]:
        """List what is for users; `shown`, `games_at` and `ledgers` are for figures."""
        return sorted(set(super().__dir__()) - {"shown", "games_at", "ledgers"})

    @property
    def parameters(self) -> dict[str, Any]:
        """Values of the strategy's parameters."""
        return dict(self.strategy.parameters)

    @property
    def cash_sol(self) -> float:
        """Cash at the beginning, SOL."""
        return sol(self.results.start)

    @cached_property
    def figures(self) -> pd.Series[Any]:
        """The run's own statistics; `stats` has the baselines too."""
        return figures_of(self.strategy, self.results)

    @cached_property
    def stats(self) -> pd.Series[Any]:
        """Every statistic, with its unit in its label, its interval and a baseline.

        See `rugs_lab.trading.backtest.run_stats` for what each label means. The random strategy of equal
        exposure is played when this is first asked for.
        """
        from rugs_lab.trading.backtest.baselines import baseline_figures

        return labelled({**self.figures, **baseline_figures(self.results, self.played)})

    @cached_property
    def profit_per_game(self) -> Estimate:
        """Profit per game played, SOL, with Student's 95 % interval."""
        return self.results.profit_per_game

    @cached_property
    def equity_lamports(self) -> NDArray[np.int64]:
        """Cash after each game, lamports (where games are independent: as if it carried over)."""
        return self.results.equity

    @property
    def equity(self) -> pd.DataFrame:
        """One row per game, index ``game_id``; SOL.

        Columns: ``equity_sol`` (cash after the game), ``lowest_sol`` and ``highest_sol`` (equity within it),
        ``drawdown_sol`` (the largest within the game, from the highest equity so far), ``below_peak_sol``
        (the same at its end, of equity between games).
        """
        import pandas as pd

        after, results = self.equity_lamports, self.results
        before = after - results.profit
        between = np.concatenate([[results.start], after])
        return pd.DataFrame(
            {
                "equity_sol": after / 1e9,
                "lowest_sol": (before + results.lowest) / 1e9,
                "highest_sol": (before + results.highest) / 1e9,
                "drawdown_sol": results.drawdowns / 1e9,
                "below_peak_sol": drawdown(between)[1:] / 1e9,
            },
            index=pd.Index(results.game_ids, dtype="str", name="game_id"),
        )

    @property
    def games(self) -> pd.DataFrame:
        """One row per game: the columns of `GameResults` (SOL) and of `equity`."""
        frame = self.results.frame
        equity = self.equity
        frame["equity_sol"], frame["below_peak_sol"] = equity["equity_sol"], equity["below_peak_sol"]
        return frame

    @property
    def trades(self) -> pd.DataFrame:
        """Everything closed, with its profit; see `rugs_lab.trading.account.account_frames.closed_frame`.

        A compiled run has no ledger: its games are played again tick by tick when this is first asked for.
        """
        return closed_frame([entry for account in self.ledgers.accounts for entry in account.entries])

    @property
    def ledger(self) -> pd.DataFrame:
        """Every change of cash, in order; see `ledger_frame`, and `trades`."""
        return ledger_frame([entry for account in self.ledgers.accounts for entry in account.entries])

    @cached_property
    def ledgers(self) -> GameResults:
        """The same results with the accounts of the tick-by-tick engine."""
        return self.results if self.results.accounts else self._again(len(self.results))

    def shown(self, count: int) -> list[tuple[Game, list[Entry]]]:
        """Return some games in which the strategy acted, spread evenly, each with its lines of the ledger."""
        acted = np.flatnonzero(self.results.buys + self.results.bets)
        if not self._ledgers_known:
            acted = acted[acted < SHOWN_FROM]
        if not len(acted) or not count:
            return []
        places = np.unique(acted[np.linspace(0, len(acted) - 1, count).round().astype(int)])
        return self.games_at(places.tolist())

    def games_at(self, places: Sequence[int]) -> list[tuple[Game, list[Entry]]]:
        """Return the games at these places of the run, each with its lines of the ledger.

        Where there is no ledger yet, only as many games are played again as it takes.
        """
        if not len(places):
            return []
        played = self.ledgers if self._ledgers_known else self._again(max(places) + 1)
        wanted = {str(self.results.game_ids[place]): int(place) for place in places}
        rows: dict[str, list[Entry]] = {game_id: [] for game_id in wanted}
        for account in played.accounts:
            for entry in account.entries:
                if entry.game_id in rows:
                    rows[entry.game_id].append(entry)
        return [(self.played[place], rows[game_id]) for game_id, place in wanted.items()]

    def plot(self, *, games: int = 4) -> Figure:
        """Return a figure: games with entries, exits and bets, equity with drawdown, profit per game.

        Parameters
        ----------
        games
            How many price paths: of the games in which the strategy acted, spread evenly over them.

        Raises
        ------
        ArgumentError
            `games` is no number of games.
        """
        from rugs_lab.figures.figure import Figure
        from rugs_lab.figures.run_figures import run_layout
        from rugs_lab.trading.account.fill_marks import played_game

        if isinstance(games, bool) or not isinstance(games, int) or games < 0:
            raise ArgumentError(
                f"games must be a number of games to draw, from 0 on; got {games!r}. "
                "For certain games: rl.backtest(strategy, games.query(...)).plot()"
            )
        paths = [played_game(game, entries) for game, entries in self.shown(games)]
        return Figure(
            lambda theme: run_layout(
                paths,
                self.equity_lamports / BILLION,
                self.results.profit / BILLION,
                self.profit_per_game,
                self.cash_sol,
                theme=theme,
            ),
            f"{self.strategy.name} over {len(self.played):,} games",
        )

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write `games` to a Parquet file; `stats` go with it as ``pandas.read_parquet(path).attrs``."""
        frame = self.games
        frame.attrs = {
            "strategy": repr(self.strategy),
            "stats": {str(label): _plain(value) for label, value in self.stats.items()},
        }
        frame.to_parquet(path)

    @property
    def _ledgers_known(self) -> bool:
        return "ledgers" in self.__dict__ or bool(self.results.accounts)

    def _again(self, count: int) -> GameResults:
        """Play the first `count` games once more, tick by tick."""
        from dataclasses import replace

        from rugs_lab.trading.engine.tick_engine import play_ticks

        options = replace(self.results.options, take=None, loss=None, max_games=count)
        return play_ticks(self.strategy, self.played, options)

    def __len__(self) -> int:
        """Games played."""
        return len(self.results)

    def __repr__(self) -> str:
        mean = self.profit_per_game
        total = sol(int(self.results.profit.sum()))
        return (
            f"<Run {self.strategy.name}: {len(self):,} games, profit per game {mean.value:+.4g} SOL "
            f"(95 % interval {mean.low:+.4g} to {mean.high:+.4g}), total {total:+.4g} SOL>"
        )

    def _repr_html_(self) -> str:
        figures = self.stats if "stats" in self.__dict__ else self.figures
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(str(label))}</th>"
            f"<td style='text-align:right'>{escape(_text(value))}</td></tr>"
            for label, value in figures.items()
        )
        more = (
            ""
            if "stats" in self.__dict__
            else "<p><code>.stats</code> adds the baselines, <code>.plot()</code> draws.</p>"
        )
        return f"<p>{escape(repr(self))}</p><table>{rows}</table>{more}"


def _plain(value: Any) -> Any:
    """Return a number or text that JSON knows."""
    return value.item() if isinstance(value, np.generic) else value


def _text(value: Any) -> str:
    if isinstance(value, (bool, np.bool_, str)):
        return str(value)
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    return "" if value != value else f"{value:.6g}"
