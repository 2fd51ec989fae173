"""`sweep`: a strategy over a grid of parameters, on the same games for every cell."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from inspect import isfunction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from rugs_lab.errors import ArgumentError, CompileWarning
from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.progress import progress
from rugs_lab.trading.backtest.backtest import as_games, warn_if_selected
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.observation import HISTORY
from rugs_lab.trading.strategy.strategy import as_strategy
from rugs_lab.trading.sweep.parameter_grid import cells_of
from rugs_lab.trading.sweep.sweep_result import Sweep, not_seen
from rugs_lab.trading.sweep.sweep_tasks import PIECE, Sums, Task, light, packed, run_bytes, run_task

if TYPE_CHECKING:
    from rugs_lab.recordings.games.game import Game
    from rugs_lab.recordings.games.games import Games
    from rugs_lab.trading.strategy.strategy import Strategy

LONGEST_CHUNK: Final = 10 * PIECE
TASKS_A_WORKER: Final = 4
SMALL: Final = 20_000
"""Games times cells up to which a strategy that does not compile is not worth starting processes for."""


def sweep(
    strategy: Any,
    games: Games | Game | Iterable[Game],
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

    Every game begins with `cash`, so that games are independent and cells can be compared game by game.

    Parameters
    ----------
    strategy
        As for `rugs_lab.backtest`.
    games
        `Games`, or any iterable of `Game`. Lazy ones (`rugs_lab.synthetic`) are made piece by piece where
        they are played.
    executor
        Anything with the interface of `concurrent.futures`: a process pool, loky's, Dask's
        ``client.get_executor()``. By default threads for a strategy that compiles, else processes (loky where
        it is installed). The result does not depend on it.
    cash
        SOL at the beginning of each game.
    latency
        Ticks from a decision to its fill.
    held_out
        Games kept back for `Sweep.best`: the last share of `games`, or other games.
    samples
        Draw so many cells of the grid at random; then a value may also be a distribution of `scipy.stats`.
    halvings
        So many times only the better half of the cells goes on, over twice the games: a cheap search of a
        large grid. Cells that stopped early have fewer `games`.
    seed
        Of the drawing.
    chunk
        Games of a task; rounded up to whole sessions of 100. The result does not depend on it.
    params
        Values by name, for parameters that are called like an argument of this function.
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
        The strategy cannot be compiled, which makes it some hundred times slower.

    Examples
    --------
    >>> import rugs_lab as rl
    >>> from rugs_lab.trading.strategy.strategy_registry import strategies
    >>> found = sweep(strategies["hold_to_target"], rl.synthetic(2000, seed=1), multiple=[1.5, 3.0])
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
    cells = cells_of(named, samples, seed)
    for cell in cells[:1]:
        made.with_(**cell).ready()
    swept, kept = _split(as_games(games), held_out)
    warn_if_selected(swept)
    options = Options(cash_sol=cash, latency=latency, carry=False)
    if chunk is not None and (isinstance(chunk, bool) or not isinstance(chunk, int) or chunk < 1):
        raise ArgumentError(f"chunk must be a whole number of games from 1 on; got {chunk!r}")
    if isinstance(halvings, bool) or not isinstance(halvings, int) or halvings < 0:
        raise ArgumentError(f"halvings must be a whole number from 0 on; got {halvings!r}")
    sums = [Sums()] * len(cells)
    with _workers(made, cells, executor, len(swept)) as (pool, workers, direct):
        player = Player(pool, workers, direct, chunk)
        alive = list(range(len(cells)))
        bounds = _bounds(len(swept), halvings)
        for begin, end in pairwise(bounds):
            if begin:
                alive = sorted(alive, key=lambda at: -sums[at].profit / max(sums[at].games, 1))
                alive = sorted(alive[: -(-len(alive) // 2)])
            more = player.play(made, [cells[at] for at in alive], swept, begin, end, options)
            for at, some in zip(alive, more, strict=True):
                sums[at] = sums[at].plus(some)
    return Sweep(made, tuple(named), cells, tuple(sums), options, kept, swept)


class Player:
    """Sends tasks to an executor and joins what comes back.

    Parameters
    ----------
    pool
        None: here and now.
    workers
        How many tasks may run at once.
    direct
        Whether a task is handed over as it is (threads, a strategy without state) or as bytes.
    chunk
        Games of a task; None: chosen so that there are a few tasks for each worker.
    """

    def __init__(self, pool: Executor | None, workers: int, direct: bool, chunk: int | None) -> None:
        self._pool, self._workers, self._direct, self._chunk = pool, workers, direct, chunk

    def play(
        self,
        strategy: Strategy,
        cells: Sequence[dict[str, Any]],
        games: Games,
        begin: int,
        end: int,
        options: Options,
    ) -> list[Sums]:
        """Return the sums of each cell over the games from `begin` to ``end - 1``."""
        sums = [Sums()] * len(cells)
        if end <= begin or not cells:
            return sums
        chunk = self._chunk or _length(end - begin, self._workers)
        chunk = -(-chunk // SESSION_GAMES) * SESSION_GAMES
        spans = [(at, min(at + chunk, end)) for at in range(begin, end, chunk)]
        groups = _groups(len(cells), -(-TASKS_A_WORKER * self._workers // len(spans)))
        futures: dict[Future[list[Sums]], tuple[int, int]] = {}
        try:
            for first, last in spans:
                before = min(first, HISTORY)
                some = light(games, first - before, last)
                for group in groups:
                    task = Task(strategy, cells[slice(*group)], some, before, options)
                    futures[self._submit(task)] = group
            for future in progress(as_completed(futures), "sweeping", "chunks", len(futures)):
                group = futures[future]
                for at, some_sums in zip(range(*group), future.result(), strict=True):
                    sums[at] = sums[at].plus(some_sums)
        finally:
            for future in futures:
                future.cancel()
        return sums

    def _submit(self, task: Task) -> Future[list[Sums]]:
        if self._pool is None:
            done: Future[list[Sums]] = Future()
            done.set_result(run_task(task) if self._direct else run_bytes(packed(task)))
            return done
        return (
            self._pool.submit(run_task, task) if self._direct else self._pool.submit(run_bytes, packed(task))
        )


@contextmanager
def _workers(
    strategy: Strategy, cells: Sequence[dict[str, Any]], executor: Executor | None, games: int
) -> Iterator[tuple[Executor | None, int, bool]]:
    """Yield an executor, how many workers it has, and whether tasks can be handed over as they are."""
    cores = os.cpu_count() or 1
    compiles = bool(cells) and _compiles(strategy.with_(**cells[0]))
    if executor is not None:
        direct = compiles and isinstance(executor, ThreadPoolExecutor)
        yield executor, int(getattr(executor, "_max_workers", None) or 2 * cores), direct
    elif compiles:
        with ThreadPoolExecutor(cores, thread_name_prefix="rugs_lab sweep") as pool:
            yield pool, cores, True
    elif games * len(cells) <= SMALL or cores == 1:
        yield None, 1, False
    else:
        with _processes(cores) as processes:
            yield processes, cores, False


def _processes(workers: int) -> Any:
    """Return a pool of processes: loky's, which takes strategies defined in a notebook, or Python's own."""
    try:
        from loky import ProcessPoolExecutor
    except ModuleNotFoundError:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        return ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    return ProcessPoolExecutor(workers)


def _compiles(strategy: Strategy) -> bool:
    """Tell whether a strategy compiles; warn with the reason if a function does not."""
    if not isfunction(strategy.function):
        return False
    from rugs_lab.trading.engine.compilable import NotCompilable
    from rugs_lab.trading.engine.compiled_engine import compile_strategy

    try:
        compile_strategy(strategy)
    except NotCompilable as reason:
        warnings.warn(
            f"strategy {strategy.name} is swept tick by tick, as it cannot be compiled: {reason}",
            CompileWarning,
            stacklevel=5,
        )
        return False
    return True


def _split(games: Games, held_out: float | Games) -> tuple[Games, Games]:
    from rugs_lab.recordings.games.games import Games

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
    """Return where the rounds of a search begin and end: each has as many games as all before it.

    >>> _bounds(8000, 2)
    [0, 2000, 4000, 8000]
    """
    inner = [games >> left for left in range(halvings, 0, -1)]
    whole = [at // SESSION_GAMES * SESSION_GAMES for at in inner]
    return [0, *sorted({at for at in whole if 0 < at < games}), games]


def _length(games: int, workers: int) -> int:
    """Return the games of a task: whole pieces, a few tasks for each worker."""
    pieces = -(-games // (PIECE * TASKS_A_WORKER * workers))
    return min(max(1, pieces) * PIECE, LONGEST_CHUNK)


def _groups(cells: int, parts: int) -> list[tuple[int, int]]:
    """Return begin and end of groups of cells, no more than `parts` of them."""
    size = -(-cells // max(1, min(parts, cells)))
    return [(at, min(at + size, cells)) for at in range(0, cells, size)]
