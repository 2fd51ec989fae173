"""`sweep`: a strategy over a grid of parameters, on the same games for every combination."""

from collections.abc import Mapping
from concurrent.futures import Executor
from itertools import pairwise
from typing import Any

from rugs_lab.errors import ArgumentError
from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.backtest.backtest import warn_if_selected
from rugs_lab.trading.backtest.looks import noted
from rugs_lab.trading.engine.batches import GamesLike, as_games
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.strategy import StrategyLike
from rugs_lab.trading.strategy.strategy_registry import as_strategy
from rugs_lab.trading.sweep.parameter_grid import combinations_of
from rugs_lab.trading.sweep.sweep_result import Sweep, not_seen
from rugs_lab.trading.sweep.sweep_tasks import Sums
from rugs_lab.trading.sweep.sweep_workers import Player, workers_for


def sweep(
    strategy: StrategyLike,
    games: GamesLike,
    executor: Executor | None = None,
    *,
    cash: float = 1.0,
    latency: int = 1,
    held_out: float | Games = 0.2,
    samples: int | None = None,
    halvings: int = 0,
    seed: int = 0,
    chunk: int | None = None,
    params: Mapping[str, Any] | None = None,
    **grid: Any,
) -> Sweep:
    """Play a strategy with every combination of parameters over the same games.

    Every game begins with `cash`, so that games are independent and combinations comparable game by game.

    Parameters
    ----------
    strategy
        As for `rugs_lab.backtest`.
    games
        `Games`, or any iterable of `Game`. Lazy ones (`rugs_lab.synthetic`) are made piece by piece where
        they are played.
    executor
        An executor of `concurrent.futures`, such as a process pool or loky's; or a client of Dask. By default
        threads for a strategy that compiles, else processes (loky where it is installed). The result does not
        depend on it.
    cash
        SOL at the beginning of each game.
    latency
        Ticks from a decision to its fill.
    held_out
        Held-out games for `Sweep.best`: the last share of `games`, or other games.
    samples
        Draw so many combinations at random; then a value may also be a distribution of `scipy.stats`.
    halvings
        So many times only the better half of the combinations continues, over twice the games: a cheap search
        of a large grid. Combinations that stopped early have fewer `games`.
    seed
        Seed of the random draw.
    chunk
        Games per task; rounded up to whole sessions of 100. The result does not depend on it.
    params
        Values by name, for parameters that have the same name as an argument of this function.
    **grid
        Parameter → values: ``take=[1.2, 1.5, 2.0]``; a single value fixes it.

    Returns
    -------
    Sweep
        ``.frame``, ``.best()``, ``.plot()``.

    Raises
    ------
    ArgumentError
        No such parameter, no values, an option out of range, or held-out games that are among `games`.

    Warns
    -----
    SelectionWarning
        The games were selected by their outcome.
    CompileWarning
        The strategy cannot be compiled and runs about a hundred times slower.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> found = sweep("hold_to_target", rl.synthetic(2000, seed=1), multiple=[1.5, 3.0])
    >>> found.frame.index.tolist(), found.frame["games"].tolist()
    ([1.5, 3.0], [1600, 1600])
    """
    clash = set(grid) & set(params or {})
    if clash:
        raise ArgumentError(f"{', '.join(sorted(clash))} is given twice, by name and in params")
    made = as_strategy(strategy)
    named = {**grid, **(params or {})}
    if not named:
        known = ", ".join(made.parameters) or "none"
        raise ArgumentError(
            f"a sweep needs values of one parameter or more, as take=[1.2, 1.5]; {made.name} has: {known}"
        )
    for name in named:
        made.with_(**{name: None})
    combinations = combinations_of(named, samples, seed)
    for combination in combinations[:1]:
        made.with_(**combination).ready()
    swept, rest = _split(as_games(games), held_out)
    warn_if_selected(swept)
    options = Options(cash_sol=cash, latency=latency, carry=False)
    if chunk is not None and (isinstance(chunk, bool) or not isinstance(chunk, int) or chunk < 1):
        raise ArgumentError(f"chunk must be a number of games, at least 1; got {chunk!r}")
    if isinstance(halvings, bool) or not isinstance(halvings, int) or halvings < 0:
        raise ArgumentError(f"halvings must be an integer >= 0; got {halvings!r}")
    sums = [Sums()] * len(combinations)
    with workers_for(made, combinations, executor, len(swept)) as (pool, workers, direct):
        player = Player(pool, workers, direct, chunk)
        alive = list(range(len(combinations)))
        bounds = _bounds(len(swept), halvings)
        for begin, end in pairwise(bounds):
            if begin:
                alive = sorted(alive, key=lambda at: -sums[at].profits.total / max(sums[at].games, 1))
                alive = sorted(alive[: -(-len(alive) // 2)])
            more = player.play(made, [combinations[at] for at in alive], swept, begin, end, options)
            for at, some in zip(alive, more, strict=True):
                sums[at] = sums[at].plus(some)
    looks = noted(swept, "sweep", f"{made.name} {named!r} {options!r}", len(combinations))
    return Sweep(made, tuple(named), combinations, tuple(sums), options, rest, swept, looks)


def _split(games: Games, held_out: float | Games) -> tuple[Games, Games]:
    if isinstance(held_out, Games):
        not_seen(held_out, games)
        return games, held_out
    if isinstance(held_out, bool) or not isinstance(held_out, (int, float)) or not 0 <= held_out < 1:
        raise ArgumentError(
            f"held_out is a share of the games from 0 on and below 1, or other games; got {held_out!r}"
        )
    swept = len(games) - int(len(games) * held_out)
    return games[:swept], games[swept:]


def _bounds(games: int, halvings: int) -> list[int]:
    """Return where the rounds of a search begin and end: each has as many games as all before it."""
    inner = [games >> left for left in range(halvings, 0, -1)]
    whole = [at // SESSION_GAMES * SESSION_GAMES for at in inner]
    return [0, *sorted({at for at in whole if 0 < at < games}), games]
