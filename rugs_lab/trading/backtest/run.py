"""`Run`: a strategy over games, with statistics, frames and a figure; made by `backtest`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from rugs_lab.columns import text_index
from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.drawdown_and_ruin import drawdown
from rugs_lab.estimates.estimate import CONFIDENCE, Estimate
from rugs_lab.figures.figure import Figure
from rugs_lab.game.money import BILLION, sol
from rugs_lab.recordings.games.game import Game
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.account.account_frames import closed_frame, ledger_frame
from rugs_lab.trading.account.ledger import Entry
from rugs_lab.trading.backtest.baselines import equal_risk, expected_of
from rugs_lab.trading.backtest.by_process import Bankroll, Simulated, bankroll, simulated
from rugs_lab.trading.backtest.game_replay import replayed
from rugs_lab.trading.backtest.looks import NO_LOOKS, Looks
from rugs_lab.trading.backtest.run_stats import (
    Row,
    above_of,
    depends_on_past,
    figures_of,
    profit_of,
    stats_frame,
    table_html,
    unjudged,
)
from rugs_lab.trading.backtest.tear_sheet import TearSheet
from rugs_lab.trading.engine.game_results import GameResults
from rugs_lab.trading.engine.sessions import gone_after
from rugs_lab.trading.strategy.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

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
    looks
        What was tried on the same games before.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> run = rl.backtest("hold_to_target", rl.sample()[:100], multiple=1.5)
    >>> run.stats.loc[["games [n]", "buys [n]"], "value"].tolist()
    [100.0, 100.0]
    >>> list(run.trades.columns[:4])
    ['game_id', 'what', 'opened_tick', 'closed_tick']
    """

    strategy: Strategy
    played: Games
    results: GameResults
    looks: Looks = NO_LOOKS

    def __dir__(self) -> list[str]:
        """List what is for users; the rest is for figures."""
        return sorted(set(super().__dir__()) - {"shown", "games_at", "ledgers", "counted", "simulation"})

    @property
    def parameters(self) -> dict[str, Any]:
        """Values of the strategy's parameters."""
        return dict(self.strategy.parameters)

    @property
    def cash_sol(self) -> float:
        """Cash at the beginning, SOL."""
        return sol(self.results.start)

    @cached_property
    def gone_after(self) -> int | None:
        """After how many games the cash ran out; None: it did not.

        From then on the cash is too low for any order; see `rugs_lab.trading.engine.sessions.gone_after`.
        """
        options = self.results.options
        return gone_after(self.strategy, self.played, options, self.results.values) if options.carry else None

    @cached_property
    def counted(self) -> GameResults:
        """The results of the games that could be played: those before the cash ran out."""
        results, end = self.results, self.gone_after
        return replace(results, game_ids=results.game_ids[:end], values=results.values[:end])

    @property
    def figures(self) -> pd.DataFrame:
        """The table of `stats` without anything simulated: no random strategies, no ruin."""
        known, gone = self._simulated_if_quick, self.gone_after is not None
        return stats_frame(figures_of(self.counted, known, ruined=gone, pending=not self._judged()))

    @cached_property
    def stats(self) -> pd.DataFrame:
        """The statistics of the games that could be played; index: each figure, with its unit.

        Columns: ``value``; ``low`` and ``high``, its 95 % interval; ``n``, what it rests on; ``nothing``, the
        same of no trades; ``expected``, what the price process gives for the same risk; ``note``, the
        verdict, and how the interval was made or why there is none. Random strategies and sessions are played
        when this is first asked for.
        """
        random = equal_risk(self.counted, self.played[: len(self.counted)])
        gone, note = self.gone_after, ""
        figures = figures_of(self.counted, self.simulation, random, self._bankroll, ruined=gone is not None)
        if self.looks and gone is None:
            confidence = 1 - (1 - CONFIDENCE) / self.looks.total
            verdict = above_of(self.counted, self.simulation, confidence).verdict
            note = f"; profit above expected, corrected for so many looks: {verdict}"
        first = {
            "cash ran out after [games]": Row(
                float("nan") if gone is None else gone,
                n=len(self),
                note="never" if gone is None else "all figures cover only the games before that",
            ),
            "looks at these games [n]": Row(self.looks.total, n=len(self), note=self.looks.words + note),
        }
        return stats_frame(first | figures)

    @cached_property
    def simulation(self) -> Simulated | None:
        """The strategy on simulated games, which make the intervals; None where it acts otherwise there."""
        return simulated(self.strategy, self.counted)

    @property
    def _simulated_if_quick(self) -> Simulated | None:
        return self.simulation if self._judged() else None

    def _judged(self) -> bool:
        return self.results.engine == "compiled" or "simulation" in self.__dict__

    @cached_property
    def _bankroll(self) -> Bankroll:
        options, known = self.results.options, self.simulation is not None
        return bankroll(self.strategy, self.played, options, by_process=known)

    @property
    def bankroll(self) -> pd.DataFrame:
        """Cash after each game of a session of a hundred, SOL, under the strategy's own staking.

        Index ``games``, from 0; columns ``low`` (5 % of the sessions are below), ``median``, ``high`` (95 %).
        Sessions are of simulated games, or drawn from these where they were selected by their outcome.
        """
        import pandas as pd

        bounds = np.quantile(self._bankroll.cash_sol, [0.05, 0.5, 0.95], axis=0)
        index = pd.RangeIndex(bounds.shape[1], name="games")
        return pd.DataFrame(bounds.T, index, ["low", "median", "high"])

    @cached_property
    def profit_per_game(self) -> Estimate:
        """Profit per game that could be played, SOL, with its 95 % interval; as in `stats`.

        It takes simulated games, played when it is first asked for. A run that ended as it had lost has none.
        """
        found = profit_of(self.counted, self.simulation)
        return found if self.gone_after is None else unjudged(found)

    @property
    def profit_so_far(self) -> Estimate:
        """As `profit_per_game`, without an interval where games must be played tick by tick for it first."""
        return self.profit_per_game if self._judged() else unjudged(profit_of(self.counted, None))

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
            index=text_index(results.game_ids, "game_id"),
        )

    @property
    def games(self) -> pd.DataFrame:
        """One row per game: the columns of `GameResults` (SOL, ``expected`` with bets) and of `equity`."""
        frame = self.results.frame.assign(expected_sol=expected_of(self.results) / BILLION)
        equity = self.equity
        frame["equity_sol"], frame["below_peak_sol"] = equity["equity_sol"], equity["below_peak_sol"]
        return frame

    @property
    def trades(self) -> pd.DataFrame:
        """Everything closed, with its profit; see `rugs_lab.trading.account.account_frames.closed_frame`.

        A compiled run has no ledger: its orders are given again when this is first asked for.
        """
        return closed_frame([entry for account in self.ledgers.accounts for entry in account.entries])

    @property
    def ledger(self) -> pd.DataFrame:
        """Every change of cash, in order; see `ledger_frame`, and `trades`."""
        return ledger_frame([entry for account in self.ledgers.accounts for entry in account.entries])

    @cached_property
    def ledgers(self) -> GameResults:
        """The same results with the accounts of the tick-by-tick engine, up to the last game with a fill."""
        acted = np.flatnonzero(self.results.buys + self.results.bets)
        return self.results if self.results.accounts else self._again(1 + int(max(acted, default=0)))

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
        for entry in (each for account in played.accounts for each in account.entries):
            if entry.game_id in rows:
                rows[entry.game_id].append(entry)
        return [(self.played[place], rows[game_id]) for game_id, place in wanted.items()]

    def plot(self, *, games: int = 4) -> Figure:
        """Return a figure: some games with what was done in them, equity, bankroll, profit per game.

        Parameters
        ----------
        games
            How many price paths: of the games in which the strategy acted, spread evenly over them.

        Raises
        ------
        ArgumentError
            `games` is not a number of games.
        """
        from rugs_lab.figures.run_figures import run_layout
        from rugs_lab.trading.account.fill_marks import played_game

        if isinstance(games, bool) or not isinstance(games, int) or games < 0:
            raise ArgumentError(
                f"games must be a number of games to draw, at least 0; got {games!r}. "
                "For certain games: rl.backtest(strategy, games.query(...)).plot()"
            )
        bankroll, mean, cash = self.bankroll, self.profit_per_game, self.cash_sol
        equity, profit = self.equity_lamports / BILLION, self.results.profit / BILLION
        paths = [played_game(game, entries) for game, entries in self.shown(games)]
        return Figure(
            lambda theme: run_layout(paths, equity, profit, mean, cash, bankroll, theme=theme),
            f"{self.strategy.name} over {len(self.played):,} games",
        )

    def show(self, game: str | int) -> pd.DataFrame:
        """Play one game of the run again; return one row per tick, with what the strategy saw and wanted.

        Parameters
        ----------
        game
            Its id, or its position in the run.

        Returns
        -------
        pandas.DataFrame
            Columns ``game_id``, ``tick`` (-1: presale), ``price``, ``cash_sol``, ``equity_sol``, ``units``,
            ``average_cost``, ``unrealised_sol``, ``bet_ticks_left``, ``bet_stake_sol``, ``decision``,
            ``result`` (the fill, or why the order was rejected) and ``ms`` that the decision took.

        Raises
        ------
        ArgumentError
            No such game in the run.

        Examples
        --------
        >>> import rugs_lab as rl
        >>> run = rl.backtest(rl.strategies["hold_to_target"], rl.sample()[:20], multiple=1.5)
        >>> run.show(3).set_index("tick").loc[-1, "result"]
        'filled at tick 0, 1x'
        """
        known = list(map(str, self.results.game_ids))
        if game in known:
            game = known.index(str(game))
        if not isinstance(game, int) or not -len(self) <= game < len(self):
            raise ArgumentError(f"the run has {len(self):,} games, by position or id; got {game!r}")
        return replayed(self.strategy, self.played, self.results, game % len(self))[0]

    def report(self, path: str | PathLike[str] | None = None) -> TearSheet:
        """Return the whole run on one page, which is displayed in a notebook; write it to an HTML file.

        It has the table, equity and bankroll, profit by game, entries and exits, the three best and the three
        worst games with what the strategy saw, and the checks of `rugs_lab.check`. The file needs no network.

        Parameters
        ----------
        path
            Path of the file; None: no file is written.
        """
        from rugs_lab.trading.backtest.tear_sheet import tear_sheet

        page = tear_sheet(
            repr(self), self.strategy, self.played, self.results, self.stats, self.bankroll, self.games_at
        )
        if path is not None:
            page.save(path)
        return page

    def to_parquet(self, path: str | PathLike[str]) -> None:
        """Write `games` to a Parquet file; `stats` go with it as ``pandas.read_parquet(path).attrs``."""
        frame = self.games
        frame.attrs = {"strategy": repr(self.strategy), "stats": self.stats["value"].to_dict()}
        frame.to_parquet(path)

    @property
    def _ledgers_known(self) -> bool:
        return "ledgers" in self.__dict__ or bool(self.results.accounts)

    def _again(self, count: int) -> GameResults:
        """Return the first `count` games with their accounts."""
        from rugs_lab.trading.engine.compiled_ledger import play_ledger

        options = replace(self.results.options, take=None, loss=None, max_games=None)
        return play_ledger(self.strategy, self.played[:count], options)

    def __len__(self) -> int:
        """Games played."""
        return len(self.results)

    def __repr__(self) -> str:
        mean, total, gone = self.profit_so_far, sol(int(self.results.profit.sum())), ""
        interval = mean.interval
        if mean.low != mean.low and (self.gone_after is not None or depends_on_past(self.counted)):
            interval = "no interval"
        elif not self._judged():
            interval = "interval: see .stats"
        if self.gone_after is not None:
            gone = f"the cash ran out after game {self.gone_after:,}; "
        looks = f"; {self.looks.words}" if self.looks else ""
        return (
            f"<Run {self.strategy.name}: {gone}{len(self.counted):,} games, profit per game "
            f"{mean.value:+.4g} SOL ({interval}), total {total:+.4g} SOL{looks}>"
        )

    def _repr_html_(self) -> str:
        asked = "stats" in self.__dict__
        more = "" if asked else "<code>.stats</code> adds baselines and ruin, "
        words = f"<p>{escape(repr(self))}</p><p>{escape(repr(self.strategy))}</p>"
        table = table_html(self.stats if asked else self.figures)
        return f"{words}{table}<p>{more}<code>.report()</code> is the whole page.</p>"
