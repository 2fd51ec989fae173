"""Where the tasks of a sweep run: here, on threads, in processes, or on the executor that was given."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from inspect import isfunction
from typing import Any, Final

from rugs_lab.errors import ArgumentError, CompileWarning
from rugs_lab.estimates.drawdown_and_ruin import SESSION_GAMES
from rugs_lab.progress import completed, progress
from rugs_lab.recordings.games.games import Games
from rugs_lab.trading.engine.play import why_not_compiled
from rugs_lab.trading.engine.session_options import Options
from rugs_lab.trading.strategy.observation import HISTORY
from rugs_lab.trading.strategy.strategy import Strategy
from rugs_lab.trading.sweep.sweep_tasks import PIECE, Sums, Task, light, packed, run_bytes, run_task

LONGEST_CHUNK: Final = 10 * PIECE
TASKS_A_WORKER: Final = 4
MOST_BLOCKS: Final = 2_000_000
SMALL: Final = 20_000
"""Games times combinations below which no processes are started for a strategy that does not compile."""


class Player:
    """Sends tasks to an executor (None: here and now) and joins what comes back.

    `workers` tasks may run at once; `direct` ones are handed over as they are (threads, a strategy without
    state), others as bytes; `chunk` is the games of a task, None: a few tasks for each worker.
    """

    def __init__(self, pool: Executor | None, workers: int, direct: bool, chunk: int | None) -> None:
        self._pool, self._workers, self._direct, self._chunk = pool, workers, direct, chunk

    def play(
        self,
        strategy: Strategy,
        combinations: Sequence[dict[str, Any]],
        games: Games,
        begin: int,
        end: int,
        options: Options,
    ) -> list[Sums]:
        """Return the sums of each combination over the games from `begin` to ``end - 1``."""
        sums = [Sums()] * len(combinations)
        if end <= begin or not combinations:
            return sums
        chunk = self._chunk or _length(end - begin, self._workers)
        chunk = -(-chunk // SESSION_GAMES) * SESSION_GAMES
        spans = [(at, min(at + chunk, end)) for at in range(begin, end, chunk)]
        block = _block(len(games), len(combinations))
        groups = _groups(len(combinations), -(-TASKS_A_WORKER * self._workers // len(spans)))
        futures: dict[Future[list[Sums]], tuple[int, int]] = {}
        stopped: list[bool] = []
        try:
            for first, last in spans if self._pool else progress(spans, "sweeping", "chunks"):
                before = min(first, HISTORY)
                some = light(games, first - before, last, shared=self._direct)
                for group in groups:
                    task = Task(strategy, combinations[slice(*group)], some, before, options, block, stopped)
                    futures[self._submit(task)] = group
            for future in progress(completed(futures), "sweeping", "chunks", len(futures)):
                future.result()
            for future, group in futures.items():  # in the order of the games
                for at, some_sums in zip(range(*group), future.result(), strict=True):
                    sums[at] = sums[at].plus(some_sums)
        finally:
            stopped.append(True)
            for future in futures:
                future.cancel()
        return sums

    def _submit(self, task: Task) -> Future[list[Sums]]:
        run: Callable[[Any], list[Sums]] = run_task if self._direct else run_bytes
        what = task if self._direct else packed(task)
        if self._pool is not None:
            return self._pool.submit(run, what)
        done: Future[list[Sums]] = Future()
        done.set_result(run(what))
        return done


@contextmanager
def workers_for(
    strategy: Strategy, combinations: Sequence[dict[str, Any]], executor: Executor | None, games: int
) -> Iterator[tuple[Executor | None, int, bool]]:
    """Yield an executor, how many workers it has, and whether tasks can be handed over as they are."""
    cores = os.cpu_count() or 1
    compiles = bool(combinations) and _compiles(strategy.with_(**combinations[0]))
    executor = getattr(executor, "get_executor", lambda: executor)()  # that of a client of Dask
    if executor is not None:
        if not isinstance(executor, Executor):
            raise ArgumentError(
                "executor is one of concurrent.futures, of loky or of Dask (client.get_executor()); "
                f"got {type(executor).__module__}.{type(executor).__name__}"
            )
        client = getattr(executor, "_client", None)  # of Dask, which knows its workers
        workers = sum(client.nthreads().values()) if client else getattr(executor, "_max_workers", None)
        yield executor, int(workers or 2 * cores), compiles and isinstance(executor, ThreadPoolExecutor)
    elif compiles:
        with ThreadPoolExecutor(cores, thread_name_prefix="rugs_lab sweep") as pool:
            yield pool, cores, True
    elif games * len(combinations) <= SMALL or cores == 1:
        yield None, 1, False
    else:
        with _processes(cores) as processes:
            try:
                yield processes, cores, False
            except BaseException:  # as Ctrl-C, which need not reach them: running tasks would go on
                if "loky" in type(processes).__module__:
                    processes.shutdown(kill_workers=True)
                for process in [*(processes._processes or {}).values()]:
                    process.kill()
                raise


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
    reason = why_not_compiled(strategy)
    if reason and isfunction(strategy.function):
        warnings.warn(
            f"strategy {strategy.name} is swept tick by tick, some 100 x slower than compiled, because of "
            f"{reason}",
            CompileWarning,
            stacklevel=5,
        )
    return not reason


def _length(games: int, workers: int) -> int:
    """Return the games of a task: whole pieces, a few tasks for each worker."""
    pieces = -(-games // (PIECE * TASKS_A_WORKER * workers))
    return min(max(1, pieces) * PIECE, LONGEST_CHUNK)


def _block(games: int, combinations: int) -> int:
    """Return the games of a block: a thousand blocks, fewer where there are very many combinations."""
    blocks = min(1000, max(50, MOST_BLOCKS // max(combinations, 1)))
    return next((size for size in (1, 2, 5, 10, 20, 50) if games <= size * blocks), SESSION_GAMES)


def _groups(combinations: int, parts: int) -> list[tuple[int, int]]:
    """Return begin and end of groups of combinations, no more than `parts` of them."""
    size = -(-combinations // max(1, min(parts, combinations)))
    return [(at, min(at + size, combinations)) for at in range(0, combinations, size)]
