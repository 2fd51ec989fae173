"""``games.plot``: a figure for each statistic, with n, the 95 % interval and the baseline drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from rugs_lab import analysis
from rugs_lab.errors import ArgumentError
from rugs_lab.figures import analysis_figures as drawn
from rugs_lab.figures.figure import Figure
from rugs_lab.figures.price_figure import paths_figure
from rugs_lab.recordings.games.games import Games

if TYPE_CHECKING:
    import pandas as pd
    from bokeh.plotting import figure

_COUNTED: Final = {
    "durations hazard_by_tick survival return_histogram": "the ticks that were watched",
    "peaks drawdowns": "those that were watched from tick 0",
    "rug_prices": "those whose rug price is known",
    "sidebets": "those that were seen to live at the tick",
    "trades_by_tick": "those of files with trades, practice left out",
    "by_hour": "those whose time of start is known",
}
"""What a statistic counts of the games."""


class Plots:
    """Figures of some games, each for the last line of a cell; `rugs_lab.analysis` has the numbers.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> rl.sample().plot.hazard()
    <Figure: chance of a rug per tick, 236 games>
    """

    def __init__(self, games: Games) -> None:
        self._games = games

    def __call__(self) -> Figure:
        """Say which figures there are: each is a method of its own."""
        names = ", ".join(f".{name}()" for name in self.__dir__())
        raise ArgumentError(f"games.plot has a figure for each statistic: games.plot{names}")

    def paths(self, n: int = 50) -> Figure:
        """Return the price paths of `n` games, spread evenly over all of them, on one log axis.

        Raises
        ------
        ArgumentError
            `n` is not a number of games from 1 to 500.
        """
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= 500:
            raise ArgumentError(f"n must be a number of games to draw, 1 to 500; got {n!r}")
        count = len(self._games)
        places = (place * count // n for place in range(n)) if count > n else range(count)
        paths = [self._games[place].prices for place in places]
        title = f"price paths of {len(paths):,} of {count:,} games"
        return Figure(lambda theme: paths_figure(paths, title.capitalize(), theme=theme), title)

    def lengths(self) -> Figure:
        """Return how many ticks games last; see `rugs_lab.analysis.durations`."""
        return self._figure(drawn.durations_figure, analysis.durations, "how long games last")

    def hazard(self) -> Figure:
        """Return the chance of a rug per tick by age of the game; see `rugs_lab.analysis.hazard_by_tick`."""
        return self._figure(drawn.hazard_figure, analysis.hazard_by_tick, "chance of a rug per tick")

    def survival(self) -> Figure:
        """Return the share of games that live past each tick; see `rugs_lab.analysis.survival`."""
        return self._figure(drawn.survival_figure, analysis.survival, "games that live past a tick")

    def peaks(self) -> Figure:
        """Return the share of games that reach each price; see `rugs_lab.analysis.peaks`."""
        return self._figure(drawn.peaks_figure, analysis.peaks, "games that reach a price")

    def drawdowns(self) -> Figure:
        """Return how often prices fall from their peak, and return; see `rugs_lab.analysis.drawdowns`."""
        return self._figure(drawn.drawdowns_figure, analysis.drawdowns, "drawdowns from the peak")

    def returns(self) -> Figure:
        """Return the returns from tick to tick; see `rugs_lab.analysis.return_histogram`."""
        return self._figure(drawn.returns_figure, analysis.return_histogram, "returns of one tick")

    def rug_prices(self) -> Figure:
        """Return rug prices over the lowest price before; see `rugs_lab.analysis.rug_prices`."""
        return self._figure(drawn.rug_prices_figure, analysis.rug_prices, "rug prices")

    def bets(self) -> Figure:
        """Return the share of side bets that win, by entry tick; see `rugs_lab.analysis.sidebets`."""
        return self._figure(drawn.sidebets_figure, analysis.sidebets, "side bets that win")

    def trades(self) -> Figure:
        """Return recorded trades per tick; see `rugs_lab.analysis.trades_by_tick`."""
        return self._figure(drawn.trades_figure, analysis.trades_by_tick, "recorded trades per tick")

    def players(self) -> Figure:
        """Return what recorded players made; see `rugs_lab.analysis.players`."""
        return self._figure(drawn.players_figure, analysis.players, "recorded players")

    def hours(self) -> Figure:
        """Return the chance of a rug per tick by hour of the day; see `rugs_lab.analysis.by_hour`."""
        return self._figure(drawn.hours_figure, analysis.by_hour, "chance of a rug per tick, by hour")

    def quality(self) -> Figure:
        """Return how complete the recordings are; see `rugs_lab.analysis.quality`."""
        return self._figure(drawn.quality_figure, analysis.quality, "completeness of the recordings")

    def _figure(
        self, draw: Callable[..., figure], statistic: Callable[[Games], pd.DataFrame], title: str
    ) -> Figure:
        frame, count = statistic(self._games), f"{len(self._games):,} games"

        def drawn_in(theme: str) -> figure:
            plot = draw(frame, theme=theme)
            title: Any = plot.title
            for names, words in _COUNTED.items():
                if statistic.__name__ in names.split():
                    title.text = f"{title.text}\nof {count} {words}"
            return plot

        return Figure(drawn_in, f"{title}, {count}")

    def __dir__(self) -> Sequence[str]:
        return [name for name in super().__dir__() if not name.startswith("_")]

    def __repr__(self) -> str:
        return f"<figures of {len(self._games):,} games: {', '.join(sorted(self.__dir__()))}>"
